package main

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/seam/search"
)

const (
	lA = search.A
	lB = search.B
	lX = search.Both
)

func near(x, y float64) bool { return math.Abs(x-y) < 1e-9 }

// Two services of 6 and 4 lines, and 10 lines that both run.
func twoServices() sample {
	return sample{by: []services{1, 1, 2, 2, 3, 3, 0}, mass: []float64{3, 3, 2, 2, 6, 4, 50}, count: 2}
}

func TestScoreByHand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		label []search.Label
		want  score // Chance, Purity and the pair scores are checked elsewhere
	}{
		{"perfect", []search.Label{lA, lA, lB, lB, lX, lX, lA}, score{A: 1, B: 1, Raw: 1, Recall: 1, Precision: 1, RecallAll: 1, Agree: 1}},
		{"the halves' names don't matter", []search.Label{lB, lB, lA, lA, lX, lX, lA}, score{A: 1, B: 1, Raw: 1, Recall: 1, Precision: 1, RecallAll: 1, Agree: 1}},
		{"all on one side", []search.Label{lA, lA, lA, lA, lA, lA, lA}, score{A: 2, Void: true, Raw: 1, Recall: nothing, Precision: nothing, RecallAll: 0, Agree: 1}},
		{"one declaration astray", []search.Label{lA, lB, lB, lB, lX, lB, lA}, score{A: 1, B: 1, Raw: 0.7, Recall: 0.6, Precision: 1, RecallAll: 0.6, Agree: 0.65}},
		{"exclusive code in both", []search.Label{lA, lX, lB, lB, lX, lX, lX}, score{A: 1, B: 1, Raw: 0.7, Recall: 1, Precision: 10.0 / 13, RecallAll: 1, Agree: 0.85}},
	} {
		got := scoreCut(twoServices(), c.label)
		if c.name == "one declaration astray" { // the first service is 3:3, and a tie goes to A
			c.want.A = 1
		}
		if got.A != c.want.A || got.B != c.want.B || got.Void != c.want.Void || !near(got.Raw, c.want.Raw) || !near(got.Recall, c.want.Recall) ||
			!near(got.Precision, c.want.Precision) || !near(got.RecallAll, c.want.RecallAll) || !near(got.Agree, c.want.Agree) {
			t.Errorf("%s: got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestAdjustedRandByHand(t *testing.T) {
	t.Parallel()
	// The example of Hubert and Arabie's formula: 3+3 against 2+4 with one astray.
	// Pairs within cells: (2,1,0,3) -> 1+0+0+3 = 4; rows (3,3) -> 6; columns (2,4) -> 7; all 15.
	one := []float64{1, 1, 1, 1, 1, 1}
	got := ari([]int{0, 0, 0, 1, 1, 1}, []int{0, 0, 1, 1, 1, 1}, one)
	want := (4 - 6.0*7/15) / (6.5 - 6.0*7/15)
	if !near(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := pairF1([]int{0, 0, 0, 1, 1, 1}, []int{0, 0, 1, 1, 1, 1}, one), 8.0/13; !near(got, want) {
		t.Errorf("F1: got %v, want %v", got, want)
	}
}

// drawSample draws services and labels.
func drawSample(t *rapid.T) (sample, []search.Label) {
	count := rapid.IntRange(2, 6).Draw(t, "services")
	n := rapid.IntRange(4, 60).Draw(t, "n")
	s := sample{count: count}
	var label []search.Label
	for range n {
		s.by = append(s.by, services(rapid.Uint64Range(0, 1<<count-1).Draw(t, "by")))
		s.mass = append(s.mass, float64(rapid.IntRange(0, 40).Draw(t, "mass")))
		label = append(label, search.Label(rapid.IntRange(0, 2).Draw(t, "label")))
	}
	return s, label
}

func TestScoresDontDependOnOrderOrNames(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, label := drawSample(t)
		before := scoreCut(s, label)
		order := rapid.Permutation(ints(len(label))).Draw(t, "order")
		moved, labels := sample{count: s.count}, []search.Label{}
		for _, i := range order {
			moved.by, moved.mass, labels = append(moved.by, s.by[i]), append(moved.mass, s.mass[i]), append(labels, label[i])
		}
		after := scoreCut(moved, labels)
		if before.A != after.A || before.Void != after.Void || !near(before.Raw, after.Raw) || !near(before.ARI, after.ARI) || !near(before.F1, after.F1) ||
			!near(before.Recall, after.Recall) || !near(before.Precision, after.Precision) || !near(before.Agree, after.Agree) {
			t.Fatalf("before %+v\nafter  %+v", before, after)
		}
	})
}

func ints(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func TestEqualGroupingsHaveARIOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.IntRange(0, 4), 2, 50).Draw(t, "x")
		mass, y := make([]float64, len(x)), make([]int, len(x))
		for i := range x {
			mass[i], y[i] = float64(1+i%7), 9-x[i]
		}
		if got := ari(x, y, mass); !near(got, 1) {
			t.Fatalf("got %v, want 1", got)
		}
		if got := pairF1(x, y, mass); !near(got, 1) && got != nothing {
			t.Fatalf("F1: got %v, want 1", got)
		}
	})
}

func TestRandomLabelsScoreAboutZero(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 7))
		s := sample{count: 4}
		var label []search.Label
		for range 4000 {
			s.by, s.mass = append(s.by, 1<<rng.IntN(4)), append(s.mass, float64(1+rng.IntN(60)))
			label = append(label, search.Label(rng.IntN(2)))
		}
		got := scoreCut(s, label)
		if math.Abs(got.Purity) > 0.06 || math.Abs(got.ARI) > 0.06 || math.Abs(got.Services) > 0.06 {
			t.Errorf("seed %d: purity %.3f, ari %.3f, %.3f; want about 0", seed, got.Purity, got.ARI, got.Services)
		}
	}
}
