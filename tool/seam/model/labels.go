package model

import (
	"math/bits"
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
	works  []bool // types whose methods work on the state of their values
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

// assign labels all nodes, those with the best evidence first; what is labeled
// by then stays as it is.
func (m *Model) assign(cut search.Cut) labeling {
	l := labeling{in: make([]half, len(m.nodes)), works: make([]bool, len(m.nodes)), wiring: make([]bool, len(m.nodes))}
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
			l.works[t.at] = true
			placed = append(placed, t.at)
		}
	}
	m.spread(&l, placed, func(n int32) bool { return m.nodes[n].role != startup || !m.nodes[n].isFunc() })
	registers := m.registers(&l)
	m.starts(&l, registers)
	m.fill(&l, m.rest(&l))
	m.attend(&l, registers)
	m.wire(&l)
	return l
}

// attend brings what costs nothing to have to all that work with it, however
// these got their label, and startup code to the startup code that calls it,
// unless that is there to be divided.
func (m *Model) attend(l *labeling, registers []half) {
	users := func(r role) (list []int32) {
		for n := range int32(len(m.nodes)) {
			if m.nodes[n].role == r && !m.isMain(n) && registers[n] != inBoth {
				list = append(list, n)
			}
		}
		return list
	}
	m.spread(l, users(work), func(n int32) bool {
		return registers[n] == 0 && (m.nodes[n].role == work || m.nodes[n].isType())
	})
	m.spread(l, users(startup), func(n int32) bool {
		return registers[n] == 0 && m.nodes[n].role == startup && m.nodes[n].isFunc()
	})
}

// spread gives what has no place of its own to all that use it, beginning at
// from; to is what may be given.
func (m *Model) spread(l *labeling, from []int32, to func(int32) bool) {
	queue := from
	give := func(n int32, h half) {
		if m.place[n] < 0 && l.in[n]|h != l.in[n] && to(n) {
			l.in[n] |= h
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 { // each node enters at most three times, once for each half
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range m.out(n) {
			if l.works[e.to] && m.nodes[n].isType() {
				continue // to have a field for it is not to have it
			}
			give(e.to, l.in[n])
			if e.via >= 0 {
				give(m.vias[e.via].node, l.in[n])
			}
		}
		if r := m.nodes[n].recv; r >= 0 {
			give(r, l.in[n])
		}
	}
}

// fill spreads to what has no label yet.
func (m *Model) fill(l *labeling, from []int32) {
	open := make([]bool, len(m.nodes))
	for n := range m.nodes {
		open[n] = l.in[n] == 0
	}
	m.spread(l, from, func(n int32) bool { return open[n] })
}

// starts places what runs only at start: with the entry points that it
// registers; a constructor with the type that it makes; other code with who uses
// it, and if nobody who has a place does, with what it uses.
func (m *Model) starts(l *labeling, registers []half) {
	var one, all []int32
	place := func(n int32, h half) {
		if h == 0 || l.in[n] != 0 {
			return
		}
		l.in[n] = h
		all = append(all, n)
		if h != inBoth {
			one = append(one, n)
		}
	}
	for n := range int32(len(m.nodes)) {
		if m.isMain(n) {
			place(n, inBoth)
		} else if m.starting(n) {
			place(n, registers[n])
		}
	}
	for n := range int32(len(m.nodes)) {
		if !m.starting(n) {
			continue
		}
		place(n, m.made(l, n))
		if r := m.nodes[n].recv; r >= 0 && m.working[r] {
			place(n, l.in[r])
		}
	}
	m.fill(l, one)
	m.fill(l, all)
	m.fill(l, m.uses(l))
	m.share(l, registers)
}

// share gives what startup code makes or hands on to the halves of that code, too,
// if it is in one alone and can be had for little. Code that starts entry points
// of both halves is divided, and so says nothing.
func (m *Model) share(l *labeling, registers []half) {
	held := m.held(l)
	var given []int32
	give := func(n int32, h half) {
		if m.place[n] >= 0 && !held[n] && l.in[n]|h != l.in[n] {
			l.in[n] |= h
			given = append(given, n)
		}
	}
	for n := range int32(len(m.nodes)) {
		if h := l.in[n]; m.starting(n) && !m.isMain(n) && registers[n] != inBoth {
			m.hands(n, func(to int32) { give(to, h) })
		}
	}
	for at := 0; at < len(given); at++ { // each node is given at most one half
		n := given[at]
		for _, e := range m.out(n) {
			if uses(e.kind) {
				give(e.to, l.in[n])
			}
		}
	}
	m.spread(l, given, func(n int32) bool { return m.nodes[n].role != startup || !m.nodes[n].isFunc() })
}

// hands yields the placed code that startup code calls, passes on, or has in the
// values that it makes.
func (m *Model) hands(n int32, yield func(int32)) {
	for _, e := range m.out(n) {
		switch {
		case m.binds(&e):
			yield(e.to)
		case e.kind == facts.Construct:
			for _, method := range m.uncalled[e.to] {
				yield(method)
			}
		}
	}
}

// held marks placed code that cannot be had in another half for little: it uses
// tables or variables, loops, or is an entry point, itself or in what it uses.
// The memory of values does not hold it: who makes them at start has its own.
func (m *Model) held(l *labeling) []bool {
	held := make([]bool, len(m.nodes))
	var queue []int32
	hold := func(n int32) {
		if !held[n] {
			held[n] = true
			queue = append(queue, n)
		}
	}
	for i := range m.problem.Edges {
		e := &m.problem.Edges[i]
		from, to := m.thing[e.From], m.thing[e.To]
		table := to.kind == thingWritten || to.kind == thingUsed
		if from.kind == thingCode && table && l.in[from.at] != inBoth {
			hold(from.at)
		}
	}
	for at, t := range m.thing {
		if n := &m.problem.Nodes[at]; t.kind == thingCode && (n.Entry > 0 || n.Both > costLoop) && l.in[t.at] != inBoth {
			hold(t.at)
		}
	}
	for len(queue) > 0 { // each node enters once
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, i := range m.in[n] {
			if e := &m.edges[i]; uses(e.kind) && m.place[e.from] >= 0 {
				hold(e.from)
			}
		}
	}
	return held
}

// starting reports whether a node is code that runs only at start.
func (m *Model) starting(n int32) bool {
	nd := &m.nodes[n]
	return nd.role == startup && (nd.isFunc() || nd.isVar())
}

// minorShare is the part of the entry points that startup code registers in one
// half, below which it belongs to the other: those which come along with a
// server, such as for its health, are no reason to have it in both.
const minorShare = 0.1

// registers says of each node in which halves the entry points are that it
// registers, itself or in what it uses.
func (m *Model) registers(l *labeling) []half {
	const word = 64
	counts := make([][2]float64, len(m.nodes))
	mask := make([]uint64, len(m.nodes))
	for from := 0; from < len(m.entries); from += word {
		clear(mask)
		var side [word]int
		var queue []int32
		for i, e := range m.entries[from:min(from+word, len(m.entries))] {
			switch {
			case e.homeless:
				continue
			case l.in[e.node] == inB:
				side[i] = 1
			}
			mask[e.at] |= 1 << i
			queue = append(queue, e.at)
		}
		m.climb(mask, queue)
		for n, w := range mask {
			for ; w != 0; w &= w - 1 {
				i := bits.TrailingZeros64(w)
				counts[n][side[i]] += 1 / float64(max(1, m.entries[from+i].programs))
			}
		}
	}
	out := make([]half, len(m.nodes))
	for n, c := range counts {
		switch a, b := c[0], c[1]; {
		case a+b == 0:
		case b < minorShare*(a+b):
			out[n] = inA
		case a < minorShare*(a+b):
			out[n] = inB
		default:
			out[n] = inBoth
		}
	}
	return out
}

// climb gives the bits of startup code to the startup code that uses it.
func (m *Model) climb(mask []uint64, queue []int32) {
	for len(queue) > 0 { // a node enters once for each change of its 64 bits
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, i := range m.in[n] {
			e := &m.edges[i]
			if m.binds(e) && m.starting(e.from) && mask[e.from]|mask[n] != mask[e.from] {
				mask[e.from] |= mask[n]
				queue = append(queue, e.from)
			}
		}
	}
}

// binds reports whether a use says that user and used are of one process.
func (m *Model) binds(e *edge) bool {
	const maxFan = 4
	return uses(e.kind) && e.fan <= maxFan && !(e.via >= 0 && m.remote[m.vias[e.via].node])
}

// uses places startup code that is still without a label with the code in one
// half that it uses, and returns it.
func (m *Model) uses(l *labeling) []int32 {
	evidence := make([]half, len(m.nodes))
	var queue, placed []int32
	for n := range int32(len(m.nodes)) {
		if l.in[n] == inA || l.in[n] == inB {
			evidence[n] = l.in[n]
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 { // each node enters at most three times, once for each half
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, i := range m.in[n] {
			e := &m.edges[i]
			if up := e.from; l.in[up] == 0 && m.starting(up) && m.binds(e) && evidence[up]|evidence[n] != evidence[up] {
				evidence[up] |= evidence[n]
				queue = append(queue, up)
			}
		}
	}
	for n := range int32(len(m.nodes)) {
		if l.in[n] == 0 && evidence[n] != 0 {
			l.in[n] = evidence[n]
			placed = append(placed, n)
		}
	}
	return placed
}

// made says where the types with state are that startup code of their package
// makes; 0 if it makes none.
func (m *Model) made(l *labeling, n int32) half {
	var in half
	for _, e := range m.out(n) {
		if e.kind == facts.Construct && m.nodes[e.to].pkg == m.nodes[n].pkg && m.working[e.to] {
			in |= l.in[e.to]
		}
	}
	return in
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

// rest places what nothing that has a label uses: methods with their type, other
// code where most of the code of its package is that has a place, else where
// most of all its code is. It returns what it placed.
func (m *Model) rest(l *labeling) []int32 {
	var placed []int32
	for n := range int32(len(m.nodes)) {
		if l.in[n] != 0 {
			continue
		}
		placed = append(placed, n)
		if r := m.nodes[n].recv; r >= 0 {
			l.in[n] = l.in[r]
		}
	}
	for p := range m.pkgs {
		most := m.mostly(l, p)
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

// mostly says where most of a package is.
func (m *Model) mostly(l *labeling, p int) half {
	var placed, all [inBoth + 1]int
	for _, n := range m.pkgs[p].decls {
		lines := m.nodes[n].decl.Lines
		all[l.in[n]] += lines
		if m.place[n] >= 0 {
			placed[l.in[n]] += lines
		}
	}
	for _, lines := range [...][inBoth + 1]int{placed, all} {
		switch a, b, both := lines[inA], lines[inB], lines[inBoth]; {
		case a+b+both == 0:
			continue
		case a >= b && a >= both:
			return inA
		case b >= both:
			return inB
		}
		return inBoth
	}
	return inBoth
}
