package facts

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// registerRPC notes an RPC server: RegisterXServer(s, impl) as protoc writes it,
// connect's NewXHandler(impl), twirp's NewXServer(impl), net/rpc's Register.
func (w *walker) registerRPC(call *ast.CallExpr, fn *types.Func) bool {
	sig := fn.Signature()
	if fn.Pkg().Path() == "net/rpc" && strings.HasPrefix(fn.Name(), "Register") && len(call.Args) > 0 {
		impl := call.Args[len(call.Args)-1]
		w.serve(call, impl, Entry{Foreign: foreignName(fn), Methods: netRPC(w.info.TypeOf(impl))})
		return true
	}
	if w.registerDesc(call, fn) {
		return true
	}
	at := -1
	switch {
	case sig.Recv() == nil && sig.Params().Len() == 2 && sig.Results().Len() == 0 && registrar(sig.Params().At(0).Type()):
		at = 1
	case sig.Recv() == nil && sig.Params().Len() > 0 && servesRPC(sig.Results()):
		at = 0
	}
	if at < 0 || at >= len(call.Args) {
		return false
	}
	service := namedOf(sig.Params().At(at).Type())
	if service == nil || !types.IsInterface(service) || service.Obj().Pkg() != fn.Pkg() {
		return false
	}
	w.serve(call, call.Args[at], Entry{
		Text: service.Obj().Name(), Foreign: foreignName(fn), Methods: exportedMethods(service.Underlying().(*types.Interface)),
	})
	return true
}

// registerDesc notes what is registered with a description of its service, as
// gRPC's RegisterService takes it, or a function of the module's own.
func (w *walker) registerDesc(call *ast.CallExpr, fn *types.Func) bool {
	at := slices.IndexFunc(call.Args, func(arg ast.Expr) bool { return isServiceDesc(w.info.TypeOf(arg)) })
	if at < 0 || at+1 >= len(call.Args) {
		return false
	}
	e := Entry{Foreign: foreignName(fn)}
	if u, ok := ast.Unparen(call.Args[at]).(*ast.UnaryExpr); ok {
		e.Text, e.Methods = w.described(u.X)
	}
	if e.Methods == nil {
		return false // the generated function that every other registration calls
	}
	w.serve(call, call.Args[at+1], e)
	return true
}

func isServiceDesc(t types.Type) bool {
	named := namedOf(t)
	return named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "google.golang.org/grpc" && named.Obj().Name() == "ServiceDesc"
}

// described is the service that a generated variable X_ServiceDesc describes, and
// its methods.
func (w *walker) described(e ast.Expr) (string, []string) {
	id := calledIdent(e)
	if id == nil {
		return "", nil
	}
	v, ok := w.info.Uses[id].(*types.Var)
	if !ok || !topLevel(v) || v.Pkg() == w.x.pkg {
		return "", nil
	}
	name, ok := strings.CutSuffix(v.Name(), "_ServiceDesc")
	if !ok {
		return "", nil
	}
	obj := v.Pkg().Scope().Lookup(name + "Server")
	if obj == nil {
		return "", nil
	}
	it, ok := obj.Type().Underlying().(*types.Interface)
	if !ok {
		return "", nil
	}
	return obj.Name(), exportedMethods(it)
}

func exportedMethods(it *types.Interface) []string {
	var names []string
	for m := range it.Methods() {
		if m.Exported() {
			names = append(names, m.Name())
		}
	}
	return names
}

// registrar reports whether t is what gRPC services are registered with.
func registrar(t types.Type) bool {
	named := namedOf(t)
	return named != nil && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "google.golang.org/grpc" &&
		(named.Obj().Name() == "ServiceRegistrar" || named.Obj().Name() == "Server")
}

// servesRPC reports whether results are those of connect's and twirp's
// constructors: a path and its handler, or a handler that knows its path.
func servesRPC(res *types.Tuple) bool {
	switch res.Len() {
	case 1:
		return isHTTPHandler(res.At(0).Type()) && method(res.At(0).Type(), "PathPrefix") != nil
	case 2:
		return isString(res.At(0).Type()) && isHTTPHandler(res.At(1).Type())
	}
	return false
}

// serve notes that the methods of impl serve.
func (w *walker) serve(call *ast.CallExpr, impl ast.Expr, e Entry) {
	e.Kind, e.Line = EntryRPC, w.x.line(call.Pos())
	named := namedOf(w.concrete(impl))
	if named == nil {
		return
	}
	e.Type = w.ownSymbol(named.Obj())
	w.entry(e)
}

// concrete is the type of e, or of the only value that the local variable e was
// given, if e is of interface type.
func (w *walker) concrete(e ast.Expr) types.Type {
	t := w.info.TypeOf(e)
	id, ok := ast.Unparen(e).(*ast.Ident)
	if t == nil || !ok || !types.IsInterface(t) {
		return t
	}
	if vals := w.locals[w.info.Uses[id]]; len(vals) == 1 {
		v := w.info.TypeOf(vals[0])
		if tup, ok := v.(*types.Tuple); ok && tup.Len() > 0 {
			v = tup.At(0).Type()
		}
		if v != nil && namedOf(v) != nil && !types.IsInterface(v) {
			return v
		}
	}
	return t
}

// netRPC are the methods that net/rpc serves: two parameters, an error.
func netRPC(t types.Type) []string {
	var names []string
	if t == nil {
		return nil
	}
	for m := range types.NewMethodSet(t).Methods() {
		sig, ok := m.Obj().Type().(*types.Signature)
		if ok && m.Obj().Exported() && sig.Params().Len() == 2 && sig.Results().Len() == 1 && isError(sig.Results().At(0).Type()) {
			names = append(names, m.Obj().Name())
		}
	}
	slices.Sort(names)
	return names
}
