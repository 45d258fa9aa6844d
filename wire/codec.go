package wire

import (
	"fmt"
	"reflect"
)

// Codec writes and reads the fields of a T. Generated code of the package that
// declares T registers it, so that unexported fields are seen; that of other
// packages looks it up. Values are passed by value: what a function value takes
// by reference would have to be allocated.
type Codec[T any] struct {
	// Append appends the fields of v.
	Append func(b []byte, v T, s *Scope) []byte
	// Read reads fields up to the end of the message.
	Read func(d *Decoder) T
}

// RegisterCodec records the codec of T. Generated code calls it from init.
func RegisterCodec[T any](c Codec[T]) {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	if registry.codecs == nil {
		registry.codecs = make(map[reflect.Type]any)
	}
	registry.codecs[reflect.TypeFor[T]()] = c
}

// MustCodec returns the codec of T. Generated code calls it to initialise
// package variables, after the package of T is initialised. It panics if there
// is none, for then generated code is missing.
func MustCodec[T any]() Codec[T] {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	t := reflect.TypeFor[T]()
	c, ok := registry.codecs[t].(Codec[T])
	if !ok {
		panic(fmt.Sprintf("hemilith: no codec of %v in package %s: run hemilith gen", t, t.PkgPath()))
	}
	return c
}

// Scope watches over the encoding of one message: how deep it nests and how
// large it grows. The zero value is ready. It is not safe for concurrent use.
type Scope struct {
	depth, nodes int
	err          error
}

// Enter begins a value of a recursive type. It reports whether to go on; after
// true, Leave ends the value.
func (s *Scope) Enter(b []byte) bool {
	if s.depth == MaxDepth {
		s.fail(fmt.Errorf("nested deeper than %d, or cyclic", MaxDepth))
	}
	if len(b) > MaxMessage {
		s.fail(errTooLarge())
	}
	if s.err != nil {
		return false
	}
	s.depth++
	return true
}

// Leave ends a value that Enter began.
func (s *Scope) Leave() { s.depth-- }

// End returns what is wrong with a finished message of size bytes, or nil.
func (s *Scope) End(size int) error {
	if s.err == nil && size > MaxMessage {
		s.err = errTooLarge()
	}
	return s.err
}

func (s *Scope) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func errTooLarge() error { return fmt.Errorf("larger than %d MiB encoded", MaxMessage>>20) }

// Unsent returns the error of a call whose arguments can't be encoded.
func Unsent(m *Method, cause error) error {
	return &CallError{m.Component, m.Name, DidNotRun, &ArgsError{cause}}
}

// Unread returns the error of a call whose results can't be decoded.
func Unread(m *Method, cause error) error {
	return &CallError{m.Component, m.Name, Ran, &ResultError{cause}}
}

// Unbound returns the error of a call by way of Late before Bind.
func Unbound(m *Method) error {
	return &CallError{m.Component, m.Name, DidNotRun, errUnbound{}}
}

type errUnbound struct{}

func (errUnbound) Error() string { return "not bound yet: Bind of this name has not returned" }
