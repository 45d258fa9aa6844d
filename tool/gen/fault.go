package gen

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// fault is an error that keeps its identity: a sentinel or a type.
type fault struct {
	name    string // "pkgpath.Name", "*pkgpath.Name" for a pointer to a type
	num     int
	obj     types.Object
	pointer bool
	homes   []*packages.Package // where it is registered
}

// faults are all of them, sorted by name.
type faults struct{ list []fault }

// collectFaults finds the errors that may come out of any boundary: those of the
// packages that the providers are made of, and the exported sentinels of standard
// packages.
func (g *generator) collectFaults() {
	inner := map[*packages.Package]bool{}
	std := map[*types.Var][]*packages.Package{}
	for _, c := range g.comps {
		reach := closure(g.prog, g.providers(c)...)
		for p := range reach {
			inner[p] = true
		}
		for v := range g.stdSentinels(reach) {
			if !slices.Contains(std[v], c.home) {
				std[v] = append(std[v], c.home)
			}
		}
	}
	var ordered []*packages.Package
	for p := range inner {
		ordered = append(ordered, p)
	}
	slices.SortFunc(ordered, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	uses := g.errorUses(ordered)
	for _, p := range ordered {
		g.packageFaults(p, uses)
	}
	for v, homes := range std {
		g.faults.list = append(g.faults.list, fault{name: v.Pkg().Path() + "." + v.Name(), obj: v, homes: homes})
	}
	slices.SortFunc(g.faults.list, func(a, b fault) int {
		return strings.Compare(strings.TrimPrefix(a.name, "*")+a.name, strings.TrimPrefix(b.name, "*")+b.name)
	})
}

// providers returns the packages that what a component returns may come from.
func (g *generator) providers(c *component) []*packages.Package {
	out := []*packages.Package{c.home}
	for _, t := range append([]types.Type{c.iface}, c.concrete...) {
		if p := g.packageOf(t); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// everywhere are the standard packages whose sentinels come out of most others.
var everywhere = []string{"context", "io", "io/fs"}

// stdSentinels returns the exported error variables of the standard packages
// that the packages import, and of those everywhere.
func (g *generator) stdSentinels(reach map[*packages.Package]bool) map[*types.Var]bool {
	out := map[*types.Var]bool{}
	for _, path := range everywhere {
		if p := g.prog.All[path]; p != nil {
			addSentinels(out, p)
		}
	}
	for p := range reach {
		for path, dep := range p.Imports {
			if dep.Module == nil && importable(path, "-") && !strings.HasPrefix(path, "vendor/") {
				addSentinels(out, dep)
			}
		}
	}
	return out
}

func addSentinels(out map[*types.Var]bool, p *packages.Package) {
	if p.Types == nil {
		return
	}
	for _, name := range p.Types.Scope().Names() {
		if v, ok := p.Types.Scope().Lookup(name).(*types.Var); ok && v.Exported() && implementsError(v.Type()) {
			out[v] = true
		}
	}
}

func implementsError(t types.Type) bool {
	return types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface))
}

func (g *generator) packageFaults(p *packages.Package, uses errorUses) {
	initialised := map[*types.Var]bool{}
	for _, in := range p.TypesInfo.InitOrder {
		for _, v := range in.Lhs {
			initialised[v] = true
		}
	}
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		switch o := scope.Lookup(name).(type) {
		case *types.Var:
			if initialised[o] && implementsError(o.Type()) {
				g.sentinel(p, o, uses)
			}
		case *types.TypeName:
			if n, ok := o.Type().(*types.Named); ok && !o.IsAlias() && n.TypeParams().Len() == 0 && !types.IsInterface(n) {
				g.errorType(p, o, n, uses)
			}
		}
	}
}

func (g *generator) sentinel(p *packages.Package, v *types.Var, uses errorUses) {
	name := p.PkgPath + "." + v.Name()
	if at, ok := uses.assigned[v]; ok {
		if uses.leaves[v] {
			g.refused.add(g.prog, v.Pos(), "error variable "+p.Types.Name()+"."+v.Name()+": assigned again at "+g.prog.Position(at)+", so that its identity can't be kept",
				"assign it once, where it is declared")
		}
		return
	}
	g.faults.list = append(g.faults.list, fault{name: name, obj: v, homes: []*packages.Package{p}})
}

// errorType adds T and *T, as far as they are errors, if T can cross. If it can't
// that is refused only where a T is returned as an error.
func (g *generator) errorType(p *packages.Package, o *types.TypeName, n *types.Named, uses errorUses) {
	value, pointer := implementsError(n), implementsError(types.NewPointer(n))
	if !value && !pointer {
		return
	}
	where := "error type " + typeName(n)
	var dry refusals
	trial := newWalker(g)
	trial.refused = &dry
	trial.visit(site{pos: o.Pos(), where: where, path: typeName(n), home: p}, n)
	if len(dry.list) > 0 && !uses.leaves[o] {
		return
	}
	g.walk.visit(site{pos: o.Pos(), where: where, path: typeName(n), home: p}, n)
	if value {
		g.faults.list = append(g.faults.list, fault{name: p.PkgPath + "." + o.Name(), obj: o, homes: []*packages.Package{p}})
	}
	g.faults.list = append(g.faults.list, fault{name: "*" + p.PkgPath + "." + o.Name(), obj: o, pointer: true, homes: []*packages.Package{p}})
}

// errorUses is what the packages do with their error variables and types.
type errorUses struct {
	assigned map[types.Object]token.Pos // variables that are assigned, or whose address is taken
	leaves   map[types.Object]bool      // variables and types that are returned as an error, or wrapped
}

func (g *generator) errorUses(within []*packages.Package) errorUses {
	u := errorUses{map[types.Object]token.Pos{}, map[types.Object]bool{}}
	for _, p := range g.prog.Packages {
		for _, f := range p.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				u.assignment(p.TypesInfo, n)
				return true
			})
		}
	}
	for _, p := range within {
		for _, f := range p.Syntax {
			for _, d := range f.Decls {
				if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
					u.function(p.TypesInfo, d.Type, d.Body)
				}
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncLit:
					u.function(p.TypesInfo, n.Type, n.Body)
				case *ast.CallExpr:
					u.wrap(p.TypesInfo, n)
				}
				return true
			})
		}
	}
	return u
}

func (u errorUses) assignment(info *types.Info, n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, l := range n.Lhs {
			u.assign(info, l)
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			u.assign(info, n.X)
		}
	}
}

func (u errorUses) assign(info *types.Info, e ast.Expr) {
	if v, ok := variableOf(info, e).(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		if _, ok := u.assigned[v]; !ok {
			u.assigned[v] = e.Pos()
		}
	}
}

func variableOf(info *types.Info, e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return info.Uses[e]
	case *ast.SelectorExpr:
		return info.Uses[e.Sel]
	}
	return nil
}

// function notes what the return statements of a function turn into an error.
func (u errorUses) function(info *types.Info, typ *ast.FuncType, body *ast.BlockStmt) {
	var results []types.Type
	if typ.Results != nil {
		for _, f := range typ.Results.List {
			for range max(1, len(f.Names)) {
				results = append(results, info.TypeOf(f.Type))
			}
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			for i, e := range n.Results {
				if len(n.Results) == len(results) && isError(results[i]) {
					u.leave(info, e)
				}
			}
		}
		return true
	})
}

// wrap notes what fmt.Errorf, errors.Join and a conversion turn into an error.
func (u errorUses) wrap(info *types.Info, x *ast.CallExpr) {
	if tv := info.Types[x.Fun]; tv.IsType() && isError(tv.Type) {
		u.leave(info, x.Args[0])
		return
	}
	fn, ok := typeutil.Callee(info, x).(*types.Func)
	if !ok || fn.FullName() != "fmt.Errorf" && fn.FullName() != "errors.Join" {
		return
	}
	for _, e := range x.Args {
		u.leave(info, e)
	}
}

func (u errorUses) leave(info *types.Info, e ast.Expr) {
	if v := variableOf(info, e); v != nil {
		u.leaves[v] = true
	}
	if n := namedOf(info.TypeOf(e)); n != nil {
		u.leaves[n.Obj()] = true
	}
}
