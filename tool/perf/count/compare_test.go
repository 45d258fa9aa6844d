package count

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestVerdictsNeedAllPairsToAgree(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		base, head Count
		want       Verdict
		lo, hi     float64
	}{
		"equal":                     {Count{100, 100, 100}, Count{100, 100, 100}, Same, 0, 0},
		"a little":                  {Count{1000, 1001, 999}, Count{1005, 1004, 1006}, Same, 1004./1001 - 1, 1006./999 - 1},
		"more":                      {Count{1000, 1001, 999}, Count{1030, 1031, 1032}, More, 1030./1001 - 1, 1032./999 - 1},
		"less":                      {Count{1000, 1001, 999}, Count{900, 901, 902}, Less, 900./1001 - 1, 902./999 - 1},
		"one repeat of head is off": {Count{1000, 1000, 1000}, Count{1030, 1030, 1005}, Undecided, 0.005, 0.03},
		"one repeat of base is off": {Count{1000, 1000, 1025}, Count{1030, 1030, 1030}, Undecided, 1030./1025 - 1, 0.03},
		"no repeats":                {nil, Count{1}, Undecided, math.Inf(-1), math.Inf(1)},
		"noise alone":               {Count{1, 2, -1}, Count{1, 2, 3}, Undecided, math.Inf(-1), math.Inf(1)},
		"not a number":              {Count{1, 2, 3}, Count{1, math.NaN(), 3}, Undecided, math.Inf(-1), math.Inf(1)},
	} {
		d := Compare(c.base, c.head)
		if d.Verdict != c.want || !near(d.Interval.Lo, c.lo) || !near(d.Interval.Hi, c.hi) {
			t.Errorf("%s: got %s, %v, want %s, %v to %v", name, d.Verdict, d.Interval, c.want, c.lo, c.hi)
		}
	}
}

func near(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-12 }

func TestVerdictsAreThoseOfTheSidesExchanged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.SliceOfN(rapid.Float64Range(900, 1100), 1, 6)
		base, head := Count(side.Draw(t, "base")), Count(side.Draw(t, "head"))
		d, back := Compare(base, head), Compare(head, base)
		if d.Effect < d.Interval.Lo || d.Effect > d.Interval.Hi {
			t.Errorf("the effect %v is not in the interval %v", d.Effect, d.Interval)
		}
		// More than 1 % above is less than 1 % below only from 1.0101 on.
		if d.Verdict == Less && back.Verdict != More || d.Verdict == More && d.Interval.Lo > 0.0102 && back.Verdict != Less {
			t.Errorf("got %s, and %s the other way", d.Verdict, back.Verdict)
		}
	})
}
