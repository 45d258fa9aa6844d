package search

// ARI is the adjusted Rand index of two labellings, by mass and over the nodes
// that are in one half alone in both: 1 if they divide alike, whichever half is
// called A, and about 0 if they have no more in common than chance. It is Hubert
// and Arabie's (1985), with mass for counts, so that pairs within one node
// count, too. Without a common node, or if both labellings put all in one half,
// it is 1; if only one does, it is 0.
func ARI(x, y []Label, mass []float64) float64 {
	var m [2][2]float64
	for v := range x {
		if x[v] < Both && y[v] < Both {
			m[x[v]][y[v]] += mass[v]
		}
	}
	rowA, rowB := m[A][A]+m[A][B], m[B][A]+m[B][B]
	colA, colB := m[A][A]+m[B][A], m[A][B]+m[B][B]
	all := rowA + rowB
	if all == 0 {
		return 1
	}
	same := squares(m[A][A], m[A][B]) + squares(m[B][A], m[B][B])
	rows, cols := squares(rowA, rowB), squares(colA, colB)
	chance, most := rows*cols/(all*all), (rows+cols)/2
	if most-chance <= 1e-12*most {
		return 1
	}
	return (same - chance) / (most - chance)
}

func squares(x, y float64) float64 { return x*x + y*y }

// stability is the mean ARI of all pairs; 1 if there is only one labelling.
func stability(labels [][]Label, mass []float64) float64 {
	sum, n := 0.0, 0.0
	for i := range labels {
		for j := range i {
			sum += ARI(labels[i], labels[j], mass)
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / n
}
