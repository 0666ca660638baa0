package provider

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/sandbox"
	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

const (
	severalNumbers = "../../examples/several-numbers"
	salesKey       = "key-of-the-sales-number"
	supportKey     = "key-of-the-support-number"
)

// TestSeveralNumbers applies the example of one list for two numbers as it
// stands, in both of its forms: a provider block for each number, and one block
// for all of them, which only OpenTofu knows.
func TestSeveralNumbers(t *testing.T) {
	for name, test := range map[string]struct {
		dir, support string
		env          []string
		openTofu     bool
	}{
		"a provider each": {
			dir:     ".",
			support: "module.support.",
			env:     []string{"TF_VAR_sales_key=" + salesKey, "TF_VAR_support_key=" + supportKey},
		},
		"provider for_each": {
			dir:      "for-each",
			support:  `module.number["support"].`,
			env:      []string{`TF_VAR_keys={"sales":"` + salesKey + `","support":"` + supportKey + `"}`},
			openTofu: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name, minor := cliVersion(t); test.openTofu && (name != "OpenTofu" || minor < 9) {
				t.Skip("needs OpenTofu 1.9, the first that knows for_each of providers")
			}
			numbers := startNumbers(t)
			work := startWorkspace(t, append(test.env, "D360_BASE_URL="+numbers.url)...)
			if err := work.Copy(severalNumbers); err != nil {
				t.Fatal(err)
			}
			cli := numbersCLI{t: t, work: work, dir: test.dir}
			cli.run("init")
			numbers.lifeOf(cli, test.support)
		})
	}
}

// numbers are two business numbers behind one address, as the real ones are: the
// key of a request decides which of them it is for.
type numbers struct {
	sales, support *sandbox.Server
	url            string
}

func startNumbers(t *testing.T) *numbers {
	t.Helper()
	n := &numbers{}
	n.sales, _ = startSandbox(t, sandbox.Options{Key: salesKey})
	n.support, _ = startSandbox(t, sandbox.Options{Key: supportKey})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get(sandbox.KeyHeader) {
		case salesKey:
			n.sales.ServeHTTP(w, r)
		case supportKey:
			n.support.ServeHTTP(w, r)
		default:
			t.Errorf("%s with a key of neither number", r.Method)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	n.url = server.URL
	return n
}

// lifeOf takes the example from its first apply to its destroy. To the support
// number everyone is silent at first. Would the keys get mixed up, then the
// sales number's part, which has no allow_pending, would be refused.
func (n *numbers) lifeOf(cli numbersCLI, support string) {
	t := cli.t
	t.Helper()
	listed := exampleUsers(t)
	const byHand = "15005550006"
	n.sales.Seed(byHand)
	n.support.Seed(byHand)
	n.support.SetAllSilent(true)

	cli.says(cli.run("apply", "-auto-approve"), "Warning: 3 of 3 users not blocked yet", "with "+support+"d360_blocked_users.listed", "2 added, 0 changed, 0 destroyed")
	checkList(t, "sales", n.sales, append(listed, byHand)...)
	checkList(t, "support", n.support, byHand)

	cli.says(cli.run("plan"), "Warning: 3 users not blocked yet", support+"d360_blocked_users.listed will be updated in-place", "0 to add, 1 to change, 0 to destroy")

	n.sales.ResetStats()
	n.support.Heard(listed[0])
	cli.says(cli.run("apply", "-auto-approve"), "Warning: 2 of 3 users not blocked yet", "0 added, 1 changed, 0 destroyed")
	checkList(t, "support", n.support, byHand, listed[0])

	n.support.Heard(listed...)
	cli.run("apply", "-auto-approve")
	checkList(t, "support", n.support, append(listed, byHand)...)
	if posts := n.sales.Stats().Posts; posts != 0 {
		t.Errorf("%d POSTs to the sales number, where nobody was pending", posts)
	}
	cli.says(cli.run("plan"), "No changes.")

	cli.run("destroy", "-auto-approve")
	checkList(t, "sales", n.sales, byHand)
	checkList(t, "support", n.support, byHand)
}

// exampleUsers are the users of the example's file in canonical form.
func exampleUsers(t *testing.T) []string {
	t.Helper()
	file, err := os.Open(filepath.Join(severalNumbers, "blocklist.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var users []string
	for _, row := range rows[1:] {
		user, err := userid.Parse(row[0])
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, user.String())
	}
	if len(users) != 3 {
		t.Fatalf("the example has %d users, not the 3 whom its guide shows", len(users))
	}
	return users
}

func checkList(t *testing.T, number string, service *sandbox.Server, want ...string) {
	t.Helper()
	blocked, want := slices.Sorted(slices.Values(service.Blocked())), slices.Sorted(slices.Values(want))
	if !slices.Equal(blocked, want) {
		t.Errorf("blocked on the %s number are %q, want %q", number, blocked, want)
	}
}

// numbersCLI runs one form of the example.
type numbersCLI struct {
	t    *testing.T
	work *workspace.Workspace
	dir  string
}

func (c numbersCLI) run(command string, args ...string) string {
	c.t.Helper()
	printed, err := c.work.Run(c.t.Context(), append([]string{"-chdir=" + c.dir, command, "-no-color"}, args...)...)
	if err != nil {
		c.t.Fatal(err)
	}
	return printed
}

func (c numbersCLI) says(printed string, want ...string) {
	c.t.Helper()
	for _, text := range want {
		if !strings.Contains(printed, text) {
			c.t.Errorf("does not say %q:\n%s", text, printed)
		}
	}
}
