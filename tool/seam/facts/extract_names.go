package facts

import (
	"go/ast"
	"go/types"
	"path/filepath"
	"strings"
)

// symbolOf names a declaration. It is the zero Symbol for what no package
// declares: the universe, variables and types of functions, unnamed types.
func symbolOf(obj types.Object) Symbol {
	if obj == nil || obj.Pkg() == nil {
		return Symbol{}
	}
	path := obj.Pkg().Path()
	if fn, ok := obj.(*types.Func); ok {
		fn = fn.Origin()
		recv := fn.Signature().Recv()
		if recv == nil {
			return Symbol{path, fn.Name()}
		}
		named := namedOf(recv.Type())
		if named == nil || !topLevel(named.Obj()) {
			return Symbol{}
		}
		return Symbol{path, named.Obj().Name() + "." + fn.Name()}
	}
	if !topLevel(obj) {
		return Symbol{}
	}
	return Symbol{path, obj.Name()}
}

// topLevel reports whether obj is declared by its package, not in a function.
func topLevel(obj types.Object) bool {
	return obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope()
}

// namedOf is the named type of t or *t, of generic types the origin, or nil.
func namedOf(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Origin()
	}
	return nil
}

// innerNamed is the named type in t, through pointers, slices, arrays, channels
// and the values of maps, or nil.
func innerNamed(t types.Type) *types.Named {
	n, _ := element(t).(*types.Named)
	if n == nil {
		return nil
	}
	return n.Origin()
}

// element is what is in t, through pointers, slices, arrays, channels and the
// values of maps.
func element(t types.Type) types.Type {
	for {
		switch u := types.Unalias(t).(type) {
		case *types.Pointer:
			t = u.Elem()
		case *types.Slice:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		case *types.Chan:
			t = u.Elem()
		case *types.Map:
			t = u.Elem()
		default:
			return u
		}
	}
}

// open reports whether any type may be in a value of type t, or in its elements.
func open(t types.Type) bool {
	u := element(t)
	if _, param := u.(*types.TypeParam); param {
		return false
	}
	return types.IsInterface(u) && !isError(u)
}

// calledIdent is the identifier that names what is called, or nil.
func calledIdent(fun ast.Expr) *ast.Ident {
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	case *ast.IndexExpr:
		return calledIdent(f.X)
	case *ast.IndexListExpr:
		return calledIdent(f.X)
	}
	return nil
}

// fieldOwners finds the type that declares a field.
type fieldOwners struct {
	own   func(string) bool
	types map[*types.Var]Symbol
	seen  map[*types.Package]bool
}

func newFieldOwners(own func(string) bool) fieldOwners {
	return fieldOwners{own: own, types: map[*types.Var]Symbol{}, seen: map[*types.Package]bool{}}
}

// of returns the type that declares a field, if it is of the module; of fields
// of unnamed types, the declaration that they are written in.
func (o fieldOwners) of(f *types.Var) (Symbol, bool) {
	f = f.Origin()
	pkg := f.Pkg()
	if pkg == nil || !o.own(pkg.Path()) {
		return Symbol{}, false
	}
	if !o.seen[pkg] {
		o.seen[pkg] = true
		scope := pkg.Scope()
		for _, name := range scope.Names() {
			switch obj := scope.Lookup(name).(type) {
			case *types.TypeName:
				if named, ok := obj.Type().(*types.Named); ok && !obj.IsAlias() {
					o.add(symbolOf(obj), named.Underlying(), 0)
				}
			case *types.Var:
				o.add(symbolOf(obj), obj.Type(), 0)
			}
		}
	}
	s, ok := o.types[f]
	return s, ok
}

func (o fieldOwners) add(s Symbol, t types.Type, depth int) {
	const maxDepth = 8
	if depth > maxDepth {
		return
	}
	switch t := t.(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if _, done := o.types[f]; !done {
				o.types[f] = s
				o.add(s, f.Type(), depth+1)
			}
		}
	case *types.Slice:
		o.add(s, t.Elem(), depth+1)
	case *types.Array:
		o.add(s, t.Elem(), depth+1)
	case *types.Pointer:
		o.add(s, t.Elem(), depth+1)
	case *types.Map:
		o.add(s, t.Elem(), depth+1)
	}
}

// typeTexts writes method signatures so that equal text means that one method
// implements the other: with full import paths, without parameter names, with
// aliases replaced. A type parameter is AnyType, as it stands for whatever it is
// instantiated with.
type typeTexts struct{ memo map[types.Type]string }

func newTypeTexts() *typeTexts { return &typeTexts{memo: map[types.Type]string{}} }

// method is the type of a method, given as its *types.Func or as an element of a
// method set, which knows the type arguments of embedded generic types.
func (w *typeTexts) method(m interface{ Type() types.Type }) string {
	var pkg *types.Package
	name := ""
	switch m := m.(type) {
	case *types.Func:
		pkg, name = m.Pkg(), m.Name()
	case *types.Selection:
		pkg, name = m.Obj().Pkg(), m.Obj().Name()
	}
	text := w.of(m.Type())
	if pkg != nil && name != "" && !ast.IsExported(name) {
		return pkg.Path() + " " + text
	}
	return text
}

func (w *typeTexts) of(t types.Type) string {
	t = types.Unalias(t)
	if s, ok := w.memo[t]; ok {
		return s
	}
	var b strings.Builder
	w.write(&b, t)
	s := b.String()
	w.memo[t] = s
	return s
}

func (w *typeTexts) write(b *strings.Builder, t types.Type) {
	switch t := t.(type) {
	case *types.Named:
		if p := t.Obj().Pkg(); p != nil {
			b.WriteString(p.Path() + ".")
		}
		b.WriteString(t.Obj().Name())
		for i := range t.TypeArgs().Len() {
			b.WriteString("[" + w.of(t.TypeArgs().At(i)) + "]")
		}
	case *types.Pointer:
		b.WriteString("*" + w.of(t.Elem()))
	case *types.Slice:
		b.WriteString("[]" + w.of(t.Elem()))
	case *types.Map:
		b.WriteString("map[" + w.of(t.Key()) + "]" + w.of(t.Elem()))
	case *types.Chan:
		b.WriteString([...]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()] + w.of(t.Elem()))
	case *types.Signature:
		w.signature(b, t)
	case *types.Interface:
		w.iface(b, t)
	case *types.TypeParam:
		b.WriteString(AnyType)
	default:
		b.WriteString(types.TypeString(t, nil))
	}
}

func (w *typeTexts) signature(b *strings.Builder, t *types.Signature) {
	b.WriteString("func(")
	for i := range t.Params().Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		if t.Variadic() && i == t.Params().Len()-1 {
			b.WriteString("...")
		}
		b.WriteString(w.of(t.Params().At(i).Type()))
	}
	b.WriteString(")")
	for i := range t.Results().Len() {
		b.WriteString(" " + w.of(t.Results().At(i).Type()))
	}
}

func (w *typeTexts) iface(b *strings.Builder, t *types.Interface) {
	b.WriteString("interface{")
	for m := range t.Methods() {
		b.WriteString(m.Name() + " " + types.TypeString(m.Type(), nil) + "; ")
	}
	b.WriteString("}")
}

func dirOf(file string) string { return filepath.Dir(file) }
