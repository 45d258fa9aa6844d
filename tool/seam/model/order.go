package model

import (
	"cmp"
	"math"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/search"
)

// arrange renumbers the problem by the shape of the graph around each node, so
// that nothing which depends on numbers, such as how ties are broken, can lean
// on the names that declarations are sorted by. Nodes of the same shape keep
// their order. Shapes are the colours of Weisfeiler and Leman (1968).
func (b *builder) arrange() {
	const rounds = 4
	colour := make([]uint64, len(b.p.Nodes))
	for at, n := range b.p.Nodes {
		door := uint64(0)
		if n.Door {
			door = 1
		}
		colour[at] = mix(uint64(b.m.thing[at].kind)<<1|door, word(n.Mass), word(n.Both), word(n.Entry))
	}
	for range rounds {
		next := slices.Clone(colour)
		for _, e := range b.p.Edges {
			next[e.From] += mix(colour[e.To], word(e.Cost), 1)
			next[e.To] += mix(colour[e.From], word(e.Cost), 2)
		}
		for at := range next {
			colour[at] = mix(next[at])
		}
	}
	order := make([]int32, len(colour))
	for at := range order {
		order[at] = int32(at)
	}
	slices.SortStableFunc(order, func(x, y int32) int { return cmp.Compare(colour[x], colour[y]) })
	b.renumber(order)
}

// renumber puts the nodes in the given order.
func (b *builder) renumber(order []int32) {
	nodes, things := make([]search.Node, len(order)), make([]thing, len(order))
	at := make([]int32, len(order))
	for i, old := range order {
		nodes[i], things[i], at[old] = b.p.Nodes[old], b.m.thing[old], int32(i)
	}
	b.p.Nodes, b.m.thing = nodes, things
	for i := range b.p.Edges {
		e := &b.p.Edges[i]
		e.From, e.To = at[e.From], at[e.To]
	}
	slices.SortFunc(b.p.Edges, func(x, y search.Edge) int { return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To)) })
	for n, old := range b.m.place {
		if old >= 0 {
			b.m.place[n] = at[old]
		}
	}
}

func word(f float64) uint64 { return math.Float64bits(f) }

// mix hashes numbers to one (Steele, Lea and Flood 2014, SplitMix).
func mix(words ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, w := range words {
		h = (h ^ w) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}
