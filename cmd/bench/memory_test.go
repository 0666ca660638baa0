package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPeakOf(t *testing.T) {
	proc := t.TempDir()
	process := func(pid, exe, status string) {
		t.Helper()
		dir := filepath.Join(proc, pid)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(exe, filepath.Join(dir, "exe")); err != nil {
			t.Skip("no symbolic links here:", err)
		}
		if err := os.WriteFile(filepath.Join(dir, "status"), []byte(status), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	process("1", "/sbin/init", "Name:\tinit\nVmHWM:\t   90000 kB\n")
	process("20", "/mirror/provider", "Name:\tprovider\nVmPeak:\t 1240000 kB\nVmHWM:\t    1024 kB\nVmRSS:\t     512 kB\n")
	process("21", "/mirror/provider", "VmHWM:\t    2048 kB\n")
	process("22", "/mirror/provider", "State:\tZ (zombie)\n")
	process("23", "/mirror/provider", "VmHWM:\t much\n")
	process("self", "/mirror/provider", "VmHWM:\t    9999 kB\n")
	if err := os.Mkdir(filepath.Join(proc, "24"), 0o755); err != nil {
		t.Fatal(err)
	}

	if got := peakOf(proc, "/mirror/provider"); got != 2<<20 {
		t.Errorf("the peak is %d bytes, want %d", got, 2<<20)
	}
	if got := peakOf(filepath.Join(proc, "none"), "/mirror/provider"); got != 0 {
		t.Errorf("the peak is %d bytes where there is no /proc, want 0", got)
	}
}
