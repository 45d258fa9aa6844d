package evalue

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// near compares e-values up to rounding.
func near(a, b Log) bool { return math.Abs(float64(a-b)) <= 1e-9*(1+math.Abs(float64(b))) }

func TestProductAndMeanAreThoseOfTheEValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		got  Log
		want float64
	}{
		{"no product", Product(), 1},
		{"product", Product(Of(2), Of(10), Of(0.5)), 10},
		{"a product with ruin", Product(Of(2), Of(0)), 0},
		{"no mean", Mean(), 1},
		{"mean", Mean(Of(1), Of(2), Of(6)), 3},
		{"mean with ruin", Mean(Of(0), Of(3)), 1.5},
		{"mean of ruin", Mean(Of(0), Of(0)), 0},
		{"a mean beyond float64", Mean(2000, 2000) - 1999, math.E},
		{"a mean with infinity", Mean(Log(math.Inf(1)), 0), math.Inf(1)},
	} {
		if got := c.got.E(); got != c.want && math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestChanceOfFalseAlarmIsTheInverse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		e    Log
		want float64
	}{{0, 1}, {Of(0.2), 1}, {Of(1000), 0.001}, {Of(0), 1}, {1e5, 0}} {
		if got := c.e.P(); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("P of e-value %v: got %v, want %v", c.e.E(), got, c.want)
		}
	}
}

func TestMeanLiesBetweenItsValuesInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		drawn := rapid.SliceOfN(rapid.Float64Range(-1e5, 1e5), 1, 20).Draw(t, "logs")
		var es, back []Log
		low, high := Log(math.Inf(1)), Log(math.Inf(-1))
		for i, l := range drawn {
			es, back = append(es, Log(l)), append(back, Log(drawn[len(drawn)-1-i]))
			low, high = min(low, Log(l)), max(high, Log(l))
		}
		got := Mean(es...)
		if !near(got, Mean(back...)) {
			t.Fatalf("mean %v, of the reverse %v", got, Mean(back...))
		}
		if got < low-1e-9*(1+Log(math.Abs(float64(low)))) || got > high+1e-9*(1+Log(math.Abs(float64(high)))) {
			t.Fatalf("mean %v outside of %v to %v", got, low, high)
		}
	})
}

func TestIntervalSurvivesJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		interval Interval
		want     string
	}{
		{Interval{-0.5, 2}, `{"lo":-0.5,"hi":2}`},
		{Interval{math.Inf(-1), 0}, `{"lo":null,"hi":0}`},
		{Interval{math.Inf(-1), math.Inf(1)}, `{"lo":null,"hi":null}`},
	} {
		got, err := json.Marshal(c.interval)
		if err != nil || string(got) != c.want {
			t.Errorf("%v: got %s, %v; want %s", c.interval, got, err, c.want)
		}
		var back Interval
		if err := json.Unmarshal(got, &back); err != nil || back != c.interval {
			t.Errorf("%s: got %v, %v; want %v", got, back, err, c.interval)
		}
	}
	var i Interval
	if err := json.Unmarshal([]byte(`{"lo":"x"}`), &i); err == nil {
		t.Errorf("a word as bound: got %v, want an error", i)
	}
}
