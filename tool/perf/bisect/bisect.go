// Package bisect finds the commit that made a benchmark slower: it says which
// commit to compare with which, takes the verdicts, and ends with one commit or
// a range. It is a pure machine: it knows no git, no processes and no clock.
// History lists the commits that it is asked about.
//
// Verdicts of measurements are sometimes wrong, so this is a binary search with
// noise: each commit has a probability of being the first slow one, each verdict
// changes all of them by Bayes' rule, and the next question halves what is left
// (Burnashev and Zigangirov 1974; Ben-Or and Hassidim, "The Bayesian learner is
// optimal for noisy binary search", 2008). With right verdicts the questions are
// those of plain bisection, each against base, and one more at the end: is the
// commit slower than the one before it?
package bisect

import (
	"errors"
	"fmt"
	"math/bits"
)

// Base is the number of the commit before the first.
const Base = -1

// Verdict is the answer to a Step.
type Verdict string

// The verdicts.
const (
	// Slower: the commit is slower than what it was compared with.
	Slower Verdict = "slower"
	// Same: it is not; faster is the same here.
	Same Verdict = "same"
	// Undecided: the measurements do not tell.
	Undecided Verdict = "undecided"
	// Broken: the commit does not build, or its benchmark does not run.
	Broken Verdict = "broken"
)

// Step is a question: is Commit slower than Against?
type Step struct {
	// Commit and Against are numbers of commits, from 0 on in the order of
	// history; Against is Base but for the confirmation.
	Commit, Against int
	// Alpha is the chance of answering Slower wrongly that the step may have.
	Alpha float64
	// Effort is how many times the usual number of pairs may be run: 1, and 2
	// where that left it undecided.
	Effort int
}

// Config says what is searched.
type Config struct {
	// Commits is how many there are after base, the last of which is known to be
	// slower than base.
	Commits int
	// Alpha is the chance that any of the steps of a plain bisection answers
	// Slower wrongly, above 0 and below 1; 0 is 0.01.
	Alpha float64
}

const (
	defaultAlpha = 0.01
	// maxCommits bounds the history that is searched.
	maxCommits = 1 << 16
	// maxBroken bounds how many commits are tried that do not build.
	maxBroken = 32
	// maxEffort is when a question is given up as undecided.
	maxEffort = 2
	// wrong is the rate at which verdicts are taken to be wrong. It is above
	// Alpha, since linking alone moves unchanged code by about what counts.
	wrong = 0.02
	// enough is the probability at which the search ends.
	enough = 0.99
)

// Search is the machine. It belongs to one goroutine.
type Search struct {
	alpha    float64
	weights  []float64 // probability that a commit is the first slow one
	skipped  map[int]Verdict
	asked    map[question]*record
	measured int // steps that ran pairs
	broken   int
}

// question is whether one commit is slower than another.
type question struct{ commit, against int }

// record is what is known of a question.
type record struct {
	answers   int // Slower or Same
	slower    int // of these
	undecided int // since the last answer
}

// New starts a search.
func New(c Config) (*Search, error) {
	if c.Commits < 1 || c.Commits > maxCommits {
		return nil, fmt.Errorf("cannot bisect %d commits: want 1 to %d; choose a nearer base", c.Commits, maxCommits)
	}
	if c.Alpha == 0 {
		c.Alpha = defaultAlpha
	}
	if !(c.Alpha > 0 && c.Alpha < 1) {
		return nil, fmt.Errorf("cannot bisect with alpha %v: want it above 0 and below 1", c.Alpha)
	}
	s := &Search{weights: make([]float64, c.Commits), skipped: map[int]Verdict{}, asked: map[question]*record{}}
	for i := range s.weights {
		s.weights[i] = 1 / float64(c.Commits)
	}
	s.alpha = c.Alpha / float64(max(1, s.halvings()))
	return s, nil
}

// halvings is the number of steps of a plain bisection.
func (s *Search) halvings() int { return bits.Len(uint(len(s.weights) - 1)) }

// MaxSteps returns how many steps there are at most.
func (s *Search) MaxSteps() int { return s.maxMeasured() + maxBroken }

// maxMeasured bounds the steps that run pairs: about four times as many as when
// all verdicts are right.
func (s *Search) maxMeasured() int { return 4*s.halvings() + 8 }

// Next returns the step to take, and false at the end. It says the same until
// Add.
func (s *Search) Next() (Step, bool) {
	if s.measured >= s.maxMeasured() {
		return Step{}, false
	}
	q, more := s.question()
	if !more {
		return Step{}, false
	}
	effort := 1
	if r := s.asked[q]; r != nil {
		effort += r.undecided
	}
	return Step{Commit: q.commit, Against: q.against, Alpha: s.alpha, Effort: effort}, true
}

// Add takes the verdict on the step that Next returned. Broken counts as
// Undecided for a commit that was measured before. After an error nothing has
// changed.
func (s *Search) Add(v Verdict) error {
	step, more := s.Next()
	if !more {
		return errors.New("bisection has ended: it takes no more verdicts")
	}
	if v == Broken && s.answers(question{step.Commit, Base}) == 0 && step.Commit < len(s.weights)-1 {
		s.broken++
		s.skipped[step.Commit] = Broken
		return nil
	}
	if v == Broken {
		v = Undecided
	}
	if v != Slower && v != Same && v != Undecided {
		return fmt.Errorf("bisection got verdict %q: want slower, same, undecided or broken", v)
	}
	s.measured++
	q := question{step.Commit, step.Against}
	r := s.asked[q]
	if r == nil {
		r = &record{}
		s.asked[q] = r
	}
	if v == Undecided {
		if r.undecided++; r.undecided == maxEffort && q.against == Base {
			s.skipped[q.commit] = Undecided
		}
		return nil
	}
	r.undecided = 0
	r.answers++
	if v == Slower {
		r.slower++
	}
	s.learn(q, v == Slower)
	return nil
}

// learn applies Bayes' rule: the commit is slower than the other if, and only
// if, the first slow one lies after that and not after the commit.
func (s *Search) learn(q question, slower bool) {
	var sum float64
	for i := range s.weights {
		if inside := q.against < i && i <= q.commit; inside == slower {
			s.weights[i] *= 1 - wrong
		} else {
			s.weights[i] *= wrong
		}
		sum += s.weights[i]
	}
	for i := range s.weights {
		s.weights[i] /= sum
	}
}
