package judge

import (
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/seam/report"
)

// good is a case that passes all tests.
func good() Case {
	return Case{
		Mains: 1, Serving: 9, Groups: 4, Programs: 1, Share: 0.3, Together: 0.9, Weight: 0.02, Ratio: 0.3, Stability: 0.95, Team: -1,
		Seam: &report.Seam{A: report.Half{Name: "web", Entries: 5}, B: report.Half{Name: "back", Entries: 4},
			Crossings: make([]report.Crossing, 8)},
	}
}

func TestTheStopRule(t *testing.T) {
	t.Parallel()
	blocked := make([]report.Crossing, 8)
	for i := range 4 {
		blocked[i].Remotable = "B"
	}
	for _, tt := range []struct {
		name    string
		change  func(*Case)
		verdict string
		reason  string
	}{
		{"all passes", func(*Case) {}, report.VerdictCut, "web on one side, back on the other: 8 crossings and no shared table"},
		{"library", func(c *Case) { c.Mains = 0 }, report.VerdictUnknown, "there is no main package here"},
		{"command", func(c *Case) { c.Serving = 0 }, report.VerdictNone, "runs once and ends"},
		{"one handler", func(c *Case) { c.Serving = 1 }, report.VerdictNone, "one entry point serves"},
		{"one group", func(c *Case) { c.Groups = 1 }, report.VerdictNone, "all entry points use the same state"},
		{"nothing divides", func(c *Case) { c.Seam = nil }, report.VerdictNone, "no line leaves each half 5 %"},
		{"layer", func(c *Case) { c.Seam.B.Entries = 0 }, report.VerdictNone, "a half without one is a layer"},
		{"two programs", func(c *Case) { c.Programs = 2 }, report.VerdictNone, "they are 2 programs already"},
		{"three programs", func(c *Case) { c.Programs = 3 }, report.VerdictNone, "they are 3 programs already"},
		{"no program has both", func(c *Case) { c.Programs = 0 }, report.VerdictNone, "no program reaches most of both halves"},
		{"sliver", func(c *Case) { c.Share = 0.04 }, report.VerdictNone, "owns 4 %"},
		{"chance", func(c *Case) { c.Ratio = 0.71 }, report.VerdictNone, "chance does as well, or almost: the line's score is 0.71 of"},
		{"unstable", func(c *Case) { c.Stability = 0.5 }, report.VerdictNone, "agree by 0.50"},
		{"leaves", func(c *Case) { c.Together = 0.2 }, report.VerdictNone, "20 % of the smaller half is joined"},
		{"blocked", func(c *Case) { c.Seam.Crossings = blocked }, report.VerdictNone, "8 crossings, 4 blocked"},
		{"dear", func(c *Case) { c.Weight = 0.2 }, report.VerdictNone, "20.0 % of all"},
		{"people lose", func(c *Case) { c.History = true; c.Seam.People = &report.People{Saving: 0.1, SavingLow: -0.1} }, report.VerdictNone, "at worst, in 19 of 20 resampled histories, they lose 10.0 %"},
		{"given", func(c *Case) { c.Given = true; c.Ratio = 0.9 }, report.VerdictGiven, "the line is the one that you named"},
		{"no chance made", func(c *Case) { c.Ratio = -1 }, report.VerdictCut, "web on one side"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := good()
			tt.change(&c)
			v := Judge(c, Defaults())
			if v.Verdict != tt.verdict || !strings.Contains(strings.Join(v.Reasons, "\n"), tt.reason) {
				t.Errorf("got %s, %q; want %s with %q", v.Verdict, v.Reasons, tt.verdict, tt.reason)
			}
			if v.Tests == nil || v.Weakest == "" {
				t.Errorf("tests %v and weakest %q: want both", v.Tests, v.Weakest)
			}
		})
	}
}

func TestAWeakCutIsShownAndNotAdvised(t *testing.T) {
	t.Parallel()
	c := good()
	c.Ratio = 0.65
	v := Judge(c, Defaults())
	if !v.Weak || v.Verdict != report.VerdictCut || !strings.Contains(v.Reasons[1], "not advised") {
		t.Errorf("got %+v", v)
	}
}

func TestOneTeamIsAdviceOnly(t *testing.T) {
	t.Parallel()
	c := good()
	c.Team = 7
	v := Judge(c, Defaults())
	if v.Verdict != report.VerdictCut || !strings.Contains(strings.Join(v.Reasons, " "), "people give no reason to cut") {
		t.Errorf("got %s %q", v.Verdict, v.Reasons)
	}
}

func TestTheWeakestPartIsTheTestNearestItsLimit(t *testing.T) {
	t.Parallel()
	c := good()
	c.Stability = 0.61
	if v := Judge(c, Defaults()); !strings.Contains(v.Weakest, "agree by 0.61") {
		t.Errorf("got %q", v.Weakest)
	}
}

func TestEveryNamedLimitCanBeSetAndDecides(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		l := Defaults()
		if !l.Set(name[0], 1) || l == Defaults() {
			t.Errorf("%q: setting it changed nothing: %+v", name[0], l)
		}
	}
	l := Defaults()
	if l.Set("weather", 1) {
		t.Error("weather is no test")
	}
	l.Set("found again", 0.99)
	if v := Judge(good(), l); v.Verdict != report.VerdictNone {
		t.Errorf("stability 0.95 with limit 0.99: got %s", v.Verdict)
	}
}

// A sentence with none or one of something is a sentence all the same.
func TestNoneAndOneAreInWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*Case)
		want   string
	}{
		{"nobody", func(c *Case) { c.Team = 0 }, "nobody changed it regularly in 12 months: people give no reason to cut"},
		{"one person", func(c *Case) { c.Team = 1 }, "1 person keeps changing it: one team of up to 12 can hold it"},
		{"several", func(c *Case) { c.Team = 13 }, "13 people keep changing it: more than one team of 12"},
		{"one entry point", func(c *Case) { c.Seam.A.Entries, c.Seam.B.Entries = 1, 0 }, "half a has 1 entry point, half b no entry point;"},
		{"nothing crosses", func(c *Case) { c.Seam.Crossings = nil }, "no crossing, 0 blocked or in a transaction"},
		{"one crossing", func(c *Case) { c.Seam.Crossings = c.Seam.Crossings[:1] }, "1 crossing, 0 blocked or in a transaction"},
		{"people gain nothing", func(c *Case) { c.Seam.People.Saving, c.Seam.People.SavingLow = 0, -0.02 }, "people gain nothing, the mean"},
	} {
		c := good()
		c.History, c.Seam.People = true, &report.People{Saving: 0.1, SavingLow: 0.05}
		tt.change(&c)
		var all []string
		for _, x := range Judge(c, Defaults()).Tests {
			all = append(all, x.Text)
		}
		if got := strings.Join(all, "\n"); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got\n%s\nwant it to have %q", tt.name, got, tt.want)
		}
	}
}
