package seam

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"
)

const edition = "first version"

// maker builds a report of one line.
type maker struct {
	g      *graph
	c      *cut
	labels []side
	r      *Report
	s      *searcher
	fails  []string // what is wrong with the line, in plain words
}

// report describes the best of cuts, with the others as rivals.
func report(s *searcher, cuts []*cut, given bool) *Report {
	g := s.g
	r := &Report{Schema: Schema, Edition: edition, Module: g.prog.Module, Classes: map[string]int{}}
	c := &cut{origin: fromPackage, name: "none", home: make([]side, len(g.nodes)), wiring: make([]bool, len(g.nodes))}
	if len(cuts) > 0 {
		c = best(cuts)
	}
	m := &maker{g: g, c: c, labels: g.label(c), r: r, s: s}
	m.size()
	m.packages()
	m.entries()
	m.crossings()
	m.tables()
	m.transactions()
	m.variables()
	for n := range g.nodes {
		if c.wiring[n] {
			r.Wiring = append(r.Wiring, m.place(n))
		}
	}
	if len(cuts) > 0 {
		m.cuts(cuts)
	}
	m.notes()
	m.judge(given)
	m.empty()
	return r
}

// best is the first line that is a finding, not the default razor, if there is
// any: the razor is scored in every report, but proposed only for want of others.
func best(cuts []*cut) *cut {
	for _, c := range cuts {
		if c.origin != fromFrontend {
			return c
		}
	}
	return cuts[0]
}

// empty makes empty lists of absent ones, so that JSON has [] and never null.
func (m *maker) empty() {
	r := m.r
	r.Reasons, r.Tests, r.Packages = some(r.Reasons), some(r.Tests), some(r.Packages)
	r.Entries, r.Cuts, r.Calls = some(r.Entries), some(r.Cuts), some(r.Calls)
	r.Crossings, r.Tables, r.Transactions = some(r.Crossings), some(r.Tables), some(r.Transactions)
	r.Variables, r.Wiring, r.Reach, r.Notes = some(r.Variables), some(r.Wiring), some(r.Reach), some(r.Notes)
}

func some[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func (m *maker) at(pos token.Pos) (string, int) {
	p := m.g.prog.Fset.Position(pos)
	return m.g.prog.Rel(p.Filename), p.Line
}

func (m *maker) place(n int) Place {
	file, line := m.at(m.g.nodes[n].pos)
	return Place{m.g.nodes[n].name, file, line}
}

func (m *maker) size() {
	s := &m.r.Size
	s.Grades = map[string]int{}
	for _, name := range gradeNames {
		s.Grades[name] = 0
	}
	for _, p := range m.g.pkgs {
		s.Lines += p.lines
		s.Files += p.files
		s.Packages++
		s.Declarations += p.decls
	}
	s.References = m.g.refs
	for n, nd := range m.g.nodes {
		if nd.sort == sortFunc {
			s.Grades[nd.grade.String()]++
		}
		if m.labels[n] == sideBoth {
			m.r.Shared.Declarations++
			m.r.Shared.Lines += nd.lines
		}
	}
	s.Grades[pure.String()] += m.g.merged
}

func (m *maker) packages() {
	lines := make([][3]int, len(m.g.pkgs))
	state := make([][3]int, len(m.g.pkgs))
	for n, nd := range m.g.nodes {
		lines[nd.pkg][m.labels[n]] += nd.lines
		if m.s.state[n] {
			state[nd.pkg][m.labels[n]] += nd.lines
		}
	}
	for i, p := range m.g.pkgs {
		l := lines[i]
		one := Package{
			Path: p.short, Lines: p.lines, Files: p.files, Declarations: p.decls,
			LinesA: l[sideA], LinesB: l[sideB], LinesBoth: l[sideBoth],
		}
		// What holds state decides where a package goes; a type that one half
		// happens to be the only one to use does not.
		if state[i][sideA]+state[i][sideB] > 0 {
			l = state[i]
		}
		one.Side = sideOf(l)
		m.r.Packages = append(m.r.Packages, one)
	}
}

// sideOf names the side of a package from its lines by label.
func sideOf(l [3]int) string {
	const mixedShare, sharedShare = 0.10, 0.80
	own := float64(l[sideA] + l[sideB])
	switch {
	case own <= (1-sharedShare)*(own+float64(l[sideBoth])):
		return sideBoth.String()
	case float64(min(l[sideA], l[sideB])) > mixedShare*own:
		return "mixed"
	case l[sideA] >= l[sideB]:
		return sideA.String()
	}
	return sideB.String()
}

func (m *maker) entries() {
	for _, e := range m.g.entry {
		file, line := m.at(e.pos)
		m.r.Entries = append(m.r.Entries, Entry{
			Kind: e.kind, Place: Place{m.g.nodes[e.node].name, file, line}, Text: e.text, Side: m.labels[e.node].String(),
		})
	}
	slices.SortStableFunc(m.r.Entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.File, b.File), a.Line-b.Line)
	})
}

// crossings lists what crosses, worst first, and counts who uses whom.
func (m *maker) crossings() {
	type pair struct{ from, to string }
	calls := map[pair]*Calls{}
	for _, e := range m.g.edges {
		from, to := m.g.pkgs[m.g.nodes[e.from].pkg].short, m.g.pkgs[m.g.nodes[e.to].pkg].short
		over := crosses(m.labels, e)
		if from != to || over {
			p := pair{from, to}
			if calls[p] == nil {
				calls[p] = &Calls{From: from, To: to}
			}
			calls[p].Count += e.count
			if over {
				calls[p].Across += e.count
				class := m.g.classify(e).class
				if calls[p].Hardest == "" || weights[class] > weights[calls[p].Hardest] {
					calls[p].Hardest = class
				}
			}
		}
		if over {
			m.cross(e)
			continue
		}
		if m.labels[e.from] != sideBoth && m.labels[e.to] == sideBoth {
			m.r.Classes[classR]++
		}
	}
	for _, c := range calls {
		m.r.Calls = append(m.r.Calls, *c)
	}
	slices.SortFunc(m.r.Calls, func(a, b Calls) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	slices.SortStableFunc(m.r.Crossings, func(a, b Crossing) int {
		return cmp.Or(cmp.Compare(weights[b.Remotable], weights[a.Remotable]), cmp.Compare(a.File, b.File), a.Line-b.Line,
			cmp.Compare(a.To, b.To))
	})
}

func (m *maker) cross(e edge) {
	v := m.g.classify(e)
	file, line := m.at(e.pos)
	target, at := m.at(m.g.nodes[e.to].pos)
	one := Crossing{
		From: m.g.nodes[e.from].name, To: m.g.nodes[e.to].name, Kind: e.kind, File: file, Line: line, Count: e.count,
		FromSide: m.labels[e.from].String(), Target: fmt.Sprintf("%s:%d", target, at),
		Remotable: v.class, Why: v.why, Fix: v.fix,
	}
	if e.via != nil {
		one.Via = ifaceMethod(e.via)
	}
	m.r.Classes[v.class]++
	m.r.Crossings = append(m.r.Crossings, one)
}

// tables lists the tables that both halves touch, and which packages touch any.
func (m *maker) tables() {
	type key struct{ pkg, table string }
	verbs := map[key][]string{}
	users := map[string][]TableUse{}
	for n, nd := range m.g.nodes {
		for _, a := range nd.sql {
			if nd.lent && m.labels[n] == sideBoth {
				continue // counted where the handle comes from
			}
			k := key{m.g.pkgs[nd.pkg].short, a.table}
			if !slices.Contains(verbs[k], a.verb) {
				verbs[k] = append(verbs[k], a.verb)
			}
			if a.verb != "schema" {
				file, line := m.at(a.pos)
				users[a.table] = append(users[a.table], TableUse{Place{nd.name, file, line}, a.verb, m.labels[n].String()})
			}
		}
	}
	for k, v := range verbs {
		slices.Sort(v)
		m.r.Reach = append(m.r.Reach, Reach{k.pkg, k.table, strings.Join(v, ",")})
	}
	slices.SortFunc(m.r.Reach, func(a, b Reach) int { return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Table, b.Table)) })
	for name, uses := range users {
		t := Table{Name: name, A: strongest(uses, sideA), B: strongest(uses, sideB), Users: uses}
		if t.A != "" && t.B != "" {
			m.r.Tables = append(m.r.Tables, t)
		}
	}
	slices.SortFunc(m.r.Tables, func(a, b Table) int { return cmp.Compare(a.Name, b.Name) })
}

func strongest(uses []TableUse, s side) string {
	verb := ""
	for _, u := range uses {
		if u.Side == s.String() && verb != "write" {
			verb = u.Verb
		}
	}
	return verb
}

// transactions lists crossings in an open transaction: called in one directly,
// or from a function that is.
func (m *maker) transactions() {
	under := make([]bool, len(m.g.nodes))
	var queue []int
	out := make([][]int, len(m.g.nodes))
	for _, e := range m.g.edges {
		if !uses(e.kind) || crosses(m.labels, e) {
			continue
		}
		out[e.from] = append(out[e.from], e.to)
		if e.inTx && !under[e.to] {
			under[e.to] = true
			queue = append(queue, e.to)
		}
	}
	for len(queue) > 0 { // each node enters once
		n := queue[0]
		queue = queue[1:]
		for _, to := range out[n] {
			if !under[to] {
				under[to] = true
				queue = append(queue, to)
			}
		}
	}
	for _, e := range m.g.edges {
		if uses(e.kind) && crosses(m.labels, e) && (e.inTx || under[e.from]) {
			file, line := m.at(e.pos)
			m.r.Transactions = append(m.r.Transactions, Transaction{m.g.nodes[e.from].name, m.g.nodes[e.to].name, file, line, e.inTx})
		}
	}
}

func (m *maker) variables() {
	at := map[int]int{}
	for _, e := range m.g.edges {
		if e.kind != kindRead && e.kind != kindWrite || !crosses(m.labels, e) {
			continue
		}
		i, ok := at[e.to]
		if !ok {
			i = len(m.r.Variables)
			at[e.to] = i
			m.r.Variables = append(m.r.Variables, Variable{Place: m.place(e.to), Side: m.labels[e.to].String(), Why: m.g.chain(e.to)})
		}
		if name := m.g.nodes[e.from].name; !slices.Contains(m.r.Variables[i].Users, name) {
			m.r.Variables[i].Users = append(m.r.Variables[i].Users, name)
		}
	}
}

// cuts describes the proposal, the best rivals and the default razor.
func (m *maker) cuts(cuts []*cut) {
	m.r.Cuts = append(m.r.Cuts, m.cut(m.c))
	for _, c := range cuts {
		if c != m.c && (len(m.r.Cuts) <= maxRivals || c.origin == fromFrontend) {
			m.r.Cuts = append(m.r.Cuts, m.cut(c))
		}
	}
}

func (m *maker) cut(c *cut) Cut {
	one := Cut{Origin: c.origin, Name: c.name, Cost: round(c.cost), Balance: round(c.balance)}
	if c.balance > 0 {
		one.Score = round(c.score)
	}
	one.A, one.B = m.half(c, sideA), m.half(c, sideB)
	return one
}

func round(f float64) float64 { return float64(int64(f*1000+0.5)) / 1000 }

func (m *maker) half(c *cut, s side) Half {
	lines := make([][2]int, len(m.g.pkgs))
	h := Half{Packages: []string{}}
	for n, nd := range m.g.nodes {
		if nd.grade.replicable() || nd.sort == sortType || c.wiring[n] {
			continue
		}
		lines[nd.pkg][c.home[n]] += nd.lines
		if c.home[n] == s {
			h.Lines += nd.lines
		}
	}
	for _, e := range m.g.entry {
		if e.kind != entryMain && c.home[e.node] == s && !c.wiring[e.node] {
			h.Entries++
		}
	}
	var order []int
	for p, l := range lines {
		if l[s] > l[1-s] {
			order = append(order, p)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return lines[b][s] - lines[a][s] })
	for _, p := range order {
		h.Packages = append(h.Packages, m.g.pkgs[p].short)
	}
	return h
}
