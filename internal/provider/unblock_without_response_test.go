package provider_test

import (
	"net/http"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/faketerraform"
)

// One scan without the user is no proof of an unblock whose response was lost or was a
// rejection: the unblock is sent again, or the destroy fails and the state keeps the user.
func TestUnblockWithoutResponse(t *testing.T) {
	t.Parallel()
	writes := map[string]fakeapi.Fault{
		"lost":                     {Kind: fakeapi.FaultDropBefore},
		"lost, every time":         {Kind: fakeapi.FaultDropBefore, Times: fakeapi.Forever},
		"rejected":                 {Kind: fakeapi.FaultCode, Code: 100},
		"fails":                    {Kind: fakeapi.FaultStatus, Status: http.StatusInternalServerError, Times: fakeapi.Forever},
		"a response without users": {Kind: fakeapi.FaultRawBody, Body: `{"messaging_product":"whatsapp","block_users":{}}`},
	}
	scans := map[string]fakeapi.Fault{
		"reads as an empty list": {Kind: fakeapi.FaultRawBody, Body: `{"data":[]}`},
		"has no data":            {Kind: fakeapi.FaultRawBody, Body: `{}`},
		"skips a page":           {Kind: fakeapi.FaultSkipPage},
		"ends early":             {Kind: fakeapi.FaultEmptyPage, NoNext: true},
	}
	for kind, resource := range map[string]func(string) faketerraform.Resource{
		acctest.SingleType: func(user string) faketerraform.Resource { return acctest.Single(user) },
		acctest.BulkType:   func(user string) faketerraform.Resource { return acctest.Many(user) },
	} {
		for writeName, write := range writes {
			for scanName, scan := range scans {
				t.Run(kind+"/"+writeName+"/"+scanName, func(t *testing.T) {
					t.Parallel()
					inMemory(t, fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{MaxLimit: 10}}, func(t *testing.T, api *fakeapi.Server, tf *faketerraform.Terraform) {
						// The user is on the second of three pages.
						user := api.SeedN(25)[14]
						config := acctest.Resources(acctest.At(kind+".a", resource("+"+user)))
						state := apply(t, tf, config, nil)
						// After the first DELETE, one scan goes wrong.
						write, isFirst := write, true
						write.Method = http.MethodDelete
						write.Do = func(s *fakeapi.Server) {
							if isFirst {
								isFirst = false
								scan := scan
								scan.Method = http.MethodGet
								s.Inject(scan)
							}
						}
						api.Inject(write)
						run := tf.Apply(t.Context(), faketerraform.Configuration{}, state)
						switch isLeft, isHeld := api.IsBlocked(user), run.State[kind+".a"].Current != nil; {
						case isLeft && !isHeld:
							t.Errorf("the user is blocked still, and not in the state: %s", run.All())
						case isHeld != run.All().HasErrors():
							t.Errorf("the user is in the state: %t, and the apply says:\n%s", isHeld, run.All())
						case isLeft && writeName == "lost":
							t.Errorf("the unblock was not sent again: %s", run.All())
						}
						if api.FaultHits() < 1 {
							t.Error("no request was hit by a fault")
						}

						api.ClearFaults()
						apply(t, tf, faketerraform.Configuration{}, run.State)
						if api.IsBlocked(user) {
							t.Error("the user is blocked still")
						}
					})
				})
			}
		}
	}
}
