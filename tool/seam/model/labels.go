package model

import (
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// half is a set of halves.
type half uint8

const (
	inA    half = 1 << iota
	inB         // the other
	inBoth = inA | inB
)

func halfOf(l search.Label) half {
	switch l {
	case search.A:
		return inA
	case search.B:
		return inB
	}
	return inBoth
}

func (h half) label() search.Label {
	switch h {
	case inA:
		return search.A
	case inB:
		return search.B
	}
	return search.Both
}

var sides = [...]string{search.A: "a", search.B: "b", search.Both: "both"}

// labeling is where each declaration is under one cut.
type labeling struct {
	in     []half // by node, never 0
	wiring []bool // runs at start, and is main or needs things of both halves
}

// Labels gives each declaration its half, by its id as in report.Seam.Assign.
// What the problem places is where cut has it; other code is where it is used,
// wiring and what both use in both; what nothing uses is where most of its
// package is. cut must be of m's problem.
func (m *Model) Labels(cut search.Cut) map[string]search.Label {
	l := m.assign(cut)
	out := make(map[string]search.Label, len(m.nodes))
	for n := range int32(len(m.nodes)) {
		if !m.nodes[n].lit {
			out[m.id(n)] = l.in[n].label()
		}
	}
	return out
}

// assign labels all nodes.
func (m *Model) assign(cut search.Cut) labeling {
	l := labeling{in: make([]half, len(m.nodes)), wiring: make([]bool, len(m.nodes))}
	var placed []int32
	for n := range int32(len(m.nodes)) {
		if at := m.place[n]; at >= 0 {
			l.in[n] = halfOf(cut.Label[at])
			placed = append(placed, n)
		}
	}
	for at, t := range m.thing {
		if t.kind == thingMemory {
			l.in[t.at] |= halfOf(cut.Label[at])
			placed = append(placed, t.at)
		}
	}
	m.spread(&l, placed)
	started := m.starts(&l)
	m.spread(&l, started)
	m.spread(&l, m.settleRest(&l))
	m.wire(&l)
	return l
}

// spread gives what has no place of its own, and is not startup, to those that
// use it, beginning at from.
func (m *Model) spread(l *labeling, from []int32) {
	queue := from
	give := func(n int32, h half) {
		if m.place[n] < 0 && l.in[n]|h != l.in[n] {
			l.in[n] |= h
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 { // each node enters at most three times, once for each half
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range m.out(n) {
			if m.nodes[e.to].role != startup || !m.nodes[e.to].isFunc() {
				give(e.to, l.in[n])
			}
			if e.via >= 0 {
				give(m.vias[e.via].node, l.in[n])
			}
		}
		if r := m.nodes[n].recv; r >= 0 {
			give(r, l.in[n])
		}
	}
}

// starts places what runs only at start: a constructor goes with the type that
// it makes, other code with what it starts. It returns them.
func (m *Model) starts(l *labeling) []int32 {
	needs := make([][]int32, len(m.nodes)) // by node: the startup code that goes with it
	var placed, queue []int32
	for n := range int32(len(m.nodes)) {
		nd := &m.nodes[n]
		if nd.role != startup || l.in[n] != 0 || !nd.isFunc() && !nd.isVar() {
			if l.in[n] != 0 {
				queue = append(queue, n)
			}
			continue
		}
		placed = append(placed, n)
		for _, to := range m.follows(l, n) {
			needs[to] = append(needs[to], n)
		}
	}
	fresh := make(map[int32]bool, len(placed))
	for _, n := range placed {
		fresh[n] = true
	}
	for len(queue) > 0 { // each node enters at most three times, once for each half
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, up := range needs[n] {
			if l.in[up]|l.in[n] != l.in[up] {
				l.in[up] |= l.in[n]
				queue = append(queue, up)
			}
		}
	}
	var done []int32
	for _, n := range placed {
		if m.isMain(n) {
			l.in[n] = inBoth
		}
		if l.in[n] != 0 {
			done = append(done, n)
		}
	}
	return done
}

// wire finds where a cut is bound: main, and startup code that uses what its half
// lacks, or starts things of both halves.
func (m *Model) wire(l *labeling) {
	for n := range int32(len(m.nodes)) {
		nd := &m.nodes[n]
		if nd.role != startup || !nd.isFunc() || nd.lit || replicable(nd.grade) && !m.isMain(n) {
			continue
		}
		l.wiring[n] = m.isMain(n) || slices.ContainsFunc(m.out(n), func(e edge) bool {
			return uses(e.kind) && !replicable(m.nodes[e.to].grade) && m.nodes[e.to].isFunc() && l.in[n]&^l.in[e.to] != 0
		})
	}
}

// follows lists what decides the place of startup code: the types of its own
// package with state that it makes, else what it registers and uses.
func (m *Model) follows(l *labeling, n int32) []int32 {
	var made, used []int32
	for _, e := range m.out(n) {
		to := &m.nodes[e.to]
		switch {
		case e.kind == facts.Construct && to.pkg == m.nodes[n].pkg && l.in[e.to] != 0 && m.hasWork(e.to):
			made = append(made, e.to)
		case uses(e.kind) && (m.place[e.to] >= 0 || to.role == startup):
			used = append(used, e.to)
		case e.kind == facts.Construct && m.hasWork(e.to):
			used = append(used, e.to)
		}
	}
	if len(made) > 0 {
		return made
	}
	for _, e := range m.entries {
		if e.at == n {
			used = append(used, e.node)
		}
	}
	return used
}

// hasWork reports whether a type has a method with a place of its own.
func (m *Model) hasWork(t int32) bool { return m.working[t] }

// settleRest places what nothing that has a place uses: where most of the
// stateful lines of its package are, else most of all its lines. It returns what
// it placed.
func (m *Model) settleRest(l *labeling) []int32 {
	var placed []int32
	for n := range int32(len(m.nodes)) {
		if l.in[n] != 0 {
			continue
		}
		placed = append(placed, n)
		if r := m.nodes[n].recv; r >= 0 {
			l.in[n] = l.in[r] // a method that nothing uses stays with its type
		}
	}
	for p := range m.pkgs {
		var lines [inBoth + 1]int
		for _, n := range m.pkgs[p].decls {
			weight := m.nodes[n].decl.Lines
			if m.place[n] >= 0 {
				weight *= len(m.pkgs[p].decls) + 1
			}
			lines[l.in[n]] += weight
		}
		most := inBoth
		switch {
		case lines[inA] == 0 && lines[inB] == 0:
		case lines[inA] >= lines[inB] && lines[inA] >= lines[inBoth]:
			most = inA
		case lines[inB] >= lines[inBoth]:
			most = inB
		}
		for _, n := range m.pkgs[p].decls {
			if l.in[n] == 0 {
				l.in[n] = most
			}
		}
	}
	for n := range m.nodes {
		if m.nodes[n].lit && l.in[n] == 0 {
			l.in[n] = inBoth
		}
	}
	return placed
}
