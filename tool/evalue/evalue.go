// Package evalue judges by e-values: numbers whose expectation is at most 1 when
// nothing is the matter, so that one of E refutes "nothing is the matter" as a
// bet does that turned 1 into E. By Ville's inequality, an e-process, which is an
// e-value at each stopping time, ever reaches 1/alpha with a probability of at
// most alpha. So data may be watched while it comes, and a test may end, or go
// on, for whatever reason.
//
// [SignTest] is the e-process for a median, [MedianInterval] what such tests
// leave possible, [BH] the choice among many, [Product] and [Mean] join e-values.
// A [Log] can be saved, and multiplied with the next one, as long as one wants.
//
// The package is mathematics on float64: no I/O, no clock, no chance. Its values
// may be used by several goroutines at once only if none of them calls Add.
//
// Sources: Ramdas, Grünwald, Vovk and Shafer, "Game-theoretic statistics and
// safe anytime-valid inference", Statistical Science 38 (2023); Vovk and Wang,
// "E-values: calibration, combination and applications", Annals of Statistics 49
// (2021).
package evalue

import "math"

// Log is the natural logarithm of an e-value. 0, the zero value, is an e-value of
// 1: no evidence. It has no bounds of its own, so that 100,000 pairs overflow
// nothing. NaN is no evidence either; [BH] never reports it.
type Log float64

// Of returns the Log of an e-value, which is at least 0.
func Of(e float64) Log { return Log(math.Log(e)) }

// E returns the e-value: +Inf from about 1.8e308 up.
func (l Log) E() float64 { return math.Exp(float64(l)) }

// P bounds the chance of a false alarm: the probability that evidence as strong
// as this ever comes when the null is true, 1/e, at most 1 (Ville 1939).
func (l Log) P() float64 { return math.Min(1, math.Exp(-float64(l))) }

// Product joins e-values that are independent, or of which each is an e-value
// given those before it, such as those of one night after the other against the
// same release. The product of none is 1.
func Product(es ...Log) Log {
	var sum Log
	for _, e := range es {
		sum += e
	}
	return sum
}

// Mean joins e-values that depend on each other in whatever way. No other
// symmetric way to do that is better, but for mixing with 1 (Vovk and Wang 2021).
// The mean of none is 1.
func Mean(es ...Log) Log {
	if len(es) == 0 {
		return 0
	}
	top := es[0]
	for _, e := range es {
		top = max(top, e)
	}
	if math.IsInf(float64(top), 0) {
		return top
	}
	var sum float64
	for _, e := range es {
		sum += math.Exp(float64(e - top))
	}
	return top + Log(math.Log(sum/float64(len(es))))
}
