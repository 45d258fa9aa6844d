package facts

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// command notes functions in the Run fields of command structs that other
// modules define, as the usual command-line libraries do; and the entries of a
// package's own table of functions that take and return nothing.
func (w *walker) command(lit *ast.CompositeLit) {
	named := namedOf(w.info.TypeOf(lit))
	if named == nil || !topLevel(named.Obj()) {
		return
	}
	own := w.ownSymbol(named.Obj()).Name != ""
	if own && w.d.Kind != Var || !own && !strings.HasSuffix(named.Obj().Name(), "Command") {
		return
	}
	text := ""
	for _, el := range lit.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := kv.Key.(*ast.Ident)
		if !ok {
			continue
		}
		if s, ok := w.constString(kv.Value); ok && text == "" && len(s) <= maxEntryText {
			text, _, _ = strings.Cut(s, " ")
		}
		runs := slices.Contains([]string{"Run", "RunE", "Action"}, key.Name)
		if own {
			runs = plainFunc(w.info.TypeOf(key))
		}
		if !runs {
			continue
		}
		if h, ok := w.handlerIn(kv.Value); ok {
			w.put(Entry{Kind: EntryCommand, Text: text, Foreign: named.Obj().Pkg().Path() + "." + named.Obj().Name()}, h)
		}
	}
}

// plainFunc reports whether t is func().
func plainFunc(t types.Type) bool {
	if t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	return ok && sig.Params().Len() == 0 && sig.Results().Len() == 0
}

// registerCommand notes a func() that an init function registers under a name,
// and commands of libraries where a value's methods run.
func (w *walker) registerCommand(call *ast.CallExpr, fn *types.Func) bool {
	if w.d.Recv != "" || w.d.Name != "init" && !strings.HasPrefix(w.d.Name, "init#") || len(call.Args) < 2 {
		return false
	}
	name, ok := w.constString(call.Args[0])
	if !ok || len(name) > maxEntryText {
		return false
	}
	for _, arg := range call.Args[1:] {
		if h, ok := w.handlerIn(arg); ok && plainFunc(w.info.TypeOf(arg)) {
			w.put(Entry{Kind: EntryCommand, Text: name, Foreign: foreignName(fn)}, h)
			return true
		}
	}
	return false
}

// registerCron notes a function that is called with a schedule, in an argument
// or in a struct literal among them.
func (w *walker) registerCron(call *ast.CallExpr, fn *types.Func) bool {
	text := ""
	for _, arg := range call.Args {
		ast.Inspect(arg, func(n ast.Node) bool {
			if _, ok := n.(*ast.FuncLit); ok {
				return false
			}
			if e, ok := n.(ast.Expr); ok && text == "" {
				if s, ok := w.constString(e); ok && len(s) <= maxEntryText && schedule.MatchString(s) {
					text = s
				}
			}
			return text == ""
		})
	}
	if text == "" {
		return false
	}
	e := Entry{Kind: EntryCron, Text: text, Foreign: foreignName(fn)}
	for _, arg := range call.Args {
		if h, ok := w.handlerIn(arg); ok {
			w.put(e, h)
			return true
		}
		if named := namedOf(w.info.TypeOf(arg)); named != nil && w.ownSymbol(named.Obj()).Name != "" && method(w.info.TypeOf(arg), "Run") != nil {
			e.Methods = []string{"Run"}
			w.put(e, handler{typ: named, pos: arg.Pos()})
			return true
		}
	}
	return false
}

// consumes are how messaging libraries begin the names of functions that take a
// handler; those in takes need no topic.
var (
	consumes = []string{
		"Subscri", "QueueSubscri", "PSubscri", "ChanSubscri", "Consum", "StartConsum", "Handle", "AddHandler", "AddConsumer",
		"AddNoPublisherHandler", "AddWorker", "AddTask", "NewWorker", "NewTask", "OnMessage", "OnEvent", "Process", "Listen", "RegisterTask",
		"RegisterHandler", "RegisterConsumer", "RegisterWorker", "RegisterJob",
	}
	takes = []string{"Receive", "Consume", "Subscribe", "RegisterWorkflow", "RegisterActivity", "AddConcurrentHandlers"}
)

func begins(name string, with []string) bool {
	return slices.ContainsFunc(with, func(p string) bool { return strings.HasPrefix(name, p) })
}

// registerTopic notes the handler of a topic or queue: a text and a function, or
// a function alone where that says enough, that are handed to another module.
func (w *walker) registerTopic(call *ast.CallExpr, fn *types.Func) bool {
	alone := begins(fn.Name(), takes)
	if standardPath(fn.Pkg().Path()) || w.x.own(fn.Pkg().Path()) || !alone && !begins(fn.Name(), consumes) {
		return false
	}
	text := ""
	for _, arg := range call.Args {
		if s, ok := w.constString(arg); ok && text == "" && len(s) <= maxEntryText && topic.MatchString(s) {
			text = s
		}
	}
	if text == "" && !alone {
		return false
	}
	for _, arg := range call.Args {
		h, ok := w.handlerIn(arg)
		if !ok || !takesArguments(w.info.TypeOf(arg)) {
			continue
		}
		w.put(Entry{Kind: EntryQueue, Text: text, Foreign: foreignName(fn)}, h)
		return true
	}
	return false
}

// takesArguments reports whether t is a function with parameters: a handler is
// told what to handle.
func takesArguments(t types.Type) bool {
	if t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	return ok && sig.Params().Len() > 0
}

func containsAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}

// standardPath reports whether path is in the standard library.
func standardPath(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// works are parts of the names that frameworks give the functions which they
// call again and again, or for as long as the program runs.
var works = []string{"run", "loop", "iter", "timer", "job", "worker", "tick", "serve", "oneshot"}

// registerLoop notes functions that a framework is handed to run for as long as
// the program does: the run function of dskit's services, oklog's run groups,
// jobs, and in main the functions of an error group.
func (w *walker) registerLoop(call *ast.CallExpr, fn *types.Func) bool {
	path := fn.Pkg().Path()
	if standardPath(path) || w.x.own(path) {
		return false
	}
	e := Entry{Kind: EntryLoop, Foreign: foreignName(fn)}
	if path == "golang.org/x/sync/errgroup" {
		if w.x.out.Name != "main" || fn.Name() != "Go" && fn.Name() != "TryGo" || len(call.Args) != 1 {
			return false
		}
		h, ok := w.handlerIn(call.Args[0])
		if ok {
			w.put(e, h)
		}
		return ok
	}
	params := fn.Signature().Params()
	found := false
	for i, arg := range call.Args {
		p := params.At(min(i, params.Len()-1)).Type()
		if !w.runsOn(p, fn) {
			continue
		}
		if h, ok := w.handlerIn(arg); ok {
			w.put(e, h)
			found = true
		}
	}
	return found || w.registerRunner(call, fn)
}

// runsOn reports whether a function parameter of another module's function is
// for work that goes on: by the name of its type, or if that has none by the
// name of the function; and it takes a context, if anything.
func (w *walker) runsOn(p types.Type, fn *types.Func) bool {
	sig, ok := p.Underlying().(*types.Signature)
	if !ok || sig.Params().Len() > 0 && !hasContext(sig.Params().At(0).Type()) || sig.Results().Len() > 1 {
		return false
	}
	if named, ok := types.Unalias(p).(*types.Named); ok {
		return containsAny(strings.ToLower(named.Obj().Name()), works)
	}
	return sig.Params().Len() > 0 && begins(fn.Name(), []string{"Run", "Loop", "Timer", "Worker", "Serve", "OneShot", "Go", "Until"}) &&
		fn.Signature().Recv() == nil
}

// registerRunner notes a value that a framework is handed to run it: the
// parameter is another module's interface with a method Run, Serve or Start that
// takes a context.
func (w *walker) registerRunner(call *ast.CallExpr, fn *types.Func) bool {
	params := fn.Signature().Params()
	for i, arg := range call.Args {
		p := namedOf(params.At(min(i, params.Len()-1)).Type())
		if p == nil || !types.IsInterface(p) || p.Obj().Pkg() == nil || w.x.own(p.Obj().Pkg().Path()) {
			continue
		}
		named := namedOf(w.info.TypeOf(arg))
		if named == nil || w.ownSymbol(named.Obj()).Name == "" || types.IsInterface(named) {
			continue
		}
		for _, name := range []string{"Run", "Serve", "Start", "Reconcile"} {
			m := method(p, name)
			if m == nil || m.Signature().Params().Len() == 0 || !isContext(m.Signature().Params().At(0).Type()) {
				continue
			}
			w.put(Entry{Kind: EntryLoop, Foreign: foreignName(fn), Methods: []string{name}}, handler{typ: named, pos: arg.Pos()})
			return true
		}
	}
	return false
}

// spawned notes a goroutine that a constructor or main starts: it runs for as
// long as what is made.
func (w *walker) spawned(n *ast.GoStmt) {
	fn, ok := w.obj.(*types.Func)
	if !ok || !w.makesState(fn) {
		return
	}
	for _, arg := range n.Call.Args { // go logged("...", s.run)
		if h, ok := w.functionValue(arg, 0); ok {
			w.put(Entry{Kind: EntryLoop}, h)
			return
		}
	}
	h, ok := w.functionValue(n.Call.Fun, 0)
	if lit, is := ast.Unparen(n.Call.Fun).(*ast.FuncLit); is {
		h, ok = handler{lit: true, pos: lit.Pos()}, true
	}
	if ok {
		w.put(Entry{Kind: EntryLoop}, h)
	}
}

// makesState reports whether fn makes a value of a type of its package that
// holds state, and no more.
func (w *walker) makesState(fn *types.Func) bool {
	if fn.Signature().Recv() != nil {
		return false
	}
	for r := range fn.Signature().Results().Variables() {
		named := namedOf(r.Type())
		if named != nil && named.Obj().Pkg() == fn.Pkg() && w.x.state.owns(named) {
			return true
		}
	}
	return false
}

// loop marks a function that runs until it is told to stop: an endless loop that
// waits in each round. In a function literal it is the literal that runs so.
func (w *walker) loop(n *ast.ForStmt) {
	if (n.Cond == nil || w.asksContext(n.Cond)) && w.pauses(n.Body) {
		w.endless(n, n.Body)
	}
}

// receives marks a function that works at each tick of a clock, or for each value
// of a channel that is not its own.
func (w *walker) receives(n *ast.RangeStmt) {
	t := w.info.TypeOf(n.X)
	if t == nil {
		return
	}
	if ch, ok := t.Underlying().(*types.Chan); ok && (isTime(ch.Elem()) || !w.localChannel(n.X)) {
		w.endless(n, n.Body)
	}
}

// localChannel reports whether a channel is a local variable or a parameter, or
// what a call with one returns: then it is likely closed soon.
func (w *walker) localChannel(e ast.Expr) bool {
	switch t := ast.Unparen(e).(type) {
	case *ast.Ident:
		obj := w.info.Uses[t]
		return obj == nil || !topLevel(obj)
	case *ast.CallExpr:
		return len(t.Args) > 0
	}
	return false
}

func isTime(t types.Type) bool {
	named := namedOf(t)
	return named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "time"
}

// endless notes a loop that does not end by itself, unless the function returns
// what it waits for.
func (w *walker) endless(n ast.Stmt, body *ast.BlockStmt) {
	lit := w.literalAt(n.Pos())
	if w.finishes(body) {
		return
	}
	if lit != nil {
		if sig, ok := w.info.TypeOf(lit).(*types.Signature); ok && returnsNothing(sig) && w.spawns[lit] {
			w.put(Entry{Kind: EntryLoop}, handler{lit: true, pos: n.Pos()})
		}
		return
	}
	fn, ok := w.obj.(*types.Func)
	if !ok || !returnsNothing(fn.Signature()) {
		return
	}
	w.d.Traits |= Loops
	w.effect(Background, "waits in an endless loop", n.Pos())
}

// returnsNothing reports whether a function returns at most an error.
func returnsNothing(sig *types.Signature) bool {
	n := sig.Results().Len()
	return n == 0 || n == 1 && isError(sig.Results().At(0).Type())
}

// asksContext reports whether a condition is ctx.Err() == nil.
func (w *walker) asksContext(cond ast.Expr) bool {
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Err" && hasContext(w.info.TypeOf(sel.X)) {
			found = true
		}
		return !found
	})
	return found
}

// pauses reports whether a loop's body waits for a channel or a clock.
func (w *walker) pauses(body *ast.BlockStmt) bool {
	waits := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SelectStmt:
			waits = true
		case *ast.UnaryExpr:
			waits = waits || n.Op == token.ARROW
		case *ast.SelectorExpr:
			if fn, ok := w.info.Uses[n.Sel].(*types.Func); ok && symbolOf(fn) == (Symbol{"time", "Sleep"}) {
				waits = true
			}
		}
		return !waits
	})
	return waits
}

// finishes reports whether a loop ends by itself when its work is done, as one
// that only tries again or drains a queue: by a break, or by a return that is not
// of an error, but for where it is told to stop.
func (w *walker) finishes(body *ast.BlockStmt) bool {
	done := false
	var stack []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CommClause:
			if w.toldToStop(n) {
				return false
			}
		case *ast.IfStmt:
			if n.Else == nil && (w.asksContext(n.Cond) || w.asksChannel(n)) {
				return false
			}
		case *ast.ReturnStmt:
			done = done || !w.fails(n)
		case *ast.BranchStmt:
			if n.Tok == token.BREAK && (n.Label != nil || !inBreakable(stack)) {
				done = true
			}
		}
		stack = append(stack, n)
		return true
	})
	return done
}

// toldToStop reports whether a clause of a select receives from ctx.Done(), from
// a channel that only signals, or a signal of the system.
func (w *walker) toldToStop(n *ast.CommClause) bool {
	var recv ast.Expr
	switch c := n.Comm.(type) {
	case *ast.ExprStmt:
		recv = c.X
	case *ast.AssignStmt:
		if len(c.Rhs) == 1 {
			recv = c.Rhs[0]
		}
	}
	u, ok := recv.(*ast.UnaryExpr)
	if !ok {
		return false
	}
	t := w.info.TypeOf(u.X)
	if t == nil {
		return false
	}
	ch, ok := t.Underlying().(*types.Chan)
	if !ok {
		return false
	}
	if named := namedOf(ch.Elem()); named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "os" {
		return true
	}
	switch e := ch.Elem().Underlying().(type) {
	case *types.Struct:
		return e.NumFields() == 0
	case *types.Basic:
		return e.Info()&types.IsBoolean != 0
	}
	return false
}

func inBreakable(stack []ast.Node) bool {
	return slices.ContainsFunc(stack, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			return true
		}
		return false
	})
}

// asksChannel reports whether an if asks whether a channel was closed: if !ok.
func (w *walker) asksChannel(n *ast.IfStmt) bool {
	not, ok := ast.Unparen(n.Cond).(*ast.UnaryExpr)
	if !ok || not.Op != token.NOT {
		return false
	}
	_, ok = ast.Unparen(not.X).(*ast.Ident)
	return ok
}

// fails reports whether a return returns an error that is not nil, last.
func (w *walker) fails(n *ast.ReturnStmt) bool {
	if len(n.Results) == 0 {
		return false
	}
	last := n.Results[len(n.Results)-1]
	t := w.info.TypeOf(last)
	return t != nil && !w.info.Types[last].IsNil() && (isError(t) || implementsError(t))
}

func implementsError(t types.Type) bool {
	fn := method(t, "Error")
	return fn != nil && fn.Signature().Params().Len() == 0
}
