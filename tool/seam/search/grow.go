package search

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// bonds is the graph without directions: how much it would hurt to part two
// vertices. What is cheap to copy binds its users little, and each the less, the
// more there are.
type bonds struct {
	first, to []int32
	weight    []float64
	all       []float64 // by vertex: the sum of its bonds
}

func newBonds(g *graph) *bonds {
	users := make([]float64, len(g.nodes))
	for _, e := range g.edges {
		users[e.To]++
	}
	b := &bonds{first: make([]int32, len(g.nodes)+1), all: make([]float64, len(g.nodes))}
	edges := make([]Edge, 0, len(g.edges))
	for _, e := range g.edges {
		e.Cost = min(e.Cost, 2*g.nodes[e.To].Both/users[e.To], pullMost)
		if e.Cost > 0 && !g.free[e.From] {
			edges = append(edges, e)
			b.first[e.From+1]++
			b.first[e.To+1]++
		}
	}
	for v := range g.nodes {
		b.first[v+1] += b.first[v]
	}
	b.to, b.weight = make([]int32, 2*len(edges)), make([]float64, 2*len(edges))
	next := slices.Clone(b.first)
	add := func(from, to int32, w float64) {
		b.to[next[from]], b.weight[next[from]] = to, w
		next[from]++
		b.all[from] += w
	}
	for _, e := range edges {
		add(e.From, e.To, e.Cost)
		add(e.To, e.From, e.Cost)
	}
	return b
}

const (
	// steps is how far a walk goes, and stay the chance that it begins anew at
	// each step.
	steps = 16
	stay  = 0.1
)

// walk is where one is who sets out from the seeds and goes on at random along
// bonds, now and then beginning anew: a personal page rank (Page et al., 1999).
func (b *bonds) walk(seeds []int32) []float64 {
	at, next := make([]float64, len(b.all)), make([]float64, len(b.all))
	for _, v := range seeds {
		at[v] = 1 / float64(len(seeds))
	}
	for range steps {
		clear(next)
		for v, x := range at {
			if x == 0 || b.all[v] == 0 {
				continue
			}
			x *= (1 - stay) / b.all[v]
			for k := b.first[v]; k < b.first[v+1]; k++ {
				next[b.to[k]] += x * b.weight[k]
			}
		}
		for _, v := range seeds {
			next[v] += stay / float64(len(seeds))
		}
		at, next = next, at
	}
	return at
}

// grow divides all vertices around two groups of units: by to which of two walks
// they are nearer, where the line between is drawn at the best score that the
// bonds show (a sweep cut, as by Andersen, Chung and Lang, 2006).
func (f *field) grow(rng *rand.Rand) []Label {
	a := f.pick(rng, -1)
	b := f.pick(rng, a)
	x, y := f.bonds.walk(f.seeds(a, rng)), f.bonds.walk(f.seeds(b, rng))
	order := make([]int32, 0, len(x))
	lean := make([]float64, len(x))
	const tiny = 1e-12
	for v := range lean {
		if !f.g.free[v] {
			lean[v] = math.Log((x[v] + tiny) / (y[v] + tiny))
			order = append(order, int32(v))
		}
	}
	slices.SortFunc(order, func(v, w int32) int { return cmp.Or(cmp.Compare(lean[w], lean[v]), cmp.Compare(v, w)) })
	return f.sweep(order, max(f.floor, 0.4*rng.Float64()))
}

// seeds are the vertices of some of the units of a group.
func (f *field) seeds(group int, rng *rand.Rand) []int32 {
	if group < 0 {
		return nil
	}
	units := f.groups[group]
	u := f.g.units[units[rng.IntN(len(units))]]
	return u.a
}

// sweep takes vertices into A, in order, up to where the score is best, and
// leaves the others in B.
func (f *field) sweep(order []int32, floor float64) []Label {
	g := f.g
	at := make([]Label, len(g.nodes))
	var mass, entry [2]float64
	for v, n := range g.nodes {
		at[v] = B
		mass[B] += n.Mass
		entry[B] += n.Entry
	}
	allMass, allEntry := mass[B], entry[B]
	cut, best, until := 0.0, math.Inf(1), 0
	for i, v := range order {
		for k := f.bonds.first[v]; k < f.bonds.first[v+1]; k++ {
			if at[f.bonds.to[k]] == A {
				cut -= f.bonds.weight[k]
			} else {
				cut += f.bonds.weight[k]
			}
		}
		at[v] = A
		mass[A] += g.nodes[v].Mass
		entry[A] += g.nodes[v].Entry
		mass[B], entry[B] = allMass-mass[A], allEntry-entry[A]
		least := min(share(min(mass[A], mass[B]), allMass), share(min(entry[A], entry[B]), allEntry))
		score := Score(cut, balance(mass[A], mass[B], entry[A], entry[B]))
		if least < floor {
			score *= 1e6
		}
		if score < best {
			best, until = score, i+1
		}
	}
	for _, v := range order[until:] {
		at[v] = B
	}
	return at
}
