package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/doctable"
)

// cases are comparisons of public projects.
func (f *findings) cases() doctable.Table {
	var rows [][]string
	for _, r := range f.records {
		if r.kind() != "case" {
			continue
		}
		name := strings.TrimPrefix(r.Task, "case/")
		if r.Failed != "" {
			rows = append(rows, []string{name, r.Expect, fmt.Sprintf("%+.0f %%", 100*r.Effect), "failed: " + r.Failed, "", "", "", "", ""})
			continue
		}
		list := f.of(func(other *record) bool { return other == r })
		if len(list) == 0 {
			rows = append(rows, []string{name, r.Expect, fmt.Sprintf("%+.0f %%", 100*r.Effect), "nothing measured", "", "", "", "", ""})
		}
		for _, o := range list {
			says, verdict := o.says(), string(o.cpu.Verdict)
			mark := "✗"
			if says == r.Expect {
				mark = "✓"
			}
			rows = append(rows, []string{
				name + ": " + strings.TrimPrefix(strings.Join(strings.Fields(o.key)[1:], " "), "Benchmark"), r.Expect, fmt.Sprintf("%+.0f %%", 100*r.Effect),
				says + " " + mark, fmt.Sprintf("%s, %+.1f %% (%+.1f to %+.1f)", verdict, 100*o.cpu.Effect, 100*o.cpu.Interval.Lo, 100*o.cpu.Interval.Hi),
				counted(o), fmt.Sprintf("%d + %d", o.cpu.Pairs, o.cpu.ConfirmPairs), fmt.Sprintf("%.0f", o.bench.Seconds), fmt.Sprintf("%.0f, %.0f", r.Load[0], r.Load[1]),
			})
		}
	}
	return doctable.New(
		"Public projects", "What the gate says over all channels, and the CPU time with its interval of 99 %. *Parent* compares the last good commit with itself. Where *none* is right, no alert is: undecided is none.",
		[]string{"case", "right", "published", "the gate", "CPU time", "allocations", "pairs", "seconds", "load"}, rows,
	)
}

// counted is what the gate says of allocations.
func counted(o outcome) string {
	for _, t := range o.bench.Tests {
		if t.Channel == "allocs" && t.Effect != 0 {
			return fmt.Sprintf("%s, %+.0f", t.Verdict, t.Effect)
		}
	}
	return nothing
}

// caseRules are what usual rules say of the same runs.
func (f *findings) caseRules() doctable.Table {
	var rows [][]string
	for i, r := range rules() {
		var right, wrong share
		var wrongly []string
		for _, o := range f.seenBy(r).of(ofKind("case")) {
			says, ok := rules()[i].judge(o.pairs)
			if !ok {
				continue
			}
			right.add(says == o.of.Expect)
			wrong.add(says != o.of.Expect)
			if says != o.of.Expect {
				wrongly = append(wrongly, strings.TrimPrefix(o.of.Task, "case/")+" "+says)
			}
		}
		if right.n > 0 {
			rows = append(rows, []string{r.name, fmt.Sprintf("%d of %d", right.k, right.n), strings.Join(wrongly, "; ")})
		}
	}
	return doctable.New(
		"Public projects, by usual rules", "Judged on the very runs that the gate made.",
		[]string{"rule", "right", "wrong"}, rows,
	)
}

// recorded are all rules on the runs of the corpus.
func (f *findings) recorded() doctable.Table {
	head := []string{"rule", "unchanged: slower", "unchanged: faster"}
	groups := []func(*record) bool{(*record).unchanged}
	for _, kind := range []string{"plus3", "plus5", "plus10"} {
		groups = append(groups, ofKind(kind))
		head = append(head, "+"+strings.TrimPrefix(kind, "plus")+" %: slower")
	}
	row := func(name string, f *findings, judge func(o outcome) (string, bool)) []string {
		cells := []string{name}
		for i, which := range groups {
			var slow, fast share
			for _, o := range f.of(which) {
				if says, ok := judge(o); ok {
					slow.add(says == slower)
					fast.add(says == faster)
				}
			}
			cells = append(cells, slow.String())
			if i == 0 {
				cells = append(cells, fast.String())
			}
		}
		return cells
	}
	gate := func(o outcome) (string, bool) { return string(o.cpu.Verdict), true }
	rows := [][]string{row("**the gate**", f, gate), row("in turn: **the gate**", f.turned, gate)}
	for _, r := range rules() {
		rows = append(rows, row(r.name, f.seenBy(r), func(o outcome) (string, bool) { return r.judge(o.pairs) }))
	}
	return doctable.New(
		"The gate and usual rules on the same runs", "Runs are those that the gate made, both sides of a pair at once, or *in turn*. For *different times* the base runs of the first ten pairs meet the head runs of the last ten; benchmarks with fewer than twenty pairs are left out there.",
		head, measuredRows(rows),
	)
}

// measuredRows are those with at least one number.
func measuredRows(rows [][]string) [][]string {
	return slices.DeleteFunc(rows, func(row []string) bool {
		return !slices.ContainsFunc(row[1:], func(cell string) bool { return cell != nothing })
	})
}

// resampledGate is the gate on resampled commits.
func (f *findings) resampledGate() doctable.Table {
	var rows [][]string
	for _, part := range f.parts() {
		for _, r := range part.resampled {
			rows = append(rows, []string{
				part.name, fmt.Sprint(r.series), fmt.Sprintf("%+.0f %%", 100*r.effect), r.commits.String(), r.slower.String(), r.faster.String(),
				r.suspected.String(), r.undecided.String(), number0(quantile(r.pairs, 0.5)), number0(quantile(r.pairs, 0.95)),
			})
		}
	}
	return doctable.New(
		"Resampled commits", fmt.Sprintf("Commits of %d benchmarks each, put together from recorded series of unchanged code. That later runs are longer does not show in them.", resampledBenches),
		[]string{"sides", "series", "effect", "commits with an alert", "slower", "faster", "suspected", "undecided", "pairs, median", "pairs, p95"}, rows,
	)
}

// resampledRules are all rules on resampled benchmarks.
func (f *findings) resampledRules() doctable.Table {
	head := []string{"rule"}
	for _, effect := range effects() {
		head = append(head, fmt.Sprintf("%+.0f %%: slower", 100*effect))
	}
	row := func(name string, from *findings, found func(resampled) share) []string {
		cells := []string{name}
		for i := range effects() {
			cell := nothing
			if i < len(from.resampled) && found(from.resampled[i]).n > 0 {
				cell = percent(found(from.resampled[i]).rate()) + " %"
			}
			cells = append(cells, cell)
		}
		return cells
	}
	gate := func(r resampled) share { return r.slower }
	rows := [][]string{row("**the gate**", f, gate), row("in turn: **the gate**", f.turned, gate)}
	for i, rule := range rules() {
		rows = append(rows, row(rule.name, f.seenBy(rule), func(r resampled) share { return r.rules[i] }))
	}
	return doctable.New(
		"Resampled benchmarks, by usual rules", "Those of the table above; of the unchanged ones about as many again are said to be faster.",
		head, measuredRows(rows),
	)
}
