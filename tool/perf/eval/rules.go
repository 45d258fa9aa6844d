package main

import (
	"slices"

	"golang.org/x/perf/benchmath"

	"github.com/hemilith/hemilith/tool/evalue"
)

// rule is a usual way to compare two lists of times.
type rule struct {
	name string
	says func(base, head []float64) string // slower, faster or none
	of   func(m measured) float64
	// apart compares the base runs of the beginning with the head runs of the end,
	// as if one side had been run after the other.
	apart bool
	// inTurn rules judge runs whose sides ran in turn: where they run at once, the wall
	// time of each holds the other's.
	inTurn bool
	// most is how many pairs it looks at; 0 is all that the gate used.
	most int
}

func cpuTime(m measured) float64  { return m.cpu }
func wallTime(m measured) float64 { return m.wall }

// ten is how many runs of a side people usually make.
const ten = 10

// nothing is in the cells of what was not measured.
const nothing = "–"

// rules are what the gate is compared with.
func rules() []rule {
	return []rule{
		{"rank test, 10 pairs, CPU time", rankTest, cpuTime, false, false, ten},
		{"rank test, as many pairs as the gate, CPU time", rankTest, cpuTime, false, false, 0},
		{"medians of 10 pairs, 10 %, CPU time", tenPercent, cpuTime, false, false, ten},
		{"one run each, 10 %, CPU time", tenPercent, cpuTime, false, false, 1},
		{"rank test, 10 and 10 runs at different times, CPU time", rankTest, cpuTime, true, false, ten},
		{"medians of 10 runs at different times, 10 %, CPU time", tenPercent, cpuTime, true, false, ten},
		{"in turn: rank test, 10 pairs, CPU time", rankTest, cpuTime, false, true, ten},
		{"in turn: rank test, as many pairs as the gate, CPU time", rankTest, cpuTime, false, true, 0},
		{"in turn: rank test, 10 pairs, wall time", rankTest, wallTime, false, true, ten},
		{"in turn: rank test, as many pairs as the gate, wall time", rankTest, wallTime, false, true, 0},
		{"in turn: rank test, 10 and 10 runs at different times, CPU time", rankTest, cpuTime, true, true, ten},
		{"in turn: rank test, 10 and 10 runs at different times, wall time", rankTest, wallTime, true, true, ten},
		{"in turn: medians of 10 pairs, 10 %, wall time", tenPercent, wallTime, false, true, ten},
		{"in turn: medians of 10 runs at different times, 10 %, wall time", tenPercent, wallTime, true, true, ten},
		{"in turn: one run each, 10 %, wall time", tenPercent, wallTime, false, true, 1},
		{"in turn: one run each at different times, 10 %, wall time", tenPercent, wallTime, true, true, 1},
	}
}

// judge says what a rule makes of the pairs of one benchmark. There may be too
// few of them: a rule about runs at different times needs twice as many.
func (r *rule) judge(pairs []pair) (says string, ok bool) {
	n := len(pairs)
	if r.most > 0 {
		n = min(n, r.most)
	}
	first, second := pairs[:n], pairs[:n]
	if r.apart {
		if 2*n > len(pairs) {
			return "", false
		}
		second = pairs[len(pairs)-n:]
	}
	if n == 0 || n < r.most {
		return "", false
	}
	var base, head []float64
	for i := range n {
		base, head = append(base, r.of(first[i].base)), append(head, r.of(second[i].head))
	}
	return r.says(base, head), true
}

// rankTest is what benchstat does: a Mann-Whitney test at 0.05, and the medians
// tell the direction.
func rankTest(base, head []float64) string {
	t := benchmath.DefaultThresholds
	b, h := benchmath.NewSample(slices.Clone(base), &t), benchmath.NewSample(slices.Clone(head), &t)
	c := benchmath.AssumeNothing.Compare(b, h)
	if c.P > c.Alpha {
		return none
	}
	return direction(evalue.Median(base), evalue.Median(head), 1)
}

// tenPercent is the usual threshold, on medians.
func tenPercent(base, head []float64) string {
	const limit = 1.10
	return direction(evalue.Median(base), evalue.Median(head), limit)
}

// direction tells whether head is above base by a factor, or below it by one.
func direction(base, head, factor float64) string {
	switch {
	case head > base*factor:
		return slower
	case base > head*factor:
		return faster
	}
	return none
}
