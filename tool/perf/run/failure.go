package run

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind is why a benchmark has no measurement.
type Kind string

// The kinds of failure.
const (
	Fails    Kind = "fails"                                                      // b.Fatal, b.Error
	Panics   Kind = "panics"                                                     // or the runtime ends it
	Skips    Kind = "skips itself"                                               // b.Skip
	Exits    Kind = "ends its process before it has a result"                    // os.Exit, a signal
	Absent   Kind = "is not in the binary, or runs only under other conditions"  // nothing matched
	Late     Kind = "does not end in time"                                       // and was killed
	ChangesN Kind = "changes b.N, so that its two sides do different work"       //
	Nothing  Kind = "takes no time that can be measured"                         //
	Odd      Kind = "has a result that cannot be read"                           //
	TooMany  Kind = "has more sub-benchmarks than are measured: name some of it" //
)

// Failure is a benchmark that cannot be measured.
type Failure struct {
	Bench string
	Kind  Kind
	// Detail is the benchmark's own words, or numbers, or "".
	Detail string
}

// Error names the benchmark and the kind, and gives the detail below.
func (f *Failure) Error() string {
	s := f.Bench + " " + string(f.Kind)
	if f.Detail == "" {
		return s
	}
	return s + ":" + indented(f.Detail)
}

// SideError is what went wrong on one side of a comparison.
type SideError struct {
	// Side is base or head.
	Side string
	Err  error
}

// Error names the side first.
func (e *SideError) Error() string { return e.Side + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *SideError) Unwrap() error { return e.Err }

// maxErrorLines is how much of a benchmark's words is shown.
const maxErrorLines = 12

func indented(text string) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	if more := len(lines) - maxErrorLines; more > 0 {
		lines = append(lines[:maxErrorLines], fmt.Sprintf("(%d more lines)", more))
	}
	for i, l := range lines {
		lines[i] = "\n\t" + strings.TrimSpace(l)
	}
	return strings.Join(lines, "")
}

// failure says why there is no result of a benchmark.
func (o *outcome) failure(name string, limit time.Duration) error {
	if o.late {
		return &Failure{name, Late, fmt.Sprintf("killed after %v; -timeout gives a run more", limit)}
	}
	for _, said := range []string{o.stderr, o.stdout} {
		for _, start := range []string{"panic: ", "fatal error: ", "SIG"} {
			if at := lineStart(said, start); at >= 0 && o.err != nil {
				words, _, _ := strings.Cut(said[at:], "\n\ngoroutine ")
				words, _, _ = strings.Cut(words, "\n\nruntime stack:")
				return &Failure{name, Panics, hinted(words)}
			}
		}
	}
	if _, words, ok := strings.Cut(o.stdout, "--- FAIL: "+name+"\n"); ok {
		return &Failure{name, Fails, hinted(paragraph(words))}
	}
	if _, words, ok := strings.Cut(o.stdout, "--- FAIL: "); ok {
		return &Failure{name, Fails, hinted(paragraph(words))}
	}
	if o.err != nil {
		return &Failure{name, Exits, strings.TrimSpace(o.err.Error() + "\n" + o.stderr)}
	}
	return &Failure{name, Absent, ""}
}

// hinted returns a benchmark's words, and what they may come from.
func hinted(words string) string {
	if strings.Contains(words, "no such file or directory") {
		return words + "\n(it runs in a copy of its commit, without files that git ignores)"
	}
	return words
}

// failed returns the benchmarks that say that they fail. One that has
// sub-benchmarks fails with them and is not named.
func (o *outcome) failed() []string {
	var names []string
	for _, part := range strings.Split(o.stdout, "--- FAIL: ")[1:] {
		name, _, _ := strings.Cut(part, "\n")
		name = strings.TrimSpace(name)
		sub := func(other string) bool { return strings.HasPrefix(other, name+"/") }
		if !slices.Contains(names, name) && !slices.ContainsFunc(names, sub) {
			names = append(names, name)
		}
	}
	return names
}

// skipReason returns the words of a benchmark that skips itself.
func (o *outcome) skipReason(name string) string {
	_, words, _ := strings.Cut(o.results, "--- SKIP: "+name+"\t")
	return paragraph(words)
}

// paragraph returns the lines at the start of text that are indented, as package
// testing writes what a benchmark logs.
func paragraph(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "    ") {
			break
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

// lineStart returns where a line of text starts with what, or -1.
func lineStart(text, what string) int {
	if strings.HasPrefix(text, what) {
		return 0
	}
	if i := strings.Index(text, "\n"+what); i >= 0 {
		return i + 1
	}
	return -1
}
