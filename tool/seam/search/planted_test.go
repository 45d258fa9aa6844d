package search

import (
	"math/rand/v2"
)

// plan is a made-up program: communities of entry points with code and tables
// of their own, a library that all use, and glue.
type plan struct {
	parts   int     // communities
	entries int     // of each
	code    int     // nodes of each
	tables  int     // of each
	library int     // nodes that all use
	calls   int     // out of each node of code
	glue    float64 // share of calls that lead anywhere
	seed    uint64
}

// planted makes the program and says which community each node is of, -1 for
// the library.
func planted(pl plan) (*Problem, []int) {
	rng := rand.New(rand.NewPCG(pl.seed, 7))
	p, part := &Problem{}, []int{}
	add := func(k int, n Node) int32 {
		p.Nodes = append(p.Nodes, n)
		part = append(part, k)
		return int32(len(part) - 1)
	}
	var library []int32
	for range pl.library {
		library = append(library, add(-1, Node{Mass: 20, Both: 0.05}))
	}
	code, tables := make([][]int32, pl.parts), make([][]int32, pl.parts)
	for k := range pl.parts {
		for range pl.tables {
			tables[k] = append(tables[k], add(k, Node{Both: 25}))
		}
		for range pl.code {
			code[k] = append(code[k], add(k, Node{Mass: 20 + float64(rng.IntN(20)), Both: 0.3}))
		}
	}
	call := func(from, to int32, cost float64) {
		p.Edges = append(p.Edges, Edge{From: from, To: to, Cost: cost})
	}
	for k := range pl.parts {
		for i, v := range code[k] {
			for range pl.calls {
				to := k
				if rng.Float64() < pl.glue {
					to = rng.IntN(pl.parts)
				}
				if j := rng.IntN(pl.code); to != k || j > i {
					call(v, code[to][j], []float64{1, 2, 15}[rng.IntN(3)])
				}
			}
			if pl.library > 0 {
				call(v, library[rng.IntN(pl.library)], 1)
			}
			if pl.tables > 0 && i%3 == 0 {
				call(v, tables[k][rng.IntN(pl.tables)], 50)
			}
		}
		for range pl.entries {
			e := add(k, Node{Mass: 10, Entry: 1})
			for range 3 {
				call(e, code[k][rng.IntN(max(1, pl.code/3))], 2)
			}
		}
	}
	return p, part
}
