package search

import (
	"context"
	"math"
)

// arcs is the fixed part of a network: who is joined to whom, with what
// capacity. Arcs come in pairs, one in each direction, of which either may have
// no capacity. Workers share it.
type arcs struct {
	first []int32 // by vertex, and one more: where its arcs begin
	to    []int32
	twin  []int32 // the opposite arc
	room  []int64 // capacity
}

// pair is one arc and its opposite, before they are sorted by vertex.
type pair struct {
	from, to    int32
	there, back int64
}

func newArcs(n int, pairs []pair) *arcs {
	a := &arcs{
		first: make([]int32, n+1),
		to:    make([]int32, 2*len(pairs)),
		twin:  make([]int32, 2*len(pairs)),
		room:  make([]int64, 2*len(pairs)),
	}
	for _, p := range pairs {
		a.first[p.from+1]++
		a.first[p.to+1]++
	}
	for v := range n {
		a.first[v+1] += a.first[v]
	}
	next := make([]int32, n)
	copy(next, a.first)
	for _, p := range pairs {
		i, j := next[p.from], next[p.to]
		next[p.from]++
		next[p.to]++
		a.to[i], a.twin[i], a.room[i] = p.to, j, p.there
		a.to[j], a.twin[j], a.room[j] = p.from, i, p.back
	}
	return a
}

// flow is a maximum flow under way, by the algorithm of Boykov and Kolmogorov
// (2004): one tree grows from each terminal, where they meet the flow is
// augmented, and what that cuts off is adopted by the tree again, if it can. The
// trees are kept all the time, so no search begins anew. The terminals are not
// vertices. It belongs to one goroutine.
type flow struct {
	*arcs
	rest []int64 // capacity left, by arc
	// term is what is left of the capacity from the source, or below 0 to the sink,
	// by vertex.
	term []int64
	// tree is source, sink or 0, by vertex; after run, the source still reaches
	// what is in its tree, and what is in the sink's still reaches the sink. All
	// others may be on either side of a minimum cut.
	tree   []int8
	parent []int32 // by vertex: its arc to the parent, or one of those below
	dist   []int32 // arcs to the terminal, valid as of time
	time   []int32
	now    int32
	active fifo
	orphan fifo
}

const (
	source, sink = int8(1), int8(-1)

	noParent = int32(-1)
	terminal = int32(-2)
	orphaned = int32(-3)
)

func newFlow(a *arcs) *flow {
	n := len(a.first) - 1
	return &flow{
		arcs: a,
		rest: make([]int64, len(a.room)), term: make([]int64, n),
		tree: make([]int8, n), parent: make([]int32, n),
		dist: make([]int32, n), time: make([]int32, n),
		active: newFifo(n), orphan: newFifo(n),
	}
}

// reset takes all flow out and cuts the terminals off.
func (f *flow) reset() {
	copy(f.rest, f.room)
	clear(f.term)
}

// patience is how many augmentations are made between looks at the context.
const patience = 256

// run sends as much as fits from the source to the sink, or stops early with the
// context's error.
func (f *flow) run(ctx context.Context) error {
	f.now = 0
	for v, room := range f.term {
		f.tree[v], f.parent[v], f.dist[v], f.time[v] = 0, noParent, 0, 0
		if room != 0 {
			f.tree[v], f.parent[v], f.dist[v] = source, terminal, 1
			if room < 0 {
				f.tree[v] = sink
			}
			f.active.add(int32(v))
		}
	}
	for n := 0; ; n++ {
		if n%patience == 0 && ctx.Err() != nil {
			f.active.clear()
			return ctx.Err()
		}
		e, ok := f.grow()
		if !ok {
			return nil
		}
		f.now++
		f.augment(e)
		f.adopt()
	}
}

// out is the capacity left from the tree's terminal through the vertex along e,
// away from the terminal; in is that towards the vertex.
func (f *flow) out(tree int8, e int32) int64 {
	if tree == source {
		return f.rest[e]
	}
	return f.rest[f.twin[e]]
}

func (f *flow) in(tree int8, e int32) int64 { return f.out(-tree, e) }

// grow lets the trees grow until they touch, and returns the arc from the
// source's to the sink's.
func (f *flow) grow() (e int32, ok bool) {
	for {
		v, ok := f.active.first()
		if !ok {
			return 0, false
		}
		if tree := f.tree[v]; tree != 0 {
			if e := f.extend(v, tree); e >= 0 {
				if tree == sink {
					e = f.twin[e]
				}
				return e, true // v stays active: there may be more
			}
		}
		f.active.pop()
	}
}

// extend adds the free neighbours of v to its tree, and returns the arc to the
// first that is in the other tree, or -1.
func (f *flow) extend(v int32, tree int8) int32 {
	for e := f.arcs.first[v]; e < f.arcs.first[v+1]; e++ {
		if f.out(tree, e) == 0 {
			continue
		}
		w := f.to[e]
		switch f.tree[w] {
		case 0:
			f.tree[w], f.parent[w] = tree, f.twin[e]
			f.time[w], f.dist[w] = f.time[v], f.dist[v]+1
			f.active.add(w)
		case tree:
			if f.time[w] <= f.time[v] && f.dist[w] > f.dist[v]+1 {
				f.parent[w] = f.twin[e] // a shorter way
				f.time[w], f.dist[w] = f.time[v], f.dist[v]+1
			}
		default:
			return e
		}
	}
	return -1
}

// augment sends what fits along the path through e, from terminal to terminal,
// and makes orphans of those whose arc to the parent is full.
func (f *flow) augment(e int32) {
	u, w := f.to[f.twin[e]], f.to[e]
	k := min(f.rest[e], f.fits(u, source), f.fits(w, sink))
	f.send(e, k)
	f.drain(u, source, k)
	f.drain(w, sink, k)
}

func (f *flow) send(e int32, k int64) {
	f.rest[e] -= k
	f.rest[f.twin[e]] += k
}

// fits is how much fits between v and its terminal.
func (f *flow) fits(v int32, tree int8) int64 {
	k := int64(math.MaxInt64)
	for f.parent[v] != terminal {
		k = min(k, f.in(tree, f.parent[v]))
		v = f.to[f.parent[v]]
	}
	return min(k, f.term[v]*int64(tree))
}

// drain takes k from the path between v and its terminal.
func (f *flow) drain(v int32, tree int8, k int64) {
	for f.parent[v] != terminal {
		e := f.parent[v]
		if tree == source {
			f.send(f.twin[e], k)
		} else {
			f.send(e, k)
		}
		if f.in(tree, e) == 0 {
			f.disown(v)
		}
		v = f.to[e]
	}
	f.term[v] -= k * int64(tree)
	if f.term[v] == 0 {
		f.disown(v)
	}
}

func (f *flow) disown(v int32) {
	f.parent[v] = orphaned
	f.orphan.add(v)
}

// adopt finds a parent for each orphan, or lets it go from its tree.
func (f *flow) adopt() {
	for {
		v, ok := f.orphan.first()
		if !ok {
			return
		}
		f.orphan.pop()
		tree := f.tree[v]
		best := noParent
		for e := f.arcs.first[v]; e < f.arcs.first[v+1]; e++ {
			w := f.to[e]
			if f.tree[w] != tree || f.in(tree, e) == 0 {
				continue
			}
			if d := f.origin(w); d > 0 && (best == noParent || d+1 < f.dist[v]) {
				best, f.dist[v], f.time[v] = e, d+1, f.now
			}
		}
		f.parent[v] = best
		if best == noParent {
			f.release(v, tree)
		}
	}
}

// origin is the distance of v from its terminal, 0 if there is an orphan on the
// way. It notes what it finds for others that come along the same way.
func (f *flow) origin(v int32) int32 {
	d, u := int32(0), v
	for f.time[u] != f.now {
		switch f.parent[u] {
		case terminal:
			f.time[u], f.dist[u] = f.now, 1
			continue
		case noParent, orphaned:
			return 0
		}
		d++
		u = f.to[f.parent[u]]
	}
	d += f.dist[u]
	for u, left := v, d; f.time[u] != f.now; left-- {
		f.time[u], f.dist[u] = f.now, left
		u = f.to[f.parent[u]]
	}
	return d
}

// release takes v out of its tree. Its children are orphans, too, and those
// neighbours that could take it back are active again.
func (f *flow) release(v int32, tree int8) {
	f.tree[v] = 0
	for e := f.arcs.first[v]; e < f.arcs.first[v+1]; e++ {
		w := f.to[e]
		if f.tree[w] != tree {
			continue
		}
		if f.in(tree, e) > 0 {
			f.active.add(w)
		}
		if p := f.parent[w]; p >= 0 && f.to[p] == v {
			f.disown(w)
		}
	}
}

// fifo is a queue of vertices, each in it at most once.
type fifo struct {
	next       []int32 // by vertex: the one behind it, itself if it is the last, or -1 if it isn't in
	head, tail int32
}

func newFifo(n int) fifo {
	q := fifo{next: make([]int32, n), head: -1, tail: -1}
	for v := range q.next {
		q.next[v] = -1
	}
	return q
}

func (q *fifo) add(v int32) {
	switch {
	case q.next[v] >= 0:
		return
	case q.head < 0:
		q.head = v
	default:
		q.next[q.tail] = v
	}
	q.tail, q.next[v] = v, v
}

func (q *fifo) first() (int32, bool) { return q.head, q.head >= 0 }

func (q *fifo) pop() {
	v := q.head
	q.head = q.next[v]
	if q.head == v {
		q.head, q.tail = -1, -1
	}
	q.next[v] = -1
}

func (q *fifo) clear() {
	for q.head >= 0 {
		q.pop()
	}
}
