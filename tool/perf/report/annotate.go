package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/hemilith/hemilith/tool/plain"
)

// GitHub writes the findings as workflow commands, which GitHub Actions shows at
// the line: what fails as an error; more memory, and what is undecided or could
// not be measured, as a warning; what is faster or accepted, or the same with more
// instructions, as a notice. Of each
// kind it shows ten, so what matters most comes first. See "Workflow commands for
// GitHub Actions"; what is escaped, and how, is in command.ts of actions/toolkit.
func (r *Report) GitHub(w io.Writer) error {
	var b strings.Builder
	for _, f := range r.annotations() {
		at := ""
		if f.place != nil {
			at = "file=" + property(f.place.File) + ","
			if f.place.Line > 0 {
				at += fmt.Sprintf("line=%d,", f.place.Line)
			}
		}
		fmt.Fprintf(&b, "::%s %stitle=%s::%s\n", f.level(), at, property("hemilith perf: "+f.title), data(f.text))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// data escapes the message of a workflow command.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes a property of a workflow command.
func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// GitLab writes the findings as a code quality report: a JSON list, empty if there
// is nothing to say. See "Code Quality report format" in GitLab's manual.
func (r *Report) GitLab(w io.Writer) error {
	type lines struct {
		Begin int `json:"begin"`
	}
	type location struct {
		Path  string `json:"path"`
		Lines lines  `json:"lines"`
	}
	type violation struct {
		Description string   `json:"description"`
		CheckName   string   `json:"check_name"`
		Fingerprint string   `json:"fingerprint"`
		Severity    string   `json:"severity"`
		Location    location `json:"location"`
	}
	all := []violation{}
	for _, f := range r.annotations() {
		// The format has no violation without place.
		at := location{"go.mod", lines{1}}
		if f.place != nil {
			at = location{f.place.File, lines{max(1, f.place.Line)}}
		}
		all = append(all, violation{f.text, "hemilith-perf/" + strings.ReplaceAll(f.title, " ", "-"), f.fingerprint(r.Base.Hash), f.severity(), at})
	}
	return plain.JSON(w, all)
}

// annotation is one thing to show at a line.
type annotation struct {
	state state  // states for what could not be measured
	title string // in a word or two
	key   string // what it is about, the same in each run
	text  string
	place *Place // nil if no line is known
}

// annotations are what there is to say, in the order of the report.
func (r *Report) annotations() []annotation {
	var out []annotation
	for i := range r.Benchmarks {
		b := &r.Benchmarks[i]
		if s := b.state(); s != same {
			out = append(out, annotation{s, b.label(), fmt.Sprintf("%s %s %d", b.Package, b.Name, b.Procs), r.sentence(b), b.located()})
		}
	}
	for _, b := range r.onlyCounted() {
		if b.Instructions.Verdict == More {
			out = append(out, annotation{same, "more instructions", fmt.Sprintf("%s %s %d", b.Package, b.Name, b.Procs), r.name(b) + ": " + b.Instructions.claim() + "; " + plain.Line(b.Instructions.Counter), b.located()})
		}
	}
	for _, u := range r.Failed {
		out = append(out, annotation{states, "not measured", u.Package + " " + u.Name, plain.Line(u.name() + ": " + u.Why), nil})
	}
	return out
}

// label is the state of a benchmark in a word or two.
func (b *Benchmark) label() string {
	if b.state() == accepted {
		return b.word() + " and accepted"
	}
	return b.word()
}

// located is where to show what was found: at the cause, or else at the benchmark.
func (b *Benchmark) located() *Place {
	switch {
	case b.Cause != nil && b.Cause.File != "":
		return &b.Cause.Place
	case b.Declared != nil && b.Declared.File != "":
		return b.Declared
	}
	return nil
}

func (a *annotation) level() string {
	switch a.state {
	case slower:
		return "error"
	case accepted, faster, same:
		return "notice"
	}
	return "warning"
}

func (a *annotation) severity() string {
	switch a.state {
	case slower:
		return "major"
	case hungrier:
		return "minor"
	}
	return "info"
}

// fingerprint is the same for another run against the same base, and another one
// against another base: slower once more is news.
func (a *annotation) fingerprint(base string) string {
	sum := sha256.Sum256([]byte(a.title + "\x00" + a.key + "\x00" + base))
	return hex.EncodeToString(sum[:16])
}
