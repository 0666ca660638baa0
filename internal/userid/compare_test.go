package userid_test

import (
	"testing"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

// user makes a user of an ID, a WhatsApp ID and a user ID; "" is none.
func user(t *testing.T, id, waID, userID string) userid.User {
	t.Helper()
	var u userid.User
	if id != "" {
		u = userid.Of(id, parse(t, id))
	}
	var more userid.User
	if waID != "" {
		more.WaID = parse(t, waID)
	}
	if userID != "" {
		more.UserID = parse(t, userID)
	}
	return u.Learn(more)
}

func TestCompare(t *testing.T) {
	t.Parallel()

	const (
		german, other = "4915112345678", "4915112345679"
		long, short   = "5511987654321", "551187654321"
	)
	type names = [3]string
	for name, test := range map[string]struct {
		a, b names
		want userid.Relation
	}{
		"the same number":                          {names{german}, names{german}, userid.Matches},
		"a number that is the WhatsApp ID":         {names{german}, names{"", german}, userid.Matches},
		"a WhatsApp ID that agrees":                {names{long, short}, names{"", short}, userid.Matches},
		"a number that is another's as written":    {names{long, short}, names{short, german}, userid.Excludes},
		"a number with another WhatsApp ID now":    {names{long, short}, names{long, long}, userid.Matches},
		"two numbers":                              {names{german}, names{other}, userid.Excludes},
		"a number and another WhatsApp ID":         {names{german}, names{"", other}, userid.Excludes},
		"two WhatsApp IDs alone":                   {names{"", german}, names{"", other}, userid.Excludes},
		"one user ID as written, two WhatsApp IDs": {names{"US.1", german}, names{"US.1", other}, userid.Excludes},
		"the same user ID":                         {names{"US.1"}, names{"", "", "US.1"}, userid.Matches},
		"a user ID in another case":                {names{"us.1"}, names{"", "", "US.1"}, userid.Matches},
		"two user IDs":                             {names{"US.1"}, names{"", "", "US.2"}, userid.Excludes},
		"a number and a user ID":                   {names{german}, names{"", "", "US.1"}, userid.Neither},
		"a user ID and a WhatsApp ID":              {names{"US.1"}, names{"", german}, userid.Neither},
		"a hidden number, user ID known":           {names{german, german, "US.1"}, names{"", "", "US.1"}, userid.Matches},
		"a hidden number, another user ID":         {names{german, german, "US.1"}, names{"", "", "US.2"}, userid.Excludes},
		"a user ID that learned its number":        {names{"US.1", german}, names{"", german}, userid.Matches},
		"one user ID, two numbers":                 {names{german, "", "US.1"}, names{"", other, "US.1"}, userid.Excludes},
		"one number, two user IDs":                 {names{german, "", "US.1"}, names{"", german, "US.2"}, userid.Matches},
		"a user ID that changed, number learned":   {names{"US.1", german}, names{"", german, "US.2"}, userid.Matches},
		"alternate forms":                          {names{long}, names{"", short}, userid.Neither},
		"alternate forms, other WhatsApp IDs":      {names{long, long}, names{"", short}, userid.Excludes},
		"alternate forms, one user ID":             {names{long, "", "BR.1"}, names{"", short, "BR.1"}, userid.Matches},
		"alternate WhatsApp IDs, one user ID":      {names{long, long, "BR.1"}, names{"", short, "BR.1"}, userid.Matches},
		"alternate forms, two user IDs":            {names{long, "", "BR.1"}, names{"", short, "BR.2"}, userid.Excludes},
		"no name on one side":                      {names{}, names{german, german, "US.1"}, userid.Neither},
		"no name on either side":                   {names{}, names{}, userid.Neither},
	} {
		a, b := user(t, test.a[0], test.a[1], test.a[2]), user(t, test.b[0], test.b[1], test.b[2])
		if got, reverse := a.Compare(b), b.Compare(a); got != test.want || reverse != test.want {
			t.Errorf("%s: %v and %v: %s, in reverse %s, want %s", name, test.a, test.b, got, reverse, test.want)
		}
	}
}

func TestIsAlternate(t *testing.T) {
	t.Parallel()

	const long, short = "5511987654321", "551187654321"
	for _, test := range []struct {
		a, b userid.User
		want bool
	}{
		{user(t, long, "", ""), user(t, "", short, ""), true},
		{user(t, long, "", ""), user(t, short, "", ""), true},
		{user(t, long, short, ""), user(t, "", short, ""), false},
		{user(t, long, long, ""), user(t, "", short, ""), false},
		{user(t, long, "", "BR.1"), user(t, "", short, "BR.2"), false},
		{user(t, "4915112345678", "", ""), user(t, "", "", "DE.1"), false},
	} {
		if got := test.a.IsAlternate(test.b); got != test.want || test.b.IsAlternate(test.a) != test.want {
			t.Errorf("IsAlternate of %v and %v: %t, want %t in both directions", test.a, test.b, got, test.want)
		}
	}
}
