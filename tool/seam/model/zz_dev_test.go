//go:build dev

package model

import (
	"context"
	"encoding/gob"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/search"
	"github.com/hemilith/hemilith/tool/source"
)

func devLoad(t *testing.T, dir string) *facts.Program {
	cache := "/tmp/mw/" + fmt.Sprintf("%x", []byte(dir)) + ".gob"
	if f, err := os.Open(cache); err == nil {
		defer f.Close()
		var p facts.Program
		if err := gob.NewDecoder(f).Decode(&p); err == nil {
			return &p
		}
	}
	start := time.Now()
	prog, err := source.Load(context.Background(), source.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	p, err := facts.FromSource(context.Background(), prog)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("facts in", time.Since(start))
	f, _ := os.Create(cache)
	gob.NewEncoder(f).Encode(p)
	f.Close()
	return p
}

func TestDev(t *testing.T) {
	dir := os.Getenv("HEMI_CASE")
	if dir == "" {
		t.Skip()
	}
	p := devLoad(t, dir)
	start := time.Now()
	m, err := Link(p, Config{Redirect: os.Getenv("HEMI_REDIRECT") != ""})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("linked in", time.Since(start), "notes", m.Notes())
	fmt.Printf("size %+v\n", m.Size())
	roles := map[role]int{}
	for n := range m.nodes {
		if m.nodes[n].isFunc() {
			roles[m.nodes[n].role] += m.nodes[n].decl.Lines
		}
	}
	fmt.Println("lines idle/startup/work", roles[idle], roles[startup], roles[work])
	kinds := map[string]int{}
	for _, e := range m.entries {
		k := entryNames[e.kind]
		if e.homeless {
			k += " homeless"
		}
		kinds[k]++
	}
	fmt.Println("entries", kinds)
	things := map[thingKind]int{}
	mass := 0.0
	for at, th := range m.thing {
		things[th.kind]++
		mass += m.problem.Nodes[at].Mass
	}
	fmt.Println("problem nodes", len(m.problem.Nodes), "edges", len(m.problem.Edges), "things code/mem/data/pkg/used/written", things, "mass", mass)
	hubs := []string{}
	for _, u := range m.pkgs {
		if u.hub {
			hubs = append(hubs, m.short(u.path))
		}
	}
	fmt.Println("hubs", len(hubs), hubs[:min(len(hubs), 30)])
	wide := 0
	fans := map[int16]int{}
	for _, e := range m.edges {
		if e.fan > 1 {
			wide++
			fans[e.fan]++
		}
	}
	fmt.Println("edges", len(m.edges), "wide", wide)
	if os.Getenv("HEMI_MEM") != "" {
		for at, th := range m.thing {
			if th.kind == thingMemory && m.problem.Nodes[at].Both >= 2 {
				fmt.Println("  memory", m.problem.Nodes[at].Both, m.id(th.at))
			}
			if th.kind == thingCode && m.nodes[th.at].isVar() && m.problem.Nodes[at].Both > 1 {
				fmt.Println("  var", m.problem.Nodes[at].Both, m.id(th.at), m.chain(th.at))
			}
		}
	}
	if os.Getenv("HEMI_SEARCH") == "" {
		return
	}
	devSearch(m)
}

var devSearch = func(m *Model) {}

func devPrint(m *Model, cut search.Cut) {
	s := m.Seam(cut)
	fmt.Printf("SEAM %s cost %+v classes %v\n", s.Name, s.Cost, s.Classes)
	for i, h := range []any{s.A, s.B} {
		_ = i
		fmt.Printf("  %+v\n", h)
	}
	fmt.Println("both", s.Both.Declarations, s.Both.Lines, "wiring", len(s.Wiring), "crossings", len(s.Crossings), "tables", len(s.Tables), "tx", len(s.Transactions), "twice", len(s.Twice))
	for _, x := range s.Crossings[:min(15, len(s.Crossings))] {
		fmt.Println("   ", x.Side, x.Remotable, x.Kind, x.From, "->", x.To, x.Cost, x.Why)
	}
	for _, x := range s.Twice[:min(15, len(s.Twice))] {
		fmt.Println("   twice", x.What, x.Name)
	}
	byCost := map[thingKind]float64{}
	for at, th := range m.thing {
		if cut.Label[at] == search.Both {
			byCost[th.kind] += m.problem.Nodes[at].Both
		}
	}
	fmt.Println("copies by kind", byCost)
	fmt.Printf("effort %+v\n", s.Effort)
	_ = slices.Sort[[]int]
}
