package gate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// noise draws ln(head/base) of one pair of identical code; its median is 0.
type noise func(r *rand.Rand) float64

func normal(sd float64) noise {
	return func(r *rand.Rand) float64 { return sd * r.NormFloat64() }
}

// heavy is Student's t with 3 degrees of freedom, scaled to a standard deviation:
// most pairs lie closer than normal ones, and some lie far out, as recorded pairs
// do.
func heavy(sd float64) noise {
	return func(r *rand.Rand) float64 {
		a, b, c := r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
		t := r.NormFloat64() / math.Sqrt((a*a+b*b+c*c)/3)
		return sd * t / math.Sqrt(3)
	}
}

// bursts are quiet and loud times, which last about 20 pairs each.
func bursts(quiet, loud float64) noise {
	sd := quiet
	return func(r *rand.Rand) float64 {
		if r.IntN(20) == 0 {
			sd = quiet + loud - sd
		}
		return sd * r.NormFloat64()
	}
}

// world answers steps with samples.
type world struct {
	r       *rand.Rand
	noise   noise
	effects map[string]float64                // ln(head/base) by benchmark
	layout  func(s Step) float64              // ln(head/base) by where functions lie
	counts  func(s Step) (base, head float64) // allocations
	elapsed func(s Step) time.Duration        // of a pair
}

// run plays a gate to its end and returns the steps that it took.
func (w world) run(t testing.TB, g *Gate) []Step {
	t.Helper()
	var steps []Step
	for {
		s, ok := g.Next()
		if !ok {
			return steps
		}
		steps = append(steps, s)
		base, head := Sample{CPU: 0.065}, Sample{}
		d := w.effects[s.Bench]
		if w.noise != nil {
			d += w.noise(w.r)
		}
		if w.layout != nil {
			d += w.layout(s)
		}
		head[CPU] = base[CPU] * math.Exp(d)
		if w.counts != nil {
			base[Allocs], head[Allocs] = w.counts(s)
		}
		elapsed := 130 * time.Millisecond
		if w.elapsed != nil {
			elapsed = w.elapsed(s)
		}
		if err := g.Add(base, head, elapsed); err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
	}
}

func start(t testing.TB, c Config, benches ...Bench) *Gate {
	t.Helper()
	g, err := New(c, benches)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func cpuBench(name string) Bench { return Bench{Name: name, Tests: []Test{{Channel: CPU}}} }

func cpuBenches(n int) []Bench {
	var benches []Bench
	for i := range n {
		benches = append(benches, cpuBench(fmt.Sprintf("B%03d", i)))
	}
	return benches
}

// cell is one cell of the table: what became of many runs of one benchmark.
type cell struct {
	suspect, slower, faster, same, undecided float64 // shares
	pairs                                    int     // median of the search
	confirms                                 int     // median of the confirmation, of those that had one
}

func (c cell) String() string {
	return fmt.Sprintf("suspect %5.1f %%  slower %5.1f  faster %5.1f  same %5.1f  undecided %5.1f  pairs %3d + %d",
		100*c.suspect, 100*c.slower, 100*c.faster, 100*c.same, 100*c.undecided, c.pairs, c.confirms)
}

// play judges a benchmark with an effect many times.
func play(t testing.TB, runs int, effect float64, make func() noise, seed uint64) cell {
	t.Helper()
	var c cell
	var pairs, confirms []int
	share := 1 / float64(runs)
	for i := range runs {
		w := world{r: rand.New(rand.NewPCG(seed, uint64(i))), noise: make(), effects: map[string]float64{"B": math.Log1p(effect)}}
		g := start(t, Config{Seed: uint64(i)}, cpuBench("B"))
		w.run(t, g)
		r := g.Results()[0]
		if r.Suspect == Slower {
			c.suspect += share
		}
		if r.Suspect != "" {
			confirms = append(confirms, r.ConfirmPairs)
		}
		*map[Verdict]*float64{Slower: &c.slower, Faster: &c.faster, Same: &c.same, Undecided: &c.undecided}[r.Verdict] += share
		pairs = append(pairs, r.Pairs)
	}
	middle := func(xs []int) int {
		if len(xs) == 0 {
			return 0
		}
		slices.Sort(xs)
		return xs[len(xs)/2]
	}
	c.pairs, c.confirms = middle(pairs), middle(confirms)
	return c
}

var kinds = []struct {
	name string
	make func() noise
}{
	{"normal 0.028", func() noise { return normal(0.028) }},
	{"normal 0.042", func() noise { return normal(0.042) }},
	{"heavy 0.028", func() noise { return heavy(0.028) }},
	{"heavy 0.042", func() noise { return heavy(0.042) }},
	{"bursts 0.02/0.2", func() noise { return bursts(0.02, 0.2) }},
}

// TestResampledTable reproduces the design's table on synthetic noise, in small;
// BenchmarkTable prints it in large.
func TestResampledTable(t *testing.T) {
	t.Parallel()
	const runs, seed = 200, 42
	for _, k := range kinds {
		for _, c := range []struct {
			effect float64
			want   func(cell) bool
			is     string
		}{
			{0, func(c cell) bool { return c.suspect == 0 && c.faster == 0 && c.undecided < 0.2 }, "no suspect"},
			{0.01, func(c cell) bool { return c.suspect < 0.01 && c.slower == 0 }, "no alarm on the bound"},
			{0.05, func(c cell) bool { return c.suspect > 0.8 && c.slower > 0.8 && c.pairs < 80 }, "found"},
			{-0.05, func(c cell) bool { return c.faster > 0.8 && c.slower == 0 }, "found faster"},
		} {
			t.Run(fmt.Sprintf("%s, %+.0f %%", k.name, 100*c.effect), func(t *testing.T) {
				t.Parallel()
				if got := play(t, runs, c.effect, k.make, seed); !c.want(got) {
					t.Errorf("seed %d: %v; want: %s", seed, got, c.is)
				}
			})
		}
	}
}

// BenchmarkTable prints the table; b.N runs a cell:
//
//	go test ./perf/gate -run '^$' -bench Table -benchtime 4000x
func BenchmarkTable(b *testing.B) {
	for _, k := range kinds {
		for _, effect := range []float64{0, 0.01, 0.02, 0.03, 0.05, -0.03, -0.05} {
			b.Run(fmt.Sprintf("%s/%+.0f", k.name, 100*effect), func(b *testing.B) {
				c := play(b, b.N, effect, k.make, 1)
				b.ReportMetric(100*c.suspect, "%suspect")
				b.ReportMetric(100*c.slower, "%slower")
				b.ReportMetric(100*c.faster, "%faster")
				b.ReportMetric(100*c.same, "%same")
				b.ReportMetric(100*c.undecided, "%undecided")
				b.ReportMetric(float64(c.pairs), "pairs")
				b.ReportMetric(float64(c.confirms), "confirms")
			})
		}
	}
}

// placed draws, for each benchmark, side and layout, how the linker's placement
// moves unchanged code; recorded were 0.45 to 1.41 %.
func placed(seed uint64, sd float64) func(Step) float64 {
	type place struct {
		bench  string
		side   byte
		layout int
	}
	r, drawn := rand.New(rand.NewPCG(seed, 99)), make(map[place]float64)
	of := func(p place) float64 {
		if _, ok := drawn[p]; !ok {
			drawn[p] = sd * r.NormFloat64()
		}
		return drawn[p]
	}
	return func(s Step) float64 {
		return of(place{s.Bench, 'h', s.Layout}) - of(place{s.Bench, 'b', s.Layout})
	}
}

// BenchmarkMany judges 100 benchmarks of unchanged code, of which each pair takes
// 130 ms, b.N times over: first alone, then placed elsewhere by the linker.
//
//	go test ./perf/gate -run '^$' -bench Many -benchtime 100x
func BenchmarkMany(b *testing.B) {
	for _, k := range kinds {
		for _, sd := range []float64{0, 0.008, 0.014} {
			b.Run(fmt.Sprintf("%s/placement %v", k.name, sd), func(b *testing.B) {
				pairs, suspects, alarms, undecided := 0, 0, 0, 0
				for i := range b.N {
					seed := uint64(i)
					w := world{r: rand.New(rand.NewPCG(2, seed)), noise: k.make(), layout: placed(seed, sd)}
					g := start(b, Config{Seed: seed}, cpuBenches(100)...)
					pairs += len(w.run(b, g))
					for _, r := range g.Results() {
						suspects += one(r.Suspect != "")
						alarms += one(r.Verdict == Slower)
						undecided += one(r.Verdict == Undecided)
					}
				}
				n := float64(b.N)
				b.ReportMetric(float64(suspects)/n, "suspects/commit")
				b.ReportMetric(float64(alarms)/n, "alarms/commit")
				b.ReportMetric(float64(undecided)/n, "undecided/commit")
				b.ReportMetric(float64(pairs)*0.13/n, "s/commit")
			})
		}
	}
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}
