package model

import (
	"cmp"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// entry is one entry point: a declaration that something outside calls.
type entry struct {
	node int32
	kind facts.EntryKind
	text string // route, name or schedule
	at   int32  // the declaration that registers it
	line int32
	typ  int32 // the type whose methods serve together, or -1
	// homeless entry points start other things, or run once in a process of their
	// own; they have no place in a cut.
	homeless bool
	// programs is how many commands of the module register it; 0 if that is not
	// known.
	programs int
}

var entryNames = [...]string{
	facts.EntryMain: "main", facts.EntryHTTP: "http", facts.EntryRPC: "rpc", facts.EntryCommand: "command", facts.EntryLoop: "loop",
	facts.EntryCron: "cron", facts.EntryQueue: "queue",
}

// serves reports whether entry points of a kind outlive one run.
func serves(k facts.EntryKind) bool { return k != facts.EntryMain && k != facts.EntryCommand }

// userFacing reports whether people, not programs, are behind a kind.
func userFacing(k facts.EntryKind) bool { return k == facts.EntryHTTP || k == facts.EntryCommand }

// findEntries lists what facts say begins work, each declaration once, by its
// first registration. The kinds come in the order in which a declaration that
// has several is called.
func (g *graph) findEntries(d *dispatch, stubs []stub) {
	lits := map[int32]int32{}
	at := map[*facts.Decl]int32{}
	for n := range g.nodes {
		if nd := &g.nodes[n]; nd.lit {
			lits[at[nd.decl]] = int32(n)
		} else {
			at[nd.decl] = int32(n)
		}
	}
	var found []entry
	for n := range int32(len(g.nodes)) {
		nd := &g.nodes[n]
		if nd.lit {
			continue
		}
		for i := range nd.decl.Entries {
			found = append(found, g.registered(n, &nd.decl.Entries[i], lits, d)...)
		}
		if g.isMain(n) {
			found = append(found, entry{node: n, kind: facts.EntryMain, text: g.short(g.pkgs[nd.pkg].path), at: n, line: int32(nd.decl.Line), typ: -1})
		} else if nd.decl.Traits&facts.Loops != 0 {
			found = append(found, entry{node: n, kind: facts.EntryLoop, at: n, line: int32(nd.decl.Line), typ: -1})
		}
	}
	found = append(found, g.described(stubs, d)...)
	slices.SortStableFunc(found, func(a, b entry) int { return cmp.Compare(rank[a.kind], rank[b.kind]) })
	for _, e := range found {
		nd := &g.nodes[e.node]
		if nd.entry >= 0 || nd.mock || !nd.isFunc() && !nd.lit {
			continue
		}
		nd.entry = int8(e.kind)
		g.entries = append(g.entries, e)
	}
	slices.SortStableFunc(g.entries, func(a, b entry) int { return cmp.Compare(a.node, b.node) })
}

// rank orders the kinds of entry point: a method that serves RPC and also waits
// in a loop serves RPC.
var rank = [...]int{
	facts.EntryMain: 0, facts.EntryRPC: 1, facts.EntryHTTP: 2, facts.EntryQueue: 3, facts.EntryCron: 4, facts.EntryLoop: 5, facts.EntryCommand: 6,
}

// registered are the entry points of one registration, or declaration, in at.
func (g *graph) registered(at int32, e *facts.Entry, lits map[int32]int32, d *dispatch) []entry {
	one := entry{kind: e.Kind, text: e.Text, at: at, line: int32(e.Line), typ: -1}
	var found []entry
	add := func(n, typ int32) {
		one.node, one.typ = n, typ
		found = append(found, one)
	}
	switch {
	case e.Kind == facts.EntryMain:
	case e.Type != facts.Symbol{}:
		for _, t := range g.concrete(e.Type) {
			for _, m := range e.Methods {
				for _, fn := range d.answers([]int32{t}, m) {
					add(fn, t)
				}
			}
		}
	case e.Lit && g.find(e.Func) == at:
		if lit, ok := lits[at]; ok {
			add(lit, -1)
		}
	default:
		for _, fn := range g.functions(e.Func, d) {
			add(fn, g.nodes[fn].recv)
		}
	}
	return found
}

// concrete are the types that a symbol stands for: itself, or an interface's
// implementers.
func (g *graph) concrete(s facts.Symbol) []int32 {
	t, ok := g.byName[s]
	if !ok {
		return nil
	}
	if f := g.ifaces[t]; f != nil {
		if len(f.impls) > maxImplied {
			return nil
		}
		return f.impls
	}
	return []int32{t}
}

// functions are those that a symbol stands for: itself, or what answers for an
// interface method.
func (g *graph) functions(s facts.Symbol, d *dispatch) []int32 {
	if n, ok := g.byName[s]; ok {
		return []int32{n}
	}
	found, _, _ := d.targets(g, &facts.Ref{To: s})
	return found
}

// settle decides which entry points have a home, and when each declaration has
// its part. Commands and loops that register other entry points are as main. A
// loop that only work starts belongs to that work, and one that several commands
// start is a library's: each of their processes has its own. Other commands run once, in a
// process of their own, and count only if nothing serves.
func (g *graph) settle() {
	var hard, at []int32
	for i := range g.entries {
		if e := &g.entries[i]; serves(e.kind) && e.kind != facts.EntryLoop {
			hard, at = append(hard, e.node), append(at, e.at)
		}
	}
	g.countPrograms()
	busy, starts := g.reach(hard), g.leadsTo(at)
	serving := len(hard) > 0
	for i := range g.entries {
		e := &g.entries[i]
		switch e.kind {
		case facts.EntryLoop:
			tends := g.tend(e.node, busy)
			e.homeless = tends || busy[e.node] || starts[e.node] || g.supervises(e.node) || e.programs > 1 || g.common(e.node)
			serving = serving || !e.homeless
		case facts.EntryMain:
			e.homeless = true
		}
	}
	for i := range g.entries {
		if e := &g.entries[i]; e.kind == facts.EntryCommand {
			e.homeless = serving
		}
	}
	if !serving && !slices.ContainsFunc(g.entries, func(e entry) bool { return !e.homeless }) {
		g.adopt()
	}
	g.assignRoles(starts)
}

// supervises reports whether a loop calls another entry point: it is there to
// start it.
func (g *graph) supervises(n int32) bool {
	return slices.ContainsFunc(g.out(n), func(e edge) bool {
		return e.kind == facts.Call && g.nodes[e.to].entry >= 0 && serves(facts.EntryKind(g.nodes[e.to].entry))
	})
}

// common reports whether code of several other packages leads to a loop through
// its own package: then it is a library's, and each user has its own.
func (g *graph) common(n int32) bool {
	const few = 1
	pkg := g.nodes[n].pkg
	users := map[int32]bool{}
	seen := map[int32]bool{n: true}
	for queue := []int32{n}; len(queue) > 0; queue = queue[1:] { // each node enters once
		for _, i := range g.in[queue[0]] {
			e := &g.edges[i]
			switch from := &g.nodes[e.from]; {
			case !uses(e.kind) || from.mock || seen[e.from]:
			case from.pkg != pkg:
				users[from.pkg] = true
			default:
				seen[e.from] = true
				queue = append(queue, e.from)
			}
		}
	}
	return len(users) > few
}

// maxPrograms is how many commands are told apart.
const maxPrograms = 64

// countPrograms counts the commands that register each entry point.
func (g *graph) countPrograms() {
	count := 0
	for _, c := range g.entries {
		if c.kind != facts.EntryCommand {
			continue
		}
		if count++; count > maxPrograms {
			return
		}
		reach := g.reach([]int32{c.node})
		for i := range g.entries {
			if e := &g.entries[i]; reach[e.at] && e.at != e.node || reach[e.node] {
				e.programs++
			}
		}
	}
}

// tend reports whether a loop tends the state of a type of which other methods
// run because of other entry points, and notes it: such a loop is where the type
// is.
func (g *graph) tend(n int32, busy []bool) bool {
	t := g.nodes[n].recv
	if t < 0 || !slices.ContainsFunc(g.pkgs[g.nodes[t].pkg].decls, func(m int32) bool { return m != n && g.nodes[m].recv == t && busy[m] && !replicable(g.nodes[m].grade) }) {
		return false
	}
	g.tends[t] = append(g.tends[t], n)
	return true
}

// leadsTo marks what uses one of targets, by calls that are more than guesses.
func (g *graph) leadsTo(targets []int32) []bool {
	const maxFan = 4
	seen := make([]bool, len(g.nodes))
	queue := slices.Clone(targets)
	for _, n := range targets {
		seen[n] = true
	}
	for len(queue) > 0 { // each node enters once
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, i := range g.in[n] {
			if e := &g.edges[i]; uses(e.kind) && e.fan <= maxFan && !seen[e.from] {
				seen[e.from] = true
				queue = append(queue, e.from)
			}
		}
	}
	return seen
}

// adopt makes what main calls entry points, for a program of nothing else.
func (g *graph) adopt() {
	for _, m := range g.entries {
		if m.kind != facts.EntryMain {
			continue
		}
		for _, e := range g.out(m.node) {
			if nd := &g.nodes[e.to]; (e.kind == facts.Call || e.kind == facts.IfaceCall) && nd.entry < 0 && !replicable(nd.grade) {
				nd.entry = int8(facts.EntryCommand)
				g.entries = append(g.entries, entry{node: e.to, kind: facts.EntryCommand, at: m.node, line: e.line, typ: -1})
			}
		}
	}
	slices.SortStableFunc(g.entries, func(a, b entry) int { return cmp.Compare(a.node, b.node) })
}

// assignRoles finds what runs because of an entry point with a home, and what
// runs because of others; like are those that are as main.
func (g *graph) assignRoles(like []bool) {
	var homes, starts []int32
	for _, e := range g.entries {
		switch {
		case e.homeless && (e.kind != facts.EntryLoop || like[e.node] || g.supervises(e.node)):
			starts = append(starts, e.node)
		default: // a loop without a home runs all the time, too
			homes = append(homes, e.node)
		}
	}
	for n := range g.nodes {
		if nd := &g.nodes[n]; g.isInit(int32(n)) || nd.isVar() {
			starts = append(starts, int32(n))
		}
	}
	started := g.reach(starts)
	worked := g.reach(append(homes, g.callbacks(started)...))
	for n := range g.nodes {
		switch {
		case worked[n]:
			g.nodes[n].role = work
		case started[n]:
			g.nodes[n].role = startup
		}
	}
}

// callbacks are the methods with effects that only other modules can call, of
// types that are made at start: receivers, collectors, hooks. They run whenever,
// but are no entry points of the program: they are where what they use is.
func (g *graph) callbacks(started []bool) []int32 {
	var found []int32
	for t := range g.uncalled {
		if !started[t] {
			continue
		}
		for _, n := range g.uncalled[t] {
			if nd := &g.nodes[n]; nd.entry < 0 && nd.decl.Exported && !replicable(nd.grade) {
				found = append(found, n)
				g.called[n] = true
			}
		}
	}
	return found
}

// reach marks what roots use, themselves included. A type that is made leads to
// its methods that nothing in the module calls: others may call them through an
// interface of theirs, as net/http calls ServeHTTP.
func (g *graph) reach(roots []int32) []bool {
	seen := make([]bool, len(g.nodes))
	queue := slices.Clone(roots)
	for _, n := range roots {
		seen[n] = true
	}
	push := func(n int32) {
		if !seen[n] {
			seen[n] = true
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 { // each node enters once
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range g.out(n) {
			if uses(e.kind) || g.makes(&e) {
				push(e.to)
			}
		}
		for _, m := range g.uncalled[n] {
			push(m)
		}
		for _, m := range g.wraps[n] {
			push(m)
		}
		if t := g.nodes[n].recv; t >= 0 {
			for _, loop := range g.tends[t] {
				push(loop)
			}
		}
	}
	return seen
}

// maxWraps is how many pairs of handler and middleware one declaration may add.
const maxWraps = 1 << 12

// findMiddleware notes which functions run before handlers: those that what
// registers HTTP handlers passes on as values, and that are no handlers
// themselves.
func (g *graph) findMiddleware() {
	g.wraps = map[int32][]int32{}
	at := map[int32][]int32{}
	for _, e := range g.entries {
		if e.kind == facts.EntryHTTP {
			at[e.at] = append(at[e.at], e.node)
		}
	}
	for n := range int32(len(g.nodes)) {
		var wraps []int32
		for _, e := range g.out(n) {
			if nd := &g.nodes[e.to]; e.kind == facts.Value && nd.isFunc() && !nd.lit && nd.entry < 0 && !slices.Contains(wraps, e.to) {
				wraps = append(wraps, e.to)
			}
		}
		if len(at[n])*len(wraps) > maxWraps {
			continue
		}
		for _, handler := range at[n] {
			g.wraps[handler] = append(g.wraps[handler], wraps...)
		}
	}
}

// makes reports whether an edge makes a value of a type.
func (g *graph) makes(e *edge) bool {
	return e.kind == facts.Construct || e.kind == facts.TypeRef && len(g.nodes[e.to].decl.Fields) == 0 && !g.nodes[e.to].decl.Interface
}

// findUncalled lists, by type, the methods that nothing in the module calls.
func (g *graph) findUncalled() {
	g.uncalled = make([][]int32, len(g.nodes))
	for n := range g.nodes {
		nd := &g.nodes[n]
		if nd.recv < 0 || nd.mock {
			continue
		}
		if !slices.ContainsFunc(g.in[n], func(i int32) bool { return uses(g.edges[i].kind) }) {
			g.uncalled[nd.recv] = append(g.uncalled[nd.recv], int32(n))
		}
	}
}
