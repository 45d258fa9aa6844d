package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/doctable"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

func (f *findings) tables() []doctable.Table {
	return []doctable.Table{f.targets(), f.runs(), f.noise(), f.alarms(), f.power(), f.allocations(), f.reached(), f.bisections(), f.cases(), f.caseRules(),
		f.recorded(), f.resampledGate(), f.resampledRules()}
}

// kinds are the kinds of records, in the order in which they first appear.
func (f *findings) kinds(which func(*record) bool) []string {
	var list []string
	for _, r := range f.records {
		if which(r) && !slices.Contains(list, r.kind()) {
			list = append(list, r.kind())
		}
	}
	slices.Sort(list)
	return list
}

func ofKind(kind string) func(*record) bool {
	return func(r *record) bool { return r.kind() == kind }
}

// busy are the different numbers of processes that were kept busy beside some records,
// in order.
func (f *findings) busy(which func(*record) bool) []int {
	var list []int
	for _, r := range f.records {
		if which(r) {
			list = append(list, r.Busy)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// beside are those of some records that n processes were kept busy beside.
func beside(n int, which func(*record) bool) func(*record) bool {
	return func(r *record) bool { return r.Busy == n && which(r) }
}

// runs says what was measured, and on what.
func (f *findings) runs() doctable.Table {
	var rows [][]string
	machine := ""
	for _, part := range f.parts() {
		for _, kind := range part.kinds(func(*record) bool { return true }) {
			rows = append(rows, part.runsOf(kind))
		}
		for _, r := range part.records {
			if r.Report != nil && machine == "" {
				machine = fmt.Sprintf(" It has %d processors (%s), and %s.", r.Report.Machine.Processors, r.Report.Machine.CPU, r.Report.Toolchain)
			}
		}
	}
	return doctable.New(
		"What was measured", "The sides of a pair run at once, as the gate does it, or in turn, for rules that read wall time. Benchmarks count once for each run and number of processors. Busy are the processes that the command itself keeps busy beside; load is the load average of the machine, before and after each run."+machine,
		[]string{"kind", "sides", "runs", "failed", "benchmarks", "pairs", "minutes", "busy", "load"}, rows,
	)
}

// runsOf is the row of a kind.
func (p part) runsOf(kind string) []string {
	n, failed, seconds, pairs, busy := 0, 0, 0.0, 0, []int{}
	low, high := math.Inf(1), 0.0
	for _, r := range p.records {
		if r.kind() != kind {
			continue
		}
		n++
		seconds += r.Seconds
		pairs += len(r.Runs) / 2
		busy = append(busy, r.Busy)
		low, high = min(low, r.Load[0], r.Load[1]), max(high, r.Load[0], r.Load[1])
		if r.Failed != "" {
			failed++
		}
	}
	return []string{
		kind, p.name, fmt.Sprint(n), fmt.Sprint(failed), fmt.Sprint(len(p.of(ofKind(kind)))), fmt.Sprint(pairs),
		fmt.Sprintf("%.0f", seconds/60), fmt.Sprintf("%d–%d", slices.Min(busy), slices.Max(busy)), fmt.Sprintf("%.0f–%.0f", low, high),
	}
}

// noise is how far apart the two runs of a pair are where nothing changed.
func (f *findings) noise() doctable.Table {
	var rows [][]string
	for _, clock := range []struct {
		name string
		from *findings
		of   func(measured) float64
	}{{"CPU time", f, cpuTime}, {"CPU time, in turn", f.turned, cpuTime}, {"wall time, in turn", f.turned, wallTime}} {
		var d []float64
		for _, o := range clock.from.of((*record).unchanged) {
			for _, p := range o.pairs {
				d = append(d, math.Abs(clock.of(p.head)/clock.of(p.base)-1))
			}
		}
		if len(d) > 0 {
			rows = append(rows, []string{
				clock.name, fmt.Sprint(len(d)), percent(quantile(d, 0.5)) + " %", percent(quantile(d, 0.9)) + " %", percent(quantile(d, 0.99)) + " %",
			})
		}
	}
	return doctable.New(
		"Noise", "How far head is from base in one pair, where nothing changed.",
		[]string{"clock", "pairs", "half within", "90 % within", "99 % within"}, rows,
	)
}

// alarms are what is said of benchmarks that did not change.
func (f *findings) alarms() doctable.Table {
	var rows [][]string
	var slow, fast, suspected, undecided share
	for _, r := range f.records {
		list := f.of(func(other *record) bool { return other == r })
		if !r.unchanged() || len(list) == 0 {
			continue
		}
		var slowHere, fastHere, suspectedHere, undecidedHere share
		for _, o := range list {
			said := o.says()
			slowHere.add(said == slower || said == hungry)
			fastHere.add(said == faster)
			suspectedHere.add(o.cpu.Suspect != "")
			undecidedHere.add(o.cpu.Verdict == gate.Undecided)
		}
		for _, sum := range []struct{ all, here *share }{{&slow, &slowHere}, {&fast, &fastHere}, {&suspected, &suspectedHere}, {&undecided, &undecidedHere}} {
			sum.all.k += sum.here.k
			sum.all.n += sum.here.n
		}
		rows = append(rows, []string{
			r.Task, fmt.Sprint(len(list)), fmt.Sprint(r.Report.M), fmt.Sprint(slowHere.k), fmt.Sprint(fastHere.k),
			fmt.Sprint(suspectedHere.k), fmt.Sprint(undecidedHere.k), fmt.Sprintf("%.0f", r.Seconds/60), fmt.Sprint(r.Busy), fmt.Sprintf("%.0f, %.0f", r.Load[0], r.Load[1]),
		})
	}
	if len(rows) > 0 {
		rows = append(rows, []string{
			"**all**", "", "", slow.String(), fast.String(), suspected.String(), undecided.String(), "", "", "",
		})
	}
	return doctable.New(
		"Unchanged benchmarks", "*Unchanged* compares a commit with itself; *bias* a commit with one whose machine code differs and costs the same. Slower is what would be an alert. Suspected and undecided are of CPU time; not all that is suspected is confirmed.",
		[]string{"run", "benchmarks", "m", "slower", "faster", "suspected", "undecided", "minutes", "busy", "load"}, rows,
	)
}

// power is what is found of what is slower by a known amount.
func (f *findings) power() doctable.Table {
	kinds := f.kinds((*record).corpusEffect)
	effect := func(kind string) float64 { return f.of(ofKind(kind))[0].of.Effect }
	kinds = slices.DeleteFunc(kinds, func(kind string) bool { return len(f.of(ofKind(kind))) == 0 })
	slices.SortFunc(kinds, func(a, b string) int { return cmp.Compare(effect(a), effect(b)) })
	var rows [][]string
	for _, kind := range kinds {
		for _, n := range f.busy(ofKind(kind)) {
			for _, few := range []bool{true, false} {
				list := f.of(beside(n, func(r *record) bool { return r.kind() == kind && (r.Report.M <= ten) == few }))
				if len(list) > 0 {
					rows = append(rows, powerRow(list, few))
				}
			}
		}
	}
	return doctable.New(
		"Benchmarks that do more or less work", "Found is the right verdict on CPU time; *not confirmed* were rightly suspected, and that is all. Seconds are those of a benchmark's pairs, with all that is linked and copied for them. Held is how often the interval of 99 % holds the true effect. Busy are the processes beside.",
		[]string{"effect", "busy", "m", "found", "not confirmed", "undecided", "said to be the same", "wrong way", "pairs, median", "seconds, median", "seconds, p95", "held"}, rows,
	)
}

func powerRow(list []outcome, few bool) []string {
	var found, unconfirmed, undecided, same, wrong, held share
	var pairs, seconds []float64
	effect := list[0].of.Effect
	right, other := gate.Slower, gate.Faster
	if effect < 0 {
		right, other = other, right
	}
	for _, o := range list {
		v := o.cpu.Verdict
		found.add(v == right)
		unconfirmed.add(v != right && o.cpu.Suspect == right)
		undecided.add(v == gate.Undecided)
		same.add(v == gate.Same)
		wrong.add(v == other)
		held.add(o.cpu.Interval.Lo <= effect && effect <= o.cpu.Interval.Hi)
		pairs, seconds = append(pairs, float64(o.cpu.Pairs+o.cpu.ConfirmPairs)), append(seconds, o.bench.Seconds)
	}
	m := "≤ 10"
	if !few {
		m = "> 10"
	}
	return []string{
		fmt.Sprintf("%+.0f %%", 100*effect), fmt.Sprint(list[0].of.Busy), m, "**" + found.String() + "**", fmt.Sprint(unconfirmed.k), undecided.String(), fmt.Sprint(same.k), fmt.Sprint(wrong.k),
		number0(quantile(pairs, 0.5)), fmt.Sprintf("%.1f", quantile(seconds, 0.5)), fmt.Sprintf("%.1f", quantile(seconds, 0.95)), held.String(),
	}
}

// allocations are found by counting.
func (f *findings) allocations() doctable.Table {
	var rows [][]string
	for _, kind := range f.kinds(func(r *record) bool { return strings.HasPrefix(r.Task, "alloc/") || r.unchanged() || r.corpusEffect() }) {
		var said, exact share
		for _, o := range f.of(ofKind(kind)) {
			for _, t := range o.bench.Tests {
				if t.Channel == gate.Allocs {
					said.add(t.Verdict == gate.Slower)
					exact.add(t.Exact)
				}
			}
		}
		if said.n > 0 && (kind == "alloc" || !strings.HasPrefix(kind, "plus") && !strings.HasPrefix(kind, "minus")) {
			rows = append(rows, []string{kind, said.String(), exact.String()})
		}
	}
	return doctable.New(
		"One more allocation", "*Alloc* is one more allocation an operation; in the others there is none more.",
		[]string{"kind", "said to allocate more", "counted exactly"}, rows,
	)
}

// reached is how long commits take that reach some benchmarks or none.
func (f *findings) reached() doctable.Table {
	var rows [][]string
	for _, r := range f.records {
		if r.kind() != "reached" || r.Report == nil {
			continue
		}
		names := map[string]bool{}
		var undecided, said share
		for _, o := range f.of(func(other *record) bool { return other == r }) {
			names[o.bench.Package+" "+o.bench.Name] = true
			undecided.add(o.cpu.Verdict == gate.Undecided)
			said.add(o.says() == slower)
		}
		rows = append(rows, []string{
			r.Task, fmt.Sprint(len(names)), fmt.Sprint(len(r.Report.Skipped)), fmt.Sprint(len(r.Runs) / 2), fmt.Sprintf("%.0f s", r.Seconds),
			said.String(), fmt.Sprint(undecided.k), fmt.Sprint(r.Busy), fmt.Sprintf("%.0f, %.0f", r.Load[0], r.Load[1]),
		})
	}
	return doctable.New(
		"How long a commit takes", "Both sides were built before. *50* changes the machine code of a third of the benchmarks and costs nothing; in *50+5* they are slower by 5 %.",
		[]string{"commit", "benchmarks that it reaches", "skipped", "pairs", "time", "slower", "undecided", "busy", "load"}, rows,
	)
}

// bisections are the searches for planted commits.
func (f *findings) bisections() doctable.Table {
	var rows [][]string
	var right share
	for _, r := range f.records {
		if r.Bisect == nil {
			continue
		}
		right.add(r.Bisect.Found == r.Bisect.Planted)
		rows = append(rows, []string{
			r.Task, fmt.Sprint(r.Bisect.Planted), fmt.Sprint(r.Bisect.Found), r.Bisect.Said,
			fmt.Sprintf("%.1f", r.Seconds/60), fmt.Sprint(r.Busy), fmt.Sprintf("%.0f, %.0f", r.Load[0], r.Load[1]),
		})
	}
	if len(rows) > 0 {
		rows = append(rows, []string{"**all**, right: " + right.String(), "", "", "", "", "", ""})
	}
	return doctable.New(
		"The commit to blame", fmt.Sprintf("Histories of %d commits, each with other machine code, slower by 10 %% from a random one on.", commits),
		[]string{"history", "planted", "found", "said", "minutes", "busy", "load"}, rows,
	)
}
