package search

// placing is the room that a solver works in.
type placing struct {
	seen  []int32 // by variable: in which piece, from 1
	queue []int32
	owner []int32 // the vertex of each variable
	near  *adjacency
	ends  []Edge
}

// settle decides what a minimum cut leaves open: variables in between, which
// fall into pieces that no arc with room joins. Each piece goes as a whole to
// the half that more of its neighbours are in, or to A. That is a minimum cut,
// too: no room leads out of a piece but to the source's side, and none into it
// but from the sink's.
func (s *solver) settle() {
	b := &s.buf
	if b.seen == nil {
		s.prepare()
	}
	clear(b.seen)
	piece := int32(0)
	for q := range s.mark {
		if s.mark[q] != 0 || b.seen[q] != 0 {
			continue
		}
		piece++
		b.seen[q] = piece
		b.queue = append(b.queue[:0], int32(q))
		for i := 0; i < len(b.queue); i++ {
			s.spread(b.queue[i], piece)
		}
		side := int8(1)
		if s.votes(b.queue) < 0 {
			side = -1
		}
		for _, r := range b.queue {
			s.mark[r] = side
		}
	}
}

// spread adds what a variable is joined to, to its piece.
func (s *solver) spread(q, piece int32) {
	f, b := s.flow, &s.buf
	for e := f.first[q]; e < f.first[q+1]; e++ {
		r := f.to[e]
		if s.mark[r] == 0 && b.seen[r] == 0 && (f.rest[e] > 0 || f.rest[f.twin[e]] > 0) {
			b.seen[r] = piece
			b.queue = append(b.queue, r)
		}
	}
}

// votes counts the edges that join a piece to A, less those that join it to B.
func (s *solver) votes(piece []int32) (sum int) {
	b := &s.buf
	for _, q := range piece {
		v := b.owner[q]
		for _, k := range b.near.at(v) {
			w := b.ends[k].To
			if s.x[w] < 0 {
				continue
			}
			sum += int(max(s.mark[s.x[w]], 0)) + int(min(s.mark[s.y[w]], 0))
		}
	}
	return sum
}

// prepare makes the lists that settle and follow need.
func (s *solver) prepare() {
	b := &s.buf
	b.seen = make([]int32, len(s.mark))
	b.owner = make([]int32, len(s.mark))
	for v := range s.x {
		if s.x[v] >= 0 {
			b.owner[s.x[v]], b.owner[s.y[v]] = int32(v), int32(v)
		}
	}
	b.ends = make([]Edge, 0, 2*len(s.g.edges))
	for _, e := range s.g.edges {
		b.ends = append(b.ends, e, Edge{From: e.To, To: e.From})
	}
	b.near = lists(len(s.x), b.ends, Edge.from)
}

// follow puts what costs nothing where its users are; what has none, where what
// it uses is, or in A.
func (s *solver) follow(at []Label) {
	g := s.g
	for changed := true; changed; {
		s.attend(at)
		changed = false
		for _, e := range g.edges {
			if at[e.From] == None && at[e.To] < Both {
				at[e.From] = at[e.To]
				changed = true
			}
		}
	}
	for v := range at {
		if at[v] == None {
			at[v] = A
		}
	}
}

// attend brings what costs nothing to its users.
func (s *solver) attend(at []Label) {
	g, queue := s.g, s.buf.queue[:0]
	for v, x := range at {
		if x != None {
			queue = append(queue, int32(v))
		}
	}
	for i := 0; i < len(queue); i++ {
		u := queue[i]
		for _, k := range g.out.at(u) {
			v := g.edges[k].To
			if g.free[v] && union(at[v], at[u]) != at[v] {
				at[v] = union(at[v], at[u])
				queue = append(queue, v)
			}
		}
	}
	s.buf.queue = queue[:0]
}

// union is present wherever x or y is.
func union(x, y Label) Label {
	switch {
	case x == None:
		return y
	case y == None || x == y:
		return x
	}
	return Both
}
