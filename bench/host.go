package main

import (
	"bufio"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// host says where and with what a run was made.
type host struct {
	Command  string            `json:"command"`
	Date     string            `json:"date"`
	Go       string            `json:"go"`
	OS       string            `json:"os"`
	CPU      string            `json:"cpu"`
	CPUs     int               `json:"cpus"`
	GOGC     string            `json:"gogc"`
	Before   string            `json:"load_before"` // load average
	After    string            `json:"load_after"`
	Versions map[string]string `json:"versions"`
}

func newHost(args []string, now time.Time) host {
	return host{
		Command: strings.Join(append([]string{"go run ./bench"}, args...), " "),
		Date:    now.UTC().Format(time.DateTime) + " UTC",
		Go:      runtime.Version(), OS: runtime.GOOS + "/" + runtime.GOARCH,
		CPU: processor(), CPUs: runtime.NumCPU(), GOGC: gogc,
		Before: load(), Versions: versions(),
	}
}

// processor names the CPU where the system says it.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown CPU"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// load returns the load averages of 1, 5 and 15 minutes where the system says
// them.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(b))
	if err != nil || len(fields) < 3 {
		return "unknown"
	}
	return strings.Join(fields[:3], " ")
}

// versions are those of the systems that Hemilith is compared with.
func versions() map[string]string {
	found := make(map[string]string)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return found
	}
	for _, m := range info.Deps {
		switch m.Path {
		case "google.golang.org/grpc", "connectrpc.com/connect", "google.golang.org/protobuf":
			found[m.Path] = m.Version
		}
	}
	return found
}
