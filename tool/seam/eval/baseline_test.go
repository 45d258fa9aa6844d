package main

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/seam/search"
)

// communities draws groups that are dense within and have few edges between.
func communities(rng *rand.Rand, groups, each, between int) (*web, []int) {
	pairs := map[[2]int]float64{}
	truth := make([]int, groups*each)
	mass := make([]float64, len(truth))
	for v := range truth {
		truth[v], mass[v] = v/each, 1
		for range 6 {
			addPair(pairs, v, v/each*each+rng.IntN(each), 1)
		}
	}
	for range between {
		addPair(pairs, rng.IntN(len(truth)), rng.IntN(len(truth)), 1)
	}
	return newWeb(mass, pairs), truth
}

func TestLouvainFindsCommunities(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 1))
		w, truth := communities(rng, 4, 40, 30)
		if got := ari(louvain(w, rng), truth, w.mass); got < 0.95 {
			t.Errorf("seed %d: ARI %.2f, want at least 0.95", seed, got)
		}
	}
}

func TestMinCutFindsTwoCommunities(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 1))
		w, truth := communities(rng, 2, 60, 20)
		label := minCut(w, 5, rng)
		if got := ari(labelInts(label), truth, w.mass); got < 0.9 {
			t.Errorf("seed %d: ARI %.2f, want at least 0.9", seed, got)
		}
	}
}

func labelInts(label []search.Label) []int {
	out := make([]int, len(label))
	for i, l := range label {
		out[i] = int(l)
	}
	return out
}

func TestMinCutKnowsItsCost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rng := rand.New(rand.NewPCG(seed, 1))
		w, _ := communities(rng, 2, rapid.IntRange(5, 30).Draw(t, "each"), 10)
		f := newFM(w, rng)
		for range 3 {
			before := f.cut
			if f.pass() && f.cut >= before {
				t.Fatalf("a pass said that it was better: %v, then %v", before, f.cut)
			}
			want := 0.0
			for v := range w.near {
				for _, s := range w.near[v] {
					if s.to > v && f.side[v] != f.side[s.to] {
						want += s.weight
					}
				}
			}
			if !near(f.cut, want) {
				t.Fatalf("cut is %v, counted %v", f.cut, want)
			}
		}
	})
}
