package userid_test

import (
	"slices"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/userid"
)

func TestIndex_Match(t *testing.T) {
	t.Parallel()

	const long, short = "5511987654321", "551187654321"
	for name, test := range map[string]struct {
		users []userid.User
		u     userid.User
		want  int
	}{
		"an empty index":                             {nil, user(t, long, "", ""), -1},
		"by number":                                  {[]userid.User{user(t, "4915112345678", "", ""), user(t, long, "", "")}, user(t, long, "", ""), 1},
		"by WhatsApp ID":                             {[]userid.User{user(t, "", short, "")}, user(t, long, short, ""), 0},
		"by user ID":                                 {[]userid.User{user(t, "", "", "BR.1")}, user(t, long, long, "BR.1"), 0},
		"not by the alternate form":                  {[]userid.User{user(t, "", short, "")}, user(t, long, "", ""), -1},
		"not by the user ID of another number":       {[]userid.User{user(t, "", "4915112345678", "BR.1")}, user(t, long, "", "BR.1"), -1},
		"one name, the second entry matches":         {[]userid.User{user(t, "", "4915112345678", "BR.1"), user(t, "", "", "BR.1")}, user(t, long, "", "BR.1"), 1},
		"WhatsApp ID before number":                  {[]userid.User{user(t, "", long, ""), user(t, "", short, "")}, user(t, long, short, ""), 1},
		"number before another's WhatsApp ID":        {[]userid.User{user(t, short, long, ""), user(t, long, "", "")}, user(t, long, "", ""), 1},
		"WhatsApp ID before number as written":       {[]userid.User{user(t, long, "4915112345678", ""), user(t, "4915112345678", short, "")}, user(t, long, short, ""), 1},
		"both names before WhatsApp ID only":         {[]userid.User{user(t, long, short, ""), user(t, "4915112345678", short, "")}, user(t, long, short, ""), 0},
		"number before user ID":                      {[]userid.User{user(t, "", "", "BR.1"), user(t, long, long, "")}, user(t, long, "", "BR.1"), 1},
		"both names before number only":              {[]userid.User{user(t, long, "", "BR.1"), user(t, long, "", "")}, user(t, long, "", "BR.1"), 0},
		"user ID before another's WhatsApp ID":       {[]userid.User{user(t, short, long, ""), user(t, "", "", "BR.1")}, user(t, long, "", "BR.1"), 1},
		"user ID with WhatsApp ID, the first of two": {[]userid.User{user(t, "", long, "BR.1"), user(t, "", "", "BR.1")}, user(t, long, "", "BR.1"), 0},
		"the first of two with one WhatsApp ID":      {[]userid.User{user(t, "", long, ""), user(t, "", long, "BR.1")}, user(t, long, long, ""), 0},
		"the first of two with one user ID":          {[]userid.User{user(t, "", "", "BR.1"), user(t, "BR.1", "", "")}, user(t, "BR.1", "", ""), 0},
		"the second of three with one name":          {[]userid.User{user(t, "", "4915112345678", "BR.1"), user(t, "", "", "BR.1"), user(t, "", "4915112345679", "BR.1")}, user(t, long, "", "BR.1"), 1},
		"a number that is another's WhatsApp ID":     {[]userid.User{user(t, short, long, "")}, user(t, long, "", ""), 0},
	} {
		i, ok := userid.NewIndex(test.users...).Match(test.u)
		if !ok {
			i = -1
		}
		if i != test.want {
			t.Errorf("%s: matched user %d, want %d", name, i, test.want)
		}
	}
}

func TestIndex_All(t *testing.T) {
	t.Parallel()

	const long, short = "5511987654321", "551187654321"
	x := userid.NewIndex(user(t, long, "", ""), user(t, "", short, ""), user(t, "BR.1", "", ""), user(t, "", "", "BR.2"), user(t, long, short, "BR.1"))
	if all := x.All(user(t, long, short, "BR.1")); !slices.Equal(slices.Sorted(slices.Values(all)), []int{0, 1, 2, 4}) {
		t.Errorf("All with every name: %v", all)
	}
	if all := x.All(user(t, "4915112345678", "", "BR.1")); !slices.Equal(all, []int{2}) {
		t.Errorf("All with another number: %v", all)
	}
	if x.Has(user(t, "BR.3", "", "")) {
		t.Error("Has finds a user who was not added")
	}
	if x.Len() != 5 || x.At(2) != user(t, "BR.1", "", "") {
		t.Errorf("%d users, the third is %v", x.Len(), x.At(2))
	}
}

func TestIndex_Alternates(t *testing.T) {
	t.Parallel()

	const long, short = "5511987654321", "551187654321"
	x := userid.NewIndex(user(t, "", short, ""), user(t, short, short, ""), user(t, "", "4915112345678", ""))
	if found := x.Alternates(user(t, long, "", "")); !slices.Equal(found, []int{0, 1}) {
		t.Errorf("Alternates without a WhatsApp ID: %v, want the first two", found)
	}
	if found := x.Alternates(user(t, long, long, "")); len(found) > 0 {
		t.Errorf("Alternates with another WhatsApp ID: %v, want none", found)
	}
	if found := userid.NewIndex(user(t, short, "", "")).Alternates(user(t, long, long, "")); !slices.Equal(found, []int{0}) {
		t.Errorf("Alternates with two equal numbers: %v, want the only user once", found)
	}
	if found := x.Alternates(user(t, long, short, "")); len(found) > 0 {
		t.Errorf("Alternates of a user who matches: %v, want none", found)
	}
}

func TestIndex_Learn(t *testing.T) {
	t.Parallel()

	var x userid.Index
	i := x.Add(user(t, "4915112345678", "", ""))
	x.Learn(i, user(t, "", "", "DE.1"))
	if at, ok := x.Match(user(t, "DE.1", "", "")); !ok || at != i {
		t.Error("the learned user ID is not found")
	}
	x.Learn(i, user(t, "", "", "DE.2"))
	if x.Has(user(t, "DE.1", "", "")) || !x.Has(user(t, "DE.2", "", "")) {
		t.Error("the old user ID is found, or the new one is not")
	}
}
