package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// watchEvery is how often processes are looked at. What one holds in its last
// moments before it ends is missed.
const watchEvery = 25 * time.Millisecond

// watchPeak watches all processes of an executable, until the returned function
// is called, which tells the most memory in bytes that one of them held. That
// is 0 on systems without Linux's /proc. The CLI starts the processes, and
// several of them, so that no one here can wait for them and be told.
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

// peakOf is the most memory in bytes that a process of exe held so far, among
// those that proc shows.
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
		// Processes of others cannot be read, and any may end meanwhile.
		if target, err := os.Readlink(filepath.Join(proc, entry.Name(), "exe")); err == nil && target == exe {
			peak = max(peak, highWater(filepath.Join(proc, entry.Name(), "status")))
		}
	}
	return peak
}

// highWater reads the peak resident memory in bytes from a process's status, 0
// if it is not there.
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
