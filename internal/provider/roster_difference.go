package provider

import (
	"github.com/d360/terraform-provider-d360/internal/planreview"
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// difference is what makes one roster the other.
type difference struct {
	// retry are pending, and to be blocked again.
	add, retry, keep, remove []planreview.User
}

// differenceOf compares what a state holds, of which pending are not blocked yet,
// with what is planned. Nobody is to be removed who is on the list under the name
// of somebody who stays.
func differenceOf(current roster, pending map[userid.ID]string, planned roster, ids waIDs) difference {
	var d difference
	stays := make(map[userid.ID]struct{}, len(planned.keyOf))
	for user := range planned.keyOf {
		stays[user] = struct{}{}
		if waID, ok := ids[user]; ok {
			stays[waID] = struct{}{}
		}
	}
	for i, id := range planned.users {
		user := planreview.User{ID: id, WaID: ids[id], Spelled: planned.keys[i]}
		_, listed := current.keyOf[id]
		_, waits := pending[id]
		switch {
		case waits:
			d.retry = append(d.retry, user)
		case listed:
			d.keep = append(d.keep, user)
		default:
			d.add = append(d.add, user)
		}
	}
	for i, id := range current.users {
		_, wanted := stays[id]
		_, wantedByWaID := stays[ids[id]]
		_, waits := pending[id]
		if !wanted && !wantedByWaID && !waits {
			d.remove = append(d.remove, planreview.User{ID: id, WaID: ids[id], Spelled: current.keys[i]})
		}
	}
	return d
}
