package facts

import (
	"go/ast"
	"go/types"
)

// foreignFunc notes the use of a function or method of another module. given is
// true for a method called on a parameter or on a row, statement or transaction
// that a call in this declaration returned: the call is what reaches the
// database, and is judged itself.
func (w *walker) foreignFunc(id *ast.Ident, fn *types.Func, given bool) {
	if fn.Pkg() == nil {
		return // error.Error
	}
	w.waited(fn)
	f := Foreign{Path: fn.Pkg().Path(), Name: fn.Name(), Acts: acts(fn), Given: given}
	if recv := fn.Signature().Recv(); recv != nil {
		f.Iface = types.IsInterface(recv.Type())
		if named := namedOf(recv.Type()); named != nil {
			f.Name = named.Obj().Name() + "." + f.Name
		}
	}
	w.use(id, f)
}

func (w *walker) use(id *ast.Ident, f Foreign) {
	if f.Path == w.x.out.Path {
		return // a method of a type that is declared in a function
	}
	f.Tx, f.Go = w.inTx(id.Pos()), w.async[id]
	if _, ok := w.foreign[f]; ok {
		return
	}
	w.foreign[f] = len(w.d.Foreign)
	f.Line = w.x.line(id.Pos())
	w.d.Foreign = append(w.d.Foreign, f)
}

// waited notes that the goroutines which are started here are waited for.
func (w *walker) waited(fn *types.Func) {
	switch fn.Pkg().Path() {
	case "sync", "golang.org/x/sync/errgroup":
		w.waits = w.waits || fn.Name() == "Wait" && symbolOf(fn).Name != "Cond.Wait"
	}
}

// acts reports whether a function looks like one that reaches the outside world
// if its package can: it can fail, and it does not merely read or write what it
// is handed.
func acts(fn *types.Func) bool {
	sig := fn.Signature()
	for p := range sig.Params().Variables() {
		if isContext(p.Type()) {
			return true
		}
		switch types.TypeString(p.Type(), nil) {
		case "io.Reader", "io.Writer", "[]byte", "net/http.ResponseWriter", "*net/http.Request":
			return false
		}
	}
	n := sig.Results().Len()
	if sig.Recv() == nil && n == 1 && containsAny(fn.Name(), []string{"Error", "Wrap", "New"}) {
		return false // makes an error
	}
	return n > 0 && isError(sig.Results().At(n-1).Type())
}

// derived reports whether e is a row, a statement or a transaction that a call
// in this very declaration returned.
func (w *walker) derived(e ast.Expr) bool {
	if !w.x.db.isCursor(w.info.TypeOf(e)) {
		return false
	}
	if _, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		return true
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	for _, v := range w.locals[w.info.Uses[id]] {
		if _, ok := ast.Unparen(v).(*ast.CallExpr); ok {
			return true
		}
	}
	return false
}

// lends notes a call that hands on a database handle which the caller was not
// itself handed: so the caller is who reaches the database.
func (w *walker) lends(call *ast.CallExpr) {
	for _, arg := range call.Args {
		if tv, ok := w.info.Types[arg]; !ok || !tv.IsValue() || !w.x.db.isHandle(tv.Type) {
			continue
		}
		id := w.rootIdent(arg)
		if id == nil || w.info.Uses[id] == nil || w.given[w.info.Uses[id]] || len(w.locals[w.info.Uses[id]]) > 0 {
			continue
		}
		callee := calledIdent(call.Fun)
		if callee == nil {
			continue
		}
		if fn, ok := w.info.Uses[callee].(*types.Func); ok && w.makes(fn) {
			continue // New(db) keeps the handle, and has not used it yet
		}
		if _, ok := w.info.Uses[callee].(*types.Func); ok {
			w.effect(Stateful, "hands on its database handle", arg.Pos())
		}
	}
}

// makes reports whether fn makes a value that keeps handles: of a type of its
// own package that holds state, or is an interface.
func (w *walker) makes(fn *types.Func) bool {
	for r := range fn.Signature().Results().Variables() {
		if named := namedOf(r.Type()); named != nil && named.Obj().Pkg() == fn.Pkg() && (types.IsInterface(named) || w.x.state.holds(named)) {
			return true
		}
	}
	return false
}
