package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/model"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// block is a search problem with a name: a program, or one service of it.
type block struct {
	name, fold string
	problem    *search.Problem
}

// refusal is an input that has no seam, and what the search said of it.
type refusal struct {
	Name      string
	Kind      string // rewired or cohesive
	Groups    int
	Ratio     float64
	Stability float64
	Refused   bool
}

// mustRefuse searches a problem that has no seam.
func mustRefuse(ctx context.Context, name, kind string, p *search.Problem, o options) (refusal, error) {
	found, err := search.Search(ctx, p, search.Options{Seed: o.seed, Nulls: o.nulls})
	if err != nil {
		return refusal{}, fmt.Errorf("%s: %w", name, err)
	}
	return refusal{name, kind, len(found.Groups), found.Null.Ratio, found.Stability, refused(found)}, nil
}

// rewired are the problems with their edges dealt anew.
func rewired(blocks []block, seed uint64) []block {
	var list []block
	for _, b := range blocks {
		list = append(list, block{b.name, b.fold, search.Rewire(b.problem, rand.New(rand.NewPCG(seed, 5)))})
	}
	return list
}

// drawn are programs in one piece of several sizes.
func drawn(seed uint64) []block {
	var list []block
	for _, size := range []int{200, 1000, 4000} {
		rng := rand.New(rand.NewPCG(seed, uint64(size)))
		list = append(list, block{name: fmt.Sprintf("one urn of %d", size), problem: cohesive(size, size/20, rng)})
	}
	return list
}

// alone is the problem of one service of a program, with what it shares.
func (tr *trial) alone(k int) (block, error) {
	p := *tr.g.Program
	p.Packages = nil
	for _, pkg := range tr.g.Packages {
		part := *pkg
		part.Decls = slices.DeleteFunc(slices.Clone(pkg.Decls), func(d facts.Decl) bool {
			n := tr.g.index[facts.Symbol{Path: pkg.Path, Name: d.Name}]
			return tr.t.by[n]&(1<<k) == 0
		})
		if len(part.Decls) > 0 {
			p.Packages = append(p.Packages, &part)
		}
	}
	m, err := model.Link(&p, model.Config{Blind: true, Redirect: true})
	if err != nil {
		return block{}, err
	}
	return block{tr.def.Name + " " + tr.t.services[k].name, tr.def.Fold, m.Problem()}, nil
}

// minBlock is how many entry points a service has at least to be taken for a
// program of its own.
const minBlock = 4

// blocks are the services of a program as programs of their own, those with most
// stateful code first.
func (tr *trial) blocks() ([]block, error) {
	var list []block
	for k := range tr.t.services {
		b, err := tr.alone(k)
		if err != nil {
			return nil, err
		}
		if entries(b.problem) >= minBlock {
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(a, b block) int { return cmp.Compare(b.mass(), a.mass()) })
	return list, nil
}

func (b *block) mass() float64 {
	sum := 0.0
	for i := range b.problem.Nodes {
		sum += b.problem.Nodes[i].Mass
	}
	return sum
}

// entries counts the entry points of a problem.
func entries(p *search.Problem) int {
	n := 0
	for i := range p.Nodes {
		if p.Nodes[i].Entry > 0 {
			n++
		}
	}
	return n
}
