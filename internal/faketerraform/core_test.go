package faketerraform

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

const stubSource = "registry.terraform.io/hashicorp/stub"

// coreStep is one action of a user on the instance stub_thing.a.
type coreStep struct {
	name string
	// thing is the instance's configuration, nil where the user has removed it.
	thing *Resource
	// imports is the ID of an import block, if there is one.
	imports string
	// forget has a removed block with destroy = false.
	forget bool
	// moved renames the instance from stub_thing.b, taint taints it before.
	moved, taint bool
	opts         PlanOptions
	fails        bool
	// unordered is set where Terraform walks several objects.
	unordered bool
	// newer is set where Terraform 1.11 planned before it refreshed.
	newer bool
}

func thing(name, note string) *Resource {
	r := &Resource{Attributes: Attributes{"name": name}}
	if note != "" {
		r.Attributes["note"] = note
	}
	return r
}

func thingFirst(name, note string) *Resource {
	r := thing(name, note)
	r.CreateBeforeDestroy = true
	return r
}

// coreSteps build on each other.
var coreSteps = []coreStep{
	{name: "create", thing: thing("one", "")},
	{name: "no change", thing: thing("one", "")},
	{name: "update", thing: thing("one", "noted")},
	{name: "failed update", thing: thing("one", "fails"), fails: true},
	{name: "update after a failed one", thing: thing("one", "noted")},
	{name: "replacement", thing: thing("two", "noted")},
	{name: "forced replacement", thing: thing("two", "noted"), opts: PlanOptions{Replace: []string{coreAddress}}},
	{name: "replacement of a tainted instance", thing: thing("two", "stays"), taint: true},
	{name: "replacement with a failed deletion", thing: thing("three", ""), fails: true},
	{name: "failed destroy", thing: thing("two", "stays"), opts: PlanOptions{Destroy: true}, fails: true},
	{name: "update after a failed destroy", thing: thing("two", "vanishes")},
	{name: "drift", thing: thing("two", "noted")},
	{name: "rename", thing: thing("two", "noted"), moved: true},
	{name: "removal", newer: true},
	{name: "failed create", thing: thing("four", "fails"), fails: true},
	{name: "replacement after a failed create", thing: thing("four", "cannot be read")},
	{name: "failed refresh", thing: thing("four", "noted"), fails: true},
	{name: "forgetting", forget: true},
	{name: "failed create without a state", thing: thing("five", "fails without a state"), fails: true},
	{name: "import", thing: thing("six", ""), imports: "six"},
	{name: "forgetting again", forget: true},
	{name: "import with a change", thing: thingFirst("six", "noted"), imports: "six"},
	{name: "replacement, create first", thing: thingFirst("seven", "noted")},
	{name: "failed create of a replacement, create first", thing: thingFirst("eight", "fails without a state"), fails: true},
	{name: "replacement after a failed one, create first", thing: thingFirst("eight", "noted")},
	{name: "failed replacement that leaves both, create first", thing: thingFirst("nine", "fails"), fails: true},
	{name: "replacement of both, create first", thing: thingFirst("nine", "noted"), unordered: true},
	{name: "destroy", thing: thingFirst("nine", "noted"), opts: PlanOptions{Destroy: true}},
}

const coreAddress = "stub_thing.a"

// TestAccCore compares the calls of this package with those of a real Terraform.
func TestAccCore(t *testing.T) {
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("runs a real Terraform, only with TF_ACC=1")
	}
	recorded, err := newRecorder()
	if err != nil {
		t.Fatal(err)
	}
	cli := serveToCLI(t, recorded)
	ours, err := newRecorder()
	if err != nil {
		t.Fatal(err)
	}
	tf, err := New(t.Context(), func() (tfprotov6.ProviderServer, error) { return ours, nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	state := State{}
	for _, step := range coreSteps {
		if step.moved {
			const former = "stub_thing.b"
			state = state.withInstance(former, state[coreAddress]).withInstance(coreAddress, Instance{})
			cli.mustRun("state", "mv", coreAddress, former)
		}
		if step.taint {
			state = state.Taint(coreAddress)
			cli.mustRun("taint", coreAddress)
		}
		recorded.take()
		cli.write(step.config())
		output, err := cli.run(step.arguments()...)
		want := recorded.take()

		ours.take()
		run := tf.ApplyWith(t.Context(), step.config(), state, step.opts)
		state = run.State
		got := ours.take()

		if (err != nil) != step.fails || run.All().HasErrors() != step.fails {
			t.Fatalf("%s: Terraform: %v\n%s\nThis package:\n%s", step.name, err, output, run.All())
		}
		if step.unordered {
			slices.Sort(want)
			slices.Sort(got)
		}
		if compared := !step.newer || cli.version >= 12; compared && !slices.Equal(got, want) {
			t.Errorf("%s: this package calls\n%s\nand Terraform calls\n%s", step.name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func (s coreStep) config() Configuration {
	var config Configuration
	if s.thing != nil {
		config.Resources = map[string]Resource{coreAddress: *s.thing}
	}
	if s.imports != "" {
		config.Imports = []Import{{To: coreAddress, ID: s.imports}}
	}
	if s.forget {
		config.Removed = []string{coreAddress}
	}
	if s.moved {
		config.Moved = []Move{{From: "stub_thing.b", To: coreAddress}}
	}
	return config
}

func (s coreStep) arguments() []string {
	args := []string{"apply", "-auto-approve"}
	if s.opts.Destroy {
		args = append(args, "-destroy")
	}
	for _, replaced := range s.opts.Replace {
		args = append(args, "-replace="+replaced)
	}
	return args
}

// coreCLI is a real Terraform that uses a provider of this process.
type coreCLI struct {
	t    *testing.T
	path string
	dir  string
	env  []string
	// version is the minor one.
	version int
}

// serveToCLI serves a provider to Terraform. It skips OpenTofu, whose calls come in
// another order.
func serveToCLI(t *testing.T, server tfprotov6.ProviderServer) *coreCLI {
	t.Helper()
	for _, quiet := range []string{"TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
		t.Setenv(quiet, "OFF")
	}
	ctx, stop := context.WithCancel(context.Background())
	reattach, stopped := make(chan *plugin.ReattachConfig), make(chan struct{})
	go func() {
		if err := tf6server.Serve(stubSource, func() tfprotov6.ProviderServer { return server },
			tf6server.WithDebug(ctx, reattach, stopped), tf6server.WithoutLogStderrOverride(),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger())); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-stopped
	})
	served := <-reattach
	providers, err := json.Marshal(map[string]any{stubSource: map[string]any{
		"Protocol": served.Protocol, "ProtocolVersion": served.ProtocolVersion, "Pid": served.Pid, "Test": true,
		"Addr": map[string]string{"Network": served.Addr.Network(), "String": served.Addr.String()},
	}})
	if err != nil {
		t.Fatal(err)
	}

	c := &coreCLI{t: t, path: cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"), dir: t.TempDir()}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "TF_") {
			c.env = append(c.env, pair)
		}
	}
	c.env = append(c.env, "TF_REATTACH_PROVIDERS="+string(providers), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")
	if _, err := fmt.Sscanf(c.mustRun("version"), "Terraform v1.%d", &c.version); err != nil {
		t.Skip("needs Terraform")
	}
	c.write(Configuration{})
	c.mustRun("init")
	return c
}

func (c *coreCLI) run(args ...string) (string, error) {
	cmd := exec.CommandContext(c.t.Context(), c.path, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	output, err := cmd.CombinedOutput()
	return string(output), err
}

func (c *coreCLI) mustRun(args ...string) string {
	c.t.Helper()
	output, err := c.run(args...)
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", args, err, output)
	}
	return output
}

// write writes a configuration as a module.
func (c *coreCLI) write(config Configuration) {
	c.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "terraform {\n  required_providers {\n    stub = { source = %q }\n  }\n}\n", stubSource)
	for address, r := range config.Resources {
		fmt.Fprintf(&b, "resource \"stub_thing\" %q {\n", strings.TrimPrefix(address, "stub_thing."))
		for name, value := range r.Attributes {
			fmt.Fprintf(&b, "  %s = %q\n", name, value)
		}
		fmt.Fprintf(&b, "  lifecycle {\n    create_before_destroy = %t\n  }\n}\n", r.CreateBeforeDestroy)
	}
	for _, i := range config.Imports {
		fmt.Fprintf(&b, "import {\n  to = %s\n  id = %q\n}\n", i.To, i.ID)
	}
	for _, m := range config.Moved {
		fmt.Fprintf(&b, "moved {\n  from = %s\n  to   = %s\n}\n", m.From, m.To)
	}
	for _, address := range config.Removed {
		fmt.Fprintf(&b, "removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", address)
	}
	if err := os.WriteFile(filepath.Join(c.dir, "main.tf"), []byte(b.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
}
