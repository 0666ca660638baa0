package d360

import (
	"cmp"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// namedUser reads a user of a response. Spelling is `input`, shortened to 140
// characters. A text that names no user leaves a zero ID. The form of a name decides
// whether it is a number or a user ID, not the field.
func (c *Client) namedUser(w jsonUser) userid.User {
	u := userid.Of(printable(c.redact(string(w.Input)), maxInput), parseOrZero(w.Input))
	waID, userID := parseOrZero(w.WaID), parseOrZero(w.UserID)
	if userID.IsNumber() {
		userID = userid.ID{}
	}
	if !waID.IsNumber() {
		waID, userID = userid.ID{}, cmp.Or(userID, waID)
	}
	return u.Learn(userid.User{WaID: waID, UserID: userID})
}

// listedUser reads an entry of the list, which may name no user.
func (c *Client) listedUser(w jsonUser) userid.User {
	u := c.namedUser(w)
	if hasAddedCallingCode(w.Input, u) {
		u.ID = userid.ID{}
	}
	if u.IsZero() && u.Spelling == "" {
		// A user ID in an unknown form must not make the list unreadable.
		u.Spelling = printable(c.redact(string(w.UserID)), maxInput)
	}
	return u
}

// hasAddedCallingCode reports whether input is a number without a plus sign to which
// the API added a calling code, as Meta does for send-message requests. Then the
// WhatsApp ID is right, and the input is another number.
func hasAddedCallingCode(input name, u userid.User) bool {
	if !u.ID.IsNumber() || u.WaID.IsZero() || u.ID == u.WaID || strings.HasPrefix(strings.TrimSpace(string(input)), "+") {
		return false
	}
	other, _ := u.ID.AlternateForm()
	return other != u.WaID
}

func parseOrZero(n name) userid.ID {
	if n == "" {
		return userid.ID{}
	}
	id, err := userid.Parse(string(n))
	if err != nil {
		return userid.ID{}
	}
	return id
}
