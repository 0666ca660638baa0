package userid

import "strings"

// Kin tells whether a number has another form under which WhatsApp may know the
// same user: base is equal for both, and trait says in which they differ. Base
// is empty for everyone else.
//
// Source: WhatsApp IDs are known to differ from numbers as dialled in Brazil
// (a ninth digit, 9, after the area code), Mexico (a 1 after 52) and Argentina
// (a 9 after 54). Which of the two a user has cannot be told from the number, so
// nothing is ever rewritten by this.
func (id ID) Kin() (base, trait string) {
	short, _, trait := id.forms()
	return short, trait
}

// Twin returns the other form of a number that has one, zero for everyone else.
func (id ID) Twin() ID {
	short, long, _ := id.forms()
	if id.canonical == long {
		return ID{canonical: short}
	}
	return ID{canonical: long}
}

// forms returns both forms of a number that has two.
func (id ID) forms() (short, long, trait string) {
	for _, c := range [...]struct {
		code  string
		area  int
		digit string
		trait string
	}{
		{"55", 2, "9", "Brazil's ninth digit"},
		{"52", 0, "1", "Mexico's 1 after 52"},
		{"54", 0, "9", "Argentina's 9 after 54"},
	} {
		// Either form has ten digits after the calling code, and one more in the
		// longer of the two.
		local, ok := strings.CutPrefix(id.canonical, c.code)
		if !ok || !id.IsNumber() {
			continue
		}
		switch len(local) {
		case 10:
			return id.canonical, c.code + local[:c.area] + c.digit + local[c.area:], c.trait
		case 11:
			if strings.HasPrefix(local[c.area:], c.digit) {
				return c.code + local[:c.area] + local[c.area+1:], id.canonical, c.trait
			}
		}
	}
	return "", "", ""
}
