// Package report holds what a comparison of two commits found, as plain data with
// a documented schema, and tells it: text for a terminal, one HTML file,
// annotations for code review, JSON, and the raw runs as benchstat reads them.
// Every number that it tells is a field here, or counts some.
//
// A Report belongs to one goroutine until Complete; all that only tells may then
// run at the same time.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/plain"
)

// Schema is the version of the JSON form. Within a schema, fields are only added.
const Schema = 1

// maxJSON bounds a report that is read: 300 benchmarks have about 1 MB.
const maxJSON = 256 << 20

// Report is the answer to: did this commit make a benchmark slower or hungrier,
// by how much, and why? Lists are never null after Complete; files are relative to
// the repository, with slashes.
type Report struct {
	Schema    int      `json:"schema"`
	Base      Revision `json:"base"`
	Head      Revision `json:"head"`
	Toolchain string   `json:"toolchain"`
	Machine   Machine  `json:"machine"`
	// M is the number of sequential tests, fixed before the first pair; Alpha bounds
	// the chance of a false alarm among all of them, Confidence is that of intervals.
	M          int     `json:"m"`
	Alpha      float64 `json:"alpha"`
	Confidence float64 `json:"confidence"`
	// Seconds is how long all of it took, Budget how long the pairs might; 0 is no
	// limit.
	Seconds float64 `json:"seconds"`
	Budget  float64 `json:"budget_seconds"`
	// Benchmarks are what was measured, what matters most first.
	Benchmarks []Benchmark `json:"benchmarks"`
	// Failed are benchmarks, or whole packages, that could not be measured; Skipped
	// those that need not be.
	Failed  []Unmeasured `json:"failed"`
	Skipped []Unmeasured `json:"skipped"`
	// Planned are benchmarks that would be measured, if that was the question: then
	// nothing was.
	Planned []Unmeasured `json:"planned"`
	// Bisection is how the commit was found that did it, and null if none was looked
	// for.
	Bisection *Bisection `json:"bisection"`
	// Trends are what earlier runs found against a pinned release.
	Trends []Trend  `json:"trends"`
	Notes  []string `json:"notes"`
	// Next is what to run next, three spaces, and what that is for: a command, or how to
	// change the one that was run, such as the same without -n.
	Next string `json:"next"`
}

// Revision is one state of the repository.
type Revision struct {
	Hash    string `json:"hash"` // full; of a worktree, the commit that was changed
	Subject string `json:"subject"`
	// Dirty is true for a worktree with changes that are in no commit.
	Dirty bool `json:"dirty,omitempty"`
}

// Short names a revision as people do: its first characters, and "+changes" if
// it is dirty.
func (v Revision) Short() string {
	const digits = 7
	name := v.Hash
	if len(name) > digits {
		name = name[:digits]
	}
	if v.Dirty {
		name += "+changes"
	}
	return name
}

// Machine is where it was measured.
type Machine struct {
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	CPU        string `json:"cpu"`
	Processors int    `json:"processors"`
}

// Benchmark is one benchmark in one setting.
type Benchmark struct {
	Package string `json:"package"` // import path
	Name    string `json:"name"`    // with "Benchmark", sub-benchmarks included
	Procs   int    `json:"procs"`   // GOMAXPROCS
	Tests   []Test `json:"tests"`
	// Seconds is the time of its pairs; Layouts are the seeds for the linker's
	// -randlayout that it was run with; 0 is the linker's own order.
	Seconds float64 `json:"seconds"`
	Layouts []int   `json:"layouts"`
	// Instructions is null if they were not counted.
	Instructions *Instructions `json:"instructions"`
	// Culprit is the commit that did it, and null if that is not known.
	Culprit *Revision `json:"culprit"`
	// Cause is the function that explains most of it; Declared is where the
	// benchmark itself is. Both are null if they are not known.
	Cause    *Cause       `json:"cause"`
	Declared *Place       `json:"declared"`
	Profile  []Difference `json:"profile"`
	Notes    []string     `json:"notes"`
}

// Test is what is known of one channel of a benchmark.
type Test struct {
	Channel gate.Channel `json:"channel"`
	Verdict gate.Verdict `json:"verdict"`
	Why     gate.Reason  `json:"why,omitempty"`     // of undecided
	Suspect gate.Verdict `json:"suspect,omitempty"` // what the search suspected: slower, faster or nothing
	Exact   bool         `json:"exact,omitempty"`   // all runs of a side agreed
	// Base and Head are the medians of the sides: seconds per operation for times,
	// counts per operation otherwise. Both are 0 if they are not known.
	Base float64 `json:"base"`
	Head float64 `json:"head"`
	// Effect is a share of base for times (0.1 is 10 % more), and a difference of
	// counts otherwise. Interval has the same unit; a side that is open is null.
	Effect   float64         `json:"effect"`
	Interval evalue.Interval `json:"interval"`
	// Limit is the effect that is not worth a word: slower is what is beyond it.
	Limit float64 `json:"limit"`
	// EValue is the evidence for the claim, search and confirmation together, and of
	// being slower where nothing is claimed. FalseAlarm bounds the chance that such
	// evidence comes by chance.
	EValue       float64 `json:"e_value"`
	FalseAlarm   float64 `json:"false_alarm"`
	Pairs        int     `json:"pairs"`
	ConfirmPairs int     `json:"confirm_pairs"`
	// Acceptance is what commit messages say of this channel, whether or not it
	// covers what was found; null without.
	Acceptance *Acceptance `json:"acceptance"`
	// Fails is set by Complete: slower, on a channel that fails a commit, and not
	// accepted.
	Fails bool `json:"fails"`
}

// Instructions is how many of them one operation takes. They rank and explain, and
// fail nothing: a count sees neither caches nor contention nor garbage collection.
type Instructions struct {
	Counter string `json:"counter"` // what counted, with its version
	// Verdict is more, less or same, or undecided if the counts vary by too much.
	Verdict Change `json:"verdict"`
	// Base and Head are the medians of the sides, Effect their difference as a share
	// of base; Interval holds that of each repeat of head from each of base. Limit is
	// the effect that is not worth a word.
	Base     float64         `json:"base"`
	Head     float64         `json:"head"`
	Effect   float64         `json:"effect"`
	Interval evalue.Interval `json:"interval"`
	Limit    float64         `json:"limit"`
	Repeats  int             `json:"repeats"` // of each side
}

// Change is what a count says.
type Change string

// The changes.
const (
	More      Change = "more"
	Less      Change = "less"
	Unchanged Change = "same"
	Unclear   Change = "undecided"
)

// Acceptance is how much slower a channel may be, by commit messages.
type Acceptance struct {
	// Bound is that of all trailers together, in the unit of Effect; Covers is
	// whether what was found is within it.
	Bound    float64   `json:"bound"`
	Covers   bool      `json:"covers"`
	Trailers []Trailer `json:"trailers"`
}

// Trailer is a Perf-Accept line of a commit message.
type Trailer struct {
	Commit string  `json:"commit"` // full hash
	Bound  float64 `json:"bound"`
	Reason string  `json:"reason"`
}

// Place is a function and where it is.
type Place struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// Cause is a function that explains a difference, at the line that grew most.
type Cause struct {
	Place
	// Share is how much of the whole difference it explains, above 1 if others became
	// cheaper; Sure is false if chance might explain as much.
	Share float64 `json:"share"`
	Sure  bool    `json:"sure"`
}

// Difference is what changed in a profile: one function, per operation.
type Difference struct {
	Place
	Channel gate.Channel `json:"channel"`
	Before  float64      `json:"before"` // seconds or counts, as Test.Base
	After   float64      `json:"after"`
}

// Unmeasured is a benchmark, or a package if Name is "", without measurement.
type Unmeasured struct {
	Package string `json:"package"`
	Name    string `json:"name"`
	Why     string `json:"why"`
	// Equal is true if both sides run the same code.
	Equal bool `json:"equal,omitempty"`
}

// Trend is how one channel of a benchmark stood against a pinned release, commit
// by commit.
type Trend struct {
	Package string       `json:"package"`
	Name    string       `json:"name"`
	Procs   int          `json:"procs"`
	Channel gate.Channel `json:"channel"`
	Release string       `json:"release"`
	// Points are in the order of history.
	Points []Point `json:"points"`
	// Verdict, EValue and FalseAlarm are of all points together: slow creep. Verdict
	// is slower, faster, same or undecided.
	Verdict    gate.Verdict `json:"verdict"`
	EValue     float64      `json:"e_value"`
	FalseAlarm float64      `json:"false_alarm"`
	// Since is the full hash of the commit at which it began, about; "" if nothing
	// did. Accepted is whether commit messages accept as much as there is now.
	Since    string `json:"since"`
	Accepted bool   `json:"accepted"`
}

// Point is one commit against the pinned release.
type Point struct {
	Hash     string          `json:"hash"`
	Subject  string          `json:"subject"`
	Effect   float64         `json:"effect"`
	Interval evalue.Interval `json:"interval"`
}

// Of takes what the gate found for one channel.
func Of(r gate.Result) Test {
	log, limit := r.Log(), r.Slower.Bound
	if timed(r.Channel) {
		limit = math.Expm1(limit)
	}
	return Test{
		Channel: r.Channel, Verdict: r.Verdict, Why: r.Why, Suspect: r.Suspect, Exact: r.Exact,
		Effect: r.Effect, Interval: r.Interval, Limit: limit, EValue: log.E(), FalseAlarm: log.P(),
		Pairs: r.Pairs, ConfirmPairs: r.ConfirmPairs,
	}
}

// JSON writes the report as indented JSON with a final newline.
func (r *Report) JSON(w io.Writer) error {
	return plain.JSON(w, r)
}

// Read reads what JSON wrote, up to 256 MB, and completes it. Fields that are
// unknown, of a later version, are ignored; another schema is an error.
func Read(from io.Reader) (*Report, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxJSON+1))
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	if len(data) > maxJSON {
		return nil, fmt.Errorf("read the report: it has more than %d MB", maxJSON>>20)
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("read the report: it is not what hemilith perf -json writes: %w", err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("read the report: its schema is %d, and this program knows %d: make it anew with hemilith perf -json", r.Schema, Schema)
	}
	r.Complete()
	return &r, nil
}

// title is a benchmark's name as the go command writes it.
func title(name string, procs int) string {
	if procs > 1 {
		name += fmt.Sprintf("-%d", procs)
	}
	return plain.Line(strings.TrimSpace(name))
}
