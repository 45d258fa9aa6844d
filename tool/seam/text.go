package seam

import (
	"fmt"
	"io"
	"strings"
)

// Text writes the report for people: first the fact, then the evidence, last
// what to do next, in at most 80 columns but for long names.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	r.head(&b)
	if len(r.Cuts) > 0 && len(r.Tests) > 0 {
		r.halves(&b)
		r.across(&b)
		r.evidence(&b)
		r.rivals(&b)
	}
	r.foot(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

var headlines = map[string]string{
	VerdictCut:     "a line was found",
	VerdictNone:    "no seam",
	VerdictUnknown: "cannot tell",
	VerdictGiven:   "the line you named",
}

func (r *Report) head(b *strings.Builder) {
	fmt.Fprintf(b, "%s: %s (%s)\n", r.Module, headlines[r.Verdict], r.Edition)
	for _, why := range r.Reasons {
		wrap(b, "  ", why)
	}
	s := r.Size
	fmt.Fprintf(b, "\nsize      %d lines, %s, %s, %s\n", s.Lines, plural(s.Files, "file"), plural(s.Packages, "package"),
		plural(s.Declarations, "declaration"))
	fmt.Fprintf(b, "functions %d pure, %d clock or random, %d ambient, %d background,\n          %d stateful\n",
		s.Grades["pure"], s.Grades["nondeterministic"], s.Grades["ambient"], s.Grades["background"], s.Grades["stateful"])
}

func (r *Report) halves(b *strings.Builder) {
	c := r.Cuts[0]
	for i, h := range []Half{c.A, c.B} {
		fmt.Fprintf(b, "\nhalf %s    %d stateful lines, %s\n", "ab"[i:i+1], h.Lines, entries(h.Entries))
		wrap(b, "          ", list(h.Packages, 12))
	}
	fmt.Fprintf(b, "\nboth      %s, %s: linked into each half\n", plural(r.Shared.Declarations, "declaration"), plural(r.Shared.Lines, "line"))
	fmt.Fprintf(b, "cost      %.4g, balance %.2f (1 is even)\n", c.Cost, c.Balance)
}

func entries(n int) string {
	if n == 1 {
		return "1 entry point"
	}
	return fmt.Sprintf("%d entry points", n)
}

// across prints who uses whom over the line, and how hard each crossing is.
func (r *Report) across(b *strings.Builder) {
	const maxPairs = 15
	shown := 0
	for _, c := range r.Calls {
		if c.Across == 0 {
			continue
		}
		if shown == 0 {
			b.WriteString("\nacross the line, references by package\n")
		}
		if shown++; shown <= maxPairs {
			fmt.Fprintf(b, "  %6d  %s -> %s\n", c.Across, c.From, c.To)
		}
	}
	if shown > maxPairs {
		fmt.Fprintf(b, "          and %d more pairs: -json\n", shown-maxPairs)
	}
	b.WriteString("\nwhat it takes to make them remote\n")
	for _, k := range []struct{ class, text string }{
		{classM0, "calls can be remote as they are"},
		{classM1, "after adding a context, an error or an interface"},
		{classM2, "after an adapter: stream, callback, open interface"},
		{classB, "blocked: the code has to change first"},
		{classR, "uses of code that goes into both halves: nothing to do"},
	} {
		if n := r.Classes[k.class]; n > 0 {
			fmt.Fprintf(b, "  %6d  %-2s  %s\n", n, k.class, k.text)
		}
	}
}

// evidence prints crossings with their places, worst first, then what is shared.
func (r *Report) evidence(b *strings.Builder) {
	const maxShown = 12
	if len(r.Crossings) > 0 {
		b.WriteString("\ncrossings, hardest first\n")
	}
	for _, c := range r.Crossings[:min(len(r.Crossings), maxShown)] {
		to := c.To
		if c.Via != "" {
			to = c.Via
		}
		fmt.Fprintf(b, "  %s:%d: %s  %s of %s\n", c.File, c.Line, c.Remotable, c.Kind, to)
		wrap(b, "      ", "from "+c.From+": "+c.Why)
		if c.Fix != "" {
			wrap(b, "      ", "fix: "+c.Fix)
		}
	}
	if more := len(r.Crossings) - maxShown; more > 0 {
		fmt.Fprintf(b, "  and %d more: -json\n", more)
	}
	r.shared(b)
}

func (r *Report) shared(b *strings.Builder) {
	const maxShown = 10
	for i, t := range r.Tables {
		if i == 0 {
			b.WriteString("\ntables that both halves touch\n")
		}
		if i < maxShown {
			fmt.Fprintf(b, "  %-20s a: %-6s b: %s\n", t.Name, t.A+"s", t.B+"s")
		}
	}
	for i, t := range r.Transactions {
		if i == 0 {
			b.WriteString("\ncrossings while a transaction is open\n")
		}
		how := "in it"
		if !t.Direct {
			how = "below it"
		}
		if i < maxShown {
			fmt.Fprintf(b, "  %s:%d: %s -> %s (%s)\n", t.File, t.Line, t.From, t.To, how)
		}
	}
	for i, v := range r.Variables {
		if i == 0 {
			b.WriteString("\npackage variables used across the line\n")
		}
		if i < maxShown {
			fmt.Fprintf(b, "  %s:%d: %s of %s, used by %s\n", v.File, v.Line, v.Name, v.Side, list(v.Users, 3))
		}
	}
	for i, p := range r.Wiring {
		if i == 0 {
			b.WriteString("\nwiring: starts things on both sides, and is where to bind\n")
		}
		if i < maxShown {
			fmt.Fprintf(b, "  %s:%d: %s\n", p.File, p.Line, p.Name)
		}
	}
}

func (r *Report) rivals(b *strings.Builder) {
	if len(r.Cuts) < 2 {
		return
	}
	b.WriteString("\nother lines          cost  balance  packages of half b\n")
	for _, c := range r.Cuts[1:] {
		name := c.Origin
		if c.Origin == fromFrontend {
			name = "frontend (default)"
		}
		fmt.Fprintf(b, "  %-18s %5.4g  %7.2f  %s\n", name, c.Cost, c.Balance, list(c.B.Packages, 3))
	}
}

func (r *Report) foot(b *strings.Builder) {
	b.WriteString("\n")
	for _, n := range r.Notes {
		wrap(b, "note: ", n)
	}
	var total int64
	for _, t := range r.Timings {
		total += t.Millis
	}
	fmt.Fprintf(b, "took %.1f s, %d MiB\n", float64(total)/1000, r.PeakMemory>>20)
	fmt.Fprintf(b, "next: %s\n", r.Next)
}

// list joins at most n names and says how many more there are.
func list(names []string, n int) string {
	if len(names) == 0 {
		return "none"
	}
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + fmt.Sprintf(" and %d more", len(names)-n)
}

// wrap writes text in lines of at most 80 columns, the first after prefix and
// the others after as many spaces.
func wrap(b *strings.Builder, prefix, text string) {
	const width = 80
	line := prefix
	indent := strings.Repeat(" ", len(prefix))
	empty := true
	for word := range strings.FieldsSeq(text) {
		if !empty && len(line)+1+len(word) > width {
			b.WriteString(line + "\n")
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	b.WriteString(line + "\n")
}
