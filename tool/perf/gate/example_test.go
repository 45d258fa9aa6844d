package gate_test

import (
	"fmt"
	"time"

	"github.com/hemilith/hemilith/tool/perf/gate"
)

func Example() {
	g, err := gate.New(gate.Config{Budget: 5 * time.Minute}, []gate.Bench{
		{Name: "BenchmarkQuote", Tests: []gate.Test{{Channel: gate.CPU}, {Channel: gate.Allocs, Exact: true}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		_, ok := g.Next() // which benchmark, in which order, of which binaries
		if !ok {
			break
		}
		base, head := gate.Sample{gate.CPU: 0.060, gate.Allocs: 3}, gate.Sample{gate.CPU: 0.069, gate.Allocs: 3}
		if err := g.Add(base, head, 130*time.Millisecond); err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, r := range g.Results() {
		fmt.Printf("%s %s: %s, effect %+.2f, %d + %d pairs\n", r.Bench, r.Channel, r.Verdict, r.Effect, r.Pairs, r.ConfirmPairs)
	}
	// Output:
	// BenchmarkQuote cpu: slower, effect +0.15, 13 + 9 pairs
	// BenchmarkQuote allocs: same, effect +0.00, 8 + 0 pairs
}
