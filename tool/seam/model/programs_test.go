package model

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// command is a main package that serves some things.
func command(name string, serves ...string) *facts.Package {
	main := fn("main")
	for _, s := range serves {
		main.Entries = append(main.Entries, handler("/"+s, s))
	}
	p := pkg("cmd/"+name, main)
	p.Name = "main"
	return p
}

func TestProgramsOfTheHalvesAreCounted(t *testing.T) {
	t.Parallel()
	part := func(name string) *facts.Package {
		return pkg(name, fn("Serve", access(facts.Writes, name, false)))
	}
	lines := func(n int) add { return func(d *facts.Decl) { d.Lines = n } }
	for _, tt := range []struct {
		name  string
		mains []*facts.Package
		want  int
	}{
		{"one has both", []*facts.Package{command("all", "x.Serve", "y.Serve", "z.Serve")}, 1},
		{"one of several has both", []*facts.Package{command("all", "x.Serve", "y.Serve", "z.Serve"), command("x", "x.Serve")}, 1},
		{"two, and one with next to nothing of them", []*facts.Package{command("x", "x.Serve"), command("z", "z.Serve"), command("paper", "paper.Serve")}, 2},
		{"three", []*facts.Package{command("x", "x.Serve"), command("y", "y.Serve"), command("z", "z.Serve")}, 3},
		{"three, and tools with no part of them", []*facts.Package{command("x", "x.Serve"), command("y", "y.Serve"), command("z", "z.Serve"), command("lint"), command("bench")}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			paper := pkg("paper", fn("Serve", lines(1), call("paper.Print")), fn("Print", lines(15)))
			m := link(t, module(append(tt.mains, part("x"), part("y"), part("z"), paper)...), Config{})
			if got := m.Programs(cutOf(m, "z")); got != tt.want {
				t.Errorf("programs: got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestHalvesCountTheirEntryPoints(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, err := Link(random(t), Config{})
		if err != nil {
			t.Fatal(err)
		}
		cut := anyCut(t, m)
		got := map[string]int{}
		for _, e := range m.Entries(cut) {
			if !e.Uncounted {
				got[e.Side]++
			}
		}
		s := m.Seam(cut)
		if want := map[string]int{"a": s.A.Entries, "b": s.B.Entries}; got["a"] != want["a"] || got["b"] != want["b"] || got["both"] != 0 {
			t.Errorf("entry points that count: %v, the halves say %v", got, want)
		}
	})
}
