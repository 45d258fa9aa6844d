package gate

import (
	"math"
	"slices"
)

// Channel is what is measured of a run.
type Channel string

// The channels. CPU and Wall are in seconds, for the same number of iterations on
// both sides; Allocs and Bytes are per iteration, with their fractions.
const (
	CPU    Channel = "cpu"
	Wall   Channel = "wall"
	Allocs Channel = "allocs"
	Bytes  Channel = "bytes"
)

// Fails tells whether a channel that got slower fails a commit. More bytes are
// reported only: what they cost shows in CPU.
func (c Channel) Fails() bool { return c != Bytes }

// rule says how a channel compares head with base.
type rule struct {
	ratio bool    // d = ln(head/base); otherwise d = head-base
	more  float64 // slower is what has a median of d beyond this; faster mirrors it
	pass  float64 // the same is what excludes a median of this or more, and of its opposite
}

// rule returns the rule of a known channel. Placing functions elsewhere moves the
// CPU time of unchanged code by up to 1.4 %, so +1 % is the null, and not 0. The
// wall clock sees the neighbours: only effects far above are worth a word. Where
// counts are concerned, half of the least that counts tells one from none: one
// allocation, and the eight bytes of the smallest.
func (c Channel) rule() (rule, bool) {
	switch c {
	case CPU:
		return rule{ratio: true, more: math.Log(1.01), pass: math.Log(1.03)}, true
	case Wall:
		return rule{ratio: true, more: math.Log(1.10), pass: math.Log(1.20)}, true
	case Allocs:
		return rule{more: 0.5, pass: 0.5}, true
	case Bytes:
		return rule{more: 4, pass: 4}, true
	}
	return rule{}, false
}

// d is the effect that one pair shows. It changes its sign, exactly, when the
// sides change places.
func (r rule) d(base, head float64) float64 {
	if r.ratio {
		return math.Log(head) - math.Log(base)
	}
	return head - base
}

// effect turns d into what people read: a share (0.1 is 10 % more) of a time, or
// a difference of counts.
func (r rule) effect(d float64) float64 {
	if r.ratio {
		return math.Expm1(d)
	}
	return d
}

// Agree tells whether a channel that counts is exact, judged by at least three
// runs of base alone: they differ by less than half of the least that counts.
// Times are never exact.
func Agree(c Channel, runs []float64) bool {
	r, ok := c.rule()
	return ok && !r.ratio && len(runs) >= 3 && slices.Max(runs)-slices.Min(runs) < r.more
}
