package model

import (
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// Fix holds the code of the named packages or declarations in B. Entry points
// elsewhere, and the code of packages that B does not import, are held in A;
// what B imports may be in either, or in both. It returns an error, for the
// user, if a name means nothing.
func (m *Model) Fix(names ...string) ([]search.Label, error) {
	match := newMatcher(m.module, names)
	inB := make([]bool, len(m.nodes))
	var roots []string
	for n := range m.nodes {
		p := &m.pkgs[m.nodes[n].pkg]
		if inB[n] = match.has(p.path, m.nodes[n].name); inB[n] && !slices.Contains(roots, p.facts.Path) {
			roots = append(roots, p.facts.Path)
		}
	}
	if err := match.missed("-cut"); err != nil {
		return nil, err
	}
	imported := map[string]bool{}
	for _, path := range Closure(m.linked, roots) {
		imported[path] = true
	}
	return m.hold(func(n int32, entry bool) search.Label {
		switch {
		case inB[n]:
			return search.B
		case entry || !imported[m.pkgs[m.nodes[n].pkg].facts.Path]:
			return search.A
		}
		return search.None
	}), nil
}

// Frontend holds user-facing code in A and other entry points in B: the default
// razor, for want of a better line. User-facing is the code of packages that
// serve HTTP or commands; if nothing else has entry points, all other code is
// held in B. It reports false if there is nothing on one side.
func (m *Model) Frontend() ([]search.Label, bool) {
	front := make([]bool, len(m.pkgs))
	back, seen := false, false
	for _, e := range m.entries {
		if !e.homeless && userFacing(e.kind) {
			front[m.nodes[e.node].pkg], seen = true, true
		}
	}
	for _, e := range m.entries {
		back = back || !e.homeless && !userFacing(e.kind) && !front[m.nodes[e.node].pkg]
	}
	code := 0
	fix := m.hold(func(n int32, entry bool) search.Label {
		switch {
		case front[m.nodes[n].pkg]:
			return search.A
		case entry || !back:
			code++
			return search.B
		}
		return search.None
	})
	return fix, seen && code > 0
}

// hold fixes code as choose says; what stands for memory, tables and packages
// goes with its users.
func (m *Model) hold(choose func(n int32, entry bool) search.Label) []search.Label {
	fix := make([]search.Label, len(m.thing))
	for at, t := range m.thing {
		fix[at] = search.None
		if t.kind == thingCode {
			fix[at] = choose(t.at, m.problem.Nodes[at].Entry > 0)
		}
	}
	return fix
}

// Counts are numbers of the program that a verdict rests on.
type Counts struct {
	Mains   int // main functions
	Serving int // entry points with a home that outlive one run
}

// Counts counts entry points.
func (m *Model) Counts() Counts {
	var c Counts
	for _, e := range m.entries {
		switch {
		case e.kind == facts.EntryMain:
			c.Mains++
		case serves(e.kind) && !e.homeless:
			c.Serving++
		}
	}
	return c
}
