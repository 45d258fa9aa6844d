package gate

import (
	"math/rand/v2"
	"testing"
)

// TestBytesThatVaryCostNoPairs: bytes differ at random from pair to pair, by more
// than counts, so that no number of pairs decides; CPU time is decided soon.
func TestBytesThatVaryCostNoPairs(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]float64{"same": 0, "slower": 0.3} {
		r := rand.New(rand.NewPCG(5, 5))
		g := start(t, Config{Seed: 5}, Bench{Name: "B", Tests: []Test{{Channel: CPU}, {Channel: Bytes}}})
		for _, more := g.Next(); more; _, more = g.Next() {
			base := Sample{CPU: 1, Bytes: 1000 + float64(r.IntN(200))}
			head := Sample{CPU: 1 + effect, Bytes: 1000 + float64(r.IntN(200))}
			if err := g.Add(base, head, 0); err != nil {
				t.Fatal(err)
			}
		}
		cpu, bytes := g.Results()[0], g.Results()[1]
		if want := Verdict(name); cpu.Verdict != want {
			t.Errorf("%s: CPU time is %s, want %s", name, cpu.Verdict, want)
		}
		if bytes.Pairs != cpu.Pairs || bytes.Verdict != Undecided || bytes.Why != OutOfPairs {
			t.Errorf("%s: bytes took %d pairs and are %s (%s), want the %d of CPU time, undecided", name, bytes.Pairs, bytes.Verdict, bytes.Why, cpu.Pairs)
		}
	}
}

// TestBytesAloneAreSearchedToTheEnd: nothing else is judged.
func TestBytesAloneAreSearchedToTheEnd(t *testing.T) {
	t.Parallel()
	g := start(t, Config{}, Bench{Name: "B", Tests: []Test{{Channel: Bytes}}})
	for i, more := 0, true; more; i++ {
		if _, more = g.Next(); !more {
			break
		}
		if err := g.Add(Sample{Bytes: 1000}, Sample{Bytes: 1000 + float64(i%2*200-100)}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if got := g.Results()[0].Pairs; got != maxPairs {
		t.Errorf("got %d pairs, want %d", got, maxPairs)
	}
}
