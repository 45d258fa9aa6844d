// Package judge decides whether a cut that was found is worth making. It runs
// the tests of the stop rule, each with its number and its limit, and writes the
// verdict in plain words. That a program makes sense as a single piece is a
// normal answer.
package judge

import (
	"fmt"
	"math"

	"github.com/hemilith/hemilith/tool/seam/report"
)

// Case is what is known of a program and the best cut of it.
type Case struct {
	Mains   int // main packages
	Serving int // entry points that outlive one run: handlers, loops, consumers
	Groups  int // clusters of entry points
	// Programs is 1 if one main reaches most of both halves; else how many programs
	// of their own these are already, 0 if that is not known.
	Programs int
	// Seam is the best cut, or nil if nothing divides the program.
	Seam  *report.Seam
	Given bool // the user named the line
	// Share is the smaller half's part of the stateful lines in one half alone, and
	// Together the part of it that is joined.
	Share, Together float64
	// Weight is the part of all joining weight that crosses.
	Weight float64
	// Ratio compares with chance; negative if that was not done.
	Ratio float64
	// Stability is the agreement of restarts; negative if unknown.
	Stability float64
	// Team is the number of people who changed it in the last twelve months more
	// than now and then; negative if unknown.
	Team int
	// History is true if Seam.People rests on enough commits to judge by.
	History bool
}

// Verdict is the outcome.
type Verdict struct {
	Verdict string
	Weak    bool
	Reasons []string
	Weakest string
	Tests   []report.Test
}

// Judge runs all tests that the case has numbers for.
func Judge(c Case, l Limits) Verdict {
	j := &judge{c: c, l: l}
	if v, done := j.early(); done {
		return v
	}
	j.entries()
	j.size()
	j.chance()
	j.stability()
	j.together()
	j.crossings()
	j.people()
	return j.verdict()
}

type judge struct {
	c     Case
	l     Limits
	tests []report.Test
	slack []float64 // by test: how far from its limit, 0 is on it
}

// early answers where there is nothing to test.
func (j *judge) early() (Verdict, bool) {
	none := func(verdict, why string) (Verdict, bool) {
		return Verdict{Verdict: verdict, Reasons: []string{why}, Weakest: why, Tests: []report.Test{}}, true
	}
	const minServing = 2
	switch c := j.c; {
	case c.Given && c.Seam != nil:
		return Verdict{}, false
	case c.Mains == 0:
		return none(report.VerdictUnknown, "there is no main package here: a library runs in its users' processes, so there is no process to cut")
	case c.Serving == 0:
		return none(report.VerdictNone, "no entry point serves requests or waits in a loop: a program that runs once and ends makes sense as a single piece")
	case c.Serving < minServing:
		return none(report.VerdictNone, "one entry point serves: there is nothing to divide between two processes, so it makes sense as a single piece")
	case c.Groups < 2:
		return none(report.VerdictNone, "all entry points use the same state: they are one group, so the program makes sense as a single piece")
	case c.Seam == nil:
		return none(report.VerdictNone, fmt.Sprintf("no line leaves each half %.0f %% of the code that holds state and an entry point of its own: the program makes sense as a single piece", 100*j.l.Share))
	}
	return Verdict{}, false
}

// test notes one condition. up is true if the value must be at least the limit.
func (j *judge) test(name string, value, limit float64, up bool, unit, text string) {
	slack := limit - value
	if up {
		slack = value - limit
	}
	if limit > 1 {
		slack /= limit
	}
	if unit == "" && slack >= 0 {
		slack = math.Inf(1) // yes or no: not near to anything
	}
	j.tests = append(j.tests, report.Test{Name: name, Value: value, Limit: limit, Unit: unit, OK: slack >= 0, Text: text})
	j.slack = append(j.slack, slack)
}

func (j *judge) advise(name string, value, limit float64, ok bool, unit, text string) {
	j.tests = append(j.tests, report.Test{Name: name, Value: value, Limit: limit, Unit: unit, OK: ok, Text: text, Advice: true})
	j.slack = append(j.slack, 0)
}

func (j *judge) entries() {
	s := j.c.Seam
	least := min(s.A.Entries, s.B.Entries)
	j.test(testEntries, float64(least), 1, true, "",
		fmt.Sprintf("half a has %s, half b %s; a half without one is a layer, not a service", count(s.A.Entries, "entry point"), count(s.B.Entries, "entry point")))
	programs := float64(j.c.Programs)
	if j.c.Programs == 0 {
		programs = 2 // at the least: one does not have most of both
	}
	j.test(testPrograms, programs, 1, false, "", oneProgram(j.c.Programs))
}

func oneProgram(n int) string {
	switch n {
	case 0:
		return "no program reaches most of both halves"
	case 1:
		return "one program reaches most of both halves"
	}
	return fmt.Sprintf("no program reaches most of both halves: they are %d programs already", n)
}

func (j *judge) size() {
	j.test(testShare, 100*j.c.Share, 100*j.l.Share, true, "% of lines with state",
		fmt.Sprintf("the smaller half owns %.0f %% of the lines with state that are in one half alone; at least %.0f %%", 100*j.c.Share, 100*j.l.Share))
}

func (j *judge) chance() {
	if j.c.Ratio < 0 {
		return
	}
	text := fmt.Sprintf("the line's score is %.2f of the best that chance finds, in the same program rewired at random; at most %.2f", j.c.Ratio, j.l.Chance)
	if j.c.Ratio > j.l.Chance {
		text = "chance does as well, or almost: " + text
	}
	j.test(testChance, j.c.Ratio, j.l.Chance, false, "of a rewired program's", text)
}

func (j *judge) stability() {
	if j.c.Stability < 0 {
		return
	}
	j.test(testStability, j.c.Stability, j.l.Stability, true, "agreement",
		fmt.Sprintf("independent searches agree by %.2f (1 is the same line); at least %.2f", j.c.Stability, j.l.Stability))
}

func (j *judge) together() {
	j.test(testTogether, 100*j.c.Together, 100*j.l.Together, true, "% joined",
		fmt.Sprintf("%.0f %% of the smaller half is joined by more than what both halves link; at least %.0f %%", 100*j.c.Together, 100*j.l.Together))
}

func (j *judge) crossings() {
	s := j.c.Seam
	hard := 0
	for _, x := range s.Crossings {
		if x.Remotable == "B" || x.InTx {
			hard++
		}
	}
	all := len(s.Crossings)
	allowed := max(float64(j.l.Few), j.l.Blocked*float64(all))
	j.test(testBlocked, float64(hard), allowed, false, "crossings",
		fmt.Sprintf("%s, %d blocked or in a transaction; at most %.0f", count(all, "crossing"), hard, allowed))
	j.test(testWeight, 100*j.c.Weight, 100*j.l.Weight, false, "% of weight",
		fmt.Sprintf("%.1f %% of all that joins code with state crosses the line; at most %.0f %%", 100*j.c.Weight, 100*j.l.Weight))
}

func (j *judge) people() {
	s := j.c.Seam
	if j.c.History && s.People != nil {
		j.test(testPeople, 100*s.People.SavingLow, 0, true, "% saved",
			fmt.Sprintf("people %s, the mean of pairs who need not talk any more and of changes that stay in one half; at worst, in 19 of 20 resampled histories, they %s", gain(s.People.Saving), gain(s.People.SavingLow)))
	}
	if j.c.Team >= 0 {
		ok := j.c.Team > j.l.Team
		text := fmt.Sprintf("%s: more than one team of %d", keepers(j.c.Team), j.l.Team)
		switch {
		case j.c.Team == 0:
			text = keepers(0) + ": people give no reason to cut"
		case !ok:
			text = fmt.Sprintf("%s: one team of up to %d can hold it, so people give no reason to cut", keepers(j.c.Team), j.l.Team)
		}
		j.advise(testTeam, float64(j.c.Team), float64(j.l.Team), ok, "people", text)
	}
}

// keepers says how many people keep changing a program.
func keepers(n int) string {
	switch n {
	case 0:
		return "nobody changed it regularly in 12 months"
	case 1:
		return "1 person keeps changing it"
	}
	return fmt.Sprintf("%d people keep changing it", n)
}

// gain says what becomes of lines of communication.
func gain(saving float64) string {
	switch percent := fmt.Sprintf("%.1f %%", math.Abs(100*saving)); {
	case percent == "0.0 %":
		return "gain nothing"
	case saving < 0:
		return "lose " + percent
	default:
		return "gain " + percent
	}
}

// verdict sums up: the failed tests are the reasons to refuse; else the reasons
// are what the cut gives.
func (j *judge) verdict() Verdict {
	v := Verdict{Verdict: report.VerdictCut, Tests: j.tests, Weakest: j.weakest()}
	for _, t := range j.tests {
		if !t.OK && !t.Advice {
			v.Reasons = append(v.Reasons, t.Text)
		}
	}
	switch {
	case j.c.Given:
		v.Verdict = report.VerdictGiven
		v.Reasons = append([]string{"the line is the one that you named; no other was searched for"}, v.Reasons...)
	case len(v.Reasons) > 0:
		v.Verdict = report.VerdictNone
	default:
		v.Weak = j.c.Ratio > j.l.Weak
		v.Reasons = j.because(v.Weak)
	}
	return v
}

func (j *judge) because(weak bool) []string {
	s := j.c.Seam
	reasons := []string{fmt.Sprintf("%s on one side, %s on the other: %s and %s between them, and %.1f %% of all that joins code with state",
		s.A.Name, s.B.Name, count(len(s.Crossings), "crossing"), count(len(s.Tables), "shared table"), 100*j.c.Weight)}
	if weak {
		reasons = append(reasons, fmt.Sprintf("weak: its score is %.2f of the best that chance finds, and from %.2f on a line is not advised", j.c.Ratio, j.l.Weak))
	}
	for _, t := range j.tests {
		if t.Advice && !t.OK {
			reasons = append(reasons, t.Text)
		}
	}
	return reasons
}

// weakest is the sentence of the test that is nearest to its limit, or furthest
// over it.
func (j *judge) weakest() string {
	at := -1
	for i := range j.tests {
		if !j.tests[i].Advice && (at < 0 || j.slack[i] < j.slack[at]) {
			at = i
		}
	}
	if at < 0 {
		return ""
	}
	return j.tests[at].Text
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
