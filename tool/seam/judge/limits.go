package judge

// Limits are what the tests compare with. All are judgements, shown in every
// report beside the number that they judge, and may be set by the user.
type Limits struct {
	// Share is the least part of the stateful lines in one half alone that the
	// smaller half owns, from 0 to 0.5.
	Share float64
	// Chance is the highest score of the cut against rewired graphs, as a part of
	// their 5th percentile; from Weak on, a cut is shown and not advised.
	Chance, Weak float64
	// Stability is the least agreement of independent searches, from 0 to 1.
	Stability float64
	// Together is the least part of the smaller half that is still joined once what
	// both halves link is set aside, from 0 to 1.
	Together float64
	// Blocked is the highest part of crossings that are blocked or in a
	// transaction, from 0 to 1; Few of them are allowed in any case.
	Blocked float64
	Few     int
	// Weight is the highest part of all that stateful code is joined by that may
	// cross, from 0 to 1.
	Weight float64
	// Team is how many active authors one piece needs before people are a reason
	// to cut it.
	Team int
}

// Defaults returns the limits that hold if the user sets none.
func Defaults() Limits {
	return Limits{
		Share: 0.05, Chance: 0.7, Weak: 0.6, Stability: 0.6, Together: 0.5,
		Blocked: 0.25, Few: 3, Weight: 0.15, Team: 12,
	}
}

// Names of the tests, as in reports and in the thresholds that users set.
const (
	testEntries   = "both halves have entry points"
	testPrograms  = "the halves are one program today"
	testShare     = "the smaller half is a piece"
	testChance    = "better than chance"
	testStability = "found again"
	testTogether  = "the smaller half holds together"
	testBlocked   = "few crossings are blocked"
	testWeight    = "the line is cheap for this program"
	testPeople    = "people gain"
	testTeam      = "more than one team"
)

// Names lists the tests whose limit the user may set, with the unit of the
// limit.
func Names() [][2]string {
	return [][2]string{
		{testShare, "% of lines with state, 0 to 50"}, {testChance, "of a rewired program's, 0 to 1"}, {testStability, "agreement, 0 to 1"},
		{testTogether, "% joined, 0 to 100"}, {testBlocked, "crossings allowed in any case"}, {testWeight, "% of weight, 0 to 100"},
		{testTeam, "people"},
	}
}

// Set changes the limit of a test, in the unit that Names tells, and reports
// whether there is a test of that name.
func (l *Limits) Set(name string, value float64) bool {
	const percent = 100
	switch name {
	case testShare:
		l.Share = value / percent
	case testChance:
		l.Chance, l.Weak = value, min(l.Weak, value)
	case testStability:
		l.Stability = value
	case testTogether:
		l.Together = value / percent
	case testBlocked:
		l.Few = int(value)
	case testWeight:
		l.Weight = value / percent
	case testTeam:
		l.Team = int(value)
	default:
		return false
	}
	return true
}
