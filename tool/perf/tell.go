package perf

import (
	"bufio"
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/accept"
	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/history"
	"github.com/hemilith/hemilith/tool/perf/report"
)

// describe begins a report: what is compared, and where.
func describe(b *build.Build, cfg Config) *report.Report {
	return &report.Report{
		Base: revision(b.Base), Head: revision(b.Head), Toolchain: b.Toolchain,
		Machine: report.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: processor(), Processors: runtime.NumCPU()},
		Alpha:   cfg.Alpha, Confidence: gate.Confidence, Budget: cfg.Budget.Seconds(), Notes: b.Notes,
	}
}

func revision(r build.Revision) report.Revision {
	return report.Revision{Hash: r.Commit, Subject: r.Subject, Dirty: r.Dirty}
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

// readAccepted reads what the commits say, before anything is measured: what
// cannot be read should not cost minutes.
func (s *session) readAccepted(ctx context.Context) error {
	dir := s.cfg.Dir
	if dir == "" {
		dir = "."
	}
	accepted, refused, err := accept.Read(ctx, dir, s.build.Base.Commit, s.build.Head.Commit)
	for _, r := range refused {
		s.report.Notes = append(s.report.Notes, r.Error())
	}
	s.accepted = accepted
	return err
}

// tell adds what the gate found, and what the commits say of it.
func (s *session) tell(g *gate.Gate) {
	found := map[string][]gate.Result{}
	for _, r := range g.Results() {
		found[r.Bench] = append(found[r.Bench], r)
	}
	for _, b := range s.benches {
		one := report.Benchmark{Package: b.pkg, Name: b.plan.Name, Procs: b.procs, Layouts: b.layouts, Notes: b.plan.Notes}
		if b.at.File != "" {
			one.Declared = &report.Place{Function: b.plan.Name, File: b.at.File, Line: b.at.Line}
		}
		id := accept.Bench{Package: b.pkg, Name: b.plan.Name, Procs: b.procs}
		for _, r := range found[b.key()] {
			t := report.Of(r)
			if len(b.base[r.Channel]) > 0 {
				t.Base, t.Head = evalue.Median(b.base[r.Channel]), evalue.Median(b.head[r.Channel])
			}
			t.Acceptance = acceptance(accept.For(s.accepted, id, r.Channel), r)
			if k, ok := history.Of(id, r, t.Acceptance != nil && t.Acceptance.Covers); ok {
				s.kept = append(s.kept, k)
			}
			one.Seconds = r.Elapsed.Seconds()
			one.Tests = append(one.Tests, t)
		}
		s.report.Benchmarks = append(s.report.Benchmarks, one)
	}
}

// acceptance is what commits accept of one channel, or nil.
func acceptance(g accept.Grant, r gate.Result) *report.Acceptance {
	if len(g.By) == 0 {
		return nil
	}
	a := &report.Acceptance{Bound: g.More, Covers: g.Covers(r)}
	for _, by := range g.By {
		a.Trailers = append(a.Trailers, report.Trailer{Commit: by.Commit, Bound: by.More, Reason: by.Reason})
	}
	return a
}
