package count

import (
	"math"

	"github.com/hemilith/hemilith/tool/evalue"
)

// Verdict is what counts say.
type Verdict string

// The verdicts. Same is within 1 %; Undecided is where the counts of a side vary
// by more than what would be told.
const (
	More      Verdict = "more"
	Less      Verdict = "less"
	Same      Verdict = "same"
	Undecided Verdict = "undecided"
)

// Limit is the share of base from which on a difference is told.
const Limit = 0.01

// Difference is how head's count differs from base's.
type Difference struct {
	// Base and Head are the medians of the repeats: instructions per operation.
	Base, Head float64
	// Effect is the difference of the medians as a share of base: 0.1 is 10 % more.
	// Interval holds that of every repeat of head from every repeat of base.
	Effect   float64
	Interval evalue.Interval
	Verdict  Verdict
	// Repeats is how often each side was counted, at least.
	Repeats int
}

// Compare says how two counts differ. For More and Less all pairs of repeats must
// agree. If nothing differs, each order of the repeats is equally likely, whatever
// they vary by: three a side agree by chance in at most 1 of 20 cases, six in 1 of
// 924. Counts that are empty, or not above zero, are Undecided.
func Compare(base, head Count) Difference {
	if !base.sound() || !head.sound() {
		return Difference{Verdict: Undecided, Interval: evalue.Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}}
	}
	d := Difference{Base: evalue.Median(base), Head: evalue.Median(head), Repeats: min(len(base), len(head))}
	d.Effect = d.Head/d.Base - 1
	d.Interval = evalue.Interval{Lo: math.Inf(1), Hi: math.Inf(-1)}
	for _, b := range base {
		for _, h := range head {
			d.Interval.Lo, d.Interval.Hi = min(d.Interval.Lo, h/b-1), max(d.Interval.Hi, h/b-1)
		}
	}
	switch {
	case d.Interval.Lo > Limit:
		d.Verdict = More
	case d.Interval.Hi < -Limit:
		d.Verdict = Less
	case -Limit <= d.Interval.Lo && d.Interval.Hi <= Limit:
		d.Verdict = Same
	default:
		d.Verdict = Undecided
	}
	return d
}

func (c Count) sound() bool {
	for _, v := range c {
		if !(v > 0) || math.IsInf(v, 0) {
			return false
		}
	}
	return len(c) > 0
}
