package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/hemilith/hemilith/tool/plain"
)

// How much of each list the text shows; the rest is in the JSON.
const (
	maxColumns   = 80
	maxCrossings = 10
	maxRefused   = 3 // crossings of a line that nobody is to cut
	maxRows      = 8
)

// Text writes the report for people: the verdict first, then the evidence, last
// what to do next. Lines have at most 80 columns but for long names. Colour is
// for a terminal whose user wants it; without it nothing is lost.
func (r *Report) Text(w io.Writer, colour bool) error {
	t := &teller{r: r, colour: colour}
	t.verdict()
	if r.refused() {
		t.tests() // they are why
	}
	if s := r.proposal(); s != nil {
		t.halves(s)
		t.cost(s)
		t.crossings(s)
		t.shared(s)
		t.carried(s)
		t.nouns()
		t.people(s)
		t.traffic(s)
		t.effort(s)
		t.alternatives()
	} else {
		t.nouns()
	}
	if !r.refused() {
		t.tests()
	}
	t.when()
	t.foot()
	_, err := io.WriteString(w, t.b.String())
	return err
}

// teller writes a report as text.
type teller struct {
	r      *Report
	b      strings.Builder
	colour bool
}

// Styles are SGR parameters (ECMA-48).
const (
	bold  = "1"
	red   = "31"
	green = "32"
	dim   = "2"
)

// paint adds colour to text that is otherwise complete.
func (t *teller) paint(style, s string) string {
	if !t.colour || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// title begins a section.
func (t *teller) title(s string) { t.b.WriteString("\n" + t.paint(bold, s) + "\n") }

// say writes text in lines of at most 80 columns, the first after prefix, the
// others below its end.
func (t *teller) say(prefix, text string) { t.sayIn("", prefix, text) }

func (t *teller) sayIn(style, prefix, text string) {
	indent := utf8.RuneCountInString(prefix)
	for i, line := range fold(text, maxColumns-indent) {
		if i > 0 {
			prefix = strings.Repeat(" ", indent)
		}
		if style != "" {
			line = t.paint(style, line)
		}
		t.b.WriteString(prefix + line + "\n")
	}
}

// more says how many rows are left out.
func (t *teller) more(n, shown int, what string) {
	if n > shown {
		t.say("  ", "and "+plural(n-shown, "more "+what)+": -json or -o seam.html")
	}
}

func (t *teller) verdict() {
	r := t.r
	name := plain.Line(r.Module)
	if r.Within != "" {
		name += ", within " + plain.Line(r.Within)
	}
	t.sayIn(bold, "", name+": "+r.verdictLine())
	for _, why := range r.Reasons {
		t.say("  - ", why)
	}
	if r.weakestIsNews() {
		t.say("  weakest part: ", r.Weakest)
	}
	s := r.Size
	words := plural(s.Lines, "line") + " in " + plural(s.Packages, "package")
	if s.GeneratedLines > 0 {
		words += ", and " + number(s.GeneratedLines) + " generated"
	}
	if r.Basis != "" {
		words += "; judged by " + r.Basis
	}
	t.say("  ", words)
}

func (t *teller) halves(s *Seam) {
	what := "the halves"
	if t.r.refused() {
		what = "the line that was refused"
	}
	t.title(what)
	for side, h := range []Half{s.A, s.B} {
		id := "ab"[side : side+1]
		t.sayIn(bold, "  "+id+"  ", root(h.Name))
		words := plural(h.Lines, "line") + ", " + number(h.Stateful) + " with state or effects; " + some(h.Entries, "entry point")
		if kinds := t.r.kinds(id); kinds != "" && h.Entries > 0 {
			words += ": " + kinds
		}
		t.say("     ", words)
		t.say("     packages: ", list(paths(h.Packages), maxRows))
		if s.anybody() {
			t.say("     people:   ", list(h.Authors, maxRows))
		}
	}
	both := "nothing is"
	if s.Both.Lines > 0 {
		both = plural(s.Both.Lines, "line") + " in " + plural(s.Both.Declarations, "declaration") + ","
	}
	t.say("  both  ", both+" linked into each half")
}

func (t *teller) cost(s *Seam) {
	c := s.Cost
	t.title("what the line costs")
	t.say("  ", fmt.Sprintf("%s: crossings %s, tables %s, copies %s; balance %.2f (1 is even); score %s (lower is better)",
		amount(c.Total, ""), amount(c.Crossings, ""), amount(c.Tables, ""), amount(c.Copies, ""), c.Balance, amount(c.Score, "")))
	if c.PeopleShare > 0 {
		t.say("  ", fmt.Sprintf("of what people change together it parts %.1f %%", c.Parted*100))
	}
}

func (t *teller) crossings(s *Seam) {
	t.title("what crosses the line")
	classes := s.byClass()
	if len(classes) == 0 {
		t.say("  ", "nothing")
	}
	for _, c := range classes {
		style := ""
		if c.Class == "B" {
			style = red
		}
		t.sayIn(style, fmt.Sprintf("  %6s  %-2s  ", number(c.Count), c.Class), c.Long)
	}
	worst := s.worst()
	if len(worst) > 0 {
		t.say("  ", "hardest first:")
	}
	shown := maxCrossings
	if t.r.refused() {
		shown = maxRefused
	}
	for _, c := range worst[:min(len(worst), shown)] {
		t.crossing(c)
	}
	t.more(len(worst), shown, "place")
}

func (t *teller) crossing(c Crossing) {
	to := c.To
	if c.Via != "" {
		to = c.Via
	}
	t.say(fmt.Sprintf("  %-2s  ", plain.Line(c.Remotable)), fmt.Sprintf("%s:%d: %s of %s", c.File, c.Line, c.Kind, t.r.short(to)))
	t.say("        ", "from "+t.r.short(c.From)+": "+c.Why)
	if c.Fix != "" {
		t.sayIn(dim, "        fix: ", c.Fix)
	}
}

// short is a declaration without the path of the module.
func (r *Report) short(id string) string {
	if name, ok := strings.CutPrefix(id, r.Module+"."); ok && !strings.Contains(name, "/") {
		return name // of the package at the root
	}
	return strings.TrimPrefix(id, r.Module+"/")
}

// shared tells what both halves would hold on to.
func (t *teller) shared(s *Seam) {
	if len(s.Tables) > 0 {
		t.title("tables that both halves touch")
	}
	for _, x := range s.Tables[:min(len(s.Tables), maxRows)] {
		t.say("  ", fmt.Sprintf("%s: a %s, b %s; %s", x.Name, touches(x.A), touches(x.B), x.Why))
	}
	t.more(len(s.Tables), maxRows, "table")
	if len(s.Transactions) > 0 {
		t.title("transactions that the line cuts")
	}
	for _, x := range s.Transactions[:min(len(s.Transactions), maxRows)] {
		how := "in it: "
		if !x.Direct {
			how = "below it: "
		}
		t.say("  ", fmt.Sprintf("%s:%d: %s", x.File, x.Line, t.r.short(x.Name)))
		t.say("      ", how+t.r.short(x.To)+". "+x.Why)
	}
	t.more(len(s.Transactions), maxRows, "place")
	if len(s.Twice) > 0 {
		t.title("what would exist twice")
	}
	for _, x := range s.Twice[:min(len(s.Twice), maxRows)] {
		t.say("  ", fmt.Sprintf("%s:%d: %s (%s)", x.File, x.Line, t.r.short(x.Name), x.What))
		t.say("      ", x.Why)
		if x.Fix != "" {
			t.sayIn(dim, "      fix: ", x.Fix)
		}
	}
	t.more(len(s.Twice), maxRows, "thing")
}

func (t *teller) people(s *Seam) {
	p := s.People
	if p == nil {
		return
	}
	t.title("people")
	if !p.Judged && p.Why != "" {
		t.say("  ", "shown, not judged by: "+p.Why)
	}
	if !s.anybody() {
		return
	}
	t.say("  ", pairWords(p))
	t.say("  ", fmt.Sprintf("commits that touch both halves %.0f %%; change together across %.0f %%", p.CommitsBoth*100, p.CoChange*100))
	t.say("  ", savingWords(p))
	for _, x := range p.Still[:min(len(p.Still), maxRows)] {
		t.say("    ", fmt.Sprintf("%s and %s: %s through %s", x.A, x.B, plural(x.Commits, "commit"), x.Through))
	}
	t.more(len(p.Still), maxRows, "pair")
}

// savingWords says what becomes of the lines of communication.
func savingWords(p *People) string {
	return fmt.Sprintf("lines of communication: %s; at worst, in 19 of 20 resampled histories, %s", fewer(p.Saving), fewer(p.SavingLow))
}

func fewer(saving float64) string {
	switch share := percent(math.Abs(saving)); {
	case share == percent(0):
		return "as many as today"
	case saving < 0:
		return share + " more"
	default:
		return share + " fewer"
	}
}

// pairWords counts the pairs of people who share code.
func pairWords(p *People) string {
	if p.PairsToday == 0 {
		return "no two people share code today"
	}
	return fmt.Sprintf("%s of people who share code today; the line frees %s, and leaves %s", plural(p.PairsToday, "pair"), number(p.PairsFreed), number(p.PairsStill))
}

func (t *teller) traffic(s *Seam) {
	x := s.Traffic
	if x == nil {
		return
	}
	t.title("per request, by what was recorded")
	t.say("  ", fmt.Sprintf("from %s; %.0f %% of the recorded calls are in this program; %s us for each crossing", x.Source, x.Matched*100, amount(x.PerCallMicros, "")))
	t.say("  ", fmt.Sprintf("%.0f %% of what the cut costs is there because requests use what crosses", x.CostShare*100))
	for _, route := range x.Routes[:min(len(x.Routes), maxRows)] {
		t.say("    ", route.Name+": "+route.words())
	}
	t.more(len(x.Routes), maxRows, "route")
}

// words says what a route costs; of a profile, which counts no calls, how much
// of the work is behind a crossing.
func (r Route) words() string {
	if r.Behind > 0 {
		return fmt.Sprintf("%.0f %% of its samples are behind a crossing", r.Behind*100)
	}
	return fmt.Sprintf("+%.3g ms, %.3g crossings for each of %s", r.AddedMillis, r.Crossings, plural(r.Requests, "request"))
}

func (t *teller) effort(s *Seam) {
	if s.Effort.Mechanical+s.Effort.Hand == 0 {
		return
	}
	t.title("effort, estimated")
	t.say("  ", effortWords(s.Effort))
	for _, how := range s.Effort.How[:min(len(s.Effort.How), maxRows)] {
		t.sayIn(dim, "    ", how)
	}
}

func effortWords(e Effort) string {
	hand := "none"
	if e.Hand > 0 {
		hand = number(e.Hand)
	}
	return some(e.Mechanical, "line") + " to edit by machine, " + hand + " by hand"
}

func (t *teller) alternatives() {
	all := t.r.alternatives()
	if len(all) == 0 {
		return
	}
	t.title("other lines")
	for _, s := range all {
		name := s.title()
		if s.Default {
			name += " (the default where nothing else is clear; never a finding)"
		}
		t.say("  ", name)
		t.say("      ", fmt.Sprintf("cost %s, balance %.2f, score %s; a %s lines, b %s lines", amount(s.Cost.Total, ""), s.Cost.Balance,
			amount(s.Cost.Score, ""), number(s.A.Lines), number(s.B.Lines)))
		t.say("      b: ", list(paths(s.B.Packages), 4))
		t.say("      ", t.r.proposal().differs(s.Seam))
	}
}

func (t *teller) tests() {
	if len(t.r.Tests) == 0 {
		return
	}
	t.title("tests of the verdict")
	for _, x := range t.r.Tests {
		mark, style := "ok    ", green
		switch {
		case !x.OK && x.Advice:
			mark, style = "advice", ""
		case !x.OK:
			mark, style = "FAILED", red
		}
		t.b.WriteString("  " + t.paint(style, mark) + "  ")
		text := fold(x.Name+": "+x.Text, maxColumns-10)
		for i, line := range text {
			if i > 0 {
				t.b.WriteString(strings.Repeat(" ", 10))
			}
			t.b.WriteString(line + "\n")
		}
	}
}

func (t *teller) when() {
	if t.r.WhenText == "" && len(t.r.When) == 0 {
		return
	}
	t.title("is it time?")
	t.say("  ", t.r.WhenText)
	for _, s := range t.r.When {
		mark := "-"
		switch {
		case !s.Known:
			mark = "?"
		case s.Over:
			mark = "!"
		}
		t.say("  "+mark+" ", s.Text)
	}
}

func (t *teller) foot() {
	t.b.WriteString("\n")
	for _, n := range t.r.Notes[:min(len(t.r.Notes), maxRows)] {
		t.say("note: ", n)
	}
	t.more(len(t.r.Notes), maxRows, "note")
	t.say("", fmt.Sprintf("took %.1f s, %s MiB; seed %d", t.r.seconds(), number(int(t.r.PeakMemory>>20)), t.r.Search.Seed))
	t.sayIn(bold, "in short: ", plain.Line(t.r.Module)+": "+t.r.verdictLine())
	if t.r.Next != "" {
		typed, why := command(t.r.Next)
		t.sayIn(bold, "next: ", typed)
		t.say("      ", why)
	}
}

// seconds is how long all steps took.
func (r *Report) seconds() float64 {
	var total int64
	for _, x := range r.Timings {
		total += x.Millis
	}
	return float64(total) / 1000
}
