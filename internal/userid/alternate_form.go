package userid

import "strings"

// AlternateForm returns the other spelling that WhatsApp may use for a number in
// Brazil, Mexico or Argentina, and how the two differ. Both are zero for all other IDs.
//
// Source: WhatsApp IDs are known to differ from numbers as dialled in Brazil (a
// ninth digit, 9, after the area code), Mexico (a 1 after 52) and Argentina (a 9
// after 54). The number does not tell which form WhatsApp uses for a user, and in
// rare cases the two forms belong to two people. So the provider never replaces one
// form by the other.
func (id ID) AlternateForm() (other ID, difference string) {
	if !id.IsNumber() {
		return ID{}, ""
	}
	for _, c := range [...]struct {
		code       string
		area       int
		digit      string
		difference string
	}{
		{"55", 2, "9", "Brazil's ninth digit"},
		{"52", 0, "1", "Mexico's 1 after 52"},
		{"54", 0, "9", "Argentina's 9 after 54"},
	} {
		// The short form has ten digits after the calling code, the long form eleven.
		local, ok := strings.CutPrefix(id.canonical, c.code)
		switch {
		case !ok:
		case len(local) == 10:
			return ID{canonical: c.code + local[:c.area] + c.digit + local[c.area:]}, c.difference
		case len(local) == 11 && strings.HasPrefix(local[c.area:], c.digit):
			return ID{canonical: c.code + local[:c.area] + local[c.area+1:]}, c.difference
		}
	}
	return ID{}, ""
}
