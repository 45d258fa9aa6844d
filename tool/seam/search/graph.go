package search

import (
	"cmp"
	"math"
	"slices"
)

// graph is a problem made ready: nodes that must stay together are one vertex,
// parallel edges are one, and what has no cost of its own is set aside. It is
// not changed once made.
type graph struct {
	p      *Problem
	nodes  []Node  // by vertex
	vertex []int32 // by node of the problem
	edges  []Edge  // between vertices, sorted by both ends; From differs from To
	out    *adjacency
	free   []bool // by vertex: costs nothing wherever it is, so it follows its users
	units  []unit
	unitOf []int32 // by vertex, or -1
	fix    []Label // by vertex, None if it is free to go
	broken bool    // the user's constraints contradict one another
}

// unit is what the search decides on: an entry point, or several vertices of
// which the user said that they are together or apart. Those in a are in the
// half that is chosen for the unit, those in b in the other.
type unit struct{ a, b []int32 }

// newGraph prepares a problem in which some nodes may be held in place.
func newGraph(p *Problem, fix []Label) *graph {
	g := &graph{p: p}
	g.merge()
	g.hold(fix)
	g.join()
	g.setFree()
	g.setUnits()
	return g
}

// merge makes one vertex of each group in Together.
func (g *graph) merge() {
	n := len(g.p.Nodes)
	parent := newForest(n)
	for _, group := range g.p.Together {
		for _, v := range group[min(1, len(group)):] {
			parent.join(group[0], v)
		}
	}
	g.vertex = make([]int32, n)
	for v := range g.vertex {
		root := parent.find(int32(v))
		if root == int32(v) {
			g.vertex[v] = int32(len(g.nodes))
			g.nodes = append(g.nodes, Node{})
		} else {
			g.vertex[v] = g.vertex[root]
		}
		m, at := single(g.p.Nodes[v]), &g.nodes[g.vertex[v]]
		at.Mass += m.Mass
		at.Both += m.Both
		at.Entry += m.Entry
		at.Door = at.Door || m.Door
	}
	for _, pair := range g.p.Apart {
		for _, v := range pair {
			g.nodes[g.vertex[v]].Both = math.Inf(1)
		}
	}
}

// hold notes where vertices are held.
func (g *graph) hold(fix []Label) {
	g.fix = make([]Label, len(g.nodes))
	for v := range g.fix {
		g.fix[v] = None
	}
	for v, at := range fix {
		x := g.vertex[v]
		g.broken = g.broken || at != None && g.fix[x] != None && g.fix[x] != at
		if at != None {
			g.fix[x] = at
		}
	}
}

// single is a node as it counts: an entry point is never in both halves.
func single(n Node) Node {
	if n.Entry > 0 {
		n.Both = math.Inf(1)
	}
	return n
}

// join makes one edge of all between the same two vertices.
func (g *graph) join() {
	edges := make([]Edge, 0, len(g.p.Edges))
	for _, e := range g.p.Edges {
		e.From, e.To = g.vertex[e.From], g.vertex[e.To]
		if e.From != e.To {
			edges = append(edges, e)
		}
	}
	slices.SortFunc(edges, func(x, y Edge) int {
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To), cmp.Compare(x.Cost, y.Cost))
	})
	for _, e := range edges {
		if k := len(g.edges); k > 0 && g.edges[k-1].From == e.From && g.edges[k-1].To == e.To {
			g.edges[k-1].Cost += e.Cost
			continue
		}
		g.edges = append(g.edges, e)
	}
	g.out = lists(len(g.nodes), g.edges, Edge.from)
}

// setFree finds the vertices that cost nothing in both halves and need nothing
// that does.
func (g *graph) setFree() {
	g.free = make([]bool, len(g.nodes))
	for v, n := range g.nodes {
		g.free[v] = n.Both == 0 && g.fix[v] == None
	}
	users := lists(len(g.nodes), g.edges, Edge.to)
	var queue []int32
	for v := range g.free {
		if !g.free[v] {
			queue = append(queue, int32(v))
		}
	}
	for i := 0; i < len(queue); i++ {
		for _, k := range users.at(queue[i]) {
			u := g.edges[k].From
			if g.free[u] && g.edges[k].Cost > 0 {
				g.free[u] = false
				queue = append(queue, u)
			}
		}
	}
}

// setUnits gathers what is decided at once.
func (g *graph) setUnits() {
	n := len(g.nodes)
	pairs := g.apart()
	next := lists(n, pairs, Edge.from)
	odd := make([]bool, n) // in the other half than the unit's first
	g.unitOf = make([]int32, n)
	for v := range g.unitOf {
		g.unitOf[v] = -1
	}
	for v := range n {
		if g.unitOf[v] >= 0 || (g.nodes[v].Entry == 0 && len(next.at(int32(v))) == 0) {
			continue
		}
		id := int32(len(g.units))
		g.units = append(g.units, unit{})
		g.unitOf[v] = id
		for queue := []int32{int32(v)}; len(queue) > 0; queue = queue[1:] {
			u := queue[0]
			if odd[u] {
				g.units[id].b = append(g.units[id].b, u)
			} else {
				g.units[id].a = append(g.units[id].a, u)
			}
			for _, k := range next.at(u) {
				w := pairs[k].To
				if g.unitOf[w] < 0 {
					g.unitOf[w], odd[w] = id, !odd[u]
					queue = append(queue, w)
				}
				g.broken = g.broken || odd[w] == odd[u]
			}
		}
	}
}

// apart is the user's pairs as edges between vertices, in both directions.
func (g *graph) apart() []Edge {
	var edges []Edge
	for _, pair := range g.p.Apart {
		u, v := g.vertex[pair[0]], g.vertex[pair[1]]
		edges = append(edges, Edge{From: u, To: v}, Edge{From: v, To: u})
	}
	return edges
}

// expand gives each node of the problem its vertex's label.
func (g *graph) expand(at []Label) []Label {
	label := make([]Label, len(g.vertex))
	for v, x := range g.vertex {
		label[v] = at[x]
	}
	return label
}

// adjacency lists edges by vertex.
type adjacency struct{ first, edge []int32 }

func (a *adjacency) at(v int32) []int32 { return a.edge[a.first[v]:a.first[v+1]] }

func (e Edge) from() int32 { return e.From }
func (e Edge) to() int32   { return e.To }

// lists sorts edges by one end.
func lists(n int, edges []Edge, end func(Edge) int32) *adjacency {
	a := &adjacency{first: make([]int32, n+1), edge: make([]int32, len(edges))}
	for _, e := range edges {
		v := end(e)
		a.first[v+1]++
	}
	for v := range n {
		a.first[v+1] += a.first[v]
	}
	next := slices.Clone(a.first)
	for k, e := range edges {
		v := end(e)
		a.edge[next[v]] = int32(k)
		next[v]++
	}
	return a
}

// forest joins sets; the root of each is its smallest member.
type forest []int32

func newForest(n int) forest {
	f := make(forest, n)
	for v := range f {
		f[v] = int32(v)
	}
	return f
}

func (f forest) find(v int32) int32 {
	for f[v] != v {
		f[v] = f[f[v]]
		v = f[v]
	}
	return v
}

func (f forest) join(u, v int32) {
	u, v = f.find(u), f.find(v)
	f[max(u, v)] = min(u, v)
}
