package seam

import (
	"go/ast"
	"go/token"
	"go/types"
)

// walker collects what one declaration refers to.
type walker struct {
	g       *graph
	n       int
	info    *types.Info
	calls   map[*ast.Ident]*ast.CallExpr // the identifier that a call calls
	writes  map[*ast.Ident]bool          // the root of what is assigned, or whose address is taken
	txs     []txRange
	async   map[*ast.Ident]bool // what a go statement calls
	params  map[types.Object]bool
	local   map[types.Object]bool // defined by what a call returns
	recv    types.Object          // the receiver of a method
	waits   bool                  // joins the goroutines that it starts
	started token.Pos
}

// walkNode adds the references of node n, and what it does by itself.
func (g *graph) walkNode(n int) {
	nd := &g.nodes[n]
	w := &walker{
		g: g, n: n, info: g.pkgs[nd.pkg].pkg.TypesInfo,
		calls: map[*ast.Ident]*ast.CallExpr{}, writes: map[*ast.Ident]bool{}, async: map[*ast.Ident]bool{}, params: map[types.Object]bool{}, local: map[types.Object]bool{},
	}
	switch d := nd.decl.(type) {
	case *ast.FuncDecl:
		w.prepare(d)
		w.walk(d)
		w.conclude(d)
	case *ast.TypeSpec:
		w.prepare(d)
		w.walk(d)
	case *ast.ValueSpec:
		w.prepare(d)
		w.walkValue(d, nd.obj)
	}
}

// walkValue walks the part of a var or const declaration that belongs to obj.
func (w *walker) walkValue(s *ast.ValueSpec, obj types.Object) {
	if s.Type != nil {
		w.walk(s.Type)
	}
	for i, name := range s.Names {
		if w.info.Defs[name] != obj {
			continue
		}
		switch {
		case len(s.Values) == len(s.Names):
			w.walk(s.Values[i])
		case len(s.Values) == 1:
			w.walk(s.Values[0])
		}
	}
}

// prepare finds what the walk must know beforehand: which identifiers are
// called, which are written, where transactions are open.
func (w *walker) prepare(root ast.Node) {
	if d, ok := root.(*ast.FuncDecl); ok {
		w.noteParams(d.Type)
		if d.Recv != nil && len(d.Recv.List) > 0 && len(d.Recv.List[0].Names) > 0 {
			w.recv = w.info.Defs[d.Recv.List[0].Names[0]]
		}
	}
	ast.Inspect(root, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.CallExpr:
			w.prepareCall(x)
		case *ast.AssignStmt:
			w.noteLocals(x)
			if x.Tok != token.DEFINE {
				for _, l := range x.Lhs {
					w.noteWrite(l)
				}
			}
		case *ast.IncDecStmt:
			w.noteWrite(x.X)
		case *ast.RangeStmt:
			if x.Tok == token.ASSIGN {
				w.noteWrite(x.Key)
				w.noteWrite(x.Value)
			}
		case *ast.UnaryExpr:
			if x.Op == token.AND {
				w.noteWrite(x.X)
			}
		case *ast.FuncLit:
			w.noteParams(x.Type)
		case *ast.GoStmt:
			w.async[calledIdent(x.Call.Fun)] = true
		}
		return true
	})
	w.txs = w.transactions(root)
	w.g.txs = append(w.g.txs, w.txs...)
}

// noteLocals notes the variables that a call defines.
func (w *walker) noteLocals(x *ast.AssignStmt) {
	if len(x.Rhs) != 1 {
		return
	}
	if _, ok := ast.Unparen(x.Rhs[0]).(*ast.CallExpr); !ok {
		return
	}
	for _, l := range x.Lhs {
		if id, ok := l.(*ast.Ident); ok && w.info.Defs[id] != nil {
			w.local[w.info.Defs[id]] = true
		}
	}
}

func (w *walker) noteParams(t *ast.FuncType) {
	if t.Params == nil {
		return
	}
	for _, f := range t.Params.List {
		for _, name := range f.Names {
			if obj := w.info.Defs[name]; obj != nil {
				w.params[obj] = true
			}
		}
	}
}

func (w *walker) prepareCall(call *ast.CallExpr) {
	id := calledIdent(call.Fun)
	if id == nil {
		return
	}
	w.calls[id] = call
	if b, ok := w.info.Uses[id].(*types.Builtin); ok && len(call.Args) > 0 {
		switch b.Name() {
		case "delete", "clear", "copy", "close":
			w.noteWrite(call.Args[0])
		}
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	// A method with a pointer receiver called on a variable takes its address.
	s := w.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return
	}
	recv := s.Obj().(*types.Func).Signature().Recv()
	if _, ptr := recv.Type().Underlying().(*types.Pointer); !ptr {
		return
	}
	if _, ptr := s.Recv().Underlying().(*types.Pointer); !ptr {
		w.noteWrite(sel.X)
	}
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

// noteWrite marks the variable at the root of e: x in x.a[i].b.
func (w *walker) noteWrite(e ast.Expr) {
	if id := w.rootIdent(e); id != nil {
		w.writes[id] = true
	}
}

// rootIdent is the variable at the root of a chain of selections, indexes and
// dereferences: x in x.a[i].b, and pkg.X itself in pkg.X.a.
func (w *walker) rootIdent(e ast.Expr) *ast.Ident {
	for e != nil {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.SelectorExpr:
			if w.info.Selections[x] == nil {
				return x.Sel // a qualified identifier
			}
			e = x.X
		default:
			return nil
		}
	}
	return nil
}

func (w *walker) walk(root ast.Node) {
	ast.Inspect(root, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.Ident:
			w.ident(x)
		case *ast.SelectorExpr:
			if s := w.info.Selections[x]; s != nil {
				w.selection(x, s)
			}
		case *ast.GoStmt:
			w.started = x.Pos()
		case *ast.ForStmt:
			w.loop(x)
		case *ast.CallExpr:
			w.registration(x)
			w.lends(x)
		case *ast.CompositeLit:
			w.command(x)
		case ast.Expr:
			w.text(x)
		}
		return true
	})
}

// ident handles names that are not selected from a value: functions, types,
// constants and variables of packages.
func (w *walker) ident(id *ast.Ident) {
	switch obj := w.info.Uses[id].(type) {
	case *types.Func:
		if obj.Signature().Recv() == nil {
			w.function(id, obj.Origin(), kindCall)
		}
	case *types.TypeName:
		w.refer(id, obj, kindType)
	case *types.Const:
		w.refer(id, obj, kindConst)
		w.text(id)
	case *types.Var:
		w.variable(id, obj)
	}
}

func (w *walker) variable(id *ast.Ident, v *types.Var) {
	if v.IsField() {
		w.field(id, v)
		return
	}
	if v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return
	}
	kind := kindRead
	if w.writes[id] {
		kind = kindWrite
	}
	if to, ok := w.g.byObj[v]; ok {
		w.refer(id, v, kind)
		w.g.noteVar(to, w.n, kind == kindWrite)
		return
	}
	w.foreignVar(id, v)
}

func (w *walker) field(id *ast.Ident, v *types.Var) {
	if to, ok := w.g.fields[v.Origin()]; ok {
		w.g.refer(edge{from: w.n, to: to, kind: kindField, pos: id.Pos()})
	}
}

func (w *walker) refer(id *ast.Ident, obj types.Object, kind string) {
	if to, ok := w.g.byObj[obj]; ok {
		w.g.refer(edge{from: w.n, to: to, kind: kind, pos: id.Pos(), inTx: w.inTx(id.Pos())})
	}
}

// function handles a package function or a concrete method: called, or taken as
// a value.
func (w *walker) function(id *ast.Ident, fn *types.Func, kind string) {
	if w.calls[id] == nil {
		kind = kindValue
	}
	if to, ok := w.g.byObj[fn]; ok {
		w.g.nodes[to].later = w.g.nodes[to].later || kind == kindValue || w.async[id]
		w.g.refer(edge{from: w.n, to: to, kind: kind, pos: id.Pos(), inTx: w.inTx(id.Pos())})
		return
	}
	w.foreignFunc(id, fn)
}

func (w *walker) selection(x *ast.SelectorExpr, s *types.Selection) {
	fn, ok := s.Obj().(*types.Func)
	if !ok {
		return // a field: ident sees it
	}
	fn = fn.Origin()
	recv := fn.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) {
		w.method(x, fn)
		return
	}
	kind := kindIface
	if w.calls[x.Sel] == nil {
		kind = kindValue
	}
	for _, impl := range w.g.impls[fn] {
		w.g.refer(edge{from: w.n, to: impl, kind: kind, pos: x.Sel.Pos(), via: fn, inTx: w.inTx(x.Sel.Pos())})
	}
}

// method handles a concrete method. What it does to a handle that the caller
// was given as a parameter is the giver's business, unless SQL is named here.
func (w *walker) method(x *ast.SelectorExpr, fn *types.Func) {
	if w.received(x.X) && guards(fn) {
		w.g.guarded = append(w.g.guarded, guard{node: w.n, pos: x.Pos()})
	}
	if _, own := w.g.byObj[fn]; !own && (w.given(x.X) || w.derived(x.X)) {
		w.waited(fn)
		if level, _ := w.g.extern.level(fn); level == stateful {
			return
		}
	}
	w.function(x.Sel, fn, kindCall)
}

// given reports whether e is rooted in a parameter, the receiver not counted.
func (w *walker) given(e ast.Expr) bool {
	id := w.rootIdent(e)
	return id != nil && w.params[w.info.Uses[id]]
}

// derived reports whether e is a row, a statement or a transaction that a call
// in this very declaration returned: the call is what reaches the database, and
// is judged itself.
func (w *walker) derived(e ast.Expr) bool {
	named := namedOf(w.info.TypeOf(e))
	if named == nil || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "database/sql" {
		return false
	}
	switch named.Obj().Name() {
	case "Row", "Rows", "Stmt", "Tx", "Conn":
	default:
		return false
	}
	if _, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		return true
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && w.local[w.info.Uses[id]]
}

// received reports whether e is rooted in the receiver of the walked method.
func (w *walker) received(e ast.Expr) bool {
	id := w.rootIdent(e)
	return id != nil && w.recv != nil && w.info.Uses[id] == w.recv
}

// guards reports whether fn takes a lock or is an atomic operation.
func guards(fn *types.Func) bool {
	if fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "sync/atomic":
		return true
	case "sync":
		named := namedOf(fn.Signature().Recv().Type())
		return named != nil && named.Obj().Name() != "Once" && named.Obj().Name() != "Pool" && named.Obj().Name() != "WaitGroup"
	}
	return false
}

func (w *walker) inTx(pos token.Pos) bool {
	for _, t := range w.txs {
		if t.from < pos && pos < t.to {
			return true
		}
	}
	return false
}

// loop marks a function that runs until it is told to stop: an endless loop
// that waits in each round.
func (w *walker) loop(x *ast.ForStmt) {
	if x.Cond != nil {
		return
	}
	waits := false
	ast.Inspect(x.Body, func(y ast.Node) bool {
		switch y := y.(type) {
		case *ast.SelectStmt:
			waits = true
		case *ast.SelectorExpr:
			if fn, ok := w.info.Uses[y.Sel].(*types.Func); ok && fn.FullName() == "time.Sleep" {
				waits = true
			}
		}
		return !waits
	})
	if waits {
		w.g.nodes[w.n].loops = true
		w.effect(background, "waits in an endless loop", x.Pos())
	}
}

// conclude judges the goroutines that a function starts once all of it is seen:
// one that is waited for is an implementation detail, one that is not outlives
// the call.
func (w *walker) conclude(d *ast.FuncDecl) {
	if w.started.IsValid() && !w.waits {
		w.effect(background, "starts a goroutine that it does not wait for", w.started)
	}
	if len(w.g.nodes[w.n].sql) == 0 {
		return
	}
	if w.takesHandle(d.Type) && w.g.nodes[w.n].grade.replicable() {
		w.g.nodes[w.n].lent = true
		return
	}
	w.effect(stateful, "names a table in SQL", w.g.nodes[w.n].sql[0].pos)
}

// takesHandle reports whether a function is handed a database handle: then what
// it does to tables is done for its caller, wherever that runs.
func (w *walker) takesHandle(t *ast.FuncType) bool {
	for _, f := range t.Params.List {
		if isHandle(w.info.TypeOf(f.Type)) {
			return true
		}
	}
	return false
}

// lends notes a call that hands on a database handle which the caller was not
// itself handed: so the caller is who reaches the database.
func (w *walker) lends(call *ast.CallExpr) {
	for _, arg := range call.Args {
		if tv, ok := w.info.Types[arg]; !ok || !tv.IsValue() || !isHandle(tv.Type) {
			continue
		}
		id := w.rootIdent(arg)
		if id == nil || w.info.Uses[id] == nil || w.params[w.info.Uses[id]] || w.local[w.info.Uses[id]] {
			continue
		}
		id2 := calledIdent(call.Fun)
		if id2 == nil {
			continue
		}
		if fn, ok := w.info.Uses[id2].(*types.Func); ok && w.g.plainMaker(fn) {
			continue // New(db) keeps the handle, and has not used it yet
		}
		w.effect(stateful, "hands on its database handle", arg.Pos())
	}
}
