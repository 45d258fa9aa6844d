// Package history keeps the results of runs where a team shares them, and tells
// what many runs say together that none says alone.
//
// A [Run] is a line of JSON in the git note of the commit that was judged, under
// [Ref] (docs/adr/0011 says why). Notes are no branch and no file of the worktree:
// neither is touched. [Creep] and [Trend] are pure functions of the runs.
package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/accept"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

// Schema is the version of lines that this package writes. It reads the same and
// older ones. Fields may be added without a new version.
const Schema = 1

// Bounds of a run.
const (
	maxLine    = 4 << 20 // bytes
	maxResults = 10_000
)

// Machine is what must be equal for runs to be about the same thing: compilers
// and processors turn regressions into gains. All fields are needed.
type Machine struct {
	Toolchain string `json:"toolchain"` // as "go1.26.8"
	OS        string `json:"goos"`
	Arch      string `json:"goarch"`
	CPU       string `json:"cpu"`   // model
	Cores     int    `json:"cores"` // logical processors
}

// Run is a comparison of head with base. Equal runs are one.
type Run struct {
	Schema  int       `json:"schema"` // set by Append
	Time    time.Time `json:"time"`   // of the start
	Base    string    `json:"base"`   // full hash
	Head    string    `json:"head"`   // full hash, of a commit without changes on top
	Machine Machine   `json:"machine"`
	Results []Result  `json:"results"`
}

// Result is what a run says of one channel of one benchmark: the part of
// gate.Result that stays of interest.
type Result struct {
	accept.Bench
	Channel  gate.Channel    `json:"channel"`
	Verdict  gate.Verdict    `json:"verdict"`
	Why      gate.Reason     `json:"why,omitempty"`
	Effect   float64         `json:"effect"`
	Interval evalue.Interval `json:"interval"`
	Accepted bool            `json:"accepted,omitempty"` // commit messages accept that it is slower
	// Slower is the search for a slowdown, and Confirm what confirmed a suspicion of
	// one; it is nil without.
	Slower  evalue.SignTest  `json:"slower"`
	Confirm *evalue.SignTest `json:"confirm,omitempty"`
}

// Of returns what is kept of r, and false if r was not measured at all.
func Of(b accept.Bench, r gate.Result, accepted bool) (Result, bool) {
	kept := Result{
		Bench: b, Channel: r.Channel, Verdict: r.Verdict, Why: r.Why,
		Effect: r.Effect, Interval: r.Interval, Accepted: accepted, Slower: r.Slower,
	}
	if r.Suspect == gate.Slower {
		kept.Confirm = &r.Confirm
	}
	return kept, r.Pairs > 0
}

// log is the e-value of "slower by more than the bound". Search and confirmation
// multiply: the second was measured after the first had ended.
func (r Result) log() evalue.Log {
	if r.Confirm == nil {
		return r.Slower.Log()
	}
	return evalue.Product(r.Slower.Log(), r.Confirm.Log())
}

var hash = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// check returns what is wrong with a run.
func (r *Run) check() error {
	m := r.Machine
	switch {
	case r.Schema > Schema:
		return fmt.Errorf("schema %d is of a later hemilith, this one reads up to %d: update it", r.Schema, Schema)
	case r.Schema < 1:
		return errors.New("no schema")
	case r.Time.IsZero():
		return errors.New("no time")
	case !hash.MatchString(r.Base):
		return fmt.Errorf("base %q is no full hash of a commit", clip(r.Base))
	case !hash.MatchString(r.Head):
		return fmt.Errorf("head %q is no full hash of a commit", clip(r.Head))
	case m.Toolchain == "" || m.OS == "" || m.Arch == "" || m.CPU == "" || m.Cores < 1:
		return errors.New("the machine is not fully named: toolchain, goos, goarch, cpu and cores are needed")
	case len(r.Results) > maxResults:
		return fmt.Errorf("%d results, more than %d", len(r.Results), maxResults)
	}
	type test struct {
		accept.Bench
		gate.Channel
	}
	seen := make(map[test]bool)
	for _, x := range r.Results {
		if seen[test{x.Bench, x.Channel}] { // would count twice
			return fmt.Errorf("two results of %s (%s)", clip(x.Name), clip(string(x.Channel)))
		}
		seen[test{x.Bench, x.Channel}] = true
		if x.Package == "" || x.Name == "" || x.Procs < 1 || x.Channel == "" || x.Slower.Null != evalue.AtMost {
			return fmt.Errorf("the result of %q (%s) is not complete", clip(x.Name), clip(string(x.Channel)))
		}
	}
	return nil
}

func clip(s string) string { return s[:min(len(s), 100)] }

// line writes a run, without newline.
func line(r Run) (string, error) {
	r.Schema = Schema
	r.Time = r.Time.UTC()
	if err := r.check(); err != nil {
		return "", err
	}
	out, err := json.Marshal(r)
	if err == nil && len(out) > maxLine {
		err = fmt.Errorf("%d bytes, more than %d", len(out), maxLine)
	}
	return string(out), err
}

// parse reads what line wrote, and ignores fields that it does not know.
func parse(text string) (Run, error) {
	if len(text) > maxLine {
		return Run{}, fmt.Errorf("%d bytes, more than %d", len(text), maxLine)
	}
	var r Run
	err := json.Unmarshal([]byte(text), &r)
	if err != nil { // in a later schema, nothing but its number need be as here
		var later Run
		if json.Unmarshal([]byte(text), &struct{ Schema *int }{&later.Schema}) == nil && later.Schema > Schema {
			err = later.check()
		}
		return Run{}, err
	}
	return r, r.check()
}
