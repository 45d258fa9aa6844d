// Package facts holds what the seam search needs to know of a Go package, as
// plain data: its declarations, what they refer to, and what they do. Facts of
// one package depend on its own files and on the declarations, not the bodies,
// of what it imports; so they can be cached, and a program is linked from them
// without its types.
package facts

// Program is a module as facts.
type Program struct {
	// Dir is the module's root directory and Module its path.
	Dir, Module string
	// Packages are the module's own, sorted by path.
	Packages []*Package
	// Foreign has the imports of each package of other modules and of the standard
	// library that is reachable from the module, by import path, sorted.
	Foreign map[string][]string
	// Notes say in plain words what limits the facts: cgo left out, embedded files
	// missing, packages that do not type-check.
	Notes []string
	// Broken are the module's packages that do not type-check, as "path: first
	// error"; what is known of them is in Packages all the same.
	Broken []string
	// Loaded says how much was read anew and how much came from the cache.
	Loaded Loaded
}

// Loaded counts packages.
type Loaded struct {
	Cached, Fresh int
}

// Package is one package of the module.
type Package struct {
	Path, Name string
	Imports    []string
	Files      []File
	Decls      []Decl
}

// File is one file. Decl.File indexes them.
type File struct {
	// Name is relative to the module, with slashes.
	Name  string
	Lines int
	// Generated is true for files with the standard "Code generated ... DO NOT
	// EDIT." line.
	Generated bool
}

// Kind of declaration.
type Kind uint8

// The kinds of declaration.
const (
	Func Kind = iota // functions and methods
	Type
	Var
	Const
)

// Symbol names a declaration: import path and, within it, "Name" or
// "Type.Method". Name is "init#2" for the second init function of a package and
// "_#1" for the first blank variable. For fields, Name is the declaring type;
// Field has the field.
type Symbol struct {
	Path, Name string
}

// Decl is one declaration.
type Decl struct {
	Name  string // as in Symbol
	Kind  Kind
	File  int
	Line  int
	Lines int
	// Exported is true if other packages may name it.
	Exported bool
	// Recv is the name of the receiver's type, of a method.
	Recv string
	// Refs are what it refers to, in source order; alike ones are joined.
	Refs []Ref
	// Foreign are uses of functions and variables of other modules, joined.
	Foreign []Foreign
	// Effects are what it does by itself.
	Effects []Effect
	// Access are uses of tables.
	Access []Access
	// Entries are entry points registered here.
	Entries []Entry
	// Hosts are components and roles that are bound here.
	Hosts []Host
	// Calls is how the declaration can be called from afar; of functions and of
	// interface methods (in Methods) only.
	Sig *Sig
	// Methods is the method set of *T of a concrete type or of an interface type,
	// embedded ones included; of types only.
	Methods []Method
	// Interface is true for interface types.
	Interface bool
	// Generic is true for declarations with type parameters of their own or of
	// their receiver.
	Generic bool
	// Holds says that values of the type, or the variable, hold state: a lock,
	// channel, connection, file or database handle, somewhere in the structure.
	Holds bool
	// Handle says that the state which Holds found is only a handle that is passed
	// in, such as *sql.DB, and a logger or metric: no memory of its own.
	Handle bool
	// Fields are the fields of a struct type that other code can see as data.
	Fields []Field
	// Traits are flags about the body or variable; see the constants.
	Traits Trait
	// Params says what is done to each parameter; of functions only. Index -1 is
	// the receiver.
	Params []Param
	// Flows are moves of values into places of interface type, for resolving
	// dynamic calls.
	Flows []Flow
	// Runs is the index of the parameter that the function calls between begin and
	// commit of a transaction, or -1: WithTx(func...).
	Runs int
	// Tells are the module's errors that it tells apart, and Keys the keys of what
	// it puts into contexts and takes from them.
	Tells []Tell
	Keys  []Key
}

// Tell is an error of the module, a variable or a type, that is told apart from
// others: by errors.Is or As, a comparison, a switch or a type assertion.
type Tell struct {
	Err  Symbol
	Line int // the first
}

// Key is the key of a value that is put into a context, if Set, or taken from
// one.
type Key struct {
	Key  Symbol // the constant, the variable or the type of the key; empty if it is not of the module
	Text string // what a key says that is written as a literal
	Set  bool
	Line int // the first
}

// Trait is a set of flags of a declaration.
type Trait uint32

// The traits.
const (
	Loops    Trait = 1 << iota // waits in an endless loop until it is told to stop
	Joins                      // waits for the goroutines that it starts
	Starts                     // starts a goroutine
	Guards                     // locks, or changes atomically, memory of its receiver
	Changes                    // writes fields of its receiver
	TakesTx                    // has a parameter that is a transaction
	TakesDB                    // has a parameter that is a database handle
	Begins                     // begins a transaction by itself
	HidesTx                    // returns a context that holds a transaction, or takes one from a context
	Records                    // variable: a logger or a metric
	Pools                      // variable: sync.Pool or sync.Once
	Mutable                    // variable: of a type whose content can change after start (map, pointer, slice, struct with state)
	Embedded                   // variable: set by go:embed
	Failing                    // last result is an error
	Context                    // first parameter is a context
)

// RefKind is how a declaration refers to another.
type RefKind uint8

// The kinds of reference.
const (
	Call       RefKind = iota // calls a function or concrete method
	IfaceCall                 // calls a method of one of the module's interfaces; To is Iface.Method
	Value                     // takes a function as a value
	IfaceValue                // takes an interface method as a value
	TypeRef                   // names a type
	FieldRef                  // reads a field; To is the type that declares it
	FieldWrite                // writes a field
	Read                      // reads a package variable
	Write                     // writes it, or takes its address
	ConstRef                  // names a constant
	Construct                 // makes a value of a type by composite literal or new
)

// Ref is all references of one kind from one declaration to another under the
// same conditions.
type Ref struct {
	To    Symbol
	Kind  RefKind
	Field string // of FieldRef and FieldWrite
	Line  int    // the first of them
	Count int
	// Tx is true if one is between begin and commit in this very body.
	Tx bool
	// Go is true if it is started with a go statement.
	Go bool
	// In is the function to which the enclosing function literal is passed, and Arg
	// the position there; empty Path and Name if none. A literal within a literal
	// has the innermost. In is a struct's field, "Type.Field", for a literal that is
	// its value, and a type for one that is only converted.
	In  Symbol
	Arg int
	// On is where the value that an interface method is called on, comes from.
	On Place
	// Given is true if the method is called on a parameter, not the receiver.
	Given bool
}

// Foreign is a use of a function, method or variable of another module.
type Foreign struct {
	Path string // import path
	Name string // "Name" or "Type.Method"
	Line int
	Var  bool
	// Iface is true for methods of an interface.
	Iface bool
	// Acts is true if the function looks like one that does something: it takes a
	// context or returns an error, and does not merely work on a reader, writer or
	// byte slice.
	Acts bool
	// Given is true for a method called on a parameter or on what a call in this
	// body returned (a row, a statement): who gave it is judged instead.
	Given bool
	// Tx, Go: as in Ref.
	Tx, Go bool
}

// Effect is something that a declaration does by itself, found by syntax.
type Effect struct {
	Grade Grade
	What  string // "starts a goroutine that it does not wait for"
	Line  int
}

// Grade says what code does beyond computing. The order matters: a function has
// the highest grade among itself and what it uses.
type Grade uint8

// The grades.
const (
	Pure       Grade = iota
	Nondet           // clock or random numbers
	Ambient          // log, environment, configuration: each process has its own
	Background       // outlives the call: goroutine, ticker, endless loop
	Stateful         // network, disk, database, memory that is shared
)

// Verb is what is done to a table.
type Verb uint8

// The verbs.
const (
	Reads Verb = iota
	Writes
	Defines // creates, alters or drops
)

// Access is a use of a table.
type Access struct {
	Table string // lower case, without quotes; for ORM models the table's name, or "model:path.Type" if it is not known
	Model Symbol // the ORM model, if one
	Verb  Verb
	Line  int
	Given bool // done on a handle, session or context that was passed in
}

// EntryKind is where work begins without a call from this program.
type EntryKind uint8

// The kinds of entry point.
const (
	EntryMain EntryKind = iota
	EntryHTTP
	EntryRPC
	EntryCommand
	EntryLoop
	EntryCron
	EntryQueue // consumer of messages or jobs
)

// Entry is an entry point that a declaration registers, or is.
type Entry struct {
	Kind EntryKind
	// Func is what is called: a function or method of the module, or of a function
	// literal the declaration around it, with Lit set.
	Func Symbol
	Lit  bool
	// Type is set instead of Func if a value was registered whose methods serve: an
	// http.Handler, an RPC server. Its methods in Methods serve.
	Type    Symbol
	Methods []string
	Text    string // route, name or schedule
	Line    int
	// Foreign is the function that it is registered with.
	Foreign string
}

// Method is one method of a method set.
type Method struct {
	Name string
	// Type is its signature with full import paths, without parameter names: two
	// methods match if both are equal, where AnyType in either equals any type.
	// Unexported names have their package before them.
	Type string
	// Func is the declaration that answers: promoted methods are the embedded
	// type's. Of interface methods it is empty. Path is of another module for
	// methods promoted from there.
	Func Symbol
	// Sig is set for interface methods.
	Sig *Sig
}

// AnyType stands for a type parameter in a method's Type.
const AnyType = "\u00b7"

// Sig says what it takes to call a function from another process, judged by its
// signature alone.
type Sig struct {
	Class string // "M0", "M1", "M2", "B"; see docs/seam.md
	Why   string
	Fix   string
	// Types are the module's types that travel, Open those parts that are `any` or
	// an open interface, as text.
	Types []Symbol
	Open  []string
}

// Field is a field of a struct type.
type Field struct {
	Name string
	Type Symbol // the module's named type in it, through pointers, slices, maps; else empty
	Open bool   // any, or an interface
	Text string // the type as written
	Tag  string // struct tag
}

// Param says what a function does to one parameter.
type Param struct {
	Index int
	Name  string
	// Writes is the line where what the parameter refers to is changed in this
	// body, or 0.
	Writes int
	// Keeps is the line where it is stored in a field or package variable, or 0.
	Keeps int
	// Passes are the functions that it is handed on to.
	Passes []Pass
}

// Pass is a parameter handed on.
type Pass struct {
	To  Symbol
	Arg int // -1: as receiver
}

// Place is somewhere a value of interface type can be: "pkg.Type.Field",
// "pkg.Var", "pkg.Func#2" (parameter), "pkg.Func$0" (result), "pkg.Func@name"
// (local variable; "@name~1" the second of that name). Parameters and results of
// an interface's method are "pkg.Iface.Method#2" and so on: what is given to it
// is given to all methods that answer. Empty is unknown.
type Place string

// Flow moves values into a place: those of another place, or of a concrete type.
// With neither, something unknown is moved there.
type Flow struct {
	To   Place
	From Place
	Type Symbol // a type of the module, if the value is of a concrete type
}
