package crash_test

import (
	"context"
	"testing"
	"time"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// longestRun is the longest time for a run of the CLI.
const longestRun = 3 * time.Minute

// startWorkspace returns a workspace after init, beside which others need no init.
func startWorkspace(t *testing.T) *workspace.Workspace {
	t.Helper()
	work := acctest.StartWorkspace(t)
	acctest.Run(t, work, acctest.RequiredProviders, "init")
	return work
}

func beside(t *testing.T, base *workspace.Workspace) *workspace.Workspace {
	t.Helper()
	work, err := base.Beside()
	if err != nil {
		t.Fatal(err)
	}
	return work
}

// run runs the CLI. The error has its output.
func run(t *testing.T, work *workspace.Workspace, args ...string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longestRun)
	defer cancel()
	_, err := work.Run(ctx, append(args, "-no-color")...)
	return err
}
