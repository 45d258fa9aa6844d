package perf

import (
	"errors"
	"io/fs"
	"slices"
	"syscall"
	"testing"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/accept"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/history"
	"github.com/hemilith/hemilith/tool/perf/report"
	"github.com/hemilith/hemilith/tool/perf/run"
)

// told is a session that has measured benchmarks, all with these tests.
func told(tests ...[]report.Test) *session {
	s := &session{report: &report.Report{}}
	for i, list := range tests {
		name := "Benchmark" + string(rune('A'+i))
		s.benches = append(s.benches, &bench{procs: 1})
		s.report.Benchmarks = append(s.report.Benchmarks, report.Benchmark{Package: "p", Name: name, Procs: 1, Tests: list})
	}
	return s
}

func TestTheSurestSlowdownsAreExplained(t *testing.T) {
	t.Parallel()
	same := report.Test{Channel: gate.CPU, Verdict: gate.Same}
	s := told(
		[]report.Test{slower(gate.CPU, 1e-4), slower(gate.Allocs, 1e-9)},
		[]report.Test{same, slower(gate.Bytes, 1e-8)},
		[]report.Test{slower(gate.Wall, 1e-9)}, // no profile says where time is waited
		[]report.Test{slower(gate.CPU, 1e-6)},
		[]report.Test{slower(gate.CPU, 1e-7)},
	)
	s.report.Benchmarks[4].Name = "BenchmarkD" // with other processors
	var got []string
	for _, f := range s.findings() {
		got = append(got, s.report.Benchmarks[f.index].Name+" "+string(f.test.Channel))
	}
	if want := []string{"BenchmarkB bytes", "BenchmarkD cpu", "BenchmarkA cpu"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSlowBenchmarksAreCountedBeforeUndecidedOnes(t *testing.T) {
	t.Parallel()
	open := []report.Test{{Channel: gate.CPU, Verdict: gate.Undecided}}
	same := []report.Test{{Channel: gate.CPU, Verdict: gate.Same}, {Channel: gate.Bytes, Verdict: gate.Undecided}}
	slow := []report.Test{slower(gate.CPU, 1e-4)}
	s := told(open, same, slow, open, open, open, slow)
	s.benches[6].procs = 2
	if got, want := s.counted(), []int{2, 0, 3, 4, 5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestATrendIsSlowerByAllRunsTogetherOnly(t *testing.T) {
	t.Parallel()
	id := accept.Bench{Package: "p", Name: "BenchmarkA", Procs: 1}
	line := history.Line{Bench: id, Channel: gate.CPU, Points: []history.Point{
		{Commit: history.Commit{Hash: "1", Subject: "one"}, Effect: 0.01, Verdict: gate.Same},
		{Commit: history.Commit{Hash: "2", Subject: "two"}, Effect: 0.02, Verdict: gate.Slower, Accepted: true},
	}}
	got := trend(line, "v1", nil)
	if got.Verdict != gate.Undecided || got.FalseAlarm != 1 || got.Release != "v1" || !got.Accepted || len(got.Points) != 2 || got.Points[1].Subject != "two" {
		t.Errorf("without a finding: got %+v", got)
	}
	got = trend(line, "v1", []history.Finding{
		{Bench: id, Channel: gate.Wall, Log: evalue.Of(1e9)},
		{Bench: id, Channel: gate.CPU, Log: evalue.Of(1e6), From: "1"},
	})
	if got.Verdict != gate.Slower || got.FalseAlarm > 2e-6 || got.Since != "1" || got.Accepted {
		t.Errorf("with a finding: got %+v", got)
	}
}

func TestReleasesAreNamedByWhatStaysTheirs(t *testing.T) {
	t.Parallel()
	v := report.Revision{Hash: "0123456789abcdef"}
	for given, want := range map[string]string{"v1.4.0": "v1.4.0", "": "0123456", "HEAD": "0123456", "HEAD~3": "0123456", "main@{1}": "0123456", "v1^": "0123456"} {
		if got := releaseName(given, v); got != want {
			t.Errorf("%q: got %s, want %s", given, got, want)
		}
	}
}

func TestBenchmarksThatSkipThemselvesDidNotFail(t *testing.T) {
	t.Parallel()
	s := told()
	s.failed("p", "BenchmarkA", &run.Failure{Bench: "BenchmarkA", Kind: run.Skips, Detail: "needs a database"})
	s.failed("p", "BenchmarkB", &run.Failure{Bench: "BenchmarkB", Kind: run.Panics})
	ofHead := &run.SideError{Side: "head", Err: &run.Failure{Bench: "BenchmarkC", Kind: run.Skips}}
	s.failed("p", "BenchmarkC", ofHead) // base runs it: nothing is known of head
	if r := s.report; len(r.Skipped) != 1 || r.Skipped[0].Name != "BenchmarkA" || len(r.Failed) != 2 || r.Failed[0].Name != "BenchmarkB" ||
		r.Failed[1].Why != "head: BenchmarkC skips itself" {
		t.Errorf("got skipped %+v, failed %+v", r.Skipped, r.Failed)
	}
}

func TestWhatFailsAtTheEndTakesNoAnswerAway(t *testing.T) {
	t.Parallel()
	away := &fs.PathError{Op: "mkdir", Path: "x", Err: syscall.ENOSPC}
	found := &Result{Problems: errors.New("not recorded")}
	if err := end(found, nil, away); err != nil || found.Problems.Error() != "not recorded\nmkdir x: no space left on device" {
		t.Errorf("got %v, and the problems %v", err, found.Problems)
	}
	err := end(nil, nil, away)
	want := "mkdir x: no space left on device\n(perf writes below HEMILITH_CACHE, and the go command below GOCACHE: move one to another disk)"
	if err == nil || err.Error() != want || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := end(nil, nil, nil); err != nil {
		t.Error(err)
	}
}

func TestSlowerBenchmarksOfFewOperationsAreLookedAtFirst(t *testing.T) {
	t.Parallel()
	faster := []report.Test{{Channel: gate.CPU, Verdict: gate.Faster}}
	slow := []report.Test{slower(gate.CPU, 1e-4)}
	s := told(faster, slow, slow, []report.Test{slower(gate.Allocs, 1e-4)}, slow, slow)
	for i, n := range []int{2, 15, 16, 2, 1, 3} {
		s.benches[i].plan = run.Plan{Name: s.report.Benchmarks[i].Name, N: n}
	}
	s.benches[5].plan.Name = s.benches[1].plan.Name // with two processors
	if got, want := s.differing(), []int{1, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
