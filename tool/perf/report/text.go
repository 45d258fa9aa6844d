package report

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/hemilith/hemilith/tool/plain"
)

// How much of each list the text shows; the rest is in the JSON and on the page.
const (
	maxColumns     = 80
	maxFindings    = 20 // of one state
	maxNames       = 6  // of benchmarks of which there is nothing to tell
	maxDifferences = 3  // functions of one benchmark
)

// Text writes the report for people: the answer first, then a sentence for each
// finding, last what to do next. Lines have at most 80 columns but for long names.
// Colour is for a terminal whose user wants it; without it nothing is lost.
func (r *Report) Text(w io.Writer, colour bool) error {
	t := &teller{r: r, colour: colour}
	t.sayIn(bold, "", r.headline())
	t.sides()
	t.bisection()
	for _, g := range r.groups() {
		t.group(g)
	}
	t.instructions()
	t.creep()
	t.same()
	t.unmeasured("would be measured", r.Planned)
	t.unmeasured("could not be measured", r.Failed)
	t.unmeasured("not run", r.Skipped)
	t.foot()
	_, err := io.WriteString(w, t.b.String())
	return err
}

// group is the benchmarks of one state.
type group struct {
	state        state
	title, style string
	about        string // what a reader may not know
}

func (r *Report) groups() []group {
	return []group{
		{slower, r.worse(slower), red, ""},
		{hungrier, "more memory", "", "reported only: more bytes alone fail nothing"},
		{accepted, r.worse(accepted) + ", and accepted", "", ""},
		{faster, r.worse(faster), green, ""},
		{undecided, "undecided", "", "neither slower nor the same; fails with -strict alone"},
	}
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
)

// paint adds colour to text that is otherwise complete.
func (t *teller) paint(style, s string) string {
	if !t.colour || s == "" || style == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// say writes text in lines of at most 80 columns, the first after prefix, the
// others below its end.
func (t *teller) say(prefix, text string) { t.sayIn("", prefix, text) }

func (t *teller) sayIn(style, prefix, text string) {
	indent := utf8.RuneCountInString(prefix)
	for i, line := range fold(text, maxColumns-indent) {
		if i > 0 {
			prefix = strings.Repeat(" ", indent)
		}
		t.b.WriteString(prefix + t.paint(style, line) + "\n")
	}
}

func (t *teller) title(style, s string) { t.b.WriteString("\n" + t.paint(style, s) + "\n") }

// more says how many rows are left out.
func (t *teller) more(n, shown int) {
	if n > shown {
		t.say("  ", "and "+number(n-shown)+" more: -json or hemilith perf report -o perf.html")
	}
}

// sides says what was compared, where.
func (t *teller) sides() {
	r := t.r
	t.say("  base  ", r.Base.Short()+" "+r.Base.Subject)
	t.say("  head  ", r.Head.Short()+" "+r.Head.Subject)
	words := plural(len(r.Benchmarks), "benchmark")
	if len(r.Benchmarks) == 0 {
		words = "nothing"
	}
	t.say("  ", words+" measured in "+seconds(r.Seconds)+r.where())
}

// where is the toolchain and the machine, as far as they are known.
func (r *Report) where() string {
	m, words := r.Machine, ""
	if r.Toolchain != "" {
		words += ", " + r.Toolchain
	}
	if m.OS != "" {
		words += " on " + m.OS + "/" + m.Arch + ", " + plural(m.Processors, "processor")
	}
	if m.CPU != "" {
		words += ", " + m.CPU
	}
	return plain.Line(words)
}

// group writes a sentence for each benchmark of one state.
func (t *teller) group(g group) {
	n, all := 0, t.r.counts()[g.state]
	if all == 0 {
		return
	}
	t.title(bold, g.title)
	for i := range t.r.Benchmarks {
		b := &t.r.Benchmarks[i]
		if b.state() != g.state {
			continue
		}
		if n++; n > maxFindings {
			break
		}
		t.finding(g, b)
	}
	t.more(all, maxFindings)
	if g.about != "" {
		t.say("  ", "("+g.about+")")
	}
}

func (t *teller) finding(g group, b *Benchmark) {
	for i, line := range fold(t.r.sentence(b), maxColumns-4) {
		indent := "  "
		if i > 0 {
			indent = "    "
		}
		t.b.WriteString(indent + t.paint(g.style, line) + "\n")
	}
	for _, d := range b.Profile[:min(maxDifferences, len(b.Profile))] {
		t.say("      ", d.sentence())
	}
	for _, note := range b.Notes {
		t.say("      note: ", note)
	}
}

// sentence tells how one function changed.
func (d *Difference) sentence() string {
	words := short(d.Function)
	if at := place(&d.Place); at != "" {
		words += " " + at
	}
	unit := " " + noun(d.Channel)
	if timed(d.Channel) {
		unit = " of" + unit
	}
	return words + ": " + amount(d.Channel, d.Before) + unit + " before, " + amount(d.Channel, d.After) + " after"
}

func (t *teller) creep() {
	shown := false
	for i := range t.r.Trends {
		words := t.r.creep(&t.r.Trends[i])
		if words == "" {
			continue
		}
		if !shown {
			t.title(bold, "over many commits")
			shown = true
		}
		t.say("  ", words)
	}
}

// same names what is as it was.
func (t *teller) same() {
	var names []string
	for i := range t.r.Benchmarks {
		if b := &t.r.Benchmarks[i]; b.state() == same {
			names = append(names, title(b.Name, b.Procs))
		}
	}
	if len(names) > 0 {
		t.title(bold, "the same")
		t.say("  ", plural(len(names), "benchmark")+": "+list(names))
	}
}

// unmeasured names benchmarks by why there is nothing to tell of them.
func (t *teller) unmeasured(heading string, all []Unmeasured) {
	if len(all) == 0 {
		return
	}
	t.title(bold, heading)
	reasons := byReason(all)
	for _, why := range reasons[:min(maxFindings, len(reasons))] {
		t.say("  ", list(why.Names)+": "+why.Why)
	}
	t.more(len(reasons), maxFindings)
}

// reason is why some benchmarks were not measured.
type reason struct {
	Why   string
	Names []string
}

// byReason groups benchmarks by reason, in the order in which the reasons come.
func byReason(all []Unmeasured) []reason {
	var out []reason
	index := make(map[string]int)
	packages := make(map[string]map[string]bool) // of each name
	for _, u := range all {
		if packages[u.Name] == nil {
			packages[u.Name] = make(map[string]bool)
		}
		packages[u.Name][u.Package] = true
	}
	for _, u := range all {
		i, ok := index[u.Why]
		if !ok {
			i = len(out)
			index[u.Why] = i
			out = append(out, reason{Why: u.Why})
		}
		name := u.name()
		if u.Name != "" && len(packages[u.Name]) > 1 {
			name += " of " + u.Package
		}
		out[i].Names = append(out[i].Names, plain.Line(name))
	}
	return out
}

// name is that of the benchmark, or of the package.
func (u *Unmeasured) name() string {
	if u.Name == "" {
		return u.Package
	}
	return u.Name
}

// list joins names, and says how many more there are.
func list(names []string) string {
	if len(names) <= maxNames {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:maxNames], ", ") + " and " + number(len(names)-maxNames) + " more"
}

// foot is what holds for all, and what to do next.
func (t *teller) foot() {
	t.b.WriteString("\n")
	t.say("", t.r.assurance())
	for _, note := range t.r.Notes {
		t.say("note: ", note)
	}
	if typed, why := command(t.r.Next); typed != "" {
		t.b.WriteString("next: " + typed + "\n")
		t.say("      ", why)
	}
}

// assurance is the bound of false alarms that holds for all tests together.
func (r *Report) assurance() string {
	if r.M == 0 || r.Alpha == 0 {
		return ""
	}
	return "if nothing had changed, the chance of any alarm would be at most " + percent(r.Alpha) + ", over " + plural(r.M, "test") + " together"
}
