package model

import (
	"cmp"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// Size counts what was linked. Generated code is counted apart.
func (m *Model) Size() report.Size {
	s := report.Size{Grades: map[string]int{}, References: m.refs, Cached: m.prog.Loaded.Cached, Packages: len(m.pkgs)}
	for _, name := range gradeNames {
		s.Grades[name] = 0
	}
	for _, p := range m.pkgs {
		for _, f := range p.facts.Files {
			if f.Generated {
				s.GeneratedLines += f.Lines
				continue
			}
			s.Lines += f.Lines
			s.Files++
		}
	}
	for n := range m.nodes {
		nd := &m.nodes[n]
		if nd.lit || m.generated(int32(n)) {
			continue
		}
		s.Declarations++
		if nd.isFunc() {
			s.Grades[gradeNames[nd.grade]]++
		}
	}
	return s
}

// Packages tells where each package is under a cut.
func (m *Model) Packages(cut search.Cut) []report.Package {
	l := m.assign(cut)
	return m.packages(&l)
}

func (m *Model) packages(l *labeling) []report.Package {
	out := make([]report.Package, 0, len(m.pkgs))
	for p := range m.pkgs {
		one := report.Package{Path: m.short(m.pkgs[p].path)}
		for _, f := range m.pkgs[p].facts.Files {
			if f.Generated {
				one.Generated += f.Lines
				continue
			}
			one.Lines += f.Lines
			one.Files++
		}
		var lines, state [inBoth + 1]int
		for _, n := range m.pkgs[p].decls {
			if m.generated(n) {
				continue
			}
			one.Declarations++
			lines[l.in[n]] += m.nodes[n].decl.Lines
			if m.place[n] >= 0 {
				state[l.in[n]] += m.nodes[n].decl.Lines
			}
		}
		one.LinesA, one.LinesB, one.LinesBoth = lines[inA], lines[inB], lines[inBoth]
		// What holds state decides where a package goes; a type that one half
		// happens to be the only one to use does not.
		if state[inA]+state[inB] > 0 {
			lines = state
		}
		one.Side = sideOf(lines)
		out = append(out, one)
	}
	return out
}

// sideOf names the side of a package from its lines by half.
func sideOf(l [inBoth + 1]int) string {
	const mixedShare, sharedShare = 0.10, 0.80
	own := float64(l[inA] + l[inB])
	switch {
	case own <= (1-sharedShare)*(own+float64(l[inBoth])):
		return "both"
	case float64(min(l[inA], l[inB])) > mixedShare*own:
		return "mixed"
	case l[inA] >= l[inB]:
		return "a"
	}
	return "b"
}

// Entries lists the entry points and where each is under a cut. Halves count
// those that have a place in it.
func (m *Model) Entries(cut search.Cut) []report.Entry {
	l := m.assign(cut)
	out := make([]report.Entry, 0, len(m.entries))
	for _, e := range m.entries {
		one := report.Entry{Kind: entryNames[e.kind], Place: m.at(e.node), Text: e.text, Side: sides[l.in[e.node].label()], Uncounted: e.homeless}
		one.File, one.Line = m.file(e.at), int(e.line)
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b report.Entry) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.File, b.File), a.Line-b.Line, cmp.Compare(a.Name, b.Name))
	})
	return out
}

// Owners says which packages write and read each table.
func (m *Model) Owners() []report.Owner {
	out := make([]report.Owner, 0, len(m.tables))
	for t, users := range m.tableUsers() {
		out = append(out, report.Owner{
			Table:  m.tables[t].name,
			Writes: some(m.packagesOf(users, func(u use) bool { return u.verb == facts.Writes })),
			Reads:  some(m.packagesOf(users, func(u use) bool { return u.verb == facts.Reads })),
		})
	}
	slices.SortFunc(out, func(a, b report.Owner) int { return cmp.Compare(a.Table, b.Table) })
	return out
}

func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
