package wire

import (
	"fmt"
	"reflect"
	"sync"
)

// registry holds what generated code has registered. Registration happens in
// init functions; look-ups happen at start, but for those of errors. The mutex
// keeps plugins and tests honest.
var registry struct {
	mu         sync.Mutex
	components map[string]*Component
	codecs     map[reflect.Type]any
	sentinels  map[error]*errorKind
	types      map[reflect.Type]*errorKind
	kinds      map[uint32]*errorKind
}

// Register records c. Generated code calls it from init. It panics if another
// component of that name is registered, for two would answer for one boundary.
func Register(c *Component) {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	if registry.components == nil {
		registry.components = make(map[string]*Component)
	}
	if registry.components[c.Name] != nil {
		panic(fmt.Sprintf("hemilith: component %q is registered twice: run hemilith gen", c.Name))
	}
	registry.components[c.Name] = c
}

// Lookup returns the registered component of that name, or nil.
func Lookup(name string) *Component {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	return registry.components[name]
}
