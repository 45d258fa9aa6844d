package facts

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/packages"

	"github.com/hemilith/hemilith/tool/source"
)

// Extract gets the facts of one package of the module: pkg with Syntax, Types
// and TypesInfo, of which prog has the positions and the directory. own reports
// whether an import path is of the module. The facts depend on the package's own
// source and on the declarations of what it imports, and on no function bodies
// but its own. Packages may be extracted at once; the error is that of ctx.
func Extract(ctx context.Context, prog *source.Program, pkg *packages.Package, own func(path string) bool) (*Package, error) {
	x := newExtraction(prog, pkg, own)
	for i, file := range pkg.Syntax {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x.addFile(i, file)
	}
	x.readEmbeds()
	for i := range x.decls {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x.walk(&x.decls[i], &x.out.Decls[i])
	}
	return x.out, nil
}

// FromSource gets the facts of a loaded program.
func FromSource(ctx context.Context, prog *source.Program) (*Program, error) {
	p := &Program{Dir: prog.Dir, Module: prog.Module, Foreign: map[string][]string{}}
	own := func(path string) bool {
		pkg := prog.All[path]
		return pkg != nil && prog.Own(pkg)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxExtracting)
	p.Packages = make([]*Package, len(prog.Packages))
	for i, pkg := range prog.Packages {
		if len(pkg.Errors) > 0 {
			p.Broken = append(p.Broken, pkg.PkgPath+": "+pkg.Errors[0].Msg)
		}
		if pkg.Types == nil {
			p.Packages[i] = &Package{Path: pkg.PkgPath, Name: pkg.Name}
			continue
		}
		group.Go(func() error {
			var err error
			p.Packages[i], err = Extract(ctx, prog, pkg, own)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, pkg := range prog.All {
		if own(pkg.PkgPath) {
			continue
		}
		deps := make([]string, 0, len(pkg.Imports))
		for _, dep := range pkg.Imports {
			deps = append(deps, dep.PkgPath)
		}
		slices.Sort(deps)
		p.Foreign[pkg.PkgPath] = deps
	}
	for _, b := range p.Broken {
		p.Notes = append(p.Notes, "does not type-check, analysed as far as it goes: "+b)
	}
	p.nameTables()
	p.spreadRuns()
	return p, nil
}

// maxExtracting bounds the packages that FromSource looks at at once.
const maxExtracting = 4

// extraction is the work on one package.
type extraction struct {
	prog   *source.Program
	fset   *token.FileSet
	pkg    *types.Package
	info   *types.Info
	own    func(string) bool
	dir    string // of the package's files
	out    *Package
	decls  []decl // as out.Decls
	owners fieldOwners
	state  *stateTypes
	wire   *wireTypes
	text   *typeTexts
	db     *databases
	embeds map[types.Object][]Access // what the files embedded in a variable do to tables
}

// decl is the syntax of one declaration.
type decl struct {
	obj  types.Object
	node ast.Node // *ast.FuncDecl, *ast.TypeSpec or *ast.ValueSpec
	gen  *ast.GenDecl
}

func newExtraction(prog *source.Program, pkg *packages.Package, own func(string) bool) *extraction {
	x := &extraction{
		prog: prog, fset: prog.Fset, pkg: pkg.Types, info: pkg.TypesInfo, own: own,
		out: &Package{Path: pkg.PkgPath, Name: pkg.Name}, embeds: map[types.Object][]Access{},
		text: newTypeTexts(), db: newDatabases(own),
	}
	x.owners = newFieldOwners(own)
	x.state = newStateTypes(own)
	x.wire = &wireTypes{db: x.db, memo: newTypeMemo[verdict]()}
	for _, dep := range pkg.Imports {
		x.out.Imports = append(x.out.Imports, dep.PkgPath)
	}
	slices.Sort(x.out.Imports)
	return x
}

func (x *extraction) addFile(at int, file *ast.File) {
	name := x.fset.File(file.FileStart).Name()
	if at == 0 {
		x.dir = dirOf(name)
	}
	x.out.Files = append(x.out.Files, File{
		Name: x.prog.Rel(name), Lines: x.span(file.FileStart, file.FileEnd), Generated: ast.IsGenerated(file),
	})
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			x.addFunc(at, d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				x.addSpec(at, d, spec)
			}
		}
	}
}

// span is the number of lines from one position to another.
func (x *extraction) span(from, to token.Pos) int {
	f := x.fset.File(from)
	if f == nil || !to.IsValid() {
		return 0
	}
	end := min(int(to), f.Base()+f.Size())
	return f.Line(token.Pos(end)) - f.Line(from) + 1
}

func (x *extraction) line(pos token.Pos) int {
	f := x.fset.File(pos)
	if f == nil {
		return 0
	}
	return f.Line(pos)
}

func (x *extraction) addFunc(file int, d *ast.FuncDecl) {
	fn, _ := x.info.Defs[d.Name].(*types.Func)
	if fn == nil {
		return
	}
	out := Decl{
		Name: d.Name.Name, Kind: Func, File: file, Line: x.line(d.Name.Pos()), Lines: x.span(d.Pos(), d.End()),
		Exported: d.Name.IsExported(), Runs: -1,
	}
	sig := fn.Signature()
	if d.Recv != nil && len(d.Recv.List) > 0 {
		out.Recv = receiverName(d.Recv.List[0].Type)
		if named := namedOf(sig.Recv().Type()); named != nil {
			out.Recv = named.Obj().Name() // it may be written as an alias
		}
		out.Name = out.Recv + "." + out.Name
	}
	out.Name = x.numbered(out.Name)
	out.Generic = sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0
	out.Sig = x.wire.signature(fn)
	x.add(out, decl{obj: fn, node: d})
}

// numbered tells apart declarations that may share a name: init functions and
// blank ones.
func (x *extraction) numbered(name string) string {
	if name != "init" && name != "_" {
		return name
	}
	n := 1
	for _, d := range x.decls {
		if d.obj.Name() == name && d.obj.Parent() == nil {
			n++
		}
	}
	if name == "init" && n == 1 {
		return name
	}
	return name + "#" + strconv.Itoa(n)
}

// receiverName is the name of the type in a receiver such as (*T[K]).
func receiverName(e ast.Expr) string {
	for {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.ParenExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		case *ast.Ident:
			return t.Name
		default:
			return "_"
		}
	}
}

func (x *extraction) addSpec(file int, d *ast.GenDecl, spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if obj, ok := x.info.Defs[s.Name].(*types.TypeName); ok {
			x.addType(file, d, s, obj)
		}
	case *ast.ValueSpec:
		kind := Var
		if d.Tok == token.CONST {
			kind = Const
		}
		for i, name := range s.Names {
			obj := x.info.Defs[name]
			if obj == nil || name.Name == "_" && !calls(s, i) {
				continue // an assertion for the compiler
			}
			out := Decl{
				Name: x.numbered(name.Name), Kind: kind, File: file, Line: x.line(name.Pos()),
				Lines: x.span(s.Pos(), s.End()), Exported: name.IsExported(), Runs: -1,
			}
			if i > 0 {
				out.Lines = 0
			}
			if kind == Var {
				x.describeVar(&out, obj.Type(), embedded(d, s))
			}
			x.add(out, decl{obj: obj, node: s, gen: d})
		}
	}
}

// calls reports whether the i-th value of a specification calls a function.
func calls(s *ast.ValueSpec, i int) bool {
	v := valueOf(s, i)
	if v == nil {
		return false
	}
	found := false
	ast.Inspect(v, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if ok && calledIdent(call.Fun) != nil && calledIdent(call.Fun).Name != "new" {
			found = true
		}
		return !found
	})
	return found
}

// valueOf is the expression that gives the i-th name its value, or nil.
func valueOf(s *ast.ValueSpec, i int) ast.Expr {
	switch {
	case len(s.Values) == len(s.Names):
		return s.Values[i]
	case len(s.Values) == 1:
		return s.Values[0]
	}
	return nil
}

// add adds a declaration.
func (x *extraction) add(out Decl, d decl) {
	x.out.Decls = append(x.out.Decls, out)
	x.decls = append(x.decls, d)
}

// describeVar says what kind of memory a package variable is.
func (x *extraction) describeVar(out *Decl, t types.Type, embeds bool) {
	out.Holds = x.state.holds(t)
	out.Handle = out.Holds && !x.state.owns(t)
	if x.state.records(t) {
		out.Traits |= Records
	}
	if pools(t) {
		out.Traits |= Pools
	}
	if x.state.changes(t) {
		out.Traits |= Mutable
	}
	if embeds {
		out.Traits |= Embedded
	}
}

func (x *extraction) addType(file int, d *ast.GenDecl, s *ast.TypeSpec, obj *types.TypeName) {
	out := Decl{
		Name: x.numbered(s.Name.Name), Kind: Type, File: file, Line: x.line(s.Name.Pos()), Lines: x.span(s.Pos(), s.End()),
		Exported: s.Name.IsExported(), Generic: s.TypeParams != nil, Runs: -1,
	}
	t := obj.Type()
	if named, ok := t.(*types.Named); ok && !obj.IsAlias() {
		out.Interface = types.IsInterface(named)
		if !out.Interface {
			out.Holds = x.state.holds(named)
			out.Handle = out.Holds && !x.state.owns(named)
			if x.state.records(named) {
				out.Traits |= Records
			}
			out.Fields = x.fields(named)
		}
		out.Methods = x.methods(named)
	}
	x.add(out, decl{obj: obj, node: s, gen: d})
}

// methods is the method set of *T, or of an interface.
func (x *extraction) methods(named *types.Named) []Method {
	var list []Method
	if it, ok := named.Underlying().(*types.Interface); ok {
		for m := range it.Methods() {
			list = append(list, Method{Name: m.Name(), Type: x.text.method(m), Sig: x.wire.signature(m)})
		}
		return list
	}
	set := types.NewMethodSet(types.NewPointer(named))
	for sel := range set.Methods() {
		fn, ok := sel.Obj().(*types.Func)
		if !ok || !fn.Exported() && !x.own(fn.Pkg().Path()) {
			continue
		}
		list = append(list, Method{Name: fn.Name(), Type: x.text.method(sel), Func: symbolOf(fn)})
	}
	return list
}

// fields lists what other code can see of a struct type as data.
func (x *extraction) fields(named *types.Named) []Field {
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var list []Field
	for i := range st.NumFields() {
		f := st.Field(i)
		field := Field{Name: f.Name(), Text: types.TypeString(f.Type(), (*types.Package).Name), Tag: st.Tag(i)}
		if inner := innerNamed(f.Type()); inner != nil && inner.Obj().Pkg() != nil && x.own(inner.Obj().Pkg().Path()) {
			field.Type = symbolOf(inner.Obj())
		}
		field.Open = open(f.Type())
		list = append(list, field)
	}
	return list
}
