package evalue

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestIntervalIsWhatTheTestsDoNotReject(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Float64Range(-3, 3), rapid.Map(rapid.IntRange(-2, 2), func(i int) float64 { return float64(i) }))
		d := rapid.SliceOfN(value, 0, 60).Draw(t, "d")
		alpha := rapid.SampledFrom([]float64{0.01, 0.05, 0.5}).Draw(t, "alpha")
		got := MedianInterval(d, alpha)
		for _, effect := range append([]float64{got.Lo, got.Hi, value.Draw(t, "effect")}, d...) {
			low, high := SignTest{Null: AtMost, Bound: effect}, SignTest{Null: AtLeast, Bound: effect}
			for _, x := range d {
				low.Add(x)
				high.Add(x)
			}
			rejected := low.Log() >= Of(2/alpha) || high.Log() >= Of(2/alpha)
			inside := got.Lo <= effect && effect <= got.Hi
			if rejected == inside {
				t.Fatalf("effect %v: rejected %v, within %v: %v", effect, rejected, got, inside)
			}
		}
		if m := Median(d); len(d) > 0 && (m < got.Lo || m > got.Hi) {
			t.Fatalf("median %v outside of %v", m, got)
		}
	})
}

// TestIntervalsHoldTheMedianAllTheTime computes exactly, for a continuous d, the
// probability that any of the intervals after 1 to 600 pairs misses the median.
func TestIntervalsHoldTheMedianAllTheTime(t *testing.T) {
	t.Parallel()
	const alpha, horizon = 0.01, 600
	alive := map[int]float64{0: 1} // by pairs above the median
	missed := 0.0
	for n := 1; n <= horizon; n++ {
		next, enough := make(map[int]float64), need(n, 2/alpha)
		for k := range n {
			next[k] += alive[k] / 2
			next[k+1] += alive[k] / 2
		}
		for k := range n + 1 {
			if k >= enough || n-k >= enough {
				missed += next[k]
				delete(next, k)
			}
		}
		alive = next
	}
	if missed > alpha || missed < alpha/3 {
		t.Errorf("an interval misses with probability %v, want at most %v, and not far below it", missed, alpha)
	}
}

func TestIntervalShrinksAsPairsCome(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var d []float64
	width := math.Inf(1)
	for _, n := range []int{20, 80, 320, 1280} {
		for len(d) < n {
			d = append(d, 0.05+0.03*r.NormFloat64())
		}
		got := MedianInterval(d, 0.01)
		if !(got.Lo <= 0.05 && 0.05 <= got.Hi && got.Hi-got.Lo < 0.8*width) {
			t.Errorf("seed 1, 2: after %d pairs %v: want 0.05 in it, and less wide than %v", n, got, 0.8*width)
		}
		width = got.Hi - got.Lo
	}
	if width > 0.008 {
		t.Errorf("seed 1, 2: still %v wide", width)
	}
}

func TestIntervalIsOpenWhileItMustBe(t *testing.T) {
	t.Parallel()
	open := Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}
	eleven := make([]float64, 11)
	for _, c := range []struct {
		name  string
		d     []float64
		alpha float64
		want  Interval
	}{
		{"no pairs", nil, 0.01, open},
		{"ten pairs", eleven[:10], 0.01, open},
		{"eleven pairs", eleven, 0.01, Interval{0, 0}},
		{"a NaN", append([]float64{math.NaN()}, eleven...), 0.01, open},
		{"no doubt allowed", eleven, 0, open},
	} {
		if got := MedianInterval(c.d, c.alpha); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestIntervalTurnsWithTheSigns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SliceOfN(rapid.Float64Range(-5, 5), 0, 50).Draw(t, "d")
		var turned []float64
		for _, x := range d {
			turned = append(turned, -x)
		}
		a, b := MedianInterval(d, 0.05), MedianInterval(turned, 0.05)
		if a.Lo != -b.Hi || a.Hi != -b.Lo {
			t.Fatalf("got %v and, of the opposites, %v", a, b)
		}
	})
}

func TestMedianIsTheMiddle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 9, 2}, 3}} {
		if got := Median(c.d); got != c.want {
			t.Errorf("%v: got %v, want %v", c.d, got, c.want)
		}
	}
	if got := Median(nil); !math.IsNaN(got) {
		t.Errorf("of none: got %v, want NaN", got)
	}
}
