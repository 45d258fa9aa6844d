package model

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// What a call takes along.
const (
	cargoError = "error"
	cargoValue = "context value"
)

// spot is where in a declaration something is used.
type spot struct {
	node int32
	line int
}

// cargo is what calls take along beside their arguments and results: an error
// that callers tell apart, or a value in a context.
type cargo struct {
	node  int32  // the error, or the key; -1 if the key is no declaration of the module
	name  string // as people write it
	from  []spot // who makes the error, or sets the value
	to    []spot // who tells it apart, or reads it
	value bool   // a value in a context: from and to have whom pure code does it for, too
}

// cargoes lists the errors that are told apart and the values in contexts that
// are both set and read here, by name.
func (m *Model) cargoes() []cargo {
	all := append(m.toldErrors(), m.contextValues()...)
	for i := range all {
		c := &all[i]
		for _, spots := range []*[]spot{&c.from, &c.to} {
			m.inOrder(*spots)
			*spots = slices.Compact(*spots)
			if c.value {
				*spots = m.behalf(*spots)
			}
		}
	}
	all = slices.DeleteFunc(all, func(c cargo) bool { return len(c.from) == 0 || len(c.to) == 0 })
	slices.SortFunc(all, func(a, b cargo) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.node, b.node)) })
	return all
}

// inOrder sorts spots by file and line.
func (g *graph) inOrder(spots []spot) {
	slices.SortFunc(spots, func(a, b spot) int {
		return cmp.Or(cmp.Compare(g.file(a.node), g.file(b.node)), cmp.Compare(a.line, b.line), cmp.Compare(a.node, b.node))
	})
}

// toldErrors are the errors that something tells apart. Who else names an
// error, makes it.
func (m *Model) toldErrors() []cargo {
	told := map[int32]map[*facts.Decl]int{}
	for n := range m.nodes {
		d := m.nodes[n].decl
		for _, t := range d.Tells {
			at, ok := m.byName[t.Err]
			if !ok || m.generated(at) {
				continue
			}
			if told[at] == nil {
				told[at] = map[*facts.Decl]int{}
			}
			told[at][d] = t.Line
		}
	}
	var all []cargo
	for at, by := range told {
		c := cargo{node: at, name: m.label(at)}
		for _, i := range m.in[at] {
			e := &m.edges[i]
			if line, ok := by[m.nodes[e.from].decl]; ok {
				c.to = append(c.to, spot{e.from, line})
			} else if e.kind == facts.Read || e.kind == facts.Construct {
				c.from = append(c.from, spot{e.from, int(e.line)})
			}
		}
		all = append(all, c)
	}
	return all
}

// keyName tells the keys of contexts apart.
type keyName struct {
	key  facts.Symbol
	text string
}

// contextValues are the values that are put into contexts. Who else names the
// key of one, reads it.
func (m *Model) contextValues() []cargo {
	byKey := map[keyName]*cargo{}
	setters := map[keyName]map[*facts.Decl]bool{}
	for _, set := range []bool{true, false} {
		for n := range int32(len(m.nodes)) {
			nd := &m.nodes[n]
			if nd.lit {
				continue
			}
			for _, k := range nd.decl.Keys {
				name := keyName{k.Key, k.Text}
				if k.Set && byKey[name] == nil {
					byKey[name] = m.newKey(k)
					setters[name] = map[*facts.Decl]bool{}
				}
				c := byKey[name]
				switch {
				case c == nil || k.Set != set:
				case set:
					c.from = append(c.from, m.spots(n, name, k.Line)...)
					setters[name][nd.decl] = true
				default:
					c.to = append(c.to, m.spots(n, name, k.Line)...)
				}
			}
		}
	}
	all := make([]cargo, 0, len(byKey))
	for name, c := range byKey {
		m.namers(c, name, setters[name])
		all = append(all, *c)
	}
	return all
}

func (m *Model) newKey(k facts.Key) *cargo {
	c := &cargo{node: m.find(k.Key), name: fmt.Sprintf("%q", k.Text), value: true}
	if c.node >= 0 {
		c.name = m.label(c.node)
		if k.Text != "" {
			c.name += fmt.Sprintf("(%q)", k.Text)
		}
	}
	return c
}

// spots is where n uses a key: in its function literals that serve, if they are
// what names it.
func (m *Model) spots(n int32, name keyName, line int) []spot {
	at := []spot{}
	if key := m.find(name.key); key >= 0 {
		for _, i := range m.in[key] {
			if from := m.edges[i].from; m.nodes[from].decl == m.nodes[n].decl {
				at = append(at, spot{from, line})
			}
		}
	}
	if len(at) == 0 {
		at = append(at, spot{n, line})
	}
	return at
}

// namers adds the functions that hand a key on, to what reads it.
func (m *Model) namers(c *cargo, name keyName, setters map[*facts.Decl]bool) {
	if c.node < 0 || name.text != "" {
		return
	}
	for _, i := range m.in[c.node] {
		e := &m.edges[i]
		nd := &m.nodes[e.from]
		known := slices.ContainsFunc(nd.decl.Keys, func(k facts.Key) bool { return k.Key == name.key })
		if nd.isFunc() && !known && !setters[nd.decl] {
			c.to = append(c.to, spot{e.from, int(e.line)})
		}
	}
}

// behalf adds to the functions that handle a value of a context those for which
// they do, as far as they do nothing else: set and get functions are pure.
func (m *Model) behalf(spots []spot) []spot {
	seen := map[int32]bool{}
	for _, s := range spots {
		seen[s.node] = true
	}
	for at := 0; at < len(spots); at++ { // each node enters once
		n := spots[at].node
		if !replicable(m.nodes[n].grade) {
			continue
		}
		for _, i := range m.in[n] {
			if e := &m.edges[i]; uses(e.kind) && m.nodes[e.from].isFunc() && m.nodes[e.from].role != idle && !seen[e.from] {
				seen[e.from] = true
				spots = append(spots, spot{e.from, int(e.line)})
			}
		}
	}
	return spots
}

// parted are the names of what a call would have to take along over the line of
// a cut.
func (m *Model) parted(cut search.Cut, l labeling) map[string]bool {
	t := &teller{Model: m, labeling: l, cut: cut, s: &report.Seam{Classes: map[string]int{}}}
	t.cross()
	t.carried()
	names := map[string]bool{}
	for _, c := range t.s.Carried {
		names[c.Name] = true
	}
	return names
}

// placeOf is a spot for people.
func (m *Model) placeOf(s spot) report.Place {
	return report.Place{Name: m.id(s.node), File: m.file(s.node), Line: s.line}
}

func (m *Model) placesOf(spots []spot) []report.Place {
	places := make([]report.Place, 0, min(len(spots), maxNamed))
	for _, s := range spots[:min(len(spots), maxNamed)] {
		places = append(places, m.placeOf(s))
	}
	return places
}

// carried lists what a call across the line has to take along: errors that one
// half makes and the other tells apart, and context values that one half sets
// before it calls the other, which reads them.
func (t *teller) carried() {
	t.s.Carried = []report.Carried{}
	runs := [inBoth + 1]map[int32]bool{inA: t.runs(inA), inB: t.runs(inB)}
	called := [inBoth + 1]map[int32]bool{inA: t.called(inA), inB: t.called(inB)}
	for _, c := range t.cargoes() {
		for _, user := range []half{inA, inB} {
			other := inBoth &^ user
			from, to := called[other], runs[user]
			if c.value { // what is called reads it
				from, to = runs[other], called[user]
			}
			one := report.Carried{Side: sides[user.label()], From: t.placesOf(inside(c.from, from)), To: t.placesOf(inside(c.to, to))}
			if len(one.From) == 0 || len(one.To) == 0 {
				continue
			}
			one.Place = one.From[0]
			if c.node >= 0 {
				one.Place = t.at(c.node)
			}
			one.Place.Name = c.name
			t.describe(&one, c, sides[other.label()])
			t.s.Carried = append(t.s.Carried, one)
		}
	}
}

func (t *teller) describe(one *report.Carried, c cargo, other string) {
	if c.value {
		one.What = cargoValue
		one.Why = fmt.Sprintf("set in half %s, read in half %s: what is in a context stays in its process", other, one.Side)
		one.Fix = "make it an argument of what is called across"
		return
	}
	one.What = cargoError
	one.Why = fmt.Sprintf("made in half %s, told apart in half %s: it has to arrive as itself, not as its text", other, one.Side)
	one.Fix = "keep it a package variable that is set once, or a named type: a boundary knows these again"
}

func inside(spots []spot, in map[int32]bool) []spot {
	return slices.DeleteFunc(slices.Clone(spots), func(s spot) bool { return !in[s.node] })
}

// runs is the code that runs in a half: what is there alone, and what that uses.
func (t *teller) runs(h half) map[int32]bool {
	var from []int32
	for n := range int32(len(t.nodes)) {
		if t.in[n] == h && t.nodes[n].role == work {
			from = append(from, n)
		}
	}
	return t.using(h, from)
}

// called is the code of a half that runs because the other half calls it.
func (t *teller) called(h half) map[int32]bool {
	var from []int32
	for _, x := range t.across {
		if x.side != h && uses(x.e.kind) && t.nodes[x.e.to].isFunc() {
			from = append(from, x.e.to)
		}
	}
	return t.using(h, from)
}

// using adds to some code of a half what it uses there.
func (t *teller) using(h half, from []int32) map[int32]bool {
	in := map[int32]bool{}
	var queue []int32
	enter := func(n int32) {
		if !in[n] && t.in[n]&h != 0 {
			in[n] = true
			queue = append(queue, n)
		}
	}
	for _, n := range from {
		enter(n)
	}
	for len(queue) > 0 { // each node enters once
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range t.out(n) {
			if uses(e.kind) {
				enter(e.to)
			}
		}
	}
	return in
}
