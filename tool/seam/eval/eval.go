package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"time"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/model"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// options say how much work is done on each case.
type options struct {
	seed  uint64
	seeds int // how many searches are compared; 0 is none
	nulls int // as in search.Options
	all   bool
	// pairs is how many pairs of programs get a planted seam, plants how often with
	// other glue.
	pairs  int
	plants uint64
}

// result is all that is measured on one program.
type result struct {
	Name, Module, Version string
	Services              []string
	// Lines are of all the program's files; Scored of the declarations that scores
	// count.
	Lines  int
	Scored float64
	Spread spread
	// Placed are the nodes and edges of the search problem, and its entry points.
	Nodes, Edges, Entries int
	// Halves are the services of each half of the cut.
	Halves [2][]string
	Cut    search.Cut `json:"-"`
	Score  score
	// Grouping scores only where entry points were put, Placement the code if entry
	// points are where they truly belong for the same halves.
	Grouping, Placement score
	// Held is the search's own score of the latter: if it is above that of Cut, the
	// weights prefer the wrong cut; if it is below, the search missed it.
	Held float64 `json:"-"` // may be infinite
	// Rows are what else was tried, and Divisions what the search would have scored
	// the true parts: each service against the rest.
	Rows      []row
	Divisions []division
	// Best is the division along true services with the best score.
	Best  division
	Parts []part
	// Wrong is exclusive code that is astray although the entry points are in their
	// true halves.
	Wrong []*misplaced
	// Stray are the entry points of one service that are not in its half, and the
	// packages of exclusive code that went with them.
	Stray     []string
	StrayCode []*misplaced
	// Unshared is code that both halves truly run and that is in one.
	Unshared []*misplaced
	// Crossings are what is dearest in the cut, and in Best.
	Crossings, BestCrossings []string
	Ratio                    float64
	Stability                float64
	// Same is how many of Seeds searches gave the most frequent answer.
	Same, Seeds         int
	Load, Link, Seconds float64
}

// row is one other method.
type row struct {
	Method string
	Score  score
	Groups int
	// ARI compares all groups of the method, not only two, with the services.
	ARI float64
}

// division is a cut along services, as the search sees it.
type division struct {
	Services []string
	Score    score
	Cost     float64
	Balance  float64
	Found    float64 `json:"-"` // its score, lower is better; may be infinite
	set      services
	cut      search.Cut
}

// part is one service: how many entry points and lines it has for itself, and
// where the lines went: A, B and both.
type part struct {
	Name    string
	Entries int
	Lines   float64
	In      [3]float64
}

// misplaced is code of one package that is not where it belongs.
type misplaced struct {
	Package, What string
	Lines         float64
	Decls         []string // the largest
}

// trial is one case under way.
type trial struct {
	def     *definition
	dir     string
	g       *program
	t       *truth
	m       *model.Model
	ids     map[string]int // declarations by id
	owner   []int          // by node of the problem: its declaration, or -1
	problem *search.Problem
	found   *search.Result
}

// environment is what programs are loaded with: without C, and by themselves.
func environment() []string { return []string{"CGO_ENABLED=0", "GOWORK=off"} }

// evaluate runs one case.
func evaluate(ctx context.Context, d *definition, dir string, o options) (*result, *trial, error) {
	r := &result{Name: d.Name, Module: d.Module, Version: d.Version}
	start := time.Now()
	p, err := facts.Load(ctx, facts.Config{Dir: dir, Patterns: d.patterns(), Env: environment()})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	r.Load = time.Since(start).Seconds()
	tr := &trial{def: d, dir: dir, g: newProgram(p), ids: map[string]int{}}
	if tr.t, err = d.truth(tr.g); err != nil {
		return nil, nil, err
	}
	start = time.Now()
	if tr.m, err = model.Link(p, model.Config{Blind: true, Redirect: true}); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	r.Link = time.Since(start).Seconds()
	tr.prepare(r)
	start = time.Now()
	if tr.found, err = search.Search(ctx, tr.problem, search.Options{Seed: o.seed, Nulls: o.nulls}); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	r.Seconds = time.Since(start).Seconds()
	r.Ratio, r.Stability = tr.found.Null.Ratio, tr.found.Stability
	if len(tr.found.Front) == 0 {
		return r, tr, nil
	}
	tr.judge(r, tr.found.Front[0])
	if !o.all {
		return r, tr, nil
	}
	if err := tr.compare(ctx, r); err != nil {
		return nil, nil, err
	}
	return r, tr, tr.repeat(ctx, r, o)
}

// prepare joins the declarations of the truth with the nodes of the problem.
func (tr *trial) prepare(r *result) {
	for _, pkg := range tr.g.Packages {
		for _, f := range pkg.Files {
			r.Lines += f.Lines
		}
	}
	for n := range tr.g.decls {
		tr.ids[tr.g.decls[n].id()] = n
		r.Scored += tr.g.decls[n].size()
	}
	for _, s := range tr.t.services {
		r.Services = append(r.Services, s.name)
	}
	r.Spread = tr.t.spread(tr.g)
	tr.problem = tr.m.Problem()
	tr.owner = make([]int, len(tr.problem.Nodes))
	for at := range tr.owner {
		tr.owner[at] = -1
	}
	for _, n := range tr.m.Graph().Nodes {
		if at, ok := tr.ids[n.ID]; ok && n.Place >= 0 {
			tr.owner[n.Place] = at
		}
	}
	r.Nodes, r.Edges = len(tr.problem.Nodes), len(tr.problem.Edges)
	for _, n := range tr.problem.Nodes {
		if n.Entry > 0 {
			r.Entries++
		}
	}
}

// code is the sample of all declarations.
func (tr *trial) code() sample {
	s := sample{by: tr.t.by, count: len(tr.t.services), mass: make([]float64, len(tr.g.decls))}
	for n := range tr.g.decls {
		s.mass[n] = tr.g.decls[n].size()
	}
	return s
}

// labels are those of a cut, by declaration.
func (tr *trial) labels(cut search.Cut) []search.Label {
	by := tr.m.Labels(cut)
	label := make([]search.Label, len(tr.g.decls))
	for n := range label {
		l, ok := by[tr.g.decls[n].id()]
		if !ok {
			l = search.None
		}
		label[n] = l
	}
	return label
}

// judge scores the cut that was found.
func (tr *trial) judge(r *result, cut search.Cut) {
	r.Cut = cut
	label, code := tr.labels(cut), tr.code()
	r.Score = scoreCut(code, label)
	home := code.homes(label)
	for k, h := range home {
		if h == search.A || h == search.B {
			r.Halves[h] = append(r.Halves[h], tr.t.services[k].name)
		}
	}
	entries := sample{count: code.count}
	var at []search.Label
	for n := range tr.problem.Nodes {
		if e := tr.problem.Nodes[n].Entry; e > 0 && tr.owner[n] >= 0 {
			by := tr.t.by[tr.owner[n]]
			entries.by, entries.mass, at = append(entries.by, by), append(entries.mass, e), append(at, cut.Label[n])
			if k := by.owner(); k >= 0 && cut.Label[n] != home[k] {
				r.Stray = append(r.Stray, tr.t.services[k].name+" "+tr.node(int32(n)))
			}
		}
	}
	r.Grouping = scoreCut(entries, at)
	r.StrayCode = tr.wrong(label, home)
	held := search.Place(tr.problem, tr.homes(home))
	r.Held = held.Score
	placed := tr.labels(held)
	r.Placement = scoreCut(code, placed)
	r.Wrong = tr.wrong(placed, home)
	r.Unshared = tr.unshared(placed, home)
	r.Parts = tr.parts(label)
	r.Crossings = tr.crossings(cut)
	r.Divisions = tr.divisions(code)
	r.Best = tr.climb(code, r.Divisions)
	r.BestCrossings = tr.crossings(r.Best.cut)
}

// divide is the cut along services: those in b against the rest.
func (tr *trial) divide(code sample, b services) division {
	home := make([]search.Label, code.count)
	var names []string
	for k := range home {
		if b&(1<<k) != 0 {
			home[k] = search.B
			names = append(names, tr.t.services[k].name)
		}
	}
	c := search.Place(tr.problem, tr.homes(home))
	return division{Services: names, Score: scoreCut(code, tr.labels(c)), Cost: c.Cost, Balance: c.Balance, Found: c.Score, set: b, cut: c}
}

func (tr *trial) divisions(code sample) []division {
	var list []division
	for k := range tr.t.services {
		list = append(list, tr.divide(code, 1<<k))
	}
	return list
}

// climb looks for the division along true services that the search would like
// best: from the best single service, it moves the one that helps most.
func (tr *trial) climb(code sample, from []division) division {
	best := slices.MinFunc(from, func(a, b division) int { return cmp.Compare(a.Found, b.Found) })
	for range code.count { // no more than each service once
		next := best
		for k := range tr.t.services {
			if d := tr.divide(code, best.set^1<<k); d.Found < next.Found {
				next = d
			}
		}
		if next.set == best.set {
			break
		}
		best = next
	}
	return best
}

// homes holds each entry point in the half of the services that run it.
func (tr *trial) homes(home []search.Label) []search.Label {
	fix := make([]search.Label, len(tr.problem.Nodes))
	for n := range fix {
		fix[n] = search.None
		if tr.problem.Nodes[n].Entry > 0 && tr.owner[n] >= 0 {
			if h := halves(tr.t.by[tr.owner[n]], home); h != search.Both {
				fix[n] = h
			}
		}
	}
	return fix
}

// wrong lists the packages with most exclusive code that is not where its
// service is.
func (tr *trial) wrong(label, home []search.Label) []*misplaced {
	return tr.astray(label, func(n int) (string, bool) {
		k := tr.t.by[n].owner()
		if k < 0 || label[n] == home[k] {
			return "", false
		}
		return tr.t.services[k].name, true
	})
}

// unshared lists the packages with most code that services of both halves run
// and that is in one.
func (tr *trial) unshared(label, home []search.Label) []*misplaced {
	return tr.astray(label, func(n int) (string, bool) {
		return "both halves", halves(tr.t.by[n], home) == search.Both && label[n] != search.Both
	})
}

// astray joins by package and label the declarations that choose names an owner
// of.
func (tr *trial) astray(label []search.Label, choose func(n int) (string, bool)) []*misplaced {
	found := map[[2]string]*misplaced{}
	var list []*misplaced
	for _, n := range tr.bySize() {
		owner, ok := choose(n)
		if !ok || tr.g.decls[n].size() == 0 {
			continue
		}
		in := map[search.Label]string{search.A: "A", search.B: "B", search.Both: "both", search.None: "nothing"}[label[n]]
		key := [2]string{path.Dir(tr.g.decls[n].file), "of " + owner + " is in " + in}
		m := found[key]
		if m == nil {
			m = &misplaced{Package: key[0], What: key[1]}
			found[key] = m
			list = append(list, m)
		}
		m.Lines += tr.g.decls[n].size()
		if len(m.Decls) < 5 {
			m.Decls = append(m.Decls, tr.g.decls[n].Symbol.Name)
		}
	}
	slices.SortFunc(list, func(a, b *misplaced) int {
		return cmp.Or(cmp.Compare(b.Lines, a.Lines), cmp.Compare(a.Package, b.Package), cmp.Compare(a.What, b.What))
	})
	const shown = 12
	return list[:min(shown, len(list))]
}

// crossings lists the dearest edges that the cut crosses, and nodes that it
// copies.
func (tr *trial) crossings(cut search.Cut) []string {
	type item struct {
		cost float64
		text string
	}
	var list []item
	for _, e := range tr.problem.Edges {
		if cut.Label[e.From] != search.Both && cut.Label[e.From] != cut.Label[e.To] && cut.Label[e.To] != search.Both && e.Cost > 0 {
			list = append(list, item{e.Cost, fmt.Sprintf("%.1f from %s to %s", e.Cost, tr.node(e.From), tr.node(e.To))})
		}
	}
	for n, l := range cut.Label {
		if c := tr.problem.Nodes[n].Both; l == search.Both && c > 0 {
			list = append(list, item{c, fmt.Sprintf("%.1f for both having %s", c, tr.node(int32(n)))})
		}
	}
	slices.SortStableFunc(list, func(a, b item) int { return cmp.Compare(b.cost, a.cost) })
	const shown = 12
	var text []string
	for _, i := range list[:min(shown, len(list))] {
		text = append(text, i.text)
	}
	return text
}

func (tr *trial) node(n int32) string {
	if at := tr.owner[n]; at >= 0 {
		return tr.g.decls[at].id()
	}
	return fmt.Sprintf("node %d", n)
}

// bySize lists the declarations, the largest first.
func (tr *trial) bySize() []int {
	order := make([]int, len(tr.g.decls))
	for n := range order {
		order[n] = n
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(tr.g.decls[b].size(), tr.g.decls[a].size()) })
	return order
}

// parts counts what each service has for itself.
func (tr *trial) parts(label []search.Label) []part {
	list := make([]part, len(tr.t.services))
	for k := range list {
		list[k].Name = tr.t.services[k].name
	}
	for n, by := range tr.t.by {
		if k := by.owner(); k >= 0 {
			list[k].Lines += tr.g.decls[n].size()
			if label[n] != search.None {
				list[k].In[label[n]] += tr.g.decls[n].size()
			}
		}
	}
	for n := range tr.problem.Nodes {
		if tr.problem.Nodes[n].Entry > 0 && tr.owner[n] >= 0 {
			if k := tr.t.by[tr.owner[n]].owner(); k >= 0 {
				list[k].Entries++
			}
		}
	}
	return list
}

// compare scores the methods that know less.
func (tr *trial) compare(ctx context.Context, r *result) error {
	code, w := tr.code(), tr.g.web()
	rng := rand.New(rand.NewPCG(1, 3))
	add := func(method string, label []search.Label, group []int) {
		r.Rows = append(r.Rows, row{Method: method, Score: scoreCut(code, label), Groups: slices.Max(group) + 1, ARI: code.against(group)})
	}
	joined := func(method string, w *web, group []int) {
		add(method, spreadTo(minCut(w.merge(group), 20, rng), group), group)
	}
	alone := func(method string, label []search.Label) { add(method, label, labelNumbers(label)) }

	best, depth := -1.0, 1
	const maxDepth = 6
	for d := 1; d <= maxDepth; d++ {
		if got := code.against(tr.g.directories(d)); got > best {
			best, depth = got, d
		}
	}
	joined(fmt.Sprintf("directories, best depth (%d)", depth), w, tr.g.directories(depth))
	joined("Louvain", w, louvain(w, rng))
	past, file, err := tr.g.together(ctx, tr.dir)
	if err != nil {
		return err
	}
	if past != nil {
		group := louvain(past, rng)
		label := spreadTo(minCut(past.merge(group), 20, rng), group)
		add("co-change alone, Louvain", spreadTo(label, file), spreadTo(group, file))
	}
	alone("minimum cut, unweighted", minCut(w, 5, rng))
	if fix, ok := tr.m.Frontend(); ok {
		alone("frontend and backend", tr.labels(search.Place(tr.problem, fix)))
	}
	alone("random halves", randomHalves(len(code.by), rng))
	dealt := tr.labels(tr.found.Front[0])
	rng.Shuffle(len(dealt), func(i, j int) { dealt[i], dealt[j] = dealt[j], dealt[i] })
	alone("the cut's labels, dealt at random", dealt)
	return nil
}

func labelNumbers(label []search.Label) []int {
	group := make([]int, len(label))
	for n, l := range label {
		group[n] = int(l)
	}
	return group
}

// spreadTo gives each item what its group has.
func spreadTo[T any](of []T, group []int) []T {
	out := make([]T, len(group))
	for n, k := range group {
		out[n] = of[k]
	}
	return out
}

// sameCut is the agreement from which two cuts are the same answer.
const sameCut = 0.95

// repeat searches with other seeds.
func (tr *trial) repeat(ctx context.Context, r *result, o options) error {
	var cuts []search.Cut
	mass := make([]float64, len(tr.problem.Nodes))
	for n := range mass {
		mass[n] = tr.problem.Nodes[n].Mass
	}
	for k := range o.seeds {
		found, err := search.Search(ctx, tr.problem, search.Options{Seed: o.seed + uint64(k), Nulls: -1})
		if err != nil {
			return err
		}
		if len(found.Front) > 0 {
			cuts = append(cuts, found.Front[0])
		}
	}
	r.Seeds = o.seeds
	for _, x := range cuts {
		same := 0
		for _, y := range cuts {
			if search.ARI(x.Label, y.Label, mass) >= sameCut {
				same++
			}
		}
		r.Same = max(r.Same, same)
	}
	return nil
}
