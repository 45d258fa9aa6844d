package seam

import (
	"context"
	"fmt"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/search"
)

const (
	maxSeams = 3   // shown of those that were found: the proposal and two that differ
	sameCut  = 0.7 // cuts that agree more than this (adjusted Rand index) do not differ for a reader
)

// choice is a cut to report on.
type choice struct {
	cut      search.Cut
	front    int  // index in the Pareto front, or -1
	standard bool // the frontend/backend default
}

// search fills in the cuts of f: the line that the user named, or the best that
// is found with up to two that differ, and the default.
func (s *session) search(ctx context.Context, f *found, last bool) error {
	opt := search.Options{Seed: s.cfg.Seed, Restarts: s.cfg.Restarts, Nulls: s.cfg.Nulls, Floor: s.limits.Share, Limit: s.limits.Chance}
	opt.Progress = func(step string, done, all int) { s.say(fmt.Sprintf("%s %d of %d", step, done, all)) }
	if !last {
		opt.Nulls = -1
	}
	p := f.model.Problem()
	if last && len(s.cfg.Cut) > 0 {
		fix, err := f.model.Fix(s.cfg.Cut...)
		if err != nil {
			return err
		}
		f.cuts = []choice{{cut: search.Place(p, fix), front: -1}}
		return nil
	}
	var err error
	if f.result, err = search.Search(ctx, p, opt); err != nil {
		return err
	}
	f.choose()
	if fix, ok := f.model.Frontend(); ok {
		f.cuts = append(f.cuts, choice{cut: search.Place(p, fix), front: -1, standard: true})
	}
	return nil
}

// choose takes from the front the best cut and those that differ from all
// before them.
func (f *found) choose() {
	for i, c := range f.result.Front {
		if len(f.cuts) == maxSeams {
			return
		}
		same := slices.ContainsFunc(f.cuts, func(k choice) bool { return f.agreement(k.cut, c) > sameCut })
		if !same {
			f.cuts = append(f.cuts, choice{cut: c, front: i})
		}
	}
}

func (f *found) agreement(a, b search.Cut) float64 {
	nodes := f.model.Problem().Nodes
	mass := make([]float64, len(nodes))
	for i := range nodes {
		mass[i] = nodes[i].Mass
	}
	return search.ARI(a.Label, b.Label, mass)
}
