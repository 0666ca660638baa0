package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// realTerraform runs a real Terraform, with the provider in one process for the plan and
// another one for the apply.
type realTerraform struct {
	t    *testing.T
	work *workspace.Workspace
	// head stands before each configuration.
	head string
}

func startTerraform(t *testing.T, opts fakeapi.Options) (*fakeapi.Server, realTerraform) {
	t.Helper()
	api, block := acctest.StartFakeAPI(t, opts)
	tf := realTerraform{t: t, work: acctest.StartWorkspace(t), head: acctest.RequiredProviders + block}
	tf.run("", "init")
	return api, tf
}

// startTerraformWith configures the provider with environment variables, and does not run
// init.
func startTerraformWith(t *testing.T, api *fakeapi.Server, env ...string) realTerraform {
	t.Helper()
	env = append([]string{"D360_API_KEY=" + fakeapi.DefaultKey, "D360_BASE_URL=" + acctest.Serve(t, api)}, env...)
	return realTerraform{t: t, work: acctest.StartWorkspace(t, env...), head: acctest.RequiredProviders}
}

func (tf realTerraform) write(name, content string) {
	tf.t.Helper()
	if err := tf.work.Write(name, content); err != nil {
		tf.t.Fatal(err)
	}
}

// command runs a command, such as "state rm", which has to succeed.
func (tf realTerraform) command(command string, args ...string) (output string) {
	tf.t.Helper()
	return tf.commandEnds(false, command, args...)
}

// commandEnds runs a command, which has to fail or to succeed.
func (tf realTerraform) commandEnds(fails bool, command string, args ...string) (output string) {
	tf.t.Helper()
	output, err := tf.work.Run(tf.t.Context(), slices.Concat(strings.Fields(command), []string{"-no-color"}, args)...)
	if (err != nil) != fails {
		tf.t.Fatalf("%s ends with %v, want an error: %t; the output is:\n%s", command, err, fails, tail(output))
	}
	return output
}

// run is command on a configuration.
func (tf realTerraform) run(config, command string, args ...string) (output string) {
	tf.t.Helper()
	tf.write("main.tf", tf.head+config)
	return tf.command(command, args...)
}

// plan plans a configuration and checks that the output has texts, in this order.
func (tf realTerraform) plan(config string, says ...string) (output string) {
	tf.t.Helper()
	return tf.expect(tf.run(config, "plan"), says...)
}

// apply is plan for an apply.
func (tf realTerraform) apply(config string, says ...string) (output string) {
	tf.t.Helper()
	return tf.expect(tf.run(config, "apply", "-auto-approve"), says...)
}

// planFails is plan for a plan with an error.
func (tf realTerraform) planFails(config string, says ...string) (output string) {
	tf.t.Helper()
	tf.write("main.tf", tf.head+config)
	return tf.expect(tf.commandEnds(true, "plan"), says...)
}

// applyFails is apply for an apply with an error, of its plan or of its own.
func (tf realTerraform) applyFails(config string, args []string, says ...string) (output string) {
	tf.t.Helper()
	tf.write("main.tf", tf.head+config)
	return tf.expect(tf.commandEnds(true, "apply", append([]string{"-auto-approve"}, args...)...), says...)
}

func (tf realTerraform) expect(output string, says ...string) string {
	tf.t.Helper()
	if !acctest.Wrapped(says...).MatchString(output) {
		tf.t.Errorf("the output has no %q:\n%s", says, tail(output))
	}
	return output
}

func tail(s string) string { return s[max(0, len(s)-4000):] }
