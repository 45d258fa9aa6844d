package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/plain"
)

// Bisection is how the commit was found that made a benchmark slower.
type Bisection struct {
	Package string       `json:"package"`
	Name    string       `json:"name"`
	Procs   int          `json:"procs"`
	Channel gate.Channel `json:"channel"`
	// Commits is how many there were to choose from.
	Commits int `json:"commits"`
	// First and Last are the commits, both included, of which one did it: they are
	// equal if it is known which. Probability is that of the range, if one commit
	// alone did it; Why says why the search ended so.
	First       Revision `json:"first"`
	Last        Revision `json:"last"`
	Probability float64  `json:"probability"`
	Why         string   `json:"why"`
	// Skipped are the full hashes of those in the range that could not be judged.
	Skipped []string `json:"skipped"`
	// Steps are the comparisons that were made, in order.
	Steps []Step `json:"steps"`
}

// Step is one comparison of a bisection.
type Step struct {
	// Number is the commit's place among all of them, from 1; base's is 0.
	Number  int      `json:"number"`
	Commit  Revision `json:"commit"`
	Against Revision `json:"against"`
	// Base is true if that is the base of them all.
	Base bool `json:"base"`
	// Verdict is slower, same, undecided or broken: then Why says why it could not
	// be measured.
	Verdict string `json:"verdict"`
	Why     string `json:"why"`
	// Effect and Interval are those of Test, 0 and open if no pair was run.
	Effect   float64         `json:"effect"`
	Interval evalue.Interval `json:"interval"`
	Pairs    int             `json:"pairs"`
	Seconds  float64         `json:"seconds"`
}

// Reason is why a commit could not be measured, or need not be: a line.
func (s *Step) Reason() string {
	why, _, _ := strings.Cut(s.Why, "\n")
	return strings.TrimSuffix(why, ":")
}

// found is whether it is known which commit did it.
func (b *Bisection) found() bool { return b.First.Hash == b.Last.Hash }

// Answer is what a bisection found, in words.
func (b *Bisection) Answer() string {
	of := title(b.Name, b.Procs)
	what := noun(b.Channel)
	tried := plural(len(b.Steps), "comparison") + " among " + plural(b.Commits, "commit")
	if b.found() {
		words := named(b.First) + " is the commit since which " + of + " needs more " + what
		if b.Why != "found" {
			words += " (not sure: " + plain.Line(b.Why) + ")"
		}
		return words + ", by " + tried
	}
	return of + " needs more " + what + " since one of the commits from " + named(b.First) + " to " + named(b.Last) +
		" (" + percent(b.Probability) + " sure): " + plain.Line(b.Why) + "; by " + tried
}

// named is a revision with its subject.
func named(v Revision) string {
	if v.Subject == "" {
		return plain.Line(v.Short())
	}
	return plain.Line(v.Short()) + " (" + plain.Line(v.Subject) + ")"
}

// Chart draws the commits that were compared with base, in their order.
func (b *Bisection) Chart() string {
	t := Trend{Name: b.Name, Procs: b.Procs, Channel: b.Channel, Verdict: gate.Slower}
	var steps []*Step
	for i := range b.Steps {
		if s := &b.Steps[i]; s.Pairs > 0 && s.Base {
			steps = append(steps, s)
			t.Release = s.Against.Short()
		}
	}
	slices.SortStableFunc(steps, func(a, c *Step) int { return cmp.Compare(a.Number, c.Number) })
	for _, s := range steps {
		t.Points = append(t.Points, Point{Hash: s.Commit.Hash, Subject: s.Commit.Subject, Effect: s.Effect, Interval: s.Interval})
	}
	return t.chart()
}

// bisection tells what was found, and each comparison.
func (t *teller) bisection() {
	b := t.r.Bisection
	if b == nil {
		return
	}
	t.title(bold, "the commit")
	t.say("  ", b.Answer())
	for i := range b.Steps {
		t.say("    ", b.step(&b.Steps[i]))
	}
}

// step is one comparison in words.
func (b *Bisection) step(s *Step) string {
	words := plain.Line(s.Commit.Short()) + " against " + plain.Line(s.Against.Short()) + ": " + plain.Line(s.Verdict)
	if s.Pairs > 0 {
		words += " (" + signed(b.Channel, s.Effect) + ", " + interval(b.Channel, s.Interval, 0) + ", " + plural(s.Pairs, "pair") + ")"
	}
	if why := s.Reason(); why != "" {
		words += ": " + plain.Line(why)
	}
	return words + ", " + seconds(s.Seconds)
}
