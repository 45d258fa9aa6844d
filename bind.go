package hemilith

import (
	"fmt"
	"reflect"
	"runtime"
	"strconv"

	"github.com/hemilith/hemilith/internal/carry"
)

// Bind makes a boundary of T, an interface, under name. Where this process
// hosts the component, Bind calls build once and returns the very value that it
// returned; elsewhere it does no I/O, does not call build, and returns a stub
// that calls the hosting service and dials it on the first call.
//
// Name is a constant, unique in the program, of letters, digits, - and _. With
// the module path it identifies the component in the layout, in hemilith.lock
// and on the wire.
//
// Bind returns T's zero value with an error: that of build, unchanged; or that
// the generated code is missing or stale, that the environment is wrong, or
// that another call site has bound the name. It is safe for concurrent use.
func Bind[T any](name string, build func() (T, error)) (T, error) {
	var zero, built T
	if t := reflect.TypeFor[T](); t.Kind() != reflect.Interface {
		return zero, fmt.Errorf("hemilith: Bind(%q): %v is not an interface: name the interface that callers need", name, t)
	}
	bound, err := carry.Current().Bind(name, site(), func() (any, error) {
		var err error
		built, err = build()
		return built, err
	})
	if err != nil {
		return zero, err
	}
	if bound.Direct {
		return built, nil
	}
	stub, ok := bound.Value.(T)
	if !ok {
		return zero, staleError[T]("Bind", name)
	}
	return stub, nil
}

// Late returns a value that forwards to what [Bind] of the same name returns
// later, for components that need each other. Until then its calls fail as
// [DidNotRun]. Where the generated code is missing or stale, Late returns T's
// zero value, and Bind of that name and [Run] return the reason.
func Late[T any](name string) T {
	forward, ok := carry.Current().Late(name, func(v any) bool {
		_, ok := v.(T)
		return ok
	}).(T)
	if !ok {
		var zero T
		return zero
	}
	return forward
}

func staleError[T any](call, name string) error {
	return fmt.Errorf("hemilith: %s(%q): the generated code does not implement %v: run hemilith gen and build again",
		call, name, reflect.TypeFor[T]())
}

// site returns file:line of the caller of the exported function that asks.
func site() string {
	_, file, line, _ := runtime.Caller(2)
	return file + ":" + strconv.Itoa(line)
}
