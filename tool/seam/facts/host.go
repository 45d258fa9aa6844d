package facts

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
)

// Host is a part of a program that is cut already: a component or a role, which a
// service of hemilith.yaml hosts.
type Host struct {
	// Role is false for a component.
	Role bool
	Name string
	// Uses are the functions, types and variables of the module that the code
	// names which builds the component, or which the role runs; of what it has
	// from around it, the types.
	Uses []Symbol
	// API is the interface of a component if it is the module's, Methods the names
	// of its methods.
	API     Symbol
	Methods []string
}

// host notes a call of hemilith.Bind or hemilith.Role.
func (w *walker) host(call *ast.CallExpr, fn *types.Func) bool {
	s := symbolOf(fn)
	if s.Path != "github.com/hemilith/hemilith" || s.Name != "Bind" && s.Name != "Role" || len(call.Args) != 2 {
		return false
	}
	name, ok := stringValue(w.info.Types[call.Args[0]].Value)
	if !ok {
		return false
	}
	h := Host{Role: s.Name == "Role", Name: name}
	w.hostUses(&h, call.Args[1], 0)
	slices.SortFunc(h.Uses, func(a, b Symbol) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Name, b.Name)) })
	h.Uses = slices.Compact(h.Uses)
	if results, ok := w.info.TypeOf(call).(*types.Tuple); ok && !h.Role {
		api := results.At(0).Type()
		if named := namedOf(api); named != nil {
			h.API = w.ownSymbol(named.Obj())
		}
		if iface, ok := api.Underlying().(*types.Interface); ok {
			for m := range iface.Methods() {
				h.Methods = append(h.Methods, m.Name())
			}
		}
	}
	w.d.Hosts = append(w.d.Hosts, h)
	return true
}

// hostUses adds what e names. A local function stands for what it was first
// given.
func (w *walker) hostUses(h *Host, e ast.Expr, depth int) {
	const maxDepth = 4 // f = wrap(f) leads back to f
	if depth > maxDepth {
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		switch obj := w.info.Uses[id].(type) {
		case *types.Func:
			h.add(w.ownSymbol(obj.Origin()))
		case *types.TypeName:
			h.add(w.ownSymbol(obj))
		case *types.Var:
			named := namedOf(obj.Type())
			_, function := obj.Type().Underlying().(*types.Signature)
			switch vals := w.locals[obj]; {
			case obj.IsField():
			case topLevel(obj):
				h.add(w.ownSymbol(obj))
			case function && len(vals) > 0:
				w.hostUses(h, vals[0], depth+1)
			case named != nil:
				h.add(w.ownSymbol(named.Obj()))
			}
		}
		return true
	})
}

func (h *Host) add(s Symbol) {
	if s.Name != "" {
		h.Uses = append(h.Uses, s)
	}
}
