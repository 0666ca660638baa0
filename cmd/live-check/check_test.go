package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

const target = "4915112345678"

// checkAgainst runs a check against an API and returns what it prints.
func checkAgainst(t *testing.T, service *fakeapi.Server, write string) (string, error) {
	t.Helper()
	baseURL, stop, err := service.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	var out strings.Builder
	err = run(t.Context(), &out, settings{baseURL: baseURL, key: fakeapi.DefaultKey, write: write})
	for _, violation := range service.Violations() {
		t.Errorf("sent to the service: %s", violation)
	}
	if number := regexp.MustCompile(`\d{10}`).FindString(out.String()); number != "" || strings.Contains(out.String(), fakeapi.DefaultKey) {
		t.Errorf("a number or the key is printed:\n%s", out.String())
	}
	return out.String(), err
}

func says(t *testing.T, out string, lines ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(out), " ")
	for _, line := range lines {
		if !strings.Contains(flat, line) {
			t.Errorf("does not say %q:\n%s", line, out)
		}
	}
}

// Without a user to write nothing is written, whatever the API looks like.
func TestReadOnly(t *testing.T) {
	for _, format := range fakeapi.Variants() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			service := fakeapi.New(fakeapi.Options{ResponseFormat: format})
			service.SeedN(5)
			out, err := checkAgainst(t, service, "")
			if err != nil {
				t.Fatal(err)
			}
			says(t, out, "users 5 in", "read twice the same", "Nothing was written")
			if stats := service.Stats(); stats.Posts+stats.Deletes != 0 || len(service.Blocked()) != 5 {
				t.Errorf("something was written: %+v", stats)
			}
		})
	}
}

// A user is blocked and unblocked, and is as before at the end.
func TestWrite(t *testing.T) {
	for _, format := range fakeapi.Variants() {
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			service := fakeapi.New(fakeapi.Options{ResponseFormat: format})
			service.SeedN(3)
			out, err := checkAgainst(t, service, "+"+target)
			if err != nil {
				t.Fatal(err, out)
			}
			says(t, out, "a block HTTP 200, done, in added_users", "on the list right after yes, by", "an unblock HTTP 200, done, in", "on the list right after no", "The user is not blocked, as before.")
			if service.IsBlocked(target) || len(service.Blocked()) != 3 {
				t.Errorf("left are %v", service.Blocked())
			}
		})
	}
}

// What the API of 2026 may look like is told.
func TestForms2026(t *testing.T) {
	for _, format := range fakeapi.Variants2026() {
		if format.IgnoreAfter {
			continue // the list has one page here
		}
		t.Run(format.String(), func(t *testing.T) {
			t.Parallel()
			service := fakeapi.New(fakeapi.Options{ResponseFormat: format, Rules: fakeapi.Rules{StrictUserIDs: true}})
			hidden := service.SeedN(5)[0]
			service.Hide(hidden)
			out, err := checkAgainst(t, service, "+"+target)
			if err != nil {
				t.Fatal(err, out)
			}
			says(t, out, "whose number is hidden 1 users", "read twice the same", "The user is not blocked, as before.")
			if format.UserIDs == fakeapi.UserIDsAlways {
				says(t, out, "named by user ID 5 users", "an unblock by user ID HTTP 200, done", "field that took the user ID user_id", "a block by user ID HTTP 200")
			}
			if service.IsBlocked(target) || len(service.Blocked()) != 5 {
				t.Errorf("left are %v", service.Blocked())
			}
		})
	}
}

// A proxy that does not know user_id is told from one that does.
func TestUserIDField(t *testing.T) {
	service := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{UserIDs: fakeapi.UserIDsAlways}, Rules: fakeapi.Rules{UserIDs: fakeapi.UserIDsRejected}})
	out, err := checkAgainst(t, service, "+"+target)
	if err != nil {
		t.Fatal(err, out)
	}
	says(t, out, "field that took the user ID user")
}

func TestForms(t *testing.T) {
	nested := fakeapi.New(fakeapi.Options{ResponseFormat: fakeapi.ResponseFormat{List: fakeapi.ListNested, MaxLimit: 2}})
	nested.SeedN(5)
	out, err := checkAgainst(t, nested, "")
	if err != nil {
		t.Fatal(err)
	}
	says(t, out, "users 5 in 3 pages", "form of an entry nested in block_users", "members of an entry input, wa_id", "1,000 asked for 2")

	out, err = checkAgainst(t, fakeapi.New(fakeapi.Options{}), "")
	if err != nil {
		t.Fatal(err)
	}
	says(t, out, "users 0 in 0 pages", "cannot be told from an empty list")
}

func TestRejections(t *testing.T) {
	t.Run("somebody who is blocked", func(t *testing.T) {
		service := fakeapi.New(fakeapi.Options{})
		service.Seed(target)
		if _, err := checkAgainst(t, service, "+"+target); err == nil || !strings.Contains(err.Error(), "is on the list") {
			t.Errorf("error is %v", err)
		}
		if !service.IsBlocked(target) || service.Stats().Deletes != 0 {
			t.Error("the user was unblocked")
		}
	})
	t.Run("somebody who is silent", func(t *testing.T) {
		service := fakeapi.New(fakeapi.Options{})
		service.Silent(target)
		if out, err := checkAgainst(t, service, "+"+target); err == nil || !strings.Contains(out, "131047") {
			t.Errorf("error is %v; printed was:\n%s", err, out)
		}
	})
	t.Run("a wrong key", func(t *testing.T) {
		service := fakeapi.New(fakeapi.Options{Key: "another"})
		if out, err := checkAgainst(t, service, ""); err == nil || !strings.Contains(out, "HTTP 401") {
			t.Errorf("error is %v; printed was:\n%s", err, out)
		}
	})
	for name, s := range map[string]settings{
		"no key": {}, "no user": {key: "k", write: "somebody"}, "plain http": {key: "k", baseURL: "http://example.com"},
	} {
		if err := run(t.Context(), &strings.Builder{}, s); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}
