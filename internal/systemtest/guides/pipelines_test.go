package guides_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/d360/terraform-provider-d360/internal/acctest"
	"github.com/d360/terraform-provider-d360/internal/fakeapi"
	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// script has the shell steps of one job.
type script struct {
	shell []string
	text  string
	// env has the variables that the file sets for the job.
	env map[string]string
}

// pipeline is an example for a CI service. Its jobs are plan, merge and schedule.
type pipeline struct {
	dir string
	// jobs reads the jobs from the file.
	jobs func(t *testing.T) map[string]script
	// tool is the command that posts the comment, env the variables of the CI service.
	tool string
	env  []string
	// creates and updates are the arguments of the tool for a new and an existing comment.
	creates, updates string
}

func pipelines() map[string]pipeline {
	return map[string]pipeline{
		"github": {
			dir: "github", jobs: gitHubJobs, tool: "gh",
			env:     []string{"GITHUB_REPOSITORY=owner/name", "PULL_REQUEST=12"},
			creates: "api repos/owner/name/issues/12/comments -F body=@comment.md",
			updates: "api -X PATCH repos/owner/name/issues/comments/7 -F body=@comment.md",
		},
		"gitlab": {
			dir: "gitlab", jobs: gitLabJobs, tool: "curl",
			env:     []string{"CI_API_V4_URL=https://gitlab.invalid/api/v4", "CI_PROJECT_ID=3", "CI_MERGE_REQUEST_IID=12", "COMMENT_TOKEN=token"},
			creates: "-X POST -H PRIVATE-TOKEN: token --data-urlencode body@comment.md https://gitlab.invalid/api/v4/projects/3/merge_requests/12/notes",
			updates: "-X PUT -H PRIVATE-TOKEN: token --data-urlencode body@comment.md https://gitlab.invalid/api/v4/projects/3/merge_requests/12/notes/7",
		},
	}
}

// defaultValue matches the end of an expression, with its value if no variable is set.
var defaultValue = regexp.MustCompile(`\|\| '([^']*)'\)?`)

func gitHubJobs(t *testing.T) map[string]script {
	t.Helper()
	var file struct {
		Env  map[string]string
		Jobs map[string]struct {
			Steps []struct {
				Name, Shell, Run string
				Env              map[string]string
			}
		}
	}
	parse(t, "github/.github/workflows/blocklist.yml", &file)
	// In an expression, the value for a schedule comes before the one for a merge.
	value := func(expression string, isSchedule bool) string {
		values := defaultValue.FindAllStringSubmatch(expression, -1)
		switch {
		case len(values) == 0:
			return expression
		case isSchedule:
			return values[0][1]
		default:
			return values[len(values)-1][1]
		}
	}
	job := func(name string, isSchedule bool) script {
		s := script{shell: []string{"bash", "-e"}, env: maps.Clone(file.Env)}
		for _, step := range file.Jobs[name].Steps {
			if step.Run == "" {
				continue
			}
			options := "set +o pipefail\n"
			if step.Shell == "bash" {
				options = "set -o pipefail\n"
			}
			s.text += options + step.Run + "\n"
			for name, expression := range step.Env {
				if !strings.Contains(expression, "secrets.") && !strings.Contains(expression, "github.token") && !strings.Contains(expression, "pull_request") {
					s.env[name] = value(expression, isSchedule)
				}
			}
		}
		return s
	}
	return map[string]script{"plan": job("plan", false), "merge": job("apply", false), "schedule": job("apply", true)}
}

func gitLabJobs(t *testing.T) map[string]script {
	t.Helper()
	type job struct {
		Extends      string
		Variables    map[string]string
		BeforeScript []string `yaml:"before_script"`
		Script       []string
	}
	var file struct {
		Variables       map[string]string
		Plan            job
		Apply           job `yaml:".apply"`
		Merge, Schedule job
	}
	parse(t, "gitlab/.gitlab-ci.yml", &file)
	scriptOf := func(j job) script {
		variables := maps.Clone(file.Variables)
		if j.Extends == ".apply" {
			j.Script = file.Apply.Script
			maps.Copy(variables, file.Apply.Variables)
		}
		maps.Copy(variables, j.Variables)
		s := script{shell: []string{"sh", "-e"}, env: map[string]string{}, text: strings.Join(slices.Concat(j.BeforeScript, j.Script), "\n")}
		for name, value := range variables {
			s.env[name] = os.Expand(value, func(other string) string { return variables[other] })
		}
		return s
	}
	return map[string]script{"plan": scriptOf(file.Plan), "merge": scriptOf(file.Merge), "schedule": scriptOf(file.Schedule)}
}

func parse(t *testing.T, name string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root, "examples/pipelines", name))), into); err != nil {
		t.Fatal(err)
	}
}

// runner runs the jobs of a pipeline in one directory.
type runner struct {
	*testing.T
	pipeline
	work *workspace.Workspace
	// bin is a directory of commands that replace those of the CI service. They append their
	// arguments to the file calls, and print the file reply.
	bin, calls, reply string
}

func newRunner(t *testing.T, p pipeline, work *workspace.Workspace) *runner {
	t.Helper()
	dir := t.TempDir()
	r := &runner{T: t, pipeline: p, work: work, bin: dir, calls: filepath.Join(dir, "calls"), reply: filepath.Join(dir, "reply")}
	if err := os.Symlink(work.CLI, filepath.Join(dir, "terraform")); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{p.tool, "apk"} {
		text := "#!/bin/sh\necho \"$@\" >> " + r.calls + "\ncase \"$*\" in *comment.md*|*-o*) ;; *) cat " + r.reply + " ;; esac\n"
		if err := os.WriteFile(filepath.Join(dir, command), []byte(text), 0o700); err != nil { //nolint:gosec // The test runs it.
			t.Fatal(err)
		}
	}
	r.setReply("")
	return r
}

// setReply sets the output of the tool for existing comments.
func (r *runner) setReply(text string) {
	r.Helper()
	if err := os.WriteFile(r.reply, []byte(text), 0o600); err != nil {
		r.Fatal(err)
	}
}

// run runs a job and returns its output.
func (r *runner) run(name string) (string, error) {
	r.Helper()
	job := r.jobs(r.T)[name]
	if job.text == "" {
		r.Fatalf("no job %s", name)
	}
	cmd := exec.CommandContext(r.Context(), job.shell[0], append(job.shell[1:], "-c", job.text)...) //nolint:gosec // It runs an example of this repository.
	cmd.Dir = r.work.Dir
	cmd.Env = append(r.work.Command(r.Context()).Env, r.env...)
	for name, value := range job.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, "PATH="+r.bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	output, err := cmd.CombinedOutput()
	return string(output), err
}

// The shell steps of the pipelines do what their page says, with their default settings.
func TestAccPipelines(t *testing.T) {
	t.Parallel()
	for name, p := range pipelines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, command := range []string{p.jobs(t)["plan"].shell[0], "jq"} {
				if _, err := exec.LookPath(command); err != nil {
					t.Skipf("needs %s", command)
				}
			}
			api, work := startWorkspace(t, fakeapi.Options{})
			if err := work.Copy(filepath.Join(root, "examples/pipelines", p.dir)); err != nil {
				t.Fatal(err)
			}
			r := newRunner(t, p, work)
			checkPipeline(r, api)
		})
	}
}

func checkPipeline(r *runner, api *fakeapi.Server) {
	const ann, bob, cleo = "16505550123", "447700900123", "US.13491208655302741918"
	mustRun := func(job string) {
		r.Helper()
		if output, err := r.run(job); err != nil {
			r.Fatalf("%s: %v\n%s", job, err, output)
		}
	}
	api.Silent(bob)
	mustRun("merge")
	acctest.CheckList(r.T, "the number", api, ann, cleo)

	// The schedule retries pending users. If someone unblocked a user, it blocks the user again.
	api.Heard(bob)
	api.Remove(ann)
	mustRun("schedule")
	acctest.CheckList(r.T, "the number", api, ann, bob, cleo)

	// The comment shows a removed row and the warning. The schedule does not apply the removal.
	file, err := r.work.Read("blocklist.csv")
	if err != nil {
		r.Fatal(err)
	}
	write(r.T, r.work, "blocklist.csv", strings.Replace(file, "+44 7700 900123,threats\n", "", 1))
	mustRun("plan")
	r.checkComment(r.creates)
	r.setReply(map[string]string{"gh": "7\n", "curl": `[{"id":5,"body":"Fine."},{"id":7,"body":"<!-- blocklist plan -->\nold"}]`}[r.tool])
	mustRun("plan")
	r.checkComment(r.updates)
	if output, err := r.run("schedule"); err == nil || !acctest.Wrapped("This plan unblocks 1 user, and the limit is 0").MatchString(output) {
		r.Errorf("the schedule's error is %v, and it printed:\n%s", err, output)
	}
	acctest.CheckList(r.T, "the number", api, ann, bob, cleo)
	mustRun("merge")
	acctest.CheckList(r.T, "the number", api, ann, cleo)

	// A plan that fails also fails the job.
	write(r.T, r.work, "blocklist.csv", "number\n12\n")
	if _, err := r.run("plan"); err == nil {
		r.Error("the job succeeded although the plan failed")
	}
}

// checkComment checks the last comment, and the arguments of the tool that posted it.
func (r *runner) checkComment(arguments string) {
	r.Helper()
	calls := strings.Split(strings.TrimSpace(read(r.T, r.calls)), "\n")
	if last := calls[len(calls)-1]; !strings.Contains(last, arguments) {
		r.Errorf("the last call is\n%s\nwant\n%s", last, arguments)
	}
	comment, err := r.work.Read("comment.md")
	if err != nil {
		r.Fatal(err)
	}
	for _, text := range []string{"<!-- blocklist plan -->\n```text\n", `- "447700900123"`, "Warning: This plan unblocks users", "Plan: 0 to add, 1 to change, 0 to destroy."} {
		if !strings.Contains(comment, text) {
			r.Errorf("the comment does not say %q:\n%s", text, comment)
		}
	}
	if strings.Contains(comment, fakeapi.DefaultKey) {
		r.Error("the comment contains the key")
	}
}
