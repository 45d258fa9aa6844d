package seam

import (
	"fmt"
	"go/types"
)

// Classes say what it takes to make a crossing reference a remote one.
const (
	classR  = "R"  // nothing: the callee is linked into both halves
	classM0 = "M0" // a call that can be remote as it is
	classM1 = "M1" // after adding a context or an error result
	classM2 = "M2" // after an adapter: stream, callback, open interface
	classB  = "B"  // blocked: the code has to change first
)

// Weights of crossings: the start values of the design, not yet tuned.
var weights = map[string]float64{classR: 0, classM0: 1, classM1: 2, classM2: 4, classB: 15}

const (
	weightVar      = 15.0 // a mutable package variable
	weightTx       = 25.0 // a call under a transaction
	weightWritten  = 25.0 // a table written on both sides
	weightRead     = 5.0  // a table written on one side and read on the other
	weightSplit    = 25.0 // a second service at all: so that a tiny half is not cheapest by being tiny
	weightWiring   = 1.0  // a function that starts things on both sides
	hubDamping     = 0.02 // for references to a package that many use
	hubShare       = 0.10 // of packages: more users make a hub
	hubMinPackages = 20   // below that, a tenth of the packages says nothing
)

// verdictOf is what it takes to make one reference remote, and why.
type verdictOf struct {
	class, why, fix string
}

// classify judges a reference by its kind and the callee's signature.
func (g *graph) classify(e edge) verdictOf {
	to := &g.nodes[e.to]
	switch e.kind {
	case kindCall, kindIface:
		return g.classifyCall(e)
	case kindValue:
		return verdictOf{classM2, "the function is passed on as a value", "close over the boundary where the value is made"}
	case kindRead:
		return verdictOf{classB, "reads a package variable of the other side: " + g.chain(e.to), "ask through a method of the owner"}
	case kindWrite:
		return verdictOf{classB, "writes a package variable of the other side", "let its owner write it, through a method"}
	case kindField:
		return verdictOf{classB, "reaches into a value of the other side", "ask through a method of the owner"}
	case kindType:
		if to.grade.replicable() {
			return verdictOf{classR, "a type is linked into both halves", ""}
		}
		return verdictOf{classM1, "names a type that holds state", "extract an interface of the methods used"}
	}
	return verdictOf{classR, "linked into both halves", ""}
}

// classifyCall judges a call. An interface call is judged by the interface's
// method, since callers keep that.
func (g *graph) classifyCall(e edge) verdictOf {
	fn, ok := g.nodes[e.to].obj.(*types.Func)
	if !ok {
		return verdictOf{classR, "part of a type that is linked into both halves", ""}
	}
	if e.via != nil {
		fn = e.via
	}
	v := signature(fn)
	if e.inTx {
		v = verdictOf{classB, "called between begin and commit of a transaction: atomicity would be lost",
			"move the call out of the transaction, or record the intent in the same database (outbox)"}
	}
	if v.class == classB {
		return v
	}
	v.fix = joinFix(v.fix, g.boundary(e, fn))
	return v
}

func joinFix(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// boundary says where the call gets its interface from.
func (g *graph) boundary(e edge, fn *types.Func) string {
	switch recv := fn.Signature().Recv(); {
	case e.via != nil:
		return "" // callers hold an interface already
	case recv == nil:
		return "package function: put it behind an interface, or generate a dispatcher for it"
	default:
		named := namedOf(recv.Type())
		if named == nil {
			return ""
		}
		return "callers hold the concrete type " + named.Obj().Pkg().Name() + "." + named.Obj().Name() + ": extract an interface of the methods used"
	}
}

// signature judges a function by its parameters and results alone; it says
// nothing about meaning.
func signature(fn *types.Func) verdictOf {
	sig := fn.Signature()
	if sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0 {
		return verdictOf{classB, "generic: there is no one wire form", "keep it as library code on both sides, or write one function per type"}
	}
	worst := verdictOf{class: classM0, why: "context first, error last, all types can travel"}
	ctx := false
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		if isContext(p.Type()) {
			if i == 0 {
				ctx = true
				continue
			}
			worst = worse(worst, verdictOf{classM1, "the context is not the first parameter", "move the context first"})
			continue
		}
		worst = worse(worst, travels(p.Type(), fmt.Sprintf("parameter %d (%s)", i, describe(p)), map[types.Type]bool{}))
	}
	n := sig.Results().Len()
	err := n > 0 && isError(sig.Results().At(n-1).Type())
	for i := range n {
		if i == n-1 && err {
			continue
		}
		r := sig.Results().At(i)
		worst = worse(worst, travels(r.Type(), fmt.Sprintf("result %d (%s)", i, describe(r)), map[types.Type]bool{}))
	}
	switch {
	case !err && !ctx:
		worst = worse(worst, verdictOf{classM1, "has no context and no error result", "add both, or state a policy for failures on the binding"})
	case !err:
		worst = worse(worst, verdictOf{classM1, "has no error result: a failure has nowhere to go", "add one, or state a policy for failures on the binding"})
	case !ctx:
		worst = worse(worst, verdictOf{classM1, "has no context: a default deadline will hold", "add one as the first parameter"})
	}
	return worst
}

// worse keeps the first of the two that weighs most.
func worse(a, b verdictOf) verdictOf {
	if b.class != "" && weights[b.class] > weights[a.class] {
		return b
	}
	return a
}

func describe(v *types.Var) string {
	s := types.TypeString(v.Type(), func(p *types.Package) string { return p.Name() })
	if v.Name() == "" {
		return s
	}
	return v.Name() + " " + s
}

func isContext(t types.Type) bool { return types.TypeString(t, nil) == "context.Context" }

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// travels says whether values of t can be sent, and if not, what stands in the
// way. The zero verdict is yes. where names the way to the value.
func travels(t types.Type, where string, seen map[types.Type]bool) verdictOf {
	t = types.Unalias(t)
	if seen[t] {
		return verdictOf{}
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer || t.Kind() == types.Uintptr {
			return verdictOf{classB, where + " is an address in this process", "send what it points to"}
		}
	case *types.Named:
		return namedTravels(t, where, seen)
	case *types.Pointer:
		return travels(t.Elem(), where, seen)
	case *types.Slice:
		return travels(t.Elem(), where, seen)
	case *types.Array:
		return travels(t.Elem(), where, seen)
	case *types.Map:
		return worse(travels(t.Key(), where, seen), travels(t.Elem(), where, seen))
	case *types.Struct:
		worst := verdictOf{}
		for f := range t.Fields() {
			worst = worse(worst, travels(f.Type(), where+"."+f.Name(), seen))
		}
		return worst
	case *types.Interface:
		return verdictOf{classM2, where + " is an interface: any type may be in it", "declare the types it may hold, or use a typed field"}
	case *types.Signature:
		return verdictOf{classM2, where + " is a function", "a callback adapter while the call lasts; else keep the call local"}
	case *types.Chan:
		return verdictOf{classM2, where + " is a channel", "a stream adapter"}
	case *types.TypeParam:
		return verdictOf{classB, where + " is generic", "write one function per type"}
	}
	return verdictOf{}
}

// namedTravels judges a named type, first those of the standard library that
// mean more, or less, than their fields.
func namedTravels(t *types.Named, where string, seen map[types.Type]bool) verdictOf {
	if t.Obj().Pkg() == nil {
		return verdictOf{} // error
	}
	short := t.Obj().Pkg().Name() + "." + t.Obj().Name()
	if v, ok := stdTravels(t, where, short); ok {
		return v
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return verdictOf{classM2, where + " is the interface " + short + ": any type may be in it", "declare the types it may hold, or narrow it"}
	case *types.Signature:
		return verdictOf{classB, where + " is the function type " + short, "replace functional options and hooks by plain data"}
	case *types.Struct:
		if isTx(t) || isTx(types.NewPointer(t)) {
			return verdictOf{classB, where + " is the transaction " + short, "move the call out of the transaction"}
		}
		return travels(u, where, seen)
	default:
		return travels(u, where, seen)
	}
}

func stdTravels(t *types.Named, where, short string) (verdictOf, bool) {
	switch t.Obj().Pkg().Path() {
	case "context":
		return verdictOf{classB, where + " is a context that is not the first parameter", "pass it first"}, true
	case "time", "math/big", "net/netip", "net/url", "encoding/json":
		return verdictOf{}, true
	case "sync", "sync/atomic":
		return verdictOf{classB, where + " is a lock or an atomic value (" + short + ")", "send the data without it"}, true
	case "database/sql":
		switch t.Obj().Name() {
		case "DB", "Tx", "Rows", "Row", "Stmt", "Conn":
			return verdictOf{classB, where + " is a database handle (" + short + ")", "let the owner of the data run the query"}, true
		}
		return verdictOf{}, true
	case "net/http", "html/template", "text/template":
		if _, plain := t.Underlying().(*types.Struct); plain || types.IsInterface(t) {
			return verdictOf{classB, where + " is " + short + ", which cannot travel", "pass the values that the callee needs"}, true
		}
		return verdictOf{}, true
	case "os", "net", "mime/multipart":
		if t.Obj().Name() == "IP" || t.Obj().Name() == "IPNet" || t.Obj().Name() == "FileMode" {
			return verdictOf{}, true
		}
		return verdictOf{classB, where + " is " + short + ", a handle of this process", "stream its content"}, true
	case "io":
		return verdictOf{classM2, where + " is the stream " + short, "a stream adapter, which is generated"}, true
	}
	return verdictOf{}, false
}
