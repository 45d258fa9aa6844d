package facts

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// databases knows the types of database libraries by what they can do.
type databases struct {
	own     func(string) bool
	memo    map[types.Type]roles
	mirrors map[*types.Func]mirror
}

// roles are what values of a type are to a database.
type roles struct {
	tx      bool // can be committed and rolled back
	session bool // begins and commits by itself: xorm's Session, gorm's DB
	handle  bool // SQL is run on it
}

func newDatabases(own func(string) bool) *databases {
	return &databases{own: own, memo: map[types.Type]roles{}, mirrors: map[*types.Func]mirror{}}
}

func (d *databases) of(t types.Type) roles {
	if t == nil {
		return roles{}
	}
	t = types.Unalias(t)
	if r, ok := d.memo[t]; ok {
		return r
	}
	r := d.look(t)
	d.memo[t] = r
	return r
}

func (d *databases) look(t types.Type) roles {
	named := namedOf(t)
	if named == nil || named.Obj().Pkg() == nil {
		return roles{}
	}
	commits := plain(method(t, "Commit")) && (plain(method(t, "Rollback")) || plain(method(t, "Close")))
	r := roles{session: commits && (beginsItself(t, "Begin") || beginsItself(t, "BeginTx"))}
	r.tx = commits && !r.session
	r.handle = r.session || runsSQL(t) || isMongo(named)
	return r
}

// runsSQL reports whether SQL can be run on values of type t: a method takes it
// with its arguments, or there are methods for both writing and reading.
func runsSQL(t types.Type) bool {
	for _, name := range []string{"ExecContext", "QueryContext", "QueryRowContext", "Exec", "Query", "QueryRow"} {
		if fn := method(t, name); fn != nil && takesSQL(fn.Signature()) {
			return true
		}
	}
	return firstMethod(t, "ExecContext", "Exec") != nil && firstMethod(t, "QueryContext", "Query", "Select") != nil
}

// takesSQL reports whether a method takes a text and any number of values.
func takesSQL(sig *types.Signature) bool {
	n := sig.Params().Len()
	return sig.Variadic() && n >= 2 && isString(sig.Params().At(n-2).Type()) && open(sig.Params().At(n-1).Type())
}

func firstMethod(t types.Type, names ...string) *types.Func {
	for _, name := range names {
		if fn := method(t, name); fn != nil {
			return fn
		}
	}
	return nil
}

func isMongo(named *types.Named) bool {
	return strings.HasPrefix(named.Obj().Pkg().Path(), "go.mongodb.org/mongo-driver") &&
		(named.Obj().Name() == "Database" || named.Obj().Name() == "Collection" || named.Obj().Name() == "Client")
}

// method is the exported method of t, or nil.
func method(t types.Type, name string) *types.Func {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	fn, _ := obj.(*types.Func)
	return fn
}

// plain reports whether fn takes at most a context and returns at most one
// value.
func plain(fn *types.Func) bool {
	if fn == nil {
		return false
	}
	sig := fn.Signature()
	return sig.Results().Len() <= 1 && (sig.Params().Len() == 0 || sig.Params().Len() == 1 && isContext(sig.Params().At(0).Type()))
}

// beginsItself reports whether the method begins a transaction on its receiver:
// it returns the receiver's type and nothing else, or an error at most.
func beginsItself(t types.Type, name string) bool {
	fn := method(t, name)
	if fn == nil {
		return false
	}
	res := fn.Signature().Results()
	if res.Len() != 1 {
		return res.Len() == 0
	}
	to := namedOf(res.At(0).Type())
	return isError(res.At(0).Type()) || to == namedOf(t) || to != nil && to == namedOf(fn.Signature().Recv().Type())
}

// isTx reports whether t is a transaction and nothing else.
func (d *databases) isTx(t types.Type) bool { return d.of(t).tx }

// isSession reports whether t may have a transaction open, or not.
func (d *databases) isSession(t types.Type) bool { return d.of(t).session }

// isHandle reports whether t is what SQL is run on.
func (d *databases) isHandle(t types.Type) bool {
	r := d.of(t)
	return r.handle || r.tx
}

// isCursor reports whether t is a row, statement or transaction: what a query
// leaves in hand.
func (d *databases) isCursor(t types.Type) bool {
	named := namedOf(t)
	if named == nil || named.Obj().Pkg() == nil {
		return false
	}
	if d.isTx(t) {
		return true
	}
	switch path := named.Obj().Pkg().Path(); {
	case path == "database/sql", strings.HasSuffix(path, "/sqlx"), strings.Contains(path, "/pgx"):
		switch named.Obj().Name() {
		case "Row", "Rows", "Stmt", "NamedStmt", "Tx", "Conn", "BatchResults":
			return true
		}
	}
	return false
}

// holdsTx reports whether t is a transaction or handle, or a structure with one.
func (d *databases) holdsTx(t types.Type) bool {
	if r := d.of(t); r.tx || r.session || r.handle {
		return true
	}
	named := namedOf(t)
	if named == nil {
		return false
	}
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if r := d.of(f.Type()); r.tx || r.session {
			return true
		}
	}
	return false
}

// txSpan is where a transaction may be open.
type txSpan struct{ from, to token.Pos }

func (w *walker) inTx(pos token.Pos) bool {
	for _, t := range w.txs {
		if t.from < pos && pos < t.to {
			return true
		}
	}
	return false
}

// openTx is a transaction in a variable.
type openTx struct {
	on         types.Object
	begin, end token.Pos
}

// transactions finds where transactions may be open in root: from a call that
// begins one to the last Commit on the same variable, all of a function that is
// handed one, and function literals that a library runs in one.
func (w *walker) transactions(root ast.Node) []txSpan {
	var found []txSpan
	var open []openTx
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil && w.takesTx(n.Type) {
				found = append(found, txSpan{n.Body.Pos(), n.Body.End()})
			}
		case *ast.FuncLit:
			if w.takesTx(n.Type) {
				found = append(found, txSpan{n.Body.Pos(), n.Body.End()})
			}
		case *ast.AssignStmt:
			w.beginsIn(n, &open)
		case *ast.CallExpr:
			w.beginsOn(n, &open)
			w.commits(n, open)
			if arg := w.txRunner(n); arg >= 0 {
				w.d.Traits |= Begins
				if lit, ok := ast.Unparen(n.Args[arg]).(*ast.FuncLit); ok {
					found = append(found, txSpan{lit.Body.Pos(), lit.Body.End()})
				}
			}
		}
		return true
	})
	for _, t := range open {
		if t.end > t.begin {
			w.d.Traits |= Begins
			found = append(found, txSpan{t.begin, t.end})
		}
	}
	return found
}

func (w *walker) takesTx(t *ast.FuncType) bool {
	if t.Params == nil {
		return false
	}
	for _, f := range t.Params.List {
		if w.x.db.isTx(w.info.TypeOf(f.Type)) {
			return true
		}
	}
	return false
}

// beginNames are what database libraries call it.
var beginNames = []string{"Begin", "BeginTx", "BeginTxx", "Beginx", "BeginTransaction", "StartTransaction"}

// beginsIn notes variables that a call gives a transaction: it counts as begun
// there if it is committed in the same declaration.
func (w *walker) beginsIn(n *ast.AssignStmt, open *[]openTx) {
	if len(n.Rhs) != 1 {
		return
	}
	call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return
	}
	for _, l := range n.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name == "_" {
			continue
		}
		obj := w.info.ObjectOf(id)
		if obj == nil {
			continue
		}
		begins := w.foreignCall(call, beginNames...)
		if r := w.x.db.of(obj.Type()); (r.tx || r.session && begins) && !beginsAlready(*open, obj) {
			*open = append(*open, openTx{on: obj, begin: call.End()})
			if begins {
				w.d.Traits |= Begins
			}
		}
	}
}

func beginsAlready(open []openTx, obj types.Object) bool {
	for _, t := range open {
		if t.on == obj {
			return true
		}
	}
	return false
}

// foreignCall reports whether a call calls a function or method of another
// module, or of an interface, with one of the names.
func (w *walker) foreignCall(call *ast.CallExpr, names ...string) bool {
	id := calledIdent(call.Fun)
	if id == nil {
		return false
	}
	fn, ok := w.info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	recv := fn.Signature().Recv()
	if w.x.own(fn.Pkg().Path()) && (recv == nil || !types.IsInterface(recv.Type())) {
		return false
	}
	for _, name := range names {
		if id.Name == name {
			return true
		}
	}
	return false
}

// beginsOn notes sess.Begin(), which begins a transaction on its receiver.
func (w *walker) beginsOn(call *ast.CallExpr, open *[]openTx) {
	if !w.foreignCall(call, beginNames...) {
		return
	}
	w.d.Traits |= Begins
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok && w.x.db.isSession(w.info.TypeOf(id)) && !w.resultHolds(call) {
		if obj := w.info.ObjectOf(id); obj != nil && !beginsAlready(*open, obj) {
			*open = append(*open, openTx{on: obj, begin: call.End()})
		}
	}
}

// resultHolds reports whether a call returns a transaction or session.
func (w *walker) resultHolds(call *ast.CallExpr) bool {
	t := w.info.TypeOf(call)
	if tup, ok := t.(*types.Tuple); ok {
		for v := range tup.Variables() {
			if r := w.x.db.of(v.Type()); r.tx || r.session {
				return true
			}
		}
		return false
	}
	r := w.x.db.of(t)
	return r.tx || r.session
}

// commits notes the last Commit on each variable.
func (w *walker) commits(call *ast.CallExpr, open []openTx) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Commit" {
		return
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok {
		return
	}
	for i := range open {
		if open[i].on == w.info.ObjectOf(id) {
			open[i].end = call.Pos()
		}
	}
}

// txRunner is the index of the function that a call to another module's function
// runs in a transaction, or -1: gorm's and xorm's Transaction, pgx.BeginFunc,
// bun's RunInTx, bolt's Update and the like.
func (w *walker) txRunner(call *ast.CallExpr) int {
	fn := w.callee(call)
	if fn == nil || fn.Pkg() == nil || w.x.own(fn.Pkg().Path()) {
		return -1
	}
	named := false
	for _, part := range []string{"Transaction", "InTx", "WithTx", "BeginFunc", "BeginTxFunc"} {
		named = named || strings.Contains(fn.Name(), part)
	}
	for i, arg := range call.Args {
		sig, ok := w.info.TypeOf(arg).(*types.Signature)
		if !ok {
			if t := w.info.TypeOf(arg); t != nil {
				sig, ok = t.Underlying().(*types.Signature)
			}
		}
		if !ok {
			continue
		}
		if named {
			return i
		}
		for p := range sig.Params().Variables() {
			if w.x.db.isTx(p.Type()) {
				return i
			}
		}
	}
	return -1
}

// callee is the function or method that a call calls, or nil.
func (w *walker) callee(call *ast.CallExpr) *types.Func {
	id := calledIdent(call.Fun)
	if id == nil {
		return nil
	}
	fn, _ := w.info.Uses[id].(*types.Func)
	return fn
}

// judgeTx finds what a function has to do with transactions as a whole: that it
// runs one of its parameters in one, and that it hides one in a context.
func (w *walker) judgeTx(d *ast.FuncDecl) {
	if d.Body == nil {
		return
	}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			w.judgeRun(n)
			if fn := w.callee(n); fn != nil && symbolOf(fn) == (Symbol{"context", "WithValue"}) && len(n.Args) == 3 && w.x.db.holdsTx(w.info.TypeOf(n.Args[2])) {
				w.d.Traits |= HidesTx
			}
		case *ast.TypeAssertExpr:
			if n.Type != nil && w.fromContext(n.X) && w.x.db.holdsTx(w.info.TypeOf(n.Type)) {
				w.d.Traits |= HidesTx
			}
		}
		return true
	})
	if w.d.Traits&Begins == 0 && !w.returnsTx() {
		return
	}
	for r := range w.obj.(*types.Func).Signature().Results().Variables() {
		if hasContext(r.Type()) {
			w.d.Traits |= HidesTx
		}
	}
}

// judgeRun notes a parameter that is called in a transaction, or handed to a
// library that does so.
func (w *walker) judgeRun(call *ast.CallExpr) {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && w.inTx(call.Pos()) {
		if i, ok := w.params[w.info.Uses[id]]; ok && w.d.Runs < 0 {
			w.d.Runs = i
		}
	}
	if arg := w.txRunner(call); arg >= 0 {
		if id, ok := ast.Unparen(call.Args[arg]).(*ast.Ident); ok {
			if i, ok := w.params[w.info.Uses[id]]; ok && w.d.Runs < 0 {
				w.d.Runs = i
			}
		}
	}
}

// returnsTx reports whether the function returns a transaction.
func (w *walker) returnsTx() bool {
	for r := range w.obj.(*types.Func).Signature().Results().Variables() {
		if w.x.db.isTx(r.Type()) {
			return true
		}
	}
	return false
}

// fromContext reports whether e is ctx.Value(key), or a variable with it.
func (w *walker) fromContext(e ast.Expr) bool {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		for _, v := range w.locals[w.info.Uses[id]] {
			if w.contextValue(v) {
				return true
			}
		}
		return false
	}
	return w.contextValue(e)
}

func (w *walker) contextValue(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Value" && hasContext(w.info.TypeOf(sel.X))
}

// hasContext reports whether t is a context, or embeds one.
func hasContext(t types.Type) bool {
	if t == nil {
		return false
	}
	return isContext(t) || namedOf(t) != nil && method(t, "Deadline") != nil && method(t, "Done") != nil && method(t, "Value") != nil
}

// spreadRuns marks the functions that hand a parameter to one that runs it in a
// transaction, in whatever package: they run it so themselves.
func (p *Program) spreadRuns() {
	decls := map[Symbol]*Decl{}
	for _, pkg := range p.Packages {
		for i := range pkg.Decls {
			decls[Symbol{pkg.Path, pkg.Decls[i].Name}] = &pkg.Decls[i]
		}
	}
	for changed := true; changed; { // each round marks a function, of which there are finitely many
		changed = false
		for _, pkg := range p.Packages {
			for i := range pkg.Decls {
				if d := &pkg.Decls[i]; d.Runs < 0 && d.handsToRunner(decls) {
					changed = true
				}
			}
		}
	}
}

func (d *Decl) handsToRunner(decls map[Symbol]*Decl) bool {
	for _, q := range d.Params {
		for _, pass := range q.Passes {
			if to := decls[pass.To]; q.Index >= 0 && to != nil && to.Runs >= 0 && to.Runs == pass.Arg {
				d.Runs = q.Index
				return true
			}
		}
	}
	return false
}
