package facts

import (
	"fmt"
	"go/types"
	"slices"
)

// verdict is what it takes to send something, and why. The zero verdict is that
// it can be sent.
type verdict struct{ class, why, fix string }

// severity orders the classes of Sig.
func severity(class string) int {
	return slices.Index([]string{"", "M0", "M1", "M2", "B"}, class)
}

// worse keeps the first of the two that weighs most.
func worse(a, b verdict) verdict {
	if severity(b.class) > severity(a.class) {
		return b
	}
	return a
}

// wireTypes judges types by whether their values can be sent.
type wireTypes struct {
	db   *databases
	memo typeMemo[verdict]
}

// signature judges a function by its parameters and results alone; it says
// nothing about meaning.
func (w *wireTypes) signature(fn *types.Func) *Sig {
	sig := fn.Signature()
	if sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0 {
		return &Sig{Class: "B", Why: "generic: there is no one wire form", Fix: "keep it as library code on both sides, or write one function per type"}
	}
	worst := verdict{class: "M0", why: "context first, error last, all types can travel"}
	out := &Sig{}
	ctx := false
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		if isContext(p.Type()) {
			if i == 0 {
				ctx = true
				continue
			}
			worst = worse(worst, verdict{"M1", "the context is not the first parameter", "move the context first"})
			continue
		}
		worst = worse(worst, w.carry(out, p, fmt.Sprintf("parameter %d", i)))
	}
	n := sig.Results().Len()
	err := n > 0 && isError(sig.Results().At(n-1).Type())
	for i := range n {
		if i < n-1 || !err {
			worst = worse(worst, w.carry(out, sig.Results().At(i), fmt.Sprintf("result %d", i)))
		}
	}
	switch {
	case !err && !ctx:
		worst = worse(worst, verdict{"M1", "has no context and no error result", "add both, or state a policy for failures on the binding"})
	case !err:
		worst = worse(worst, verdict{"M1", "has no error result: a failure has nowhere to go", "add one, or state a policy for failures on the binding"})
	case !ctx:
		worst = worse(worst, verdict{"M1", "has no context: a default deadline will hold", "add one as the first parameter"})
	}
	out.Class, out.Why, out.Fix = worst.class, worst.why, worst.fix
	return out
}

// carry judges one parameter or result, and notes what it brings along.
func (w *wireTypes) carry(out *Sig, v *types.Var, where string) verdict {
	text := types.TypeString(v.Type(), (*types.Package).Name)
	if v.Name() != "" && v.Name() != "_" {
		text = v.Name() + " " + text
	}
	if named := innerNamed(v.Type()); named != nil && named.Obj().Pkg() != nil && w.db.own(named.Obj().Pkg().Path()) {
		if s := symbolOf(named.Obj()); s.Name != "" && !slices.Contains(out.Types, s) {
			out.Types = append(out.Types, s)
		}
	}
	if open(v.Type()) && !isContext(v.Type()) {
		out.Open = append(out.Open, text)
	}
	found, _ := w.travels(v.Type())
	if found.class != "" {
		found.why = where + " (" + text + ")" + found.why
	}
	return found
}

func isContext(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "context" && n.Obj().Name() == "Context"
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// travels says whether values of t can be sent, and if not, what stands in the
// way. Why is written to follow the name of the value: ".Field is a channel".
// For low see typeMemo.visit.
func (w *wireTypes) travels(t types.Type) (v verdict, low int) {
	return w.memo.visit(t, w.look)
}

func (w *wireTypes) look(t types.Type) (verdict, int) {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer || t.Kind() == types.Uintptr {
			return verdict{"B", " is an address in this process", "send what it points to"}, noLoop
		}
	case *types.Named:
		return w.named(t)
	case *types.Pointer:
		return w.travels(t.Elem())
	case *types.Slice:
		return w.travels(t.Elem())
	case *types.Array:
		return w.travels(t.Elem())
	case *types.Map:
		key, a := w.travels(t.Key())
		elem, b := w.travels(t.Elem())
		return worse(key, elem), min(a, b)
	case *types.Struct:
		return w.structure(t)
	case *types.Interface:
		return verdict{"M2", " is an interface: any type may be in it", "declare the types it may hold, or use a typed field"}, noLoop
	case *types.Signature:
		return verdict{"M2", " is a function", "a callback adapter while the call lasts; else keep the call local"}, noLoop
	case *types.Chan:
		return verdict{"M2", " is a channel", "a stream adapter"}, noLoop
	case *types.TypeParam:
		return verdict{"B", " is generic", "write one function per type"}, noLoop
	}
	return verdict{}, noLoop
}

func (w *wireTypes) structure(t *types.Struct) (worst verdict, low int) {
	low = noLoop
	for f := range t.Fields() {
		v, at := w.travels(f.Type())
		low = min(low, at)
		if v.class != "" {
			v.why = "." + f.Name() + v.why
		}
		worst = worse(worst, v)
	}
	return worst, low
}

// named judges a named type, first those that mean more, or less, than their
// fields.
func (w *wireTypes) named(t *types.Named) (verdict, int) {
	if t.Obj().Pkg() == nil {
		return verdict{}, noLoop // error
	}
	short := t.Obj().Pkg().Name() + "." + t.Obj().Name()
	if v, ok := standardTravels(t, short); ok {
		return v, noLoop
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		switch {
		case w.db.isTx(t):
			return verdict{"B", " is the transaction " + short, "move the call out of the transaction"}, noLoop
		case w.db.isHandle(t):
			return verdict{"B", " is the database handle " + short, "let the owner of the data run the query"}, noLoop
		}
		return verdict{"M2", " is the interface " + short + ": any type may be in it", "declare the types it may hold, or narrow it"}, noLoop
	case *types.Signature:
		return verdict{"B", " is the function type " + short, "replace functional options and hooks by plain data"}, noLoop
	case *types.Struct:
		switch {
		case messages(t):
			return verdict{}, noLoop
		case w.db.isTx(types.NewPointer(t)):
			return verdict{"B", " is the transaction " + short, "move the call out of the transaction"}, noLoop
		case w.db.isHandle(types.NewPointer(t)):
			return verdict{"B", " is the database handle " + short, "let the owner of the data run the query"}, noLoop
		}
		return w.travels(u)
	default:
		return w.travels(u)
	}
}

func standardTravels(t *types.Named, short string) (verdict, bool) {
	name := t.Obj().Name()
	switch t.Obj().Pkg().Path() {
	case "context":
		return verdict{"B", " is a context that is not the first parameter", "pass it first"}, true
	case "time", "math/big", "net/netip", "net/url", "encoding/json":
		return verdict{}, true
	case "sync", "sync/atomic":
		return verdict{"B", " is a lock or an atomic value (" + short + ")", "send the data without it"}, true
	case "database/sql":
		switch name {
		case "DB", "Tx", "Rows", "Row", "Stmt", "Conn":
			return verdict{"B", " is a database handle (" + short + ")", "let the owner of the data run the query"}, true
		}
		return verdict{}, true
	case "net/http", "html/template", "text/template":
		if _, plain := t.Underlying().(*types.Struct); plain || types.IsInterface(t) {
			return verdict{"B", " is " + short + ", which cannot travel", "pass the values that the callee needs"}, true
		}
		return verdict{}, true
	case "os", "net", "mime/multipart":
		if name == "IP" || name == "IPNet" || name == "FileMode" {
			return verdict{}, true
		}
		return verdict{"B", " is " + short + ", a handle of this process", "stream its content"}, true
	case "io":
		return verdict{"M2", " is the stream " + short, "a stream adapter, which is generated"}, true
	}
	return verdict{}, false
}
