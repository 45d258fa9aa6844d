package report

import (
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/plain"
)

// sentence tells what was found of one benchmark: which, how much, with what
// certainty, on which commit, in which function, within how many seconds.
func (r *Report) sentence(b *Benchmark) string {
	parts := r.claims(b)
	if remark := b.Instructions.remark(); remark != "" {
		parts = append(parts, remark)
	}
	if at := b.Cause.at(); at != "" {
		parts = append(parts, at)
	}
	parts = append(parts, seconds(b.Seconds))
	if doubt := b.doubt(); doubt != "" {
		parts = append(parts, doubt)
	}
	return r.name(b) + ": " + strings.Join(parts, "; ")
}

// name is a benchmark's, with its package if another has one of that name.
func (r *Report) name(b *Benchmark) string {
	name := title(b.Name, b.Procs)
	for i := range r.Benchmarks {
		if o := &r.Benchmarks[i]; o.Name == b.Name && o.Procs == b.Procs && o.Package != b.Package {
			return name + " of " + plain.Line(b.Package)
		}
	}
	return name
}

// claims are what is said of the channels: together what was found, then what is
// open, then what was accepted.
func (r *Report) claims(b *Benchmark) []string {
	var found, open, accepted []string
	within := percent(r.Confidence) + " interval "
	for i := range b.Tests {
		t := &b.Tests[i]
		switch t.state() {
		case same:
			continue
		case undecided:
			open = append(open, t.question(within))
		default:
			found = append(found, t.claim(within))
			if !t.Exact {
				within = "" // said once
			}
		}
		if words := t.acceptance(); words != "" {
			accepted = append(accepted, words)
		}
	}
	var parts []string
	if len(found) > 0 {
		parts = append(parts, strings.Join(found, ", ")+r.since(b))
	}
	return append(append(parts, open...), accepted...)
}

// since names the commit that did it, or else what it is compared with.
func (r *Report) since(b *Benchmark) string {
	if b.Culprit != nil {
		return " since " + plain.Line(b.Culprit.Short())
	}
	return " against " + plain.Line(r.Base.Short())
}

// claim says what was found.
func (t *Test) claim(within string) string {
	words := claim(t.Channel, t.Effect)
	if t.agreed() {
		return words
	}
	return words + " (" + within + interval(t.Channel, t.Interval, t.Effect) + ")"
}

// agreed tells whether all runs of a side gave the same count.
func (t *Test) agreed() bool { return t.Exact && t.Interval.Lo == t.Interval.Hi }

// within is the interval, for a picture or a table.
func (t *Test) within() string {
	if t.agreed() {
		return "exact"
	}
	return interval(t.Channel, t.Interval, 0)
}

// question says why nothing was found.
func (t *Test) question(within string) string {
	words := noun(t.Channel) + " undecided"
	switch t.Why {
	case gate.OutOfPairs:
		words += " after " + plural(t.Pairs, "pair")
	case gate.OutOfTime:
		words += " after " + plural(t.Pairs, "pair") + ", as the time was up"
	case gate.Contradicted:
		words += ", as newly linked binaries contradict what was suspected"
	case gate.Failed:
		words += ", as it could not be run to the end"
	}
	if t.Suspect != "" {
		words += ", suspected to be " + plain.Line(string(t.Suspect))
	}
	if t.Pairs == 0 {
		return words
	}
	known := interval(t.Channel, t.Interval, 0)
	if known == unbounded {
		return words + " (" + signed(t.Channel, t.Effect) + ")"
	}
	return words + " (" + signed(t.Channel, t.Effect) + ", " + within + known + ")"
}

// acceptance says what the commit message says of the test, if it was found to be
// slower: the reasons, or that they are not enough.
func (t *Test) acceptance() string {
	a := t.Acceptance
	switch {
	case a == nil || t.Verdict != gate.Slower:
		return ""
	case t.accepted():
		var reasons []string
		for _, l := range a.Trailers {
			reasons = append(reasons, plain.Line(l.Reason))
		}
		return "accepted up to " + bound(t.Channel, a.Bound) + ": " + strings.Join(reasons, ", ")
	}
	return "more than the accepted " + bound(t.Channel, a.Bound)
}

// bound writes that of an acceptance with its channel, if it is not a time.
func bound(c gate.Channel, v float64) string {
	if timed(c) {
		return signed(c, v)
	}
	return claim(c, v)
}

// doubt is the chance that what was found is a false alarm, of the claim that is
// the least certain. Counts that are exact need none.
func (b *Benchmark) doubt() string {
	most, found, exact := 0.0, false, 0
	for i := range b.Tests {
		t := &b.Tests[i]
		switch s := t.state(); {
		case s == same || s == undecided:
		case t.Exact:
			exact = max(exact, t.Pairs)
		default:
			found, most = true, max(most, t.FalseAlarm)
		}
	}
	switch {
	case found:
		return "false-alarm chance " + chance(most)
	case exact > 0:
		return "exact in " + plural(exact, "pair")
	}
	return ""
}

// creep tells a trend that ended in a finding.
func (r *Report) creep(t *Trend) string {
	if len(t.Points) < 2 || t.Verdict != gate.Slower && t.Verdict != gate.Faster {
		return ""
	}
	last := t.Points[len(t.Points)-1]
	return title(t.Name, t.Procs) + ": " + claim(t.Channel, last.Effect) + " (" + percent(r.Confidence) + " interval " +
		interval(t.Channel, last.Interval, last.Effect) + ") than " + plain.Line(t.Release) + ", over " + plural(len(t.Points), "commit") +
		t.since() + "; false-alarm chance " + chance(t.FalseAlarm)
}

// since says where a trend began, and whether it may.
func (t *Trend) since() string {
	words := ""
	if t.Since != "" {
		words = ", about since " + plain.Line(Revision{Hash: t.Since}.Short())
	}
	if t.Accepted {
		words += "; accepted"
	}
	return words
}

// at is the place of a cause, as far as it is one.
func (c *Cause) at() string {
	switch {
	case c == nil || c.File == "":
		return ""
	case !c.Sure:
		return "perhaps " + place(&c.Place)
	}
	return place(&c.Place)
}

// headline is the answer.
func (r *Report) headline() string {
	n := r.counts()
	measured := 0
	for _, k := range n {
		measured += k
	}
	switch {
	case len(r.Planned) > 0:
		return some(len(r.Planned), "benchmark") + " would be measured against " + plain.Line(r.Base.Short())
	case measured == 0 && len(r.Failed) > 0:
		return "nothing could be measured"
	case measured == 0 && len(r.Trends) > 0:
		return r.crept()
	case measured == 0:
		return "nothing to measure: no benchmark reaches code that differs from " + plain.Line(r.Base.Short())
	}
	words := some(n[slower], "benchmark") + is(n[slower]) + " " + r.worse(slower) + " than " + plain.Line(r.Base.Short())
	for _, more := range []struct {
		n    int
		what string
	}{{n[hungrier], "needs more memory"}, {n[accepted], "is " + r.worse(accepted) + " and accepted"}, {n[faster], "is " + r.worse(faster)}, {n[undecided], "is undecided"}, {len(r.Failed), "could not be measured"}} {
		if more.n > 0 {
			words += ", " + number(more.n) + " " + agree(more.n, more.what)
		}
	}
	return words
}

// crept is the answer where only what was recorded is told.
func (r *Report) crept() string {
	slow := 0
	for i := range r.Trends {
		if r.Trends[i].state() == slower {
			slow++
		}
	}
	if slow == 0 {
		return "nothing has become slower than " + plain.Line(r.Trends[0].Release) + ", by what is recorded of " + plural(len(r.Trends), "channel")
	}
	return number(slow) + " of " + plural(len(r.Trends), "channel") + is(slow) + " slower than " + plain.Line(r.Trends[0].Release) + ", by what is recorded"
}

// worse says what the benchmarks of a state are: "slower", "hungrier" if only
// counts show it, "slower or hungrier" if there are some of both.
func (r *Report) worse(s state) string {
	const order = "slower hungrier faster leaner"
	var words []string
	for i := range r.Benchmarks {
		if b := &r.Benchmarks[i]; b.state() == s && !slices.Contains(words, b.word()) {
			words = append(words, b.word())
		}
	}
	if len(words) == 0 {
		return slower.class()
	}
	slices.SortFunc(words, func(a, b string) int { return strings.Index(order, a) - strings.Index(order, b) })
	return strings.Join(words, " or ")
}

// word is what a benchmark is, by the tests that make its state.
func (b *Benchmark) word() string {
	s, time := b.state(), false
	for i := range b.Tests {
		time = time || b.Tests[i].state() == s && timed(b.Tests[i].Channel)
	}
	switch {
	case s == faster && !time:
		return "leaner"
	case s == accepted && time:
		return "slower"
	case (s == slower || s == accepted) && !time:
		return "hungrier"
	case s == hungrier:
		return "more memory"
	}
	return s.class()
}

// counts says how many benchmarks are in each state.
func (r *Report) counts() [states]int {
	var n [states]int
	for i := range r.Benchmarks {
		n[r.Benchmarks[i].state()]++
	}
	return n
}

func is(n int) string {
	if n > 1 {
		return " are"
	}
	return " is"
}

// agree makes a verb agree with a number.
func agree(n int, words string) string {
	if n == 1 {
		return words
	}
	return strings.NewReplacer("is ", "are ", "needs ", "need ").Replace(words)
}
