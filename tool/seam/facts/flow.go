package facts

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// flow notes the moves of values into places of interface type, as in variable
// type analysis (Sundaresan et al. 2000), without regard to order. A container's
// place stands for its elements, a pointer's for what it points to.
func (w *walker) flow(root ast.Node) {
	if f, ok := root.(*ast.FuncDecl); ok {
		w.flowFunc(f)
		return
	}
	if e, ok := root.(ast.Expr); ok && w.d.Kind == Var && w.info.Types[e].IsValue() && w.tracked(w.obj.Type()) {
		w.move(Place(w.at), e)
	}
	w.flowBody(root, nil)
}

// tracked reports whether a place of type t is followed: interfaces with methods
// that the module declares, and containers of such.
func (w *walker) tracked(t types.Type) bool {
	if t == nil {
		return false
	}
	named, ok := element(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || !w.x.own(named.Obj().Pkg().Path()) {
		return false
	}
	it, ok := named.Underlying().(*types.Interface)
	return ok && it.NumMethods() > 0
}

func (w *walker) flowFunc(f *ast.FuncDecl) {
	if f.Body == nil {
		return
	}
	w.flowBody(f.Body, slices.Collect(w.obj.(*types.Func).Signature().Results().Variables()))
}

// nameParams gives parameters and named results their places.
func (w *walker) nameParams(f *ast.FuncDecl) {
	for p, i := range paramNames(f.Type) {
		if obj := w.info.Defs[p]; obj != nil {
			w.places[obj] = Place(w.at + "#" + strconv.Itoa(i))
		}
	}
	i := 0
	for r := range w.obj.(*types.Func).Signature().Results().Variables() {
		if r.Name() != "" && r.Name() != "_" {
			w.places[r] = w.result(i)
		}
		i++
	}
}

func (w *walker) result(i int) Place { return Place(w.at + "$" + strconv.Itoa(i)) }

// flowBody follows the statements of a function with these results. Parameters
// of function literals can be anything, and what they return goes nowhere.
func (w *walker) flowBody(root ast.Node, results []*types.Var) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			for p := range paramNames(n.Type) {
				if obj := w.info.Defs[p]; obj != nil && w.tracked(obj.Type()) {
					w.add(Flow{To: w.placeOf(obj)})
				}
			}
			w.flowBody(n.Body, nil)
			return false
		case *ast.AssignStmt:
			w.flowAssign(n)
		case *ast.ValueSpec:
			for i, name := range n.Names {
				w.flowTo(name, n.Values, i, len(n.Names))
			}
		case *ast.RangeStmt:
			if obj := w.identObject(n.Value); obj != nil && w.tracked(obj.Type()) {
				w.move(w.placeOf(obj), n.X)
			}
		case *ast.ReturnStmt:
			w.flowReturn(n, results)
		case *ast.SendStmt:
			w.moveTo(n.Chan, n.Value)
		case *ast.CallExpr:
			w.flowCall(n)
		case *ast.CompositeLit:
			w.flowLiteral(n)
		case *ast.TypeSwitchStmt:
			w.flowSwitch(n)
		}
		return true
	})
}

func (w *walker) identObject(e ast.Expr) types.Object {
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	return w.info.ObjectOf(id)
}

func (w *walker) flowAssign(n *ast.AssignStmt) {
	for i, l := range n.Lhs {
		w.flowTo(l, n.Rhs, i, len(n.Lhs))
	}
}

// flowTo moves the i-th of n values to l.
func (w *walker) flowTo(l ast.Expr, values []ast.Expr, i, n int) {
	if id, ok := l.(*ast.Ident); ok && id.Name == "_" || !w.tracked(w.info.TypeOf(l)) {
		return
	}
	to := w.place(l)
	switch {
	case to == "":
	case len(values) == n:
		w.move(to, values[i])
	case len(values) == 1:
		w.moveResult(to, values[0], i)
	}
}

// moveTo moves a value into a container.
func (w *walker) moveTo(container, value ast.Expr) {
	if to := w.place(container); to != "" && w.tracked(w.info.TypeOf(container)) {
		w.move(to, value)
	}
}

func (w *walker) flowReturn(n *ast.ReturnStmt, results []*types.Var) {
	for i, r := range results {
		if !w.tracked(r.Type()) {
			continue
		}
		switch {
		case len(n.Results) == len(results):
			w.move(w.result(i), n.Results[i])
		case len(n.Results) == 1:
			w.moveResult(w.result(i), n.Results[0], i)
		}
	}
}

// flowCall moves arguments to the parameters of the module's functions.
func (w *walker) flowCall(call *ast.CallExpr) {
	s := w.calleeSymbol(call)
	fn := w.callee(call)
	if fn == nil || s.Name == "" || !w.x.own(s.Path) {
		return
	}
	params := fn.Origin().Signature().Params()
	at := s.Path + "." + s.Name + "#"
	for i, arg := range call.Args {
		p := min(i, params.Len()-1)
		if p < 0 || !w.tracked(params.At(p).Type()) {
			continue
		}
		to := Place(at + strconv.Itoa(p))
		if len(call.Args) == 1 && params.Len() > 1 { // f(g()) with several results
			for j := range params.Len() {
				w.moveResult(Place(at+strconv.Itoa(j)), arg, j)
			}
			return
		}
		w.move(to, arg)
	}
}

// flowLiteral moves values into the fields of a struct literal.
func (w *walker) flowLiteral(lit *ast.CompositeLit) {
	t := w.info.TypeOf(lit)
	if t == nil {
		return
	}
	st, ok := deref(t).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, el := range lit.Elts {
		var f *types.Var
		value := el
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			f, _ = w.identObject(kv.Key).(*types.Var)
			value = kv.Value
		} else if i < st.NumFields() {
			f = st.Field(i)
		}
		if f != nil && w.tracked(f.Type()) {
			if to := w.fieldPlace(f); to != "" {
				w.move(to, value)
			}
		}
	}
}

// flowSwitch moves the value of switch v := x.(type) to v in each clause.
func (w *walker) flowSwitch(n *ast.TypeSwitchStmt) {
	assign, ok := n.Assign.(*ast.AssignStmt)
	if !ok || len(assign.Rhs) != 1 {
		return
	}
	guard, ok := ast.Unparen(assign.Rhs[0]).(*ast.TypeAssertExpr)
	if !ok {
		return
	}
	for _, c := range n.Body.List {
		if v := w.info.Implicits[c]; v != nil && w.tracked(v.Type()) {
			w.move(w.placeOf(v), guard.X)
		}
	}
}

// move notes that what e is, or holds as a container, can be at to.
func (w *walker) move(to Place, e ast.Expr) {
	e = ast.Unparen(e)
	t := w.info.TypeOf(e)
	if t == nil || to == "" {
		return
	}
	switch v := e.(type) {
	case *ast.CompositeLit:
		if w.moveElements(to, v) {
			return
		}
	case *ast.UnaryExpr:
		if lit, ok := ast.Unparen(v.X).(*ast.CompositeLit); ok && v.Op == token.AND && w.moveElements(to, lit) {
			return
		}
	case *ast.CallExpr:
		if w.moveCall(to, v) {
			return
		}
	}
	if b, ok := t.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return
	}
	if w.tracked(t) {
		w.add(Flow{To: to, From: w.place(e)})
		return
	}
	w.moveType(to, t)
}

// moveType notes a value of type t. Types that no package declares have no
// methods but those of what they embed.
func (w *walker) moveType(to Place, t types.Type) {
	t = element(t)
	if types.IsInterface(t) {
		w.add(Flow{To: to})
		return
	}
	named, ok := t.(*types.Named)
	if !ok || !topLevel(named.Obj()) {
		w.add(Flow{To: to})
		return
	}
	w.add(Flow{To: to, Type: symbolOf(named.Origin().Obj())})
}

// moveElements moves the elements of a slice, array or map literal; ok is false
// for other literals.
func (w *walker) moveElements(to Place, lit *ast.CompositeLit) bool {
	switch w.info.TypeOf(lit).Underlying().(type) {
	case *types.Slice, *types.Array, *types.Map:
	default:
		return false
	}
	for _, el := range lit.Elts {
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			el = kv.Value
		}
		w.move(to, el)
	}
	return true
}

// moveCall moves what a conversion, append, make or new results in; ok is false
// for other calls.
func (w *walker) moveCall(to Place, call *ast.CallExpr) bool {
	if tv, ok := w.info.Types[call.Fun]; ok && tv.IsType() && len(call.Args) == 1 {
		if _, plain := element(tv.Type).(*types.Named); plain && !types.IsInterface(element(tv.Type)) {
			w.moveType(to, tv.Type)
		} else {
			w.move(to, call.Args[0])
		}
		return true
	}
	id := calledIdent(call.Fun)
	if id == nil {
		return false
	}
	if b, ok := w.info.Uses[id].(*types.Builtin); ok {
		switch b.Name() {
		case "append":
			for _, arg := range call.Args {
				w.move(to, arg)
			}
			return true
		case "make":
			return true
		case "new":
			return w.tracked(w.info.TypeOf(call))
		}
	}
	return false
}

// moveResult moves the i-th value of an expression with several.
func (w *walker) moveResult(to Place, e ast.Expr, i int) {
	switch v := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		tup, ok := w.info.TypeOf(v).(*types.Tuple)
		if !ok || i >= tup.Len() {
			return
		}
		if t := tup.At(i).Type(); !w.tracked(t) {
			w.moveType(to, t)
			return
		}
		w.add(Flow{To: to, From: w.callPlace(v, i)})
	case *ast.TypeAssertExpr, *ast.IndexExpr, *ast.UnaryExpr: // v, ok := ...
		if i == 0 {
			w.add(Flow{To: to, From: w.place(v)})
		}
	}
}

func (w *walker) add(f Flow) {
	if f.To == "" || f.To == f.From || w.flows[f] {
		return
	}
	w.flows[f] = true
	w.d.Flows = append(w.d.Flows, f)
}

// place is where the value of e is, or "" if that is not followed.
func (w *walker) place(e ast.Expr) Place {
	switch v := ast.Unparen(e).(type) {
	case *ast.Ident:
		if obj := w.info.ObjectOf(v); obj != nil {
			return w.placeOf(obj)
		}
	case *ast.SelectorExpr:
		if f, ok := w.info.ObjectOf(v.Sel).(*types.Var); ok {
			return w.placeOf(f)
		}
	case *ast.IndexExpr:
		if tv, ok := w.info.Types[v.Index]; ok && tv.IsType() {
			return ""
		}
		return w.place(v.X)
	case *ast.SliceExpr:
		return w.place(v.X)
	case *ast.StarExpr:
		return w.place(v.X)
	case *ast.UnaryExpr:
		if v.Op == token.ARROW || v.Op == token.AND {
			return w.place(v.X)
		}
	case *ast.TypeAssertExpr:
		if w.tracked(w.info.TypeOf(v.X)) {
			return w.place(v.X)
		}
	case *ast.CallExpr:
		if tv, ok := w.info.Types[v.Fun]; ok && tv.IsType() && len(v.Args) == 1 && w.tracked(w.info.TypeOf(v.Args[0])) {
			return w.place(v.Args[0])
		}
		if _, many := w.info.TypeOf(v).(*types.Tuple); !many {
			return w.callPlace(v, 0)
		}
	}
	return ""
}

// callPlace is the place of the i-th result of a call of one of the module's
// functions or interface methods.
func (w *walker) callPlace(call *ast.CallExpr, i int) Place {
	s := w.calleeSymbol(call)
	fn := w.callee(call)
	if fn == nil || s.Name == "" || !w.x.own(s.Path) {
		return ""
	}
	if r := fn.Origin().Signature().Results(); i >= r.Len() || !w.tracked(r.At(i).Type()) {
		return ""
	}
	return Place(s.Path + "." + s.Name + "$" + strconv.Itoa(i))
}

// placeOf is the place of a variable or field.
func (w *walker) placeOf(obj types.Object) Place {
	v, ok := obj.(*types.Var)
	if !ok {
		return ""
	}
	if v.IsField() {
		return w.fieldPlace(v)
	}
	if topLevel(v) {
		if s := w.ownSymbol(v); s.Name != "" {
			return Place(s.Path + "." + s.Name)
		}
		return ""
	}
	if p, ok := w.places[v]; ok {
		return p
	}
	name := w.at + "@" + v.Name()
	if n := w.localNames[v.Name()]; n > 0 {
		name += "~" + strconv.Itoa(n)
	}
	w.localNames[v.Name()]++
	w.places[v] = Place(name)
	return w.places[v]
}

func (w *walker) fieldPlace(f *types.Var) Place {
	owner, ok := w.x.owners.of(f)
	if !ok {
		return ""
	}
	return Place(owner.Path + "." + owner.Name + "." + f.Name())
}

// receiverPlace is the place of the value that an interface method is called on:
// of sel.X, or of the field in it that embeds the interface.
func (w *walker) receiverPlace(sel *ast.SelectorExpr, s *types.Selection) Place {
	path := s.Index()
	if len(path) == 1 {
		return w.place(sel.X)
	}
	t := s.Recv()
	var field *types.Var
	for _, i := range path[:len(path)-1] {
		st, ok := deref(t).Underlying().(*types.Struct)
		if !ok || i >= st.NumFields() {
			return ""
		}
		field = st.Field(i)
		t = field.Type()
	}
	return w.fieldPlace(field)
}
