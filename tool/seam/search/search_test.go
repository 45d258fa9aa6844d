package search

import (
	"fmt"
	"testing"
)

func TestSearchFindsPlantedHalves(t *testing.T) {
	t.Parallel()
	for _, glue := range []float64{0, 0.01, 0.02} {
		t.Run(fmt.Sprint("glue ", glue), func(t *testing.T) {
			t.Parallel()
			p, part := planted(plan{parts: 2, entries: 12, code: 200, tables: 8, library: 40, calls: 3, glue: glue, seed: 1})
			r, err := Search(t.Context(), p, Options{Seed: 1})
			if err != nil || len(r.Front) == 0 {
				t.Fatalf("front %d, error %v, want a cut", len(r.Front), err)
			}
			truth, mass := make([]Label, len(part)), make([]float64, len(part))
			for v, k := range part {
				truth[v], mass[v] = Both, p.Nodes[v].Mass
				if k >= 0 {
					truth[v] = Label(k)
				}
			}
			if got := ARI(truth, r.Front[0].Label, mass); got < 0.9 {
				t.Errorf("ARI %.2f, want at least 0.9", got)
			}
			if r.Null.Ratio > 0.7 || r.Null.Ratio == 0 || r.Stability < 0.6 {
				t.Errorf("ratio %.2f, stability %.2f: refused", r.Null.Ratio, r.Stability)
			}
		})
	}
}
