package model

import (
	"maps"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// solve finds which types can be at each place, by following the moves of
// values from place to place until nothing changes (as in variable type
// analysis, Sundaresan et al. 2000, without a call graph). A place that values
// reach from where they are not seen, such as a parameter of a function that is
// passed on as a value, is open: nothing is known of it.
func (d *dispatch) solve(g *graph) {
	succ, base := d.placesOf(g)
	d.openParams(g)
	queue := make([]int32, 0, len(base))
	queued := make([]bool, len(d.types))
	push := func(p int32) {
		if !queued[p] {
			queued[p] = true
			queue = append(queue, p)
		}
	}
	for p := range d.types {
		d.types[p] = base[p]
		if len(base[p]) > 0 || d.open[p] {
			push(int32(p))
		}
	}
	for len(queue) > 0 { // a place enters once for each type that is new to it, at most maxImplied times
		p := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		queued[p] = false
		for _, to := range succ[p] {
			if d.pour(p, to) {
				push(to)
			}
		}
	}
}

// pour adds what can be at one place to another; it reports whether that
// changed anything. A place with too many types is open.
func (d *dispatch) pour(from, to int32) bool {
	if d.open[to] {
		return false
	}
	if d.open[from] {
		d.open[to] = true
		return true
	}
	changed := false
	for _, t := range d.types[from] {
		at, ok := slices.BinarySearch(d.types[to], t)
		if ok {
			continue
		}
		if len(d.types[to]) >= maxImplied {
			d.open[to] = true
			return true
		}
		d.types[to] = slices.Insert(slices.Clip(d.types[to]), at, t)
		changed = true
	}
	return changed
}

// placesOf numbers the places; it returns the moves between them and the types
// that are put there by name. A move of what is not known opens its place.
func (d *dispatch) placesOf(g *graph) (succ, base [][]int32) {
	number := func(p facts.Place) int32 {
		n, ok := d.places[p]
		if !ok {
			n = int32(len(d.places))
			d.places[p] = n
			succ, base = append(succ, nil), append(base, nil)
		}
		return n
	}
	var opened []int32
	for n := range g.nodes {
		for _, f := range g.nodes[n].decl.Flows {
			if f.To == "" {
				continue
			}
			to := number(f.To)
			if f.From == "" && f.Type == (facts.Symbol{}) {
				opened = append(opened, to)
			}
			if f.From != "" {
				from := number(f.From)
				succ[from] = append(succ[from], to)
			}
			if t, ok := g.byName[f.Type]; ok && !g.nodes[t].mock {
				if at, has := slices.BinarySearch(base[to], t); !has {
					base[to] = slices.Insert(base[to], at, t)
				}
			}
		}
	}
	for _, m := range d.answered(g) {
		from, to := number(m[0]), number(m[1])
		succ[from] = append(succ[from], to)
	}
	d.types = make([][]int32, len(succ))
	d.open = make([]bool, len(succ))
	for _, p := range opened {
		d.open[p] = true
	}
	return succ, base
}

// answered lists the moves that a call through an interface makes: arguments
// into the parameters of all that may answer, their results back.
func (d *dispatch) answered(g *graph) [][2]facts.Place {
	var moves [][2]facts.Place
	for _, p := range slices.Sorted(maps.Keys(d.places)) {
		at := strings.LastIndexAny(string(p), "#$")
		if at < 0 {
			continue
		}
		typ, method, ok := cutLast(string(p[:at]))
		f := g.ifaces[d.findPlace(typ)]
		if !ok || f == nil || len(f.impls) > maxImplied {
			continue
		}
		for _, fn := range d.answers(f.impls, method) {
			impl := facts.Place(g.pkgs[g.nodes[fn].pkg].facts.Path+"."+g.nodes[fn].decl.Name) + p[at:]
			if p[at] == '#' {
				moves = append(moves, [2]facts.Place{p, impl})
			} else {
				moves = append(moves, [2]facts.Place{impl, p})
			}
		}
	}
	return moves
}

// findPlace is the node of the declaration that the beginning of a place names,
// or -1.
func (d *dispatch) findPlace(s string) int32 {
	path, name, ok := cutLast(s)
	if n, has := d.byName[facts.Symbol{Path: path, Name: name}]; ok && has {
		return n
	}
	return -1
}

// openParams opens the parameters of functions that are passed on as values:
// who calls them, and with what, is not seen.
func (d *dispatch) openParams(g *graph) {
	passed := map[string]bool{}
	for n := range g.nodes {
		for _, r := range g.nodes[n].decl.Refs {
			if r.Kind == facts.Value {
				passed[r.To.Path+"."+r.To.Name] = true
			}
		}
	}
	for p, n := range d.places {
		if fn, _, ok := strings.Cut(string(p), "#"); ok && passed[fn] {
			d.open[n] = true
		}
	}
}
