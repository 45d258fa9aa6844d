package search

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	// nullStarts is how often the search of a rewired graph begins anew.
	nullStarts = 3
	// nullShare is by how much less often a restart of a null loosens its
	// division, and fairs how often the true graph is searched with as little
	// effort, for a fair comparison.
	nullShare, fairs = 5, 5
	// worst is the score of a graph that could not be divided at all.
	worst = 1e9
	// percentile is what share of nulls may be better than the limit asks.
	percentile = 0.05
	// minNulls is how many are made before the test can be settled.
	minNulls = 20
	// maxNulls is how many settle it if none of them is below: 0.95 to the power of
	// 59 is less than 0.05.
	maxNulls = 59
	// nullBatch is how many are made before the rule is looked at.
	nullBatch = 4
)

// nulls compares with rewired graphs what the same, small effort finds on the
// true one, in the mean. The test passes if the proposal's score is
// at most limit times the 5th percentile of the nulls, so if no more than one in
// twenty of them is below score / limit. After minNulls it may be settled early:
// if more than one in twenty of all that were asked for are below, for no later
// one can mend that; or if none is below, and either so many were made that this
// would be a chance of less than 5 % if one in twenty were, or the logarithms of
// their scores have a mean so many standard deviations above that by Cantelli's
// inequality less than one in twenty can be below.
func nulls(ctx context.Context, p *Problem, o Options) (Null, error) {
	var fair [fairs]float64
	err := spread(ctx, fairs, func() func(context.Context, int) error {
		return func(ctx context.Context, i int) (err error) {
			fair[i], err = null(ctx, p, o, rand.New(rand.NewPCG(o.Seed, 1<<48+uint64(i))))
			return err
		}
	}, func(int) { o.tell("nulls", 0, o.Nulls) })
	score := 0.0
	for _, x := range fair {
		score += x / fairs
	}
	var found []float64
	for err == nil && len(found) < o.Nulls && !settles(found, score/o.Limit, o.Nulls) {
		batch := make([]float64, min(nullBatch, o.Nulls-len(found)))
		from := len(found)
		err = spread(ctx, len(batch), func() func(context.Context, int) error {
			return func(ctx context.Context, i int) (err error) {
				rng := rand.New(rand.NewPCG(o.Seed, 1<<40+uint64(from+i)))
				batch[i], err = null(ctx, Rewire(p, rng), o, rng)
				return err
			}
		}, func(done int) { o.tell("nulls", from+done, o.Nulls) })
		found = append(found, batch...)
	}
	if err != nil {
		return Null{}, err
	}
	slices.Sort(found)
	n := Null{Scores: found, Settled: len(found) < o.Nulls}
	n.P5 = found[max(0, int(math.Ceil(percentile*float64(len(found))))-1)]
	n.Ratio = score / n.P5
	return n, nil
}

// null is the best score of one graph at little effort.
func null(ctx context.Context, p *Problem, o Options, rng *rand.Rand) (float64, error) {
	g := newGraph(p, o.Fix)
	f := newField(g, o.Floor, rng.Uint64())
	s := newSolver(g)
	best := float64(worst)
	for i := range nullStarts {
		e, err := f.restart(ctx, s, i, g.tries()/nullShare)
		if err != nil {
			return 0, err
		}
		best = min(best, e.best[0].score)
	}
	return best, nil
}

// settles is the rule for stopping early.
func settles(found []float64, bar float64, all int) bool {
	if len(found) < minNulls {
		return false
	}
	below, sum, squares := 0.0, 0.0, 0.0
	for _, x := range found {
		if x < bar {
			below++
		}
		sum += math.Log(x)
		squares += math.Log(x) * math.Log(x)
	}
	if below > percentile*float64(all) {
		return true
	}
	n := float64(len(found))
	mean := sum / n
	deviation := math.Sqrt(max(0, squares/n-mean*mean) * n / (n - 1))
	far := mean-math.Log(bar) > math.Sqrt(1/percentile-1)*deviation
	return below == 0 && (far || len(found) >= maxNulls)
}
