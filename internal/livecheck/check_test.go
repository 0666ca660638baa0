package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
)

const target = "4915112345678"

// checkAgainst runs a check against a service and returns what it prints.
func checkAgainst(t *testing.T, service *sandbox.Server, write string) (string, error) {
	t.Helper()
	baseURL, stop, err := service.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	var out strings.Builder
	err = run(t.Context(), &out, settings{baseURL: baseURL, key: sandbox.DefaultKey, write: write})
	for _, violation := range service.Violations() {
		t.Errorf("sent to the service: %s", violation)
	}
	if number := regexp.MustCompile(`\d{10}`).FindString(out.String()); number != "" || strings.Contains(out.String(), sandbox.DefaultKey) {
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

// Without a user to write nothing is written, whatever the service looks like.
func TestReadOnly(t *testing.T) {
	for _, wire := range sandbox.Variants() {
		t.Run(wire.String(), func(t *testing.T) {
			t.Parallel()
			service := sandbox.New(sandbox.Options{Wire: wire})
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
	for _, wire := range sandbox.Variants() {
		t.Run(wire.String(), func(t *testing.T) {
			t.Parallel()
			service := sandbox.New(sandbox.Options{Wire: wire})
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

func TestForms(t *testing.T) {
	nested := sandbox.New(sandbox.Options{Wire: sandbox.Wire{List: sandbox.ListNested, MaxLimit: 2}})
	nested.SeedN(5)
	out, err := checkAgainst(t, nested, "")
	if err != nil {
		t.Fatal(err)
	}
	says(t, out, "users 5 in 3 pages", "form of an entry nested in block_users", "members of an entry input, wa_id", "1,000 asked for 2")

	out, err = checkAgainst(t, sandbox.New(sandbox.Options{}), "")
	if err != nil {
		t.Fatal(err)
	}
	says(t, out, "users 0 in 0 pages", "cannot be told from an empty list")
}

func TestRefusals(t *testing.T) {
	t.Run("somebody who is blocked", func(t *testing.T) {
		service := sandbox.New(sandbox.Options{})
		service.Seed(target)
		if _, err := checkAgainst(t, service, "+"+target); err == nil || !strings.Contains(err.Error(), "is on the list") {
			t.Errorf("error is %v", err)
		}
		if !service.IsBlocked(target) || service.Stats().Deletes != 0 {
			t.Error("the user was unblocked")
		}
	})
	t.Run("somebody who is silent", func(t *testing.T) {
		service := sandbox.New(sandbox.Options{})
		service.Silent(target)
		if out, err := checkAgainst(t, service, "+"+target); err == nil || !strings.Contains(out, "131047") {
			t.Errorf("error is %v; printed was:\n%s", err, out)
		}
	})
	t.Run("a wrong key", func(t *testing.T) {
		service := sandbox.New(sandbox.Options{Key: "another"})
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
