package history

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/accept"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

const release = "0000000000000000000000000000000000000001"

// commit returns the hash of the i-th commit of tests.
func commit(i int) string { return fmt.Sprintf("%040x", 0x1000+i) }

func machine() Machine {
	return Machine{Toolchain: "go1.26.8", OS: "linux", Arch: "amd64", CPU: "Example 3000", Cores: 2}
}

// noise is how far a pair is off, as the standard deviation of its logarithm: the
// middle one of those measured (perf-gate.md section 1).
const noise = 0.028

// night judges benchmarks whose CPU time has become slower than the release by a
// share each, as a gate does: pair by pair, until it knows.
func night(t testing.TB, i int, rng *rand.Rand, effects []float64) Run {
	t.Helper()
	var benches []gate.Bench
	for b := range effects {
		benches = append(benches, gate.Bench{Name: fmt.Sprintf("Benchmark%d", b), Tests: []gate.Test{{Channel: gate.CPU}}})
	}
	g, err := gate.New(gate.Config{Seed: rng.Uint64()}, benches)
	if err != nil {
		t.Fatal(err)
	}
	effect := make(map[string]float64)
	for b, bench := range benches {
		effect[bench.Name] = effects[b]
	}
	for step, ok := g.Next(); ok; step, ok = g.Next() {
		base := gate.Sample{gate.CPU: math.Exp(rng.NormFloat64() * noise / math.Sqrt2)}
		head := gate.Sample{gate.CPU: (1 + effect[step.Bench]) * math.Exp(rng.NormFloat64()*noise/math.Sqrt2)}
		if err := g.Add(base, head, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	r := Run{Schema: Schema, Time: time.Date(2026, 1, 1+i, 2, 0, 0, 0, time.UTC), Base: release, Head: commit(i), Machine: machine()}
	for _, x := range g.Results() {
		kept, ok := Of(accept.Bench{Package: "example.com/m", Name: x.Bench, Procs: 1}, x, false)
		if !ok {
			t.Fatalf("%+v was not measured", x)
		}
		r.Results = append(r.Results, kept)
	}
	return r
}

// nights returns the runs of n nights, the i-th with the effects that at says.
func nights(t testing.TB, n int, seed uint64, at func(i int) []float64) []Run {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	var runs []Run
	for i := range n {
		runs = append(runs, night(t, i, rng, at(i)))
	}
	return runs
}

// first returns how many of the runs it takes until Creep finds something, and
// that; 0 if it never does.
func first(runs []Run, alpha float64) (int, []Finding) {
	for n := range len(runs) {
		if found, _ := Creep(runs[:n+1], release, alpha); len(found) > 0 {
			return n + 1, found
		}
	}
	return 0, nil
}

// TestSmallStepsAreFound: one benchmark of ten becomes 0.5 % slower with each
// commit, and no commit could be told from the one before it.
func TestSmallStepsAreFound(t *testing.T) {
	t.Parallel()
	for _, steps := range []int{10, 20} {
		missed, outside := 0, 0
		const histories = 30
		for seed := range uint64(histories) {
			runs := nights(t, steps, seed, func(i int) []float64 {
				effects := make([]float64, 10)
				effects[3] = math.Pow(1.005, float64(i+1)) - 1
				return effects
			})
			n, found := first(runs, 0.01)
			if n == 0 {
				missed++
				t.Logf("%d steps, seed %d: not found", steps, seed)
				continue
			}
			f, truth := found[0], math.Pow(1.005, float64(n))-1
			if len(found) != 1 || f.Name != "Benchmark3" || f.Head != commit(n-1) || f.Runs != n || f.Log.P() > 0.001 {
				t.Errorf("%d steps, seed %d, after %d: got %+v", steps, seed, n, found)
			}
			if f.Interval.Lo > truth || f.Interval.Hi < truth {
				outside++
			}
		}
		if missed > 0 || outside > 2 {
			t.Errorf("%d steps: %d of %d not found, and the interval does not hold the truth %d times", steps, missed, histories, outside)
		}
	}
}

// TestWhatNoNightCanTellIsFoundByMany: after four steps of 0.5 % nothing more
// happens. A single night rarely knows.
func TestWhatNoNightCanTellIsFoundByMany(t *testing.T) {
	t.Parallel()
	creep, alone := 0, 0
	const histories = 30
	for seed := range uint64(histories) {
		runs := nights(t, 10, 1000+seed, func(i int) []float64 {
			return []float64{math.Pow(1.005, min(4, float64(i))) - 1, 0, 0, 0, 0}
		})
		if n, _ := first(runs, 0.01); n > 0 {
			creep++
		}
		for _, r := range runs {
			if r.Results[0].Verdict == gate.Slower {
				alone++
			}
		}
	}
	t.Logf("of %d histories, Creep found %d; of %d nights, %d did alone", histories, creep, 10*histories, alone)
	if creep < 20 || alone > 30 {
		t.Errorf("got %d and %d, want at least 20 and at most 30", creep, alone)
	}
}

// TestNothingIsFoundWhereNothingCreeps: with benchmarks at no effect, and at the
// very bound.
func TestNothingIsFoundWhereNothingCreeps(t *testing.T) {
	t.Parallel()
	for _, effect := range []float64{0, 0.01} {
		for seed := range uint64(20) {
			runs := nights(t, 20, 2000+seed, func(int) []float64 { return []float64{effect, effect, effect, effect} })
			if n, found := first(runs, 0.01); n > 0 {
				t.Errorf("effect %v, seed %d: after %d nights found %+v", effect, seed, n, found)
			}
		}
	}
}

// TestFalseAlarmsAreBounded: at the worst that the null allows, pairs being fair
// coins, with as many of them a night as pleases an adversary, and a look at the
// findings after every night.
func TestFalseAlarmsAreBounded(t *testing.T) {
	t.Parallel()
	const histories, length, benches, alpha = 600, 15, 5, 0.2
	const seed = 7
	rng := rand.New(rand.NewPCG(seed, 7))
	coins := func(i int) Run {
		r := flat(i, 0, 0, 0.05)
		one := r.Results[0]
		r.Results = nil
		for b := range benches {
			one.Name = fmt.Sprintf("Benchmark%d", b)
			one.Slower.For, one.Slower.Against = 0, 0
			for one.Slower.Pairs() < 8 || one.Slower.Pairs() < 60 && one.Slower.For < one.Slower.Against+4 {
				one.Slower.Add(one.Slower.Bound + rng.Float64() - 0.5)
			}
			r.Results = append(r.Results, one)
		}
		return r
	}
	alarms := 0
	for range histories {
		var runs []Run
		for i := range length {
			runs = append(runs, coins(i))
		}
		if n, _ := first(runs, alpha); n > 0 {
			alarms++
		}
	}
	t.Logf("%d alarms in %d histories at alpha %v", alarms, histories, alpha)
	// Beyond the bound by four standard deviations is no chance; none at all would
	// be a test of nothing.
	if limit := alpha*histories + 4*math.Sqrt(alpha*histories); float64(alarms) > limit || alarms == 0 {
		t.Errorf("%d alarms in %d histories at alpha %v (seed %d): want 1 to %.0f", alarms, histories, alpha, seed, limit)
	}
}

// flat is a run of one benchmark with evidence that is given.
func flat(i int, yes, no int, effect float64) Run {
	return Run{
		Schema: Schema, Time: time.Date(2026, 1, 1, i, 0, 0, 0, time.UTC), Base: release, Head: commit(i), Machine: machine(),
		Results: []Result{{
			Bench: accept.Bench{Package: "example.com/m", Name: "BenchmarkA", Procs: 1}, Channel: gate.CPU, Verdict: gate.Undecided,
			Effect: effect, Interval: evalue.Interval{Lo: effect - 0.01, Hi: effect + 0.01},
			Slower: evalue.SignTest{Null: evalue.AtMost, Bound: math.Log(1.01), For: yes, Against: no},
		}},
	}
}

// TestOnlyEqualsAreMultiplied: two runs are enough together, and none of the
// differences leaves them together.
func TestOnlyEqualsAreMultiplied(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Run){
		"toolchain":  func(r *Run) { r.Machine.Toolchain = "go1.27.0" },
		"os":         func(r *Run) { r.Machine.OS = "darwin" },
		"arch":       func(r *Run) { r.Machine.Arch = "arm64" },
		"cpu":        func(r *Run) { r.Machine.CPU = "Example 4000" },
		"cores":      func(r *Run) { r.Machine.Cores = 4 },
		"processors": func(r *Run) { r.Results[0].Procs = 2 },
		"benchmark":  func(r *Run) { r.Results[0].Name = "BenchmarkB" },
		"package":    func(r *Run) { r.Results[0].Package = "example.com/n" },
		"channel":    func(r *Run) { r.Results[0].Channel = gate.Wall },
		"bound":      func(r *Run) { r.Results[0].Slower.Bound = math.Log(1.02) },
	} {
		runs := []Run{flat(0, 9, 0, 0.03), flat(1, 9, 0, 0.03)}
		if found, m := Creep(runs, release, 0.01); len(found) != 1 || m != 1 {
			t.Fatalf("equals: got %+v of %d, want one of 1", found, m)
		}
		change(&runs[1])
		if found, m := Creep(runs, release, 0.01); len(found) != 0 || m != 2 {
			t.Errorf("another %s: got %+v of %d, want none of 2", name, found, m)
		}
	}
	runs := []Run{flat(0, 9, 0, 0.03), flat(1, 9, 0, 0.03)}
	runs[1].Base = commit(7)
	if found, m := Creep(runs, release, 0.01); len(found) != 0 || m != 1 {
		t.Errorf("another base: got %+v of %d, want none of 1", found, m)
	}
}

func TestFindingSaysWhereItBeganAndWhatIsAccepted(t *testing.T) {
	t.Parallel()
	var runs []Run
	for i := range 12 { // six quiet nights, then six that are not
		runs = append(runs, flat(i, 4+6*(i/6), 6-6*(i/6), 0.01+0.02*float64(i/6)))
	}
	runs[11].Results[0].Accepted = true
	shuffled := append(append([]Run(nil), runs[7:]...), runs[:7]...)
	found, _ := Creep(shuffled, release, 0.01)
	if len(found) != 1 {
		t.Fatalf("got %+v, want one", found)
	}
	f := found[0]
	if f.From != commit(6) || f.Head != commit(11) || f.Runs != 12 || !f.Accepted || f.Effect != 0.03 || f.Interval != runs[11].Results[0].Interval {
		t.Errorf("got %+v, want it to begin at %s and end, accepted, at %s with 3 %%", f, commit(6), commit(11))
	}
}

func TestWhatIsMendedIsNotFound(t *testing.T) {
	t.Parallel()
	runs := []Run{flat(0, 14, 0, 0.05), flat(1, 14, 0, 0.05), flat(2, 5, 5, 0.009)}
	if n, _ := first(runs[:2], 0.01); n == 0 {
		t.Error("before: not found")
	}
	if found, _ := Creep(runs, release, 0.01); len(found) != 0 {
		t.Errorf("after: got %+v, want nothing", found)
	}
	runs[2] = flat(2, 14, 0, 0.0149) // beyond the bound, and within what placement may do
	if found, _ := Creep(runs, release, 0.01); len(found) != 0 {
		t.Errorf("placement: got %+v, want nothing", found)
	}
}

func TestManyQuietNightsDoNotHideWhatFollows(t *testing.T) {
	t.Parallel()
	var runs []Run
	for i := range 300 {
		runs = append(runs, flat(i, 4, 6, 0))
	}
	for i := range 3 {
		runs = append(runs, flat(300+i, 13, 0, 0.04))
	}
	if found, _ := Creep(runs, release, 0.01); len(found) != 1 || found[0].From != commit(300) {
		t.Errorf("got %+v, want one that begins at %s", found, commit(300))
	}
}

func TestWithoutRunsNothingIsFound(t *testing.T) {
	t.Parallel()
	if found, m := Creep(nil, release, 0.01); len(found) != 0 || m != 0 {
		t.Errorf("got %+v of %d", found, m)
	}
}

// TestConfirmationCounts: search and confirmation multiply.
func TestConfirmationCounts(t *testing.T) {
	t.Parallel()
	slow := gate.Result{Channel: gate.CPU, Suspect: gate.Slower, Pairs: 14, ConfirmPairs: 9,
		Slower:  evalue.SignTest{Null: evalue.AtMost, Bound: 0.01, For: 14},
		Confirm: evalue.SignTest{Null: evalue.AtMost, Bound: 0.01, For: 9}}
	kept, ok := Of(accept.Bench{}, slow, false)
	if !ok || kept.log() != slow.Log() {
		t.Errorf("got %v, want %v", kept.log(), slow.Log())
	}
	fast := gate.Result{Channel: gate.CPU, Suspect: gate.Faster, Pairs: 14,
		Slower:  evalue.SignTest{Null: evalue.AtMost, Bound: 0.01, Against: 14},
		Confirm: evalue.SignTest{Null: evalue.AtLeast, Bound: -0.01, For: 9}}
	if kept, _ := Of(accept.Bench{}, fast, false); kept.log() != fast.Slower.Log() {
		t.Errorf("of what is faster: got %v, want %v", kept.log(), fast.Slower.Log())
	}
	if _, ok := Of(accept.Bench{}, gate.Result{Verdict: gate.Undecided, Why: gate.Failed}, false); ok {
		t.Error("what was not measured is kept")
	}
}
