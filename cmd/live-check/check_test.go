package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

const target = "4915112345678"

// checkAgainst runs a check against an API and returns what it prints.
func checkAgainst(t *testing.T, api *fakeapi.Server, write string) (string, error) {
	t.Helper()
	baseURL, stop, err := api.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	var out strings.Builder
	err = run(t.Context(), &out, settings{baseURL: baseURL, key: fakeapi.DefaultKey, write: write})
	for _, violation := range api.Violations() {
		t.Errorf("violation: %s", violation)
	}
	if number := regexp.MustCompile(`\d{10}`).FindString(out.String()); number != "" || strings.Contains(out.String(), fakeapi.DefaultKey) {
		t.Errorf("the output has a number or the key:\n%s", out.String())
	}
	return out.String(), err
}

func wantOutput(t *testing.T, out string, lines ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(out), " ")
	for _, line := range lines {
		if !strings.Contains(flat, line) {
			t.Errorf("output lacks %q:\n%s", line, out)
		}
	}
}

func TestReadOnly(t *testing.T) {
	for _, format := range fakeapi.Variants() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			api := fakeapi.New(fakeapi.Options{ResponseFormat: format})
			api.SeedN(5)
			out, err := checkAgainst(t, api, "")
			if err != nil {
				t.Fatal(err)
			}
			wantOutput(t, out, "users 5 in", "read twice the same", "Nothing was written")
			if stats := api.Stats(); stats.Posts+stats.Deletes != 0 || len(api.Blocked()) != 5 {
				t.Errorf("something was written: %+v", stats)
			}
		})
	}
}

func TestWrite(t *testing.T) {
	for _, format := range fakeapi.Variants() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			api := fakeapi.New(fakeapi.Options{ResponseFormat: format})
			api.SeedN(3)
			out, err := checkAgainst(t, api, "+"+target)
			if err != nil {
				t.Fatal(err, out)
			}
			wantOutput(t, out, "a block HTTP 200, done, in added_users", "on the list right after yes, by", "an unblock HTTP 200, done, in", "on the list right after no", "The user is not blocked, as before.")
			if api.IsBlocked(target) || len(api.Blocked()) != 3 {
				t.Errorf("blocked %v", api.Blocked())
			}
		})
	}
}

func TestForms2026(t *testing.T) {
	for _, format := range fakeapi.Variants2026() {
		if format.IgnoreAfter {
			continue // the list has one page here
		}
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			api := fakeapi.New(fakeapi.Options{ResponseFormat: format, Rules: fakeapi.Rules{StrictUserIDs: true}})
			hidden := api.SeedN(5)[0]
			api.Hide(hidden)
			out, err := checkAgainst(t, api, "+"+target)
			if err != nil {
				t.Fatal(err, out)
			}
			wantOutput(t, out, "whose number is hidden 1 users", "read twice the same", "The user is not blocked, as before.")
			if format.UserIDs == fakeapi.UserIDsAlways {
				wantOutput(t, out, "named by user ID 5 users", "an unblock by user ID HTTP 200, done", "field that accepted the user ID user_id", "a block by user ID HTTP 200")
			}
			if api.IsBlocked(target) || len(api.Blocked()) != 5 {
				t.Errorf("blocked %v", api.Blocked())
			}
		})
	}
}

// TestUserIDField has a proxy that rejects user_id.
func TestUserIDField(t *testing.T) {
	api := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{UserIDs: fakeapi.UserIDsAlways}, Rules: fakeapi.Rules{UserIDs: fakeapi.UserIDsRejected}})
	out, err := checkAgainst(t, api, "+"+target)
	if err != nil {
		t.Fatal(err, out)
	}
	wantOutput(t, out, "field that accepted the user ID user")
}

func TestForms(t *testing.T) {
	nested := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListNested, MaxLimit: 2}})
	nested.SeedN(5)
	out, err := checkAgainst(t, nested, "")
	if err != nil {
		t.Fatal(err)
	}
	wantOutput(t, out, "users 5 in 3 pages", "form of an entry nested in block_users", "members of an entry input, wa_id", "1,000 requested 2")

	out, err = checkAgainst(t, fakeapi.New(fakeapi.Options{}), "")
	if err != nil {
		t.Fatal(err)
	}
	wantOutput(t, out, "users 0 in 0 pages", "unknown, because the list is empty")
}

func TestRejections(t *testing.T) {
	t.Run("a blocked user", func(t *testing.T) {
		api := fakeapi.New(fakeapi.Options{})
		api.Seed(target)
		if _, err := checkAgainst(t, api, "+"+target); err == nil || !strings.Contains(err.Error(), "is on the list") {
			t.Errorf("error is %v", err)
		}
		if !api.IsBlocked(target) || api.Stats().Deletes != 0 {
			t.Error("the user was unblocked")
		}
	})
	t.Run("a silent user", func(t *testing.T) {
		api := fakeapi.New(fakeapi.Options{})
		api.Silent(target)
		if out, err := checkAgainst(t, api, "+"+target); err == nil || !strings.Contains(out, "131047") {
			t.Errorf("error %v, output:\n%s", err, out)
		}
	})
	t.Run("a wrong key", func(t *testing.T) {
		api := fakeapi.New(fakeapi.Options{Key: "another"})
		if out, err := checkAgainst(t, api, ""); err == nil || !strings.Contains(out, "HTTP 401") {
			t.Errorf("error %v, output:\n%s", err, out)
		}
	})
	for name, s := range map[string]settings{
		"no key": {}, "no user": {key: "k", write: "invalid"}, "plain http": {key: "k", baseURL: "http://example.com"},
	} {
		if err := run(t.Context(), &strings.Builder{}, s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
