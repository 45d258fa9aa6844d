package search

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// Defaults and bounds of a search.
const (
	defaultRestarts = 30
	defaultNulls    = 100
	defaultFloor    = 0.05
	defaultLimit    = 0.7

	maxWorkers = 2
	shaking    = 0.03 // by how much a restart changes each cost
	beginnings = 4    // of each restart
)

// floors are the shares that the front is searched for, beside the caller's.
func floors() []float64 { return []float64{0.05, 0.10, 0.20, 0.35} }

// ErrBroken is returned if what the caller holds together, apart or in place
// contradicts itself.
var ErrBroken = errors.New("the constraints contradict one another: the same things are to be together and apart")

func (o Options) withDefaults() Options {
	if o.Restarts <= 0 {
		o.Restarts = defaultRestarts
	}
	if o.Nulls == 0 {
		o.Nulls = defaultNulls
	}
	if o.Floor <= 0 {
		o.Floor = defaultFloor
	}
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	return o
}

// Search looks for the best cut of a problem. It stops with the context's error
// within about a tenth of a second of its end. It uses two goroutines at most,
// and ends them before it returns; Progress is called from one at a time.
func Search(ctx context.Context, p *Problem, o Options) (*Result, error) {
	o = o.withDefaults()
	g := newGraph(p, o.Fix)
	if g.broken {
		return nil, ErrBroken
	}
	r := &Result{}
	if len(g.units) == 0 {
		return r, nil
	}
	f := newField(g, o.Floor, o.Seed)
	r.Groups = f.nodes()
	ends, err := f.restarts(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := f.finish(ctx, o, ends, r); err != nil {
		return nil, err
	}
	if len(r.Front) == 0 || o.Nulls < 0 {
		return r, nil
	}
	r.Null, err = nulls(ctx, p, o)
	return r, err
}

// nodes are the groups as nodes of the problem.
func (f *field) nodes() [][]int32 {
	at := make([]int32, len(f.g.nodes))
	for i, group := range f.groups {
		for _, u := range group {
			for _, v := range append(f.g.units[u].a[:len(f.g.units[u].a):len(f.g.units[u].a)], f.g.units[u].b...) {
				at[v] = int32(i + 1)
			}
		}
	}
	groups := make([][]int32, len(f.groups))
	for n, v := range f.g.vertex {
		if k := at[v]; k > 0 && f.g.p.Nodes[n].Entry > 0 {
			groups[k-1] = append(groups[k-1], int32(n))
		}
	}
	return groups
}

// end is where a restart ended: the best division of each floor that it saw,
// the first for the caller's own.
type end struct {
	best []division
	hash []uint64 // of all divisions it looked at
}

// restarts begins anew as often as asked for.
func (f *field) restarts(ctx context.Context, o Options) ([]end, error) {
	ends := make([]end, o.Restarts)
	err := spread(ctx, o.Restarts, func() func(context.Context, int) error {
		s := newSolver(f.g)
		return func(ctx context.Context, i int) (err error) {
			ends[i], err = f.restart(ctx, s, i, f.g.tries())
			return err
		}
	}, func(done int) { o.tell("restarts", done, o.Restarts) })
	return ends, err
}

func (o Options) tell(step string, done, all int) {
	if o.Progress != nil {
		o.Progress(step, done, all)
	}
}

// restart divides anew, with its own random numbers: it refines several
// beginnings for a while, combines them, and refines the best.
func (f *field) restart(ctx context.Context, s *solver, nth, tries int) (end, error) {
	rng := rand.New(rand.NewPCG(f.seed, uint64(nth)))
	s.shake(rng, shaking)
	e := end{best: make([]division, 1+len(floors()))}
	var litter []division
	for range beginnings {
		d, err := s.begin(ctx, f, rng)
		if err != nil {
			return end{}, err
		}
		own := end{best: make([]division, len(e.best))}
		if err := f.refine(ctx, s, d, tries/(2*beginnings), &own, rng); err != nil {
			return end{}, err
		}
		e.merge(f, &own)
		litter = append(litter, own.best[0])
	}
	for range 2 {
		for i := range litter {
			d, err := s.combine(ctx, f, &e.best[0], &litter[i])
			if err != nil {
				return end{}, err
			}
			e.note(f, d)
		}
	}
	err := f.refine(ctx, s, e.best[0], tries/2, &e, rng)
	return e, err
}

// refine loosens a division so many times, and goes on from what is better than
// before or nearly as good as the best.
func (f *field) refine(ctx context.Context, s *solver, d division, tries int, e *end, rng *rand.Rand) error {
	e.note(f, d)
	for try := range tries {
		x, err := s.loosen(ctx, f, &d, d.force(f.floor, rng), rng)
		if err != nil {
			return err
		}
		e.note(f, x)
		slack := 1 + tolerance*(1-float64(try)/float64(tries))
		if x.beats(&d, f.floor) || x.least >= f.floor && x.score < e.best[0].score*slack {
			d = x
		}
	}
	return nil
}

// merge takes over what another has found.
func (e *end) merge(f *field, other *end) {
	hash := append(e.hash, other.hash...)
	for _, d := range other.best {
		e.note(f, d)
	}
	e.hash = hash
}

// tries is how often a restart loosens its division: the larger the graph, the
// less often.
func (g *graph) tries() int {
	const effort, minTries, maxTries = 1.5e6, 16, 100
	return min(max(effort/(len(g.nodes)+len(g.edges)), minTries), maxTries)
}

// tolerance is by how much a division may be worse than the best so far for a
// restart to go on from it; it falls to nothing (threshold accepting, Dueck and
// Scheuer, 1990).
const tolerance = 0.05

// force draws how hard to pull: mostly as the score says, but much harder if the
// floor isn't reached.
func (d *division) force(floor float64, rng *rand.Rand) float64 {
	if d.least < floor {
		return []float64{2, 4, 8, 16, 64}[rng.IntN(5)]
	}
	return []float64{1, 1, 0.5, 0.5, 2}[rng.IntN(5)]
}

// note keeps a division where it is the best so far, and reports whether it is
// by the caller's floor.
func (e *end) note(f *field, d division) bool {
	e.hash = append(e.hash, f.g.hash(d.at))
	better := false
	for i, floor := range append([]float64{f.floor}, floors()...) {
		if floor = max(floor, f.floor); e.best[i].at == nil || d.beats(&e.best[i], floor) {
			e.best[i] = d
			better = better || i == 0
		}
	}
	return better
}

// hash tells divisions of units apart, whichever half is called A.
func (g *graph) hash(at []Label) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for _, u := range g.units {
		h = (h ^ uint64(at[u.a[0]]^at[g.units[0].a[0]])) * 1099511628211
	}
	return h
}

// spread runs tasks 0 to n-1 on few goroutines, each with its own worker, and
// waits for them. What a task does must not depend on which worker runs it.
func spread(ctx context.Context, n int, worker func() func(context.Context, int) error, done func(int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var count int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range min(n, maxWorkers, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			run := worker()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := run(ctx, i); err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				count++
				done(count)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// valid reports whether a division is one: both halves have something, nothing
// forbidden is done and the floor is kept.
func (d *division) valid(floor float64) bool {
	return !math.IsInf(d.score, 1) && d.least >= floor
}
