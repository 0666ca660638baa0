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
)

const (
	channelsExample = "../../examples/channels"
	salesKey        = "key-of-sales"
	supportKey      = "key-of-support"
)

// At first the support number can block no one. If the provider mixed up the keys, the
// apply would fail, because the resource of the sales number has no allow_pending.
func TestAccChannelsExample(t *testing.T) {
	t.Parallel()
	c, tf := startTwoChannels(t)
	if err := tf.work.Copy(channelsExample); err != nil {
		t.Fatal(err)
	}
	tf.command("init")
	listed := exampleUsers(t)
	const byHand = "15005550006"
	c.sales.Seed(byHand)
	c.support.Seed(byHand)
	c.support.SetAllSilent(true)

	tf.expect(tf.command("apply", "-auto-approve"), "Warning: 3 of 3 users not blocked yet", `with d360_blocked_users.listed["support"]`, "Channel: support", "2 added, 0 changed, 0 destroyed")
	acctest.CheckList(t, "sales", c.sales, append(listed, byHand)...)
	acctest.CheckList(t, "support", c.support, byHand)
	tf.expect(tf.command("plan"), `d360_blocked_users.listed["support"] will be updated in-place`, "0 to add, 1 to change, 0 to destroy", "Warning: 3 users not blocked yet")

	c.sales.ResetStats()
	c.support.Heard(listed...)
	tf.command("apply", "-auto-approve")
	acctest.CheckList(t, "support", c.support, append(listed, byHand)...)
	if posts := c.sales.Stats().Posts; posts != 0 {
		t.Errorf("%d POSTs to the sales number, want none: no user is pending there", posts)
	}
	tf.expect(tf.command("plan"), "No changes.")
	tf.command("destroy", "-auto-approve")
	acctest.CheckList(t, "sales", c.sales, byHand)
	acctest.CheckList(t, "support", c.support, byHand)
}

// Moving from a provider block for each number to channels sends nothing.
func TestAccChannels_fromAliases(t *testing.T) {
	t.Parallel()
	c, tf := startTwoChannels(t)
	const variables = acctest.RequiredProviders + "variable \"sales_key\" {\n  type = string\n}\nvariable \"support_key\" {\n  type = string\n}\n"
	aliased := variables
	channels := variables + "provider \"d360\" {\n  channels = {\n    sales = { api_key = var.sales_key }\n    support = { api_key = var.support_key }\n  }\n}\n" +
		"resource \"d360_blocked_users\" \"listed\" {\n  for_each = toset([\"sales\", \"support\"])\n  channel = each.key\n  users = { \"+1 650 555 0123\" = null }\n}\n"
	for _, name := range []string{"sales", "support"} {
		aliased += "provider \"d360\" {\n  alias = \"" + name + "\"\n  api_key = var." + name + "_key\n}\n" +
			"resource \"d360_blocked_users\" \"" + name + "\" {\n  provider = d360." + name + "\n  users = { \"+1 650 555 0123\" = null }\n}\n"
		channels += "moved {\n  from = d360_blocked_users." + name + "\n  to = d360_blocked_users.listed[\"" + name + "\"]\n}\n"
	}
	tf.run(aliased, "init")
	tf.apply(aliased)
	c.sales.ResetStats()
	c.support.ResetStats()
	tf.apply(channels, "0 added, 2 changed, 0 destroyed")
	tf.plan(channels, "No changes.")
	for name, api := range map[string]*fakeapi.Server{"sales": c.sales, "support": c.support} {
		acctest.CheckList(t, name, api, "16505550123")
		if stats := api.Stats(); stats.Posts+stats.Deletes > 0 {
			t.Errorf("%s was sent %+v, want no writes", name, stats)
		}
	}
	state, err := tf.work.Read(acctest.StateFile)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(state, salesKey) || strings.Contains(state, supportKey) {
		t.Error("the state holds a key")
	}
}

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
		t.Fatalf("the example has %d users, want 3 as in its guide", len(users))
	}
	return users
}

// startTwoChannels starts two channels and a Terraform with the keys of both.
func startTwoChannels(t *testing.T) (*twoChannels, realTerraform) {
	t.Helper()
	c := newTwoChannels(t, fakeapi.HealthFull)
	t.Cleanup(func() {
		if unauthorized := c.hub.Unauthorized(); len(unauthorized) > 0 {
			t.Errorf("%d requests with a key of neither channel", len(unauthorized))
		}
	})
	return c, realTerraform{t: t, work: acctest.StartWorkspace(t, "TF_VAR_sales_key="+salesKey, "TF_VAR_support_key="+supportKey, "D360_BASE_URL="+acctest.Serve(t, c.hub))}
}
