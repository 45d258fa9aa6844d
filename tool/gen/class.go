package gen

import (
	"go/types"

	"golang.org/x/tools/go/packages"
)

// class is how a type is written.
type class int

const (
	refusedClass class = iota
	boolClass
	intClass
	uintClass
	float32Class
	float64Class
	complex64Class
	complex128Class
	stringClass
	bytesClass // []byte
	fixedClass // [n]byte
	timeClass
	errorClass
	messageClass // a struct, or a named type that holds itself: has functions
	pointerClass
	sliceClass
	arrayClass
	mapClass
)

// verb is the part of a function's name in package wire, for scalars.
var verb = map[class]string{
	boolClass: "Bool", intClass: "Int", uintClass: "Uint", float32Class: "Float32",
	float64Class: "Float64", complex64Class: "Complex64", complex128Class: "Complex128",
	stringClass: "String",
}

var basicClass = map[types.BasicKind]class{
	types.Bool: boolClass,
	types.Int:  intClass, types.Int8: intClass, types.Int16: intClass, types.Int32: intClass, types.Int64: intClass,
	types.Uint: uintClass, types.Uint8: uintClass, types.Uint16: uintClass, types.Uint32: uintClass, types.Uint64: uintClass,
	types.Float32: float32Class, types.Float64: float64Class,
	types.Complex64: complex64Class, types.Complex128: complex128Class,
	types.String: stringClass,
}

// packed reports whether elements of the class travel as one packed field.
func (c class) packed() bool { return c >= boolClass && c <= float64Class }

// single reports whether a value is always one field, so that it can be an
// element as it is; others are boxed as a message {1 value}.
func (c class) single() bool {
	return c >= boolClass && c <= messageClass && c != bytesClass && c != errorClass
}

// marked reports whether a value can be present but empty.
func (c class) marked() bool { return c == bytesClass || c == sliceClass || c == mapClass }

// classOf returns the class of t, of which walker has seen that it can cross.
func (g *generator) classOf(t types.Type) class {
	if isError(t) {
		return errorClass
	}
	if isTime(t) {
		return timeClass
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basicClass[u.Kind()]
	case *types.Struct:
		return messageClass
	case *types.Pointer:
		if g.holdsItself(t) {
			return messageClass
		}
		return pointerClass
	case *types.Slice:
		if isByte(u.Elem()) {
			return bytesClass
		}
		if g.holdsItself(t) {
			return messageClass
		}
		return sliceClass
	case *types.Array:
		if isByte(u.Elem()) {
			return fixedClass
		}
		return arrayClass
	case *types.Map:
		if g.holdsItself(t) {
			return messageClass
		}
		return mapClass
	}
	return refusedClass
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// isByte reports whether t is byte itself, not a named type of it.
func isByte(t types.Type) bool { return types.Identical(t, types.Typ[types.Uint8]) }

// isTime reports whether t is time.Time or has its structure.
func isTime(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	if isNamed(n, "time", "Time") {
		return true
	}
	if n.Obj().Pkg() == nil {
		return false
	}
	for _, dep := range n.Obj().Pkg().Imports() {
		if dep.Path() == "time" {
			if o := dep.Scope().Lookup("Time"); o != nil {
				return types.Identical(n.Underlying(), o.Type().Underlying())
			}
		}
	}
	return false
}

func isNamed(t types.Type, pkg, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg && n.Obj().Name() == name
}

// holdsItself reports whether t is a named type, and no struct, that reaches
// itself without a struct between: type Tree map[string]Tree.
func (g *generator) holdsItself(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && reaches(n.Underlying(), n, false, map[types.Type]bool{})
}

// recursive reports whether the values of a message type may nest.
func (g *generator) recursive(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && reaches(n.Underlying(), n, true, map[types.Type]bool{})
}

func reaches(t types.Type, target *types.Named, structs bool, seen map[types.Type]bool) bool {
	t = types.Unalias(t)
	if n, ok := t.(*types.Named); ok {
		if n == target {
			return true
		}
		if seen[n] || isTime(n) {
			return false
		}
		seen[n] = true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if structs {
			for f := range u.Fields() {
				if reaches(f.Type(), target, structs, seen) {
					return true
				}
			}
		}
	case *types.Pointer:
		return reaches(u.Elem(), target, structs, seen)
	case *types.Slice:
		return reaches(u.Elem(), target, structs, seen)
	case *types.Array:
		return reaches(u.Elem(), target, structs, seen)
	case *types.Map:
		return reaches(u.Key(), target, structs, seen) || reaches(u.Elem(), target, structs, seen)
	}
	return false
}

// underlyingClass is the class of what a type that holds itself is made of.
func underlyingClass(t types.Type) class {
	switch t.Underlying().(type) {
	case *types.Pointer:
		return pointerClass
	case *types.Slice:
		return sliceClass
	default:
		return mapClass
	}
}

// message is a type that has its own functions.
type message struct {
	typ    types.Type
	home   *packages.Package // where the functions are
	owner  string            // of its fields in the lock
	ident  string            // part of the functions' names, within home
	shared bool              // looked up from other packages
	fields []field           // of a struct
}

func (m *message) isStruct() bool {
	_, ok := m.typ.Underlying().(*types.Struct)
	return ok
}

// field is a field of a message or a parameter or a result.
type field struct {
	name string
	num  int
	typ  types.Type
	anon string // the owner of fields, should typ be made of an anonymous struct
}

// message returns the message of t as code in home needs it.
func (g *generator) message(t types.Type, anon string, home *packages.Package) *message {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return g.walk.byOwner[messageKey{anon, home}]
	}
	if g.own(n.Obj().Pkg()) {
		home = g.byPath[n.Obj().Pkg().Path()]
	}
	return g.walk.byName[messageKey{n.Obj(), home}]
}
