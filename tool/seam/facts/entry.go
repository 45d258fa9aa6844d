package facts

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// maxEntryText bounds routes, topics and schedules: longer texts are none.
const maxEntryText = 200

// The texts that say what a function is registered for.
var (
	route    = regexp.MustCompile(`^([A-Z]+ )?/`)
	part     = regexp.MustCompile(`^[A-Za-z0-9_{}:*.<>()\[\]|?+\\/~^$@-]*$`) // of a route
	topic    = regexp.MustCompile(`^[A-Za-z0-9_.:*>/#-]+$`)
	schedule = regexp.MustCompile(`^(@(every |hourly|daily|midnight|weekly|monthly|yearly|annually)|` +
		`((CRON_)?TZ=\S+ )?([0-9*/,?-]+ ){3,4}([0-9*/,?-]+|[A-Za-z]{3}([,-][A-Za-z]{3})*) ([0-9*/,?LW#-]+|[A-Za-z]{3}([,-][A-Za-z]{3})*)$)`)
)

// entry notes an entry point, once.
func (w *walker) entry(e Entry) {
	if e.Func.Name == "" && e.Type.Name == "" {
		return
	}
	key := fmt.Sprint(e.Kind, e.Func, e.Type, e.Text)
	if !e.Lit && w.entries[key] {
		return
	}
	w.entries[key] = true
	w.d.Entries = append(w.d.Entries, e)
}

// self is the declaration that is walked.
func (w *walker) self() Symbol { return Symbol{w.x.out.Path, w.d.Name} }

// register notes what a call registers: handlers for routes, RPC servers,
// schedules, topics and loops.
func (w *walker) register(call *ast.CallExpr) {
	fn := w.callee(call)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	if s := symbolOf(fn); s.Path == "net/http" && slices.Contains([]string{"ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS"}, s.Name) {
		w.servesAll(call.Args[len(call.Args)-1], s.Path+"."+s.Name)
		return
	}
	switch {
	case w.host(call, fn):
	case w.registerRPC(call, fn):
	case w.registerCron(call, fn):
	case w.registerRoute(call, fn):
	case w.registerTopic(call, fn):
	case w.registerLoop(call, fn):
	case w.registerCommand(call, fn):
	}
}

// foreignName is how a function of another module, or of the standard library,
// is called in Entry.Foreign.
func foreignName(fn *types.Func) string {
	s := symbolOf(fn)
	return s.Path + "." + s.Name
}

// handler is a function that an expression hands over: a function or method of
// the module or a function literal, or a value whose methods serve.
type handler struct {
	fn  *types.Func
	lit bool
	typ *types.Named
	pos token.Pos
}

// put fills in what of an entry is known by its handler.
func (w *walker) put(e Entry, h handler) {
	e.Line = w.x.line(h.pos)
	switch {
	case h.lit:
		e.Func, e.Lit = w.self(), true
		if h.fn != nil {
			e.Func = w.ownSymbol(h.fn)
		}
	case h.typ != nil:
		e.Type = w.ownSymbol(h.typ.Obj())
	case h.fn != nil:
		e.Func = w.ownSymbol(h.fn.Origin())
		if recv := h.fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			e.Func = Symbol{}
			if named := namedOf(recv.Type()); named != nil {
				e.Type, e.Methods = w.ownSymbol(named.Obj()), []string{h.fn.Name()}
			}
		}
	}
	w.entry(e)
}

// handlerIn finds the function that e hands over, looking through wrappers such
// as auth(s.list), the last of several, and local variables.
func (w *walker) handlerIn(e ast.Expr) (handler, bool) { return w.handlerAt(e, 0) }

func (w *walker) handlerAt(e ast.Expr, depth int) (found handler, ok bool) {
	const maxDepth = 8 // h = wrap(h) leads back to h
	if depth > maxDepth {
		return handler{}, false
	}
	switch t := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return handler{lit: true, pos: t.Pos()}, true
	case *ast.Ident, *ast.SelectorExpr:
		return w.functionValue(t, depth)
	case *ast.CallExpr:
		for _, arg := range t.Args {
			if h, has := w.handlerAt(arg, depth+1); has {
				found, ok = h, true
			}
		}
		if !ok {
			return w.makesHandler(t)
		}
	}
	return found, ok
}

// functionValue is the function that an identifier or a selection names, not
// calls; also what a local variable was first given.
func (w *walker) functionValue(e ast.Expr, depth int) (handler, bool) {
	id := calledIdent(e)
	if id == nil {
		return handler{}, false
	}
	switch obj := w.info.Uses[id].(type) {
	case *types.Func:
		if s := w.ownSymbol(obj); s.Name != "" {
			return handler{fn: obj, pos: id.Pos()}, true
		}
	case *types.Var:
		_, function := obj.Type().Underlying().(*types.Signature)
		if vals := w.locals[obj]; len(vals) > 0 && (function || isHTTPHandler(obj.Type())) {
			return w.handlerAt(vals[0], depth+1)
		}
	}
	return handler{}, false
}

// makesHandler notes a function of the module whose literal is the handler:
// mux.Handle("/x", newHandler(s)).
func (w *walker) makesHandler(call *ast.CallExpr) (handler, bool) {
	fn := w.callee(call)
	if fn == nil || w.ownSymbol(fn).Name == "" {
		return handler{}, false
	}
	t := w.info.TypeOf(call)
	if t == nil {
		return handler{}, false
	}
	if _, ok := t.Underlying().(*types.Signature); ok || isHTTPHandler(t) && types.IsInterface(t) {
		return handler{fn: fn, lit: true, pos: call.Pos()}, true
	}
	return handler{}, false
}

// isHTTPHandler reports whether t has the method of http.Handler.
func isHTTPHandler(t types.Type) bool {
	fn := method(t, "ServeHTTP")
	return fn != nil && fn.Signature().Params().Len() == 2
}

// registerRoute notes the handler in a call with a route. Of several functions
// that one call takes, those before the last are taken for middleware.
func (w *walker) registerRoute(call *ast.CallExpr, fn *types.Func) bool {
	text, ok := w.routeOf(call, fn)
	if !ok || slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return plainFunc(w.info.TypeOf(arg)) }) {
		return false // a group of routes, which are registered within
	}
	e := Entry{Kind: EntryHTTP, Text: text, Foreign: foreignName(fn)}
	var last handler
	found := false
	params := fn.Signature().Params()
	for i, arg := range call.Args {
		p := params.At(min(i, params.Len()-1)).Type()
		variadic := fn.Signature().Variadic() && i >= params.Len()-1
		if variadic && found && !w.sameSlot(params) {
			break // echo's GET(path, handler, middleware...)
		}
		if variadic {
			if s, ok := p.(*types.Slice); ok && !call.Ellipsis.IsValid() {
				p = s.Elem()
			}
		}
		if !w.takesHandlers(p, fn) {
			continue
		}
		if named := namedOf(w.info.TypeOf(arg)); named != nil && w.ownSymbol(named.Obj()).Name != "" && isHTTPHandler(w.info.TypeOf(arg)) {
			last, found = handler{typ: named, pos: arg.Pos()}, true
			e.Methods = []string{"ServeHTTP"}
			continue
		}
		if h, ok := w.handlerIn(arg); ok && w.serves(arg, h, p, fn) {
			last, found = h, true
			e.Methods = nil
		}
	}
	if found {
		w.put(e, last)
	}
	return found
}

// sameSlot reports whether all functions of a call go to its variadic parameter.
func (w *walker) sameSlot(params *types.Tuple) bool {
	for i := range params.Len() - 1 {
		t := params.At(i).Type()
		if _, ok := t.Underlying().(*types.Signature); ok || isHTTPHandler(t) {
			return false
		}
	}
	return true
}

// routeOf is the route that a call names, itself or in the chain before it:
// r.Path("/x").Handler(h). Routers take parts of routes too, and may be given
// what is not constant.
func (w *walker) routeOf(call *ast.CallExpr, fn *types.Func) (string, bool) {
	const maxChain = 6
	if fn.Pkg().Path() == "net/http" && !routerNames[fn.Name()] {
		return "", false
	}
	anywhere := routerNames[fn.Name()] && fn.Signature().Recv() != nil && !w.x.own(fn.Pkg().Path())
	for range maxChain {
		for i, arg := range call.Args {
			s, ok := w.routeIn(arg)
			if ok && (route.MatchString(s) || i == 0 && w.router(fn) && part.MatchString(s)) {
				return s, true
			}
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			break
		}
		inner, ok := ast.Unparen(sel.X).(*ast.CallExpr)
		if !ok {
			break
		}
		call = inner
		if fn = w.callee(call); fn == nil || fn.Pkg() == nil {
			break
		}
	}
	return "", anywhere && !w.wraps()
}

// routeTable notes handlers in a table: a struct with a route and a function, or
// a map from routes to functions; and the handler of an http.Server.
func (w *walker) routeTable(lit *ast.CompositeLit) {
	t := w.info.TypeOf(lit)
	if t == nil {
		return
	}
	switch deref(t).Underlying().(type) {
	case *types.Struct:
		w.routeStruct(lit, t)
	case *types.Map:
		for _, el := range lit.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				if s, ok := w.constString(kv.Key); ok && route.MatchString(s) && len(s) <= maxEntryText {
					w.tabled(s, kv.Value)
				}
			}
		}
	}
}

func (w *walker) routeStruct(lit *ast.CompositeLit, t types.Type) {
	text, found := "", false
	var values []ast.Expr
	for _, el := range lit.Elts {
		key := ""
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				key = id.Name
			}
			el = kv.Value
		}
		if s, ok := w.constString(el); ok && !found && route.MatchString(s) && len(s) <= maxEntryText {
			text, found = s, true
		}
		if key == "Handler" && typeSymbol(t) == (Symbol{"net/http", "Server"}) {
			w.servesAll(el, "net/http.Server")
		}
		values = append(values, el)
	}
	if !found {
		return
	}
	for _, v := range values {
		w.tabled(text, v)
	}
}

// typeSymbol names the type of t or *t.
func typeSymbol(t types.Type) Symbol {
	if named := namedOf(t); named != nil {
		return symbolOf(named.Obj())
	}
	return Symbol{}
}

// tabled notes a handler in a table.
func (w *walker) tabled(text string, value ast.Expr) {
	t := w.info.TypeOf(value)
	if t == nil || !handlerFunc(t) {
		return
	}
	if h, ok := w.handlerIn(value); ok {
		w.put(Entry{Kind: EntryHTTP, Text: text}, h)
	}
}

// servesAll notes a value with a ServeHTTP of its own that a server is given.
func (w *walker) servesAll(value ast.Expr, with string) {
	t := w.concrete(value)
	named := namedOf(t)
	if named == nil || w.ownSymbol(named.Obj()).Name == "" || types.IsInterface(named) {
		return
	}
	if fn := method(t, "ServeHTTP"); fn != nil && w.ownSymbol(fn).Name != "" {
		w.put(Entry{Kind: EntryHTTP, Foreign: with, Methods: []string{"ServeHTTP"}}, handler{typ: named, pos: value.Pos()})
	}
}

// wraps reports whether the declaration is itself given a handler: what it
// registers is registered by who calls it.
func (w *walker) wraps() bool {
	fn, ok := w.obj.(*types.Func)
	if !ok {
		return false
	}
	for p := range fn.Signature().Params().Variables() {
		if handlerFunc(p.Type()) || types.IsInterface(p.Type()) && isHTTPHandler(p.Type()) {
			return true
		}
	}
	return false
}

// routerNames are what routers call their methods.
var routerNames = map[string]bool{
	"Handle": true, "HandleFunc": true, "Handler": true, "HandlerFunc": true, "Method": true, "MethodFunc": true, "Get": true,
	"Post": true, "Put": true, "Patch": true, "Delete": true, "Head": true, "Options": true, "Any": true, "All": true, "GET": true,
	"POST": true, "PUT": true, "PATCH": true, "DELETE": true, "HEAD": true, "OPTIONS": true, "Add": true,
}

// routeIn is the text of an argument; of one that is not constant, the first
// route in it: prefix + "/x".
func (w *walker) routeIn(arg ast.Expr) (string, bool) {
	if s, ok := w.constString(arg); ok {
		return s, len(s) <= maxEntryText
	}
	if !isString(w.info.TypeOf(arg)) {
		return "", false
	}
	found := ""
	ast.Inspect(arg, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && found == "" {
			if s, ok := w.constString(e); ok && len(s) <= maxEntryText && route.MatchString(s) {
				found = s
			}
		}
		return found == ""
	})
	return found, found != ""
}

// router reports whether fn is a router's method: it takes a text and then any
// number of handlers, of any type or of the library's own.
func (w *walker) router(fn *types.Func) bool {
	sig := fn.Signature()
	if sig.Recv() == nil || sig.Params().Len() < 2 || !isString(sig.Params().At(0).Type()) {
		return false
	}
	last := sig.Params().At(sig.Params().Len() - 1).Type()
	if s, ok := last.(*types.Slice); ok && sig.Variadic() {
		last = s.Elem()
	}
	if it, ok := last.Underlying().(*types.Interface); ok {
		return sig.Variadic() && it.NumMethods() == 0 && !formats(fn)
	}
	return handlerFunc(last) || isHTTPHandler(last)
}

// formats reports whether fn is one of the many that take a format.
func formats(fn *types.Func) bool {
	return strings.HasSuffix(fn.Name(), "f") || fn.Signature().Results().Len() == 1 && isError(fn.Signature().Results().At(0).Type())
}

// takesHandlers reports whether a parameter may be a handler.
func (w *walker) takesHandlers(p types.Type, fn *types.Func) bool {
	if it, ok := p.Underlying().(*types.Interface); ok {
		return it.NumMethods() == 0 && !formats(fn) || isHTTPHandler(p)
	}
	_, ok := p.Underlying().(*types.Signature)
	return ok
}

// serves reports whether a function that is registered for a route has the shape
// of a handler. A parameter of type any tells nothing, nor does the type of
// function that a web framework declares.
func (w *walker) serves(arg ast.Expr, h handler, p types.Type, fn *types.Func) bool {
	t := w.info.TypeOf(arg)
	if h.fn != nil && !h.lit {
		t = h.fn.Type()
	}
	if t == nil {
		return false
	}
	if handlerFunc(t) || handlerFunc(p) || isHTTPHandler(t) {
		return true
	}
	if types.IsInterface(p) {
		sig, ok := t.Underlying().(*types.Signature)
		return ok && sig.Params().Len() > 0 || !ok
	}
	return false
}

// handlerFunc reports whether t is a function with the shape of a handler: the
// standard one, or with a parameter that is a web framework's or the module's
// own request context.
func handlerFunc(t types.Type) bool {
	sig, ok := t.Underlying().(*types.Signature)
	if !ok {
		return false
	}
	for p := range sig.Params().Variables() {
		if requestType(p.Type()) {
			return true
		}
	}
	return false
}

// requestType reports whether t is a request, or a context that has one or
// writes the answer.
func requestType(t types.Type) bool {
	named := namedOf(t)
	if named == nil || named.Obj().Pkg() == nil || isContext(named) {
		return false
	}
	switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
	case "net/http.Request", "net/http.ResponseWriter", "github.com/valyala/fasthttp.RequestCtx":
		return true
	}
	if st, ok := named.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if n := namedOf(f.Type()); n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "net/http" &&
				(n.Obj().Name() == "Request" || n.Obj().Name() == "ResponseWriter") {
				return true
			}
			if f.Embedded() && f.Type() != t && requestEmbedded(f.Type()) {
				return true
			}
		}
		return requestMethods(t)
	}
	return types.IsInterface(named) && requestMethods(t)
}

// requestEmbedded reports whether an embedded type is a request context: one
// level is looked at.
func requestEmbedded(t types.Type) bool {
	st, ok := deref(t).Underlying().(*types.Struct)
	if !ok {
		return types.IsInterface(t) && !isContext(t) && requestMethods(t)
	}
	for f := range st.Fields() {
		if n := namedOf(f.Type()); n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "net/http" {
			return true
		}
	}
	return requestMethods(t)
}

// requestMethods reports whether a method of t gives the request, of the
// standard library or of fasthttp.
func requestMethods(t types.Type) bool {
	for _, name := range []string{"Request", "Req", "Context", "Response"} {
		fn := method(t, name)
		if fn == nil || fn.Signature().Results().Len() != 1 {
			continue
		}
		n := namedOf(fn.Signature().Results().At(0).Type())
		if n == nil || n.Obj().Pkg() == nil {
			continue
		}
		switch n.Obj().Pkg().Path() {
		case "net/http", "github.com/valyala/fasthttp":
			return true
		}
	}
	return false
}
