package seam

// label gives each declaration exactly one side. Wiring, and replicable code
// that both halves use, is both; other replicable code goes to the half that
// uses it, wherever its package is; stateful code stays at home.
func (g *graph) label(c *cut) []side {
	const (
		isA = 1 << sideA
		isB = 1 << sideB
	)
	stateful := func(n int) bool { return !g.nodes[n].grade.replicable() && g.nodes[n].sort != sortType }
	out := make([][]int, len(g.nodes))
	used := make([]bool, len(g.nodes))
	for _, e := range g.edges {
		out[e.from] = append(out[e.from], e.to)
		used[e.to] = true
	}
	mark := make([]uint8, len(g.nodes))
	spread := func(roots []int, bits uint8) {
		for len(roots) > 0 { // each node enters once per bit
			n := roots[len(roots)-1]
			roots = roots[:len(roots)-1]
			for _, m := range out[n] {
				if !stateful(m) && mark[m]&bits != bits {
					mark[m] |= bits
					roots = append(roots, m)
				}
			}
		}
	}
	var wiring []int
	var roots [2][]int
	for n := range g.nodes {
		switch {
		case c.wiring[n]:
			wiring = append(wiring, n)
		case stateful(n), !used[n] && g.nodes[n].sort == sortFunc:
			mark[n] |= 1 << c.home[n]
			roots[c.home[n]] = append(roots[c.home[n]], n)
		}
	}
	spread(roots[sideA], isA)
	spread(roots[sideB], isB)
	// What is left is used by wiring alone, or by nothing that is used.
	left := make([]uint8, len(mark))
	copy(left, mark)
	spread(wiring, isA|isB)
	labels := make([]side, len(g.nodes))
	for n := range g.nodes {
		m := mark[n]
		if left[n] != 0 {
			m = left[n]
		}
		switch {
		case c.wiring[n] || m == isA|isB:
			labels[n] = sideBoth
		case m == isA:
			labels[n] = sideA
		case m == isB:
			labels[n] = sideB
		default:
			labels[n] = c.home[n]
		}
	}
	return labels
}

// crosses reports whether an edge goes from one half to the other.
func crosses(labels []side, e edge) bool {
	a, b := labels[e.from], labels[e.to]
	return a != sideBoth && b != sideBoth && a != b
}
