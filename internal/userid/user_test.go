package userid_test

import (
	"testing"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestNew(t *testing.T) {
	t.Parallel()

	u, err := userid.New("+49 151 12345678")
	if err != nil || u != (userid.User{Spelling: "+49 151 12345678", ID: parse(t, "4915112345678")}) {
		t.Errorf("a number: %v, %v", u, err)
	}
	u, err = userid.New("us.1")
	if id := parse(t, "US.1"); err != nil || u != (userid.User{Spelling: "us.1", ID: id, UserID: id}) {
		t.Errorf("a user ID: %v, %v", u, err)
	}
	if u, err = userid.New("invalid"); err == nil || !u.IsZero() {
		t.Errorf("an invalid spelling: %v, %v", u, err)
	}
}

func TestUser_names(t *testing.T) {
	t.Parallel()

	const german, other = "4915112345678", "4915112345679"
	for _, test := range []struct {
		user                 userid.User
		key, number          string
		hasNumber, hasUserID bool
	}{
		{user(t, german, other, "DE.1"), german, german, true, true},
		{user(t, "DE.1", german, ""), "DE.1", german, true, true},
		{user(t, "", german, "DE.1"), german, german, true, true},
		{user(t, german, "", ""), german, german, true, false},
		{user(t, "", "", "DE.1"), "DE.1", "", false, true},
		{userid.User{Spelling: "a group"}, "", "", false, false},
	} {
		u := test.user
		if u.Key().String() != test.key || u.Number().String() != test.number || u.HasNumber() != test.hasNumber || u.HasUserID() != test.hasUserID || u.IsZero() != (test.key == "") {
			t.Errorf("%v has the key %q, the number %q, a number %t, a user ID %t and no name %t", u, u.Key(), u.Number(), u.HasNumber(), u.HasUserID(), u.IsZero())
		}
	}
}

// Learn keeps names that the other user lacks.
func TestUser_Learn(t *testing.T) {
	t.Parallel()

	u := user(t, "5511987654321", "", "")
	u = u.Learn(user(t, "", "551187654321", "BR.1"))
	u = u.Learn(user(t, "", "", "BR.2"))
	if want := user(t, "5511987654321", "551187654321", "BR.2"); u != want {
		t.Errorf("learned %v, want %v", u, want)
	}
}
