package report

import (
	"math"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

// bisected is a report of a bisection of 24 commits.
func bisected() *Report {
	hash := func(c string) Revision { return Revision{Hash: strings.Repeat(c, 40), Subject: "change " + c} }
	none := evalue.Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}
	r := sample(1)
	r.Bisection = &Bisection{
		Package: "example.com/shop/pricing", Name: "BenchmarkQuote", Procs: 1, Channel: gate.CPU, Commits: 24,
		First: hash("e"), Last: hash("e"), Probability: 0.998, Why: "found", Skipped: []string{hash("d").Hash},
		Steps: []Step{
			{Number: 12, Commit: hash("9"), Against: hash("7"), Base: true, Verdict: "same", Why: "no code that it reaches differs", Interval: none, Seconds: 1.4},
			{Number: 18, Commit: hash("b"), Against: hash("7"), Base: true, Verdict: "slower", Effect: 0.057, Interval: evalue.Interval{Lo: 0.045, Hi: 0.069}, Pairs: 35, Seconds: 20.6},
			{Number: 15, Commit: hash("d"), Against: hash("7"), Base: true, Verdict: "broken", Why: "head dddddddddddd does not build:\n\tx.go:1:1: syntax error", Interval: none, Seconds: 2},
			{Number: 16, Commit: hash("f"), Against: hash("7"), Base: true, Verdict: "same", Effect: 0.002, Interval: evalue.Interval{Lo: -0.006, Hi: 0.009}, Pairs: 14, Seconds: 9},
			{Number: 17, Commit: hash("e"), Against: hash("f"), Verdict: "slower", Effect: 0.06, Interval: evalue.Interval{Lo: 0.051, Hi: 0.066}, Pairs: 30, Seconds: 15.8},
		},
	}
	r.Complete()
	return r
}

func TestABisectionTellsTheCommitAndEachStep(t *testing.T) {
	t.Parallel()
	golden(t, "bisection.txt", text(t, bisected(), false))
	golden(t, "bisection.html", htmlOf(t, bisected()))
}

func TestABisectionThatFindsNoCommitTellsTheRange(t *testing.T) {
	t.Parallel()
	b := bisected().Bisection
	b.First, b.Why, b.Probability = Revision{Hash: strings.Repeat("d", 40)}, "do not build", 0.991
	want := "BenchmarkQuote needs more CPU since one of the commits from ddddddd to eeeeeee (change e) (99.1 % sure): do not build; by 5 comparisons among 24 commits"
	if got := b.Answer(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	b.First, b.Why = b.Last, "undecided"
	want = "eeeeeee (change e) is the commit since which BenchmarkQuote needs more CPU (not sure: undecided), by 5 comparisons among 24 commits"
	if got := b.Answer(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestChartsOfBisectionsAreInTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	svg := bisected().Bisection.Chart()
	f, b := strings.Index(svg, "fffffff change f"), strings.Index(svg, "bbbbbbb change b")
	if f < 0 || b < f || strings.Contains(svg, "change e") || strings.Count(svg, "<circle") != 2 {
		t.Errorf("got %s, want f and then b, which were compared with base", svg)
	}
}
