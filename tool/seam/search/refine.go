package search

import (
	"context"
	"math"
	"math/rand/v2"
)

// division is one way to divide the units, with all else placed.
type division struct {
	at    []Label // by vertex
	cost  float64
	score float64
	// least is the smaller half's share, of mass or of entry points, whichever
	// is less.
	least float64
	// mass and entry are by label.
	mass, entry [3]float64
}

// field is what the search moves in, shared by all workers and not changed.
type field struct {
	g      *graph
	groups [][]int32   // of units
	nests  [][][]int32 // sets of units that are alike, by the logarithm of their size
	bonds  *bonds
	lines  []float64 // by unit: its part of the mass of what it uses
	weight []float64 // by unit: about its share in the balance, 1 in all
	sides  []Label   // by unit: where the caller holds it, or None
	floor  float64
	seed   uint64
}

func newField(g *graph, floor float64, seed uint64) *field {
	f := &field{g: g, floor: floor, seed: seed}
	k := g.kin()
	_, stride := g.seats()
	entry, entries, mass := make([]float64, len(g.units)), 0.0, 0.0
	f.sides = make([]Label, len(g.units))
	for i, u := range g.units {
		f.sides[i] = None
		for _, v := range append(u.a[:len(u.a):len(u.a)], u.b...) {
			entry[i] += g.nodes[v].Entry
		}
		for _, v := range u.a {
			if g.fix[v] < Both {
				f.sides[i] = g.fix[v]
			}
		}
		for _, v := range u.b {
			if g.fix[v] < Both {
				f.sides[i] = other(g.fix[v])
			}
		}
		entries += entry[i]
	}
	for _, m := range k.mass {
		mass += m
	}
	f.weight, f.lines = make([]float64, len(g.units)), make([]float64, len(g.units))
	for i := range f.weight {
		f.lines[i] = k.mass[i/stride] / float64(stride)
		f.weight[i] = (share(entry[i], entries) + share(f.lines[i], mass)) / 2
	}
	seats, nests := k.groups()
	f.bonds = newBonds(g)
	f.groups = g.seated(seats)
	for _, level := range nests {
		f.nests = append(f.nests, g.seated(level))
	}
	return f
}

// seated are the units that have the seats.
func (g *graph) seated(sets [][]int32) [][]int32 {
	_, stride := g.seats()
	var out [][]int32
	for _, set := range sets {
		var units []int32
		for _, s := range set {
			for i := int(s) * stride; i < min((int(s)+1)*stride, len(g.units)); i++ {
				units = append(units, int32(i))
			}
		}
		out = append(out, units)
	}
	return out
}

func share(part, all float64) float64 {
	if all == 0 {
		return 0
	}
	return part / all
}

// weigh says what a labelling is worth.
func (g *graph) weigh(at []Label) division {
	d := division{at: at, cost: g.cost(at), least: 0.5}
	for v, x := range at {
		d.mass[x] += g.nodes[v].Mass
		d.entry[x] += g.nodes[v].Entry
	}
	d.score = Score(d.cost, balance(d.mass[A], d.mass[B], d.entry[A], d.entry[B]))
	for _, x := range [][3]float64{d.mass, d.entry} {
		if all := x[A] + x[B]; all > 0 {
			d.least = min(d.least, x[A]/all, x[B]/all)
		}
	}
	return d
}

// bias is what evenness is worth at a division, by vertex: only units are
// pulled, for themselves and for their part of the code; all else is where it
// costs least. With force 1, a minimum cut under this bias finds a better score
// if there is one, as far as the balance is linear (Dinkelbach, 1967).
func (f *field) bias(d *division, force float64) []float64 {
	mass, isMass := even(d.mass[A], d.mass[B])
	entry, isEntry := even(d.entry[A], d.entry[B])
	mass, entry = max(mass, leastEven), max(entry, leastEven)
	perMass, perEntry := math.Sqrt(entry/mass)/2, math.Sqrt(mass/entry)/2 // the slopes of the mean
	switch {
	case !isEntry:
		perMass = 1
	case !isMass:
		perEntry = 1
	}
	force *= min(d.score, maxPull)
	perMass *= force * slope(d.mass[A], d.mass[B])
	perEntry *= force * slope(d.entry[A], d.entry[B])
	bias := make([]float64, len(f.g.nodes))
	for i, u := range f.g.units {
		for _, v := range u.a {
			bias[v] = perEntry*f.g.nodes[v].Entry + perMass*f.lines[i]/float64(len(u.a))
		}
	}
	return bias
}

// slope is by how much a and b become more even with each unit that goes to a.
// It is never quite flat: a pull that ends where all is even would let go of it.
func slope(a, b float64) float64 {
	s := 4 * share(b-a, a+b)
	if b >= a {
		return share(max(s, leastSlope), a+b)
	}
	return share(min(s, -leastSlope), a+b)
}

// leastSlope is about that at 44 to 56.
const leastSlope = 0.5

// leastEven is the evenness below which a pull grows no more.
const leastEven = 0.02

// maxPull bounds the score that a pull is made of, where one half is empty.
const maxPull = 1e6

// beats compares divisions: those below the floor lose, the smaller the more;
// then the score decides.
func (d *division) beats(e *division, floor float64) bool {
	if x, y := min(d.least, floor), min(e.least, floor); x != y {
		return x > y
	}
	return d.score < e.score
}

// shake changes all finite capacities by up to part of them, so that a restart
// doesn't end where another did for a tie.
func (s *solver) shake(rng *rand.Rand, part float64) {
	for i, room := range s.rooms {
		if room < s.total {
			room = int64(float64(room) * (1 + part*(2*rng.Float64()-1)))
		}
		s.flow.room[i] = room
	}
}

// begin divides all at random around two units.
func (s *solver) begin(ctx context.Context, f *field, rng *rand.Rand) (division, error) {
	d := division{at: f.grow(rng)}
	for i, u := range s.g.units {
		if f.sides[i] != None {
			set(d.at, u.a, f.sides[i])
		}
	}
	return s.exact(ctx, &d)
}

// pick chooses a group by weight, but not the one that is given.
func (f *field) pick(rng *rand.Rand, not int) int {
	at, best := -1, math.Inf(-1)
	for i, group := range f.groups { // the largest of w / exponential is i with chance w
		w := 0.0
		for _, u := range group {
			w += f.weight[u]
		}
		if x := math.Log(w+1e-9) - math.Log(rng.ExpFloat64()); i != not && x > best {
			at, best = i, x
		}
	}
	return at
}

// loosen lets go of a random part of the units, keeps at least one in each
// half, and divides them anew, exactly: a minimum cut under a pull to evenness.
func (s *solver) loosen(ctx context.Context, f *field, d *division, force float64, rng *rand.Rand) (division, error) {
	fix := append([]Label(nil), s.g.fix...)
	keepA, keepB := s.anchor(d, A, rng), s.anchor(d, B, rng)
	part, whole := 0.2+0.8*rng.Float64(), rng.IntN(2) == 0
	for _, group := range f.groups {
		free := rng.Float64() < part
		for _, i := range group {
			if !whole {
				free = rng.Float64() < part
			}
			u := s.g.units[i]
			if len(u.b) > 0 || !free || int(i) == keepA || int(i) == keepB {
				set(fix, u.a, d.at[u.a[0]])
				set(fix, u.b, other(d.at[u.a[0]]))
			}
		}
	}
	if rng.IntN(3) > 0 {
		f.kick(fix, rng)
	}
	at, err := s.place(ctx, fix, f.bias(d, force))
	if err != nil {
		return division{}, err
	}
	return s.g.weigh(at), nil
}

// kick puts one set of units that are alike into one half.
func (f *field) kick(fix []Label, rng *rand.Rand) {
	level := f.nests[rng.IntN(len(f.nests))]
	units := level[rng.IntN(len(level))]
	if rng.IntN(2) == 0 {
		units = f.groups[rng.IntN(len(f.groups))]
	}
	to := Label(rng.IntN(2))
	for _, i := range units {
		if f.sides[i] == None {
			set(fix, f.g.units[i].a, to)
			set(fix, f.g.units[i].b, other(to))
		}
	}
}

// anchor picks a unit of one half, -1 if it has none.
func (s *solver) anchor(d *division, half Label, rng *rand.Rand) int {
	at, n := -1, 0
	for i, u := range s.g.units {
		if d.at[u.a[0]] == half {
			n++
			if rng.IntN(n) == 0 {
				at = i
			}
		}
	}
	return at
}
