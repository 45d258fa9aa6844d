package seam

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/packages"

	"github.com/hemilith/hemilith/tool/source"
)

// sort is what a declaration is.
type sort uint8

const (
	sortFunc sort = iota
	sortType
	sortVar
	sortConst
)

// Kinds of reference from one declaration to another.
const (
	kindCall   = "call"
	kindIface  = "interface call"
	kindValue  = "function value"
	kindType   = "type"
	kindField  = "field"
	kindRead   = "variable read"
	kindWrite  = "variable write"
	kindConst  = "constant"
	maxImplied = 64 // implementations followed per interface; more say nothing about who calls whom
)

// node is one declaration: a function, a type, a stateful method, a package
// variable or a constant. Pure methods are part of their type's node.
type node struct {
	name  string // "orders.Service.Place", packages relative to the module
	sort  sort
	pkg   int // index into graph.pkgs
	pos   token.Pos
	lines int
	obj   types.Object
	decl  ast.Node
	recv  int // of a method: the node of its type; else -1
	grade grade
	why   cause
	sql   []access
	entry string // kind of entry point, or ""
	lent  bool   // works on tables only through a handle that it is given
	later bool   // passed on as a value, or started by go: runs whenever
	loops bool   // runs in the background until it is told to stop
}

// edge is all references of one kind from one declaration to another.
type edge struct {
	from, to int
	kind     string
	pos      token.Pos // the first of them
	count    int
	via      *types.Func // the interface method called, for kindIface
	inTx     bool        // at least one is between begin and commit
}

// guard is a method that locks memory of its receiver.
type guard struct {
	node int
	pos  token.Pos
}

// unit is one package of the program.
type unit struct {
	path, short  string
	lines, files int
	decls        int
	pkg          *packages.Package
}

// graph holds the declarations of a program and their references, in an order
// that depends on the source alone.
type graph struct {
	prog    *source.Program
	pkgs    []unit
	nodes   []node
	edges   []edge
	byObj   map[types.Object]int
	fields  map[*types.Var]int // field -> node of the struct type that declares it
	impls   map[*types.Func][]int
	ifaces  []iface
	holds   holders
	extern  outside
	vars    map[int]*varUse
	entry   []entry
	txs     []txRange
	guarded []guard
	merged  int // methods that became part of their types
	refs    int // references seen, before those alike are joined
	seen    map[edgeKey]int
}

type edgeKey struct {
	from, to int
	kind     string
}

// newGraph builds the graph: first all declarations, then who implements what,
// then the references of each declaration.
func newGraph(prog *source.Program, own []*packages.Package) *graph {
	g := &graph{
		prog: prog, byObj: map[types.Object]int{}, fields: map[*types.Var]int{},
		impls: map[*types.Func][]int{}, vars: map[int]*varUse{}, seen: map[edgeKey]int{},
	}
	for _, p := range own {
		g.addPackage(p)
	}
	g.linkMethods()
	g.holds = newHolders(g)
	g.extern = newOutside(prog)
	g.matchInterfaces()
	for n := range g.nodes {
		g.walkNode(n)
	}
	return g
}

func (g *graph) addPackage(p *packages.Package) {
	at := len(g.pkgs)
	g.pkgs = append(g.pkgs, unit{path: p.PkgPath, short: shortPath(g.prog.Module, p.PkgPath), files: len(p.Syntax), pkg: p})
	for _, file := range p.Syntax {
		g.pkgs[at].lines += g.span(file.FileStart, file.FileEnd)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				g.addFunc(at, d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					g.addSpec(at, d, spec)
				}
			}
		}
	}
}

// span is the number of lines from one position to another.
func (g *graph) span(from, to token.Pos) int {
	if !from.IsValid() || !to.IsValid() {
		return 0
	}
	f := g.prog.Fset.File(from)
	if f == nil {
		return 0
	}
	end := min(int(to), f.Base()+f.Size())
	return f.Line(token.Pos(end)) - f.Line(from) + 1
}

func (g *graph) addFunc(at int, d *ast.FuncDecl) {
	obj, _ := g.pkgs[at].pkg.TypesInfo.Defs[d.Name].(*types.Func)
	if obj == nil {
		return
	}
	name := d.Name.Name
	if d.Recv != nil && len(d.Recv.List) > 0 {
		name = recvName(d.Recv.List[0].Type) + "." + name
	}
	g.add(at, node{name: name, sort: sortFunc, obj: obj, decl: d, pos: d.Name.Pos(), lines: g.span(d.Pos(), d.End())})
}

// recvName is the name of the type in a receiver such as (*T[K]).
func recvName(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return "?"
		}
	}
}

func (g *graph) addSpec(at int, d *ast.GenDecl, spec ast.Spec) {
	info := g.pkgs[at].pkg.TypesInfo
	switch s := spec.(type) {
	case *ast.TypeSpec:
		obj := info.Defs[s.Name]
		if obj == nil {
			return
		}
		n := g.add(at, node{name: s.Name.Name, sort: sortType, obj: obj, decl: s, pos: s.Name.Pos(), lines: g.span(s.Pos(), s.End())})
		g.addFields(n, obj.Type().Underlying(), 0)
	case *ast.ValueSpec:
		what := sortVar
		if d.Tok == token.CONST {
			what = sortConst
		}
		for i, name := range s.Names {
			obj := info.Defs[name]
			if obj == nil || name.Name == "_" {
				continue // an assertion for the compiler
			}
			lines := g.span(s.Pos(), s.End())
			if i > 0 {
				lines = 0
			}
			g.add(at, node{name: name.Name, sort: what, obj: obj, decl: s, pos: name.Pos(), lines: lines})
		}
	}
}

// addFields notes which type declares a field, anonymous structs included.
func (g *graph) addFields(n int, t types.Type, depth int) {
	const maxDepth = 8
	if depth > maxDepth {
		return
	}
	switch t := t.(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if _, done := g.fields[f]; done {
				continue
			}
			g.fields[f] = n
			g.addFields(n, f.Type(), depth+1)
		}
	case *types.Slice:
		g.addFields(n, t.Elem(), depth+1)
	case *types.Array:
		g.addFields(n, t.Elem(), depth+1)
	case *types.Pointer:
		g.addFields(n, t.Elem(), depth+1)
	case *types.Map:
		g.addFields(n, t.Elem(), depth+1)
	}
}

func (g *graph) add(at int, n node) int {
	n.pkg, n.recv, n.why.node = at, -1, -1
	n.name = qualify(g.pkgs[at], n.name)
	id := len(g.nodes)
	g.nodes = append(g.nodes, n)
	g.pkgs[at].decls++
	g.byObj[n.obj] = id
	return id
}

// qualify puts the package's last name before a declaration's name.
func qualify(u unit, name string) string {
	return u.pkg.Types.Name() + "." + name
}

func (g *graph) linkMethods() {
	for i := range g.nodes {
		fn, ok := g.nodes[i].obj.(*types.Func)
		if !ok {
			continue
		}
		recv := fn.Signature().Recv()
		if recv == nil {
			continue
		}
		if named := namedOf(recv.Type()); named != nil {
			if t, ok := g.byObj[named.Obj()]; ok {
				g.nodes[i].recv = t
			}
		}
	}
}

// namedOf is the named type of t or *t, of generic types the origin, or nil.
func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Origin()
	}
	return nil
}

// refer adds one reference.
func (g *graph) refer(e edge) {
	g.refs++
	if e.from == e.to {
		return
	}
	key := edgeKey{e.from, e.to, e.kind}
	if at, ok := g.seen[key]; ok {
		g.edges[at].count++
		g.edges[at].inTx = g.edges[at].inTx || e.inTx
		return
	}
	e.count = 1
	g.seen[key] = len(g.edges)
	g.edges = append(g.edges, e)
}

// uses reports whether a reference of this kind lets the callee's effects
// happen, as against naming its shape.
func uses(kind string) bool {
	switch kind {
	case kindCall, kindIface, kindValue, kindRead, kindWrite:
		return true
	}
	return false
}
