package provider_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/userid"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

const (
	channelsExample = "../../examples/channels"
	salesKey        = "key-of-the-sales-number"
	supportKey      = "key-of-the-support-number"
)

// TestAccChannelsExample applies the example of one list for two channels as it
// stands, from its first apply to its destroy. To the support number everyone is
// silent at first. Would the keys get mixed up, then the sales number's part, which
// has no allow_pending, would be rejected.
func TestAccChannelsExample(t *testing.T) {
	t.Parallel()
	numbers := startNumbers(t)
	cli := startNumbersCLI(t, numbers)
	if err := cli.work.Copy(channelsExample); err != nil {
		t.Fatal(err)
	}
	cli.run("init")
	listed := exampleUsers(t)
	const byHand = "15005550006"
	numbers.sales.Seed(byHand)
	numbers.support.Seed(byHand)
	numbers.support.SetAllSilent(true)

	cli.says(cli.run("apply", "-auto-approve"), "Warning: 3 of 3 users not blocked yet", `with d360_blocked_users.listed["support"]`, "Channel: support", "2 added, 0 changed, 0 destroyed")
	acctest.CheckList(t, "sales", numbers.sales, append(listed, byHand)...)
	acctest.CheckList(t, "support", numbers.support, byHand)
	cli.says(cli.run("plan"), "Warning: 3 users not blocked yet", `d360_blocked_users.listed["support"] will be updated in-place`, "0 to add, 1 to change, 0 to destroy")

	numbers.sales.ResetStats()
	numbers.support.Heard(listed...)
	cli.run("apply", "-auto-approve")
	acctest.CheckList(t, "support", numbers.support, append(listed, byHand)...)
	if posts := numbers.sales.Stats().Posts; posts != 0 {
		t.Errorf("%d POSTs to the sales number, where nobody was pending", posts)
	}
	cli.says(cli.run("plan"), "No changes.")
	cli.run("destroy", "-auto-approve")
	acctest.CheckList(t, "sales", numbers.sales, byHand)
	acctest.CheckList(t, "support", numbers.support, byHand)
}

// Moving from a provider block for each number to channels sends nothing.
func TestAccChannels_fromAliases(t *testing.T) {
	t.Parallel()
	numbers := startNumbers(t)
	cli := startNumbersCLI(t, numbers)
	const variables = acctest.RequiredProviders + "variable \"sales_key\" {\n  type = string\n}\nvariable \"support_key\" {\n  type = string\n}\n"
	aliased := variables
	channels := variables + "provider \"d360\" {\n  channels = {\n    sales = { api_key = var.sales_key }\n    support = { api_key = var.support_key }\n  }\n}\n" +
		"resource \"d360_blocked_users\" \"listed\" {\n  for_each = toset([\"sales\", \"support\"])\n  channel = each.key\n  users = { \"+1 650 555 0123\" = null }\n}\n"
	for _, name := range []string{"sales", "support"} {
		aliased += "provider \"d360\" {\n  alias = \"" + name + "\"\n  api_key = var." + name + "_key\n}\n" +
			"resource \"d360_blocked_users\" \"" + name + "\" {\n  provider = d360." + name + "\n  users = { \"+1 650 555 0123\" = null }\n}\n"
		channels += "moved {\n  from = d360_blocked_users." + name + "\n  to = d360_blocked_users.listed[\"" + name + "\"]\n}\n"
	}
	cli.write(aliased)
	cli.run("init")
	cli.run("apply", "-auto-approve")
	numbers.sales.ResetStats()
	numbers.support.ResetStats()
	cli.write(channels)
	cli.says(cli.run("apply", "-auto-approve"), "0 added, 2 changed, 0 destroyed")
	cli.says(cli.run("plan"), "No changes.")
	for name, service := range map[string]*fakeapi.Server{"sales": numbers.sales, "support": numbers.support} {
		acctest.CheckList(t, name, service, "16505550123")
		if stats := service.Stats(); stats.Posts+stats.Deletes > 0 {
			t.Errorf("%s was sent %+v", name, stats)
		}
	}
	state, err := cli.work.Read("terraform.tfstate")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(state, salesKey) || strings.Contains(state, supportKey) {
		t.Error("the state holds a key")
	}
}

// numbers are two business numbers behind one address, as the real ones are: the
// key of a request decides which of them it is for.
type numbers struct {
	sales, support *fakeapi.Server
	url            string
}

func startNumbers(t *testing.T) *numbers {
	t.Helper()
	n := &numbers{}
	n.sales = fakeapi.New(fakeapi.Options{Key: salesKey, Channel: fakeapi.Channel{ID: "1001", Number: "4930111111"}})
	n.support = fakeapi.New(fakeapi.Options{Key: supportKey, Channel: fakeapi.Channel{ID: "1002", Number: "4930222222"}})
	hub := fakeapi.NewHub(n.sales, n.support)
	url, stop, err := hub.Start()
	if err != nil {
		t.Fatal(err)
	}
	n.url = url
	t.Cleanup(func() {
		stop()
		for _, violation := range hub.Violations() {
			t.Errorf("the fake API was sent: %s", violation)
		}
		if unknown := hub.Unauthorized(); len(unknown) > 0 {
			t.Errorf("%d requests with a key of neither number", len(unknown))
		}
	})
	return n
}

// exampleUsers are the users of the example's file in canonical form.
func exampleUsers(t *testing.T) []string {
	t.Helper()
	file, err := os.Open(filepath.Join(channelsExample, "blocklist.csv"))
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
		t.Fatalf("the example has %d users, not the 3 that its guide shows", len(users))
	}
	return users
}

// numbersCLI runs a configuration with the keys of both numbers.
type numbersCLI struct {
	t    *testing.T
	work *workspace.Workspace
}

func startNumbersCLI(t *testing.T, n *numbers) numbersCLI {
	t.Helper()
	return numbersCLI{t: t, work: acctest.StartWorkspace(t, "TF_VAR_sales_key="+salesKey, "TF_VAR_support_key="+supportKey, "D360_BASE_URL="+n.url)}
}

func (c numbersCLI) write(config string) {
	c.t.Helper()
	if err := c.work.Write("main.tf", config); err != nil {
		c.t.Fatal(err)
	}
}

func (c numbersCLI) run(command string, args ...string) string {
	c.t.Helper()
	printed, err := c.work.Run(c.t.Context(), append([]string{command, "-no-color"}, args...)...)
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
