package perf

import (
	"bufio"
	"os"
	"runtime"
	"strings"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
)

// describe begins a report: what is compared, and where.
func describe(b *build.Build, cfg Config) *report.Report {
	alpha := cfg.Alpha
	if alpha == 0 {
		alpha = 0.01
	}
	return &report.Report{
		Base: revision(b.Base), Head: revision(b.Head), Toolchain: b.Toolchain,
		Machine: report.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: processor(), Processors: runtime.NumCPU()},
		Alpha:   alpha, Confidence: gate.Confidence, Budget: cfg.Budget.Seconds(), Notes: b.Notes,
	}
}

func revision(r build.Revision) report.Revision {
	return report.Revision{Hash: r.Commit, Dirty: r.Dirty}
}

// processor is the model of the processor, "" if that is not known.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// tell adds what the gate found.
func (s *session) tell(g *gate.Gate) {
	found := map[string][]gate.Result{}
	for _, r := range g.Results() {
		found[r.Bench] = append(found[r.Bench], r)
	}
	for _, b := range s.benches {
		one := report.Benchmark{Package: b.pkg, Name: b.plan.Name, Procs: b.procs, Layouts: b.layouts, Notes: b.plan.Notes}
		for _, r := range found[b.key()] {
			t := report.Of(r)
			if len(b.base[r.Channel]) > 0 {
				t.Base, t.Head = evalue.Median(b.base[r.Channel]), evalue.Median(b.head[r.Channel])
			}
			one.Seconds = r.Elapsed.Seconds()
			one.Tests = append(one.Tests, t)
		}
		s.report.Benchmarks = append(s.report.Benchmarks, one)
	}
}
