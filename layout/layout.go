// Package layout is the contract between the tool and the runtime: which
// services there are and what each of them hosts. It is plain data with a
// version; it has no logic and imports nothing but a lock.
//
// People write hemilith.yaml; the tool checks it, and hemilith gen compiles it
// into the program, so that a binary needs no file beside it.
package layout

import "sync"

// Version is the version of this data that the runtime understands.
const Version = 1

// Layout says which services there are. The zero value is the monolith.
type Layout struct {
	// Version is [Version].
	Version int `json:"version"`
	// Module is the path of the user's module.
	Module string `json:"module"`
	// Services are sorted by name. Each component and each role is in exactly
	// one of them.
	Services []Service `json:"services"`
	// Boundaries hold the settings of components that have any, sorted by name.
	Boundaries []Boundary `json:"boundaries,omitempty"`
}

// Service is one kind of process.
type Service struct {
	// Name is what HEMILITH_SERVICE says and what certificates name.
	Name string `json:"name"`
	// Components are the names given to Bind that this service hosts, sorted.
	Components []string `json:"components,omitempty"`
	// Roles are the names given to Role that this service runs, sorted.
	Roles []string `json:"roles,omitempty"`
}

// Boundary holds the settings of one component's boundary.
type Boundary struct {
	// Component is the name given to Bind.
	Component string `json:"component"`
	// TimeoutMillis is the deadline, in milliseconds, of a call whose context
	// has none; 0 means the default of 10 s.
	TimeoutMillis int64 `json:"timeout_ms,omitempty"`
}

var compiled struct {
	mu sync.Mutex
	l  *Layout
}

// Register records the layout that was compiled into the program. Generated
// code calls it from init; the last one registered wins.
func Register(l Layout) {
	compiled.mu.Lock()
	defer compiled.mu.Unlock()
	compiled.l = &l
}

// Registered returns the compiled layout, or the zero Layout: the monolith.
func Registered() Layout {
	compiled.mu.Lock()
	defer compiled.mu.Unlock()
	if compiled.l == nil {
		return Layout{}
	}
	return *compiled.l
}
