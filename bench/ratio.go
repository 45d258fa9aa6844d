package main

import (
	"math"
	"slices"
)

// spread is a median with its quartiles. The zero value means "not measured".
type spread struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// spreadOf returns the spread of values, by linear interpolation.
func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	at := func(q float64) float64 {
		x := q * float64(len(sorted)-1)
		i := int(x)
		if i+1 == len(sorted) {
			return sorted[i]
		}
		return sorted[i] + (x-float64(i))*(sorted[i+1]-sorted[i])
	}
	return spread{Median: at(0.5), Low: at(0.25), High: at(0.75)}
}

// metric is one number of a point.
type metric func(point) float64

func p50(p point) float64    { return p.P50 }
func p99(p point) float64    { return p.P99 }
func rate(p point) float64   { return p.Rate }
func cpu(p point) float64    { return p.CPU }
func client(p point) float64 { return p.Client }
func server(p point) float64 { return p.Server }

// of returns the spread of m in points.
func (m metric) of(points []point) spread {
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = m(p)
	}
	return spreadOf(values)
}

// ratio returns the spread of m(a)/m(b), taken repeat by repeat: both were
// measured within two seconds of each other, so the machine's moods cancel.
func (m metric) ratio(a, b []point) spread {
	var ratios []float64
	for i := range min(len(a), len(b)) {
		if base := m(b[i]); base > 0 {
			ratios = append(ratios, m(a[i])/base)
		}
	}
	return spreadOf(ratios)
}

// control is what two runs of the same code differ by.
type control struct {
	// Worst is the largest deviation of a ratio from 1.
	Worst float64 `json:"worst"`
	// Where names the number and its cell; empty if nothing was compared.
	Where string `json:"where"`
	// Void says that Worst is more than maxDeviation, so that the run says
	// nothing.
	Void bool `json:"void"`
}

// maxDeviation is how far apart two runs of the same code may be (rpc.md,
// section 8).
const maxDeviation = 0.03

// compareControl compares the floor with itself.
func compareControl(got points, cells []cell) control {
	var c control
	for _, at := range cells {
		for _, m := range []struct {
			name string
			of   metric
		}{{"p50", p50}, {"throughput", rate}} {
			s := m.of.ratio(got[controlName][at], got[floorName][at])
			if d := math.Abs(s.Median - 1); s != (spread{}) && (d > c.Worst || c.Where == "") {
				c.Worst, c.Where = d, m.name+" of "+at.String()
			}
		}
	}
	c.Void = c.Worst > maxDeviation || c.Where == ""
	return c
}
