package main

import (
	"container/heap"
	"math"
	"math/rand/v2"

	"github.com/hemilith/hemilith/tool/seam/search"
)

// rawFloor is the share of the mass that the smaller half of a raw minimum cut
// has at least, as in the measurements that the design rests on.
const rawFloor = 0.2

// minCut is the best two-way cut of several starts by the heuristic of Fiduccia
// and Mattheyses (1982): by weight alone, with no purity, entry points or
// copies.
func minCut(w *web, starts int, rng *rand.Rand) []search.Label {
	var best []search.Label
	least := math.Inf(1)
	for range starts {
		f := newFM(w, rng)
		const maxPasses = 8
		for range maxPasses {
			if !f.pass() {
				break
			}
		}
		if f.legal() && f.cut < least {
			best, least = f.labels(), f.cut
		}
	}
	if best == nil { // one node outweighs all others
		best = randomHalves(len(w.mass), rng)
	}
	return best
}

// fm is one cut that is being made better.
type fm struct {
	w    *web
	side []bool
	mass [2]float64
	cut  float64
	gain []float64
	done []bool
}

// newFM starts from one half that is grown from a random node, the other half
// is the rest.
func newFM(w *web, rng *rand.Rand) *fm {
	n := len(w.mass)
	f := &fm{w: w, side: make([]bool, n), gain: make([]float64, n), done: make([]bool, n)}
	all := 0.0
	for _, m := range w.mass {
		all += m
	}
	grown := 0.0
	order := rng.Perm(n)
	for _, seed := range order {
		for queue := []int{seed}; len(queue) > 0 && grown < all/2; queue = queue[1:] {
			v := queue[0]
			if f.side[v] {
				continue
			}
			f.side[v] = true
			grown += w.mass[v]
			for _, s := range w.near[v] {
				if !f.side[s.to] {
					queue = append(queue, s.to)
				}
			}
		}
	}
	f.mass = [2]float64{all - grown, grown}
	for v := range n {
		for _, s := range w.near[v] {
			if f.side[v] != f.side[s.to] {
				f.cut += s.weight / 2
			}
		}
	}
	return f
}

func (f *fm) least() float64 { return rawFloor * (f.mass[0] + f.mass[1]) }

func (f *fm) legal() bool { return min(f.mass[0], f.mass[1]) >= f.least() }

func (f *fm) labels() []search.Label {
	label := make([]search.Label, len(f.side))
	for v, b := range f.side {
		if b {
			label[v] = search.B
		}
	}
	return label
}

// move takes a node to the other half and brings its neighbours' gains up to
// date.
func (f *fm) move(v int, told func(int)) {
	from := index(f.side[v])
	f.mass[from] -= f.w.mass[v]
	f.mass[1-from] += f.w.mass[v]
	f.cut -= f.gain[v]
	f.gain[v] = -f.gain[v]
	f.side[v] = !f.side[v]
	for _, s := range f.w.near[v] {
		if f.side[s.to] == f.side[v] {
			f.gain[s.to] -= 2 * s.weight
		} else {
			f.gain[s.to] += 2 * s.weight
		}
		told(s.to)
	}
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// pass moves each node once, the best first, and goes back to the best cut on
// the way. It reports whether that was better than before.
func (f *fm) pass() bool {
	var q moves
	for v := range f.side {
		f.done[v], f.gain[v] = false, 0
		for _, s := range f.w.near[v] {
			if f.side[s.to] == f.side[v] {
				f.gain[v] -= s.weight
			} else {
				f.gain[v] += s.weight
			}
		}
		q = append(q, candidate{v, f.gain[v]})
	}
	heap.Init(&q)
	var moved []int
	best, at, wasLegal := f.cut, 0, f.legal()
	for q.Len() > 0 { // at most one candidate for each node and each change of its gain
		c := heap.Pop(&q).(candidate)
		if f.done[c.node] || c.gain != f.gain[c.node] {
			continue
		}
		f.done[c.node] = true
		from := index(f.side[c.node])
		if f.mass[from]-f.w.mass[c.node] < f.least() && f.mass[from] <= f.mass[1-from] {
			continue
		}
		f.move(c.node, func(u int) {
			if !f.done[u] {
				heap.Push(&q, candidate{u, f.gain[u]})
			}
		})
		moved = append(moved, c.node)
		if f.legal() && (f.cut < best-1e-9 || !wasLegal) {
			best, at, wasLegal = f.cut, len(moved), true
		}
	}
	for i := len(moved) - 1; i >= at; i-- {
		f.move(moved[i], func(int) {})
	}
	return at > 0
}

// moves is a heap of candidates, the greatest gain first. Old entries stay in it
// and are recognised by their gain.
type moves []candidate

type candidate struct {
	node int
	gain float64
}

func (m moves) Len() int { return len(m) }
func (m moves) Less(i, j int) bool {
	if m[i].gain != m[j].gain {
		return m[i].gain > m[j].gain
	}
	return m[i].node < m[j].node
}
func (m moves) Swap(i, j int) { m[i], m[j] = m[j], m[i] }

// Push and Pop are for container/heap.
func (m *moves) Push(x any) { *m = append(*m, x.(candidate)) }

// Pop takes the last.
func (m *moves) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}
