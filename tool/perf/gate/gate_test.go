package gate

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/evalue"
)

func TestUnanimousPairsEndAsDesigned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		effect          float64
		want            Verdict
		pairs, confirms int
	}{
		{0.10, Slower, 13, 9}, {-0.10, Faster, 13, 9}, {0, Same, 9, 0}, {0.005, Same, 9, 0},
		{0.02, Same, 9, 0}, // the grey zone, without noise: less than 3 % is known first
	} {
		g := start(t, Config{}, cpuBench("B"))
		steps := world{effects: map[string]float64{"B": math.Log1p(c.effect)}}.run(t, g)
		r := g.Results()[0]
		if r.Verdict != c.want || r.Pairs != c.pairs || r.ConfirmPairs != c.confirms || len(steps) != c.pairs+c.confirms {
			t.Errorf("effect %v: got %+v, want %s after %d + %d pairs", c.effect, r, c.want, c.pairs, c.confirms)
		}
		if math.Abs(r.Effect-c.effect) > 1e-9 {
			t.Errorf("effect %v: got %v", c.effect, r.Effect)
		}
	}
}

func TestAConfirmedFindingTellsHowSureItIs(t *testing.T) {
	t.Parallel()
	g := start(t, Config{Seed: 1}, cpuBench("B"))
	world{r: rand.New(rand.NewPCG(1, 2)), noise: normal(0.028), effects: map[string]float64{"B": math.Log(1.126)}}.run(t, g)
	r := g.Results()[0]
	if !(r.Verdict == Slower && r.Interval.Lo > 0.08 && r.Interval.Lo < r.Effect && r.Effect < r.Interval.Hi && r.Interval.Hi < 0.17) {
		t.Errorf("seed 1, 2: got %+v, want slower by 12.6 %% and an interval around that", r)
	}
	if p := r.Log().P(); p > 1e-5 {
		t.Errorf("chance of a false alarm: got %v, want at most that of suspicion times confirmation, 1e-5", p)
	}
}

// TestSearchAndConfirmationAskForTheRightBinaries walks through the steps of one
// benchmark.
func TestSearchAndConfirmationAskForTheRightBinaries(t *testing.T) {
	t.Parallel()
	g := start(t, Config{Seed: 9}, cpuBench("B"))
	steps := world{effects: map[string]float64{"B": 0.1}}.run(t, g)
	if len(steps) != 13+9 {
		t.Fatalf("got %d steps, want 22", len(steps))
	}
	for i, s := range steps {
		pair, first := i, 0
		if i >= 13 {
			pair, first = i-13, 4
		}
		s.HeadFirst = false
		if want := (Step{Bench: "B", Fresh: pair%10 == 0, Confirm: first > 0, Layout: first + pair%4, Longer: 1}); s != want {
			t.Errorf("pair %d of all: got %+v, want %+v", i, s, want)
		}
	}
}

// TestWhatIsNotDecidedRunsLonger: in the search and again in the confirmation.
func TestWhatIsNotDecidedRunsLonger(t *testing.T) {
	t.Parallel()
	g := start(t, Config{}, cpuBench("B"))
	var times [2][]int
	world{layout: func(s Step) float64 {
		stage, against := 0, 3 // each third pair
		if s.Confirm {
			stage, against = 1, 2
		}
		times[stage] = append(times[stage], s.Longer)
		if len(times[stage])%against == 0 {
			return 0
		}
		return 0.05
	}}.run(t, g)
	for stage, got := range times {
		if len(got) != 120 {
			t.Fatalf("stage %d: %d pairs, want all 120", stage, len(got))
		}
		for pair, longer := range got {
			want := 1
			if pair >= 24 {
				want = 2
			}
			if pair >= 60 {
				want = 4
			}
			if longer != want {
				t.Errorf("stage %d, pair %d: %d times as long, want %d", stage, pair, longer, want)
			}
		}
	}
}

func TestOpenCountsWhatIsNotDecided(t *testing.T) {
	t.Parallel()
	g := start(t, Config{}, cpuBenches(3)...)
	if n := g.Open(); n != 3 {
		t.Errorf("%d open at the start, want 3", n)
	}
	g.Drop("B001")
	if n := g.Open(); n != 2 {
		t.Errorf("%d open after one was dropped, want 2", n)
	}
	world{}.run(t, g)
	if n := g.Open(); n != 0 {
		t.Errorf("%d open at the end, want none", n)
	}
}

func TestTheOrderOfSidesIsAFairCoin(t *testing.T) {
	t.Parallel()
	const n = 200 // benchmarks, of nine pairs each
	g := start(t, Config{Seed: 5}, cpuBenches(n)...)
	steps := world{}.run(t, g)
	heads, same := 0, 0
	last := make(map[string]bool)
	for _, s := range steps {
		if s.HeadFirst {
			heads++
		}
		if before, ok := last[s.Bench]; ok && before == s.HeadFirst {
			same++
		}
		last[s.Bench] = s.HeadFirst
	}
	if h := float64(heads) / (9 * n); math.Abs(h-0.5) > 0.03 {
		t.Errorf("seed 5: head is first in %v of the pairs", h)
	}
	if s := float64(same) / (8 * n); math.Abs(s-0.5) > 0.03 {
		t.Errorf("seed 5: the order is kept in %v of the pairs", s)
	}
}

func TestASeedDeterminesAllSteps(t *testing.T) {
	t.Parallel()
	play := func(seed uint64) ([]Step, []Result) {
		g := start(t, Config{Seed: seed}, cpuBenches(5)...)
		w := world{r: rand.New(rand.NewPCG(1, 1)), noise: heavy(0.04), effects: map[string]float64{"B002": 0.05}}
		return w.run(t, g), g.Results()
	}
	steps, results := play(3)
	again, resultsAgain := play(3)
	if d := cmp.Diff(steps, again) + cmp.Diff(results, resultsAgain); d != "" {
		t.Errorf("the same seed, other steps:\n%s", d)
	}
	if other, _ := play(4); slices.Equal(other, steps) {
		t.Error("another seed, the same order of sides")
	}
}

// TestALuckyLayoutIsNotConfirmed: the linker happens to have placed all of head's
// layouts of the search badly, and those of the confirmation as base's.
func TestALuckyLayoutIsNotConfirmed(t *testing.T) {
	t.Parallel()
	const runs = 100
	got := make(map[Verdict]int)
	for i := range uint64(runs) {
		r := rand.New(rand.NewPCG(77, i))
		var base, head [8]float64
		for l := range base {
			base[l], head[l] = 0.01*r.NormFloat64(), 0.01*r.NormFloat64()
			if l < 4 {
				base[l], head[l] = 0, 0.05
			}
		}
		w := world{r: r, noise: heavy(0.028), layout: func(s Step) float64 { return head[s.Layout] - base[s.Layout] }}
		g := start(t, Config{Seed: i}, cpuBench("B"))
		w.run(t, g)
		res := g.Results()[0]
		if res.Suspect != Slower {
			t.Errorf("seed 77, %d: got %+v, want a suspicion", i, res)
		}
		got[res.Verdict]++
	}
	if got[Slower] > 5 || got[Faster] > 0 || got[Same] < 50 {
		t.Errorf("seed 77: of %d layouts got %v; want nearly all the same", runs, got)
	}
}

// TestPlacementAloneIsNotSuspected: of unchanged code, each layout of each side
// is moved by about 1 %, and differently.
func TestPlacementAloneIsNotSuspected(t *testing.T) {
	t.Parallel()
	suspects := 0
	for seed := range uint64(20) {
		w := world{r: rand.New(rand.NewPCG(78, seed)), noise: heavy(0.028), layout: placed(seed, 0.008)}
		g := start(t, Config{Seed: seed}, cpuBenches(20)...)
		w.run(t, g)
		for _, r := range g.Results() {
			if r.Suspect != "" {
				suspects++
			}
		}
	}
	if suspects > 8 {
		t.Errorf("seed 78: %d of 400 are suspected, want at most 2 %%", suspects)
	}
}

func TestAConfirmationOfTheOppositeIsNone(t *testing.T) {
	t.Parallel()
	g := start(t, Config{}, cpuBench("B"))
	world{layout: func(s Step) float64 {
		if s.Confirm {
			return -0.1
		}
		return 0.1
	}}.run(t, g)
	if r := g.Results()[0]; r.Verdict != Undecided || r.Why != Contradicted || r.Suspect != Slower {
		t.Errorf("got %+v, want contradicted", r)
	}
}

func TestCountsAreJudgedExactlyOrBySigns(t *testing.T) {
	t.Parallel()
	steady := func(base, head float64) func(*rand.Rand) (float64, float64) {
		return func(*rand.Rand) (float64, float64) { return base, head }
	}
	for _, c := range []struct {
		name      string
		exact     bool
		counts    func(r *rand.Rand) (base, head float64)
		want      Verdict
		why       Reason
		pairs     int // 0: any
		effect    float64
		oneIsTied bool
	}{
		{name: "one more", exact: true, counts: steady(10, 11), want: Slower, pairs: 8, effect: 1},
		{name: "one less", exact: true, counts: steady(1, 0), want: Faster, pairs: 8, effect: -1},
		{name: "the first one", exact: true, counts: steady(0, 1), want: Slower, pairs: 8, effect: 1},
		{name: "none", exact: true, counts: steady(0, 0), want: Same, pairs: 8},
		{name: "one in many iterations", exact: true, counts: steady(10, 10.01), want: Same, pairs: 8, effect: 0.01},
		{name: "steady, by signs", counts: steady(10, 11), want: Slower, pairs: 13, effect: 1},
		{name: "steady and the same, by signs", counts: steady(10, 10), want: Same, pairs: 9},
		{name: "what the runtime adds", exact: true, want: Slower, pairs: 8, effect: 1,
			counts: func(r *rand.Rand) (float64, float64) { return 10 + 0.02*r.Float64(), 11 + 0.02*r.Float64() }},
		{name: "exact no more, and one more all the same", exact: true, want: Slower, effect: 1,
			counts: func(r *rand.Rand) (float64, float64) { return 10 + float64(r.IntN(10)/9), 11 + float64(r.IntN(10)/9) }},
		{name: "two values at random on both sides", exact: true, want: Same,
			counts: func(r *rand.Rand) (float64, float64) { return 10 + float64(r.IntN(10)/8), 10 + float64(r.IntN(10)/8) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, Config{}, Bench{"B", []Test{{Allocs, c.exact}}})
			r := rand.New(rand.NewPCG(21, 4))
			world{counts: func(Step) (float64, float64) { return c.counts(r) }}.run(t, g)
			got := g.Results()[0]
			if got.Verdict != c.want || got.Why != c.why || (c.pairs > 0 && got.Pairs != c.pairs) || math.Abs(got.Effect-c.effect) > 0.02 {
				t.Errorf("seed 21, 4: got %+v, want %s after %d pairs, effect %v", got, c.want, c.pairs, c.effect)
			}
			if c.exact && got.Pairs == 8 && !(got.Interval.Hi-got.Interval.Lo <= 0.04) {
				t.Errorf("interval %v: want the range of exact values", got.Interval)
			}
		})
	}
}

// TestTwoValuesAtRandomAreNoAlarm: three base runs that agree by chance do not
// make a count exact.
func TestTwoValuesAtRandomAreNoAlarm(t *testing.T) {
	t.Parallel()
	const runs = 2000
	alarms := 0
	for i := range uint64(runs) {
		r := rand.New(rand.NewPCG(31, i))
		share := r.Float64() / 2
		value := func() float64 {
			if r.Float64() < share {
				return 12
			}
			return 10
		}
		g := start(t, Config{Seed: i}, Bench{"B", []Test{{Allocs, true}}})
		world{counts: func(Step) (float64, float64) { return value(), value() }}.run(t, g)
		if g.Results()[0].Suspect != "" {
			alarms++
		}
	}
	if alarms > 0 {
		t.Errorf("seed 31: %d of %d runs of unchanged code are suspected", alarms, runs)
	}
}

func TestChannelsOfOneBenchmarkShareItsPairs(t *testing.T) {
	t.Parallel()
	g := start(t, Config{}, Bench{"B", []Test{{CPU, false}, {Allocs, true}}})
	steps := world{effects: map[string]float64{"B": 0.1}, counts: func(Step) (float64, float64) { return 3, 4 }}.run(t, g)
	cpu, allocs := g.Results()[0], g.Results()[1]
	if cpu.Verdict != Slower || allocs.Verdict != Slower || cpu.Pairs != 13 || allocs.Pairs != 8 {
		t.Errorf("got %+v and %+v", cpu, allocs)
	}
	// 13 of the search, of which allocations needed 8; then 9, of which they needed 8.
	if len(steps) != 22 || cpu.ConfirmPairs != 9 || allocs.ConfirmPairs != 8 {
		t.Errorf("got %d steps, confirmed by %d and %d pairs", len(steps), cpu.ConfirmPairs, allocs.ConfirmPairs)
	}
}

func TestWallTimeNeedsTenPercent(t *testing.T) {
	t.Parallel()
	for effect, want := range map[float64]Verdict{0: Same, 0.08: Same, 0.3: Slower, -0.3: Faster} {
		g := start(t, Config{}, Bench{"B", []Test{{Channel: Wall}}})
		for range 22 {
			if _, ok := g.Next(); ok {
				if err := g.Add(Sample{Wall: 1}, Sample{Wall: 1 + effect}, 0); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := g.Results()[0].Verdict; got != want {
			t.Errorf("effect %v: got %q, want %q", effect, got, want)
		}
	}
}

func TestOnlyBytesNeverFail(t *testing.T) {
	t.Parallel()
	for c, want := range map[Channel]bool{CPU: true, Wall: true, Allocs: true, Bytes: false} {
		if c.Fails() != want {
			t.Errorf("%s: fails is %v", c, !want)
		}
	}
}

func TestThreeBaseRunsTellWhetherACountIsExact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel Channel
		runs    []float64
		want    bool
	}{
		{Allocs, []float64{10, 10, 10}, true}, {Allocs, []float64{10, 10, 11}, false},
		{Allocs, []float64{10.001, 10, 10.02}, true}, {Allocs, []float64{10, 10}, false},
		{Bytes, []float64{64, 65, 66, 64}, true}, {Bytes, []float64{64, 72, 64}, false},
		{CPU, []float64{1, 1, 1}, false}, {"x", []float64{1, 1, 1}, false},
	} {
		if got := Agree(c.channel, c.runs); got != c.want {
			t.Errorf("%s %v: got %v", c.channel, c.runs, got)
		}
	}
}

func TestTheThresholdGrowsWithTheNumberOfTests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tests int
		alpha float64
		pairs int // of the search of a benchmark that is clearly slower
	}{
		{1, 0, 13}, {10, 0, 13}, // 1000
		{100, 0, 17},    // 10,000
		{200, 0, 18},    // 20,000
		{2, 0.0005, 15}, // 4000
	} {
		g := start(t, Config{Alpha: c.alpha}, cpuBenches(c.tests)...)
		world{effects: map[string]float64{"B001": 0.2, "B000": 0.2}}.run(t, g)
		if got := g.Results()[0]; g.M() != c.tests || got.Verdict != Slower || got.Pairs != c.pairs {
			t.Errorf("%d tests: got m %d and %+v; want slower after %d pairs", c.tests, g.M(), got, c.pairs)
		}
	}
}

func TestExactTestsDoNotRaiseTheThreshold(t *testing.T) {
	t.Parallel()
	var benches []Bench
	for i := range 15 {
		tests := []Test{{Allocs, true}}
		if i < 2 {
			tests = []Test{{CPU, false}, {Allocs, true}}
		}
		benches = append(benches, Bench{fmt.Sprint(i), tests})
	}
	g := start(t, Config{}, benches...)
	if g.M() != 2 {
		t.Errorf("m is %d, want 2", g.M())
	}
	for i, b := range g.benches {
		for _, tr := range b.trials {
			want := 1000.0
			if tr.Exact {
				want = 1700 // should it vary after all, it is one of all 17
			}
			if got := tr.threshold.E(); math.Abs(got-want) > 1e-6 || tr.maxPairs != 120 {
				t.Errorf("benchmark %d, %s: threshold %v, %d pairs; want %v, 120", i, tr.Channel, got, tr.maxPairs, want)
			}
		}
	}
}

// TestEBHAddsWhatHoldsTogether: of 20 tests, each of ten stays below its own
// threshold of 2000 with an e-value of about 480, but ten with 200 and more carry
// each other.
func TestEBHAddsWhatHoldsTogether(t *testing.T) {
	t.Parallel()
	const weak, n = 10, 20
	play := func(slow int) []Result {
		g := start(t, Config{}, cpuBenches(n)...)
		seen := make(map[string]int)
		for {
			s, ok := g.Next()
			if !ok {
				return g.Results()
			}
			i := seen[s.Bench]
			seen[s.Bench]++
			head := 1.0
			var number int
			if _, err := fmt.Sscanf(s.Bench, "B%d", &number); err != nil {
				t.Fatal(err)
			}
			switch {
			case number < slow && (s.Confirm || i*13%20 < 13 && i%100 != 0): // 128 of 200
				head = 1.05
			case number >= slow && number < weak: // forever in doubt
				head = 1 + 0.1*float64(i%2)
			}
			if err := g.Add(Sample{CPU: 1}, Sample{CPU: head}, time.Second); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, slow := range []int{1, weak} {
		want := map[Verdict]int{Slower: weak, Same: n - weak}
		if slow == 1 {
			want = map[Verdict]int{Undecided: weak, Same: n - weak}
		}
		got := make(map[Verdict]int)
		results := play(slow)
		for _, r := range results {
			got[r.Verdict]++
			if r.Verdict == Undecided && (r.Why != OutOfPairs || r.Pairs != 200) {
				t.Errorf("%+v: want out of pairs after 200", r)
			}
		}
		if e := results[0].Slower.Log().E(); e < 200 || e >= 2000 {
			t.Fatalf("the weak have e-value %v; the test needs one from 200 to 2000", e)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%d weak ones: got %v, want %v", slow, got, want)
		}
	}
}

// TestAtTheEndOfItsPairsTheLevelIsEnough: 1000 is the floor for stopping early;
// after the last pair e-BH decides, for a single test at 100.
func TestAtTheEndOfItsPairsTheLevelIsEnough(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		against int // of 120 pairs, evenly spread
		suspect Verdict
	}{{40, Slower}, {44, ""}} {
		g := start(t, Config{}, cpuBench("B"))
		pair := 0
		world{layout: func(s Step) float64 {
			pair++
			if !s.Confirm && pair*c.against%120 < c.against {
				return 0
			}
			return 0.05
		}}.run(t, g)
		r := g.Results()[0]
		if e := r.Slower.Log().E(); r.Pairs != 120 || r.Suspect != c.suspect || e >= 1000 || (e >= 100) != (c.suspect == Slower) {
			t.Errorf("%d pairs against: got %+v, e-value %v; want suspect %q", c.against, r, e, c.suspect)
		}
	}
}

// TestManyBenchmarksAreJudgedTogether: one in ten is slower by 5 %, on noise as
// heavy as was recorded.
func TestManyBenchmarksAreJudgedTogether(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		const n = 100
		w := world{r: rand.New(rand.NewPCG(seed, 8)), noise: heavy(0.042), effects: make(map[string]float64)}
		for i := 0; i < n; i += 10 {
			w.effects[fmt.Sprintf("B%03d", i)] = math.Log(1.05)
		}
		g := start(t, Config{Seed: seed}, cpuBenches(n)...)
		w.run(t, g)
		for _, r := range g.Results() {
			if slow := w.effects[r.Bench] > 0; slow != (r.Verdict == Slower) || r.Verdict == Faster {
				t.Errorf("seed %d, 8: %s, effect %v: got %+v", seed, r.Bench, w.effects[r.Bench], r)
			}
		}
	}
}

func TestTimeIsSharedFairly(t *testing.T) {
	t.Parallel()
	cost := map[string]time.Duration{"B000": 100 * time.Millisecond, "B001": 400 * time.Millisecond, "B002": 2 * time.Second}
	g := start(t, Config{Budget: 30 * time.Second}, cpuBenches(4)...)
	spent, last := make(map[string]time.Duration), ""
	w := world{
		elapsed: func(s Step) time.Duration {
			c := cost[s.Bench]
			if c == 0 {
				c = 50 * time.Millisecond
			}
			spent[s.Bench] += c
			last = s.Bench
			return c
		},
		layout: func(s Step) float64 { // in doubt, but the last is quickly done
			if s.Bench == "B003" {
				return 0
			}
			return 0.1 * float64(spent[s.Bench]/cost[s.Bench]%2)
		},
	}
	w.run(t, g)
	if got := spent["B003"]; got != 450*time.Millisecond {
		t.Errorf("the one that is clear took %v, want nine pairs of 50 ms", got)
	}
	// B000 has had all of its 120 pairs after 12 s; nobody else can have had more
	// than a pair above the others.
	if a, b, c := spent["B000"], spent["B001"], spent["B002"]; max(a, b, c)-min(a, b, c) > 2*time.Second {
		t.Errorf("spent %v, %v and %v, the last on %s: want no difference above a pair", a, b, c, last)
	}
	var total time.Duration
	for _, d := range spent {
		total += d
	}
	if total < 30*time.Second || total >= 32*time.Second {
		t.Errorf("spent %v of 30 s: want at most one pair more", total)
	}
	for i, r := range g.Results() {
		want := Result{Verdict: Undecided, Why: OutOfTime}
		if i == 3 {
			want = Result{Verdict: Same}
		}
		if r.Verdict != want.Verdict || r.Why != want.Why || r.Elapsed != spent[r.Bench] {
			t.Errorf("got %+v, want %s %s after %v", r, want.Verdict, want.Why, spent[r.Bench])
		}
	}
}

func TestWhatIsSuspectedIsConfirmedFirst(t *testing.T) {
	t.Parallel()
	g := start(t, Config{}, cpuBenches(3)...)
	steps := world{effects: map[string]float64{"B001": 0.1}, layout: func(s Step) float64 {
		if s.Bench == "B000" {
			return 0.02
		}
		return 0
	}}.run(t, g)
	first := slices.IndexFunc(steps, func(s Step) bool { return s.Confirm })
	for i := first; i < first+9; i++ {
		if !steps[i].Confirm || steps[i].Bench != "B001" {
			t.Errorf("step %d: got %+v, want nine of a confirmation in a row", i, steps[i])
		}
	}
}

func TestASuspicionThatTimeEndsIsNotAnAlarm(t *testing.T) {
	t.Parallel()
	g := start(t, Config{Budget: 15 * 130 * time.Millisecond}, cpuBench("B"))
	world{effects: map[string]float64{"B": 0.1}}.run(t, g)
	r := g.Results()[0]
	if r.Verdict != Undecided || r.Why != OutOfTime || r.Suspect != Slower || r.ConfirmPairs != 2 {
		t.Errorf("got %+v, want undecided for lack of time, with the suspicion", r)
	}
}

func TestADroppedBenchmarkIsUndecidedAndOthersGoOn(t *testing.T) {
	t.Parallel()
	g := start(t, Config{}, cpuBenches(2)...)
	g.Drop("nobody")
	g.Drop("B000")
	steps := world{effects: map[string]float64{"B001": 0.1}}.run(t, g)
	a, b := g.Results()[0], g.Results()[1]
	if a.Verdict != Undecided || a.Why != Failed || a.Pairs != 0 || b.Verdict != Slower || len(steps) != 22 {
		t.Errorf("got %+v and %+v after %d steps", a, b, len(steps))
	}
	g.Drop("B001")
	if got := g.Results()[1].Verdict; got != Slower {
		t.Errorf("dropped after its end: got %q, want slower as before", got)
	}
}

func TestADropMayBeTheEnd(t *testing.T) {
	t.Parallel()
	g := start(t, Config{}, cpuBench("B"))
	g.Drop("B")
	if s, ok := g.Next(); ok {
		t.Errorf("got %+v, want the end", s)
	}
}

func TestWrongConfigurationsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config  Config
		benches []Bench
		want    string
	}{
		{Config{Alpha: 2}, nil, "alpha is 2: want above 0 and up to 1"},
		{Config{Alpha: math.NaN()}, nil, "alpha is NaN: want above 0 and up to 1"},
		{Config{}, []Bench{cpuBench("A"), cpuBench("A")}, "A is there twice: each benchmark needs a name of its own"},
		{Config{}, []Bench{{Name: "A"}}, "A has no tests: name at least one channel"},
		{Config{}, []Bench{{"A", []Test{{Channel: "gas"}}}}, `A: unknown channel "gas": want cpu, wall, allocs or bytes`},
		{Config{}, []Bench{{"A", []Test{{CPU, false}, {CPU, false}}}}, "A: channel cpu is there twice"},
		{Config{}, []Bench{{"A", []Test{{CPU, true}}}}, "A: channel cpu cannot be exact: only counts can"},
	} {
		if _, err := New(c.config, c.benches); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestNothingToTestIsTheEnd(t *testing.T) {
	t.Parallel()
	g := start(t, Config{})
	if s, ok := g.Next(); ok || len(g.Results()) != 0 {
		t.Errorf("got %+v and %v", s, g.Results())
	}
}

func TestUselessSamplesAreRefusedAndChangeNothing(t *testing.T) {
	t.Parallel()
	g := start(t, Config{}, Bench{"A", []Test{{CPU, false}, {Allocs, true}}})
	good := Sample{CPU: 1, Allocs: 0}
	before := g.Results()
	for _, c := range []struct {
		base, head Sample
		elapsed    time.Duration
		want       string
	}{
		{Sample{CPU: 1}, good, 0, "A: allocs was not measured on base: measure every channel of the benchmark"},
		{good, Sample{CPU: 0, Allocs: 1}, 0, "A: cpu is 0 on head: raise the number of iterations"},
		{good, Sample{CPU: -1, Allocs: 1}, 0, "A: cpu is -1 on head: want a finite number, not below 0"},
		{Sample{CPU: 1, Allocs: math.NaN()}, good, 0, "A: allocs is NaN on base: want a finite number, not below 0"},
		{Sample{CPU: math.Inf(1), Allocs: 1}, good, 0, "A: cpu is +Inf on base: want a finite number, not below 0"},
		{good, good, -1, "A: the pair took -1ns: want 0 or more"},
	} {
		if err := g.Add(c.base, c.head, c.elapsed); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if d := cmp.Diff(before, g.Results()); d != "" {
		t.Errorf("refused samples changed something:\n%s", d)
	}
	g.Drop("A")
	if err := g.Add(good, good, 0); err == nil || err.Error() != "no pair is due: the gate has decided" {
		t.Errorf("after the end: got %v", err)
	}
}

// turned is the opposite verdict.
func turned(v Verdict) Verdict {
	switch v {
	case Slower:
		return Faster
	case Faster:
		return Slower
	}
	return v
}

// TestAnyGateEndsAndMirrors feeds arbitrary samples to a gate, and the same with
// the sides exchanged to another one.
func TestAnyGateEndsAndMirrors(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		channels := []Test{{CPU, false}, {Wall, false}, {Allocs, true}, {Allocs, false}, {Bytes, true}}
		var benches []Bench
		for i := range rapid.IntRange(0, 3).Draw(t, "benchmarks") {
			tests := rapid.SliceOfNDistinct(rapid.SampledFrom(channels), 1, 4, func(t Test) Channel { return t.Channel }).Draw(t, "tests")
			benches = append(benches, Bench{fmt.Sprint(i), tests})
		}
		c := Config{Seed: rapid.Uint64().Draw(t, "seed"), Budget: time.Duration(rapid.IntRange(0, 200).Draw(t, "budget"))}
		a, err := New(c, benches)
		b, errB := New(c, benches)
		if err != nil || errB != nil {
			t.Fatal(err, errB)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "world"), 0))
		spread, shift := rapid.Float64Range(0, 0.2).Draw(t, "spread"), rapid.Float64Range(-0.1, 0.1).Draw(t, "shift")
		steps := 0
		for ; ; steps++ {
			s, ok := a.Next()
			if again, _ := a.Next(); again != s {
				t.Fatalf("asked twice: %+v and %+v", s, again)
			}
			if mirror, _ := b.Next(); mirror != s {
				t.Fatalf("mirrored: %+v and %+v", s, mirror)
			}
			if !ok {
				break
			}
			x, y := 1.0, math.Exp(shift+spread*r.NormFloat64())
			base := Sample{CPU: x, Wall: x, Allocs: 10, Bytes: 100}
			head := Sample{CPU: y, Wall: y, Allocs: math.Round(10 * y), Bytes: math.Round(100 * y)}
			if err := cmp.Diff(a.Add(base, head, 1), b.Add(head, base, 1)); err != "" {
				t.Fatal(err)
			}
		}
		if most := len(benches) * 2 * (maxPairsMany + freshEvery) * 4; steps > most {
			t.Fatalf("%d steps, want at most %d", steps, most)
		}
		mirror := b.Results()
		for i, res := range a.Results() {
			if !slices.Contains([]Verdict{Same, Slower, Faster, Undecided}, res.Verdict) || (res.Verdict == Undecided) != (res.Why != "") {
				t.Fatalf("no verdict: %+v", res)
			}
			if m := mirror[i]; turned(m.Verdict) != res.Verdict || turned(m.Suspect) != res.Suspect || m.Why != res.Why || m.Slower.Log() != res.Faster.Log() {
				t.Fatalf("got %+v, mirrored %+v", res, m)
			}
			if (res.Verdict == Slower || res.Verdict == Faster) && !res.Exact && res.Log() < evalue.Of(100*100) {
				t.Fatalf("%+v: an e-value of only %v", res, res.Log().E())
			}
		}
	})
}
