package random_test

import (
	"cmp"
	"maps"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// knownName is a name that a configuration may use for a user.
type knownName struct {
	// id is the canonical form.
	id        string
	spellings []string
	// waID is the WhatsApp ID, if it is not the number.
	waID string
	// number is the number of the user of a user ID, if there is one.
	number string
}

// plainNames are numbers of different users, without alternate forms or user IDs.
var plainNames = []knownName{
	{id: "4915120000001", spellings: []string{"+49 1512 0000001", "4915120000001", "0049 (1512) 000-0001"}},
	{id: "4915120000002", spellings: []string{"+49 1512 0000002", "+4915120000002"}},
	{id: "4915120000003", spellings: []string{"4915120000003", "+49 1512 0000003"}},
	{id: "16505550100", spellings: []string{"+1 (650) 555-0100", "16505550100"}},
}

// allNames are few, so that a scenario uses the same users several times.
var allNames = append([]knownName{
	{id: "5511987654321", spellings: []string{"+55 11 98765-4321", "5511987654321"}, waID: "551187654321"},
	{id: "551187654321", spellings: []string{"+55 11 8765-4321", "551187654321"}},
	{id: "5215541637145", spellings: []string{"+52 1 55 4163 7145"}, waID: "525541637145"},
	{id: "525541637145", spellings: []string{"+52 55 4163 7145"}},
	{id: "US.13491208655302741918", spellings: []string{"us.13491208655302741918"}, number: "16505550100"},
	{id: "DE.aB1", spellings: []string{"DE.aB1"}, number: "4915120000001"},
	{id: "DE.aB3", spellings: []string{"DE.aB3"}},
}, plainNames...)

func (n knownName) spelled(i int) string { return n.spellings[i%len(n.spellings)] }

// knownUsers knows which names belong to one user, as the API does.
type knownUsers struct {
	names []knownName
	// waIDs and userIDs are for the fake API.
	waIDs, userIDs map[string]string
	// keys are the keys of the fake API's list, by name.
	keys map[string]string
}

// newKnownUsers assigns names to users. The alternate forms of a number are one user or two.
func newKnownUsers(names []knownName, alternatesAreOne bool) knownUsers {
	p := knownUsers{names: names, waIDs: map[string]string{}, userIDs: map[string]string{}, keys: map[string]string{}}
	for _, n := range names {
		if n.waID != "" && alternatesAreOne {
			p.waIDs[n.id] = n.waID
		}
		if n.number != "" {
			p.userIDs[n.number] = n.id
			p.keys[n.id] = n.number
		}
	}
	maps.Copy(p.keys, p.waIDs)
	return p
}

// withUserIDs adds the user IDs that the fake API makes up.
func (p knownUsers) withUserIDs(api *fakeapi.Server) knownUsers {
	p.keys = maps.Clone(p.keys)
	for _, n := range p.names {
		p.keys[api.UserID(n.id)] = p.keyOf(n.id)
	}
	return p
}

// keyOf returns the key of the fake API's list for a name.
func (p knownUsers) keyOf(id string) string {
	return cmp.Or(p.keys[id], id)
}

func (p knownUsers) name(i int) knownName { return p.names[i%len(p.names)] }

// spelling returns one of the spellings of a name.
func (p knownUsers) spelling(id string, i int) string {
	for _, n := range p.names {
		if n.id == id {
			return n.spelled(i)
		}
	}
	return id
}
