package report

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

// sample is a report of n benchmarks in which each kind of finding has its turn.
// Its numbers fit together as those of a real report do.
func sample(n int) *Report {
	r := &Report{
		Base:      Revision{Hash: "71be0c4d5a0f9e8d7c6b5a4938271605f4e3d2c1", Subject: "orders: keep the price that was shown"},
		Head:      Revision{Hash: "3f9c2ab81d7e6f5a4b3c2d1e0f9a8b7c6d5e4f30", Subject: "pricing: read rules per quote"},
		Toolchain: "go1.26.8", Machine: Machine{"linux", "amd64", "Example CPU @ 2.10GHz", 2},
		M: 2 * n, Alpha: 0.01, Confidence: 0.99, Budget: 300,
		Notes: []string{"the base is the merge base of HEAD and origin/main"},
		Next:  "hemilith perf report -o perf.html   see it in pictures",
	}
	rng := rand.New(rand.NewPCG(7, 11))
	for i := range n {
		b := kinds()[i%len(kinds())](rng)
		if i >= len(kinds()) {
			b = unchanged(rng)
		}
		b.Package = "example.com/shop/pricing"
		if i > 0 {
			b.Name += fmt.Sprintf("/case=%d", i)
		}
		switch i {
		case 1:
			b.Instructions = counts(More, 0.03, 0.002)
		case 11:
			b.Instructions = counts(Less, -0.021, 0.004)
		case 12:
			b.Instructions = counts(Unclear, 0.004, 0.08)
		case 13:
			b.Instructions = counts(Unchanged, 0.001, 0.001)
		}
		b.Declared = &Place{"Benchmark", "pricing/pricing_test.go", 20 + 7*i}
		r.Seconds += b.Seconds
		r.Benchmarks = append(r.Benchmarks, b)
	}
	if n > 1 {
		r.Failed = []Unmeasured{{Package: "example.com/shop/mail", Name: "BenchmarkSend", Why: "fails: dial tcp: connection refused"}}
		for i := range n {
			r.Skipped = append(r.Skipped, Unmeasured{Package: "example.com/shop/web", Name: fmt.Sprintf("BenchmarkPage%d", i), Why: "the code that it reaches is the same"})
		}
		r.Trends = []Trend{trend("BenchmarkQuote", gate.Slower, 0.004, 14), trend("BenchmarkParse", gate.Same, 0, 30), trend("BenchmarkNew", gate.Undecided, 0.01, 1)}
	}
	r.Complete()
	return r
}

// plan has benchmarks of some packages, as many of each.
func plan(packages, benchmarks int) []Unmeasured {
	var out []Unmeasured
	for p := range packages {
		for i := range benchmarks {
			u := Unmeasured{Package: fmt.Sprintf("example.com/shop/p%d", p), Name: fmt.Sprintf("BenchmarkPage%d", i), Why: "it reaches pricing.Quote, which differs"}
			if i == 1 {
				u.Why = "testdata differs"
			}
			out = append(out, u)
		}
	}
	return out
}

// kinds makes one benchmark of each kind.
func kinds() []func(*rand.Rand) Benchmark {
	return []func(*rand.Rand) Benchmark{quote, unchanged, less, unsettled, meant, copies, exceeded, waits, doubtful, huge, allocOnly}
}

func cpu(rng *rand.Rand, effect float64, v gate.Verdict) Test {
	base := math.Exp(rng.Float64()*9) * 1e-9
	t := Test{Channel: gate.CPU, Verdict: v, Base: base, Head: base * (1 + effect), Effect: effect, Interval: around(effect, 0.008+rng.Float64()*0.015), Limit: 0.01, Pairs: 14, EValue: 0.4, FalseAlarm: 1}
	if v == gate.Slower || v == gate.Faster {
		t.Suspect, t.EValue, t.FalseAlarm, t.Pairs, t.ConfirmPairs = v, 1.7e5, 1/1.7e5, 22, 9
	}
	return t
}

func around(at, by float64) evalue.Interval { return evalue.Interval{Lo: at - by, Hi: at + 1.2*by} }

func count(c gate.Channel, base, effect float64) Test {
	t := Test{Channel: c, Verdict: gate.Same, Exact: true, Base: base, Head: base + effect, Effect: effect, Interval: evalue.Interval{Lo: effect, Hi: effect}, Limit: 0.5, Pairs: 8, EValue: 0.1, FalseAlarm: 1}
	switch {
	case effect > 0:
		t.Verdict = gate.Slower
	case effect < 0:
		t.Verdict = gate.Faster
	}
	return t
}

func quote(rng *rand.Rand) Benchmark {
	b := Benchmark{Name: "BenchmarkQuote", Procs: 1, Tests: []Test{cpu(rng, 0.126, gate.Slower), count(gate.Allocs, 12, 1), count(gate.Bytes, 640, 0)}, Seconds: 1.74, Layouts: []int{0, 1, 2, 3}}
	b.Tests[0].Interval = evalue.Interval{Lo: 0.11, Hi: 0.14}
	b.Instructions = counts(More, 0.128, 0.001)
	b.Culprit = &Revision{Hash: "3f9c2ab81d7e6f5a4b3c2d1e0f9a8b7c6d5e4f30", Subject: "pricing: read rules per quote"}
	b.Cause = &Cause{Place{"example.com/shop/pricing.(*Book).Quote", "pricing/pricing.go", 88}, 0.84, true}
	b.Profile = []Difference{
		{Place{"example.com/shop/pricing.(*Book).Quote", "pricing/pricing.go", 88}, gate.CPU, 210e-9, 344e-9},
		{Place{"runtime.mallocgc", "", 0}, gate.CPU, 96e-9, 131e-9},
		{Place{"example.com/shop/pricing.(*Book).rules", "pricing/rules.go", 31}, gate.Allocs, 0, 1},
		{Place{"example.com/shop/pricing.sum", "pricing/sum.go", 9}, gate.CPU, 61e-9, 55e-9},
	}
	return b
}

func counts(v Change, effect, by float64) *Instructions {
	return &Instructions{Counter: "valgrind 3.19.0", Verdict: v, Base: 1240, Head: 1240 * (1 + effect), Effect: effect, Interval: evalue.Interval{Lo: effect - by, Hi: effect + by}, Limit: 0.01, Repeats: 3}
}

func unchanged(rng *rand.Rand) Benchmark {
	return Benchmark{Name: "BenchmarkParse", Procs: 1 + rng.IntN(2), Tests: []Test{cpu(rng, rng.NormFloat64()*0.004, gate.Same), count(gate.Allocs, 3, 0)}, Seconds: 1 + rng.Float64(), Layouts: []int{0}}
}

func less(rng *rand.Rand) Benchmark {
	return Benchmark{Name: "BenchmarkTotal", Procs: 1, Tests: []Test{cpu(rng, -0.208, gate.Faster), count(gate.Allocs, 9, -2)}, Seconds: 1.3, Layouts: []int{0, 1, 2, 3}}
}

func unsettled(rng *rand.Rand) Benchmark {
	b := Benchmark{Name: "BenchmarkSearch", Procs: 2, Tests: []Test{cpu(rng, 0.019, gate.Undecided)}, Seconds: 14.2, Layouts: []int{0}, Notes: []string{"it leaves 3 goroutines behind"}}
	b.Tests[0].Why, b.Tests[0].Pairs, b.Tests[0].Interval = gate.OutOfPairs, 120, evalue.Interval{Lo: -0.004, Hi: math.Inf(1)}
	return b
}

func meant(rng *rand.Rand) Benchmark {
	b := Benchmark{Name: "BenchmarkSign", Procs: 1, Tests: []Test{cpu(rng, 0.093, gate.Slower)}, Seconds: 1.9, Layouts: []int{0, 1, 2, 3}}
	b.Tests[0].Acceptance = &Acceptance{0.15, true, []Trailer{{"3f9c2ab81d7e6f5a4b3c2d1e0f9a8b7c6d5e4f30", 0.15, "constant time, for safety"}}}
	return b
}

func copies(rng *rand.Rand) Benchmark {
	return Benchmark{Name: "BenchmarkCopy", Procs: 1, Tests: []Test{cpu(rng, 0.002, gate.Same), count(gate.Bytes, 2048, 512)}, Seconds: 1.1, Layouts: []int{0}}
}

func exceeded(rng *rand.Rand) Benchmark {
	b := Benchmark{Name: "BenchmarkEncode", Instructions: counts(Unchanged, 0.0004, 0.002), Procs: 1, Tests: []Test{cpu(rng, 0.061, gate.Slower)}, Seconds: 2.4, Layouts: []int{0, 1, 2, 3}}
	b.Tests[0].Acceptance = &Acceptance{0.05, false, []Trailer{{"3f9c2ab81d7e6f5a4b3c2d1e0f9a8b7c6d5e4f30", 0.05, "checks its input"}}}
	return b
}

func waits(rng *rand.Rand) Benchmark {
	t := cpu(rng, 0.31, gate.Slower)
	t.Channel, t.Limit, t.Base, t.Head, t.FalseAlarm = gate.Wall, 0.1, 2.1e-3, 2.75e-3, 0.0038
	return Benchmark{Name: "BenchmarkFetch", Procs: 2, Tests: []Test{cpu(rng, -0.001, gate.Same), t}, Seconds: 9.8, Layouts: []int{0, 1, 2, 3}}
}

func doubtful(rng *rand.Rand) Benchmark {
	b := Benchmark{Name: "BenchmarkRoute", Procs: 1, Tests: []Test{cpu(rng, 0.034, gate.Undecided)}, Seconds: 6, Layouts: []int{0, 1}}
	b.Tests[0].Why, b.Tests[0].Suspect, b.Tests[0].Pairs = gate.OutOfTime, gate.Slower, 41
	return b
}

func huge(rng *rand.Rand) Benchmark {
	return Benchmark{Name: "BenchmarkBody", Procs: 1, Tests: []Test{cpu(rng, 2.47, gate.Slower)}, Seconds: 1.2, Layouts: []int{0, 1, 2, 3}}
}

func allocOnly(rng *rand.Rand) Benchmark {
	return Benchmark{Name: "BenchmarkLookup", Procs: 1, Tests: []Test{cpu(rng, 0.003, gate.Same), count(gate.Allocs, 0, 1)}, Seconds: 0.9, Layouts: []int{0, 1, 2, 3}}
}

func trend(name string, v gate.Verdict, step float64, n int) Trend {
	rng := rand.New(rand.NewPCG(3, uint64(n)))
	t := Trend{Package: "example.com/shop/pricing", Name: name, Procs: 1, Channel: gate.CPU, Release: "v1.4.0", Verdict: v, EValue: 5200, FalseAlarm: 1 / 5200.0}
	if v == gate.Slower {
		t.Since = "3f04493e81d7e6f5a4b3c2d1e0f9a8b7c6d5e4f30"
	}
	for i := range n {
		at := step*float64(i) + rng.NormFloat64()*0.003
		t.Points = append(t.Points, Point{fmt.Sprintf("%07x81d7e6f5a4b3c2d1e0f9a8b7c6d5e4f30", 0x3f00000+i*4391), fmt.Sprintf("step %d", i), at, around(at, 0.009)})
	}
	return t
}
