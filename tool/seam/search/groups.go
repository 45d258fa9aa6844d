package search

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// How much it would hurt to part those who use one thing: what it costs to copy
// it or to cross to it, but no more than pullMost, a table that both halves
// write; and its code, of which pullLines lines weigh as much as one crossing
// that can be remote as it is.
const (
	pullMost  = 25
	pullLines = 50
)

// maxJoint bounds how many may share a thing for it to say that they belong
// together; what more of them share is common to all.
const maxJoint = 256

// alike is the share of what two groups of units use, by pull, that they use in
// common, above which they are one group.
const alike = 0.2

// kinship says how much units have in common.
type kinship struct {
	n      int
	common []float32 // by pair of seats: the pull of what both use
	own    []float64 // by seat: the pull of all it uses
	mass   []float64 // by seat: its part of the code it uses, in lines
}

// kin weighs what units share. What k of n use binds each pair of them by its
// pull, less the more there are: an even part for each other user, and by how
// rare it is, as words are weighed in search for texts (Spärck Jones, 1972).
func (g *graph) kin() *kinship {
	n, _ := g.seats()
	k := &kinship{n: n, common: make([]float32, n*n), own: make([]float64, n), mass: make([]float64, n)}
	for _, j := range g.joints(g.reach()) {
		users := float64(len(j.seats))
		pull := j.pull * math.Log(float64(n+1)/users)
		for _, s := range j.seats {
			k.own[s] += pull
			k.mass[s] += j.mass / users
		}
		if len(j.seats) > maxJoint {
			continue
		}
		for i, s := range j.seats {
			for _, t := range j.seats[:i] {
				k.common[int(s)*n+int(t)] += float32(pull)
				k.common[int(t)*n+int(s)] += float32(pull)
			}
		}
	}
	return k
}

// likeness is the part of all that two seats use which they use both, from 0 to
// 1.
func (k *kinship) likeness(s, t int) float64 {
	common := float64(k.common[s*k.n+t])
	if all := k.own[s] + k.own[t] - common; all > 0 {
		return common / all
	}
	return 0
}

// merge is one step of a clustering: two seats, each standing for its cluster,
// and how alike the clusters are.
type merge struct {
	s, t  int
	alike float64
}

// cluster joins the most alike clusters first, by the mean over their pairs,
// and returns the steps, the most alike first. It follows chains of nearest
// neighbours (Murtagh, 1983), which takes quadratic time.
func (k *kinship) cluster() []merge {
	n := k.n
	near := make([]float32, n*n)
	for s := range n {
		for t := range n {
			near[s*n+t] = float32(k.likeness(s, t))
		}
	}
	size := make([]float32, n)
	for s := range size {
		size[s] = 1
	}
	var steps []merge
	var chain []int
	for first := 0; first < n; {
		if size[first] == 0 {
			first++
			continue
		}
		if len(chain) == 0 {
			chain = append(chain, first)
		}
		s := chain[len(chain)-1]
		last := -1
		if len(chain) > 1 {
			last = chain[len(chain)-2]
		}
		t := nearest(near[s*n:(s+1)*n], size, s, last)
		if t < 0 { // nothing is like it
			size[s] = 0
			chain = chain[:len(chain)-1]
			continue
		}
		if t != last {
			chain = append(chain, t)
			continue
		}
		chain = chain[:len(chain)-2]
		steps = append(steps, merge{min(s, t), max(s, t), float64(near[s*n+t])})
		fuse(near, size, min(s, t), max(s, t))
	}
	slices.SortStableFunc(steps, func(x, y merge) int { return cmp.Compare(y.alike, x.alike) })
	return steps
}

// nearest is the live seat most alike to s, the last one of the chain if it is
// as near as any, or -1 if all have nothing in common.
func nearest(row, size []float32, s, last int) int {
	best, at := float32(0), -1
	if last >= 0 {
		best, at = row[last], last
	}
	for t, x := range row {
		if t != s && size[t] > 0 && x > best {
			best, at = x, t
		}
	}
	return at
}

// fuse makes one cluster of two, under the number of s.
func fuse(near, size []float32, s, t int) {
	n := len(size)
	for u := range n {
		x := (near[s*n+u]*size[s] + near[t*n+u]*size[t]) / (size[s] + size[t])
		near[s*n+u], near[u*n+s] = x, x
	}
	size[s] += size[t]
	size[t] = 0
}

// groups are the clusters of seats that are alike, sorted by their first, and
// nests all clusters on the way to one, by the logarithm of their size.
func (k *kinship) groups() (groups [][]int32, nests [][][]int32) {
	set := newForest(k.n)
	all := make([][]int32, k.n)
	for s := range all {
		all[s] = []int32{int32(s)}
		nests = stack(nests, all[s])
	}
	for i, steps := 0, k.cluster(); ; i++ {
		if groups == nil && (i == len(steps) || steps[i].alike < alike) {
			groups = set.members()
		}
		if i == len(steps) {
			return groups, nests
		}
		s, t := set.find(int32(steps[i].s)), set.find(int32(steps[i].t))
		set.join(s, t)
		all[min(s, t)] = slices.Concat(all[s], all[t])
		nests = stack(nests, all[min(s, t)])
	}
}

// stack adds a set to those of its size.
func stack(nests [][][]int32, set []int32) [][][]int32 {
	level := bits.Len(uint(len(set))) - 1
	for len(nests) <= level {
		nests = append(nests, nil)
	}
	nests[level] = append(nests[level], set)
	return nests
}

// members lists the sets, each sorted, by their first.
func (f forest) members() [][]int32 {
	var list [][]int32
	at := make([]int, len(f))
	for v := range f {
		root := f.find(int32(v))
		if root == int32(v) {
			at[v] = len(list)
			list = append(list, nil)
		}
		list[at[root]] = append(list[at[root]], int32(v))
	}
	return list
}
