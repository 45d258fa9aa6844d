package facts

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// What a call takes along without naming it in a signature: which of the
// module's errors the caller tells apart, and what is in the context.

// tells notes the module's errors that a call tells apart: errors.Is, errors.As,
// and what is instantiated with the type of an error, such as errors.AsType.
func (w *walker) tells(call *ast.CallExpr) {
	if ix, ok := ast.Unparen(call.Fun).(*ast.IndexExpr); ok {
		if tv, ok := w.info.Types[ix.Index]; ok && tv.IsType() {
			w.tellType(tv.Type, ix.Index.Pos())
		}
	}
	const withTarget = 2
	fn := w.foreignCallee(call)
	if fn == nil || len(call.Args) < withTarget || !strings.HasSuffix(fn.Pkg().Path(), "errors") {
		return
	}
	switch fn.Name() {
	case "Is":
		w.tellVar(call.Args[1])
	case "As":
		if p, ok := types.Unalias(w.info.TypeOf(call.Args[1])).(*types.Pointer); ok {
			w.tellType(p.Elem(), call.Args[1].Pos())
		}
	}
}

// foreignCallee is the package function of another module that is called, or nil.
func (w *walker) foreignCallee(call *ast.CallExpr) *types.Func {
	fn, _ := w.info.Uses[calledIdent(call.Fun)].(*types.Func)
	if fn == nil || fn.Pkg() == nil || w.x.own(fn.Pkg().Path()) {
		return nil
	}
	return fn
}

// compares notes the errors that are compared with == or !=.
func (w *walker) compares(n *ast.BinaryExpr) {
	if n.Op == token.EQL || n.Op == token.NEQ {
		w.tellVar(n.X)
		w.tellVar(n.Y)
	}
}

// switches notes the errors that the cases of a switch are about.
func (w *walker) switches(n *ast.CaseClause) {
	for _, e := range n.List {
		if tv, ok := w.info.Types[e]; ok && tv.IsType() {
			w.tellType(tv.Type, e.Pos())
			continue
		}
		w.tellVar(e)
	}
}

// tellVar notes e if it is a package variable that holds an error.
func (w *walker) tellVar(e ast.Expr) {
	id := calledIdent(e)
	if id == nil {
		return
	}
	v, ok := w.info.Uses[id].(*types.Var)
	if ok && !v.IsField() && topLevel(v) && failure(v.Type()) {
		w.tell(w.ownSymbol(v), id.Pos())
	}
}

// tellType notes t if it is a concrete type of errors.
func (w *walker) tellType(t types.Type, pos token.Pos) {
	if named := namedOf(t); named != nil && !types.IsInterface(named) && failure(t) && topLevel(named.Obj()) {
		w.tell(w.ownSymbol(named.Obj()), pos)
	}
}

func (w *walker) tell(err Symbol, pos token.Pos) {
	if err.Name == "" {
		return
	}
	for _, t := range w.d.Tells {
		if t.Err == err {
			return
		}
	}
	w.d.Tells = append(w.d.Tells, Tell{Err: err, Line: w.x.line(pos)})
}

// failure reports whether values of type t are errors.
func failure(t types.Type) bool {
	iface, _ := types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
	return iface != nil && types.Implements(t, iface)
}

// keyed notes the key of a value that is put into a context or taken from one.
func (w *walker) keyed(call *ast.CallExpr) {
	const setArgs = 3
	if fn := w.foreignCallee(call); fn != nil && fn.Signature().Recv() == nil {
		if fn.Pkg().Path() == "context" && fn.Name() == "WithValue" && len(call.Args) == setArgs {
			w.key(call.Args[1], true)
		}
		return
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if ok && sel.Sel.Name == "Value" && len(call.Args) == 1 && isContext(w.info.TypeOf(sel.X)) {
		w.key(call.Args[0], false)
	}
}

// key names a key by the constant or variable that it is, else by its type and
// what it says; one that is a parameter or a local variable has no name.
func (w *walker) key(e ast.Expr, set bool) {
	k := Key{Set: set, Line: w.x.line(e.Pos())}
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	switch obj := w.info.Uses[calledIdent(e)].(type) {
	case *types.Const:
		k.Key = w.ownSymbol(obj)
	case *types.Var:
		if !topLevel(obj) {
			return
		}
		k.Key = w.ownSymbol(obj)
	default:
		tv := w.info.Types[e]
		if named := namedOf(tv.Type); named != nil && topLevel(named.Obj()) {
			k.Key = w.ownSymbol(named.Obj())
		}
		if tv.Value != nil && tv.Value.Kind() == constant.String {
			k.Text = constant.StringVal(tv.Value)
		} else if tv.Value != nil {
			k.Text = tv.Value.ExactString()
		}
	}
	if k.Key.Name == "" && k.Text == "" {
		return
	}
	for _, old := range w.d.Keys {
		if old.Key == k.Key && old.Text == k.Text && old.Set == k.Set {
			return
		}
	}
	w.d.Keys = append(w.d.Keys, k)
}
