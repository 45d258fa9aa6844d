package accept_test

import (
	"fmt"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/accept"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

// Two commits of a branch accept 5 % and 10 %, and 12.6 % were measured.
func ExampleFor() {
	said := []accept.Acceptance{
		{Commit: "3f9c2ab", Bench: "BenchmarkQuote", Kind: accept.Time, More: 0.05, Reason: "prices are exact"},
		{Commit: "41d0e88", Bench: "BenchmarkQuote", Kind: accept.Time, More: 0.10, Reason: "discounts"},
	}
	g := accept.For(said, accept.Bench{Package: "example.com/shop/pricing", Name: "BenchmarkQuote/large", Procs: 2}, gate.CPU)
	fmt.Printf("up to %.1f %%: %v\n", 100*g.More, g.Covers(gate.Result{
		Channel: gate.CPU, Effect: 0.126, Interval: evalue.Interval{Lo: 0.11, Hi: 0.14},
	}))
	// Output: up to 15.5 %: true
}
