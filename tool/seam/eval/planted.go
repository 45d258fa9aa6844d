package main

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/judge"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// planting is a seam that is there by construction: two programs that know
// nothing of each other, with random glue between them.
type planting struct {
	A, B string
	// Glue is the number of edges between the two, as a share of their own.
	Glue float64
	Seed uint64
	// Purity is that of the cut that was found, against the two programs.
	Purity float64
	// Ratio and Stability are those of the search.
	Ratio, Stability float64
	// Refused is true if a test of the stop rule failed, Found if none did and the
	// cut is between the programs.
	Refused, Found bool
}

// foundPurity is the purity from which a planted seam counts as found.
const foundPurity = 0.9

// plant joins two problems with glue: edges between random ends, that cost what
// random edges of the two do.
func plant(x, y *search.Problem, glue float64, rng *rand.Rand) (*search.Problem, []services) {
	p := &search.Problem{Nodes: slices.Concat(x.Nodes, y.Nodes), Edges: slices.Clone(x.Edges)}
	shift := int32(len(x.Nodes))
	for _, e := range y.Edges {
		p.Edges = append(p.Edges, search.Edge{From: e.From + shift, To: e.To + shift, Cost: e.Cost})
	}
	var costs []float64
	for _, e := range p.Edges {
		if !math.IsInf(e.Cost, 0) {
			costs = append(costs, e.Cost)
		}
	}
	for range int(glue * float64(len(p.Edges))) {
		e := search.Edge{From: rng.Int32N(shift), To: shift + rng.Int32N(int32(len(y.Nodes))), Cost: costs[rng.IntN(len(costs))]}
		if rng.IntN(2) == 1 {
			e.From, e.To = e.To, e.From
		}
		p.Edges = append(p.Edges, e)
	}
	by := make([]services, len(p.Nodes))
	for n := range by {
		by[n] = 1
		if n >= int(shift) {
			by[n] = 2
		}
	}
	return p, by
}

// findPlanted searches a planted problem.
func findPlanted(ctx context.Context, x, y *search.Problem, pl planting, nulls int) (planting, error) {
	p, by := plant(x, y, pl.Glue, rand.New(rand.NewPCG(pl.Seed, 4)))
	found, err := search.Search(ctx, p, search.Options{Seed: pl.Seed, Nulls: nulls})
	if err != nil {
		return pl, err
	}
	pl.Ratio, pl.Stability = found.Null.Ratio, found.Stability
	pl.Refused = refused(found)
	if len(found.Front) > 0 {
		s := sample{by: by, count: 2, mass: make([]float64, len(by))}
		for n := range s.mass {
			s.mass[n] = p.Nodes[n].Mass
		}
		pl.Purity = scoreCut(s, found.Front[0].Label).Purity
	}
	pl.Found = !pl.Refused && pl.Purity >= foundPurity
	return pl, nil
}

// refused applies those tests of the stop rule that need nothing but the search.
func refused(found *search.Result) bool {
	limits := judge.Defaults()
	return len(found.Groups) < 2 || len(found.Front) == 0 || found.Null.Ratio > limits.Chance || found.Stability < limits.Stability
}

// cohesive is a program in one piece: entry points that all use the same state,
// each node drawn from one urn.
func cohesive(nodes, entries int, rng *rand.Rand) *search.Problem {
	p := &search.Problem{}
	for n := range nodes {
		node := search.Node{Mass: float64(5 + rng.IntN(40)), Both: 1}
		if n < entries {
			node.Entry, node.Both = 1, math.Inf(1)
		}
		p.Nodes = append(p.Nodes, node)
	}
	for n := range nodes {
		const uses = 4
		for range uses {
			if to := entries + rng.IntN(nodes-entries); to != n {
				p.Edges = append(p.Edges, search.Edge{From: int32(n), To: int32(to), Cost: []float64{1, 1, 2, 4, 15}[rng.IntN(5)]})
			}
		}
	}
	return p
}
