//go:build linux

package crash_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/d360/terraform-provider-d360/internal/workspace"
)

// cliRun is a running CLI, with the provider in a process group of its own.
type cliRun struct {
	t    *testing.T
	work *workspace.Workspace
	ctx  context.Context
	cmd  *exec.Cmd
	// ended is closed once the CLI has ended, with err, and the test has read all its output.
	ended chan struct{}
	err   error
	// log has the provider's log, nil if the test does not read it. stopped is closed once the
	// log says that Terraform told the provider to stop.
	log     *logPipe
	stopped chan struct{}

	mu      sync.Mutex
	printed bytes.Buffer
	// more is closed and replaced whenever the CLI prints.
	more chan struct{}
}

// logPipe is a pipe that is read until all writers have closed it.
type logPipe struct {
	writer *os.File
	read   chan struct{}
}

// newCLIRun prepares a run. A run that takes too long is killed.
func newCLIRun(t *testing.T, work *workspace.Workspace, args ...string) *cliRun {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), longestRun, errors.New("the run takes too long"))
	t.Cleanup(cancel)
	r := &cliRun{
		t: t, work: work, ctx: ctx, cmd: work.Command(ctx, append(args, "-no-color")...),
		ended: make(chan struct{}), stopped: make(chan struct{}), more: make(chan struct{}),
	}
	r.cmd.Stdout, r.cmd.Stderr = r, r
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r.cmd.Cancel = func() error { return r.signal(syscall.SIGKILL) }
	return r
}

// watchStop makes the provider log its calls, because only the log shows that it got an
// interrupt.
func (r *cliRun) watchStop() {
	r.t.Helper()
	log, writer, err := os.Pipe()
	if err != nil {
		r.t.Fatal(err)
	}
	r.log = &logPipe{writer: writer, read: make(chan struct{})}
	r.cmd.ExtraFiles = []*os.File{writer}
	r.cmd.Env = append(r.cmd.Env, "TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH=/dev/fd/3")
	go func() {
		defer close(r.log.read)
		defer log.Close()
		stopped := sync.OnceFunc(func() { close(r.stopped) })
		lines := bufio.NewReader(log)
		for {
			line, err := lines.ReadString('\n')
			if strings.Contains(line, "Served request") && strings.Contains(line, "tf_rpc=StopProvider") {
				stopped()
			}
			if err != nil {
				return
			}
		}
	}()
}

func (r *cliRun) start() {
	r.t.Helper()
	err := r.cmd.Start()
	if r.log != nil {
		r.log.writer.Close()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		r.err = r.cmd.Wait()
		if r.ctx.Err() != nil {
			r.err = context.Cause(r.ctx)
		}
		if r.log != nil {
			<-r.log.read
		}
	}()
}

// signal sends a signal to the CLI and the provider, as a terminal does.
func (r *cliRun) signal(s syscall.Signal) error { return syscall.Kill(-r.cmd.Process.Pid, s) }

// Write records the output of the CLI.
func (r *cliRun) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.more)
	r.more = make(chan struct{})
	return r.printed.Write(p)
}

func (r *cliRun) output() (printed string, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.printed.String(), r.more
}

// await waits for an event before the end of the run.
func (r *cliRun) await(what string, happened <-chan struct{}) {
	r.t.Helper()
	select {
	case <-happened:
		return
	case <-r.ended:
	}
	select {
	case <-happened:
	default:
		printed, _ := r.output()
		r.t.Fatalf("%v ended (%v) before %s:\n%s", r.cmd.Args, r.err, what, printed)
	}
}

// awaitText waits until the CLI has printed a text.
func (r *cliRun) awaitText(text string) {
	r.t.Helper()
	for {
		printed, more := r.output()
		if strings.Contains(printed, text) {
			return
		}
		r.await("it printed "+strconv.Quote(text), more)
	}
}

// wait waits for the CLI to end, and returns its status and output. The status is -1 after
// a signal.
func (r *cliRun) wait() (status int, printed string) {
	r.t.Helper()
	<-r.ended
	printed, _ = r.output()
	var exit *exec.ExitError
	if r.err != nil && !errors.As(r.err, &exit) {
		r.t.Fatalf("%v: %v\n%s", r.cmd.Args, r.err, printed)
	}
	return r.cmd.ProcessState.ExitCode(), printed
}

// provider finds the provider's process. It returns the process and not its ID, because
// another process may get the ID.
func (r *cliRun) provider() *os.Process {
	r.t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		r.t.Fatal(err)
	}
	for _, stat := range stats {
		content, err := os.ReadFile(stat)
		if err != nil {
			continue // The process has ended.
		}
		// The name of the process, which may contain any characters, ends with the last ")".
		state, rest, _ := strings.Cut(strings.TrimSpace(string(content[bytes.LastIndexByte(content, ')')+1:])), " ")
		parent, _, _ := strings.Cut(rest, " ")
		if state == "Z" || parent != strconv.Itoa(r.cmd.Process.Pid) {
			continue
		}
		dir := filepath.Dir(stat)
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			r.t.Fatal(err)
		}
		process, err := os.FindProcess(pid)
		if err != nil {
			continue
		}
		if binary, err := os.Readlink(filepath.Join(dir, "exe")); err == nil && filepath.Base(binary) == filepath.Base(r.work.Provider) {
			return process
		}
	}
	r.t.Fatal("the provider has no process")
	return nil
}
