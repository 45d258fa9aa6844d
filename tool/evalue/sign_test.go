package evalue

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestUnanimousPairs holds the figures of docs and design.
func TestUnanimousPairs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pairs int
		want  float64
	}{{0, 1}, {1, 1.5}, {9, 102}, {13, 1165}, {18, 27350}} {
		test := SignTest{Null: AtMost, Bound: 0.01}
		for range c.pairs {
			test.Add(0.02)
		}
		if got := test.Log().E(); math.Abs(got/c.want-1) > 0.001 {
			t.Errorf("%d unanimous pairs: got %.1f, want %v", c.pairs, got, c.want)
		}
	}
}

// TestLogIsTheMixtureOfProducts computes small cases as the definition reads.
func TestLogIsTheMixtureOfProducts(t *testing.T) {
	t.Parallel()
	for yes := range 30 {
		for no := range 30 {
			want := 0.0
			for i := range 20 {
				lambda, capital := 0.025+0.05*float64(i), 1.0
				for range yes {
					capital *= 1 + lambda
				}
				for range no {
					capital *= 1 - lambda
				}
				want += capital / 20
			}
			if got := signs(yes, no).E(); math.Abs(got/want-1) > 1e-9 {
				t.Errorf("%d for, %d against: got %v, want %v", yes, no, got, want)
			}
		}
	}
}

func TestNothingOverflowsAt100000Pairs(t *testing.T) {
	t.Parallel()
	const n = 100_000
	for _, c := range []struct {
		yes, no   int
		low, high Log
	}{
		{n, 0, n * 0.67, n * 0.70}, // ln 1.975 a pair
		{0, n, -n * 0.03, 0},       // the smallest bet loses least
		{n / 2, n / 2, -60, 0},
	} {
		if got := signs(c.yes, c.no); !(got > c.low && got < c.high) {
			t.Errorf("%d for, %d against: got %v, want within %v and %v", c.yes, c.no, got, c.low, c.high)
		}
	}
}

func TestAPairForTheNullLowersAndOneAgainstItRaises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		yes, no := rapid.IntRange(0, 5000).Draw(t, "for"), rapid.IntRange(0, 5000).Draw(t, "against")
		now, more, less := signs(yes, no), signs(yes+1, no), signs(yes, no+1)
		if !(more > now && less < now) {
			t.Fatalf("e-value %v; with one more for %v, with one more against %v", now, more, less)
		}
	})
}

// TestNoBetGainsWhenTheCoinIsFair is the martingale itself: the mean of the next
// two values is the value now.
func TestNoBetGainsWhenTheCoinIsFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		yes, no := rapid.IntRange(0, 2000).Draw(t, "for"), rapid.IntRange(0, 2000).Draw(t, "against")
		now, next := signs(yes, no), Mean(signs(yes+1, no), signs(yes, no+1))
		if !near(now, next) {
			t.Fatalf("now %v, next in the mean %v", now, next)
		}
	})
}

func TestTheNullsMirrorEachOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bound := rapid.Float64Range(-1, 1).Draw(t, "bound")
		up, down := SignTest{Null: AtMost, Bound: bound}, SignTest{Null: AtLeast, Bound: -bound}
		for _, d := range rapid.SliceOf(rapid.OneOf(rapid.Float64(), rapid.Just(bound))).Draw(t, "d") {
			up.Add(d)
			down.Add(-d)
		}
		if up.For != down.For || up.Log() != down.Log() || up.Pairs() != down.Pairs() {
			t.Fatalf("up %+v, down %+v", up, down)
		}
	})
}

func TestTiesAndNaNAreNoEvidence(t *testing.T) {
	t.Parallel()
	for _, d := range []float64{0.01, math.NaN()} {
		for _, null := range []Null{AtMost, AtLeast, ""} {
			test := SignTest{Null: null, Bound: 0.01}
			test.Add(d)
			if test.For != 0 || test.Against != 1 {
				t.Errorf("null %q, bound 0.01, d %v: got %+v, want one against", null, d, test)
			}
		}
	}
}

// need returns how many of n pairs must speak against the null for an e-value of
// at least e; n+1 if no number does.
func need(n int, e float64) int {
	for k := n; k >= 0; k-- {
		if signs(k, n-k) < Of(e) {
			return k + 1
		}
	}
	return 0
}

// TestVilleHoldsAgainstAnyAdversary computes, exactly, the highest probability of
// ever reaching 1/alpha within 600 pairs that any adversary can get who knows the
// past and may choose each next distribution with a median within the null, ties
// included: P(evidence) from 0 to 1/2. The probability is linear in that choice,
// so he chooses one of the ends.
func TestVilleHoldsAgainstAnyAdversary(t *testing.T) {
	t.Parallel()
	const horizon = 600
	for _, alpha := range []float64{0.05, 0.01, 0.001} {
		ever := make([]float64, horizon+2) // by pairs for, after n+1 pairs
		for n := horizon; n >= 0; n-- {
			enough := need(n, 1/alpha)
			for k := range n + 1 {
				ever[k] = max((ever[k]+ever[k+1])/2, ever[k])
				if k >= enough {
					ever[k] = 1
				} else if n == horizon {
					ever[k] = 0
				}
			}
		}
		if got := ever[0]; got > alpha || got < alpha/3 {
			t.Errorf("alpha %v: reached with probability %v; want at most alpha, and not far below it", alpha, got)
		}
	}
}

// nulls are streams of d whose median given the past is at most 0, each for its
// own reason.
func nulls(r *rand.Rand) map[string]func(past []float64) float64 {
	last := func(past []float64) float64 {
		if len(past) == 0 {
			return 1
		}
		return past[len(past)-1]
	}
	return map[string]func([]float64) float64{
		"normal":          func([]float64) float64 { return r.NormFloat64() },
		"ties at bound":   func([]float64) float64 { return float64(r.IntN(3) - 1) },
		"only ties":       func([]float64) float64 { return 0 },
		"Cauchy":          func([]float64) float64 { return r.NormFloat64() / r.NormFloat64() },
		"skew, mean high": func([]float64) float64 { return math.Exp(3*r.NormFloat64()) - 1 },
		"scale follows the past": func(past []float64) float64 {
			return r.NormFloat64() * math.Sqrt(0.01+1.2*math.Pow(last(past), 2))
		},
		"shape follows the past": func(past []float64) float64 {
			if last(past) > 0 { // after a rise: rises are tiny, falls are huge
				return []float64{1e-9, -1e9}[r.IntN(2)]
			}
			return []float64{1e9, -1e-9}[r.IntN(2)]
		},
	}
}

func TestVilleHoldsOnManyNulls(t *testing.T) {
	t.Parallel()
	const runs, pairs, alpha = 1000, 100, 0.05
	for name := range nulls(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := nulls(rand.New(rand.NewPCG(7, 11)))[name]
			alarms := 0
			for range runs {
				test, past := SignTest{Null: AtMost}, []float64(nil)
				for range pairs {
					d := next(past)
					past = append(past, d)
					test.Add(d)
					if test.For > test.Against && test.Log() >= Of(1/alpha) {
						alarms++
						break
					}
				}
			}
			if got := float64(alarms) / runs; got > alpha {
				t.Errorf("seed 7, 11: %v of the runs reach 1/alpha, want at most %v", got, alpha)
			}
		})
	}
}

func TestAnEffectIsFoundAtLast(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 5))
	test := SignTest{Null: AtMost, Bound: 0.01}
	for range 2000 {
		test.Add(0.04 + 0.05*r.NormFloat64()/r.NormFloat64())
	}
	if got := test.Log().E(); got < 1e6 {
		t.Errorf("seed 3, 5: got %v after 2000 heavy-tailed pairs, want at least 1e6", got)
	}
}

func TestSignTestRefusesWhatItDidNotWrite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{`{"null":"at most","bound":0,"for":-1}`, "sign test: a count of -1 pairs: want 0 to 9007199254740992"},
		{`{"null":"at most","against":9007199254740993}`, "sign test: a count of 9007199254740993 pairs: want 0 to 9007199254740992"},
		{`{"null":"exactly"}`, `sign test: null "exactly": want "at most" or "at least"`},
		{`{"bound":0}`, `sign test: null "": want "at most" or "at least"`},
		{`[]`, "sign test: json: cannot unmarshal array"},
	} {
		var test SignTest
		err := json.Unmarshal([]byte(c.in), &test)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.in, err, c.want)
		}
	}
}

func TestASavedTestContinuesAsIfItHadNotStopped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		null := rapid.SampledFrom([]Null{AtMost, AtLeast}).Draw(t, "null")
		test := SignTest{Null: null, Bound: rapid.Float64Range(-1, 1).Draw(t, "bound")}
		for _, d := range rapid.SliceOf(rapid.Float64Range(-2, 2)).Draw(t, "before") {
			test.Add(d)
		}
		saved, err := json.Marshal(test)
		if err != nil {
			t.Fatal(err)
		}
		var back SignTest
		if err := json.Unmarshal(saved, &back); err != nil {
			t.Fatal(err)
		}
		for _, d := range rapid.SliceOf(rapid.Float64Range(-2, 2)).Draw(t, "after") {
			test.Add(d)
			back.Add(d)
		}
		if test != back {
			t.Fatalf("got %+v, want %+v", back, test)
		}
	})
}

func FuzzSignTestState(f *testing.F) {
	f.Add([]byte(`{"null":"at most","bound":0.00995,"for":13,"against":2}`))
	f.Add([]byte(`{"null":"at least","bound":-1e308,"for":9007199254740992,"against":9007199254740992}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var test SignTest
		if json.Unmarshal(data, &test) != nil {
			return
		}
		if l := float64(test.Log()); math.IsNaN(l) || math.IsInf(l, 0) {
			t.Errorf("%s: log e-value %v", data, l)
		}
		saved, err := json.Marshal(test)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		var back SignTest
		if err := json.Unmarshal(saved, &back); err != nil || back != test {
			t.Errorf("%s: got %+v, %v; want %+v", saved, back, err, test)
		}
	})
}
