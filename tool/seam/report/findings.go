package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hemilith/hemilith/tool/plain"
)

// How many findings of one kind the text and the page show; the rest is in the
// JSON.
const (
	maxFindings     = 6
	maxCarried      = 16
	maxPageFindings = 40
)

// kindMeaning says what the findings of a kind are.
func kindMeaning(kind string) string {
	switch kind {
	case "shared table":
		return "tables that several packages use"
	case "transaction":
		return "writes tables of several packages at once"
	case "package state":
		return "variables that each process would have for itself"
	case "process memory":
		return "counters, caches and the like, which live in one process"
	case "mutated argument":
		return "over a wire, the caller would not see the change"
	case "context value":
		return "set here and read there; it stays in its process"
	case "compared error":
		return "told apart elsewhere; it has to arrive as itself"
	case "open payload":
		return "any type at all; the other side would not know which"
	case "same noun":
		return "one name for two things; translate where they meet"
	case "active record":
		return "data that holds a database handle and saves itself"
	case "concrete service":
		return "named by its type; extract an interface"
	case "hub package":
		return "most others use it; both halves would link it"
	case "ready interface":
		return "others call through it already; a line here is cheap"
	}
	return ""
}

// kindGroup is the findings of one kind.
type kindGroup struct {
	Kind, Meaning string
	All           []Noun
	Across        int // how many the line runs through
}

// nounGroups are the findings by kind, in the order of the report; those that
// the line runs through come first.
func (r *Report) nounGroups() []kindGroup {
	var out []kindGroup
	at := map[string]int{}
	for _, n := range r.Nouns {
		if _, ok := at[n.Kind]; !ok {
			at[n.Kind] = len(out)
			out = append(out, kindGroup{Kind: n.Kind, Meaning: kindMeaning(n.Kind)})
		}
	}
	for _, n := range r.sortedNouns() {
		g := &out[at[n.Kind]]
		g.All = append(g.All, n)
		if n.Across {
			g.Across++
		}
	}
	return out
}

// nouns tells what to look at before any cut, by kind; what the line runs
// through first.
func (t *teller) nouns() {
	groups := t.r.nounGroups()
	if len(groups) == 0 {
		return
	}
	t.title("look at these before a cut, wherever it is")
	for _, g := range groups {
		g.All = slices.DeleteFunc(g.All, t.r.told)
		if len(g.All) == 0 {
			continue
		}
		head := g.Kind
		if g.Meaning != "" {
			head += ": " + g.Meaning
		}
		t.sayIn(bold, "  ", head)
		for _, n := range g.All[:min(len(g.All), maxFindings)] {
			t.noun(n)
		}
		if more := len(g.All) - maxFindings; more > 0 {
			t.say("    ", "and "+number(more)+" more: -json or -o seam.html")
		}
	}
}

// row writes a name and where it is, in one line if there is room.
func (t *teller) row(name, at string) {
	const indent = "    "
	if line := indent + name + "  " + at; utf8.RuneCountInString(line) <= maxColumns {
		t.b.WriteString(strings.TrimRight(plain.Line(line), " ") + "\n")
		return
	}
	t.say(indent, name)
	t.say(indent+indent, at)
}

// told reports whether a finding is among what calls over the line take along.
func (r *Report) told(n Noun) bool {
	s := r.proposal()
	return n.Across && s != nil && slices.ContainsFunc(s.Carried, func(c Carried) bool { return c.Name == n.Name })
}

// noun tells of one finding.
func (t *teller) noun(n Noun) {
	name, at := t.r.short(n.Name), places(n.Places)
	if n.Across {
		name += " [across the line]"
	}
	t.row(name, at)
	if n.Across {
		t.say("        ", n.Why)
	}
}

// sortedNouns has those that the line runs through first.
func (r *Report) sortedNouns() []Noun {
	all := slices.Clone(r.Nouns)
	slices.SortStableFunc(all, func(a, b Noun) int {
		switch {
		case a.Across == b.Across:
			return 0
		case a.Across:
			return -1
		}
		return 1
	})
	return all
}

// places lists where something is.
func places(all []Place) string {
	const most = 3
	var words []string
	for _, p := range all {
		words = append(words, fmt.Sprintf("%s:%d", p.File, p.Line))
	}
	return list(words, most)
}

// carriedGroup is what calls take along for the same reason.
type carriedGroup struct {
	What, Why, Fix string
	All            []Carried
}

// carriedGroups has context values first: they are lost, errors arrive if they
// are declared.
func (s *Seam) carriedGroups() []carriedGroup {
	all := slices.Clone(s.Carried)
	slices.SortStableFunc(all, func(a, b Carried) int { return cmp.Or(strings.Compare(a.What, b.What), strings.Compare(a.Why, b.Why)) })
	var out []carriedGroup
	for _, x := range all {
		if n := len(out); n == 0 || out[n-1].What != x.What || out[n-1].Why != x.Why {
			out = append(out, carriedGroup{What: x.What, Why: x.Why, Fix: x.Fix})
		}
		g := &out[len(out)-1]
		g.All = append(g.All, x)
	}
	return out
}

// carried tells what calls have to take along beside their arguments.
func (t *teller) carried(s *Seam) {
	groups := s.carriedGroups()
	if len(groups) == 0 {
		return
	}
	t.title("what calls across have to take along")
	for _, g := range groups {
		t.say("  ", g.What+": "+g.Why)
		t.sayIn(dim, "      fix: ", g.Fix)
		for _, x := range g.All[:min(len(g.All), maxCarried)] {
			t.row(t.r.short(x.Name), places(x.From)+" -> "+places(x.To))
		}
		t.more(len(g.All), maxCarried, "name")
	}
}
