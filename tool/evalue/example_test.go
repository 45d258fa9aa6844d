package evalue_test

import (
	"fmt"

	"github.com/hemilith/hemilith/tool/evalue"
)

// Is the new version slower by more than 1 %? Look after each pair, and stop as
// soon as it is clear.
func Example() {
	test := evalue.SignTest{Null: evalue.AtMost, Bound: 0.01}
	for _, d := range []float64{0.12, 0.09, 0.13, 0.11, 0.31, 0.12, 0.10, 0.14, 0.12, 0.11, 0.13, 0.12, 0.15, 0.12} {
		test.Add(d)
		if test.Log() >= evalue.Of(1000) {
			break
		}
	}
	fmt.Printf("after %d pairs: e-value %.0f, false alarm at most %.4f\n", test.Pairs(), test.Log().E(), test.Log().P())
	// Output:
	// after 13 pairs: e-value 1165, false alarm at most 0.0009
}
