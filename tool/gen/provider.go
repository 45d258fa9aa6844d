package gen

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// component is one boundary.
type component struct {
	call
	methods  []*method         // sorted by name, then by number
	concrete []types.Type      // what build may return
	home     *packages.Package // where the code goes
}

// method is one method of a boundary.
type method struct {
	fn            *types.Func
	num           int
	args, results []field // args without the context
}

// resolve makes components of the calls of Bind.
func (g *generator) resolve() {
	for _, b := range g.calls.bind {
		c := &component{call: b}
		it := b.iface.Underlying().(*types.Interface)
		for m := range it.Methods() {
			c.methods = append(c.methods, &method{fn: m})
		}
		slices.SortFunc(c.methods, func(a, b *method) int { return strings.Compare(a.fn.Name(), b.fn.Name()) })
		f := follower{g: g, seen: map[any]bool{}}
		f.function(b.pkg, b.build)
		if f.stuck.IsValid() || len(f.found) == 0 {
			pos := b.pos
			if f.stuck.IsValid() {
				pos = f.stuck
			}
			g.refused.add(g.prog, pos, fmt.Sprintf("hemilith.Bind(%q): can't tell which type build returns", b.name),
				"return the result of a constructor whose result is a concrete type")
			continue
		}
		c.concrete = f.found
		c.home = g.homeOf(c)
		if old := g.component(c.name); old != nil {
			g.merge(old, c)
			continue
		}
		g.comps = append(g.comps, c)
	}
	slices.SortFunc(g.comps, func(a, b *component) int { return strings.Compare(a.name, b.name) })
	g.refuseClashes()
}

// refuseClashes refuses names that become one identifier in one package.
func (g *generator) refuseClashes() {
	for i, b := range g.comps {
		for _, a := range g.comps[:i] {
			if a.home == b.home && identOf(a.name) == identOf(b.name) {
				g.refused.add(g.prog, b.pos, fmt.Sprintf("hemilith.Bind(%q): too much like %q at %s, for both are provided by %s", b.name, a.name, a.at, a.home.PkgPath),
					"names that differ in more than -, _ and the first letter's case")
			}
		}
	}
}

func (g *generator) component(name string) *component {
	for _, c := range g.comps {
		if c.name == name {
			return c
		}
	}
	return nil
}

// merge is for two programs of the module that bind one name: it is to be the
// same boundary in both.
func (g *generator) merge(old, c *component) {
	if types.Identical(old.iface, c.iface) && old.home == c.home {
		return
	}
	g.refused.add(g.prog, c.pos, fmt.Sprintf("hemilith.Bind(%q): another program binds that name otherwise at %s", c.name, old.at),
		"the same interface and the same provider, or another name")
}

// homeOf returns the package of the one concrete type; else that of T; else that
// of the call.
func (g *generator) homeOf(c *component) *packages.Package {
	if len(c.concrete) == 1 {
		if p := g.packageOf(c.concrete[0]); p != nil {
			return p
		}
	}
	if p := g.packageOf(c.iface); p != nil {
		return p
	}
	return c.pkg
}

// packageOf returns the module's package that declares t, or *t's base, or nil.
func (g *generator) packageOf(t types.Type) *packages.Package {
	if n := namedOf(t); n != nil && n.Obj().Pkg() != nil {
		return g.byPath[n.Obj().Pkg().Path()]
	}
	return nil
}

// namedOf returns the named type that t is or points to, or nil.
func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// follower follows a constructor's returns to concrete types.
type follower struct {
	g     *generator
	seen  map[any]bool
	found []types.Type
	stuck token.Pos // where it could not go on
}

func (f *follower) add(t types.Type) {
	if !slices.ContainsFunc(f.found, func(o types.Type) bool { return types.Identical(o, t) }) {
		f.found = append(f.found, t)
	}
}

func (f *follower) fail(pos token.Pos) {
	if !f.stuck.IsValid() {
		f.stuck = pos
	}
}

// function follows an expression that is a function, to what it returns.
func (f *follower) function(pkg *packages.Package, e ast.Expr) {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		f.body(pkg, e.Type, e.Body)
		return
	case *ast.Ident:
		if fn, ok := pkg.TypesInfo.Uses[e].(*types.Func); ok {
			f.declared(fn, e.Pos())
			return
		}
		if v, ok := pkg.TypesInfo.Uses[e].(*types.Var); ok {
			f.variable(pkg, v, e.Pos(), f.function)
			return
		}
	case *ast.SelectorExpr:
		if fn, ok := pkg.TypesInfo.Uses[e.Sel].(*types.Func); ok {
			f.declared(fn, e.Pos())
			return
		}
	}
	f.fail(e.Pos())
}

// declared follows a declared function or method.
func (f *follower) declared(fn *types.Func, pos token.Pos) {
	first := fn.Signature().Results()
	if first.Len() > 0 && !types.IsInterface(first.At(0).Type()) {
		f.add(first.At(0).Type())
		return
	}
	fn = fn.Origin()
	if f.seen[fn] {
		return
	}
	f.seen[fn] = true
	if fn.Pkg() == nil || f.g.byPath[fn.Pkg().Path()] == nil {
		f.fail(pos)
		return
	}
	pkg := f.g.byPath[fn.Pkg().Path()]
	for _, file := range pkg.Syntax {
		for _, d := range file.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && pkg.TypesInfo.Defs[d.Name] == fn && d.Body != nil {
				f.body(pkg, d.Type, d.Body)
				return
			}
		}
	}
	f.fail(pos)
}

// body follows the first result of each return statement of a function.
func (f *follower) body(pkg *packages.Package, typ *ast.FuncType, body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) > 0 {
				f.value(pkg, n.Results[0])
			} else if typ.Results != nil && len(typ.Results.List) > 0 && len(typ.Results.List[0].Names) > 0 {
				v := pkg.TypesInfo.Defs[typ.Results.List[0].Names[0]].(*types.Var)
				f.variable(pkg, v, n.Pos(), f.value)
			}
		}
		return true
	})
}

// value follows an expression to the concrete types that it may have.
func (f *follower) value(pkg *packages.Package, e ast.Expr) {
	e = ast.Unparen(e)
	tv := pkg.TypesInfo.Types[e]
	if tv.IsNil() {
		return
	}
	t := tv.Type
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		t = tuple.At(0).Type()
	}
	if t != nil && !types.IsInterface(t) {
		f.add(t)
		return
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		if pkg.TypesInfo.Types[e.Fun].IsType() { // a conversion to an interface
			f.value(pkg, e.Args[0])
			return
		}
		if fn, ok := typeutil.Callee(pkg.TypesInfo, e).(*types.Func); ok {
			f.declared(fn, e.Pos())
			return
		}
		f.function(pkg, e.Fun)
		return
	case *ast.Ident:
		if v, ok := pkg.TypesInfo.Uses[e].(*types.Var); ok {
			f.variable(pkg, v, e.Pos(), f.value)
			return
		}
	}
	f.fail(e.Pos())
}

// variable follows what is assigned to v anywhere in the package.
func (f *follower) variable(pkg *packages.Package, v *types.Var, pos token.Pos, next func(*packages.Package, ast.Expr)) {
	if f.seen[v] {
		return
	}
	f.seen[v] = true
	if v.Pkg() != pkg.Types || v.IsField() {
		f.fail(pos)
		return
	}
	assigned := 0
	take := func(lhs, rhs []ast.Expr) {
		for i, l := range lhs {
			id, ok := ast.Unparen(l).(*ast.Ident)
			if !ok || pkg.TypesInfo.ObjectOf(id) != v {
				continue
			}
			switch {
			case len(rhs) == len(lhs):
				assigned++
				next(pkg, rhs[i])
			case len(rhs) == 1 && i == 0:
				assigned++
				next(pkg, rhs[0])
			default:
				f.fail(l.Pos())
			}
		}
	}
	for _, file := range pkg.Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				take(n.Lhs, n.Rhs)
			case *ast.ValueSpec:
				if len(n.Values) > 0 {
					take(identExprs(n.Names), n.Values)
				}
			}
			return true
		})
	}
	if assigned == 0 {
		f.fail(pos)
	}
}

func identExprs(ids []*ast.Ident) []ast.Expr {
	out := make([]ast.Expr, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}
