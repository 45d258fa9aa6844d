package model

import "github.com/hemilith/hemilith/tool/seam/facts"

// txState says whether a function runs while a transaction of a caller is open.
type txState uint8

const (
	txNever     txState = iota
	txSometimes         // on some ways to it
	txAlways            // on all ways that are seen
)

// maxTxFan is how many methods may answer a call for a transaction to be
// followed through it; more is a guess that would taint most of a program.
const maxTxFan = 4

// followTx finds the functions that run under an open transaction: those called
// between begin and commit, those that are handed one, and what these call.
func (g *graph) followTx() {
	var queue []int32
	mark := func(n, by int32) {
		if g.nodes[n].under == txNever && g.nodes[n].isFunc() {
			g.nodes[n].under, g.nodes[n].txBy = txSometimes, by
			queue = append(queue, n)
		}
	}
	for n := range g.nodes {
		if g.handed(int32(n)) {
			mark(int32(n), -1)
		}
	}
	for i := range g.edges {
		if e := &g.edges[i]; e.tx && carriesTx(e) {
			mark(e.to, int32(i))
		}
	}
	for len(queue) > 0 { // each node enters once
		n := queue[0]
		queue = queue[1:]
		for i := g.start[n]; i < g.start[n+1]; i++ {
			if e := &g.edges[i]; carriesTx(e) {
				mark(e.to, i)
			}
		}
	}
	g.alwaysTx()
}

func (g *graph) handed(n int32) bool { return g.nodes[n].decl.Traits&facts.TakesTx != 0 }

func carriesTx(e *edge) bool {
	return (e.kind == facts.Call || e.kind == facts.IfaceCall) && !e.spawn && e.fan <= maxTxFan
}

// alwaysTx finds those among them that run under one on all ways: it begins
// with all and drops what is called from elsewhere, until nothing changes.
func (g *graph) alwaysTx() {
	var queue []int32
	for n := range g.nodes {
		if g.nodes[n].under == txSometimes {
			g.nodes[n].under = txAlways
			queue = append(queue, int32(n))
		}
	}
	for len(queue) > 0 { // a node enters again only when one that uses it is dropped
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if g.nodes[n].under != txAlways || g.handed(n) || !g.calledOutside(n) {
			continue
		}
		g.nodes[n].under = txSometimes
		for _, e := range g.out(n) {
			if g.nodes[e.to].under == txAlways {
				queue = append(queue, e.to)
			}
		}
	}
}

// calledOutside reports whether something uses n with no transaction open.
func (g *graph) calledOutside(n int32) bool {
	for _, i := range g.in[n] {
		if e := &g.edges[i]; uses(e.kind) && !e.tx && g.nodes[e.from].under != txAlways {
			return true
		}
	}
	return false
}

// inTx reports whether a call certainly happens under an open transaction.
func (g *graph) inTx(e *edge) bool {
	return (e.kind == facts.Call || e.kind == facts.IfaceCall) && !e.spawn && (e.tx || g.nodes[e.from].under == txAlways)
}
