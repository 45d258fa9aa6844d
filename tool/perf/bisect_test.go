package perf

import (
	"testing"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/bisect"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
)

func slower(c gate.Channel, chance float64) report.Test {
	return report.Test{Channel: c, Verdict: gate.Slower, FalseAlarm: chance}
}

func TestTheSurestSlowdownThatFailsIsBisected(t *testing.T) {
	t.Parallel()
	r := &report.Report{Benchmarks: []report.Benchmark{
		{Package: "p", Name: "BenchmarkA", Procs: 1, Tests: []report.Test{slower(gate.Bytes, 1e-9), slower(gate.CPU, 1e-4)}},
		{Package: "p", Name: "BenchmarkB", Procs: 2, Tests: []report.Test{slower(gate.CPU, 1e-6)}},
		{Package: "p", Name: "BenchmarkC", Procs: 1, Tests: []report.Test{{Channel: gate.CPU, Verdict: gate.Faster, FalseAlarm: 1e-8}}},
	}}
	if got, want := surest(r), (target{"p", "BenchmarkB", 2, gate.CPU}); got == nil || *got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := surest(&report.Report{Benchmarks: r.Benchmarks[2:]}); got != nil {
		t.Errorf("got %+v where nothing is slower", got)
	}
}

func TestAComparisonAnswersWhetherACommitIsSlow(t *testing.T) {
	t.Parallel()
	h := &hunt{of: target{"p", "BenchmarkA/x", 1, gate.CPU}}
	measured := func(v gate.Verdict) *report.Report {
		return &report.Report{Benchmarks: []report.Benchmark{
			{Package: "p", Name: "BenchmarkA/x", Procs: 1, Tests: []report.Test{{Channel: gate.CPU, Verdict: v, Effect: 0.05, Interval: evalue.Interval{Lo: 0.04, Hi: 0.06}, Pairs: 13, ConfirmPairs: 9}}},
		}}
	}
	skipped := func(u report.Unmeasured) *report.Report { return &report.Report{Skipped: []report.Unmeasured{u}} }
	for name, c := range map[string]struct {
		report *report.Report
		want   bisect.Verdict
		why    string
	}{
		"slower":    {measured(gate.Slower), bisect.Slower, ""},
		"faster":    {measured(gate.Faster), bisect.Same, ""},
		"the same":  {measured(gate.Same), bisect.Same, ""},
		"undecided": {measured(gate.Undecided), bisect.Undecided, ""},
		"equal":     {skipped(report.Unmeasured{Package: "p", Name: "BenchmarkA", Why: "no code that it reaches differs", Equal: true}), bisect.Same, "no code that it reaches differs"},
		"new":       {skipped(report.Unmeasured{Package: "p", Name: "BenchmarkA", Why: "new: base has no such benchmark"}), bisect.Broken, "new: base has no such benchmark"},
		"fails":     {&report.Report{Failed: []report.Unmeasured{{Package: "p", Name: "BenchmarkA/x", Why: "BenchmarkA/x panics"}}}, bisect.Broken, "BenchmarkA/x panics"},
		"late":      {&report.Report{Failed: []report.Unmeasured{{Package: "p", Name: "BenchmarkA", Why: errLate.Error()}}}, bisect.Undecided, errLate.Error()},
		"unbuilt":   {&report.Report{Failed: []report.Unmeasured{{Package: "p", Why: "head does not build"}}}, bisect.Broken, "head does not build"},
		"absent":    {skipped(report.Unmeasured{Package: "p", Name: "BenchmarkAB", Equal: true}), bisect.Broken, "it has no such benchmark"},
		"elsewhere": {skipped(report.Unmeasured{Package: "q", Name: "BenchmarkA", Equal: true}), bisect.Broken, "it has no such benchmark"},
	} {
		var step report.Step
		if got := h.verdict(&Result{Report: c.report}, &step); got != c.want || step.Why != c.why {
			t.Errorf("%s: got %s (%s), want %s (%s)", name, got, step.Why, c.want, c.why)
		}
		if len(c.report.Benchmarks) > 0 && (step.Effect != 0.05 || step.Pairs != 22) {
			t.Errorf("%s: the step has no numbers: %+v", name, step)
		}
	}
}
