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
	// Purity is that of the cut that was found, against the two programs, of code in
	// one half alone.
	Purity float64
	// Ratio and Stability are those of the search.
	Ratio, Stability float64
	// Planted is the score of the best cut that keeps the entry points of each
	// program together, Score that of the cut that was found: if it is lower, the
	// glue made the planted seam dearer than one within a program.
	Planted, Score float64
	// Refused is true if a test of the stop rule failed, Found if none did and the
	// cut is between the programs.
	Refused, Found bool
}

// surpassed reports whether there is a better cut than the planted one.
func (pl planting) surpassed() bool { return pl.Purity < foundPurity && pl.Score < pl.Planted }

// glues are the shares of glue that are tried, from none to a program that is
// all glue.
func glues() []float64 { return []float64{0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1} }

// pairs are blocks of different folds and of about the same size.
func pairsOf(blocks []block, most int) [][2]block {
	const maxTimes = 4
	var list [][2]block
	for i, x := range blocks {
		for _, y := range blocks[i+1:] {
			if x.fold != y.fold && max(x.mass(), y.mass()) <= maxTimes*min(x.mass(), y.mass()) {
				list = append(list, [2]block{x, y})
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 6))
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(most, len(list))]
}

// findAll plants a seam between each of some pairs, with every share of glue.
func findAll(ctx context.Context, blocks []block, o options, say func(planting)) ([]planting, error) {
	var list []planting
	for _, pair := range pairsOf(blocks, o.pairs) {
		for _, glue := range glues() {
			for seed := range o.plants {
				pl, err := findPlanted(ctx, pair[0].problem, pair[1].problem, planting{A: pair[0].name, B: pair[1].name, Glue: glue, Seed: seed + 1}, o.nulls)
				if err != nil {
					return nil, err
				}
				say(pl)
				list = append(list, pl)
			}
		}
	}
	return list, nil
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
	pl.Planted, pl.Score = min(search.Place(p, apart(p, by)).Score, math.MaxFloat64), math.MaxFloat64 // JSON has no infinity
	if len(found.Front) > 0 {
		pl.Score = min(pl.Score, found.Front[0].Score)
		pl.Purity = plantedPurity(p, by, found.Front[0].Label)
	}
	pl.Found = !pl.Refused && pl.Purity >= foundPurity
	return pl, nil
}

// apart holds the entry points of two programs in a half each.
func apart(p *search.Problem, by []services) []search.Label {
	fix := make([]search.Label, len(p.Nodes))
	for n := range fix {
		fix[n] = search.None
		if p.Nodes[n].Entry > 0 {
			fix[n] = search.Label(by[n].owner())
		}
	}
	return fix
}

// plantedPurity is that of the code in one half alone: what glue joins to the
// other program may well be in both.
func plantedPurity(p *search.Problem, by []services, label []search.Label) float64 {
	s := sample{count: 2}
	var own []search.Label
	for n, l := range label {
		if l != search.Both {
			s.by, s.mass, own = append(s.by, by[n]), append(s.mass, p.Nodes[n].Mass), append(own, l)
		}
	}
	return scoreCut(s, own).Purity
}

// refused applies those tests of the stop rule that need nothing but the search.
func refused(found *search.Result) bool {
	limits := judge.Defaults()
	return len(found.Groups) < 2 || len(found.Front) == 0 || found.Null.Ratio > limits.Chance || found.Stability < limits.Stability
}

// cohesive is a program in one piece: entry points with a little code of their
// own, that all work on one core, drawn from one urn, whose state is everywhere
// in it.
func cohesive(core, entries int, rng *rand.Rand) *search.Problem {
	p := &search.Problem{}
	add := func(n search.Node) int32 {
		p.Nodes = append(p.Nodes, n)
		return int32(len(p.Nodes) - 1)
	}
	call := func(from, to int32) {
		if from != to {
			p.Edges = append(p.Edges, search.Edge{From: from, To: to, Cost: []float64{1, 1, 2, 4, 15}[rng.IntN(5)]})
		}
	}
	const own, uses, tables = 3, 3, 10 // of each entry point, each node of the core, and for how many nodes a table
	for range core {
		add(search.Node{Mass: float64(5 + rng.IntN(40)), Both: 0.05})
	}
	for n := range core {
		for range uses {
			call(int32(n), int32(rng.IntN(core)))
		}
	}
	for range core / tables {
		table := add(search.Node{Both: 25})
		for range tables {
			p.Edges = append(p.Edges, search.Edge{From: int32(rng.IntN(core)), To: table, Cost: math.Inf(1)})
		}
	}
	for range entries {
		e := add(search.Node{Mass: 20, Entry: 1, Both: math.Inf(1)})
		for range own {
			part := add(search.Node{Mass: 20, Both: 0.05})
			call(e, part)
			call(part, int32(rng.IntN(core)))
		}
	}
	return p
}
