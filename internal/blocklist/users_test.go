package blocklist

import "github.com/d360/terraform-provider-d360/internal/userid"

// The users of the tests, for package blocklist_test too.
const (
	SomeNumber, OtherNumber = "4915112345678", "4915112345679"
	// BrazilAlternate is the alternate form of BrazilNumber.
	BrazilNumber, BrazilAlternate = "5511987654321", "551187654321"
)

// UserOf returns a user with this spelling. Further names are the WhatsApp ID or the user
// ID.
func UserOf(spelling string, names ...string) userid.User {
	var u userid.User
	if spelling != "" {
		u = userid.Of(spelling, IDOf(spelling))
	}
	for _, name := range names {
		if id := IDOf(name); id.IsNumber() {
			u.WaID = id
		} else {
			u.UserID = id
		}
	}
	return u
}

// IDOf returns the ID with this name.
func IDOf(name string) userid.ID {
	id, err := userid.Parse(name)
	if err != nil {
		panic(err)
	}
	return id
}
