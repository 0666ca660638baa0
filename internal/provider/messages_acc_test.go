package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/fakeapi"
)

// Where many users are rejected for one reason, only the first message says what to do.
func TestAccMessages_adviceOnce(t *testing.T) {
	t.Parallel()
	api, tf := startTerraform(t, fakeapi.Options{})
	users := make([]string, 60)
	for i := range users {
		users[i] = fmt.Sprintf("+49 1512 00001%02d", i)
	}
	api.Silent(users...)
	output := tf.applyFails(each("u", users...), nil)
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

// A wrong base_url and an API that fails have different messages.
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
			api, tf := startTerraform(t, fakeapi.Options{})
			test.fault.Times = fakeapi.Forever
			api.Inject(test.fault)
			tf.planFails("data \"d360_blocked_users\" \"all\" {}\n", test.says...)
		})
	}
}

func TestAccNote_empty(t *testing.T) {
	t.Parallel()
	_, tf := startTerraform(t, fakeapi.Options{})
	users := func(note string) string {
		return fmt.Sprintf("resource \"d360_blocked_user\" \"one\" {\n  user = %q\n  note = %s\n}\n", ann, note) +
			fmt.Sprintf("resource \"d360_blocked_users\" \"many\" {\n  users = {\n    %q = %s\n    %q = \"spam\"\n  }\n}\n", bob, note, cleo)
	}
	tf.apply(users("null"))
	for _, note := range []string{`""`, "null"} {
		tf.plan(users(note), "No changes.")
		tf.apply(users(note))
	}
	tf.plan(users(`"ticket"`), "2 to change")
}
