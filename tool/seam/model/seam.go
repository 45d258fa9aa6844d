package model

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// teller tells of one cut.
type teller struct {
	*Model
	labeling
	cut search.Cut
	s   *report.Seam
	// across are the references that cross, worst first.
	across []crossing
}

// crossing is an edge from where a half has its user to where that half lacks
// what is used.
type crossing struct {
	e     *edge
	class class
	side  half // the user's
}

// Seam tells of a cut of m's problem: what is where, what crosses and why, what
// both halves touch. People, traffic, stability and the comparison with chance
// are not its business and stay empty.
func (m *Model) Seam(cut search.Cut) report.Seam {
	s := report.Seam{Classes: map[string]int{}, Assign: map[string]string{}, NullRatio: 0}
	t := &teller{Model: m, labeling: m.assign(cut), cut: cut, s: &s}
	for n := range int32(len(m.nodes)) {
		if !m.nodes[n].lit {
			s.Assign[m.id(n)] = sides[t.in[n].label()]
		}
	}
	t.cross()
	t.crossings()
	t.between()
	t.tables()
	t.transactions()
	t.twice()
	t.carried()
	t.halves()
	t.shared()
	t.wires()
	t.cost()
	t.effort()
	return s
}

// cross finds the references that cross. Code that runs only at start is for
// binding what is across, and nothing runs because of code that nothing uses, so
// nothing crosses from there.
func (t *teller) cross() {
	for i := range t.edges {
		e := &t.edges[i]
		missing := t.in[e.from] &^ t.in[e.to]
		if missing == 0 {
			if t.nodes[e.from].role == work && t.in[e.from] != inBoth && t.in[e.to] == inBoth && e.kind == facts.Call {
				t.s.Classes[classR]++
			}
			continue
		}
		if t.nodes[e.from].role != work || t.carries(e) {
			continue
		}
		c := t.classify(e)
		if c.name == classR {
			continue // data that is linked where it is needed
		}
		t.across = append(t.across, crossing{e, c, missing})
	}
	slices.SortStableFunc(t.across, func(a, b crossing) int {
		return cmp.Or(
			cmp.Compare(classCost(b.class.name), classCost(a.class.name)),
			cmp.Compare(t.file(a.e.from), t.file(b.e.from)),
			cmp.Compare(a.e.line, b.e.line),
			cmp.Compare(t.id(a.e.to), t.id(b.e.to)),
			cmp.Compare(a.e.kind, b.e.kind),
		)
	})
}

// carries reports whether a use is by code that is generated for RPC: it calls a
// server where that is registered, and the methods of what it carries where that
// is used.
func (t *teller) carries(e *edge) bool {
	return t.generated(e.from) && t.pkgs[t.nodes[e.from].pkg].stubs && t.place[e.from] < 0
}

func (t *teller) crossings() {
	t.s.Crossings = make([]report.Crossing, 0, len(t.across))
	for _, x := range t.across {
		one := report.Crossing{
			From: t.id(x.e.from), To: t.id(x.e.to), Via: t.viaName(x.e), Kind: kindNames[x.e.kind],
			File: t.file(x.e.from), Line: int(x.e.line), Count: int(x.e.count), Side: sides[x.side.label()],
			TargetFile: t.file(x.e.to), TargetLine: t.nodes[x.e.to].decl.Line,
			Remotable: x.class.name, Why: x.class.why, Fix: x.class.fix, InTx: t.inTx(x.e),
		}
		if t.place[x.e.from] >= 0 && t.place[x.e.to] >= 0 && uses(x.e.kind) {
			one.Calls = t.rate(x.e)
			one.Cost = round(t.crossCost(x.e) * busy(one.Calls))
		}
		t.s.Classes[x.class.name]++
		t.s.Crossings = append(t.s.Crossings, one)
	}
}

func round(f float64) float64 { return math.Round(f*1000) / 1000 }

// between counts who uses whom, by package.
func (t *teller) between() {
	type pair struct{ from, to int32 }
	found := map[pair]*report.Between{}
	at := func(e *edge) *report.Between {
		p := pair{t.nodes[e.from].pkg, t.nodes[e.to].pkg}
		if found[p] == nil {
			found[p] = &report.Between{From: t.short(t.pkgs[p.from].path), To: t.short(t.pkgs[p.to].path)}
		}
		return found[p]
	}
	for i := range t.edges {
		if e := &t.edges[i]; t.nodes[e.from].pkg != t.nodes[e.to].pkg {
			at(e).Count += int(e.count)
		}
	}
	for _, x := range t.across {
		b := at(x.e)
		if b.From == b.To {
			b.Count += int(x.e.count)
		}
		b.Across += int(x.e.count)
		if b.Hardest == "" || classCost(x.class.name) > classCost(b.Hardest) {
			b.Hardest = x.class.name
		}
	}
	t.s.Between = make([]report.Between, 0, len(found))
	for _, b := range found {
		t.s.Between = append(t.s.Between, *b)
	}
	slices.SortFunc(t.s.Between, func(a, b report.Between) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
}

func (m *Model) at(n int32) report.Place {
	return report.Place{Name: m.id(n), File: m.file(n), Line: m.nodes[n].decl.Line}
}

func (t *teller) shared() {
	s := &t.s.Both
	for n := range t.nodes {
		if t.in[n] == inBoth && !t.nodes[n].lit && !t.generated(int32(n)) {
			s.Declarations++
			s.Lines += t.nodes[n].decl.Lines
		}
	}
	s.Packages = []string{}
	for _, p := range t.packages(&t.labeling) {
		if p.Side == "both" {
			s.Packages = append(s.Packages, p.Path)
		}
	}
}

func (t *teller) wires() {
	t.s.Wiring = []report.Place{}
	for n := range int32(len(t.nodes)) {
		if t.wiring[n] && !t.nodes[n].lit {
			t.s.Wiring = append(t.s.Wiring, t.at(n))
		}
	}
}

// cost tells the search's cost apart.
func (t *teller) cost() {
	tables := 0.0
	for at, what := range t.thing {
		if (what.kind == thingUsed || what.kind == thingWritten) && t.cut.Label[at] == search.Both {
			tables += t.problem.Nodes[at].Both
		}
	}
	c := t.cut
	t.s.Cost = report.Cost{
		Total: round(c.Cost), Crossings: round(c.Crossing), Tables: round(tables), Copies: round(c.Copies - tables),
		Balance: round(c.Balance), Score: round(c.Score), Parted: round(c.Parted), CodeShare: 1,
	}
}

// plural is "1 table", "2 tables".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
