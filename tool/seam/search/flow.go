package search

import "context"

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

// flow is a maximum flow under way, by the algorithm of Dinic (1970): shortest
// augmenting paths, all of one length at a time. The two terminals are not
// vertices: src and snk are the capacities that join them to each. It belongs
// to one goroutine.
type flow struct {
	*arcs
	rest     []int64 // capacity left, by arc
	src, snk []int64 // capacity left to the terminals, by vertex
	dist     []int32 // arcs to the sink, 0 if it can't be reached, by vertex
	next     []int32 // the first arc that may still lead on, by vertex
	queue    []int32
}

func newFlow(a *arcs) *flow {
	n := len(a.first) - 1
	return &flow{
		arcs: a,
		rest: make([]int64, len(a.room)),
		src:  make([]int64, n), snk: make([]int64, n),
		dist: make([]int32, n), next: make([]int32, n),
		queue: make([]int32, 0, n),
	}
}

// reset takes all flow out and cuts the terminals off.
func (f *flow) reset() {
	copy(f.rest, f.room)
	clear(f.src)
	clear(f.snk)
}

// run sends as much as fits, or stops early with the context's error. After it,
// dist is above 0 for the vertices that can still reach the sink.
func (f *flow) run(ctx context.Context) (sent int64, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return sent, err
		}
		if !f.measure() {
			return sent, nil
		}
		copy(f.next, f.first)
		for v, room := range f.src {
			if room > 0 && f.dist[v] > 0 {
				k := f.push(int32(v), room)
				f.src[v] -= k
				sent += k
			}
		}
	}
}

// measure finds how far each vertex is from the sink, and reports whether any
// source still reaches it.
func (f *flow) measure() (found bool) {
	clear(f.dist)
	q := f.queue[:0]
	for v, room := range f.snk {
		if room > 0 {
			f.dist[v] = 1
			q = append(q, int32(v))
			found = found || f.src[v] > 0
		}
	}
	for i := 0; i < len(q); i++ {
		w := q[i]
		for e := f.first[w]; e < f.first[w+1]; e++ {
			v := f.to[e]
			if f.dist[v] == 0 && f.rest[f.twin[e]] > 0 {
				f.dist[v] = f.dist[w] + 1
				q = append(q, v)
				found = found || f.src[v] > 0
			}
		}
	}
	return found
}

// push sends up to limit from v to the sink along shortest paths.
func (f *flow) push(v int32, limit int64) (sent int64) {
	if f.snk[v] > 0 {
		sent = min(limit, f.snk[v])
		f.snk[v] -= sent
	}
	for e := f.next[v]; sent < limit && e < f.first[v+1]; e++ {
		f.next[v] = e
		w := f.to[e]
		if f.rest[e] == 0 || f.dist[w] != f.dist[v]-1 || f.dist[w] == 0 {
			continue
		}
		k := f.push(w, min(limit-sent, f.rest[e]))
		f.rest[e] -= k
		f.rest[f.twin[e]] += k
		sent += k
	}
	if sent < limit {
		f.next[v] = f.first[v+1]
	}
	return sent
}

// sides marks, after run, the vertices that the source still reaches with 1,
// those that still reach the sink with -1, and those in between with 0: in a
// minimum cut they may be on either side.
func (f *flow) sides(mark []int8) {
	for v := range mark {
		mark[v] = 0
		if f.dist[v] > 0 {
			mark[v] = -1
		}
	}
	q := f.queue[:0]
	for v, room := range f.src {
		if room > 0 {
			mark[v] = 1
			q = append(q, int32(v))
		}
	}
	for i := 0; i < len(q); i++ {
		v := q[i]
		for e := f.first[v]; e < f.first[v+1]; e++ {
			if w := f.to[e]; f.rest[e] > 0 && mark[w] == 0 {
				mark[w] = 1
				q = append(q, w)
			}
		}
	}
}
