package search

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	// nullStarts is how often the search of a rewired graph begins anew. The
	// proposal is compared by the score that as many find on the true graph: equal
	// effort.
	nullStarts = 3
	// nullShare is by how much less often a restart of a null loosens its
	// division; what the proposal's restarts had found by then is what it is
	// compared with.
	nullShare = 5
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

// nulls compares with rewired graphs. The test passes if the proposal's score is
// at most limit times the 5th percentile of the nulls, so if no more than one in
// twenty of them is below score / limit. After minNulls it may be settled early:
// if more than one in twenty of all that were asked for are below, for no later
// one can mend that; or if none is below, and either so many were made that this
// would be a chance of less than 5 % if one in twenty were, or the logarithms of
// their scores have a mean so many standard deviations above that by Cantelli's
// inequality less than one in twenty can be below.
func nulls(ctx context.Context, p *Problem, o Options, ends []end) (Null, error) {
	score := expectedBest(ends, nullStarts)
	var found []float64
	settled := false
	for len(found) < o.Nulls && !settled {
		batch := make([]float64, min(nullBatch, o.Nulls-len(found)))
		from := len(found)
		err := spread(ctx, len(batch), func() func(context.Context, int) error {
			return func(ctx context.Context, i int) (err error) {
				batch[i], err = null(ctx, p, o, from+i)
				return err
			}
		}, func(done int) { o.tell("nulls", from+done, o.Nulls) })
		if err != nil {
			return Null{}, err
		}
		found = append(found, batch...)
		settled = settles(found, score/o.Limit, o.Nulls)
	}
	slices.Sort(found)
	n := Null{Scores: found, Settled: len(found) < o.Nulls}
	n.P5 = found[max(0, int(math.Ceil(percentile*float64(len(found))))-1)]
	n.Ratio = score / n.P5
	return n, nil
}

// null is the best score of one rewired graph.
func null(ctx context.Context, p *Problem, o Options, nth int) (float64, error) {
	rng := rand.New(rand.NewPCG(o.Seed, 1<<40+uint64(nth)))
	g := newGraph(Rewire(p, rng), o.Fix)
	f := newField(g, o.Floor, rng.Uint64())
	s := newSolver(g)
	best := math.Inf(1)
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
	below, sum, squares, n := 0.0, 0.0, 0.0, 0.0
	for _, x := range found {
		if x < bar {
			below++
		}
		if math.IsInf(x, 1) {
			continue // nothing divides it: worse than any bar
		}
		n++
		sum += math.Log(x)
		squares += math.Log(x) * math.Log(x)
	}
	if below > percentile*float64(all) {
		return true
	}
	if n < 2 {
		return below == 0
	}
	mean := sum / n
	deviation := math.Sqrt(max(0, squares/n-mean*mean) * n / (n - 1))
	far := mean-math.Log(bar) > math.Sqrt(1/percentile-1)*deviation
	return below == 0 && (far || len(found) >= maxNulls)
}

// expectedBest is the best score that k of the restarts find, in the mean over
// all choices of k.
func expectedBest(ends []end, k int) float64 {
	scores := make([]float64, len(ends))
	for i, e := range ends {
		scores[i] = e.early
	}
	slices.Sort(scores)
	n := len(scores)
	k = min(k, n)
	mean, left := 0.0, 1.0 // left: the chance that none before is among the k
	for i, x := range scores {
		if n-i < k || math.IsInf(x, 1) {
			break
		}
		hit := float64(k) / float64(n-i)
		mean += left * hit * x
		left *= 1 - hit
	}
	return mean
}
