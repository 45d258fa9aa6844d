package seam

import (
	"math"

	"github.com/hemilith/hemilith/tool/seam/search"
)

// share is the smaller half's part of the lines in one half alone.
func share(c search.Cut) float64 {
	all := c.Mass[search.A] + c.Mass[search.B]
	if all == 0 {
		return 0
	}
	return min(c.Mass[search.A], c.Mass[search.B]) / all
}

// weight is the part of all that joins code which the cut crosses or copies.
func weight(p *search.Problem, c search.Cut) float64 {
	all := 0.0
	for _, e := range p.Edges {
		if !math.IsInf(e.Cost, 1) {
			all += e.Cost
		}
	}
	for i := range p.Nodes {
		if !math.IsInf(p.Nodes[i].Both, 1) {
			all += p.Nodes[i].Both
		}
	}
	if all == 0 {
		return 0
	}
	return c.Cost / all
}

// together is the part of the smaller half's lines that is in its largest
// connected part, once what both halves link is set aside.
func together(p *search.Problem, c search.Cut) float64 {
	small := search.A
	if c.Mass[search.B] < c.Mass[search.A] {
		small = search.B
	}
	if c.Mass[small] == 0 {
		return 0
	}
	root := make([]int32, len(p.Nodes))
	for i := range root {
		root[i] = int32(i)
	}
	find := func(i int32) int32 {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, e := range p.Edges {
		if c.Label[e.From] == small && c.Label[e.To] == small {
			root[find(e.From)] = find(e.To)
		}
	}
	mass := make([]float64, len(p.Nodes))
	most := 0.0
	for i := range p.Nodes {
		if c.Label[i] == small {
			at := find(int32(i))
			mass[at] += p.Nodes[i].Mass
			most = max(most, mass[at])
		}
	}
	return most / c.Mass[small]
}
