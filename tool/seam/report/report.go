// Package report holds what the seam search found, as plain data with a
// documented schema, and draws it: text for a terminal, one HTML file, SVG,
// JSON. Every number that a drawing shows is a field here.
package report

import (
	"io"

	"github.com/hemilith/hemilith/tool/plain"
)

// Schema is the version of the JSON form. Within a schema, fields are only added.
const Schema = 2

// Verdicts.
const (
	VerdictCut     = "cut"         // a seam was found
	VerdictNone    = "no-seam"     // it makes sense as a single piece
	VerdictUnknown = "cannot-tell" // there is nothing to decide by, such as for a library
	VerdictGiven   = "given"       // the user named the line
)

// Report is the answer to: should this program be cut in two, and where?
// Lists are never null; files are relative to the module, with slashes.
type Report struct {
	Schema  int    `json:"schema"`
	Module  string `json:"module"`
	Within  string `json:"within,omitempty"` // the half or service that was asked about
	Blind   bool   `json:"blind,omitempty"`
	Verdict string `json:"verdict"`
	// Basis is "structure", or "structure and history".
	Basis string `json:"basis"`
	// Weak is true for a cut that is shown but not advised.
	Weak    bool     `json:"weak,omitempty"`
	Reasons []string `json:"reasons"`
	// Weakest is the weakest part of the case, in one sentence.
	Weakest string `json:"weakest"`
	// Tests are the numbers behind the verdict.
	Tests []Test `json:"tests"`
	// Seams has the proposal first, then up to two alternatives that differ, then
	// the frontend/backend default (Default is true). Under no-seam it has what was
	// refused, so that people can look.
	Seams []Seam `json:"seams"`
	// Front is the Pareto front that the seams were chosen from.
	Front     []Point    `json:"front"`
	Size      Size       `json:"size"`
	Packages  []Package  `json:"packages"`
	Entries   []Entry    `json:"entries"`
	Nouns     []Noun     `json:"nouns"`
	When      []Sign     `json:"when"`
	WhenText  string     `json:"when_text"`
	Ownership []Owner    `json:"ownership"`
	Notes     []string   `json:"notes"`
	Timings   []Timing   `json:"timings"`
	Search    SearchInfo `json:"search"`
	// PeakMemory is in bytes, obtained from the system by the process.
	PeakMemory int64 `json:"peak_memory_bytes"`
	// Next is the next command.
	Next string `json:"next"`
}

// Test is one condition of the verdict.
type Test struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit,omitempty"`
	OK    bool    `json:"ok"`
	Text  string  `json:"text"` // one plain sentence with the number
	// Advice is true if failing it does not refuse.
	Advice bool `json:"advice,omitempty"`
}

// Seam is one way to cut.
type Seam struct {
	Name    string `json:"name"`
	Default bool   `json:"default,omitempty"` // the frontend/backend razor: a default, never a finding
	A       Half   `json:"a"`
	B       Half   `json:"b"`
	// Both is what is linked into each half.
	Both Shared `json:"both"`
	// Assign gives each declaration its side: "import/path.Name" or
	// "import/path.Type.Method" to a, b or both.
	Assign       map[string]string `json:"assign"`
	Crossings    []Crossing        `json:"crossings"`
	Classes      map[string]int    `json:"classes"` // crossing references by class
	Between      []Between         `json:"between"`
	Tables       []Table           `json:"tables"`
	Transactions []Transaction     `json:"transactions"`
	Twice        []Twice           `json:"twice"`
	Carried      []Carried         `json:"carried"`
	People       *People           `json:"people"` // null without history
	Traffic      *Traffic          `json:"traffic"`
	Cost         Cost              `json:"cost"`
	Effort       Effort            `json:"effort"`
	Stability    float64           `json:"stability"`
	NullRatio    float64           `json:"null_ratio"`
	Wiring       []Place           `json:"wiring"`
	Next         string            `json:"next"`
}

// Half is one side of a cut.
type Half struct {
	// Name is taken from what is in it, for people.
	Name string `json:"name"`
	// Lines are those of declarations in this half alone; Stateful those of them
	// with state or effects.
	Lines    int `json:"lines"`
	Stateful int `json:"stateful_lines"`
	// Packages are those that are mostly here, largest first.
	Packages []string `json:"packages"`
	// Entries is how many of the report's entry points are on this side and counted.
	Entries int `json:"entries"`
	// Doors are the declarations here that the other half calls.
	Doors   []string `json:"doors"`
	Authors []string `json:"authors"`
}

// Shared is the code that both halves link.
type Shared struct {
	Declarations int      `json:"declarations"`
	Lines        int      `json:"lines"`
	Packages     []string `json:"packages"`
}

// Place is a declaration and where it is.
type Place struct {
	Name string `json:"name"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// Crossing is all references of one kind from a declaration in one half to one
// in the other. It is counted once in the cost.
type Crossing struct {
	From string `json:"from"` // declaration id, as in Assign
	To   string `json:"to"`
	Via  string `json:"via,omitempty"` // the interface method that is called
	Kind string `json:"kind"`
	// File and Line are of the first reference; Count is how many.
	File  string `json:"file"`
	Line  int    `json:"line"`
	Count int    `json:"count"`
	// Side is the caller's: a or b.
	Side       string `json:"side"`
	TargetFile string `json:"target_file"`
	TargetLine int    `json:"target_line"`
	// Remotable is R, M0, M1, M2 or B.
	Remotable string  `json:"remotable"`
	Why       string  `json:"why"`
	Fix       string  `json:"fix,omitempty"`
	InTx      bool    `json:"in_transaction,omitempty"`
	Cost      float64 `json:"cost"`
	// Calls is how often requests use it, in calls per request; of a profile, the
	// share of samples that were taken there. It is 0 without traffic, and for what
	// was not recorded.
	Calls float64 `json:"calls,omitempty"`
}

// Between counts references from one package to another, and those of them that
// cross.
type Between struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Count   int    `json:"count"`
	Across  int    `json:"across"`
	Hardest string `json:"hardest,omitempty"` // class of the hardest that crosses
}

// Table is one that both halves touch.
type Table struct {
	Name string `json:"name"`
	// A and B are "", "read" or "write".
	A     string     `json:"a"`
	B     string     `json:"b"`
	Cost  float64    `json:"cost"`
	Users []TableUse `json:"users"`
	Why   string     `json:"why"`
}

// TableUse is one declaration that names a table.
type TableUse struct {
	Place
	Verb string `json:"verb"` // read, write or schema
	Side string `json:"side"`
}

// Transaction is a place where a transaction would be cut: a crossing while it
// is open, or one transaction that writes tables of both halves.
type Transaction struct {
	Place           // where it begins
	To     string   `json:"to"`     // what is called across, or the table
	Direct bool     `json:"direct"` // false: in something called from there
	Path   []string `json:"path"`   // how the call gets there
	Why    string   `json:"why"`
}

// Twice is process-wide state that would exist once in each half: a package
// variable, a cache, a counter, a background loop.
type Twice struct {
	Place
	What  string   `json:"what"`  // "package variable", "guarded memory", "background loop"
	Users []string `json:"users"` // who uses it, of both halves
	Why   string   `json:"why"`
	Fix   string   `json:"fix"`
}

// Carried is what a call across the line has to take along beside its arguments
// and results: an error that the other half tells apart, or a value in the
// context. Name is that of the error or of the context's key.
type Carried struct {
	Place
	What string  `json:"what"` // "error" or "context value"
	Side string  `json:"side"` // where it is told apart or read: a or b
	From []Place `json:"from"` // who makes the error or sets the value, in the other half
	To   []Place `json:"to"`   // who tells it apart or reads it
	Why  string  `json:"why"`
	Fix  string  `json:"fix"`
}

// People is what a cut does to lines of communication.
type People struct {
	AuthorsA    []string     `json:"authors_a"`
	AuthorsB    []string     `json:"authors_b"`
	AuthorsBoth []string     `json:"authors_both"`
	PairsToday  int          `json:"pairs_today"`
	PairsStill  int          `json:"pairs_still"` // who would still need to talk
	PairsFreed  int          `json:"pairs_freed"`
	Still       []AuthorPair `json:"still"`
	// CommitsBoth is the share of commits that touch both halves; CoChange the
	// share of co-change weight across.
	CommitsBoth float64 `json:"commits_both"`
	CoChange    float64 `json:"co_change_across"`
	// CoChangeFreed is how much less changes together across than would across
	// halves of the same weight drawn at random by whole packages; below 0 is more.
	CoChangeFreed float64 `json:"co_change_freed"`
	// Passing are authors of the last twelve months who are not counted above.
	Passing int `json:"passing_authors"`
	// Saving is the mean of the share of pairs that is freed and CoChangeFreed, above
	// 0 if people gain; SavingLow its lower bound over resampled history.
	Saving    float64 `json:"saving"`
	SavingLow float64 `json:"saving_low"`
	// Judged is true if there is enough history to judge by; Why says what is
	// missing.
	Judged bool   `json:"judged"`
	Why    string `json:"why,omitempty"`
}

// AuthorPair are two people who change both sides together.
type AuthorPair struct {
	A       string `json:"a"`
	B       string `json:"b"`
	Commits int    `json:"commits"`
	Through string `json:"through"` // the file that joins them most
}

// Traffic is what a cut costs per request.
type Traffic struct {
	PerCallMicros float64 `json:"per_call_us"`
	Source        string  `json:"source"` // "spans" or "profile"
	Routes        []Route `json:"routes"`
	Matched       float64 `json:"matched"` // share of the recorded calls whose functions are in the program
	// CostShare is the part of the cut's cost that is there because requests use
	// what crosses, from 0 to 1.
	CostShare float64 `json:"cost_share"`
}

// Route is one kind of request.
type Route struct {
	Name        string  `json:"name"`
	Requests    int     `json:"requests"`
	Crossings   float64 `json:"crossings_per_request"`
	AddedMillis float64 `json:"added_ms"`
	// Behind is the share of a profile's samples that were taken behind at least
	// one crossing; a profile has no counts of calls, spans have no Behind.
	Behind float64 `json:"behind,omitempty"`
}

// Cost is what a cut costs, as the search counts.
type Cost struct {
	Total     float64 `json:"total"`
	Crossings float64 `json:"crossings"`
	Tables    float64 `json:"tables"`
	Copies    float64 `json:"copies"`
	Balance   float64 `json:"balance"` // 1 is even
	Score     float64 `json:"score"`   // lower is better
	// Parted is the share of what people change together that the cut parts;
	// PeopleShare how much of a combined score would be that.
	Parted      float64 `json:"parted"`
	PeopleShare float64 `json:"people_share"`
	CodeShare   float64 `json:"code_share"`
}

// Effort is an estimate of edited lines.
type Effort struct {
	Mechanical int      `json:"mechanical_lines"`
	Hand       int      `json:"hand_lines"`
	How        []string `json:"how"` // what was counted
}

// Point is one cut of the Pareto front.
type Point struct {
	Cost    float64 `json:"cost"`
	Parted  float64 `json:"parted"`
	Balance float64 `json:"balance"`
	Score   float64 `json:"score"`
	Seam    int     `json:"seam"` // index in Seams, or -1
	Name    string  `json:"name"`
}

// Size is how large the program is. Generated code is counted apart, and is in
// no other number.
type Size struct {
	Lines          int            `json:"lines"`
	GeneratedLines int            `json:"generated_lines"`
	Files          int            `json:"files"`
	Packages       int            `json:"packages"`
	Declarations   int            `json:"declarations"`
	References     int            `json:"references"`
	Grades         map[string]int `json:"grades"` // functions by purity
	Cached         int            `json:"cached_packages"`
}

// Package is one package under the proposal.
type Package struct {
	Path         string `json:"path"` // relative to the module, "." is its root
	Side         string `json:"side"` // a, b, both or mixed
	Lines        int    `json:"lines"`
	Files        int    `json:"files"`
	Declarations int    `json:"declarations"`
	LinesA       int    `json:"lines_a"`
	LinesB       int    `json:"lines_b"`
	LinesBoth    int    `json:"lines_both"`
	Generated    int    `json:"generated_lines"`
}

// Entry is one entry point.
type Entry struct {
	Kind string `json:"kind"`
	Place
	Text string `json:"text,omitempty"`
	Side string `json:"side"`
	// Uncounted is true for what only starts others, belongs to what starts it, or
	// runs once in a process of its own: its half does not count it.
	Uncounted bool `json:"uncounted,omitempty"`
}

// Noun is a habit of the program that any cut would meet, such as a type name
// that stands for different things in different packages, or an argument that
// is changed: what to look at before a cut, wherever the line is.
type Noun struct {
	Kind   string  `json:"kind"` // see docs/seam.md
	Name   string  `json:"name"`
	Places []Place `json:"places"`
	Why    string  `json:"why"`
	Fix    string  `json:"fix"`
	// Across is true if the proposal's line runs between the places.
	Across bool `json:"across"`
}

// Owner says who writes and reads one table.
type Owner struct {
	Table  string   `json:"table"`
	Writes []string `json:"writes"` // packages
	Reads  []string `json:"reads"`
}

// Sign is one sign that the monolith no longer works, or that it does.
type Sign struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Limit float64 `json:"limit"`
	Over  bool    `json:"over"`
	Known bool    `json:"known"`
	Text  string  `json:"text"`
}

// Timing is how long a step took, in milliseconds of wall time.
type Timing struct {
	Step   string `json:"step"`
	Millis int64  `json:"ms"`
}

// SearchInfo is how hard was searched.
type SearchInfo struct {
	Seed     uint64 `json:"seed"`
	Restarts int    `json:"restarts"`
	Nulls    int    `json:"nulls"`
	Tried    int    `json:"tried"`
	Nodes    int    `json:"nodes"`
	Edges    int    `json:"edges"`
	Groups   int    `json:"entry_groups"`
}

// JSON writes the report as indented JSON with a final newline.
func (r *Report) JSON(w io.Writer) error {
	return plain.JSON(w, r)
}
