package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/doctable"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

// targets are those of the design (T1 to T7), and whether they are met.
func (f *findings) targets() doctable.Table {
	var rows [][]string
	add := func(name, target, measured, met string) {
		if met != "" {
			rows = append(rows, []string{name, target, measured, met})
		}
	}
	rate := func(name, target string, s share, limit float64, atMost bool) {
		add(name, target, s.String(), s.meets(limit, atMost))
	}
	commits, benches := f.falseAlarms()
	rate("T1", "at most 1 % of unchanged commits with 100 benchmarks alert", commits, 0.01, true)
	rate("T1", "at most 0.1 % of unchanged benchmarks", benches, 0.001, true)
	for _, r := range f.resampled {
		if r.effect == 0 {
			rate("T1", "at most 1 % of such commits, resampled", r.commits, 0.01, true)
			rate("T1", "at most 0.1 % of such benchmarks, resampled", r.slower, 0.001, true)
		}
	}
	for _, n := range f.busy((*record).corpusEffect) {
		beside := fmt.Sprintf(", %d busy", n)
		rate("T2", "at least 95 % of +3 % found"+beside, f.found("plus3", n), 0.95, false)
		rate("T2", "at least 99.5 % of +5 % found"+beside, f.found("plus5", n), 0.995, false)
		middle, late := f.seconds(n)
		add("T2", "at most 6 s a benchmark, median (m ≤ 10)"+beside, fmt.Sprintf("%.1f s", middle), below(middle, 6))
		add("T2", "at most 15 s, 95th percentile"+beside, fmt.Sprintf("%.1f s", late), below(late, 15))
	}
	more, wrongly := f.counted()
	rate("T3", "one more allocation is always found", more, 1, false)
	rate("T3", "and never where there is none", wrongly, 0, true)
	for _, r := range f.records {
		beside := fmt.Sprintf(", %d busy", r.Busy)
		switch {
		case r.Task == "reached/none" && r.Failed == "":
			add("T4", "none affected: at most 10 s"+beside, fmt.Sprintf("%.1f s", r.Seconds), below(r.Seconds, 10))
		case r.Task == "reached/50" && r.Failed == "":
			add("T4", "50 affected: at most 5 minutes"+beside, fmt.Sprintf("%.1f minutes", r.Seconds/60), below(r.Seconds, 300))
		}
	}
	right, longest := f.blamed()
	rate("T5", "the right one of 64 commits in at least 95 %", right, 0.95, false)
	add("T5", "at most 10 minutes", fmt.Sprintf("%.1f minutes at most", longest/60), below(longest, 600))
	rate("T6", "public projects: all comparisons right", f.publicRight(), 1, false)
	return doctable.New(
		"Targets", "*Shown*: the interval of 95 % lies within the target. *Met here*: what was counted meets it, and is too little to show it. *Open*: what was counted misses it, and is too little to show that.",
		[]string{"", "target", "measured", ""}, rows,
	)
}

// meets compares a share with a limit, with the chance of the count in mind.
func (s share) meets(limit float64, atMost bool) string {
	if s.n == 0 {
		return ""
	}
	low, high := s.interval()
	rate := s.rate()
	if !atMost {
		low, high, rate, limit = 1-high, 1-low, 1-rate, 1-limit
	}
	switch {
	case high <= limit:
		return "shown"
	case rate <= limit:
		return "met here"
	case low > limit:
		return "**missed**"
	}
	return "open"
}

// below compares a time with its limit; NaN is no time.
func below(x, limit float64) string {
	switch {
	case math.IsNaN(x):
		return ""
	case x <= limit:
		return "met here"
	}
	return "**missed**"
}

// falseAlarms are alerts of unchanged code: of whole runs of about a hundred
// benchmarks, and of all benchmarks.
func (f *findings) falseAlarms() (commits, benches share) {
	alert := map[*record]bool{}
	for _, o := range f.of((*record).unchanged) {
		said := o.says()
		wrong := said == slower || said == hungry
		benches.add(wrong)
		alert[o.of] = alert[o.of] || wrong
	}
	for _, r := range f.records {
		if wrong, measured := alert[r]; measured && r.kind() == "unchanged" {
			commits.add(wrong)
		}
	}
	return commits, benches
}

// found is how many of a kind are rightly said to be slower, beside n busy processes.
func (f *findings) found(kind string, n int) (s share) {
	for _, o := range f.of(beside(n, ofKind(kind))) {
		s.add(o.cpu.Verdict == gate.Slower)
	}
	return s
}

// seconds are those of slower benchmarks where there are few tests, beside n busy
// processes.
func (f *findings) seconds(n int) (middle, late float64) {
	var all []float64
	few := func(r *record) bool { return strings.HasPrefix(r.kind(), "plus") && r.Report.M <= ten }
	for _, o := range f.of(beside(n, few)) {
		all = append(all, o.bench.Seconds)
	}
	return quantile(all, 0.5), quantile(all, 0.95)
}

// counted is how often one more allocation is found, and seen where there is none.
func (f *findings) counted() (more, wrongly share) {
	for _, o := range f.of(func(r *record) bool { return r.kind() == "alloc" || r.unchanged() }) {
		for _, t := range o.bench.Tests {
			switch {
			case t.Channel != gate.Allocs:
			case o.of.kind() == "alloc":
				more.add(t.Verdict == gate.Slower)
			default:
				wrongly.add(t.Verdict == gate.Slower)
			}
		}
	}
	return more, wrongly
}

// blamed is how many bisections end at the planted commit, and how long the
// longest took, in seconds.
func (f *findings) blamed() (right share, longest float64) {
	var all []float64
	for _, r := range f.records {
		if r.Bisect != nil {
			right.add(r.Bisect.Found == r.Bisect.Planted)
			all = append(all, r.Seconds)
		}
	}
	return right, quantile(all, 1)
}

// publicRight is how many comparisons of public projects are judged rightly, for
// each number of processors.
func (f *findings) publicRight() (s share) {
	for _, r := range f.records {
		if r.kind() != "case" {
			continue
		}
		list := f.of(func(other *record) bool { return other == r })
		s.add(len(list) > 0 && !slices.ContainsFunc(list, func(o outcome) bool { return o.says() != r.Expect }))
	}
	return s
}
