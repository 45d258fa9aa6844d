package facts

import (
	"go/types"
	"strings"
)

// stateTypes tells types that hold state from types that are data. State is,
// somewhere in the structure, a lock, a channel, a connection, a file or a
// database handle.
type stateTypes struct {
	own         func(string) bool
	all, memory walkTypes
}

func newStateTypes(own func(string) bool) *stateTypes {
	s := &stateTypes{own: own}
	s.all = walkTypes{memo: newTypeMemo[bool](), pointers: true, known: knownHolder}
	s.memory = walkTypes{memo: newTypeMemo[bool](), known: s.knownMemory}
	return s
}

// holds reports whether values of type t hold state.
func (s *stateTypes) holds(t types.Type) bool {
	found, _ := s.all.find(t)
	return found
}

// owns reports whether values of type t hold state that is their own, not only
// handles of what was made elsewhere.
func (s *stateTypes) owns(t types.Type) bool {
	found, _ := s.memory.find(t)
	return found
}

// knownMemory answers for types that are a lock or the like, and for those of
// other modules, of which only the handle is seen.
func (s *stateTypes) knownMemory(t *types.Named) (holds, known bool) {
	if t.Obj().Pkg() == nil {
		return false, true
	}
	switch path := t.Obj().Pkg().Path(); {
	case path == "sync", path == "sync/atomic":
		return knownHolder(t)
	case !s.own(path):
		return false, true
	}
	return false, false
}

// walkTypes looks for something in the structure of types.
type walkTypes struct {
	memo     typeMemo[bool]
	pointers bool // whether to look at what pointers point to
	known    func(*types.Named) (answer, known bool)
}

func (w *walkTypes) find(t types.Type) (found bool, low int) { return w.memo.visit(t, w.look) }

func (w *walkTypes) look(t types.Type) (found bool, low int) {
	switch t := t.(type) {
	case *types.Named:
		if answer, known := w.known(t); known {
			return answer, noLoop
		}
		if types.IsInterface(t) {
			return false, noLoop
		}
		return w.find(t.Underlying())
	case *types.Pointer:
		if n := namedOf(t); !w.pointers && (n == nil || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "sync") {
			return false, noLoop
		}
		return w.find(t.Elem())
	case *types.Slice:
		return w.find(t.Elem())
	case *types.Array:
		return w.find(t.Elem())
	case *types.Map:
		return w.find(t.Elem())
	case *types.Chan:
		return true, noLoop
	case *types.Struct:
		low = noLoop
		for f := range t.Fields() {
			has, at := w.find(f.Type())
			low = min(low, at)
			if has {
				return true, low
			}
		}
		return false, low
	}
	return false, noLoop
}

// knownHolder answers for types of the standard library, where it can.
func knownHolder(t *types.Named) (holds, known bool) {
	if t.Obj().Pkg() == nil {
		return false, true
	}
	path, name := t.Obj().Pkg().Path(), t.Obj().Name()
	switch path {
	case "sync":
		return name == "Mutex" || name == "RWMutex" || name == "Map" || name == "Cond" || name == "WaitGroup", true
	case "sync/atomic":
		return true, true
	case "database/sql":
		return name == "DB" || name == "Tx" || name == "Stmt" || name == "Conn" || name == "Rows", true
	case "net/http":
		return name == "Client" || name == "Server" || name == "Transport" || name == "ServeMux", true
	case "os":
		return name == "File", true
	case "log", "log/slog", "time", "regexp", "text/template", "html/template", "context", "reflect", "math/big", "embed":
		return false, true
	case "net":
		return strings.HasSuffix(name, "Conn") || strings.HasSuffix(name, "Listener"), true
	}
	if messages(t) {
		return false, true
	}
	return false, false
}

// messages reports whether t is a generated message, whatever is in it.
func messages(t *types.Named) bool {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), false, nil, "ProtoReflect")
	_, ok := obj.(*types.Func)
	return ok
}

// records reports whether t is another module's logger or metric: each process
// has its own, and nothing reads it back. Structures, slices and maps of such
// are such too.
func (s *stateTypes) records(t types.Type) bool { return s.recordsAt(t, 0) }

func (s *stateTypes) recordsAt(t types.Type, depth int) bool {
	const maxDepth = 4
	if depth > maxDepth {
		return false
	}
	named, _ := element(t).(*types.Named)
	if named == nil || named.Obj().Pkg() == nil {
		return false
	}
	if !s.own(named.Obj().Pkg().Path()) {
		return recordNames[named.Obj().Name()]
	}
	st, ok := named.Underlying().(*types.Struct)
	if !ok || st.NumFields() == 0 {
		return false
	}
	for f := range st.Fields() {
		if !s.recordsAt(f.Type(), depth+1) {
			return false
		}
	}
	return true
}

// recordNames are the types that logging and metrics libraries export.
var recordNames = map[string]bool{
	"Logger": true, "SugaredLogger": true, "FieldLogger": true, "Counter": true, "CounterVec": true, "Gauge": true,
	"GaugeVec": true, "Histogram": true, "HistogramVec": true, "Summary": true, "SummaryVec": true, "Observer": true,
	"ObserverVec": true, "Tracer": true,
}

// pools reports whether t saves work without being state: sync.Pool, sync.Once,
// structures of such whose other fields are settings, and of nothing.
func pools(t types.Type) bool { return poolsAt(t, 0) }

func poolsAt(t types.Type, depth int) bool {
	const maxDepth = 4
	named, _ := element(t).(*types.Named)
	if named == nil || named.Obj().Pkg() == nil || depth > maxDepth {
		return false
	}
	if named.Obj().Pkg().Path() == "sync" {
		return named.Obj().Name() == "Pool" || named.Obj().Name() == "Once"
	}
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	found := st.NumFields() == 0
	for f := range st.Fields() {
		switch {
		case poolsAt(f.Type(), depth+1):
			found = true
		case !setting(f.Type()):
			return false
		}
	}
	return found
}

// setting reports whether values of type t are numbers, texts or functions, or
// lists of such.
func setting(t types.Type) bool {
	switch u := element(t).Underlying().(type) {
	case *types.Basic, *types.Signature:
		return true
	case *types.Slice:
		return setting(u.Elem())
	}
	return false
}

// changes reports whether what a variable of type t refers to can change while
// the variable stays.
func (s *stateTypes) changes(t types.Type) bool {
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && !s.own(n.Obj().Pkg().Path()) {
		return s.holds(t)
	}
	switch u := t.Underlying().(type) {
	case *types.Map, *types.Slice, *types.Chan:
		return true
	case *types.Pointer:
		n := namedOf(u)
		return n == nil || n.Obj().Pkg() == nil || s.own(n.Obj().Pkg().Path()) || s.holds(u)
	}
	return s.holds(t)
}
