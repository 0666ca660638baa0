package d360

import (
	"github.com/d360/terraform-provider-d360/internal/userid"
)

// Entry is one user as the list shows them.
type Entry struct {
	// Input is what was sent to block the user, as the service echoes it, shortened
	// to 140 characters; empty where it shows the WhatsApp ID alone.
	Input string
	// User is whom Input names, zero where it is empty or no spelling of a user.
	User userid.ID
	// WaID is the user's WhatsApp ID, zero where the service shows none. It can
	// differ from the number in Input.
	WaID userid.ID
	// Scoped is the user's business-scoped ID, where the service shows it apart
	// from Input.
	Scoped userid.ID
}

// entry reads a user of an answer. Texts that name nobody leave zero IDs.
func (c *Client) entry(w wireUser) Entry {
	return Entry{
		Input:  printable(c.redact(string(w.Input)), maxInput),
		User:   parseOrZero(w.Input),
		WaID:   parseOrZero(w.WaID),
		Scoped: parseOrZero(w.UserID),
	}
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

// IDs returns all that the user may be called, the principal one first.
func (e Entry) IDs() []userid.ID {
	ids := make([]userid.ID, 0, 3)
	for _, id := range [...]userid.ID{e.User, e.WaID, e.Scoped} {
		if !id.IsZero() {
			ids = append(ids, id)
		}
	}
	return ids
}

// Principal returns whom the entry is about in canonical form: the user that
// was blocked or, where the list does not show that, their WhatsApp ID or user
// ID. An input that is no spelling of a user stands for itself.
func (e Entry) Principal() string {
	if ids := e.IDs(); len(ids) > 0 {
		return ids[0].String()
	}
	return e.Input
}

// Shown returns what the list shows of the user: the input, or else the ID.
func (e Entry) Shown() string {
	if e.Input != "" {
		return e.Input
	}
	return e.Principal()
}
