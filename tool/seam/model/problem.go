package model

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// thingKind is what a node of the problem stands for.
type thingKind uint8

const (
	thingCode    thingKind = iota // a function or variable
	thingMemory                   // the state of a type's values
	thingData                     // a data type, for those that share it
	thingPackage                  // what keeps a package's state together
	thingUsed                     // a table that is used
	thingWritten                  // a table that is written
	thingWiring                   // a startup function that starts several entry points
)

// thing is what a node of the problem stands for: a declaration, a package or a
// table, by index.
type thing struct {
	kind thingKind
	at   int32
}

// builder makes the problem.
type builder struct {
	m     *Model
	p     *search.Problem
	types []int32 // by node: the problem's node of its memory or data, or -1
	edges map[[2]int32]float64
	order [][2]int32
}

// state makes the problem of the model.
func (m *Model) state() error {
	b := &builder{m: m, p: &search.Problem{}, edges: map[[2]int32]float64{}, types: make([]int32, len(m.nodes))}
	m.place = make([]int32, len(m.nodes))
	for n := range m.nodes {
		m.place[n], b.types[n] = -1, -1
	}
	homes := m.homes()
	for n := range int32(len(m.nodes)) {
		if m.placed(n) || homes[n] {
			b.addCode(n)
		}
	}
	m.working = make([]bool, len(m.nodes))
	for n := range m.nodes {
		if r := m.nodes[n].recv; r >= 0 && m.place[n] >= 0 && !m.called[int32(n)] {
			m.working[r] = true
		}
	}
	b.addEntries()
	b.addMemory()
	b.addCalls()
	b.addMiddleware()
	b.addTables()
	b.addData()
	b.addPackages()
	b.addWiring()
	b.addTraffic()
	for _, pair := range b.order {
		b.p.Edges = append(b.p.Edges, search.Edge{From: pair[0], To: pair[1], Cost: b.edges[pair]})
	}
	b.arrange()
	m.problem = b.p
	b.addTies()
	return b.constrain()
}

// homes marks the nodes of entry points that have a place in a cut.
func (m *Model) homes() []bool {
	homes := make([]bool, len(m.nodes))
	for _, e := range m.entries {
		homes[e.node] = homes[e.node] || !e.homeless
	}
	return homes
}

// placed reports whether a declaration has a place of its own: it has state or
// effects, and its part because of an entry point. All else follows its users.
func (m *Model) placed(n int32) bool {
	nd := &m.nodes[n]
	return nd.role == work && !replicable(nd.grade) && (nd.isFunc() || nd.isVar() || nd.lit) && !(m.generated(n) && m.pkgs[nd.pkg].stubs)
}

func (b *builder) node(t thing, n search.Node) int32 {
	b.p.Nodes = append(b.p.Nodes, n)
	b.m.thing = append(b.m.thing, t)
	return int32(len(b.p.Nodes) - 1)
}

// edge adds a use. Between two nodes the dearest counts, once.
func (b *builder) edge(from, to int32, cost float64) {
	if from == to || from < 0 || to < 0 || cost <= 0 {
		return
	}
	key := [2]int32{from, to}
	if old, ok := b.edges[key]; !ok {
		b.order = append(b.order, key)
	} else {
		cost = max(cost, old)
	}
	b.edges[key] = cost
}

func (b *builder) addCode(n int32) {
	m := b.m
	nd := &m.nodes[n]
	node := search.Node{Both: b.copyCost(n)}
	if nd.isFunc() && !m.generated(n) {
		node.Mass = float64(nd.decl.Lines)
	}
	if nd.lit {
		node.Mass *= m.literalShare(nd.decl)
	}
	m.place[n] = b.node(thing{thingCode, n}, node)
}

// literalShare is the part of a declaration's references that are in function
// literals: what of its lines they are is not known.
func (m *Model) literalShare(d *facts.Decl) float64 {
	in := 0
	for i := range d.Refs {
		if inLiteral(d, &d.Refs[i]) {
			in++
		}
	}
	return float64(in) / float64(max(1, len(d.Refs)))
}

// copyCost is what it costs to have a function or variable in both halves, the
// memory that it works on apart.
func (b *builder) copyCost(n int32) float64 {
	m := b.m
	nd := &m.nodes[n]
	cost := costCode
	switch {
	case nd.isVar() && nd.own != facts.Stateful:
	case nd.isVar() && nd.decl.Holds && nd.decl.Handle:
		cost = costHandle
	case nd.isVar():
		cost = costVar
	case slices.Contains(m.tends[nd.recv], n):
		cost = costSpawn // the state that it tends is what costs
	case nd.decl.Traits&facts.Loops != 0:
		cost = costLoop
	case nd.decl.Traits&(facts.Starts|facts.Joins) == facts.Starts:
		cost = costSpawn
	}
	return b.damp(n, cost)
}

// damp makes the state of a hub cheap to copy.
func (b *builder) damp(n int32, cost float64) float64 {
	if b.m.pkgs[b.m.nodes[n].pkg].hub {
		return cost * hubCopy
	}
	return cost
}

// addEntries makes entry points of nodes, and keeps those together
// that are methods of one type.
func (b *builder) addEntries() {
	served := map[int32]int{}
	for _, e := range b.m.entries {
		if e.homeless {
			continue
		}
		n := &b.p.Nodes[b.m.place[e.node]]
		n.Entry, n.Both = entryWeight(e.kind), never
		n.Door = n.Door || e.kind == facts.EntryRPC
		if e.typ < 0 || e.kind != facts.EntryRPC && e.kind != facts.EntryHTTP {
			continue
		}
		served[e.typ]++
		cost := costSite + costRoute*float64(served[e.typ])
		if e.kind == facts.EntryRPC {
			cost = costService + costServed*float64(served[e.typ])
		}
		b.edge(b.m.place[e.node], b.memory(e.typ, cost), never)
	}
}

// memory is the node of the state that a type's values share, and costs at
// least cost in both halves.
func (b *builder) memory(t int32, cost float64) int32 {
	if b.types[t] < 0 {
		b.types[t] = b.node(thing{thingMemory, t}, search.Node{})
	}
	n := &b.p.Nodes[b.types[t]]
	n.Both = max(n.Both, cost)
	return b.types[t]
}

// addMemory adds the state of types whose methods work on it, and ties these to
// it.
func (b *builder) addMemory() {
	m := b.m
	for n := range int32(len(m.nodes)) {
		t := m.nodes[n].recv
		if t < 0 || m.place[n] < 0 || !m.touches(n, t) {
			continue
		}
		b.edge(m.place[n], b.memory(t, b.damp(t, m.memoryCost(t))), never)
	}
	for t := range int32(len(m.nodes)) {
		b.addUncalled(t)
		for _, loop := range m.tends[t] {
			if m.place[loop] >= 0 {
				b.edge(b.memory(t, 0), m.place[loop], costB)
			}
		}
	}
}

// addUncalled makes code that makes values of a type, itself or through code
// that has no place, need those of its methods that only others call.
func (b *builder) addUncalled(t int32) {
	m := b.m
	served := slices.DeleteFunc(slices.Clone(m.uncalled[t]), func(n int32) bool { return m.place[n] < 0 || m.nodes[n].entry >= 0 })
	if len(served) == 0 {
		return
	}
	makers := m.makers(t)
	if len(makers) == 0 && b.types[t] < 0 {
		return // made at start, and nothing is where the type is: they are where what they use is
	}
	at := b.memory(t, 0)
	for _, n := range makers {
		b.edge(m.place[n], at, costB)
	}
	for _, n := range served {
		b.edge(at, m.place[n], costB)
	}
}

// makers are the placed nodes that make values of a type, themselves or through
// code that has no place.
func (m *Model) makers(t int32) []int32 {
	var found []int32
	seen := map[int32]bool{}
	queue := []int32{t}
	for len(queue) > 0 { // each node enters once
		n := queue[0]
		queue = queue[1:]
		for _, i := range m.in[n] {
			e := &m.edges[i]
			if seen[e.from] || n == t && !m.makes(e) || n != t && !uses(e.kind) {
				continue
			}
			seen[e.from] = true
			switch nd := &m.nodes[e.from]; {
			case m.place[e.from] >= 0:
				found = append(found, e.from)
			case nd.role == work && nd.isFunc():
				queue = append(queue, e.from)
			}
		}
	}
	return found
}

// touches reports whether a method works on the memory of its receiver.
func (m *Model) touches(n, t int32) bool {
	if m.nodes[n].decl.Traits&(facts.Guards|facts.Changes) != 0 {
		return true
	}
	return slices.ContainsFunc(m.out(n), func(e edge) bool {
		return e.to == t && (e.kind == facts.FieldRef || e.kind == facts.FieldWrite)
	})
}

// memoryCost is what it costs if the state of a type's values exists twice.
func (m *Model) memoryCost(t int32) float64 {
	d := m.nodes[t].decl
	switch {
	case m.library(t) || !m.madeAtStart(t):
		return costHandle // each user has its own
	case m.guarded[t], d.Holds && !d.Handle:
		return costMemory
	case slices.ContainsFunc(m.in[t], func(i int32) bool {
		e := &m.edges[i]
		return e.kind == facts.FieldWrite && m.nodes[e.from].recv == t
	}):
		return costField
	}
	return costHandle
}

// madeAtStart reports whether values of a type are made while the program
// starts, as far as is seen: then there is one for all that use it.
func (m *Model) madeAtStart(t int32) bool {
	made := false
	for _, i := range m.in[t] {
		e := &m.edges[i]
		if e.kind != facts.Construct {
			continue
		}
		if m.nodes[e.from].role != work {
			return true
		}
		made = true
	}
	return !made
}

// guardedTypes marks the types of which methods lock or change memory at once.
func (g *graph) guardedTypes() []bool {
	guarded := make([]bool, len(g.nodes))
	for n := range g.nodes {
		if r := g.nodes[n].recv; r >= 0 && g.nodes[n].decl.Traits&facts.Guards != 0 {
			guarded[r] = true
		}
	}
	return guarded
}

// addCalls adds what code uses of other code, by what it takes to cross it.
func (b *builder) addCalls() {
	m := b.m
	for i := range m.edges {
		e := &m.edges[i]
		from := m.place[e.from]
		if from < 0 {
			continue
		}
		if e.kind == facts.Construct {
			b.edge(from, b.types[e.to], costB)
			continue
		}
		if to := m.place[e.to]; to >= 0 && uses(e.kind) {
			b.edge(from, to, m.crossCost(e))
			if e.via >= 0 && m.nodes[e.from].pkg != m.nodes[e.to].pkg {
				b.p.Nodes[to].Door = true // the interface is there to be called through
			}
		}
	}
}

// addMiddleware makes handlers need what runs before them.
func (b *builder) addMiddleware() {
	for n := range int32(len(b.m.nodes)) {
		for _, to := range b.m.wraps[n] {
			b.edge(b.m.place[n], b.m.place[to], costM2)
		}
	}
}

// crossCost is what it costs if a reference crosses.
func (m *Model) crossCost(e *edge) float64 {
	if m.inTx(e) {
		return costTx
	}
	if m.nodes[e.to].isVar() {
		return costVar
	}
	return classCost(m.classify(e).name) / float64(max(1, e.fan)) * m.inside(e)
}

// inside says how many times more a call costs to cross since it is inside of a
// type or package, and how many times less since it is of an entry point.
func (m *Model) inside(e *edge) float64 {
	from, to := &m.nodes[e.from], &m.nodes[e.to]
	switch {
	case to.entry >= 0:
		return insideEntry
	case from.recv >= 0 && from.recv == to.recv:
		return insideType
	case from.pkg == to.pkg:
		return insidePackage
	}
	return 1
}

// addTables adds each table that is written as two things: one that all users
// need, one that all writers need.
func (b *builder) addTables() {
	m := b.m
	for t, users := range m.tableUsers() {
		if !m.tables[t].written {
			continue
		}
		used, written := int32(-1), int32(-1)
		for _, u := range users {
			n := m.place[u.by]
			if n < 0 || u.verb == facts.Defines {
				continue
			}
			if used < 0 {
				used = b.node(thing{thingUsed, int32(t)}, search.Node{Both: costRead})
				written = b.node(thing{thingWritten, int32(t)}, search.Node{Both: costTable - costRead})
			}
			b.edge(n, used, never)
			if u.verb == facts.Writes {
				b.edge(n, written, never)
			}
		}
	}
}

// addData adds data types that stateful code of several declarations works on.
func (b *builder) addData() {
	m := b.m
	users := make([][]int32, len(m.nodes))
	for i := range m.edges {
		e := &m.edges[i]
		nd := &m.nodes[e.to]
		from := m.place[e.from]
		if from < 0 || !nd.isType() || nd.decl.Interface || b.types[e.to] >= 0 || m.pkgs[nd.pkg].hub || m.generated(e.to) {
			continue
		}
		if l := users[e.to]; len(l) == 0 || l[len(l)-1] != from {
			users[e.to] = append(l, from)
		}
	}
	for t, list := range users {
		if len(list) < 2 {
			continue
		}
		at := b.node(thing{thingData, int32(t)}, search.Node{Both: costType})
		for _, n := range list {
			b.edge(n, at, costTypeUse)
		}
	}
}

// addPackages adds what keeps the state of a package together. A package that
// all use is in both halves anyway.
func (b *builder) addPackages() {
	m := b.m
	for p := range m.pkgs {
		if m.pkgs[p].hub {
			continue
		}
		var members []int32
		for _, n := range m.pkgs[p].decls {
			if m.place[n] >= 0 && m.nodes[n].isFunc() {
				members = append(members, m.place[n])
			}
		}
		if len(members) < 2 {
			continue
		}
		at := b.node(thing{thingPackage, int32(p)}, search.Node{Both: costPackage})
		for _, n := range members {
			b.edge(n, at, costMember)
		}
	}
}

// addTies joins the heaviest code of files that people change together.
func (b *builder) addTies() {
	m := b.m
	heaviest := map[string]int32{}
	for n := range int32(len(m.nodes)) {
		at := m.place[n]
		if at < 0 {
			continue
		}
		file := m.file(n)
		if old, ok := heaviest[file]; !ok || b.p.Nodes[at].Mass > b.p.Nodes[old].Mass {
			heaviest[file] = at
		}
	}
	for _, t := range m.cfg.Ties {
		i, ok := heaviest[t.A]
		j, ok2 := heaviest[t.B]
		if ok && ok2 && i != j && t.Weight > 0 {
			b.p.Ties = append(b.p.Ties, search.Tie{I: min(i, j), J: max(i, j), Weight: t.Weight})
		}
	}
	slices.SortFunc(b.p.Ties, func(x, y search.Tie) int {
		return cmp.Or(cmp.Compare(x.I, y.I), cmp.Compare(x.J, y.J), cmp.Compare(x.Weight, y.Weight))
	})
}

// constrain adds what the user keeps together and apart.
func (b *builder) constrain() error {
	for _, group := range b.m.cfg.Keep {
		nodes, err := b.m.named("-keep", group)
		if err != nil {
			return err
		}
		b.together(nodes)
	}
	for _, pair := range b.m.cfg.Apart {
		if err := b.apart(pair); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) apart(pair [2]string) error {
	var ends [2][]int32
	for i, name := range pair {
		nodes, err := b.m.named("-apart", []string{name})
		if err != nil {
			return err
		}
		if len(nodes) == 0 && b.m.partial() {
			return nil
		}
		if len(nodes) == 0 {
			return fmt.Errorf("-apart: %s has no state and no effects: it goes to whoever uses it, so it cannot be kept apart\n  next: name something that it serves", name)
		}
		ends[i] = nodes
	}
	if ends[0][0] == ends[1][0] {
		return fmt.Errorf("-apart: %s and %s are the same\n  next: name two different things", pair[0], pair[1])
	}
	b.together(ends[0])
	b.together(ends[1])
	b.p.Apart = append(b.p.Apart, [2]int32{ends[0][0], ends[1][0]})
	return nil
}

func (b *builder) together(nodes []int32) {
	if len(nodes) > 1 {
		b.p.Together = append(b.p.Together, nodes)
	}
}

// partial reports whether only a part of the program is looked at: what the user
// names need not be in it.
func (m *Model) partial() bool { return len(m.cfg.Only) > 0 }

// named are the nodes of the problem that a list of names means, sorted.
func (m *Model) named(option string, names []string) ([]int32, error) {
	match := newMatcher(m.module, names)
	var found []int32
	for n := range m.nodes {
		nd := &m.nodes[n]
		if match.has(m.pkgs[nd.pkg].path, nd.name) && m.place[n] >= 0 {
			found = append(found, m.place[n])
		}
	}
	slices.Sort(found)
	if m.partial() {
		return found, nil
	}
	return found, match.missed(option)
}
