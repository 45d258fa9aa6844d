package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hemilith/hemilith/tool/perf/report"
)

// series are pairs with normal noise of a standard deviation, and an effect.
func series(n int, effect, sd float64, seed uint64) []pair {
	r := rand.New(rand.NewPCG(seed, 9))
	list := make([]pair, n)
	for i := range list {
		b, h := 100*math.Exp(sd*r.NormFloat64()), 100*(1+effect)*math.Exp(sd*r.NormFloat64())
		list[i] = pair{base: measured{cpu: b, wall: 2 * b}, head: measured{cpu: h, wall: 2 * h}}
	}
	return list
}

func TestRulesTellDirections(t *testing.T) {
	t.Parallel()
	for _, r := range rules() {
		for _, c := range []struct {
			effect float64
			want   string
		}{{0.3, slower}, {-0.3, faster}, {0, none}} {
			if got, ok := r.judge(series(30, c.effect, 0.001*math.Abs(c.effect), 1)); !ok || got != c.want {
				t.Errorf("%s: %v: got %q, %v, want %s", r.name, c.effect, got, ok, c.want)
			}
		}
		if _, ok := r.judge(nil); ok {
			t.Errorf("%s judges nothing", r.name)
		}
		if _, ok := r.judge(series(15, 0, 0.1, 1)); ok && r.apart && r.most == ten {
			t.Errorf("%s takes pairs twice", r.name)
		}
	}
}

func TestTheRankTestIsWrongOnceInTwentyTimes(t *testing.T) {
	t.Parallel()
	var wrong share
	for seed := range uint64(2000) {
		p := series(10, 0, 0.1, seed)
		var base, head []float64
		for _, x := range p {
			base, head = append(base, x.base.cpu), append(head, x.head.cpu)
		}
		wrong.add(rankTest(base, head) != none)
	}
	if r := wrong.rate(); r < 0.03 || r > 0.06 {
		t.Errorf("seeds 0 to 1999: %v, want about 5 %% (0.043, exactly, for ten and ten)", wrong)
	}
}

// TestDriftFoolsOnlyRunsAtDifferentTimes: the machine gets slower in the middle.
func TestDriftFoolsOnlyRunsAtDifferentTimes(t *testing.T) {
	t.Parallel()
	p := series(40, 0, 0.01, 3)
	for i := 20; i < 40; i++ {
		for _, m := range []*measured{&p[i].base, &p[i].head} {
			m.cpu *= 1.3
			m.wall *= 1.3
		}
	}
	for _, r := range rules() {
		want := none
		if r.apart {
			want = slower
		}
		if got, ok := r.judge(p); !ok || got != want {
			t.Errorf("%s: got %s, want %s", r.name, got, want)
		}
	}
}

func TestSharesHaveIntervals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    share
		want string
	}{
		{share{0, 0}, "–"},
		{share{0, 100}, "0 of 100 (0 %; 0–3.7)"},
		{share{3, 40}, "3 of 40 (7.5 %; 2.6–20)"},
		{share{40, 40}, "40 of 40 (100 %; 91–100)"},
		{share{1, 5000}, "1 of 5000 (0.020 %; 0.004–0.11)"},
	} {
		if got := c.s.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := quantile([]float64{3, 1, 2, 4}, 0.5); got != 2 {
		t.Errorf("the median of 1 to 4 is %v", got)
	}
	if got := quantile([]float64{3, 1, 2, 4}, 0.95); got != 4 {
		t.Errorf("p95 of 1 to 4 is %v", got)
	}
	if !math.IsNaN(quantile(nil, 0.5)) {
		t.Error("nothing has a median")
	}
}

func TestResamplingFindsEffectsAndNoFalseAlarms(t *testing.T) {
	t.Parallel()
	var all []outcome
	for i := range uint64(5) {
		all = append(all, outcome{of: &record{Task: "unchanged/0"}, pairs: series(40, 0, 0.02, i)})
	}
	all = append(all,
		outcome{of: &record{Task: "plus5/p00"}, pairs: series(40, 0.5, 0.02, 7)},
		outcome{of: &record{Task: "unchanged/0"}, pairs: series(minSeries-1, 0.5, 0.02, 8)})
	list, err := resample(all, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(effects()) {
		t.Fatalf("%d effects", len(list))
	}
	for _, r := range list {
		if r.series != 5 {
			t.Errorf("%d series, want the 5 long ones of unchanged code", r.series)
		}
		got := fmt.Sprint(r.effect, " ", r.slower.k > 98, " ", r.slower.k == 0, " ", r.slower.n, " ", r.commits.n)
		want := map[float64]string{0: "0 false true 1000 10", 0.01: "0.01 false true 100 1", 0.05: "0.05 true false 100 1", 0.10: "0.1 true false 100 1"}
		if w := want[r.effect]; w != "" && got != w {
			t.Errorf("seed 1: got %s, want %s", got, w)
		}
	}
}

func TestPairsAreReadFromRunsInEitherOrder(t *testing.T) {
	t.Parallel()
	runs := []report.Run{
		{Package: "p", Line: "BenchmarkA\t10\t20 ns/op\t7 cpu-ns/op\t0 B/op\t1 allocs/op"},
		{Package: "p", Line: "BenchmarkA\t10\t40 ns/op\t8 cpu-ns/op\t0 B/op\t2 allocs/op", Head: true},
		{Package: "p", Line: "BenchmarkA\t10\t41 ns/op\t9 cpu-ns/op\t0 B/op\t2 allocs/op", Head: true},
		{Package: "p", Line: "BenchmarkA\t10\t21 ns/op\t6 cpu-ns/op\t0 B/op\t1 allocs/op"},
	}
	got, err := pairsOf(runs)
	if err != nil {
		t.Fatal(err)
	}
	want := []pair{{measured{7, 20, 1}, measured{8, 40, 2}}, {measured{6, 21, 1}, measured{9, 41, 2}}}
	if fmt.Sprint(got) != fmt.Sprint(map[string][]pair{"p BenchmarkA": want}) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, bad := range [][]report.Run{{runs[0], runs[3]}, {runs[0], {Package: "p", Line: "BenchmarkB\t1\t2 ns/op", Head: true}}, {{Line: "x"}, runs[1]}} {
		if _, err := pairsOf(bad); err == nil {
			t.Errorf("no error for %v", bad)
		}
	}
}
