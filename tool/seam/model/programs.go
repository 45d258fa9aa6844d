package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// mostShare is the part of all code that one main has to reach to be the
// program, and the part of each half that it has to reach for these to be one
// program today.
const mostShare = 0.5

// program is one main function and what it reaches.
type program struct {
	main    int32
	reach   []bool
	lines   int // of functions that it reaches
	serving int // entry points of it that outlive one run
}

// chooseProgram takes the entry points of smaller programs out, if the module
// has several and one of them reaches most of the code: commands beside a
// server are programs already, and no halves of it. It returns what it did, in
// plain words, or "".
func (g *graph) chooseProgram() string {
	programs := g.programs()
	if len(programs) < 2 {
		return ""
	}
	best, all := 0, make([]bool, len(g.nodes))
	for i, p := range programs {
		for n, in := range p.reach {
			all[n] = all[n] || in && p.serving > 0
		}
		if p.serving > 0 && (programs[best].serving == 0 || p.lines > programs[best].lines) {
			best = i
		}
	}
	one := programs[best]
	if one.serving == 0 {
		return ""
	}
	if float64(one.lines) < mostShare*float64(g.linesOf(all)) {
		return fmt.Sprintf("%d programs of this module serve and none reaches most of the code: they are looked at as one", len(programs))
	}
	g.entries = slices.DeleteFunc(g.entries, func(e entry) bool {
		if one.reach[e.node] {
			return false
		}
		g.nodes[e.node].entry = -1
		return true
	})
	name := g.short(g.pkgs[g.nodes[one.main].pkg].path)
	return fmt.Sprintf("%s is looked at, the largest of %d programs in this module; for another: hemilith seam ./DIR of its main package", name, len(programs))
}

// programs lists the main functions with what they reach.
func (g *graph) programs() []program {
	var found []program
	byPath := map[string]int32{}
	for i := range g.pkgs {
		byPath[g.pkgs[i].facts.Path] = int32(i)
	}
	for _, e := range g.entries {
		if e.kind != facts.EntryMain {
			continue
		}
		p := program{main: e.node, reach: g.reachMain(e.node, byPath)}
		p.lines = g.linesOf(p.reach)
		for _, e := range g.entries {
			if p.reach[e.node] && serves(e.kind) {
				p.serving++
			}
		}
		found = append(found, p)
	}
	return found
}

func (g *graph) linesOf(reach []bool) int {
	lines := 0
	for n, in := range reach {
		if in && g.nodes[n].isFunc() && !g.nodes[n].lit {
			lines += g.nodes[n].decl.Lines
		}
	}
	return lines
}

// reachMain marks what a main function reaches: by itself, by the init
// functions and variables of all packages that it imports, and by the entry
// points that these register.
func (g *graph) reachMain(main int32, byPath map[string]int32) []bool {
	roots := []int32{main}
	seen := make([]bool, len(g.pkgs))
	queue := []int32{g.nodes[main].pkg}
	seen[queue[0]] = true
	for len(queue) > 0 { // each package enters once
		p := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, n := range g.pkgs[p].decls {
			if g.isInit(n) || g.nodes[n].isVar() {
				roots = append(roots, n)
			}
		}
		for _, path := range g.pkgs[p].facts.Imports {
			if to, ok := byPath[path]; ok && !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	for {
		reach := g.reach(roots)
		before := len(roots)
		for _, e := range g.entries {
			if e.kind != facts.EntryMain && reach[e.at] && !reach[e.node] {
				roots = append(roots, e.node)
			}
		}
		if len(roots) == before { // each round adds entry points, of which there are finitely many
			return reach
		}
	}
}

// Programs returns 1 if one main function reaches most of what is in one half
// alone, of each half; else how many reach a part of either: the halves are
// programs of their own already. It returns 0 if fewer than two do.
func (m *Model) Programs(cut search.Cut) int {
	all := m.linesAlone(cut, func(int32) bool { return true })
	parts := 0
	for _, p := range m.programs() {
		in := m.linesAlone(cut, func(n int32) bool { return p.reach[n] })
		if in[search.A] >= mostShare*all[search.A] && in[search.B] >= mostShare*all[search.B] {
			return 1
		}
		if in[search.A] > minorShare*all[search.A] || in[search.B] > minorShare*all[search.B] {
			parts++
		}
	}
	if parts < 2 {
		return 0
	}
	return parts
}

// linesAlone are the lines of what is placed in A alone and in B alone, of the
// declarations that match.
func (m *Model) linesAlone(cut search.Cut, match func(int32) bool) [2]float64 {
	var lines [2]float64
	for n := range int32(len(m.nodes)) {
		if at := m.place[n]; at >= 0 && cut.Label[at] != search.Both && match(n) {
			lines[cut.Label[at]] += float64(m.nodes[n].decl.Lines)
		}
	}
	return lines
}

// Main returns the package of the main function that reaches most, relative to
// the module, or "".
func (m *Model) Main() string {
	best, lines := "", -1
	for _, p := range m.programs() {
		if p.lines > lines {
			best, lines = m.short(m.pkgs[m.nodes[p.main].pkg].path), p.lines
		}
	}
	return strings.TrimPrefix(best, "./")
}
