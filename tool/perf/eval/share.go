package main

import (
	"fmt"
	"math"
	"slices"
)

// share is k of n.
type share struct{ k, n int }

func (s *share) add(yes bool) {
	s.n++
	if yes {
		s.k++
	}
}

func (s share) rate() float64 { return float64(s.k) / float64(max(1, s.n)) }

// interval holds the true rate with 95 % (Wilson, "Probable inference, the law of
// succession, and statistical inference", 1927).
func (s share) interval() (low, high float64) {
	if s.n == 0 {
		return 0, 1
	}
	const z = 1.959964
	n, p := float64(s.n), s.rate()
	middle, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	return max(0, (middle-half)/scale), min(1, (middle+half)/scale)
}

// String is as "3 of 40 (7.5 %; 2.6–20)".
func (s share) String() string {
	if s.n == 0 {
		return nothing
	}
	low, high := s.interval()
	return fmt.Sprintf("%d of %d (%s %%; %s–%s)", s.k, s.n, percent(s.rate()), percent(low), percent(high))
}

// percent shows a share with two digits that count.
func percent(x float64) string {
	switch x *= 100; {
	case x == 0:
		return "0"
	case x < 0.1:
		return fmt.Sprintf("%.3f", x)
	case x < 1:
		return fmt.Sprintf("%.2f", x)
	case x < 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// quantile is the smallest value that the share q of all does not exceed; of
// none, NaN.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	at := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[max(0, at)]
}

// number0 shows a number without fraction, or a dash where there is none.
func number0(x float64) string {
	if math.IsNaN(x) {
		return nothing
	}
	return fmt.Sprintf("%.0f", x)
}
