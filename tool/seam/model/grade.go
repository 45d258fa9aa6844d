package model

import (
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// cause is why a node has its grade: what it does itself, or the node that it
// uses.
type cause struct {
	what string
	line int32
	node int32 // -1: by itself
}

var gradeNames = [...]string{
	facts.Pure: "pure", facts.Nondet: "nondeterministic", facts.Ambient: "ambient", facts.Background: "background", facts.Stateful: "stateful",
}

// replicable reports whether code of a grade may be linked into both halves
// without anyone noticing.
func replicable(g facts.Grade) bool { return g <= facts.Ambient }

func (g *graph) raise(n int32, level facts.Grade, why cause) bool {
	if level <= g.nodes[n].grade {
		return false
	}
	g.nodes[n].grade, g.nodes[n].why = level, why
	return true
}

// grade judges each declaration by itself, and then lets grades flow from what
// is used to who uses it.
func (g *graph) grade() {
	o := outside{imports: g.foreign, memo: map[string]facts.Grade{}}
	for n := range g.nodes {
		g.gradeSelf(int32(n), o)
	}
	for n := range g.nodes {
		if g.nodes[n].isVar() {
			g.gradeVar(int32(n))
		}
	}
	g.gradeGuards()
	for n := range g.nodes {
		g.nodes[n].own = g.nodes[n].grade
	}
	g.flow()
}

func (g *graph) gradeSelf(n int32, o outside) {
	nd := &g.nodes[n]
	if nd.isType() || nd.decl.Kind == facts.Const {
		return
	}
	for _, e := range nd.decl.Effects {
		g.raise(n, e.Grade, cause{what: e.What, line: int32(e.Line), node: -1})
	}
	for i := range nd.decl.Foreign {
		f := &nd.decl.Foreign[i]
		e := o.level(f)
		g.raise(n, e.grade, cause{what: e.what, line: int32(f.Line), node: -1})
		nd.envs = nd.envs || e.envs
	}
	for _, a := range nd.decl.Access {
		if !a.Given {
			g.raise(n, facts.Stateful, cause{what: "names the table " + a.Table, line: int32(a.Line), node: -1})
		}
	}
	nd.lent = len(nd.decl.Access) > 0 && replicable(nd.grade)
}

// gradeVar tells constants in disguise and per-process settings from state.
func (g *graph) gradeVar(v int32) {
	d := g.nodes[v].decl
	line := int32(d.Line)
	switch {
	case d.Traits&facts.Records != 0:
		g.raise(v, facts.Ambient, cause{"a logger or a metric, one per process", line, -1})
		return
	case g.generated(v):
		g.raise(v, facts.Ambient, cause{"a variable of generated code, one per process", line, -1})
		return
	case d.Traits&facts.Pools != 0:
		g.raise(v, facts.Ambient, cause{"a pool or a once, one per process", line, -1})
		return
	case d.Holds:
		g.raise(v, facts.Stateful, cause{"a package variable that holds state", line, -1})
		return
	}
	writers := 0
	for _, i := range g.in[v] {
		e := &g.edges[i]
		if e.kind != facts.Write {
			continue
		}
		writers++
		if !g.atStart(e.from, 0) {
			g.raise(v, facts.Stateful, cause{"a package variable that " + g.label(e.from) + " changes", line, -1})
			return
		}
	}
	if writers > 0 {
		g.raise(v, facts.Ambient, cause{"a package variable set at start", line, -1})
	}
}

// label names a declaration in a sentence.
func (g *graph) label(n int32) string {
	return base(g.pkgs[g.nodes[n].pkg].path) + "." + g.nodes[n].name
}

// gradeGuards judges methods that lock memory of their receiver. A type that
// several packages construct for themselves is a library: each user has its own
// memory. Else the memory is shared, and so is state.
func (g *graph) gradeGuards() {
	for n := range g.nodes {
		nd := &g.nodes[n]
		if nd.decl.Traits&facts.Guards == 0 || nd.recv < 0 {
			continue
		}
		level, what := facts.Stateful, "locks memory that its users share"
		if g.library(nd.recv) {
			level, what = facts.Ambient, "locks memory of which each user makes its own"
		}
		g.raise(int32(n), level, cause{what, int32(nd.decl.Line), -1})
	}
}

// library reports whether several packages other than its own make values of a
// type, by a literal or by calling a constructor.
func (g *graph) library(t int32) bool {
	const fewMakers = 1
	makers := map[int32]bool{}
	own := g.nodes[t].pkg
	for _, i := range g.in[t] {
		e := &g.edges[i]
		if e.kind != facts.Construct {
			continue
		}
		if at := g.nodes[e.from].pkg; at != own {
			makers[at] = true
			continue
		}
		if g.nodes[e.from].recv >= 0 {
			continue
		}
		for _, j := range g.in[e.from] {
			if c := &g.edges[j]; c.kind == facts.Call && g.nodes[c.from].pkg != own {
				makers[g.nodes[c.from].pkg] = true
			}
		}
	}
	return len(makers) > fewMakers
}

// atStart reports whether a writer runs only while the program starts: init,
// main, an initialiser, code that reads the environment or flags itself, or
// what only such code calls.
func (g *graph) atStart(n int32, depth int) bool {
	const maxDepth = 3
	nd := &g.nodes[n]
	if !nd.isFunc() {
		return true // the initialiser of another variable
	}
	if g.isMain(n) || g.isInit(n) || g.isCommand(n) || nd.envs {
		return true
	}
	if depth == maxDepth || nd.decl.Traits&facts.Loops != 0 || nd.later || nd.entry >= 0 {
		return false
	}
	called := false
	for _, i := range g.in[n] {
		if e := &g.edges[i]; uses(e.kind) {
			called = true
			if !g.atStart(e.from, depth+1) {
				return false
			}
		}
	}
	return called
}

func (g *graph) isMain(n int32) bool {
	d := g.nodes[n].decl
	return !g.nodes[n].lit && d.Kind == facts.Func && d.Recv == "" && d.Name == "main" && g.pkgs[g.nodes[n].pkg].facts.Name == "main"
}

func (g *graph) isInit(n int32) bool {
	d := g.nodes[n].decl
	return d.Kind == facts.Func && d.Recv == "" && (d.Name == "init" || strings.HasPrefix(d.Name, "init#"))
}

// isCommand reports whether n is what a command of a command line runs: the
// main of its process.
func (g *graph) isCommand(n int32) bool { return g.nodes[n].entry == int8(facts.EntryCommand) }

var kindNames = [...]string{
	facts.Call: "call", facts.IfaceCall: "interface call", facts.Value: "function value", facts.IfaceValue: "function value",
	facts.TypeRef: "type", facts.FieldRef: "field", facts.FieldWrite: "field", facts.Read: "variable read",
	facts.Write: "variable write", facts.ConstRef: "constant", facts.Construct: "type",
}

// flow raises users to the grade of what they use until nothing changes.
func (g *graph) flow() {
	var queue []int32
	for level := facts.Stateful; level > facts.Pure; level-- {
		queue = queue[:0]
		for n := range g.nodes {
			if g.nodes[n].grade == level {
				queue = append(queue, int32(n))
			}
		}
		for len(queue) > 0 { // each node is raised to a level at most once
			n := queue[0]
			queue = queue[1:]
			for _, i := range g.in[n] {
				e := &g.edges[i]
				if uses(e.kind) && g.raise(e.from, level, cause{kindNames[e.kind], e.line, n}) {
					queue = append(queue, e.from)
				}
			}
		}
	}
}

// chain explains a grade: the shortest known way to the effect, "a -> b: reads
// the clock".
func (g *graph) chain(n int32) string {
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
		b.WriteString(g.label(n))
	}
	b.WriteString(" -> ...")
	return b.String()
}
