// Package when says which signs there are that one program no longer works for
// those who work on it. Each sign is a plain measure beside a limit that is
// shown and can be set. A sign that was not measured is not known, which is
// neither good nor bad.
//
// It reads no files but the output of go test, no clock, and knows nothing of
// git or of Go programs: the measures come from elsewhere.
package when

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Thresholds are the limits of the signs. The zero value of a field is its
// default. Where no source is given the default is a judgement.
type Thresholds struct {
	// Team is the highest number of people that one service bears. Default 12: "a
	// dozen people per service" is what practitioners' essays say; 12 people are 66
	// pairs, 24 are 276.
	Team int
	// Crowd is from how many people in a month on a file is crowded, default 5: ten
	// pairs over one file.
	Crowd int
	// CrowdedFiles is the highest number of crowded files in a usual month, default
	// 2: one or two are lists that everybody adds to.
	CrowdedFiles float64
	// Conflicts is the highest number of merges mended by hand out of 100, default
	// 16: what Brun et al., "Proactive Detection of Collaboration Conflicts"
	// (ESEC/FSE 2011), found in nine open source projects, as recalled.
	Conflicts float64
	// Lines and Packages are the highest size, without tests and generated code.
	// Defaults 250,000 lines and 500 packages.
	Lines, Packages int
	// TestTime is the longest time from the start of the first package's tests to
	// the end of the last one's. Default 10 minutes: the "ten-minute build" of Beck, Extreme
	// Programming Explained (2nd edition, 2004).
	TestTime time.Duration
}

// OrDefaults returns t with its zero fields filled in.
func (t Thresholds) OrDefaults() Thresholds {
	t.Team = cmp.Or(t.Team, 12)
	t.Crowd = cmp.Or(t.Crowd, 5)
	t.CrowdedFiles = cmp.Or(t.CrowdedFiles, 2)
	t.Conflicts = cmp.Or(t.Conflicts, 16)
	t.Lines = cmp.Or(t.Lines, 250_000)
	t.Packages = cmp.Or(t.Packages, 500)
	t.TestTime = cmp.Or(t.TestTime, 10*time.Minute)
	return t
}

// Measures are what is known of a program. What is not known is nil.
type Measures struct {
	People *People
	Merges *Merges
	Size   *Size
	Tests  *Tests
}

// People are measures of twelve months.
type People struct {
	// Team is the number of people who changed the program more than now and then,
	// Passing that of the others.
	Team, Passing int
	// Months is in how many of the months anything was changed.
	Months int
	// CrowdedFiles is the median, over those months, of the files that at least
	// Thresholds.Crowd people changed.
	CrowdedFiles float64
	// Most is the highest number of people who changed one file in one month, and
	// File that file.
	Most int
	File string
}

// Merges counts merges that were looked at, and those mended by hand.
type Merges struct {
	Looked, Mended int
}

// Size is without tests and generated code.
type Size struct {
	Lines, Packages int
}

// Sign is one measure beside its limit.
type Sign struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Limit float64 `json:"limit"`
	// Over is true if Value is above Limit: the sign is there.
	Over bool `json:"over"`
	// Known is false if this was not measured; Value and Over are then zero.
	Known bool `json:"known"`
	// Text says it in one plain sentence; for what is not known, how to know it.
	Text string `json:"text"`
}

// minMerges is how many merges a share of them needs.
const minMerges = 20

// Signs returns all signs, known or not, always in the same order.
func Signs(m Measures, t Thresholds) []Sign {
	t = t.OrDefaults()
	team := Sign{Name: "people", Unit: "people in 12 months", Limit: float64(t.Team)}
	crowd := Sign{Name: "people in the same files", Unit: "files that " + changers(t.Crowd) + " in a month", Limit: t.CrowdedFiles}
	merges := Sign{Name: "merge conflicts", Unit: "of 100 merges", Limit: t.Conflicts}
	lines := Sign{Name: "lines", Unit: "lines", Limit: float64(t.Lines)}
	packages := Sign{Name: "packages", Unit: "packages", Limit: float64(t.Packages)}
	tests := Sign{Name: "test time", Unit: "seconds", Limit: t.TestTime.Seconds()}
	people(&team, &crowd, m.People, t)
	conflicts(&merges, m.Merges)
	if s := m.Size; s != nil {
		lines.is(float64(s.Lines), "The program has %s lines, without tests and generated code; the limit is %s.", number(s.Lines), number(t.Lines))
		packages.is(float64(s.Packages), "The program has %s; the limit is %s.", count(s.Packages, "package", "packages"), number(t.Packages))
	} else {
		lines.unknown("The size is not known.")
		packages.unknown("The number of packages is not known.")
	}
	testTime(&tests, m.Tests, t)
	return []Sign{team, crowd, merges, lines, packages, tests}
}

func (s *Sign) is(value float64, text string, args ...any) {
	s.Known, s.Value, s.Over, s.Text = true, value, value > s.Limit, fmt.Sprintf(text, args...)
}

func (s *Sign) unknown(text string, args ...any) { s.Text = fmt.Sprintf(text, args...) }

func people(team, crowd *Sign, p *People, t Thresholds) {
	if p == nil {
		team.unknown("How many people change it is not known: there is no history.")
		crowd.unknown("Who changes the same files is not known: there is no history.")
		return
	}
	team.is(float64(p.Team), "%s changed it regularly in 12 months%s, and %s passed by. About %d to a service is what works: %s.",
		anybody(p.Team, "Nobody"), among(p.Team), anybody(p.Passing, "nobody"), t.Team, pairs(t.Team))
	if p.Months == 0 {
		crowd.unknown("Who changes the same files is not known: nothing was changed in 12 months.")
		return
	}
	crowd.is(p.CrowdedFiles, "In a usual month, %s changed by %s or more; the limit is %s. The most in one file: %s%s.",
		files(p.CrowdedFiles), count(t.Crowd, "person", "people"), decimal(t.CrowdedFiles), anybody(p.Most, "nobody"), in(p.File))
}

// changers names people with what they do.
func changers(n int) string {
	if n == 1 {
		return "1 person changes"
	}
	return number(n) + " people change"
}

func anybody(n int, nobody string) string {
	if n == 0 {
		return nobody
	}
	return count(n, "person", "people")
}

// among says how many pairs n people are, if any.
func among(n int) string {
	if n < 2 {
		return ""
	}
	return " (" + pairs(n) + ")"
}

func in(file string) string {
	if file == "" {
		return ""
	}
	return ", in " + file
}

func files(n float64) string {
	switch n {
	case 0:
		return "no file is"
	case 1:
		return "1 file is"
	}
	return decimal(n) + " files are"
}

func conflicts(s *Sign, m *Merges) {
	switch {
	case m == nil:
		s.unknown("How often merges conflict is not known: there is no history.")
	case m.Looked < minMerges:
		s.unknown("How often merges conflict is not known: history has %s, and %d are needed. Who rebases or squashes leaves no trace of conflicts.", merged(m.Looked), minMerges)
	default:
		s.is(100*float64(m.Mended)/float64(m.Looked), "Of the last %d merges, %s mended by hand; the limit is %s of 100.", m.Looked, mended(m.Mended), decimal(s.Limit))
	}
}

func merged(n int) string {
	if n == 0 {
		return "no merges"
	}
	return count(n, "merge", "merges")
}

func mended(n int) string {
	switch n {
	case 0:
		return "none was"
	case 1:
		return "1 was"
	}
	return number(n) + " were"
}

func testTime(s *Sign, r *Tests, t Thresholds) {
	const how = "next: go test -count=1 -json ./... > tests.json"
	switch {
	case r == nil:
		s.unknown("How long the tests take is not known; %s", how)
	case r.Packages == 0:
		s.unknown("How long the tests take is not known: no package of that output has tests; %s", how)
	case 2*r.Cached > r.Packages:
		s.unknown("How long the tests take is not known: %d of %s came from the cache; %s", r.Cached, count(r.Packages, "package", "packages"), how)
	default:
		s.is(r.Wall.Seconds(), "All tests take %s; the limit is %s.%s", duration(r.Wall), duration(t.TestTime), slowest(r))
	}
}

func slowest(r *Tests) string {
	if len(r.Slowest) == 0 || r.Slowest[0].Time == 0 {
		return ""
	}
	return fmt.Sprintf(" The slowest package takes %s: %s.", duration(r.Slowest[0].Time), r.Slowest[0].Package)
}

// Text says how many of the known signs are there. It gives no verdict.
func Text(signs []Sign) string {
	var over, unknown []string
	known := 0
	for _, s := range signs {
		switch {
		case !s.Known:
			unknown = append(unknown, s.Name)
			continue
		case s.Over:
			over = append(over, s.Name)
		}
		known++
	}
	var b strings.Builder
	switch {
	case known == 0:
		b.WriteString("None of the signs that one program no longer works is known.")
	case len(over) == 0:
		fmt.Fprintf(&b, "None of the %s that one program no longer works is over its limit.", count(known, "known sign", "known signs"))
	default:
		fmt.Fprintf(&b, "%d of the %s that one program no longer works %s over the limit: %s.", len(over), count(known, "known sign", "known signs"), isAre(len(over)), strings.Join(over, ", "))
	}
	if known > 0 && len(unknown) > 0 {
		fmt.Fprintf(&b, " Not known: %s.", strings.Join(unknown, ", "))
	}
	return b.String()
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// pairs is the arithmetic of teams: n people can be asked about by n-1 others.
func pairs(n int) string { return count(n*(n-1)/2, "pair", "pairs") }

func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + more
}

// number writes thousands apart.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d%time.Minute < time.Second:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	}
	return fmt.Sprintf("%d min %d s", int(d/time.Minute), int(d%time.Minute/time.Second))
}
