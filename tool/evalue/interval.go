package evalue

import (
	"encoding/json"
	"math"
	"slices"
	"sort"
)

// Interval holds the effects from Lo to Hi, both included, in units of d. An open
// side is infinite; as JSON, it is null.
type Interval struct {
	Lo, Hi float64
}

// MarshalJSON writes {"lo": ..., "hi": ...}.
func (i Interval) MarshalJSON() ([]byte, error) {
	var out struct {
		Lo *float64 `json:"lo"`
		Hi *float64 `json:"hi"`
	}
	if !math.IsInf(i.Lo, 0) {
		out.Lo = &i.Lo
	}
	if !math.IsInf(i.Hi, 0) {
		out.Hi = &i.Hi
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (i *Interval) UnmarshalJSON(data []byte) error {
	var in struct{ Lo, Hi *float64 }
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*i = Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}
	if in.Lo != nil {
		i.Lo = *in.Lo
	}
	if in.Hi != nil {
		i.Hi = *in.Hi
	}
	return nil
}

// MedianInterval returns all medians that no [SignTest] of d, in either
// direction, rejects at alpha/2 (alpha 0.01: an interval of 99 %). If every d has
// the same median given those before it, intervals taken after each d all hold it
// at once with a probability of at least 1-alpha: it is a confidence sequence, so
// the moment to stop may be chosen by what was seen.
//
// The tests reject an effect when their e-values are high now, not when they
// once were: an unlucky start can be mended, the order of d is of no matter, and
// the interval always holds the sample's median. Too few d leave both sides open,
// and so does a NaN among them.
func MedianInterval(d []float64, alpha float64) Interval {
	open := Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}
	n := len(d)
	reject := Of(2 / alpha)
	// An effect is rejected as too small if at least need of the d lie above it.
	need := sort.Search(n+1, func(k int) bool { return signs(k, n-k) >= reject })
	if need > n || slices.ContainsFunc(d, math.IsNaN) {
		return open
	}
	sorted := slices.Sorted(slices.Values(d))
	return Interval{Lo: sorted[n-need], Hi: sorted[need-1]}
}

// Median returns the middle of d, or the mean of the two in the middle; of none,
// NaN.
func Median(d []float64) float64 {
	n := len(d)
	if n == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(d))
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
