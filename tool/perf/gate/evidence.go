package gate

import (
	"math"

	"github.com/hemilith/hemilith/tool/evalue"
)

// passAt is the e-value at which an effect in one direction counts as excluded.
const passAt = 100

// minPairs are run at least, before anything is said.
const minPairs = 8

// evidence is what the pairs of one stage say on one channel.
type evidence struct {
	rule                 rule
	exact                bool
	slower, faster       evalue.SignTest // against "at most so much more", "at most so much less"
	notSlower, notFaster evalue.SignTest // against "at least so much more", "at least so much less"
	d                    []float64       // at most maxPairs
	base, head           span
}

// span is the range of some values.
type span struct{ low, high float64 }

func (s *span) add(x float64) { s.low, s.high = min(s.low, x), max(s.high, x) }

func newEvidence(r rule, exact bool) evidence {
	none := span{low: math.Inf(1), high: math.Inf(-1)}
	return evidence{
		rule: r, exact: exact, base: none, head: none,
		slower:    evalue.SignTest{Null: evalue.AtMost, Bound: r.more},
		faster:    evalue.SignTest{Null: evalue.AtLeast, Bound: -r.more},
		notSlower: evalue.SignTest{Null: evalue.AtLeast, Bound: r.pass},
		notFaster: evalue.SignTest{Null: evalue.AtMost, Bound: -r.pass},
	}
}

func (e *evidence) add(base, head float64) {
	d := e.rule.d(base, head)
	e.d = append(e.d, d)
	e.base.add(base)
	e.head.add(head)
	for _, t := range []*evalue.SignTest{&e.slower, &e.faster, &e.notSlower, &e.notFaster} {
		t.Add(d)
	}
}

// toward returns the test whose evidence is for v, Slower or Faster.
func (e *evidence) toward(v Verdict) evalue.SignTest {
	if v == Faster {
		return e.faster
	}
	return e.slower
}

// outcome is Slower, Faster, Same, or nothing yet. A threshold is the e-value that
// a difference needs.
func (e *evidence) outcome(threshold evalue.Log) Verdict {
	if len(e.d) < minPairs {
		return ""
	}
	if v := e.apart(); v != "" {
		return v
	}
	pass := evalue.Of(passAt)
	switch {
	case e.slower.Log() >= threshold:
		return Slower
	case e.faster.Log() >= threshold:
		return Faster
	case e.notSlower.Log() >= pass && e.notFaster.Log() >= pass:
		return Same
	}
	return ""
}

// apart judges exact values at once: all runs of one side lie beyond all of the
// other, or all are alike. That 8 runs lie beyond 8 others of the same kind has a
// chance of 1 in 12,870 (16 over 8), whatever their distribution. It says nothing
// if the values vary after all; then the signs decide.
func (e *evidence) apart() Verdict {
	switch {
	case !e.exact:
		return ""
	case e.head.low-e.base.high > e.rule.more:
		return Slower
	case e.base.low-e.head.high > e.rule.more:
		return Faster
	case e.head.high-e.base.low <= e.rule.more && e.base.high-e.head.low <= e.rule.more:
		return Same
	}
	return ""
}
