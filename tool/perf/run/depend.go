package run

import (
	"context"
	"fmt"
	"math"
)

const (
	// depends is the ratio of the sides below which their operations are said to depend
	// on each other. Busy machines move the fastest of a few runs by less.
	depends = 0.75
	// fewN is how many operations that is looked for in at most: among many, what the
	// first one does alone weighs little.
	fewN = 15
	// repeats is how many runs the fastest is taken of: what else the machine does only
	// adds to it.
	repeats = 3
)

// Few tells whether a run has so few operations that it matters what one of them does
// alone, and more than one.
func (p Plan) Few() bool { return p.N >= leastN && p.N <= fewN && !p.Waits }

// Dependence says whether what an operation takes depends on how many of them a run has,
// and more on one side than on the other, as where the first one consumes what all
// should work on. The sides do different work then, and how different depends on the
// plan's number of operations. "" is no: nothing was seen, or the plan is not Few.
func (r *Runner) Dependence(ctx context.Context, base, head Binary, p Plan) (string, error) {
	if !p.Few() {
		return "", nil
	}
	ofBase, err := r.besideOthers(ctx, base, p)
	if err != nil {
		return "", &SideError{"base", err}
	}
	ofHead, err := r.besideOthers(ctx, head, p)
	if err != nil {
		return "", &SideError{"head", err}
	}
	return p.dependence(ofBase, ofHead), nil
}

// dependence is the sentence for what one operation takes among all, as a share of what
// it takes alone.
func (p Plan) dependence(ofBase, ofHead float64) string {
	if min(ofBase, ofHead) >= depends*max(ofBase, ofHead) || math.IsNaN(ofBase+ofHead) {
		return ""
	}
	return fmt.Sprintf("of %d operations of %s one takes %.0f %% of its time alone on base, and %.0f %% on head: "+
		"they depend on each other, and what is found depends on their number", p.N, p.Name, 100*ofBase, 100*ofHead)
}

// besideOthers is what one of all operations takes, as a share of what it takes alone.
func (r *Runner) besideOthers(ctx context.Context, bin Binary, p Plan) (float64, error) {
	alone, err := r.fastest(ctx, bin, p.Name, 1)
	if err != nil {
		return 0, err
	}
	all, err := r.fastest(ctx, bin, p.Name, p.N)
	return all / alone, err
}

// fastest is the processor time of an operation in the fastest of some runs.
func (r *Runner) fastest(ctx context.Context, bin Binary, name string, n int) (float64, error) {
	least := math.Inf(1)
	for range repeats {
		m, err := r.Once(ctx, bin, name, 1, n)
		if err != nil {
			return 0, err
		}
		least = min(least, m.CPU)
	}
	return least, nil
}
