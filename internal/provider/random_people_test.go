package provider

import "github.com/d360/terraform-provider-d360/internal/sandbox"

// randomName is a name by which a random configuration may call somebody.
type randomName struct {
	// id is the canonical form.
	id        string
	spellings []string
	// waID is by which WhatsApp knows the user, where that is not the number. Two
	// names may then be one person, which a number alone does not tell.
	waID string
}

// randomNames are few, so that a run comes upon the same people again.
var randomNames = []randomName{
	{id: "4915120000001", spellings: []string{"+49 1512 0000001", "4915120000001", "0049 (1512) 000-0001"}},
	{id: "4915120000002", spellings: []string{"+49 1512 0000002", "+4915120000002"}},
	{id: "4915120000003", spellings: []string{"4915120000003", "+49 1512 0000003"}},
	{id: "16505550100", spellings: []string{"+1 (650) 555-0100", "16505550100"}},
	{id: "5511987654321", spellings: []string{"+55 11 98765-4321", "5511987654321"}, waID: "551187654321"},
	{id: "551187654321", spellings: []string{"+55 11 8765-4321", "551187654321"}},
	{id: "5215541637145", spellings: []string{"+52 1 55 4163 7145"}, waID: "525541637145"},
	{id: "525541637145", spellings: []string{"+52 55 4163 7145"}},
	{id: "5491123456789", spellings: []string{"+54 9 11 2345 6789"}, waID: "541123456789"},
	{id: "541123456789", spellings: []string{"+54 11 2345 6789"}},
	{id: "US.13491208655302741918", spellings: []string{"US.13491208655302741918"}},
	{id: "DE.aB3", spellings: []string{"DE.aB3"}},
}

func (n randomName) spelled(i int) string { return n.spellings[i%len(n.spellings)] }

// randomPeople tells who is who behind the names, as the service does.
type randomPeople struct {
	wire  sandbox.Wire
	waIDs map[string]string
}

// newRandomPeople gives numbers that differ from the WhatsApp ID to a service
// that says which it is. One that shows no WhatsApp ID at all could show
// somebody under a name that nobody can connect to the other.
func newRandomPeople(wire sandbox.Wire) randomPeople {
	p := randomPeople{wire: wire, waIDs: map[string]string{}}
	if !wire.OmitWaID {
		for _, name := range randomNames {
			if name.waID != "" {
				p.waIDs[name.id] = name.waID
			}
		}
	}
	return p
}

// person is who is called by a name, as the sandbox's list shows them.
func (p randomPeople) person(id string) string {
	if waID, ok := p.waIDs[id]; ok {
		return waID
	}
	return id
}

// hides reports whether the list does not show a name, but only a WhatsApp ID
// that cannot be told from it.
func (p randomPeople) hides(id string) bool {
	return p.person(id) != id && (p.wire.List == sandbox.ListFlat || p.wire.Input != sandbox.ListInputSent)
}
