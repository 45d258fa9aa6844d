package wire

// Method is one method of a boundary.
type Method struct {
	// ID is the number that hemilith.lock gives the method, unique in the
	// module: from 1 to [MaxMethodID]. It routes and it authorises.
	ID uint32
	// Component and Name name the method for people: errors, logs, spans.
	Component, Name string
	// NameHash identifies the method across branches that may have taken one
	// number twice: FNV-1a, 64 bits, of "module component.method".
	NameHash uint64
	// ShapeHash covers the structure of arguments and results. Peers compare it
	// to count version skew; it never chooses an encoding.
	ShapeHash uint64
}

// MaxMethodID bounds the numbers of methods, and so the table of grants that a
// peer can make a server keep.
const MaxMethodID = 1 << 14

// Component is one boundary, as generated code registers it.
type Component struct {
	// Name is the constant given to Bind.
	Name string
	// Module is the path of the user's module.
	Module string
	// Methods are in ascending order of ID.
	Methods []Method
	// Stub returns a value that implements the boundary by way of c.
	Stub func(c Caller) any
	// Handlers returns the handlers of impl, parallel to Methods, or nil if impl
	// lacks a method of the boundary.
	Handlers func(impl any) []Handler
	// Late returns a value that implements the boundary by forwarding to what
	// fill is given later. Until then its calls fail as [DidNotRun]. fill reports
	// whether impl implements the boundary; it is called once.
	Late func() (forward any, fill func(impl any) bool)
}
