package evalue

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func names(values []Named) []string {
	var names []string
	for _, v := range values {
		names = append(names, v.Name)
	}
	return names
}

func TestBHReportsTheLargestSetThatItsWeakestMemberCanBear(t *testing.T) {
	t.Parallel()
	named := func(es ...float64) []Named {
		var values []Named
		for i, e := range es {
			values = append(values, Named{string(rune('a' + i)), Of(e)})
		}
		return values
	}
	for _, c := range []struct {
		name   string
		alpha  float64
		m      int
		values []Named
		want   []string
	}{
		{"none", 0.01, 0, nil, nil},
		{"one at its bound", 0.01, 1, named(100), []string{"a"}},
		{"one below it", 0.01, 1, named(99.999), nil},
		{"one of many needs many times as much", 0.01, 200, named(19999), nil},
		{"and gets in when it has it", 0.01, 200, named(1, 20000), []string{"b"}},
		{"two carry each other", 0.01, 200, named(10000, 1, 10000), []string{"a", "c"}},
		{"the weak ride on the strong", 0.01, 4, named(100, 200, 150, 101), []string{"b", "c", "d", "a"}},
		{"one too weak leaves, and then another must", 0.01, 4, named(99, 120, 200, 250), []string{"d", "c"}},
		{"ties are reported together, by name", 0.5, 4, named(4, 4, 1, 0), []string{"a", "b"}},
		{"ties fall together", 0.5, 4, named(3.9, 3.9, 1, 0), nil},
		{"m below the number of values", 0.01, 1, named(100, 1), nil},
		{"NaN counts and is not reported", 0.01, 2, named(math.NaN(), 200), []string{"b"}},
		{"infinity", 0.01, 1000, named(math.Inf(1), math.Inf(1)), []string{"a", "b"}},
		{"no level, no report", 0, 1, named(1e300), nil},
	} {
		if got := names(BH(c.alpha, c.m, c.values)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestBHIsThatOfTheDefinition compares with the definition read literally, in any
// order of the values, many of them equal.
func TestBHIsThatOfTheDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		es := rapid.SliceOfN(rapid.SampledFrom([]float64{0, 1, 5, 10, 20, 25, 40, 50, 100, 200}), 0, 12).Draw(t, "e-values")
		m := len(es) + rapid.IntRange(0, 3).Draw(t, "absent")
		const alpha = 0.1
		var values []Named
		for i, e := range es {
			values = append(values, Named{string(rune('a' + i)), Of(e)})
		}
		most := 0
		for k := 1; k <= len(es); k++ {
			reach := 0
			for _, e := range es {
				if e*alpha*float64(k) >= float64(m) {
					reach++
				}
			}
			if reach >= k {
				most = k
			}
		}
		shuffled := rapid.Permutation(values).Draw(t, "order")
		before := slices.Clone(shuffled)
		got := BH(alpha, m, shuffled)
		if len(got) != most || !slices.Equal(names(got), names(BH(alpha, m, values))) {
			t.Fatalf("m %d, e-values %v: got %q, want %d of them", m, es, names(got), most)
		}
		if !slices.Equal(before, shuffled) {
			t.Fatalf("the values were changed")
		}
	})
}

func TestMoreEvidenceNeverRemovesAFinding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		logs := rapid.SliceOfN(rapid.Float64Range(-2, 12), 1, 30).Draw(t, "logs")
		var weak, strong []Named
		for i, l := range logs {
			weak = append(weak, Named{string(rune('A' + i)), Log(l)})
			strong = append(strong, Named{string(rune('A' + i)), Log(l + rapid.Float64Range(0, 3).Draw(t, "more"))})
		}
		found := names(BH(0.01, len(logs), strong))
		for _, name := range names(BH(0.01, len(logs), weak)) {
			if !slices.Contains(found, name) {
				t.Fatalf("%s is found with less evidence only", name)
			}
		}
	})
}
