package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// watchEvery is how often to read the memory of processes. The peak of a process may be missed
// if it is just before the process ends.
const watchEvery = 25 * time.Millisecond

// watchPeak watches all processes of an executable. stop returns the highest memory use of one of
// them in bytes, or 0 on systems without Linux's /proc. It reads /proc because the CLI starts these
// processes, so bench cannot wait for them.
func watchPeak(exe string) (stop func() uint64) {
	if resolved, err := filepath.EvalSymlinks(exe); err == nil {
		exe = resolved
	}
	ended, result := make(chan struct{}), make(chan uint64)
	go func() {
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		var peak uint64
		for {
			select {
			case <-tick.C:
				peak = max(peak, peakOf("/proc", exe))
			case <-ended:
				result <- peak
				return
			}
		}
	}()
	return func() uint64 {
		close(ended)
		return <-result
	}
}

// peakOf is the highest memory use in bytes of a process of exe until now.
func peakOf(proc, exe string) uint64 {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return 0
	}
	var peak uint64
	for _, entry := range entries {
		if name := entry.Name(); name[0] < '0' || name[0] > '9' {
			continue
		}
		// The processes of other users cannot be read, and any process may end at any time.
		if target, err := os.Readlink(filepath.Join(proc, entry.Name(), "exe")); err == nil && target == exe {
			peak = max(peak, highWater(filepath.Join(proc, entry.Name(), "status")))
		}
	}
	return peak
}

// highWater is the peak resident memory in bytes from a process's status, or 0.
func highWater(status string) uint64 {
	f, err := os.Open(status)
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kibibytes, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return kibibytes << 10
		}
	}
	return 0
}
