package seam

import (
	"encoding/json"
	"io"
)

// Schema is the version of the JSON form of a Report. Fields are only added
// within a version.
const Schema = 1

// Verdicts.
const (
	// VerdictCut means that a line was found that passes all tests.
	VerdictCut = "cut"
	// VerdictNone means that no line passes; it is a normal answer.
	VerdictNone = "no-seam"
	// VerdictUnknown means that this version can't judge the program.
	VerdictUnknown = "cannot-tell"
	// VerdictGiven means that the user named the line, and it is described only.
	VerdictGiven = "given"
)

// Report is the answer to one analysis. Lists are in a fixed order, so the same
// program gives the same report, but for Timings and PeakMemory.
type Report struct {
	// Schema is [Schema].
	Schema int `json:"schema"`
	// Edition is "first version": what kind of search this was.
	Edition string `json:"edition"`
	// Module is the module's path.
	Module string `json:"module"`
	// Verdict is one of cut, no-seam, cannot-tell and given; Reasons say why in
	// plain words, the most important first.
	Verdict string   `json:"verdict"`
	Reasons []string `json:"reasons"`
	// Tests are the numbers behind the verdict.
	Tests []Test `json:"tests"`
	// Size is that of the analysed program, and Shared the part that goes into
	// both halves.
	Size   Size   `json:"size"`
	Shared Shared `json:"shared"`
	// Packages are sorted by path.
	Packages []Package `json:"packages"`
	// Entries are the entry points, by side and position.
	Entries []Entry `json:"entries"`
	// Cuts are the candidate lines, best first. The first is the proposal (the
	// least bad line if the verdict is no-seam), and all below is about it.
	Cuts []Cut `json:"cuts"`
	// Calls count the references between packages, all of them; Across those
	// that cross the line.
	Calls []Calls `json:"calls"`
	// Classes counts the crossings by class; R counts references to shared code.
	Classes map[string]int `json:"classes"`
	// Crossings are the references from one half to the other.
	Crossings []Crossing `json:"crossings"`
	// Tables are those that both halves touch.
	Tables []Table `json:"tables"`
	// Transactions are crossings that may happen between begin and commit.
	Transactions []Transaction `json:"transactions"`
	// Variables are mutable package variables used across the line.
	Variables []Variable `json:"variables"`
	// Wiring are the functions that start things on both sides: where the cut
	// program binds.
	Wiring []Place `json:"wiring"`
	// Reach lists which packages touch which tables.
	Reach []Reach `json:"reach"`
	// Notes say what limits this report.
	Notes []string `json:"notes"`
	// Timings are those of the steps; PeakMemory is in bytes.
	Timings    []Timing `json:"timings"`
	PeakMemory int64    `json:"peak_memory_bytes"`
	// Next is the command, or the edit, to do next.
	Next string `json:"next"`
}

// Test is one condition of the verdict.
type Test struct {
	// Name says what is tested, Value what was found, Limit what was asked.
	Name  string `json:"name"`
	Value string `json:"value"`
	Limit string `json:"limit"`
	OK    bool   `json:"ok"`
}

// Size counts a program.
type Size struct {
	// Lines and Files are of the module's own packages, without tests.
	Lines    int `json:"lines"`
	Files    int `json:"files"`
	Packages int `json:"packages"`
	// Declarations are functions, types, variables and constants; References
	// are uses of one by another.
	Declarations int `json:"declarations"`
	References   int `json:"references"`
	// Grades counts functions by what they do beyond computing: pure,
	// nondeterministic, ambient, background, stateful.
	Grades map[string]int `json:"grades"`
}

// Shared is the code that is linked into both halves.
type Shared struct {
	Declarations int `json:"declarations"`
	Lines        int `json:"lines"`
}

// Package is one package of the program and where it goes.
type Package struct {
	// Path is relative to the module; the root is ".".
	Path string `json:"path"`
	// Side is where its stateful code goes: a, b, both, or mixed if both halves
	// own more than a tenth of it.
	Side  string `json:"side"`
	Lines int    `json:"lines"`
	Files int    `json:"files"`
	// Declarations and the lines within them by label.
	Declarations int `json:"declarations"`
	LinesA       int `json:"lines_a"`
	LinesB       int `json:"lines_b"`
	LinesBoth    int `json:"lines_both"`
}

// Place is a declaration in the source.
type Place struct {
	Name string `json:"name"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// Entry is where work begins.
type Entry struct {
	// Kind is main, http, rpc, command or loop.
	Kind string `json:"kind"`
	Place
	// Text is the route or name it is registered under, if any.
	Text string `json:"text,omitempty"`
	// Side is a, b or both.
	Side string `json:"side"`
}

// Cut is one candidate line.
type Cut struct {
	// Origin is interface, package, frontend (the default razor, never a
	// finding) or given; Name says which.
	Origin string `json:"origin"`
	Name   string `json:"name"`
	// Cost is the weighted sum of all that crosses; Balance is 1 if both halves
	// own as many stateful lines and 0 if one owns none; Score is
	// (25 + Cost) / Balance, where 25 is the price of a second service at all.
	Cost    float64 `json:"cost"`
	Balance float64 `json:"balance"`
	Score   float64 `json:"score"`
	// A and B are the halves by the packages that are mostly theirs.
	A Half `json:"a"`
	B Half `json:"b"`
}

// Half is one side of a cut, without what both have.
type Half struct {
	// Packages are mostly on this side; largest first.
	Packages []string `json:"packages"`
	// Lines are within stateful declarations, Entries those but main.
	Lines   int `json:"stateful_lines"`
	Entries int `json:"entries"`
}

// Calls counts references from one package to another.
type Calls struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int    `json:"count"`
	// Across counts those that cross the line, and Hardest is the class of the
	// hardest of them, if any.
	Across  int    `json:"across"`
	Hardest string `json:"hardest,omitempty"`
}

// Crossing is all references of one kind from a declaration of one half to one
// of the other.
type Crossing struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Via is the interface method that is called, if one is.
	Via  string `json:"via,omitempty"`
	Kind string `json:"kind"`
	// File and Line are of the first reference; Count is how many there are.
	File  string `json:"file"`
	Line  int    `json:"line"`
	Count int    `json:"count"`
	// FromSide is the side of From, a or b.
	FromSide string `json:"from_side"`
	// Target is where To is declared.
	Target string `json:"target"`
	// Remotable is R, M0, M1, M2 or B; Why and Fix explain it.
	Remotable string `json:"remotable"`
	Why       string `json:"why"`
	Fix       string `json:"fix,omitempty"`
}

// Table is a database table that both halves touch.
type Table struct {
	Name string `json:"name"`
	// A and B are "", read or write.
	A string `json:"a"`
	B string `json:"b"`
	// Users are the declarations that name it.
	Users []TableUse `json:"users"`
}

// TableUse is one declaration that names a table.
type TableUse struct {
	Place
	Verb string `json:"verb"`
	Side string `json:"side"`
}

// Reach is a package and a table that its SQL names.
type Reach struct {
	Package string `json:"package"`
	Table   string `json:"table"`
	// Verbs are read, write and schema, joined by commas.
	Verbs string `json:"verbs"`
}

// Transaction is a crossing that may happen while a transaction is open.
type Transaction struct {
	From string `json:"from"`
	To   string `json:"to"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Direct is true if the call itself is between begin and commit; else From
	// is called from such a place.
	Direct bool `json:"direct"`
}

// Variable is a mutable package variable that both halves use.
type Variable struct {
	Place
	// Side owns it; Users are the declarations of the other side.
	Side  string   `json:"side"`
	Users []string `json:"users"`
	Why   string   `json:"why"`
}

// Timing is how long a step took, in milliseconds of wall time.
type Timing struct {
	Step   string `json:"step"`
	Millis int64  `json:"ms"`
}

// JSON writes the report as indented JSON with a final newline.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}
