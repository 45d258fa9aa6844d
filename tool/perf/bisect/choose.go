package bisect

import "math"

// span is the commits after lo, up to hi: those that no question tells apart.
type span struct {
	lo, hi int
	weight float64
}

// spans returns the partition of all commits by those that can be asked about.
func (s *Search) spans() []span {
	var all []span
	now := span{lo: Base}
	for i, w := range s.weights {
		now.weight += w
		if s.open(i) {
			now.hi = i
			all = append(all, now)
			now = span{lo: i}
		}
	}
	return all
}

// open tells whether a commit can be asked about. The last one is known to build
// and to be slow.
func (s *Search) open(i int) bool {
	if i == len(s.weights)-1 {
		return true
	}
	if _, skipped := s.skipped[i]; skipped {
		return false
	}
	return s.broken < maxBroken || s.answers(question{i, Base}) > 0
}

func (s *Search) answers(q question) int {
	if r := s.asked[q]; r != nil {
		return r.answers
	}
	return 0
}

// likely returns the span that is most probable, the first of equals.
func likely(all []span) int {
	best := 0
	for i := range all {
		if all[i].weight > all[best].weight {
			best = i
		}
	}
	return best
}

// question returns what to ask next, and false where all is known that can be.
func (s *Search) question() (question, bool) {
	all := s.spans()
	best := all[likely(all)]
	if len(all) == 1 || best.weight >= enough && s.checked(best) {
		return question{}, false
	}
	if best.weight > 0.5 {
		return s.check(best), true
	}
	return question{s.half(all), Base}, true
}

// whole tells whether a question is what was known from the start.
func (s *Search) whole(q question) bool { return q.against == Base && q.commit == len(s.weights)-1 }

// checked tells whether a span has been compared from end to end, or cannot be.
func (s *Search) checked(p span) bool {
	r := s.asked[question{p.hi, p.lo}]
	return r != nil && (r.answers > 0 || r.undecided >= maxEffort)
}

// check returns the question about a span that was answered least often: its two
// ends against base, then one against the other.
func (s *Search) check(p span) question {
	list := [...]question{{p.lo, Base}, {p.hi, Base}, {p.hi, p.lo}}
	var best question
	least := math.MaxInt
	for _, q := range list {
		if q.commit == Base || s.whole(q) || s.closed(q) {
			continue
		}
		if n := s.answers(q); n < least {
			best, least = q, n
		}
	}
	return best
}

// closed tells whether a question has been given up.
func (s *Search) closed(q question) bool {
	r := s.asked[q]
	return r != nil && r.undecided >= maxEffort
}

// half returns the commit to ask about so that both answers are about equally
// probable. Commits that do not build, or are undecided, have neighbours like
// them; beside these, what lies farthest from them is chosen, as long as either
// answer still has a quarter of the probability.
func (s *Search) half(all []span) int {
	far := s.distances()
	best, bestScore := all[0].hi, math.Inf(-1)
	var before float64
	for _, p := range all[:len(all)-1] {
		before += p.weight
		score := -math.Abs(before - 0.5)
		if far != nil && score >= -0.25 {
			score += float64(far[p.hi])
		}
		if score > bestScore {
			best, bestScore = p.hi, score
		}
	}
	return best
}

// distances returns how far the nearest skipped commit is, of each, and nil if
// none was skipped.
func (s *Search) distances() []int {
	if len(s.skipped) == 0 {
		return nil
	}
	n := len(s.weights)
	far := make([]int, n)
	near := n
	for i := range n {
		near++
		if s.skipped[i] != "" {
			near = 0
		}
		far[i] = near
	}
	near = n
	for i := n - 1; i >= 0; i-- {
		near = min(near+1, far[i])
		far[i] = near
	}
	return far
}
