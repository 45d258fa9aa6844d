package search

import "math"

// split is the price of a second service at all: a repository's worth of
// deployment, alarms and rotas. It is in units of a crossing that can be remote
// as it is, and less than a table that both halves write. Without it the
// cheapest cut is a sliver that hardly crosses.
const split = 15

// Score is what cuts are compared by: what the cut costs, and a second service
// at all, per even division. Lower is better; +Inf if one half has nothing.
func Score(cost, balance float64) float64 {
	if balance <= 0 {
		return math.Inf(1)
	}
	return (cost + split) / balance
}

// Evaluate says what any labelling costs. Each node has one of A, B and Both.
// The cost is +Inf if one of the problem's constraints is hurt.
func Evaluate(p *Problem, labels []Label) Cut {
	c := Cut{Label: labels}
	for v, n := range p.Nodes {
		c.Mass[labels[v]] += n.Mass
		if n.Entry > 0 && labels[v] != Both {
			c.Entry[labels[v]] += n.Entry
		}
		if labels[v] == Both {
			c.Copies += single(n).Both
		}
	}
	for _, e := range p.Edges {
		if lacks(labels[e.From], labels[e.To]) {
			c.Crossing += e.Cost
		}
	}
	if !obeys(p, labels) {
		c.Copies = math.Inf(1)
	}
	c.Cost = c.Crossing + c.Copies
	c.Balance = balance(c.Mass[A], c.Mass[B], c.Entry[A], c.Entry[B])
	c.Score = Score(c.Cost, c.Balance)
	c.Parted = parted(p.Ties, labels)
	return c
}

// lacks reports whether a user is in a half in which what it uses is not. There
// is never more than one such half.
func lacks(user, used Label) bool { return used != Both && used != user }

// obeys reports whether what must be together or apart is so.
func obeys(p *Problem, labels []Label) bool {
	for _, group := range p.Together {
		for _, v := range group {
			if labels[v] != labels[group[0]] {
				return false
			}
		}
	}
	for _, pair := range p.Apart {
		if x := labels[pair[0]]; x == Both || labels[pair[1]] != other(x) {
			return false
		}
	}
	return true
}

// balance is the geometric mean of how even mass and entry points are, of those
// there are: a half with many entry points but no code behind them is none.
func balance(massA, massB, entryA, entryB float64) float64 {
	mass, ok := even(massA, massB)
	entry, ok2 := even(entryA, entryB)
	switch {
	case !ok:
		return entry
	case !ok2:
		return mass
	}
	return math.Sqrt(mass * entry)
}

// even is four times the product of the shares, as in the ratio cut (Wei and
// Cheng, 1989): 1 if they are the same, and nearly so if they nearly are, so that
// nothing is torn off for the last bit of evenness. It is not ok if there is
// nothing.
func even(x, y float64) (e float64, ok bool) {
	if x+y == 0 {
		return 0, false
	}
	return 4 * x * y / ((x + y) * (x + y)), true
}

// parted is the share of ties that a labelling parts.
func parted(ties []Tie, labels []Label) float64 {
	cut, all := 0.0, 0.0
	for _, t := range ties {
		all += t.Weight
		if x, y := labels[t.I], labels[t.J]; x != y && x != Both && y != Both {
			cut += t.Weight
		}
	}
	if all == 0 {
		return 0
	}
	return cut / all
}
