package tour

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	// costRounds is how many times it is each form's turn, and costBurst how many
	// probes it is asked in a turn: its caches are warm by the second, as in a
	// program that is in use.
	costRounds = 60
	costBurst  = 12
)

// measureCost asks every form the probe in turn, round after round, so that a
// slow moment of the machine hits all forms alike, and fills in their times.
// The first form is the plain one, which the others are compared to.
func measureCost(ctx context.Context, forms []*running, probe request) error {
	micros := make([][]float64, len(forms))
	// A form pays for what its forerunner left behind in the machine, so that
	// a fixed order would favour some; the seed keeps runs comparable.
	order := rand.New(rand.NewPCG(1, 2))
	for range costRounds {
		for _, at := range order.Perm(len(forms)) {
			m, err := burst(ctx, forms[at], probe)
			if err != nil {
				return err
			}
			micros[at] = append(micros[at], m)
		}
	}
	for i, f := range forms {
		f.form.RequestMicros = median(micros[i])
		f.form.CallMicros = median(pairwise(micros[i], micros[0], func(x, plain float64) float64 { return x - plain }))
		f.form.Ratio = median(pairwise(micros[i], micros[0], func(x, plain float64) float64 { return x / plain }))
	}
	return nil
}

// burst asks f the probe a few times in a row and returns the median time in µs.
func burst(ctx context.Context, f *running, probe request) (float64, error) {
	micros := make([]float64, costBurst)
	for i := range micros {
		began := time.Now()
		a, err := f.player.ask(ctx, probe)
		if err != nil {
			return 0, fmt.Errorf("probe of %s: %w", f.form.Name, err)
		}
		if a.status != probe.Expect {
			return 0, fmt.Errorf("probe of %s: status %d, want %d", f.form.Name, a.status, probe.Expect)
		}
		micros[i] = float64(time.Since(began).Nanoseconds()) / 1e3
	}
	return median(micros), nil
}

func pairwise(a, b []float64, f func(a, b float64) float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = f(a[i], b[i])
	}
	return out
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}
