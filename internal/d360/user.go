package d360

import (
	"cmp"
	"strings"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// namedUser reads a user of a response. The user's Spelling is `input`, shortened to
// 140 characters. Texts that name no one leave zero IDs. The form of a name says of
// which kind it is, and not the field: two kinds must never be compared.
func (c *Client) namedUser(w wireUser) userid.User {
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

// listedUser reads an entry of the list, which may be about something that is no
// user.
func (c *Client) listedUser(w wireUser) userid.User {
	u := c.namedUser(w)
	if isCompleted(w.Input, u) {
		u.ID = userid.ID{}
	}
	if u.IsZero() && u.Spelling == "" {
		// A user ID of a form that is not known yet must not make the list unreadable.
		u.Spelling = printable(c.redact(string(w.UserID)), maxInput)
	}
	return u
}

// isCompleted reports whether input is a number without a plus that the API has
// completed with a calling code, as Meta does for send-message requests. Then the
// WhatsApp ID is right, and the input is another number.
func isCompleted(input name, u userid.User) bool {
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
