package facts

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// walker collects what one declaration refers to and does.
type walker struct {
	x    *extraction
	d    *Decl
	obj  types.Object
	info *types.Info
	at   string // "import/path.Name", the beginning of its places

	calls      map[*ast.Ident]*ast.CallExpr // the identifier that a call calls
	writes     map[*ast.Ident]bool          // variables and fields that are changed, or whose address is taken
	constructs map[*ast.Ident]bool          // types of which a value is made
	async      map[*ast.Ident]bool          // what a go statement calls
	spawns     map[*ast.FuncLit]bool        // what a go statement runs
	keys       map[*ast.Ident]bool          // keys of struct literals
	params     map[types.Object]int         // of the declaration, by index
	given      map[types.Object]bool        // parameters, those of function literals too
	locals     map[types.Object][]ast.Expr  // what is assigned to local variables
	recv       types.Object                 // the receiver of a method
	literals   []*ast.FuncLit               // in source order
	lits       []litSpan
	txs        []txSpan
	inner      map[ast.Expr]bool // parts of a text or a chain that was looked at as a whole
	kept       map[ast.Expr]bool // values of local variables
	waits      bool              // joins the goroutines that it starts
	started    token.Pos         // the first go statement

	refs       map[Ref]int
	foreign    map[Foreign]int
	access     map[Access]bool
	entries    map[string]bool
	places     map[types.Object]Place
	localNames map[string]int
	flows      map[Flow]bool
	aliases    map[types.Object]int // locals that refer to what a parameter refers to
}

// litSpan is a function literal that is passed to in as its arg-th argument, or
// put in the field of a struct.
type litSpan struct {
	from, to token.Pos
	in       Symbol
	arg      int
}

// walk adds the references of a declaration, and what it does by itself.
func (x *extraction) walk(d *decl, out *Decl) {
	w := &walker{
		x: x, d: out, obj: d.obj, info: x.info, at: x.out.Path + "." + out.Name,
		calls: map[*ast.Ident]*ast.CallExpr{}, writes: map[*ast.Ident]bool{}, constructs: map[*ast.Ident]bool{},
		async: map[*ast.Ident]bool{}, spawns: map[*ast.FuncLit]bool{}, keys: map[*ast.Ident]bool{}, params: map[types.Object]int{}, given: map[types.Object]bool{},
		locals: map[types.Object][]ast.Expr{}, inner: map[ast.Expr]bool{}, kept: map[ast.Expr]bool{}, refs: map[Ref]int{}, foreign: map[Foreign]int{},
		access: map[Access]bool{}, entries: map[string]bool{}, places: map[types.Object]Place{}, localNames: map[string]int{}, flows: map[Flow]bool{},
		aliases: map[types.Object]int{},
	}
	for _, part := range w.parts(d) {
		w.prepare(part)
	}
	for _, part := range w.parts(d) {
		w.txs = append(w.txs, w.transactions(part)...)
		w.visit(part)
		w.flow(part)
	}
	if fn, ok := d.node.(*ast.FuncDecl); ok {
		w.conclude(fn)
	}
}

// parts are what of the syntax belongs to the declaration.
func (w *walker) parts(d *decl) []ast.Node {
	s, ok := d.node.(*ast.ValueSpec)
	if !ok {
		return []ast.Node{d.node}
	}
	var parts []ast.Node
	if s.Type != nil {
		parts = append(parts, s.Type)
	}
	for i, name := range s.Names {
		if w.info.Defs[name] == d.obj {
			if v := valueOf(s, i); v != nil {
				parts = append(parts, v)
			}
		}
	}
	return parts
}

// prepare finds what the walk must know beforehand: which identifiers are
// called, which are written, what function literals are for.
func (w *walker) prepare(root ast.Node) {
	if d, ok := root.(*ast.FuncDecl); ok {
		w.prepareFunc(d)
	}
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			w.prepareCall(n)
		case *ast.CompositeLit:
			w.prepareLiteral(n)
		case *ast.AssignStmt:
			w.prepareAssign(n)
		case *ast.ValueSpec:
			for i, name := range n.Names {
				w.noteLocal(name, valueOf(n, i))
			}
		case *ast.IncDecStmt:
			w.noteWrite(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				w.noteWrite(n.Key)
				w.noteWrite(n.Value)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				w.noteAddress(n.X)
			}
		case *ast.FuncLit:
			w.literals = append(w.literals, n)
			for p := range paramNames(n.Type) {
				w.given[w.info.Defs[p]] = true
			}
		case *ast.GoStmt:
			w.async[calledIdent(n.Call.Fun)] = true
			w.noteSpawn(n.Call.Fun)
		}
		return true
	})
	delete(w.given, nil)
}

// noteSpawn notes a function literal that a go statement runs, by itself or by
// the name of a local variable.
func (w *walker) noteSpawn(fun ast.Expr) {
	switch f := ast.Unparen(fun).(type) {
	case *ast.FuncLit:
		w.spawns[f] = true
	case *ast.Ident:
		for _, v := range w.locals[w.info.Uses[f]] {
			if lit, ok := ast.Unparen(v).(*ast.FuncLit); ok {
				w.spawns[lit] = true
			}
		}
	}
}

func (w *walker) prepareFunc(d *ast.FuncDecl) {
	for p, i := range paramNames(d.Type) {
		if obj := w.info.Defs[p]; obj != nil {
			w.params[obj] = i
			w.given[obj] = true
			w.aliases[obj] = i
		}
	}
	if d.Recv != nil && len(d.Recv.List) > 0 && len(d.Recv.List[0].Names) > 0 {
		w.recv = w.info.Defs[d.Recv.List[0].Names[0]]
		if w.recv != nil {
			w.aliases[w.recv] = -1
		}
	}
	w.nameParams(d)
	sig := w.obj.(*types.Func).Signature()
	for p := range sig.Params().Variables() {
		switch {
		case w.x.db.isTx(p.Type()):
			w.d.Traits |= TakesTx
		case w.x.db.isHandle(p.Type()):
			w.d.Traits |= TakesDB
		}
	}
	if sig.Params().Len() > 0 && isContext(sig.Params().At(0).Type()) {
		w.d.Traits |= Context
	}
	if n := sig.Results().Len(); n > 0 && isError(sig.Results().At(n-1).Type()) {
		w.d.Traits |= Failing
	}
}

// paramNames yields the names of parameters with their index.
func paramNames(t *ast.FuncType) func(yield func(*ast.Ident, int) bool) {
	return func(yield func(*ast.Ident, int) bool) {
		if t.Params == nil {
			return
		}
		i := 0
		for _, f := range t.Params.List {
			for _, name := range f.Names {
				if !yield(name, i) {
					return
				}
				i++
			}
			if len(f.Names) == 0 {
				i++
			}
		}
	}
}

func (w *walker) prepareAssign(n *ast.AssignStmt) {
	for i, l := range n.Lhs {
		if n.Tok != token.DEFINE {
			w.noteWrite(l)
		}
		id, ok := l.(*ast.Ident)
		if !ok {
			continue
		}
		if len(n.Rhs) == len(n.Lhs) {
			w.noteLocal(id, n.Rhs[i])
		} else {
			w.noteLocal(id, n.Rhs[0])
		}
	}
}

// noteLocal notes what is assigned to a local variable.
func (w *walker) noteLocal(id *ast.Ident, value ast.Expr) {
	obj := w.info.ObjectOf(id)
	if obj == nil || value == nil || topLevel(obj) {
		return
	}
	w.locals[obj] = append(w.locals[obj], value)
	w.kept[ast.Unparen(value)] = true
}

func (w *walker) prepareCall(call *ast.CallExpr) {
	id := calledIdent(call.Fun)
	if id != nil {
		w.calls[id] = call
		if b, ok := w.info.Uses[id].(*types.Builtin); ok && len(call.Args) > 0 {
			switch b.Name() {
			case "delete", "clear", "copy", "close":
				w.noteWrite(call.Args[0])
			case "new":
				w.noteConstruct(call.Args[0])
			}
		}
	}
	for i, arg := range call.Args {
		w.noteLit(arg, w.calleeSymbol(call), i)
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
	if _, ptr := s.Obj().(*types.Func).Signature().Recv().Type().Underlying().(*types.Pointer); !ptr {
		return
	}
	if _, ptr := s.Recv().Underlying().(*types.Pointer); !ptr {
		w.noteAddress(sel.X)
	}
}

// noteLit notes what a function literal is passed to, also if it is converted on
// the way.
func (w *walker) noteLit(arg ast.Expr, in Symbol, at int) {
	switch a := ast.Unparen(arg).(type) {
	case *ast.FuncLit:
		if in.Name != "" {
			w.lits = append(w.lits, litSpan{a.Pos(), a.End(), in, at})
		}
	case *ast.CallExpr:
		if tv, ok := w.info.Types[a.Fun]; ok && tv.IsType() && len(a.Args) == 1 {
			w.noteLit(a.Args[0], in, at)
		}
	}
}

// calleeSymbol names what a call calls: a function or method of any module, a
// method of an interface, a type if it is a conversion; else it is zero.
func (w *walker) calleeSymbol(call *ast.CallExpr) Symbol {
	id := calledIdent(call.Fun)
	if id == nil {
		return Symbol{}
	}
	switch obj := w.info.Uses[id].(type) {
	case *types.Func:
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			if s := w.info.Selections[sel]; s != nil {
				if iface, ok := w.ifaceMethod(s); ok {
					return iface
				}
			}
		}
		return symbolOf(obj)
	case *types.TypeName:
		return symbolOf(obj)
	}
	return Symbol{}
}

func (w *walker) prepareLiteral(lit *ast.CompositeLit) {
	w.noteConstruct(lit.Type)
	named := namedOf(w.info.TypeOf(lit))
	for i, el := range lit.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := kv.Key.(*ast.Ident)
		if !ok {
			continue
		}
		if v, ok := w.info.Uses[key].(*types.Var); ok && v.IsField() {
			w.keys[key] = true
			if named != nil && topLevel(named.Obj()) {
				w.noteLit(kv.Value, Symbol{named.Obj().Pkg().Path(), named.Obj().Name() + "." + key.Name}, i)
			}
		}
	}
}

func (w *walker) noteConstruct(t ast.Expr) {
	if t == nil {
		return
	}
	if id := calledIdent(t); id != nil {
		w.constructs[id] = true
	}
}

// noteWrite marks the variable at the root of e, x in x.a[i].b, and the field
// that is changed: b.
func (w *walker) noteWrite(e ast.Expr) {
	if f := fieldOf(e); f != nil && w.info.Selections[f] != nil {
		w.writes[f.Sel] = true
	}
	w.noteAddress(e)
}

func (w *walker) noteAddress(e ast.Expr) {
	if id := w.rootIdent(e); id != nil {
		w.writes[id] = true
	}
}

// fieldOf is the selection whose content e is part of, or nil.
func fieldOf(e ast.Expr) *ast.SelectorExpr {
	for {
		switch t := e.(type) {
		case *ast.ParenExpr:
			e = t.X
		case *ast.StarExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.SliceExpr:
			e = t.X
		case *ast.SelectorExpr:
			return t
		default:
			return nil
		}
	}
}

// rootIdent is the variable at the root of a chain of selections, indexes and
// dereferences: x in x.a[i].b, and pkg.X itself in pkg.X.a.
func (w *walker) rootIdent(e ast.Expr) *ast.Ident {
	for e != nil {
		switch t := e.(type) {
		case *ast.Ident:
			return t
		case *ast.ParenExpr:
			e = t.X
		case *ast.StarExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.SliceExpr:
			e = t.X
		case *ast.TypeAssertExpr:
			e = t.X
		case *ast.SelectorExpr:
			if w.info.Selections[t] == nil {
				return t.Sel // a qualified identifier
			}
			e = t.X
		default:
			return nil
		}
	}
	return nil
}

// literalAt is the innermost function literal around pos, or nil.
func (w *walker) literalAt(pos token.Pos) *ast.FuncLit {
	for _, l := range slices.Backward(w.literals) {
		if l.Pos() <= pos && pos < l.End() {
			return l
		}
	}
	return nil
}

// within is what the innermost function literal around pos is passed to.
func (w *walker) within(pos token.Pos) (in Symbol, arg int) {
	from := token.NoPos
	for _, l := range w.lits {
		if l.from <= pos && pos < l.to && l.from > from {
			from, in, arg = l.from, l.in, l.arg
		}
	}
	return in, arg
}

func (w *walker) visit(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			w.ident(n)
			w.sqlText(n)
		case *ast.SelectorExpr:
			if s := w.info.Selections[n]; s != nil {
				w.selection(n, s)
			}
		case *ast.GoStmt:
			if !w.started.IsValid() {
				w.started = n.Pos()
			}
			w.spawned(n)
		case *ast.ForStmt:
			w.loop(n)
		case *ast.RangeStmt:
			w.receives(n)
		case *ast.CallExpr:
			w.lends(n)
			w.query(n)
			w.register(n)
			w.tells(n)
			w.keyed(n)
		case *ast.CompositeLit:
			w.command(n)
			w.routeTable(n)
		case *ast.BasicLit:
			w.sqlText(n)
		case *ast.BinaryExpr:
			w.sqlText(n)
			w.compares(n)
		case *ast.CaseClause:
			w.switches(n)
		case *ast.TypeAssertExpr:
			if n.Type != nil {
				w.tellType(w.info.TypeOf(n.Type), n.Pos())
			}
		}
		return true
	})
}

// ident handles names that are not selected from a value: functions, types,
// constants and variables of packages; and fields.
func (w *walker) ident(id *ast.Ident) {
	switch obj := w.info.Uses[id].(type) {
	case *types.Func:
		if obj.Signature().Recv() == nil {
			w.function(id, obj.Origin(), false)
		}
	case *types.TypeName:
		kind := TypeRef
		if w.constructs[id] {
			kind = Construct
		}
		w.refer(id, Ref{To: w.ownSymbol(obj), Kind: kind})
	case *types.Const:
		w.refer(id, Ref{To: w.ownSymbol(obj), Kind: ConstRef})
	case *types.Var:
		w.variable(id, obj)
	}
}

// ownSymbol is the symbol of what the module declares, or zero.
func (w *walker) ownSymbol(obj types.Object) Symbol {
	if obj.Pkg() == nil || !w.x.own(obj.Pkg().Path()) {
		return Symbol{}
	}
	return symbolOf(obj)
}

func (w *walker) variable(id *ast.Ident, v *types.Var) {
	if v.IsField() {
		w.field(id, v)
		return
	}
	if !topLevel(v) {
		return
	}
	if s := w.ownSymbol(v); s.Name != "" {
		kind := Read
		if w.writes[id] {
			kind = Write
		}
		w.refer(id, Ref{To: s, Kind: kind})
		w.embedded(id, v)
		return
	}
	w.use(id, Foreign{Path: v.Pkg().Path(), Name: v.Name(), Var: true})
}

func (w *walker) field(id *ast.Ident, v *types.Var) {
	if w.keys[id] {
		return
	}
	owner, ok := w.x.owners.of(v)
	if !ok {
		return
	}
	kind := FieldRef
	if w.writes[id] {
		kind = FieldWrite
	}
	w.refer(id, Ref{To: owner, Kind: kind, Field: v.Name()})
}

// refer adds one reference, to nothing if r.To is zero.
func (w *walker) refer(id *ast.Ident, r Ref) {
	if r.To.Name == "" {
		return
	}
	switch r.Kind {
	case Call, IfaceCall, Value, IfaceValue:
		r.Tx = w.inTx(id.Pos())
	}
	r.Go = w.async[id]
	r.In, r.Arg = w.within(id.Pos())
	at, ok := w.refs[r]
	if !ok {
		at = len(w.d.Refs)
		w.refs[r] = at
		r.Line = w.x.line(id.Pos())
		w.d.Refs = append(w.d.Refs, r)
	}
	w.d.Refs[at].Count++
}

// function handles a package function or a concrete method: called, or taken as
// a value. given is true for a method called on a parameter.
func (w *walker) function(id *ast.Ident, fn *types.Func, given bool) {
	if s := w.ownSymbol(fn); s.Name != "" {
		kind := Call
		if w.calls[id] == nil {
			kind = Value
		}
		w.refer(id, Ref{To: s, Kind: kind, Given: given})
		return
	}
	w.foreignFunc(id, fn, given)
}

func (w *walker) selection(sel *ast.SelectorExpr, s *types.Selection) {
	fn, ok := s.Obj().(*types.Func)
	if !ok {
		return // a field: ident sees it
	}
	fn = fn.Origin()
	given := w.isGiven(sel.X)
	if to, ok := w.ifaceMethod(s); ok && w.x.own(to.Path) {
		kind := IfaceCall
		if w.calls[sel.Sel] == nil {
			kind = IfaceValue
		}
		w.refer(sel.Sel, Ref{To: to, Kind: kind, On: w.receiverPlace(sel, s), Given: given})
		return
	}
	if w.fromReceiver(sel.X) && guards(fn) {
		w.d.Traits |= Guards
	}
	w.function(sel.Sel, fn, given || w.ownSymbol(fn).Name == "" && w.derived(sel.X))
}

// ifaceMethod names the method of an interface that a selection selects, by the
// interface that the value is known as. ok is false for concrete methods.
func (w *walker) ifaceMethod(s *types.Selection) (Symbol, bool) {
	fn, ok := s.Obj().(*types.Func)
	if !ok || fn.Signature().Recv() == nil || !types.IsInterface(fn.Signature().Recv().Type()) {
		return Symbol{}, false
	}
	named, _ := types.Unalias(holderOf(s)).(*types.Named)
	if named != nil && types.IsInterface(named) && topLevel(named.Obj()) {
		return Symbol{named.Obj().Pkg().Path(), named.Obj().Name() + "." + fn.Name()}, true
	}
	return symbolOf(fn), true
}

// holderOf is the type, of the selected value or of a field embedded in it, that
// has the selected method or field.
func holderOf(s *types.Selection) types.Type {
	t := s.Recv()
	path := s.Index()
	for _, i := range path[:len(path)-1] {
		st, ok := deref(t).Underlying().(*types.Struct)
		if !ok || i >= st.NumFields() {
			return t
		}
		t = st.Field(i).Type()
	}
	return t
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// isGiven reports whether e is rooted in a parameter, the receiver not counted.
func (w *walker) isGiven(e ast.Expr) bool {
	id := w.rootIdent(e)
	return id != nil && w.given[w.info.Uses[id]]
}

// fromReceiver reports whether e is rooted in the receiver of the method.
func (w *walker) fromReceiver(e ast.Expr) bool {
	id := w.rootIdent(e)
	return id != nil && w.recv != nil && w.info.Uses[id] == w.recv
}

// guards reports whether fn takes a lock or is an atomic operation.
func guards(fn *types.Func) bool {
	if fn.Pkg() == nil || fn.Signature().Recv() == nil {
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

// effect notes what the declaration does by itself.
func (w *walker) effect(grade Grade, what string, pos token.Pos) {
	for _, e := range w.d.Effects {
		if e.Grade == grade && e.What == what {
			return
		}
	}
	w.d.Effects = append(w.d.Effects, Effect{grade, what, w.x.line(pos)})
}

// conclude judges what is known of a function once all of it is seen. A
// goroutine that is waited for is an implementation detail, one that is not
// outlives the call.
func (w *walker) conclude(d *ast.FuncDecl) {
	if w.started.IsValid() {
		w.d.Traits |= Starts
		if w.waits {
			w.d.Traits |= Joins
		} else {
			w.effect(Background, "starts a goroutine that it does not wait for", w.started)
		}
	}
	for _, r := range w.d.Refs {
		if r.Kind == FieldWrite && w.d.Recv != "" && r.To == (Symbol{w.x.out.Path, w.d.Recv}) {
			w.d.Traits |= Changes
			break
		}
	}
	if w.d.Name == "main" && w.x.out.Name == "main" {
		w.entry(Entry{Kind: EntryMain, Func: Symbol{w.x.out.Path, "main"}, Line: w.d.Line})
	}
	if w.d.Traits&Loops != 0 {
		w.entry(Entry{Kind: EntryLoop, Func: Symbol{w.x.out.Path, w.d.Name}, Line: w.d.Line})
	}
	w.named(d)
	w.judgeTx(d)
	w.judgeParams(d)
}
