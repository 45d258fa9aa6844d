package model

import (
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// node is one declaration, or the function literals in one that serve as an
// entry point (lit).
type node struct {
	decl *facts.Decl
	name string // as in decl, but not hashed
	pkg  int32
	recv int32 // of a method: the node of its type; else -1
	lit  bool

	grade facts.Grade
	own   facts.Grade // by itself, without what it uses
	why   cause
	lent  bool // works on tables only through a handle that it is given
	later bool // passed on as a value, or started by go: runs whenever
	envs  bool // reads the environment or flags by itself
	mock  bool // belongs to a test double
	under txState
	txBy  int32 // the edge by which a transaction comes, or -1
	role  role
	entry int8 // kind of entry point, or -1
}

// role is when a declaration has its part.
type role uint8

const (
	idle    role = iota // nothing that is seen uses it
	startup             // only while the program starts
	work                // because of an entry point
)

// edge is all references of one kind, via one interface method, from one
// declaration to another.
type edge struct {
	from, to int32
	via      int32 // index into graph.vias, or -1
	line     int32 // the first
	count    int32
	fan      int16 // of an interface call that is not resolved: how many may answer; else 1
	kind     facts.RefKind
	tx       bool // at least one under an open transaction
	spawn    bool // at least one with go
}

// unit is one package.
type unit struct {
	path  string // as people read it
	decls []int32
	facts *facts.Package
	users int // packages that refer to it
	hub   bool
	stubs bool // has what is generated for RPC
}

// iface is an interface type of the module.
type iface struct {
	node    int32
	methods []facts.Method
	impls   []int32 // type nodes
}

// via is an interface method through which a call goes.
type via struct {
	node   int32 // the interface
	method *facts.Method
}

// graph is the program's declarations and their references. It does not change
// after Link.
type graph struct {
	module   string
	foreign  map[string][]string
	pkgs     []unit
	nodes    []node
	edges    []edge // sorted by from, in source order
	start    []int32
	in       [][]int32 // edges by what they lead to
	byName   map[facts.Symbol]int32
	ifaces   map[int32]*iface
	vias     []via
	tables   []table
	access   [][]use // by node: the tables that it touches, lent ones included
	entries  []entry
	uncalled [][]int32         // by type: methods that only others can call
	tends    map[int32][]int32 // by type: loops that tend the state of its values
	called   map[int32]bool    // callbacks, which other modules call
	wraps    map[int32][]int32 // by HTTP handler: middleware that runs before it
	remote   map[int32]bool    // interfaces of generated RPC clients
	refs     int
}

func (g *graph) out(n int32) []edge { return g.edges[g.start[n]:g.start[n+1]] }

func (n *node) isFunc() bool { return n.decl.Kind == facts.Func }
func (n *node) isVar() bool  { return n.decl.Kind == facts.Var }
func (n *node) isType() bool { return n.decl.Kind == facts.Type }

// generated reports whether a declaration is in a generated file.
func (g *graph) generated(n int32) bool {
	f := g.pkgs[g.nodes[n].pkg].facts.Files
	at := g.nodes[n].decl.File
	return at < len(f) && f[at].Generated
}

// file is where a declaration is, relative to the module.
func (g *graph) file(n int32) string {
	f := g.pkgs[g.nodes[n].pkg].facts.Files
	if at := g.nodes[n].decl.File; at < len(f) {
		return f[at].Name
	}
	return ""
}

// id names a declaration in reports.
func (g *graph) id(n int32) string { return g.pkgs[g.nodes[n].pkg].path + "." + g.nodes[n].name }

// short is path relative to the module; the module's root is ".".
func (g *graph) short(path string) string {
	if path == g.module {
		return "."
	}
	return strings.TrimPrefix(path, g.module+"/")
}

// find is the node of a symbol, or -1.
func (g *graph) find(s facts.Symbol) int32 {
	if n, ok := g.byName[s]; ok {
		return n
	}
	return -1
}

// newGraph numbers all declarations.
func newGraph(p *facts.Program, names namer) *graph {
	g := &graph{module: p.Module, foreign: p.Foreign, byName: map[facts.Symbol]int32{}, ifaces: map[int32]*iface{}, remote: map[int32]bool{}, tends: map[int32][]int32{}, called: map[int32]bool{}}
	for i, pkg := range p.Packages {
		u := unit{path: names.path(pkg.Path), facts: pkg}
		for j := range pkg.Decls {
			d := &pkg.Decls[j]
			n := int32(len(g.nodes))
			g.nodes = append(g.nodes, node{decl: d, name: names.name(d.Name), pkg: int32(i), recv: -1, entry: -1, txBy: -1, why: cause{node: -1}})
			g.byName[facts.Symbol{Path: pkg.Path, Name: d.Name}] = n
			u.decls = append(u.decls, n)
		}
		g.pkgs = append(g.pkgs, u)
	}
	for n := range g.nodes {
		nd := &g.nodes[n]
		if nd.decl.Recv != "" {
			if t, ok := g.byName[facts.Symbol{Path: g.pkgs[nd.pkg].facts.Path, Name: nd.decl.Recv}]; ok {
				nd.recv = t
			}
		}
		if nd.isType() && nd.decl.Interface && len(nd.decl.Methods) > 0 {
			g.ifaces[int32(n)] = &iface{node: int32(n), methods: nd.decl.Methods}
		}
	}
	g.markMocks()
	return g
}

// markMocks finds test doubles outside of test files: types with a method that
// uses a library for them.
func (g *graph) markMocks() {
	for n := range g.nodes {
		nd := &g.nodes[n]
		if nd.recv >= 0 && slices.ContainsFunc(nd.decl.Foreign, func(f facts.Foreign) bool { return mocks(f.Path) }) {
			g.nodes[nd.recv].mock = true
		}
	}
	for n := range g.nodes {
		if r := g.nodes[n].recv; r >= 0 && g.nodes[r].mock {
			g.nodes[n].mock = true
		}
	}
}

func mocks(path string) bool {
	return strings.HasSuffix(path, "/gomock") || strings.HasSuffix(path, "testify/mock") || strings.HasSuffix(path, "/counterfeiter")
}

// edgeKey tells edges apart.
type edgeKey struct {
	to, via int32
	kind    facts.RefKind
}

// link makes the edges of all declarations.
func (g *graph) link(d *dispatch) {
	seen := map[edgeKey]int{}
	lits := g.splitLiterals()
	n := int32(len(g.nodes))
	g.start = make([]int32, n+1)
	for from := range n {
		g.start[from] = int32(len(g.edges))
		clear(seen)
		lit, whole := lits[from]
		for i := range g.nodes[from].decl.Refs {
			r := &g.nodes[from].decl.Refs[i]
			g.refs += r.Count
			if whole && g.nodes[from].lit != inLiteral(g.nodes[from].decl, r) {
				continue // each half of a declaration that was split has its own
			}
			g.linkRef(from, r, d, seen)
		}
		g.linkStubs(from, d, seen)
		if whole && !g.nodes[from].lit {
			g.add(seen, edge{from: from, to: lit, via: -1, line: int32(g.nodes[lit].decl.Line), count: 1, fan: 1, kind: facts.Value})
		}
	}
	g.start[n] = int32(len(g.edges))
	g.in = make([][]int32, n)
	for i, e := range g.edges {
		g.in[e.to] = append(g.in[e.to], int32(i))
		nd := &g.nodes[e.to]
		nd.later = nd.later || e.kind == facts.Value || e.kind == facts.IfaceValue || e.spawn
	}
	g.countUsers()
}

// splitLiterals adds a node of its own for the function literals that serve as
// entry points, for each declaration that has such ones; the map has both
// nodes, each leading to the new one.
func (g *graph) splitLiterals() map[int32]int32 {
	lits := map[int32]int32{}
	for n := range int32(len(g.nodes)) {
		d := g.nodes[n].decl
		has := slices.ContainsFunc(d.Entries, func(e facts.Entry) bool { return e.Lit && g.find(e.Func) == n })
		if !has {
			continue
		}
		at := int32(len(g.nodes))
		nd := g.nodes[n]
		nd.lit, nd.recv = true, -1
		g.nodes = append(g.nodes, nd)
		lits[n], lits[at] = at, at
	}
	return lits
}

// inLiteral reports whether a reference of d is in a function literal that
// serves as an entry point: one that is passed to what d registers it with.
func inLiteral(d *facts.Decl, r *facts.Ref) bool {
	if r.In.Name == "" {
		return false
	}
	in := r.In.Path + "." + r.In.Name
	for i := range d.Entries {
		if e := &d.Entries[i]; e.Lit && (in == e.Foreign || strings.HasPrefix(in, e.Foreign+".")) {
			return true
		}
	}
	return false
}

func (g *graph) linkRef(from int32, r *facts.Ref, d *dispatch, seen map[edgeKey]int) {
	e := edge{from: from, via: -1, line: int32(r.Line), count: int32(r.Count), fan: 1, kind: r.Kind, tx: r.Tx || d.runs(g, r), spawn: r.Go}
	if r.Kind != facts.IfaceCall && r.Kind != facts.IfaceValue {
		if to, ok := g.byName[r.To]; ok {
			e.to = to
			g.add(seen, e)
		}
		return
	}
	targets, via, fan := d.targets(g, r)
	e.via, e.fan = via, fan
	for _, to := range targets {
		e.to = to
		g.add(seen, e)
	}
}

func (g *graph) add(seen map[edgeKey]int, e edge) {
	if e.from == e.to {
		return
	}
	key := edgeKey{e.to, e.via, e.kind}
	if at, ok := seen[key]; ok {
		old := &g.edges[at]
		old.count += e.count
		old.tx = old.tx || e.tx
		old.spawn = old.spawn || e.spawn
		old.fan = min(old.fan, e.fan)
		return
	}
	seen[key] = len(g.edges)
	g.edges = append(g.edges, e)
}

// countUsers finds hubs: packages that so many use that using them says little.
func (g *graph) countUsers() {
	users := make([]map[int32]bool, len(g.pkgs))
	for _, e := range g.edges {
		from, to := g.nodes[e.from].pkg, g.nodes[e.to].pkg
		if from == to {
			continue
		}
		if users[to] == nil {
			users[to] = map[int32]bool{}
		}
		users[to][from] = true
	}
	for p := range g.pkgs {
		g.pkgs[p].users = len(users[p])
		g.pkgs[p].hub = len(g.pkgs) >= hubMinPackages && float64(len(users[p])) > hubShare*float64(len(g.pkgs))
	}
}

// uses reports whether a reference of this kind makes its target run, or is
// about its state.
func uses(k facts.RefKind) bool {
	switch k {
	case facts.Call, facts.IfaceCall, facts.Value, facts.IfaceValue, facts.Read, facts.Write:
		return true
	}
	return false
}
