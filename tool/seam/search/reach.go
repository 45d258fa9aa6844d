package search

import (
	"math"
	"math/bits"
	"slices"
)

// bitset is a set of small integers.
type bitset []uint64

func (b bitset) add(i int) { b[i/64] |= 1 << (i % 64) }

// absorb adds all of c and reports whether that changed anything.
func (b bitset) absorb(c bitset) (changed bool) {
	for i, w := range c {
		if w&^b[i] != 0 {
			b[i] |= w
			changed = true
		}
	}
	return changed
}

// each calls f with every member, in order.
func (b bitset) each(f func(int)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			f(i*64 + bits.TrailingZeros64(w))
		}
	}
}

// maxSeats bounds how many units are told apart when they are grouped. Of more,
// neighbours in the problem's order share a seat.
const maxSeats = 2048

// seats says how many seats there are and how many units share one.
func (g *graph) seats() (n, stride int) {
	stride = max(1, (len(g.units)+maxSeats-1)/maxSeats)
	return (len(g.units) + stride - 1) / stride, stride
}

// reach finds, for each vertex that costs something, from which seats it is
// used, directly or not. Uses by way of another unit don't count: it is called
// there, not linked.
func (g *graph) reach() []bitset {
	n, stride := g.seats()
	words := (n + 63) / 64
	store := make([]uint64, words*len(g.nodes))
	sets := make([]bitset, len(g.nodes))
	for v := range sets {
		sets[v] = store[v*words : (v+1)*words : (v+1)*words]
	}
	order := g.postorder()
	slices.Reverse(order)
	own := make(bitset, words)
	for changed := true; changed; { // once more for each depth of loops
		changed = false
		for _, v := range order {
			from := sets[v]
			if u := g.unitOf[v]; u >= 0 {
				clear(own)
				own.add(int(u) / stride)
				from = own
			}
			for _, k := range g.out.at(v) {
				if to := g.edges[k].To; !g.free[to] && g.edges[k].Cost > 0 {
					changed = sets[to].absorb(from) || changed
				}
			}
		}
	}
	return sets
}

// postorder lists the vertices that cost something, those they use first where
// there are no loops.
func (g *graph) postorder() []int32 {
	order := make([]int32, 0, len(g.nodes))
	next := slices.Clone(g.out.first)
	seen := make([]bool, len(g.nodes))
	var stack []int32
	for root := range g.nodes {
		if seen[root] || g.free[root] {
			continue
		}
		seen[root] = true
		for stack = append(stack[:0], int32(root)); len(stack) > 0; {
			v := stack[len(stack)-1]
			if next[v] == g.out.first[v+1] {
				order = append(order, v)
				stack = stack[:len(stack)-1]
				continue
			}
			to := g.edges[g.out.edge[next[v]]].To
			next[v]++
			if !seen[to] && !g.free[to] {
				seen[to] = true
				stack = append(stack, to)
			}
		}
	}
	return order
}

// joint is what is used by exactly one set of seats.
type joint struct {
	seats []int32
	pull  float64 // how much it would hurt to part them
	mass  float64
}

// joints gathers the vertices by who uses them, in the order of the first of
// each. A unit that is called is joint to itself and its callers.
func (g *graph) joints(sets []bitset) []joint {
	_, stride := g.seats()
	inCost := make([]float64, len(g.nodes))
	for _, e := range g.edges {
		inCost[e.To] += min(e.Cost, pullMost)
	}
	index := map[string]int{}
	var joints []joint
	key := []byte{}
	for v := range g.nodes {
		if u := g.unitOf[v]; u >= 0 {
			sets[v].add(int(u) / stride)
		}
		key = key[:0]
		for _, w := range sets[v] {
			for i := range 8 {
				key = append(key, byte(w>>(8*i)))
			}
		}
		i, ok := index[string(key)]
		if !ok {
			i = len(joints)
			index[string(key)] = i
			j := joint{}
			sets[v].each(func(s int) { j.seats = append(j.seats, int32(s)) })
			joints = append(joints, j)
		}
		n := g.nodes[v]
		joints[i].mass += n.Mass
		joints[i].pull += math.Min(min(n.Both, pullMost), inCost[v]) + n.Mass/pullLines
	}
	return joints
}
