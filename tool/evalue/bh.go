package evalue

import (
	"cmp"
	"math"
	"slices"
)

// Named is an e-value and the name of the null that it speaks against.
type Named struct {
	Name string
	Log  Log
}

// BH chooses among m nulls by the e-BH procedure of Wang and Ramdas, "False
// discovery rate control with e-values", JRSS B 84 (2022): it sorts the e-values
// downwards, finds the largest k with e(k) >= m/(alpha*k), and returns the first
// k, the strongest first, equal ones by name. Of what is returned, at most the
// share alpha (0 to 1) is false in expectation, however the e-values depend on
// each other.
//
// m is the number of nulls there were at the start; those without a value count
// as 0, and m below len(values) is taken as len(values). Reaching the bound is
// enough. Equal e-values are returned all or not at all, since the bound falls
// with k. NaN is never returned.
func BH(alpha float64, m int, values []Named) []Named {
	m = max(m, len(values))
	sorted := slices.Clone(values)
	sorted = slices.DeleteFunc(sorted, func(v Named) bool { return math.IsNaN(float64(v.Log)) })
	slices.SortFunc(sorted, func(a, b Named) int {
		return cmp.Or(cmp.Compare(b.Log, a.Log), cmp.Compare(a.Name, b.Name))
	})
	for k := len(sorted); k > 0; k-- {
		if sorted[k-1].Log >= Of(float64(m)/(alpha*float64(k))) {
			return sorted[:k]
		}
	}
	return nil
}
