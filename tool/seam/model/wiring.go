package model

import (
	"math"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/search"
)

// addWiring adds what keeps together the entry points that one startup function
// starts, itself or through others: a function whose entry points are in both
// halves has to be divided into roles. What starts all of them is divided in
// any case.
func (b *builder) addWiring() {
	starts, all := b.started()
	seen := map[string]bool{}
	for f := range int32(len(b.m.nodes)) {
		entries := starts[f]
		if len(entries) < 2 || len(entries) == all {
			continue
		}
		key := keyOf(entries)
		if seen[key] {
			continue // it only passes on what another starts
		}
		seen[key] = true
		at := b.node(thing{thingWiring, f}, search.Node{Both: costWiring * math.Sqrt(float64(len(entries)))})
		for _, e := range entries {
			b.edge(e, at, never)
		}
	}
}

// started lists, by startup function, the problem's nodes of the entry points
// that it starts, and counts all entry points.
func (b *builder) started() (map[int32][]int32, int) {
	m := b.m
	starts := map[int32][]int32{}
	all := 0
	seen := make([]int32, len(m.nodes)) // the last entry point that was traced through a node
	for i := range m.entries {
		e := &m.entries[i]
		if e.homeless {
			continue
		}
		all++
		mark := int32(i + 1)
		queue := []int32{e.node}
		if e.at != e.node { // to call it is not to start it
			queue[0] = e.at
			if m.starter(e.at) {
				seen[e.at] = mark
				starts[e.at] = append(starts[e.at], m.place[e.node])
			}
		}
		for len(queue) > 0 { // each node enters once
			n := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			for _, j := range m.in[n] {
				from := m.edges[j].from
				if seen[from] == mark || !m.binds(&m.edges[j]) || !m.starter(from) {
					continue
				}
				seen[from] = mark
				queue = append(queue, from)
				starts[from] = append(starts[from], m.place[e.node])
			}
		}
	}
	for f := range starts {
		slices.Sort(starts[f])
		starts[f] = slices.Compact(starts[f])
	}
	return starts, all
}

// starter reports whether a declaration is a function that runs only at start.
func (m *Model) starter(n int32) bool {
	return m.starting(n) && m.nodes[n].isFunc() && !m.isMain(n)
}

func keyOf(list []int32) string {
	key := make([]byte, 0, 4*len(list))
	for _, n := range list {
		key = append(key, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
	return string(key)
}
