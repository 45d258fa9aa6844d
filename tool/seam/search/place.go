package search

import (
	"context"
	"math"
)

// maxOrient bounds how many of the user's pairs in Apart Place turns both ways;
// those beyond are put as they come cheapest, one after another.
const maxOrient = 10

// Place puts all nodes where they cost least, given those whose label is fixed
// (None is free; nil fixes none). It is exact: a minimum cut with replication.
// Of cuts that cost the same it takes one with few nodes in both halves, and
// what may be in either half goes where more of its neighbours are, or to A.
// The cost is +Inf if no placement obeys all constraints. If neither fix nor
// Apart pulls to both halves, all is in one.
func Place(p *Problem, fix []Label) Cut {
	g := newGraph(p, fix)
	s := newSolver(g)
	c := Evaluate(p, g.expand(s.orient(g.fix, 0)))
	for v, at := range fix {
		if at != None && at != c.Label[v] {
			c.Copies, c.Cost, c.Score = math.Inf(1), math.Inf(1), math.Inf(1)
		}
	}
	return c
}

// orient places what is free, trying both turns of pairs that must be apart and
// aren't yet.
func (s *solver) orient(fix []Label, depth int) []Label {
	at, _ := s.place(context.Background(), fix, nil)
	for _, u := range s.g.units {
		if s.g.broken || len(u.b) == 0 || turned(u, at) || turned(u, fix) {
			continue
		}
		fixA, fixB := s.g.turn(fix, u, A), s.g.turn(fix, u, B)
		if depth >= maxOrient {
			fixA, _ = s.place(context.Background(), fixA, nil)
			fixB, _ = s.place(context.Background(), fixB, nil)
			if s.g.cost(fixB) < s.g.cost(fixA) {
				fix = s.g.turn(fix, u, B)
			} else {
				fix = s.g.turn(fix, u, A)
			}
			return s.orient(fix, depth+1)
		}
		x, y := s.orient(fixA, depth+1), s.orient(fixB, depth+1)
		if s.g.cost(y) < s.g.cost(x) {
			return y
		}
		return x
	}
	return at
}

// turned reports whether a unit is one way or the other.
func turned(u unit, at []Label) bool {
	x := at[u.a[0]]
	for _, v := range u.a {
		if at[v] != x {
			return false
		}
	}
	for _, v := range u.b {
		if at[v] != other(x) {
			return false
		}
	}
	return x < Both
}

// turn is fix with a unit turned to x.
func (g *graph) turn(fix []Label, u unit, x Label) []Label {
	fix = append([]Label(nil), fix...)
	set(fix, u.a, x)
	set(fix, u.b, other(x))
	return fix
}

func set(at []Label, vertices []int32, x Label) {
	for _, v := range vertices {
		at[v] = x
	}
}

// other is the other half; Both and None have none.
func other(x Label) Label {
	switch x {
	case A:
		return B
	case B:
		return A
	}
	return None
}

// cost is that of the labels of all vertices, +Inf if a constraint is hurt.
func (g *graph) cost(at []Label) float64 {
	sum := 0.0
	for _, u := range g.units {
		if !turned(u, at) {
			return math.Inf(1)
		}
	}
	for v, x := range at {
		if x == Both {
			sum += g.nodes[v].Both
		}
		if f := g.fix[v]; f != None && f != x {
			return math.Inf(1)
		}
	}
	for _, e := range g.edges {
		if lacks(at[e.From], at[e.To]) {
			sum += e.Cost
		}
	}
	return sum
}

// solver finds minimum cuts of one graph, one after another. It belongs to one
// goroutine.
type solver struct {
	g     *graph
	x, y  []int32 // by vertex: "is in A" and "is not in B"; the same if never both; -1 if free of cost
	flow  *flow
	rooms []int64 // the capacities, which may be shaken in flow
	scale float64 // from cost to capacity
	total int64   // more than all finite capacities together: infinite
	mark  []int8
	buf   placing
}

// scaleMax is the number of capacity units to one of cost: a power of two, so
// that costs which are sums of such powers stay exact. It is lowered where the
// sum of all costs would not fit.
const scaleMax = 1 << 30

// preference, in units of capacity, is what a node in both halves costs beyond
// its price, so that of equal cuts that with fewer copies wins.
const preference = 16

func newSolver(g *graph) *solver {
	s := &solver{g: g}
	vars := s.number()
	sum := 1.0
	for _, n := range g.nodes {
		if !math.IsInf(n.Both, 1) {
			sum += n.Both
		}
	}
	for _, e := range g.edges {
		if !math.IsInf(e.Cost, 1) {
			sum += 2 * e.Cost
		}
	}
	for s.scale = scaleMax; sum*s.scale > 1<<56; {
		s.scale /= 2
	}
	s.total = int64(sum*s.scale) + int64(len(g.nodes)+1)*preference
	s.flow = newFlow(newArcs(vars, s.pairs()))
	s.rooms = append([]int64(nil), s.flow.room...)
	s.mark = make([]int8, vars)
	return s
}

// number gives each vertex its variables and returns how many there are.
func (s *solver) number() int {
	n := len(s.g.nodes)
	s.x, s.y = make([]int32, n), make([]int32, n)
	k := int32(0)
	for v := range n {
		s.x[v], s.y[v] = -1, -1
		if s.g.free[v] {
			continue
		}
		s.x[v], s.y[v] = k, k
		k++
		if !math.IsInf(s.g.nodes[v].Both, 1) || s.g.fix[v] == Both {
			s.y[v] = k
			k++
		}
	}
	return int(k)
}

// pairs are the arcs of the network. A variable is 1 on the source's side, and
// an arc costs where its first end is 1 and its second 0.
func (s *solver) pairs() []pair {
	g, pairs := s.g, make([]pair, 0, len(s.g.nodes)+2*len(s.g.edges))
	for v, n := range g.nodes {
		if s.x[v] != s.y[v] {
			pairs = append(pairs, pair{s.x[v], s.y[v], s.room(n.Both) + preference, s.total})
		}
	}
	for _, e := range g.edges {
		if e.Cost == 0 || g.free[e.From] || g.free[e.To] {
			continue
		}
		c := s.room(e.Cost)
		pairs = append(pairs, pair{s.x[e.From], s.x[e.To], c, 0}, pair{s.y[e.To], s.y[e.From], c, 0})
	}
	return pairs
}

// room is a cost as a capacity.
func (s *solver) room(cost float64) int64 {
	if math.IsInf(cost, 1) {
		return s.total
	}
	return min(s.total, int64(math.Round(cost*s.scale)))
}

// place labels all vertices at least cost, with those in fix held. If bias is
// not nil, each vertex that is never in both halves is pulled to A by so much
// or, below 0, to B.
func (s *solver) place(ctx context.Context, fix []Label, bias []float64) ([]Label, error) {
	f := s.flow
	f.reset()
	for v, at := range fix {
		if s.x[v] < 0 {
			continue
		}
		switch at {
		case A:
			f.term[s.x[v]], f.term[s.y[v]] = s.total, s.total
		case B:
			f.term[s.x[v]], f.term[s.y[v]] = -s.total, -s.total
		case Both:
			f.term[s.x[v]], f.term[s.y[v]] = s.total, -s.total
		default:
			if bias != nil && bias[v] > 0 {
				f.term[s.x[v]] = s.room(bias[v])
			} else if bias != nil && bias[v] < 0 {
				f.term[s.x[v]] = -s.room(-bias[v])
			}
		}
	}
	if err := f.run(ctx); err != nil {
		return nil, err
	}
	copy(s.mark, f.tree)
	s.settle()
	return s.labels(), nil
}

// labels reads the marks.
func (s *solver) labels() []Label {
	at := make([]Label, len(s.x))
	for v := range at {
		at[v] = None
		if s.x[v] >= 0 {
			at[v] = label(s.mark[s.x[v]] > 0, s.mark[s.y[v]] < 0)
		}
	}
	s.follow(at)
	return at
}

func label(a, b bool) Label {
	switch {
	case a && b:
		return Both
	case a:
		return A
	case b:
		return B
	}
	return None
}
