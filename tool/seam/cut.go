package seam

import (
	"cmp"
	"go/types"
	"math"
	"slices"
)

// side is where a declaration goes.
type side uint8

const (
	sideA side = iota
	sideB
	sideBoth
)

var sideNames = [...]string{"a", "b", "both"}

// String is the side's name in reports.
func (s side) String() string { return sideNames[s] }

// Origins of a candidate line.
const (
	fromIface    = "interface" // behind one interface of the module
	fromPackage  = "package"   // what only one package reaches
	fromFrontend = "frontend"  // the default razor: user-facing code against the rest
	fromUser     = "given"     // named by the user
)

const (
	maxSeeds   = 600     // candidates looked at; the largest packages and interfaces first
	maxPasses  = 8       // of improvement per candidate
	maxWork    = 1 << 31 // edge visits of the whole search
	minBalance = 0.05    // share of stateful lines that the smaller half must have
	keepShare  = 0.8     // of its balance that a candidate keeps while it is improved
	maxRivals  = 5       // reported besides the proposal
)

// cut is one candidate line: a home for each stateful declaration, and what the
// line costs.
type cut struct {
	origin  string
	name    string // the interface or package it comes from
	home    []side // by node; of replicable nodes only a fallback
	wiring  []bool
	cost    float64
	balance float64 // share of stateful lines in the smaller half, doubled: 1 is even
	score   float64 // cost for balance: lower is better
}

// link is the cost of keeping two stateful declarations apart.
type link struct {
	to     int
	weight float64 // damped, for the search
	full   float64 // as if there were no hubs, for the verdict
}

// searcher holds what all candidates share: the graph of stateful declarations.
// Replicable code is in both halves and costs nothing, so it is not in it.
type searcher struct {
	g      *graph
	state  []bool
	out    [][]int // by stateful node: stateful nodes that it uses
	in     [][]int
	reach  [][]int  // by node: all that may run, or be needed, because of it
	bound  []int    // by node: the type that it is a method of and that is called through an interface, or -1
	near   [][]link // by node, both ways
	tables map[string]map[int]string
	names  []string // of tables, sorted
	lines  int
	work   int
	tried  int
	roots  []int // entry points but main
}

// search tries all candidate lines and returns those that divide the program,
// best first. With given, only that line.
func (s *searcher) search(given map[string]bool) []*cut {
	if given != nil {
		c := s.given(given)
		s.measure(c)
		return []*cut{c}
	}
	var found []*cut
	for _, sd := range s.seeds() {
		if s.work > maxWork {
			break
		}
		s.tried++
		c := s.grow(sd)
		s.improve(c)
		s.measure(c)
		s.turn(c)
		if c.balance/2 >= minBalance || sd.origin == fromFrontend {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b *cut) int { return cmp.Compare(a.score, b.score) })
	return s.distinct(found)
}

// distinct drops candidates that ended as the same line as a better one.
func (s *searcher) distinct(cuts []*cut) []*cut {
	var kept []*cut
	for _, c := range cuts {
		same := slices.ContainsFunc(kept, func(k *cut) bool { return s.same(k, c) })
		if !same || c.origin == fromFrontend {
			kept = append(kept, c)
		}
	}
	return kept
}

// same reports whether two lines put the same state on the same sides.
func (s *searcher) same(a, b *cut) bool {
	for n := range s.state {
		if s.state[n] && a.home[n] != b.home[n] && !a.wiring[n] && !b.wiring[n] {
			return false
		}
	}
	return true
}

func newSearcher(g *graph) *searcher {
	n := len(g.nodes)
	s := &searcher{g: g, state: make([]bool, n), out: make([][]int, n), in: make([][]int, n), near: make([][]link, n),
		tables: map[string]map[int]string{}}
	for i := range g.nodes {
		s.state[i] = !g.nodes[i].grade.replicable() && g.nodes[i].sort != sortType
		if s.state[i] {
			s.lines += g.nodes[i].lines
		}
		for _, a := range g.nodes[i].sql {
			if a.verb == "schema" {
				continue
			}
			if s.tables[a.table] == nil {
				s.tables[a.table] = map[int]string{}
				s.names = append(s.names, a.table)
			}
			if s.tables[a.table][i] != "write" {
				s.tables[a.table][i] = a.verb
			}
		}
	}
	slices.Sort(s.names)
	s.connect()
	for _, e := range g.entry {
		if e.kind != entryMain && s.state[e.node] {
			s.roots = append(s.roots, e.node)
		}
	}
	s.reach = g.reach()
	s.bind()
	if len(s.roots) == 0 { // a program of commands without a library for them: what main calls
		for _, e := range g.entry {
			s.roots = append(s.roots, s.out[e.node]...)
		}
	}
	return s
}

// bind finds the methods of types that are called through an interface of the
// module, from a package other than theirs.
func (s *searcher) bind() {
	called := map[int]bool{}
	for _, e := range s.g.edges {
		if t := s.g.nodes[e.to].recv; e.via != nil && t >= 0 && s.g.nodes[e.from].pkg != s.g.nodes[e.to].pkg {
			called[t] = true
		}
	}
	s.bound = make([]int, len(s.g.nodes))
	for n := range s.g.nodes {
		s.bound[n] = -1
		if t := s.g.nodes[n].recv; s.state[n] && t >= 0 && called[t] {
			s.bound[n] = t
		}
	}
}

// connect joins stateful declarations by what it costs to part them.
func (s *searcher) connect() {
	g := s.g
	hubs := g.hubs()
	type pair struct{ from, to int }
	at, full := map[pair]float64{}, map[pair]float64{}
	var order []pair
	for _, e := range g.edges {
		if !uses(e.kind) || !s.state[e.from] || !s.state[e.to] {
			continue
		}
		w := weightOf(g, e)
		p := pair{e.from, e.to}
		full[p] = max(full[p], w)
		if hubs[g.nodes[e.to].pkg] {
			w *= hubDamping
		}
		if _, ok := at[p]; !ok {
			order = append(order, p)
		}
		at[p] = max(at[p], w) // once per caller and callee
	}
	for _, p := range order {
		s.out[p.from] = append(s.out[p.from], p.to)
		s.in[p.to] = append(s.in[p.to], p.from)
		s.near[p.from] = append(s.near[p.from], link{p.to, at[p], full[p]})
		s.near[p.to] = append(s.near[p.to], link{p.from, at[p], full[p]})
	}
}

// reach lists what each node refers to. A type also leads to its methods that
// nothing in the module calls: others may call them through an interface of
// theirs, as net/http calls ServeHTTP.
func (g *graph) reach() [][]int {
	reach := make([][]int, len(g.nodes))
	called := make([]bool, len(g.nodes))
	for _, e := range g.edges {
		reach[e.from] = append(reach[e.from], e.to)
		called[e.to] = called[e.to] || uses(e.kind)
	}
	for n, nd := range g.nodes {
		if nd.recv >= 0 && !called[n] {
			reach[nd.recv] = append(reach[nd.recv], n)
		}
	}
	return reach
}

func weightOf(g *graph, e edge) float64 {
	switch {
	case e.inTx:
		return weightTx
	case e.kind == kindRead || e.kind == kindWrite:
		return weightVar
	}
	return weights[g.classify(e).class]
}

// hubs marks the packages that so many use that using them says little.
func (g *graph) hubs() []bool {
	users := make([]map[int]bool, len(g.pkgs))
	for _, e := range g.edges {
		from, to := g.nodes[e.from].pkg, g.nodes[e.to].pkg
		if from == to {
			continue
		}
		if users[to] == nil {
			users[to] = map[int]bool{}
		}
		users[to][from] = true
	}
	hubs := make([]bool, len(g.pkgs))
	for p := range hubs {
		hubs[p] = len(g.pkgs) >= hubMinPackages && float64(len(users[p])) > hubShare*float64(len(g.pkgs))
	}
	return hubs
}

// seed is where a candidate begins: the declarations that are certainly on B.
type seed struct {
	origin, name string
	nodes        []int
	weight       int
}

// seeds lists the candidates: each interface with an implementation of its own
// package set, each package with state, and the frontend against the rest.
func (s *searcher) seeds() []seed {
	var all []seed
	for _, f := range s.g.ifaces {
		sd := seed{origin: fromIface, name: s.g.nodes[f.node].name}
		for n := range s.g.nodes {
			if s.state[n] && slices.Contains(f.impls, s.g.nodes[n].recv) {
				sd.nodes = append(sd.nodes, n)
			}
		}
		all = append(all, sd)
	}
	byPkg := make([][]int, len(s.g.pkgs))
	for n := range s.g.nodes {
		if s.state[n] && !s.g.isMain(n) {
			byPkg[s.g.nodes[n].pkg] = append(byPkg[s.g.nodes[n].pkg], n)
		}
	}
	for p, nodes := range byPkg {
		all = append(all, seed{origin: fromPackage, name: s.g.pkgs[p].short, nodes: nodes})
	}
	all = slices.DeleteFunc(all, func(sd seed) bool { return len(sd.nodes) == 0 })
	for i := range all {
		for _, n := range all[i].nodes {
			all[i].weight += s.g.nodes[n].lines
		}
	}
	slices.SortStableFunc(all, func(a, b seed) int { return b.weight - a.weight })
	all = all[:min(len(all), maxSeeds)]
	if f := s.frontend(); len(f.nodes) > 0 {
		all = append(all, f)
	}
	return all
}

// frontend is the default razor: packages that deal with users' requests are A,
// all other state is B.
func (s *searcher) frontend() seed {
	front := map[int]bool{}
	for n := range s.g.nodes {
		switch s.g.nodes[n].entry {
		case entryHTTP, entryCommand, entryMain:
			front[s.g.nodes[n].pkg] = true
		}
		if fn, ok := s.g.nodes[n].obj.(*types.Func); ok && servesHTTP(fn) {
			front[s.g.nodes[n].pkg] = true
		}
	}
	sd := seed{origin: fromFrontend, name: "frontend against backend"}
	for n := range s.g.nodes {
		if s.state[n] && !front[s.g.nodes[n].pkg] {
			sd.nodes = append(sd.nodes, n)
		}
	}
	return sd
}

// given puts the packages that the user named on B and all others on A.
func (s *searcher) given(paths map[string]bool) *cut {
	c := &cut{origin: fromUser, name: "given", home: make([]side, len(s.g.nodes))}
	for n := range s.g.nodes {
		if paths[s.g.pkgs[s.g.nodes[n].pkg].path] {
			c.home[n] = sideB
		}
	}
	return c
}

const (
	byA = 1 << iota
	byB
)

// grow turns a seed into a line: B is what only the seed reaches, A what only
// the other entry points reach. What both reach, or neither, goes where most of
// its package is.
func (s *searcher) grow(sd seed) *cut {
	c := &cut{origin: sd.origin, name: sd.name, home: make([]side, len(s.g.nodes))}
	reach := make([]uint8, len(s.g.nodes))
	s.flood(reach, sd.nodes, byB, nil)
	inSeed := make([]bool, len(s.g.nodes))
	for _, n := range sd.nodes {
		inSeed[n] = true
	}
	var rest []int
	for _, n := range s.roots {
		if !inSeed[n] {
			rest = append(rest, n)
		}
	}
	if sd.origin == fromFrontend {
		rest = nil
		for n := range s.g.nodes {
			if s.state[n] && !inSeed[n] {
				rest = append(rest, n)
			}
		}
	}
	s.flood(reach, rest, byA, inSeed)
	lean := make([][2]int, len(s.g.pkgs))
	for n := range s.g.nodes {
		lines := 1 + s.g.nodes[n].lines
		switch {
		case !s.state[n]:
		case inSeed[n] || reach[n] == byB:
			lean[s.g.nodes[n].pkg][sideB] += lines
			c.home[n] = sideB
		case reach[n] == byA:
			lean[s.g.nodes[n].pkg][sideA] += lines
		}
	}
	for n := range s.g.nodes {
		settled := s.state[n] && (inSeed[n] || reach[n] == byB || reach[n] == byA)
		if l := lean[s.g.nodes[n].pkg]; !settled && l[sideB] > l[sideA] {
			c.home[n] = sideB
		}
	}
	s.unite(c)
	return c
}

// unite keeps the methods of a type that is called through an interface
// together, where most of them are: one interface has one provider.
func (s *searcher) unite(c *cut) {
	lines := map[int]*[2]int{}
	for n := range s.g.nodes {
		if t := s.bound[n]; t >= 0 {
			if lines[t] == nil {
				lines[t] = &[2]int{}
			}
			lines[t][c.home[n]] += s.g.nodes[n].lines
		}
	}
	for n := range s.g.nodes {
		if t := s.bound[n]; t >= 0 {
			c.home[n] = sideA
			if lines[t][sideB] >= lines[t][sideA] {
				c.home[n] = sideB
			}
		}
	}
}

// flood marks all nodes that roots reach, not entering stop.
func (s *searcher) flood(reach []uint8, roots []int, mark uint8, stop []bool) {
	queue := slices.Clone(roots)
	for _, n := range roots {
		reach[n] |= mark
	}
	for len(queue) > 0 { // each node enters once
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, m := range s.reach[n] {
			s.work++
			if reach[m]&mark != 0 || stop != nil && stop[m] {
				continue
			}
			reach[m] |= mark
			queue = append(queue, m)
		}
	}
}

// improve moves single declarations to the side where they cost less, as long
// as the balance holds. It is a plain descent, a small part of the full search.
func (s *searcher) improve(c *cut) {
	mass := s.mass(c)
	floor := keepShare * float64(min(mass[sideA], mass[sideB]))
	for range maxPasses {
		moved := false
		for n := range s.g.nodes {
			if !s.state[n] || len(s.near[n]) == 0 || s.bound[n] >= 0 || s.g.isMain(n) {
				continue
			}
			from, to := c.home[n], 1-c.home[n]
			if s.gain(c, n) <= 0 || float64(mass[from]-s.g.nodes[n].lines) < floor {
				continue
			}
			c.home[n] = to
			mass[from] -= s.g.nodes[n].lines
			mass[to] += s.g.nodes[n].lines
			moved = true
		}
		if !moved || s.work > maxWork {
			return
		}
	}
}

func (s *searcher) mass(c *cut) [2]int {
	var mass [2]int
	for n := range s.g.nodes {
		if s.state[n] {
			mass[c.home[n]] += s.g.nodes[n].lines
		}
	}
	return mass
}

// gain is how much cheaper the line is with n on the other side.
func (s *searcher) gain(c *cut, n int) float64 {
	gain := 0.0
	for _, l := range s.near[n] {
		s.work++
		if s.g.isMain(l.to) {
			continue
		}
		if c.home[l.to] == c.home[n] {
			gain -= l.weight
		} else {
			gain += l.weight
		}
	}
	for _, a := range s.g.nodes[n].sql {
		if a.verb == "schema" {
			continue
		}
		before := s.tableCost(c, a.table)
		c.home[n] = 1 - c.home[n]
		gain += before - s.tableCost(c, a.table)
		c.home[n] = 1 - c.home[n]
	}
	return gain
}

// tableCost is the cost of one table: once, however many use it.
func (s *searcher) tableCost(c *cut, table string) float64 {
	var used, written [2]bool
	for n, verb := range s.tables[table] {
		if c.wiring != nil && c.wiring[n] {
			continue
		}
		used[c.home[n]] = true
		if verb == "write" {
			written[c.home[n]] = true
		}
	}
	switch {
	case !used[sideA] || !used[sideB]:
		return 0
	case written[sideA] && written[sideB]:
		return weightWritten
	case written[sideA] || written[sideB]:
		return weightRead
	}
	return 0
}

// measure finds the wiring of a line and computes cost, balance and score.
func (s *searcher) measure(c *cut) {
	c.wiring = s.wire(c)
	c.cost = 0
	mass := [2]int{}
	for n := range s.g.nodes {
		if !s.state[n] {
			continue
		}
		if c.wiring[n] {
			if !s.g.isMain(n) {
				c.cost += weightWiring
			}
			continue
		}
		mass[c.home[n]] += s.g.nodes[n].lines
	}
	for n := range s.g.nodes {
		if !s.state[n] || c.wiring[n] {
			continue
		}
		for _, l := range s.near[n] {
			if n < l.to && !c.wiring[l.to] && c.home[n] != c.home[l.to] {
				c.cost += l.weight
			}
		}
	}
	for _, table := range s.names {
		c.cost += s.tableCost(c, table)
	}
	c.balance = 0
	if total := mass[sideA] + mass[sideB]; total > 0 {
		c.balance = 2 * float64(min(mass[sideA], mass[sideB])) / float64(total)
	}
	c.score = math.Inf(1)
	if c.balance > 0 {
		c.score = (weightSplit + c.cost) / c.balance
	}
}

// turn makes B the half that is called more than it calls, so that a line has
// one form however it was found.
func (s *searcher) turn(c *cut) {
	into := [2]int{}
	for n := range s.g.nodes {
		if !s.state[n] || c.wiring[n] {
			continue
		}
		for _, m := range s.out[n] {
			if !c.wiring[m] && c.home[n] != c.home[m] {
				into[c.home[m]]++
			}
		}
	}
	if into[sideA] <= into[sideB] {
		return
	}
	for n := range c.home {
		c.home[n] = 1 - c.home[n]
	}
}

// wire finds the composition root: main, and functions that only it uses and
// that start things on both sides, themselves or through others such. They run
// in both processes, and start there what belongs there, so their references
// are no crossings. A function of this kind that starts things on one side
// alone goes to that side.
func (s *searcher) wire(c *cut) []bool {
	const maxDepth = 5
	only := make([]bool, len(s.g.nodes)) // used by main alone, at any depth
	for _, e := range s.g.entry {
		if e.kind == entryMain {
			only[e.node] = true
		}
	}
	var order []int // callers before what they call
	for range maxDepth {
		var next []int
		for n := range s.g.nodes {
			if s.state[n] && !only[n] && s.starts(only, n) {
				next = append(next, n)
			}
		}
		for _, n := range next {
			only[n] = true
		}
		order = append(order, next...)
	}
	wiring := make([]bool, len(s.g.nodes))
	sides := make([][2]bool, len(s.g.nodes))
	for _, n := range slices.Backward(order) {
		s.startSide(c, n, only, sides, wiring)
	}
	for _, e := range s.g.entry {
		if e.kind == entryMain {
			wiring[e.node] = true
		}
	}
	return wiring
}

// startSide finds which sides a function of the composition root starts.
func (s *searcher) startSide(c *cut, n int, only []bool, sides [][2]bool, wiring []bool) {
	for _, m := range s.out[n] {
		if only[m] {
			sides[n][sideA] = sides[n][sideA] || sides[m][sideA]
			sides[n][sideB] = sides[n][sideB] || sides[m][sideB]
			continue
		}
		sides[n][c.home[m]] = true
	}
	switch sides[n] {
	case [2]bool{true, true}:
		wiring[n] = true
	case [2]bool{true, false}:
		c.home[n] = sideA
	case [2]bool{false, true}:
		c.home[n] = sideB
	default:
		sides[n][c.home[n]] = true
	}
}

// starts reports whether n is a function that only the composition root uses,
// and does no work of its own that is known to matter.
func (s *searcher) starts(only []bool, n int) bool {
	nd := &s.g.nodes[n]
	if nd.sort != sortFunc || nd.entry != "" || nd.loops || len(nd.sql) > 0 || len(s.in[n]) == 0 {
		return false
	}
	for _, m := range s.in[n] {
		if !only[m] {
			return false
		}
	}
	return true
}
