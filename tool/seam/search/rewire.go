package search

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// maxRepair is how often a swap is tried to mend one self-loop or doubled edge.
const maxRepair = 20

// Rewire is the same problem with its edges joined at random: within each class
// of equal cost, every node keeps how many edges leave it and how many lead to
// it. Nodes, ties and constraints are kept, and so are edges that forbid a
// crossing: their ends are parts of one thing, and joining them at random would
// make one thing of all. It shuffles the ends, as double edge
// swaps without end would (Maslov and Sneppen, 2002), and then swaps away
// self-loops and doubled edges, as far as a few tries go.
func Rewire(p *Problem, rng *rand.Rand) *Problem {
	q := *p
	q.Edges = slices.Clone(p.Edges)
	slices.SortStableFunc(q.Edges, func(x, y Edge) int { return cmp.Compare(x.Cost, y.Cost) })
	for i := 0; i < len(q.Edges); {
		j := i
		for j < len(q.Edges) && q.Edges[j].Cost == q.Edges[i].Cost {
			j++
		}
		if !math.IsInf(q.Edges[i].Cost, 1) {
			shuffle(q.Edges[i:j], rng)
		}
		i = j
	}
	return &q
}

// shuffle rewires the edges of one class.
func shuffle(edges []Edge, rng *rand.Rand) {
	rng.Shuffle(len(edges), func(i, j int) { edges[i].To, edges[j].To = edges[j].To, edges[i].To })
	count := make(map[[2]int32]int, len(edges))
	for _, e := range edges {
		count[[2]int32{e.From, e.To}]++
	}
	bad := func(from, to int32) bool { return from == to || count[[2]int32{from, to}] > 0 }
	for i := range edges {
		for try := 0; try < maxRepair; try++ {
			x := &edges[i]
			if x.From != x.To && count[[2]int32{x.From, x.To}] < 2 {
				break
			}
			y := &edges[rng.IntN(len(edges))]
			if bad(x.From, y.To) || bad(y.From, x.To) {
				continue
			}
			count[[2]int32{x.From, x.To}]--
			count[[2]int32{y.From, y.To}]--
			x.To, y.To = y.To, x.To
			count[[2]int32{x.From, x.To}]++
			count[[2]int32{y.From, y.To}]++
		}
	}
}
