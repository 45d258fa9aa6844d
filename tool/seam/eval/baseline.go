package main

import (
	"cmp"
	"context"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/history"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// web is an undirected weighted graph, for the methods that the search is
// compared with. They see who refers to whom and know nothing else.
type web struct {
	mass []float64
	near [][]strand // by node, sorted by the other end
}

type strand struct {
	to     int
	weight float64
}

// newWeb joins the weights of each pair of different nodes.
func newWeb(mass []float64, pairs map[[2]int]float64) *web {
	w := &web{mass: mass, near: make([][]strand, len(mass))}
	for p, weight := range pairs {
		w.near[p[0]] = append(w.near[p[0]], strand{p[1], weight})
		w.near[p[1]] = append(w.near[p[1]], strand{p[0], weight})
	}
	for _, list := range w.near {
		slices.SortFunc(list, func(a, b strand) int { return cmp.Compare(a.to, b.to) })
	}
	return w
}

// addPair notes a pair of different nodes, in either order.
func addPair(pairs map[[2]int]float64, u, v int, weight float64) {
	if u != v {
		pairs[[2]int{min(u, v), max(u, v)}] += weight
	}
}

// web is the program's references, each pair of declarations once.
func (g *program) web() *web {
	pairs := map[[2]int]float64{}
	add := func(u, v int) {
		if u != v {
			pairs[[2]int{min(u, v), max(u, v)}] = 1
		}
	}
	for n := range g.decls {
		for i := range g.decls[n].Refs {
			r := &g.decls[n].Refs[i]
			if to, ok := g.index[r.To]; ok {
				add(n, to)
			} else if r.Kind == facts.IfaceCall {
				if iface, _, ok := g.through(r.To); ok {
					add(n, iface)
				}
			}
		}
		if r := g.decls[n].recv; r >= 0 {
			add(n, r)
		}
	}
	mass := make([]float64, len(g.decls))
	for n := range mass {
		mass[n] = g.decls[n].size()
	}
	return newWeb(mass, pairs)
}

// merge makes one node of each group.
func (w *web) merge(group []int) *web {
	mass := make([]float64, slices.Max(group)+1)
	pairs := map[[2]int]float64{}
	for n, k := range group {
		mass[k] += w.mass[n]
		for _, s := range w.near[n] {
			if s.to > n {
				addPair(pairs, k, group[s.to], s.weight)
			}
		}
	}
	return newWeb(mass, pairs)
}

// dense numbers groups from 0 on, in the order in which they first appear.
func dense[K comparable](names []K) []int {
	number := map[K]int{}
	out := make([]int, len(names))
	for n, name := range names {
		k, ok := number[name]
		if !ok {
			k = len(number)
			number[name] = k
		}
		out[n] = k
	}
	return out
}

// directories groups declarations by the first parts of their directory.
func (g *program) directories(depth int) []int {
	names := make([]string, len(g.decls))
	for n := range g.decls {
		parts := strings.Split(path.Dir(g.decls[n].file), "/")
		names[n] = path.Join(parts[:min(depth, len(parts))]...)
	}
	return dense(names)
}

// together is which files people change together, and which of them each
// declaration is in; nil without history.
func (g *program) together(ctx context.Context, dir string) (*web, []int, error) {
	if _, err := os.Stat(filepath.Join(dir, ".git")); err != nil {
		return nil, nil, nil
	}
	past, err := history.Read(ctx, history.Config{Dir: dir})
	if err != nil {
		return nil, nil, err
	}
	names := make([]string, len(g.decls))
	for n := range g.decls {
		names[n] = g.decls[n].file
	}
	file := dense(names)
	at, mass := map[string]int{}, make([]float64, slices.Max(file)+1)
	for n, k := range file {
		at[names[n]] = k
		mass[k] += g.decls[n].size()
	}
	pairs := map[[2]int]float64{}
	for _, t := range past.Ties(func(name string) bool { _, ok := at[name]; return ok }) {
		addPair(pairs, at[t.A], at[t.B], t.Weight)
	}
	return newWeb(mass, pairs), file, nil
}

// randomHalves deals nodes to two halves.
func randomHalves(n int, rng *rand.Rand) []search.Label {
	label := make([]search.Label, n)
	for i := range label {
		label[i] = search.Label(rng.IntN(2))
	}
	return label
}

// louvain groups nodes by modularity (Blondel et al. 2008).
func louvain(w *web, rng *rand.Rand) []int {
	group := make([]int, len(w.mass))
	for n := range group {
		group[n] = n
	}
	loops := make([]float64, len(w.mass)) // twice the weight within a node
	for {
		part, moved := moveNodes(w, loops, rng)
		if !moved {
			return dense(group)
		}
		part = dense(part)
		for n := range group {
			group[n] = part[group[n]]
		}
		next := make([]float64, slices.Max(part)+1)
		for n, k := range part {
			next[k] += loops[n]
			for _, s := range w.near[n] {
				if part[s.to] == k {
					next[k] += s.weight
				}
			}
		}
		w, loops = w.merge(part), next
	}
}

// moveNodes moves each node to the group of neighbours that gains most
// modularity, until none gains.
func moveNodes(w *web, loops []float64, rng *rand.Rand) (group []int, moved bool) {
	n := len(w.mass)
	group = make([]int, n)
	degree, total := make([]float64, n), make([]float64, n)
	all := 0.0
	for v := range n {
		group[v] = v
		degree[v] = loops[v]
		for _, s := range w.near[v] {
			degree[v] += s.weight
		}
		total[v] = degree[v]
		all += degree[v]
	}
	order := rng.Perm(n)
	into := make([]float64, n)
	const maxRounds = 50
	for range maxRounds {
		changed := false
		for _, v := range order {
			from := group[v]
			total[from] -= degree[v]
			best, most := from, 0.0
			for _, s := range w.near[v] {
				into[group[s.to]] += s.weight
			}
			most = into[from] - total[from]*degree[v]/all
			for _, s := range w.near[v] {
				k := group[s.to]
				if gain := into[k] - total[k]*degree[v]/all; gain > most+1e-12 {
					best, most = k, gain
				}
			}
			for _, s := range w.near[v] {
				into[group[s.to]] = 0
			}
			total[best] += degree[v]
			group[v] = best
			changed = changed || best != from
		}
		if !changed {
			break
		}
		moved = true
	}
	return group, moved
}
