package history_test

import (
	"fmt"
	"time"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/accept"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/history"
)

// Five nights find about 2 % each, and none of them is sure.
func ExampleCreep() {
	const release = "3f9c2ab1d2e4f5061728394a5b6c7d8e9f001122"
	var runs []history.Run
	for night := range 5 {
		r, _ := history.Of(accept.Bench{Package: "example.com/shop/pricing", Name: "BenchmarkQuote", Procs: 1}, gate.Result{
			Channel: gate.CPU, Verdict: gate.Undecided, Why: gate.OutOfPairs, Pairs: 40,
			Effect: 0.021, Interval: evalue.Interval{Lo: 0.004, Hi: 0.035},
			Slower: evalue.SignTest{Null: evalue.AtMost, Bound: 0.00995, For: 28, Against: 12},
		}, false)
		runs = append(runs, history.Run{
			Time: time.Date(2026, 3, 1+night, 2, 0, 0, 0, time.UTC), Base: release, Head: fmt.Sprintf("%040x", night),
			Machine: history.Machine{Toolchain: "go1.26.8", OS: "linux", Arch: "amd64", CPU: "Example 3000", Cores: 2},
			Results: []history.Result{r},
		})
	}
	fmt.Printf("one night: e-value %.1f\n", runs[0].Results[0].Slower.Log().E())
	found, m := history.Creep(runs, release, 0.01)
	for _, f := range found {
		fmt.Printf("%s: %.1f %% more %s (%.1f to %.1f), 1 of %d, false-alarm chance %.0e\n",
			f.Name, 100*f.Effect, f.Channel, 100*f.Interval.Lo, 100*f.Interval.Hi, m, f.Log.P())
	}
	// Output:
	// one night: e-value 9.5
	// BenchmarkQuote: 2.1 % more cpu (0.4 to 3.5), 1 of 1, false-alarm chance 2e-05
}
