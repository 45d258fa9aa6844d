// Package search looks for the best cut of a weighted graph in two halves, of
// which nodes may be in one or, at a cost, in both. It knows nothing of Go,
// names or files, reads no clock and uses no random numbers but those of the
// seed that it is given: the same problem, options and seed give the same
// result.
//
// With the homes of some nodes fixed (entry points), the cheapest place of all
// others is a minimum cut: each node v gets two binary variables, a(v) and
// b(v), "is present in A" and "in B", at least one of them set. An edge u -> v
// costs w for each half in which u is present and v is not; a node costs Both
// if present in both. With b complemented, all terms are submodular, so one
// s-t minimum cut over 2n vertices is exact. This is min-cut with replication
// as known from circuit partitioning (Hwang and El Gamal, 1995). What remains
// to search is which entry points go together.
package search

// Label says which halves a node is in.
type Label uint8

// The labels. None is for Options and Place: not fixed.
const (
	A Label = iota
	B
	Both
	None
)

// Problem is the graph to cut. It is not changed by any function of this
// package, so any number of goroutines may read it.
type Problem struct {
	Nodes []Node
	// Edges mean use: From needs To. There may be several between two nodes.
	Edges []Edge
	// Ties are the second objective: what people change together. They have no
	// part in Cost; a cut reports which share of their weight it parts.
	Ties []Tie
	// Together are groups of nodes that must get the same label; Apart are pairs
	// of which one must be in A only and the other in B only. Both come from the
	// user.
	Together [][]int32
	Apart    [][2]int32
}

// Node is one thing to place: a declaration with state or effects, or a thing
// that several share, such as a table, which costs Both once however many use
// it.
type Node struct {
	// Mass weighs the node in the balance, in lines of code; 0 for shared things.
	// Only nodes in one half alone count.
	Mass float64
	// Both is what it costs to have the node in both halves: 0 for nothing,
	// +Inf for never.
	Both float64
	// Entry is above 0 for an entry point: its weight among them. An entry point
	// is in one half alone.
	Entry float64
	// Door is true if being called from the other half is what the node is for: an
	// RPC method. It doesn't change the cost.
	Door bool
}

// Edge is a use. Cost, at least 0, is paid for each half that has From and lacks
// To; +Inf forbids it.
type Edge struct {
	From, To int32
	Cost     float64
}

// Tie joins two nodes that people change together; Weight is above 0.
type Tie struct {
	I, J   int32
	Weight float64
}

// Cut is one way to divide a problem.
type Cut struct {
	// Label has one of A, B, Both by node.
	Label []Label
	// Cost is Crossing plus Copies: what edges and what nodes in both halves cost.
	Cost, Crossing, Copies float64
	// Mass is by A, B and Both, in lines; Entry is the weight of entry points in A
	// and B.
	Mass  [3]float64
	Entry [2]float64
	// Balance is from 0 to 1, 1 is even: four times the product of the halves'
	// shares, the geometric mean of mass and of entry points.
	Balance float64
	// Score is what cuts are compared by, lower is better; see Score in score.go.
	Score float64
	// Parted is the share of the weight of ties whose ends are in different
	// halves, from 0 to 1; 0 without ties.
	Parted float64
}

// Result is what a search found.
type Result struct {
	// Front is the Pareto front over cost, parted ties and balance, best score
	// first; Front[0] is the proposal. It is empty if nothing divides.
	Front []Cut
	// Groups are the entry points as clusters, the seeds of the search: node
	// indexes, each sorted, the groups by their first.
	Groups [][]int32
	// Stability is the mean pairwise adjusted Rand index (by mass, nodes in one
	// half) of the cuts that restarts ended in within 5 % of the best score, of the
	// best five at least: 1 if they are all the same.
	Stability float64
	// Null compares the proposal with chance.
	Null Null
	// Restarts is how many were made, Tried how many distinct divisions were
	// evaluated.
	Restarts, Tried int
}

// Null is the comparison with rewired graphs: same nodes, same degrees, equal
// effort.
type Null struct {
	// Scores are the best scores of the rewired graphs, sorted; 1e9 for one that
	// can't be divided.
	Scores []float64
	// P5 is their 5th percentile, and Ratio what as little effort as is spent on a
	// null scores on the true graph, in the mean, over it: below 1 is better than
	// chance. Ratio is 0 if no null was made.
	P5, Ratio float64
	// Settled is true if fewer nulls than asked for decided the test.
	Settled bool
}

// Options steer a search. The zero value uses the defaults.
type Options struct {
	// Seed makes the search repeatable; any value.
	Seed uint64
	// Restarts is how often the refinement begins anew; default 30.
	Restarts int
	// Nulls is how many rewired graphs the proposal is compared with; default
	// 100, negative is none.
	Nulls int
	// Floor is the share of mass, and of entry points, that the smaller half has
	// at least; default 0.05.
	Floor float64
	// Fix holds nodes in place, by index: A, B, Both or None. nil fixes none.
	Fix []Label
	// Limit is the ratio above which the null test fails, for stopping early;
	// default 0.7.
	Limit float64
	// Progress, if set, is told how many steps of how many are done.
	Progress func(step string, done, all int)
}
