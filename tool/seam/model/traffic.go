package model

import (
	"math"
	"path"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/search"
)

// Calls says how often one function of the program was seen to call another while
// it served. Names are declarations as in reports; "main.Name" is in the main
// package that reaches most. Rate is in calls per request; or, of samples, the
// share of them that were taken in such a call.
type Calls struct {
	From, To string
	Rate     float64
}

// What real calls add. A reference that is used once in each request costs twice
// what it takes to edit it, since it is also paid for with each request; ten
// times as often is about three times more. The bound keeps the busiest call
// that can be remote as it is below one that is blocked: what cannot be done
// stays dearer than what is slow.
const maxBusy = 8.0

// busy is how many times more a reference costs to cross since requests use it.
func busy(rate float64) float64 { return min(maxBusy, 1+math.Log2(1+max(0, rate))) }

// traffic is what was recorded of references.
type traffic struct {
	rate  map[[2]int32]float64 // by the nodes that a reference joins
	added []added
}

// added is what traffic adds to the cost of a reference if it crosses.
type added struct {
	from, to int32 // declarations, since the problem's numbers are not final yet
	cost     float64
}

// addTraffic makes references dearer that requests use. It comes last, so that
// what it adds is known.
func (b *builder) addTraffic() {
	m := b.m
	if len(m.cfg.Traffic) == 0 {
		return
	}
	m.traffic.rate = m.rates()
	for i := range m.edges {
		e := &m.edges[i]
		key := [2]int32{m.place[e.from], m.place[e.to]}
		rate := m.rate(e)
		if rate <= 0 || key[0] < 0 || key[1] < 0 || !uses(e.kind) {
			continue
		}
		if before := b.edges[key]; !math.IsInf(before, 1) {
			b.edge(key[0], key[1], m.crossCost(e)*busy(rate))
			m.traffic.added = append(m.traffic.added, added{e.from, e.to, b.edges[key] - before})
		}
	}
}

// rate is how often requests use a reference.
func (m *Model) rate(e *edge) float64 { return m.traffic.rate[[2]int32{e.from, e.to}] }

// Weighs reports whether any recorded call is over a reference of the program.
func (m *Model) Weighs() bool { return len(m.traffic.added) > 0 }

// Busy is the part of a cut's cost that is there because requests use what
// crosses; 0 without traffic. cut must be of m's problem.
func (m *Model) Busy(cut search.Cut) float64 {
	all := 0.0
	for _, a := range m.traffic.added {
		if halfOf(cut.Label[m.place[a.from]])&^halfOf(cut.Label[m.place[a.to]]) != 0 {
			all += a.cost
		}
	}
	return all
}

// rates adds up the recorded calls by reference. A call between functions that
// do not refer to each other runs through others that were not recorded: it
// counts for each of the shortest ways through these.
func (m *Model) rates() map[[2]int32]float64 {
	rate := map[[2]int32]float64{}
	byID, mains := m.functions(), path.Join(m.module, m.Main())
	find := func(name string) []int32 {
		if rest, ok := strings.CutPrefix(name, "main."); ok {
			name = mains + "." + rest
		}
		return byID[name]
	}
	w := &walk{Model: m, recorded: make([]bool, len(m.nodes)), depth: make([]int, len(m.nodes))}
	for _, c := range m.cfg.Traffic {
		for _, name := range []string{c.From, c.To} {
			for _, n := range find(name) {
				w.recorded[n] = true
			}
		}
	}
	for _, c := range m.cfg.Traffic {
		if c.Rate > 0 {
			w.ways(find(c.From), find(c.To), func(from, to int32) { rate[[2]int32{from, to}] += c.Rate })
		}
	}
	return rate
}

// functions are the nodes of functions by id; function literals that serve as
// entry points go by the function around them.
func (m *Model) functions() map[string][]int32 {
	byID := map[string][]int32{}
	for n := range int32(len(m.nodes)) {
		if m.nodes[n].isFunc() {
			byID[m.id(n)] = append(byID[m.id(n)], n)
		}
	}
	return byID
}

// walk finds ways between functions.
type walk struct {
	*Model
	recorded []bool
	depth    []int // by node: steps from where the walk begins, plus 1; 0 is not reached
	reached  []int32
}

// ways yields the references, each once, of all shortest ways from one of some
// functions to one of others, through functions that were not recorded.
func (w *walk) ways(from, to []int32, yield func(from, to int32)) {
	goal := w.search(from, to)
	back := slices.DeleteFunc(slices.Clone(to), func(n int32) bool { return goal == 0 || w.depth[n] != goal })
	for at := goal - 1; at > 0; at-- { // one step nearer to the beginning each time
		var before []int32
		for _, n := range back {
			last := int32(-1)
			for _, i := range w.in[n] {
				e := &w.edges[i]
				if w.depth[e.from] != at || !uses(e.kind) || e.from == last || at > 1 && w.recorded[e.from] {
					continue
				}
				last = e.from // edges are sorted by from
				yield(e.from, n)
				before = append(before, e.from)
			}
		}
		slices.Sort(before)
		back = slices.Compact(before)
	}
	for _, n := range w.reached {
		w.depth[n] = 0
	}
	w.reached = w.reached[:0]
}

// search goes on from some functions until one of others is reached, and returns
// the depth of these; 0 if none is.
func (w *walk) search(from, to []int32) int {
	const maxDepth = 6 // calls in one recorded call: more are too many ways to tell from which it was
	reach := func(n int32, depth int) {
		if w.depth[n] == 0 {
			w.depth[n] = depth
			w.reached = append(w.reached, n)
		}
	}
	for _, n := range from {
		reach(n, 1)
	}
	at := 0
	for depth := 1; depth <= maxDepth; depth++ {
		for end := len(w.reached); at < end; at++ {
			n := w.reached[at]
			if depth > 1 && w.recorded[n] {
				continue
			}
			for _, e := range w.out(n) {
				if uses(e.kind) && w.nodes[e.to].isFunc() {
					reach(e.to, depth+1)
				}
			}
		}
		if slices.ContainsFunc(to, func(n int32) bool { return w.depth[n] == depth+1 }) {
			return depth + 1
		}
	}
	return 0
}
