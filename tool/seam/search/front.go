package search

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
)

const (
	// distinct is the ARI above which two cuts are the same.
	distinct = 0.98
	// maxFront bounds how many cuts are told.
	maxFront = 12
	// maxCuts bounds of how many divisions the front is made.
	maxCuts = 60
	// polishes is how often the best of each floor is loosened once more.
	polishes = 12
	// near is how much worse than the best a restart may end to count for
	// stability, and minStable how many of the best count in any case.
	near      = 1.05
	minStable = 5
)

// finish polishes the best of all restarts at each floor, with exact costs, and
// fills in all of the result but the null.
func (f *field) finish(ctx context.Context, o Options, ends []end, r *Result) error {
	r.Restarts = len(ends)
	best := end{best: make([]division, 1+len(floors()))}
	tried := map[uint64]bool{}
	for i := range ends {
		for _, d := range ends[i].best {
			best.note(f, d)
		}
		for _, h := range ends[i].hash {
			tried[h] = true
		}
	}
	best.hash = nil
	s := newSolver(f.g)
	for i := range best.best {
		if err := f.polish(ctx, s, &best, i, ends); err != nil {
			return err
		}
	}
	cuts, err := f.cuts(ctx, s, append([]end{best}, ends...))
	if err != nil {
		return err
	}
	for _, h := range best.hash {
		tried[h] = true
	}
	r.Tried = len(tried)
	mass := f.mass()
	r.Front = front(cuts, mass)
	if len(r.Front) > 0 {
		r.Stability = stability(f.nearBest(ends, r.Front[0].Score), mass)
	}
	return nil
}

// cuts are the divisions that restarts ended in, with all placed exactly.
func (f *field) cuts(ctx context.Context, s *solver, ends []end) ([]Cut, error) {
	var cuts []Cut
	for _, e := range ends {
		for _, d := range e.best {
			if !d.valid(f.floor) || len(cuts) == maxCuts {
				continue
			}
			exact, err := s.exact(ctx, &d)
			if err != nil {
				return nil, err
			}
			if exact.valid(f.floor) {
				cuts = append(cuts, f.cut(exact))
			}
		}
	}
	return cuts, nil
}

// polish improves on the best division of one floor, unshaken: it is combined
// with what restarts ended in, and loosened.
func (f *field) polish(ctx context.Context, s *solver, best *end, i int, ends []end) error {
	rng := rand.New(rand.NewPCG(f.seed, uint64(i)<<32))
	own := *f
	own.floor = max(f.floor, append([]float64{f.floor}, floors()...)[i])
	for _, e := range ends {
		d, err := s.combine(ctx, f, &best.best[i], &e.best[i])
		if err != nil {
			return err
		}
		best.note(f, d)
	}
	for range polishes {
		d, err := s.loosen(ctx, &own, &best.best[i], best.best[i].force(own.floor, rng), rng)
		if err != nil {
			return err
		}
		best.note(f, d)
	}
	return nil
}

// exact places all anew, for the units as they are divided.
func (s *solver) exact(ctx context.Context, d *division) (division, error) {
	fix := slices.Clone(s.g.fix)
	for _, u := range s.g.units {
		set(fix, u.a, d.at[u.a[0]])
		set(fix, u.b, other(d.at[u.a[0]]))
	}
	at, err := s.place(ctx, fix, nil)
	if err != nil {
		return division{}, err
	}
	return s.g.weigh(at), nil
}

// combine holds the units on which two divisions agree and divides the others
// anew, exactly (as Sanders and Schulz, 2012, combine partitions).
func (s *solver) combine(ctx context.Context, f *field, x, y *division) (division, error) {
	swap, all := 0, 0
	for _, u := range s.g.units {
		all++
		if x.at[u.a[0]] != y.at[u.a[0]] {
			swap++
		}
	}
	fix := append([]Label(nil), s.g.fix...)
	for _, u := range s.g.units {
		if at := x.at[u.a[0]]; len(u.b) > 0 || (at != y.at[u.a[0]]) == (2*swap > all) {
			set(fix, u.a, at)
			set(fix, u.b, other(at))
		}
	}
	at, err := s.place(ctx, fix, f.bias(x, 1))
	if err != nil {
		return division{}, err
	}
	return s.g.weigh(at), nil
}

// cut is a division in terms of the problem, with B the half that is called
// more, or else has less mass. What the caller holds stays where it is.
func (f *field) cut(d division) Cut {
	label := f.g.expand(d.at)
	if f.swap(label) {
		for v, x := range label {
			if x < Both {
				label[v] = other(x)
			}
		}
	}
	return Evaluate(f.g.p, label)
}

func (f *field) swap(label []Label) bool {
	for _, at := range f.g.fix {
		if at < Both {
			return false
		}
	}
	var calls, mass [2]float64
	for _, e := range f.g.p.Edges {
		if x, y := label[e.From], label[e.To]; y < Both && x == other(y) {
			calls[y] += e.Cost
		}
	}
	for v, x := range label {
		if x < Both {
			mass[x] += f.g.p.Nodes[v].Mass
		}
	}
	return calls[A] > calls[B] || calls[A] == calls[B] && mass[A] < mass[B]
}

func (f *field) mass() []float64 {
	mass := make([]float64, len(f.g.p.Nodes))
	for v, n := range f.g.p.Nodes {
		mass[v] = n.Mass
	}
	return mass
}

// nearBest are the labels that restarts ended with near the best score, but at
// least those of the best few: a cut that was found once is not stable for that.
func (f *field) nearBest(ends []end, score float64) [][]Label {
	ends = slices.Clone(ends)
	slices.SortStableFunc(ends, func(x, y end) int { return cmp.Compare(x.best[0].score, y.best[0].score) })
	var list [][]Label
	for _, e := range ends {
		if d := e.best[0]; d.valid(f.floor) && (d.score <= score*near || len(list) < minStable) {
			list = append(list, f.g.expand(d.at))
		}
	}
	return list
}

// front keeps the distinct cuts of which none is better in cost, parted ties and
// balance at once, best score first.
func front(cuts []Cut, mass []float64) []Cut {
	slices.SortStableFunc(cuts, func(x, y Cut) int {
		return cmp.Or(cmp.Compare(x.Score, y.Score), cmp.Compare(x.Cost, y.Cost), slices.Compare(x.Label, y.Label))
	})
	var kept []Cut
	for i, c := range cuts {
		if len(kept) == maxFront || slices.ContainsFunc(cuts, c.dominated) {
			continue
		}
		same := func(k Cut) bool { return ARI(k.Label, cuts[i].Label, mass) >= distinct }
		if !slices.ContainsFunc(kept, same) {
			kept = append(kept, c)
		}
	}
	return kept
}

// dominated reports whether d is at least as good in all and better in one.
func (c Cut) dominated(d Cut) bool {
	return d.Cost <= c.Cost && d.Parted <= c.Parted && d.Balance >= c.Balance &&
		(d.Cost < c.Cost || d.Parted < c.Parted || d.Balance > c.Balance)
}
