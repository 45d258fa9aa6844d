package report_test

import (
	"fmt"
	"os"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
)

// What the gate found becomes a sentence, and an exit status.
func Example() {
	found := gate.Result{
		Bench: "BenchmarkQuote", Channel: gate.CPU, Verdict: gate.Slower, Suspect: gate.Slower,
		Effect: 0.126, Interval: evalue.Interval{Lo: 0.11, Hi: 0.14},
		Slower: evalue.SignTest{Null: evalue.AtMost, For: 13}, Confirm: evalue.SignTest{Null: evalue.AtMost, For: 9},
		Pairs: 22, ConfirmPairs: 9,
	}
	r := &report.Report{
		Base: report.Revision{Hash: "71be0c4d5a0f", Subject: "orders: keep the price"}, Head: report.Revision{Hash: "3f9c2ab81d7e", Subject: "pricing: read rules"},
		Toolchain: "go1.26.8", Machine: report.Machine{OS: "linux", Arch: "amd64", Processors: 2},
		M: 1, Alpha: 0.01, Confidence: gate.Confidence, Seconds: 1.74,
		Benchmarks: []report.Benchmark{{Package: "example.com/shop/pricing", Name: "BenchmarkQuote", Procs: 1, Tests: []report.Test{report.Of(found)}, Seconds: 1.74}},
	}
	r.Complete()
	if err := r.Text(os.Stdout, false); err != nil {
		fmt.Println(err)
	}
	fmt.Println("exit", r.Exit(false))
	// Output:
	// 1 benchmark is slower than 71be0c4
	//   base  71be0c4 orders: keep the price
	//   head  3f9c2ab pricing: read rules
	//   1 benchmark measured in 1.7 s, go1.26.8 on linux/amd64, 2 processors
	//
	// slower
	//   BenchmarkQuote: 12.6 % more CPU (99 % interval 11 to 14) against 71be0c4;
	//     1.7 s; false-alarm chance < 0.1 %
	//
	// if nothing had changed, the chance of any alarm would be at most 1 %, over 1
	// test together
	// exit 1
}
