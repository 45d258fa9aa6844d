package seam

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// grade says what a declaration does beyond computing. The order matters: a
// function has the highest grade among itself and what it uses.
type grade uint8

const (
	pure       grade = iota
	nondet           // clock or random numbers
	ambient          // log, environment, configuration: each process has its own
	background       // outlives the call: goroutine, ticker, endless loop
	stateful         // network, disk, database, memory that is shared
)

var gradeNames = [...]string{"pure", "nondeterministic", "ambient", "background", "stateful"}

// String is the grade's name in reports.
func (g grade) String() string { return gradeNames[g] }

// replicable reports whether code of this grade may be linked into both halves
// without anyone noticing.
func (g grade) replicable() bool { return g <= ambient }

// cause is why a node has its grade: what it does itself, or the node that it
// uses.
type cause struct {
	what string
	pos  token.Pos
	node int // -1: by itself
}

// effect notes what the walked declaration does by itself.
func (w *walker) effect(level grade, what string, pos token.Pos) {
	w.g.raise(w.n, level, cause{what: what, pos: pos, node: -1})
}

func (g *graph) raise(n int, level grade, why cause) bool {
	if level <= g.nodes[n].grade {
		return false
	}
	g.nodes[n].grade, g.nodes[n].why = level, why
	return true
}

// foreignFunc notes the effect of using a function that is not the module's.
func (w *walker) foreignFunc(id *ast.Ident, fn *types.Func) {
	w.waited(fn)
	level, what := w.g.extern.level(fn)
	w.effect(level, what, id.Pos())
}

// waited notes that the goroutines which are started here are waited for.
func (w *walker) waited(fn *types.Func) {
	switch fn.FullName() {
	case "(*sync.WaitGroup).Wait", "(*golang.org/x/sync/errgroup.Group).Wait":
		w.waits = true
	}
}

// foreignVar notes the effect of using a variable that is not the module's.
func (w *walker) foreignVar(id *ast.Ident, v *types.Var) {
	switch v.Pkg().Path() + "." + v.Name() {
	case "os.Stdout", "os.Stderr", "os.Stdin", "os.Args", "time.Local", "flag.CommandLine":
		w.effect(ambient, "uses "+v.Pkg().Name()+"."+v.Name(), id.Pos())
	case "net/http.DefaultClient", "net/http.DefaultServeMux", "net/http.DefaultTransport":
		w.effect(stateful, "uses "+v.Pkg().Name()+"."+v.Name(), id.Pos())
	}
}

// varUse is how a package variable is used.
type varUse struct {
	readers, writers []int
}

func (g *graph) noteVar(v, user int, write bool) {
	u := g.vars[v]
	if u == nil {
		u = &varUse{}
		g.vars[v] = u
	}
	if write {
		u.writers = append(u.writers, user)
		return
	}
	u.readers = append(u.readers, user)
}

// gradeAll grades variables, lets grades flow from what is used to who uses it,
// and then makes pure methods part of their types.
func (g *graph) gradeAll() {
	callers := g.callers()
	for n := range g.nodes {
		if g.nodes[n].sort == sortVar {
			g.gradeVar(n, callers)
		}
	}
	g.gradeGuards()
	g.flow()
	g.lend()
	g.mergeMethods()
	g.markEntries()
}

// gradeVar tells constants in disguise and per-process settings from state.
func (g *graph) gradeVar(v int, callers [][]int) {
	nd := &g.nodes[v]
	if records(nd.obj.Type()) {
		g.raise(v, ambient, cause{what: "a logger or a metric, one per process", pos: nd.pos, node: -1})
		return
	}
	if pools(nd.obj.Type()) {
		g.raise(v, ambient, cause{what: "a pool or a once, one per process", pos: nd.pos, node: -1})
		return
	}
	if g.holds.state(nd.obj.Type()) {
		g.raise(v, stateful, cause{what: "a package variable that holds state", pos: nd.pos, node: -1})
		return
	}
	u := g.vars[v]
	if u == nil {
		return
	}
	late := -1
	for _, wr := range u.writers {
		if !g.atStart(wr, callers, 0) {
			late = wr
			break
		}
	}
	switch {
	case late >= 0:
		g.raise(v, stateful, cause{what: "a package variable that " + g.nodes[late].name + " changes", pos: nd.pos, node: -1})
	case len(u.writers) > 0:
		g.raise(v, ambient, cause{what: "a package variable set at start", pos: nd.pos, node: -1})
	}
}

// gradeGuards judges methods that lock memory of their receiver. A type that
// several packages construct for themselves is a library: each user has its own
// memory. Else the memory is shared, and so is state.
func (g *graph) gradeGuards() {
	if len(g.guarded) == 0 {
		return
	}
	makers := g.makers()
	for _, gd := range g.guarded {
		level, what := stateful, "locks memory that its users share"
		if len(makers[g.nodes[gd.node].recv]) > 1 {
			level, what = ambient, "locks memory of which each user makes its own"
		}
		g.raise(gd.node, level, cause{what: what, pos: gd.pos, node: -1})
	}
}

// makers finds, per type, the other packages that call its constructors: the
// functions of its package that return it.
func (g *graph) makers() map[int]map[int]bool {
	makers := map[int]map[int]bool{}
	made := map[int]int{}
	for n := range g.nodes {
		fn, ok := g.nodes[n].obj.(*types.Func)
		if !ok || g.nodes[n].recv >= 0 {
			continue
		}
		for r := range fn.Signature().Results().Variables() {
			if named := namedOf(r.Type()); named != nil {
				if t, ok := g.byObj[named.Obj()]; ok && g.nodes[t].pkg == g.nodes[n].pkg {
					made[n] = t
					break
				}
			}
		}
	}
	for _, e := range g.edges {
		t, ok := made[e.to]
		if !ok || g.nodes[e.from].pkg == g.nodes[t].pkg {
			continue
		}
		if makers[t] == nil {
			makers[t] = map[int]bool{}
		}
		makers[t][g.nodes[e.from].pkg] = true
	}
	return makers
}

// atStart reports whether a writer runs only while the program starts: init,
// main, an initialiser, code that reads the environment or flags itself, or
// what only such code calls.
func (g *graph) atStart(n int, callers [][]int, depth int) bool {
	const maxDepth = 3
	nd := &g.nodes[n]
	fn, ok := nd.obj.(*types.Func)
	if !ok {
		return true // the initialiser of another variable
	}
	if g.isMain(n) || fn.Name() == "init" && fn.Signature().Recv() == nil || g.isCommand(n) {
		return true
	}
	if nd.why.node == -1 && strings.HasPrefix(nd.why.what, "reads the settings") {
		return true
	}
	if depth == maxDepth || nd.loops || nd.later || len(callers[n]) == 0 {
		return false
	}
	for _, c := range callers[n] {
		if !g.atStart(c, callers, depth+1) {
			return false
		}
	}
	return true
}

// isCommand reports whether n is what a command of a command line runs: the
// main of its process.
func (g *graph) isCommand(n int) bool {
	return slices.ContainsFunc(g.entry, func(e entry) bool { return e.node == n && e.kind == entryCommand && !e.lit })
}

// callers lists who uses each node.
func (g *graph) callers() [][]int {
	callers := make([][]int, len(g.nodes))
	for _, e := range g.edges {
		if uses(e.kind) {
			callers[e.to] = append(callers[e.to], e.from)
		}
	}
	return callers
}

// flow raises users to the grade of what they use until nothing changes.
func (g *graph) flow() {
	users := make([][]int, len(g.nodes))
	for i, e := range g.edges {
		if uses(e.kind) {
			users[e.to] = append(users[e.to], i)
		}
	}
	var queue []int
	for level := stateful; level > pure; level-- {
		queue = queue[:0]
		for n := range g.nodes {
			if g.nodes[n].grade == level {
				queue = append(queue, n)
			}
		}
		for len(queue) > 0 { // each node is raised to a level at most once
			n := queue[0]
			queue = queue[1:]
			for _, i := range users[n] {
				e := g.edges[i]
				if g.raise(e.from, level, cause{what: e.kind, pos: e.pos, node: n}) {
					queue = append(queue, e.from)
				}
			}
		}
	}
}

// mergeMethods makes each replicable method part of its type's node: a type
// with its pure methods travels as one.
func (g *graph) mergeMethods() {
	into := make([]int, len(g.nodes))
	keep := make([]node, 0, len(g.nodes))
	for n := range g.nodes {
		if !g.merges(n) {
			into[n] = len(keep)
			keep = append(keep, g.nodes[n])
		}
	}
	for n := range g.nodes {
		if g.merges(n) {
			t := into[g.nodes[n].recv]
			into[n] = t
			keep[t].lines += g.nodes[n].lines
			g.merged++
		}
	}
	for n := range keep {
		if keep[n].recv >= 0 {
			keep[n].recv = into[keep[n].recv]
		}
		if keep[n].why.node >= 0 {
			keep[n].why.node = into[keep[n].why.node]
		}
	}
	g.remap(keep, into)
}

func (g *graph) merges(n int) bool {
	nd := &g.nodes[n]
	return nd.recv >= 0 && nd.grade.replicable() && nd.entry == ""
}

func (g *graph) remap(keep []node, into []int) {
	old := g.edges
	g.nodes, g.edges, g.seen = keep, nil, map[edgeKey]int{}
	refs := g.refs
	for _, e := range old {
		e.from, e.to = into[e.from], into[e.to]
		if e.from == e.to {
			continue
		}
		key := edgeKey{e.from, e.to, e.kind}
		if at, ok := g.seen[key]; ok {
			g.edges[at].count += e.count
			g.edges[at].inTx = g.edges[at].inTx || e.inTx
			continue
		}
		g.seen[key] = len(g.edges)
		g.edges = append(g.edges, e)
	}
	g.refs = refs
	for obj, n := range g.byObj {
		g.byObj[obj] = into[n]
	}
	for i := range g.ifaces {
		g.ifaces[i].node = into[g.ifaces[i].node]
		for j, t := range g.ifaces[i].impls {
			g.ifaces[i].impls[j] = into[t]
		}
	}
	for i := range g.entry {
		g.entry[i].node = into[g.entry[i].node]
	}
	for i := range g.txs {
		g.txs[i].node = into[g.txs[i].node]
	}
	vars := map[int]*varUse{}
	for v, u := range g.vars {
		for i := range u.readers {
			u.readers[i] = into[u.readers[i]]
		}
		for i := range u.writers {
			u.writers[i] = into[u.writers[i]]
		}
		vars[into[v]] = u
	}
	g.vars = vars
}

// chain explains a grade: the shortest known way to the effect, "a -> b: reads
// the clock".
func (g *graph) chain(n int) string {
	const maxSteps = 6
	var b strings.Builder
	for range maxSteps {
		why := g.nodes[n].why
		if why.node < 0 || why.node == n {
			if b.Len() > 0 {
				b.WriteString(": ")
			}
			b.WriteString(why.what)
			return b.String()
		}
		if b.Len() > 0 {
			b.WriteString(" -> ")
		}
		n = why.node
		b.WriteString(g.nodes[n].name)
	}
	b.WriteString(" -> ...")
	return b.String()
}
