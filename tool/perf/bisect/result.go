package bisect

// Reason says why a search ended as it did.
type Reason string

// The reasons.
const (
	// Found: it is one commit, and it is slower than the one before it.
	Found Reason = "found"
	// Unconfirmed: it is one commit by comparison with base, but whether it is
	// slower than the one before it stayed undecided.
	Unconfirmed Reason = "unconfirmed"
	// Unbuilt: most commits in the range that were not judged do not build, or their
	// benchmark does not run.
	Unbuilt Reason = "do not build"
	// Unclear: of most of them it stayed undecided whether they are slower.
	Unclear Reason = "undecided"
	// Contradicted: the verdicts contradict each other, as they do when several
	// commits each add a little, or when one takes back what another did.
	Contradicted Reason = "contradict each other"
	// Unfinished: there are steps left.
	Unfinished Reason = "not finished"
)

// Result is what is known.
type Result struct {
	// First and Last are the commits, both included, of which one made it slower.
	// They are equal where it is known which.
	First, Last int
	// Probability is that of the range, if verdicts are wrong in 2 % of all cases
	// and one commit alone is to blame.
	Probability float64
	// Skipped are the commits in the range that could not be judged, in order.
	Skipped []int
	Why     Reason
	// Steps is how many commits were tried.
	Steps int
}

// Result returns the answer; before the end, what is known so far.
func (s *Search) Result() Result {
	all := s.spans()
	from := likely(all)
	to, p := from, all[from].weight
	for p < enough && to-from+1 < len(all) {
		if to == len(all)-1 || from > 0 && all[from-1].weight > all[to+1].weight {
			from--
			p += all[from].weight
		} else {
			to++
			p += all[to].weight
		}
	}
	r := Result{First: all[from].lo + 1, Last: all[to].hi, Probability: min(p, 1), Steps: s.measured + s.broken}
	for i := r.First; i <= r.Last; i++ {
		if _, ok := s.skipped[i]; ok {
			r.Skipped = append(r.Skipped, i)
		}
	}
	r.Why = s.reason(all[from:to+1], r)
	return r
}

// reason is why it ended with these spans.
func (s *Search) reason(found []span, r Result) Reason {
	if _, more := s.Next(); more {
		return Unfinished
	}
	if len(found) > 1 && !s.unclear(r) {
		return Contradicted
	}
	q := question{r.Last, r.First - 1}
	switch {
	case r.First == r.Last && s.closed(q) && s.answers(q) == 0:
		return Unconfirmed
	case r.First == r.Last:
		return Found
	}
	if s.unclear(r) {
		return Unclear
	}
	return Unbuilt // or too many elsewhere: those here were not tried any more
}

// unclear tells whether most of what was skipped in the range was undecided.
func (s *Search) unclear(r Result) bool {
	n := 0
	for _, i := range r.Skipped {
		if s.skipped[i] == Undecided {
			n++
		}
	}
	return n > 0 && 2*n >= len(r.Skipped)
}
