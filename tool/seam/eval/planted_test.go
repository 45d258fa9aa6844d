package main

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/doctable"
	"github.com/hemilith/hemilith/tool/seam/search"
)

func urn(seed uint64) *search.Problem {
	return cohesive(80, 6, rand.New(rand.NewPCG(seed, 1)))
}

func TestPlantKeepsBothProgramsAndAddsGlue(t *testing.T) {
	t.Parallel()
	x, y := urn(1), urn(2)
	p, by := plant(x, y, 0.5, rand.New(rand.NewPCG(1, 1)))
	own := len(x.Edges) + len(y.Edges)
	if len(p.Nodes) != len(x.Nodes)+len(y.Nodes) || len(p.Edges) != own+own/2 {
		t.Fatalf("%d nodes, %d edges", len(p.Nodes), len(p.Edges))
	}
	for i, e := range p.Edges {
		if across := by[e.From] != by[e.To]; across != (i >= own) {
			t.Fatalf("edge %d of %d crosses: %v", i, len(p.Edges), across)
		}
	}
}

func TestAPlantedSeamIsFoundAndAnUrnIsRefused(t *testing.T) {
	t.Parallel()
	o := options{seed: 1, nulls: 20}
	pl, err := findPlanted(t.Context(), urn(1), urn(2), planting{Glue: 0, Seed: 1}, o.nulls)
	if err != nil || !pl.Found {
		t.Errorf("two programs without glue: %+v, %v", pl, err)
	}
	r, err := mustRefuse(t.Context(), "urn", "one urn", urn(3), o)
	if err != nil || !r.Refused {
		t.Errorf("one program in one piece: %+v, %v", r, err)
	}
}

func TestPairsAreOfDifferentFoldsAndLikeSize(t *testing.T) {
	t.Parallel()
	big := cohesive(2000, 6, rand.New(rand.NewPCG(1, 1)))
	blocks := []block{{"a", "x", urn(1)}, {"b", "x", urn(2)}, {"c", "y", urn(3)}, {"d", "z", big}}
	got := pairsOf(blocks, 10)
	if len(got) != 2 || got[0][0].fold == got[0][1].fold {
		t.Errorf("got %d pairs, want a or b with c", len(got))
	}
}

func TestTablesReplaceOnlyThemselves(t *testing.T) {
	t.Parallel()
	name := t.TempDir() + "/doc.md"
	if err := os.WriteFile(name, []byte("by hand\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	one := findings{Plantings: []planting{{Glue: 0.01, Purity: 1, Found: true}, {Glue: 0.01, Refused: true}}}
	speeds := findings{Speeds: []speed{{Name: "x"}}}
	for _, f := range []findings{one, speeds, one} {
		if err := doctable.Write(name, f.tables()); err != nil {
			t.Fatal(err)
		}
	}
	got := readFile(t, name)
	if strings.Count(got, "| 1 % | 2 | 1 | 1 | 0 | 0 |") != 1 || strings.Count(got, "### Planted seams") != 1 || !strings.HasPrefix(got, "by hand\n") || !strings.Contains(got, "| x |") {
		t.Errorf("got\n%s", got)
	}
}
