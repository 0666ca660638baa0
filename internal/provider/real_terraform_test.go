package provider_test

import (
	"testing"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// realTerraform runs a Terraform of its own, with the provider in processes of their
// own: one for a plan, and another one for the apply.
type realTerraform struct {
	t    *testing.T
	work *workspace.Workspace
	head string
}

func startTerraform(t *testing.T) (*fakeapi.Server, realTerraform) {
	t.Helper()
	service, block := acctest.StartFakeAPI(t, fakeapi.Options{})
	tf := realTerraform{t: t, work: acctest.StartWorkspace(t), head: acctest.RequiredProviders + block}
	acctest.Run(t, tf.work, tf.head, "init", "-no-color")
	return service, tf
}

// run writes a configuration and runs a command, which fails or not.
func (tf realTerraform) run(fails bool, config, command string, args ...string) string {
	tf.t.Helper()
	if err := tf.work.Write("main.tf", tf.head+config); err != nil {
		tf.t.Fatal(err)
	}
	output, err := tf.work.Run(tf.t.Context(), append([]string{command}, args...)...)
	if (err != nil) != fails {
		tf.t.Fatalf("the %s's error is %v; printed was:\n%s", command, err, tailOf(output))
	}
	return output
}

// apply applies a configuration and checks that it prints texts, one after the other.
func (tf realTerraform) apply(config string, says ...string) {
	tf.t.Helper()
	tf.expect(tf.run(false, config, "apply", "-no-color", "-auto-approve"), says)
}

// applyFails is apply for a plan or an apply with an error.
func (tf realTerraform) applyFails(config string, args []string, says ...string) {
	tf.t.Helper()
	tf.expect(tf.run(true, config, "apply", append([]string{"-no-color", "-auto-approve"}, args...)...), says)
}

func (tf realTerraform) expect(output string, says []string) {
	tf.t.Helper()
	if !acctest.Wrapped(says...).MatchString(output) {
		tf.t.Errorf("does not say %q; printed was:\n%s", says, tailOf(output))
	}
}
