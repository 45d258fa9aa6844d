package evalue

import (
	"encoding/json"
	"fmt"
	"math"
)

// Null is what a [SignTest] may refute.
type Null string

// The two nulls: the median of each d, given all before it, is at most the bound,
// or at least the bound.
const (
	AtMost  Null = "at most"
	AtLeast Null = "at least"
)

// SignTest is the e-process for a median: each d bets on the side of the bound
// that it falls on, and the e-value is the mean of the capitals of bets of
// different sizes. For AtMost, with s = +1 if d > Bound and -1 otherwise, it is
//
//	mean over lambda of the product of (1 + lambda*s), lambda = 0.025, 0.075 ... 0.975
//
// and AtLeast mirrors it: s = +1 if d < Bound. A d on the bound, or NaN, is no
// evidence, so that ties cost power and not validity. Nothing but the median is
// assumed: no shape, no variance, no independence. Only the counts matter, so they
// are the state, which can be saved as JSON at any time and continued.
//
// The zero value refutes nothing; start with SignTest{Null: AtMost, Bound: b}.
type SignTest struct {
	Null    Null    `json:"null"`
	Bound   float64 `json:"bound"`   // in units of d, finite
	For     int     `json:"for"`     // how many d spoke against the null
	Against int     `json:"against"` // how many did not
}

// maxPairs bounds a count that was read from outside: beyond it, float64 no
// longer tells one pair from two.
const maxPairs = 1 << 53

// bets is the number of sizes of bets.
const bets = 20

// Add takes one d.
func (t *SignTest) Add(d float64) {
	if t.Null == AtMost && d > t.Bound || t.Null == AtLeast && d < t.Bound {
		t.For++
	} else {
		t.Against++
	}
}

// Pairs returns how many d were added.
func (t SignTest) Pairs() int { return t.For + t.Against }

// Log returns the e-value as of now. It grows with For and falls with Against.
func (t SignTest) Log() Log { return signs(t.For, t.Against) }

func signs(yes, no int) Log {
	var capital [bets]Log
	for i := range capital {
		lambda := (float64(i) + 0.5) / bets
		capital[i] = Log(float64(yes)*math.Log1p(lambda) + float64(no)*math.Log1p(-lambda))
	}
	return Mean(capital[:]...)
}

// UnmarshalJSON reads what encoding/json wrote, and refuses what no test can be.
func (t *SignTest) UnmarshalJSON(data []byte) error {
	type plain SignTest
	var p plain
	if err := json.Unmarshal(data, &p); err != nil {
		return fmt.Errorf("sign test: %w", err)
	}
	if p.Null != AtMost && p.Null != AtLeast {
		return fmt.Errorf("sign test: null %q: want %q or %q", p.Null, AtMost, AtLeast)
	}
	for _, n := range []int{p.For, p.Against} {
		if n < 0 || n > maxPairs {
			return fmt.Errorf("sign test: a count of %d pairs: want 0 to %d", n, maxPairs)
		}
	}
	*t = SignTest(p)
	return nil
}
