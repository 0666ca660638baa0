package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// Where many users are rejected for one reason, the first message says what to do, and
// the others are two lines each.
func TestAccMessages_adviceOnce(t *testing.T) {
	t.Parallel()
	api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	users := make([]string, 60)
	for i := range users {
		users[i] = fmt.Sprintf("+49 1512 00001%02d", i)
	}
	api.Silent(users...)
	work := acctest.StartWorkspace(t)
	config = acctest.RequiredProviders + config + each("u", users...)
	acctest.Run(t, work, config, "init", "-no-color")
	output, err := work.Run(t.Context(), "apply", "-no-color", "-auto-approve")
	if err == nil {
		t.Error("an apply whose users are all rejected went through")
	}
	if n := strings.Count(output, "Error: Cannot block "); n != len(users) {
		t.Errorf("%d users are rejected, want %d", n, len(users))
	}
	if n := strings.Count(output, "allow_pending = true"); n != 1 {
		t.Errorf("%d messages say what to do, want one", n)
	}
	for _, message := range strings.Split(output, "Error: ")[1:] {
		_, detail, _ := strings.Cut(message, "each.value\n")
		detail = strings.Trim(strings.NewReplacer("│", "", "╵", "", "╷", "").Replace(detail), " \n")
		if lines := strings.Count(detail, "\n") + 1; lines > 2 && !strings.Contains(detail, "allow_pending = true") {
			t.Errorf("a message of %d lines:\n%s", lines, detail)
		}
	}
}

// An address that is not the API's is told from an API that is out of order.
func TestAccMessages_address(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault fakeapi.Fault
		says  []string
	}{
		"no such path":     {fakeapi.Fault{Kind: fakeapi.FaultStatus, Status: http.StatusNotFound}, []string{"HTTP 404", "Is base_url right?"}},
		"web page":         {fakeapi.Fault{Kind: fakeapi.FaultRawBody, Body: "<!doctype html><title>Sign in</title>", ContentType: "text/html"}, []string{"it is a web page", "Is base_url right?"}},
		"endpoint blocked": {fakeapi.Fault{Kind: fakeapi.FaultRawBody, Status: http.StatusForbidden, Body: `{"error":{"message":"The endpoint is blocked"}}`, ContentType: "application/json"}, []string{"The endpoint is blocked", "support has to enable"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, config := acctest.StartFakeAPI(t, fakeapi.Options{})
			test.fault.Times = fakeapi.Forever
			api.Inject(test.fault)
			work := acctest.StartWorkspace(t)
			acctest.Run(t, work, acctest.RequiredProviders+config+"data \"d360_blocked_users\" \"all\" {}\n", "init", "-no-color")
			output, err := work.Run(t.Context(), "plan", "-no-color")
			if err == nil || !acctest.Wrapped(test.says...).MatchString(output) {
				t.Errorf("the plan's error is %v, want one that says %q; printed was:\n%s", err, test.says, output)
			}
		})
	}
}

// A note that is empty and one that is missing are the same.
func TestAccNote_empty(t *testing.T) {
	t.Parallel()
	_, config := acctest.StartFakeAPI(t, fakeapi.Options{})
	work := acctest.StartWorkspace(t)
	config = acctest.RequiredProviders + config
	users := func(note string) string {
		return fmt.Sprintf("resource \"d360_blocked_user\" \"one\" {\n  user = %q\n  note = %s\n}\n", ann, note) +
			fmt.Sprintf("resource \"d360_blocked_users\" \"many\" {\n  users = {\n    %q = %s\n    %q = \"spam\"\n  }\n}\n", bob, note, cleo)
	}
	acctest.Run(t, work, config+users("null"), "init", "-no-color")
	acctest.Run(t, work, config+users("null"), "apply", "-no-color", "-auto-approve")
	for _, note := range []string{`""`, "null"} {
		if output := acctest.Run(t, work, config+users(note), "plan", "-no-color"); !strings.Contains(output, "No changes.") {
			t.Errorf("note = %s:\n%s", note, output)
		}
		acctest.Run(t, work, config+users(note), "apply", "-no-color", "-auto-approve")
	}
	if output := acctest.Run(t, work, config+users(`"ticket"`), "plan", "-no-color"); !strings.Contains(output, "2 to change") {
		t.Errorf("a note is no change:\n%s", output)
	}
}
