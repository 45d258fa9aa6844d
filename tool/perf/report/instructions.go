package report

import "github.com/hemilith/hemilith/tool/perf/gate"

// instructions is the channel that counts are written as: a share of base, as
// times are. The gate has none of that name, and judges none.
const instructions gate.Channel = "instructions"

// claim says how the counts differ, "" if they do not, or that is not known.
func (n *Instructions) claim() string {
	if n == nil || n.Verdict != More && n.Verdict != Less {
		return ""
	}
	return claim(instructions, n.Effect) + " (" + interval(instructions, n.Interval, n.Effect) + ")"
}

// remark is what a sentence adds to a finding: that the instructions are the same
// says that it is about something else, such as caches.
func (n *Instructions) remark() string {
	if n != nil && n.Verdict == Unchanged {
		return "as many instructions"
	}
	return n.claim()
}

// onlyCounted are benchmarks that are the same but for their instructions.
func (r *Report) onlyCounted() []*Benchmark {
	var out []*Benchmark
	for i := range r.Benchmarks {
		if b := &r.Benchmarks[i]; b.state() == same && b.Instructions.claim() != "" {
			out = append(out, b)
		}
	}
	return out
}

// instructions tells those, which no group has.
func (t *teller) instructions() {
	all := t.r.onlyCounted()
	if len(all) == 0 {
		return
	}
	t.title(bold, "other instructions")
	for _, b := range all[:min(maxFindings, len(all))] {
		t.say("  ", t.r.name(b)+": "+b.Instructions.claim())
	}
	t.more(len(all), maxFindings)
	t.say("  ", "(counted by "+all[0].Instructions.Counter+", reported only: instructions alone fail nothing)")
}

// counted is one row of the page's table.
type counted struct {
	Name string
	*Instructions
}

// countedViews are the rows of the page, in the order of the report.
func (r *Report) countedViews() (out []counted, more int) {
	for i := range r.Benchmarks {
		b := &r.Benchmarks[i]
		switch {
		case b.Instructions == nil:
		case len(out) == maxResults:
			more++
		default:
			out = append(out, counted{r.name(b), b.Instructions})
		}
	}
	return out, more
}

// Within is the interval, for a table.
func (n *Instructions) Within() string { return interval(instructions, n.Interval, 0) }
