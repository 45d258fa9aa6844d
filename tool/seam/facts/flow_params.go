package facts

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// judgeParams finds what a function does to what its parameters refer to: in
// its own body, by name or by a local variable that refers to the same.
func (w *walker) judgeParams(d *ast.FuncDecl) {
	if d.Body == nil {
		return
	}
	p := &paramJudge{w: w, params: map[int]*Param{}}
	sig := w.obj.(*types.Func).Signature()
	for i := range sig.Params().Len() {
		p.note(i, sig.Params().At(i))
	}
	if r := sig.Recv(); r != nil {
		p.note(-1, r)
	}
	ast.Inspect(d.Body, p.visit)
	for i := -1; i < sig.Params().Len(); i++ {
		if q := p.params[i]; q != nil && (q.Writes > 0 || q.Keeps > 0 || len(q.Passes) > 0) {
			w.d.Params = append(w.d.Params, *q)
		}
	}
}

// paramJudge looks at one function.
type paramJudge struct {
	w      *walker
	params map[int]*Param // those that refer to something
}

// note adds a parameter, if what it refers to can be changed through it.
func (p *paramJudge) note(i int, v *types.Var) {
	if refers(v.Type()) {
		p.params[i] = &Param{Index: i, Name: v.Name()}
	}
}

// refers reports whether values of type t refer to memory that others see.
func refers(t types.Type) bool {
	if isContext(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Signature:
		return true
	case *types.Interface:
		_, param := types.Unalias(t).(*types.TypeParam)
		return !param
	case *types.Struct:
		for f := range u.Fields() {
			switch f.Type().Underlying().(type) {
			case *types.Pointer, *types.Slice, *types.Map:
				return true
			}
		}
	}
	return false
}

func (p *paramJudge) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		p.assign(n)
	case *ast.IncDecStmt:
		p.write(n.X)
	case *ast.RangeStmt:
		if n.Tok == token.DEFINE {
			p.alias(n.Value, n.X)
		}
	case *ast.CallExpr:
		p.call(n)
	case *ast.CompositeLit:
		for _, el := range n.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				el = kv.Value
			}
			p.keep(el)
		}
	}
	return true
}

// of is the parameter that e is, or is reached from, or nil. plain is true if it
// is the parameter itself.
func (p *paramJudge) of(e ast.Expr) (q *Param, plain bool) {
	id := p.w.rootIdent(e)
	if id == nil {
		return nil, false
	}
	i, ok := p.w.aliases[p.w.info.Uses[id]]
	if !ok {
		return nil, false
	}
	return p.params[i], ast.Unparen(e) == ast.Expr(id)
}

func (p *paramJudge) assign(n *ast.AssignStmt) {
	for i, l := range n.Lhs {
		var value ast.Expr
		if len(n.Rhs) == len(n.Lhs) {
			value = n.Rhs[i]
		}
		if n.Tok == token.DEFINE {
			p.alias(l, value)
			continue
		}
		p.write(l)
		if value != nil && p.lasting(l) {
			p.keep(value)
		}
	}
}

// alias notes that a local variable refers to what a parameter refers to.
func (p *paramJudge) alias(l, value ast.Expr) {
	id, ok := l.(*ast.Ident)
	if !ok || value == nil {
		return
	}
	obj := p.w.info.Defs[id]
	if obj == nil || !refers(obj.Type()) {
		return
	}
	if u, ok := ast.Unparen(value).(*ast.UnaryExpr); ok && u.Op == token.AND {
		value = u.X
	}
	if q, _ := p.of(value); q != nil {
		p.w.aliases[obj] = q.Index
	}
}

// write notes that e is changed, if that changes what a parameter refers to: the
// parameter itself, and fields of one passed by value, are the function's own.
func (p *paramJudge) write(e ast.Expr) {
	q, plain := p.of(e)
	if q == nil || plain || q.Writes > 0 || !p.shared(e) {
		return
	}
	q.Writes = p.w.x.line(e.Pos())
}

// shared reports whether e is reached through a pointer, slice or map.
func (p *paramJudge) shared(e ast.Expr) bool {
	for {
		switch t := ast.Unparen(e).(type) {
		case *ast.StarExpr:
			return true
		case *ast.IndexExpr:
			if _, array := p.w.info.TypeOf(t.X).Underlying().(*types.Array); !array {
				return true
			}
			e = t.X
		case *ast.SelectorExpr:
			if _, ptr := p.w.info.TypeOf(t.X).Underlying().(*types.Pointer); ptr {
				return true
			}
			e = t.X
		default:
			return false
		}
	}
}

// lasting reports whether what is put in e stays after the call: e is a field,
// an element or a package variable.
func (p *paramJudge) lasting(e ast.Expr) bool {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		obj := p.w.info.Uses[id]
		return obj != nil && topLevel(obj)
	}
	return true
}

// keep notes that a parameter is stored.
func (p *paramJudge) keep(value ast.Expr) {
	if call, ok := ast.Unparen(value).(*ast.CallExpr); ok && p.builtin(call) == "append" {
		for _, arg := range call.Args[1:] {
			p.keep(arg)
		}
		return
	}
	if q, plain := p.of(value); q != nil && plain && q.Index >= 0 && q.Keeps == 0 {
		q.Keeps = p.w.x.line(value.Pos())
	}
}

func (p *paramJudge) builtin(call *ast.CallExpr) string {
	if id := calledIdent(call.Fun); id != nil {
		if b, ok := p.w.info.Uses[id].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

// call notes what a call changes by itself, and to whom parameters are handed.
func (p *paramJudge) call(call *ast.CallExpr) {
	switch p.builtin(call) {
	case "delete", "clear", "copy":
		if q, _ := p.of(call.Args[0]); q != nil && q.Writes == 0 {
			q.Writes = p.w.x.line(call.Pos())
		}
		return
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok { // the parameter itself is called
		if i, ok := p.w.params[p.w.info.Uses[id]]; ok && p.params[i] != nil {
			if in, arg := p.w.within(call.Pos()); p.w.x.own(in.Path) {
				p.pass(p.params[i], Pass{in, arg})
			}
			return
		}
	}
	fn := p.w.callee(call)
	if fn == nil {
		return
	}
	to := p.w.calleeSymbol(call)
	if to.Name == "" || !p.w.x.own(to.Path) {
		p.foreign(call, fn)
		return
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && fn.Signature().Recv() != nil {
		if q, _ := p.of(sel.X); q != nil {
			p.pass(q, Pass{to, -1})
		}
	}
	for i, arg := range call.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok && u.Op == token.AND {
			arg = u.X
		} else if t := p.w.info.TypeOf(arg); t == nil || !refers(t) {
			continue
		}
		if q, _ := p.of(arg); q != nil {
			p.pass(q, Pass{to, min(i, fn.Signature().Params().Len()-1)})
		}
	}
}

func (p *paramJudge) pass(q *Param, to Pass) {
	if !slices.Contains(q.Passes, to) {
		q.Passes = append(q.Passes, to)
	}
}

// foreign notes sorting in place: of other modules' functions nothing else is
// known to change its argument.
func (p *paramJudge) foreign(call *ast.CallExpr, fn *types.Func) {
	if fn.Pkg() == nil || len(call.Args) == 0 {
		return
	}
	sorts := fn.Pkg().Path() == "sort" && !strings.HasPrefix(fn.Name(), "Search") && !strings.HasSuffix(fn.Name(), "AreSorted") && !strings.HasSuffix(fn.Name(), "IsSorted") ||
		fn.Pkg().Path() == "slices" && (fn.Name() == "Sort" || strings.HasPrefix(fn.Name(), "SortFunc") || strings.HasPrefix(fn.Name(), "SortStable") || fn.Name() == "Reverse")
	if !sorts {
		return
	}
	if q, _ := p.of(call.Args[0]); q != nil && q.Writes == 0 {
		q.Writes = p.w.x.line(call.Pos())
	}
}
