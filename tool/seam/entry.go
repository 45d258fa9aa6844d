package seam

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strings"
)

// Kinds of entry point: where work begins without a call from this program.
const (
	entryMain    = "main"
	entryHTTP    = "http"
	entryRPC     = "rpc"
	entryCommand = "command"
	entryLoop    = "loop"
)

// entry is one entry point: a declaration that something outside calls.
type entry struct {
	kind string
	node int
	text string // the route or name it is registered under, or ""
	pos  token.Pos
	lit  bool // a function literal within node, not node itself
}

// route is what a router takes: "/path" or "GET /path".
var route = regexp.MustCompile(`^([A-Z]+ )?/`)

// registration notes handlers: a call with a route and functions, or a
// generated RegisterXServer.
func (w *walker) registration(call *ast.CallExpr) {
	id := calledIdent(call.Fun)
	if id == nil {
		return
	}
	if strings.HasPrefix(id.Name, "Register") && strings.HasSuffix(id.Name, "Server") && len(call.Args) == 2 {
		w.rpc(call)
		return
	}
	path, ok := "", false
	for _, arg := range call.Args {
		if tv := w.info.Types[arg]; tv.Value != nil {
			if s, is := stringValue(tv.Value); is && route.MatchString(s) && len(s) < 200 {
				path, ok = s, true
				break
			}
		}
	}
	if !ok {
		return
	}
	for _, arg := range call.Args {
		w.handlers(arg, path)
	}
}

// handlers notes the functions among arg, looking through wrappers such as
// auth(s.list).
func (w *walker) handlers(arg ast.Expr, path string) {
	ast.Inspect(arg, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.FuncLit:
			w.g.entry = append(w.g.entry, entry{entryHTTP, w.n, path, x.Pos(), true})
			return false
		case *ast.Ident:
			fn, ok := w.info.Uses[x].(*types.Func)
			if !ok || w.calls[x] != nil {
				return true
			}
			if n, ok := w.g.byObj[fn.Origin()]; ok {
				w.g.entry = append(w.g.entry, entry{entryHTTP, n, path, x.Pos(), false})
			}
		}
		return true
	})
}

// servesHTTP reports whether fn's shape is that of a handler: the standard one,
// or one parameter that a web framework's package defines.
func servesHTTP(fn *types.Func) bool {
	for p := range fn.Signature().Params().Variables() {
		t := strings.TrimPrefix(types.TypeString(p.Type(), nil), "*")
		if t == "net/http.Request" || t == "net/http.ResponseWriter" || strings.HasSuffix(t, ".Context") && t != "context.Context" ||
			strings.HasSuffix(t, ".Ctx") {
			return true
		}
	}
	return false
}

// rpc notes the methods of the server that a generated function registers.
func (w *walker) rpc(call *ast.CallExpr) {
	named := namedOf(w.info.TypeOf(call.Args[1]))
	if named == nil {
		return
	}
	for m := range named.Methods() {
		if n, ok := w.g.byObj[m.Origin()]; ok && m.Exported() {
			w.g.entry = append(w.g.entry, entry{entryRPC, n, m.Name(), call.Pos(), false})
		}
	}
}

// command notes functions in the Run fields of command structs that other
// modules define, as the usual command-line libraries do.
func (w *walker) command(lit *ast.CompositeLit) {
	named := namedOf(w.info.TypeOf(lit))
	if named == nil || !strings.HasSuffix(named.Obj().Name(), "Command") {
		return
	}
	for _, el := range lit.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := kv.Key.(*ast.Ident)
		if !ok || key.Name != "Run" && key.Name != "RunE" && key.Name != "Action" {
			continue
		}
		n, lit := w.n, true
		if id := calledIdent(kv.Value); id != nil {
			if fn, ok := w.info.Uses[id].(*types.Func); ok {
				if at, ok := w.g.byObj[fn.Origin()]; ok {
					n, lit = at, false
				}
			}
		}
		w.g.entry = append(w.g.entry, entry{entryCommand, n, "", kv.Pos(), lit})
	}
}

// markEntries adds main functions and loops to the entry points that the walk
// found, and marks the nodes.
func (g *graph) markEntries() {
	for n := range g.nodes {
		nd := &g.nodes[n]
		switch {
		case g.isMain(n):
			g.entry = append(g.entry, entry{entryMain, n, g.pkgs[nd.pkg].short, nd.pos, false})
		case nd.loops:
			g.entry = append(g.entry, entry{entryLoop, n, "", nd.pos, false})
		}
	}
	seen := map[int]bool{}
	kept := g.entry[:0]
	for _, e := range g.entry {
		if !seen[e.node] {
			seen[e.node] = true
			kept = append(kept, e)
			if !e.lit {
				g.nodes[e.node].entry = e.kind
			}
		}
	}
	g.entry = kept
}

func (g *graph) isMain(n int) bool {
	nd := &g.nodes[n]
	fn, ok := nd.obj.(*types.Func)
	return ok && fn.Name() == "main" && fn.Signature().Recv() == nil && g.pkgs[nd.pkg].pkg.Name == "main"
}
