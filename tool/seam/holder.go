package seam

import (
	"go/types"
	"strings"
)

// holders tells types that hold state from types that are data. A holder has,
// somewhere in its structure, a lock, a channel, a connection, a file or a
// database handle.
type holders struct {
	memo map[types.Type]bool
}

func newHolders(*graph) holders { return holders{memo: map[types.Type]bool{}} }

// state reports whether values of type t hold state.
func (h holders) state(t types.Type) bool {
	t = types.Unalias(t)
	if v, ok := h.memo[t]; ok {
		return v
	}
	h.memo[t] = false // recursive types hold no state by recursion alone
	v := h.look(t)
	h.memo[t] = v
	return v
}

func (h holders) look(t types.Type) bool {
	switch t := t.(type) {
	case *types.Named:
		if known, ok := knownHolder(t); ok {
			return known
		}
		if types.IsInterface(t) {
			return false
		}
		return h.state(t.Underlying())
	case *types.Pointer:
		return h.state(t.Elem())
	case *types.Slice:
		return h.state(t.Elem())
	case *types.Array:
		return h.state(t.Elem())
	case *types.Map:
		return h.state(t.Elem())
	case *types.Chan:
		return true
	case *types.Struct:
		for f := range t.Fields() {
			if h.state(f.Type()) {
				return true
			}
		}
	}
	return false
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
	return false, false
}

// records reports whether t is a logger or a metric: each process has its own,
// and nothing reads it back.
func records(t types.Type) bool {
	named := namedOf(t)
	if named == nil || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Obj().Name() {
	case "Logger", "Counter", "CounterVec", "Gauge", "GaugeVec", "Histogram", "HistogramVec", "Summary", "SummaryVec":
		return true
	}
	return false
}

// pools reports whether t saves work without being state: sync.Pool, sync.Once.
func pools(t types.Type) bool {
	named := namedOf(t)
	if named == nil || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "sync" {
		return false
	}
	return named.Obj().Name() == "Pool" || named.Obj().Name() == "Once"
}
