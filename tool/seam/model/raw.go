package model

import (
	"github.com/hemilith/hemilith/tool/seam/facts"
)

// Graph is the linked program as numbers, for judging cuts by other means.
type Graph struct {
	Nodes []Node
	Edges []Edge
	// Entries are indexes into Nodes.
	Entries []int32
}

// Node is one declaration.
type Node struct {
	ID      string // as in report.Seam.Assign; of function literals apart, that of the declaration around them
	Package string // import path
	File    string // relative to the module
	Kind    facts.Kind
	Lines   int
	// Literal is true for the function literals in a declaration that serve as
	// entry points, which are a node of their own.
	Literal   bool
	Generated bool
	// Stateful is true for functions that may not be linked into both halves
	// unseen.
	Stateful bool
	// Place is the node of Problem that stands for it, or -1.
	Place int32
}

// Edge is a reference, or with Implied what makes a value of a type reach those
// of its methods that only other modules call.
type Edge struct {
	From, To int32
	Kind     facts.RefKind
	Count    int
	// Fan is how many functions a call may lead to, of which this is one; 1 if it is
	// known which.
	Fan     int
	Implied bool
}

// Graph returns the linked program. Names are those of the program even if the
// model is blind.
func (m *Model) Graph() Graph {
	var g Graph
	for n := range int32(len(m.nodes)) {
		nd := &m.nodes[n]
		g.Nodes = append(g.Nodes, Node{
			ID: m.id(n), Package: m.pkgs[nd.pkg].path, File: m.file(n), Kind: nd.decl.Kind, Lines: nd.decl.Lines, Literal: nd.lit,
			Generated: m.generated(n), Stateful: nd.isFunc() && !replicable(nd.grade), Place: m.place[n],
		})
	}
	for i := range m.edges {
		e := &m.edges[i]
		g.Edges = append(g.Edges, Edge{From: e.from, To: e.to, Kind: e.kind, Count: int(e.count), Fan: int(e.fan)})
	}
	for t, methods := range m.uncalled {
		for _, n := range methods {
			g.Edges = append(g.Edges, Edge{From: int32(t), To: n, Kind: facts.Call, Count: 1, Fan: 1, Implied: true})
		}
	}
	for _, e := range m.entries {
		g.Entries = append(g.Entries, e.node)
	}
	return g
}
