package search

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// problems draws small problems. Costs are sums of quarters, so they are exact.
func problems(t *rapid.T, maxNodes int) *Problem {
	n := rapid.IntRange(1, maxNodes).Draw(t, "n")
	cost := rapid.SampledFrom([]float64{0, 0, 0.25, 1, 1, 2.5, 4, 15, math.Inf(1)})
	p := &Problem{}
	for range n {
		p.Nodes = append(p.Nodes, Node{
			Mass: float64(rapid.IntRange(0, 9).Draw(t, "mass")),
			Both: cost.Draw(t, "both"),
		})
		if rapid.IntRange(0, 4).Draw(t, "entry") == 0 {
			p.Nodes[len(p.Nodes)-1].Entry = 1
		}
	}
	at := rapid.Int32Range(0, int32(n-1))
	for range rapid.IntRange(0, 3*n).Draw(t, "m") {
		p.Edges = append(p.Edges, Edge{From: at.Draw(t, "from"), To: at.Draw(t, "to"), Cost: cost.Draw(t, "cost")})
	}
	if rapid.IntRange(0, 2).Draw(t, "together") == 0 {
		p.Together = append(p.Together, []int32{at.Draw(t, "i"), at.Draw(t, "j")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "aparts") {
		p.Apart = append(p.Apart, [2]int32{at.Draw(t, "i"), at.Draw(t, "j")})
	}
	return p
}

// cheapest tries all labellings.
func cheapest(p *Problem, fix []Label) float64 {
	best := math.Inf(1)
	labels := make([]Label, len(p.Nodes))
	var try func(v int)
	try = func(v int) {
		if v == len(labels) {
			best = min(best, Evaluate(p, labels).Cost)
			return
		}
		for x := A; x <= Both; x++ {
			if fix[v] == None || fix[v] == x {
				labels[v] = x
				try(v + 1)
			}
		}
	}
	try(0)
	return best
}

func TestPlaceCostsNoMoreThanAnyOtherLabelling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := problems(t, 7)
		fix := make([]Label, len(p.Nodes))
		for v := range fix {
			fix[v] = rapid.SampledFrom([]Label{None, None, A, B, Both}).Draw(t, "fix")
		}
		got, want := Place(p, fix), cheapest(p, fix)
		if got.Cost != want {
			t.Fatalf("cost %v of %v, want %v\nnodes %v edges %v together %v apart %v fix %v", got.Cost, got.Label, want, p.Nodes, p.Edges, p.Together, p.Apart, fix)
		}
		for v, at := range fix {
			if !math.IsInf(want, 1) && at != None && got.Label[v] != at {
				t.Fatalf("node %d is in %v, was held in %v", v, got.Label[v], at)
			}
		}
	})
}

func TestPlaceOfManyPairsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := problems(t, 6)
		p.Together = nil
		for v := range p.Nodes {
			p.Nodes[v].Both, p.Nodes[v].Entry = 1, 0
		}
		for v := 0; v+1 < len(p.Nodes); v += 2 {
			p.Apart = append(p.Apart[:min(len(p.Apart), v/2)], [2]int32{int32(v), int32(v + 1)})
		}
		fix := make([]Label, len(p.Nodes))
		for v := range fix {
			fix[v] = None
		}
		if got, want := Place(p, fix).Cost, cheapest(p, fix); got != want {
			t.Fatalf("cost %v, want %v", got, want)
		}
	})
}
