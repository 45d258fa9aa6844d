package main

import (
	"math/rand/v2"

	"github.com/hemilith/hemilith/tool/seam/search"
)

// sample is what a cut is scored on: by item, which services truly have it, and
// what it weighs. An item that no service has is not scored.
type sample struct {
	by    []services
	mass  []float64
	count int // of services
}

// score is how well a cut agrees with the services of a program. All shares are
// by weight and from 0 to 1, or -1 if there was nothing to be scored.
type score struct {
	// A and B are how many services each half owns: a service goes where most of
	// its exclusive code is. The cut is void if one half owns none.
	A, B int
	Void bool
	// Raw is the share of exclusive code that is in its service's half alone,
	// Chance what that is on average if the same labels are dealt at random, and
	// Purity what is above chance: 1 is perfect, 0 is chance.
	Raw, Chance, Purity float64
	// Alone is the raw purity of that exclusive code which is in one half alone.
	Alone float64
	// ARI compares the halves of exclusive code with the services that each half
	// owns, taken as one, and Services with the services one by one.
	ARI, Services float64
	// F1 is that of pairs of exclusive code in the same half.
	F1 float64
	// Recall is the share of code truly run by both halves that is labelled both,
	// Precision the share of what is labelled both that truly is.
	Recall, Precision float64
	// RecallAll is as Recall, of the code that all services run.
	RecallAll float64
	// Agree is the share of all scored code whose label is right, of three.
	Agree float64
}

// dealings is how often labels are dealt at random to find what chance gives.
const dealings = 100

// scoreCut compares labels, by item, with the truth.
func scoreCut(s sample, label []search.Label) score {
	var out score
	home := s.homes(label)
	out.A, out.B = s.owned(home)
	out.Void = out.A == 0 || out.B == 0
	out.Raw = s.purity(label, home)
	out.Alone = s.alone(label, home)
	out.Chance = s.chance(label)
	if out.Chance < 1 {
		out.Purity = (out.Raw - out.Chance) / (1 - out.Chance)
	}
	if out.Void {
		out.Purity = 0
	}
	s.scorePairs(label, home, &out)
	s.scoreBoth(label, home, &out)
	return out
}

// homes is the half of each service: where most of its exclusive items are, or of
// all its items if it has none of its own. None has nothing in any half alone.
func (s sample) homes(label []search.Label) []search.Label {
	own, all := make([][2]float64, s.count), make([][2]float64, s.count)
	for n, by := range s.by {
		if label[n] != search.A && label[n] != search.B {
			continue
		}
		for k := range s.count {
			if by&(1<<k) != 0 {
				all[k][label[n]] += s.mass[n]
			}
		}
		if k := by.owner(); k >= 0 {
			own[k][label[n]] += s.mass[n]
		}
	}
	home := make([]search.Label, s.count)
	for k := range home {
		at := own[k]
		if at == [2]float64{} {
			at = all[k]
		}
		switch {
		case at == [2]float64{}:
			home[k] = search.None
		case at[1] > at[0]:
			home[k] = search.B
		}
	}
	return home
}

// owned counts the services with code of their own, by half.
func (s sample) owned(home []search.Label) (a, b int) {
	own := make([]bool, s.count)
	for n, by := range s.by {
		if k := by.owner(); k >= 0 && s.mass[n] > 0 {
			own[k] = true
		}
	}
	for k, h := range home {
		switch {
		case !own[k]:
		case h == search.A:
			a++
		case h == search.B:
			b++
		}
	}
	return a, b
}

func (s sample) purity(label, home []search.Label) float64 {
	right, all := 0.0, 0.0
	for n, by := range s.by {
		if k := by.owner(); k >= 0 {
			all += s.mass[n]
			if label[n] == home[k] {
				right += s.mass[n]
			}
		}
	}
	return ratio(right, all)
}

func (s sample) alone(label, home []search.Label) float64 {
	right, all := 0.0, 0.0
	for n, by := range s.by {
		if k := by.owner(); k >= 0 && (label[n] == search.A || label[n] == search.B) {
			all += s.mass[n]
			if label[n] == home[k] {
				right += s.mass[n]
			}
		}
	}
	return ratio(right, all)
}

// chance is the mean purity of the same labels dealt at random to the exclusive
// items.
func (s sample) chance(label []search.Label) float64 {
	var only sample
	var dealt []search.Label
	for n, by := range s.by {
		if by.owner() >= 0 && s.mass[n] > 0 {
			only.by, only.mass, dealt = append(only.by, by), append(only.mass, s.mass[n]), append(dealt, label[n])
		}
	}
	only.count = s.count
	rng := rand.New(rand.NewPCG(1, 2))
	sum := 0.0
	for range dealings {
		rng.Shuffle(len(dealt), func(i, j int) { dealt[i], dealt[j] = dealt[j], dealt[i] })
		sum += only.purity(dealt, only.homes(dealt))
	}
	return sum / dealings
}

func (s sample) scorePairs(label, home []search.Label, out *score) {
	var found, want, service []int
	var mass []float64
	for n, by := range s.by {
		if k := by.owner(); k >= 0 && s.mass[n] > 0 {
			found, want, service = append(found, int(label[n])), append(want, int(home[k])), append(service, k)
			mass = append(mass, s.mass[n])
		}
	}
	out.ARI, out.Services = ari(found, want, mass), ari(found, service, mass)
	out.F1 = pairF1(found, want, mass)
}

// against is the adjusted Rand index of groups and services, of exclusive code.
func (s sample) against(group []int) float64 {
	var x, y []int
	var mass []float64
	for n, by := range s.by {
		if k := by.owner(); k >= 0 && s.mass[n] > 0 {
			x, y, mass = append(x, group[n]), append(y, k), append(mass, s.mass[n])
		}
	}
	return ari(x, y, mass)
}

func (s sample) scoreBoth(label, home []search.Label, out *score) {
	var hit, truly, said, hitAll, all, agree, scored float64
	for n, by := range s.by {
		want := halves(by, home)
		if want == search.None {
			continue
		}
		m := s.mass[n]
		scored += m
		if label[n] == want {
			agree += m
		}
		if label[n] == search.Both {
			said += m
		}
		if want == search.Both {
			truly += m
			if label[n] == search.Both {
				hit += m
			}
		}
		if by.count() == s.count {
			all += m
			if label[n] == search.Both {
				hitAll += m
			}
		}
	}
	out.Recall, out.Precision, out.RecallAll, out.Agree = ratio(hit, truly), ratio(hit, said), ratio(hitAll, all), ratio(agree, scored)
}

// halves is the label that services with these homes give to what they run.
func halves(by services, home []search.Label) search.Label {
	label := search.None
	for k, h := range home {
		switch {
		case by&(1<<k) == 0 || h == search.None:
		case label == search.None:
			label = h
		case label != h:
			return search.Both
		}
	}
	return label
}

// nothing is the share of nothing: there was no code to be scored.
const nothing = -1

func ratio(x, of float64) float64 {
	if of == 0 {
		return nothing
	}
	return x / of
}

// ari is the adjusted Rand index of two groupings (Hubert and Arabie 1985), with
// weights in place of counts: 1 if they are the same, about 0 by chance.
func ari(x, y []int, mass []float64) float64 {
	both, left, right, all := tables(x, y, mass)
	sum, a, b := pairs(both), pairs(left), pairs(right)
	expected := a * b / max(all*(all-1)/2, 1)
	most := (a + b) / 2
	if most == expected {
		return 1
	}
	return (sum - expected) / (most - expected)
}

// pairF1 is the harmonic mean of precision and recall of pairs in one group.
func pairF1(found, want []int, mass []float64) float64 {
	both, left, right, _ := tables(found, want, mass)
	return ratio(2*pairs(both), pairs(left)+pairs(right))
}

func tables(x, y []int, mass []float64) (both map[[2]int]float64, left, right map[[2]int]float64, all float64) {
	both, left, right = map[[2]int]float64{}, map[[2]int]float64{}, map[[2]int]float64{}
	for n, m := range mass {
		both[[2]int{x[n], y[n]}] += m
		left[[2]int{x[n]}] += m
		right[[2]int{y[n]}] += m
		all += m
	}
	return both, left, right, all
}

// pairs is the number of pairs within groups. Weights are whole numbers of
// lines, so the sum doesn't depend on the order of the map.
func pairs(groups map[[2]int]float64) float64 {
	sum := 0.0
	for _, m := range groups {
		sum += m * (m - 1) / 2
	}
	return sum
}
