package profile

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// table is what functions cost, by their keys.
type table struct {
	changes   Changes
	functions map[string]*function
}

// function is one function on both sides.
type function struct {
	name  string
	file  string // of head if it is there
	cost  [2]float64
	count int64
	decl  *declaration // nil where the source is not known
	at    [2]map[int]float64
}

// key names a function in tables. A function may move between the files of its
// package.
func key(file, function string) string { return path.Dir(file) + " " + function }

// add charges a cost to the function of a frame.
func (t *table) add(side int, f frame, cost float64, count int64) {
	name := outer(f.function)
	k := key(f.file, name)
	fn := t.functions[k]
	if fn == nil {
		fn = &function{name: name, file: f.file, at: [2]map[int]float64{{}, {}}}
		t.functions[k] = fn
	}
	if side == 1 {
		fn.file = f.file
	}
	if d := t.changes.find(side, f); d != nil {
		fn.decl = d
	}
	fn.cost[side] += cost
	fn.count += count
	fn.at[side][f.line] += cost
}

// outer returns the name of the function that a literal stands in: the compiler
// calls literals F.func1, F.gowrap2, F.deferwrap1, F-range1, F.func1.2.
func outer(name string) string {
	slash := strings.LastIndexByte(name, '/') + 1
	for i := slash; i < len(name); i++ {
		for _, mark := range [...]string{".func", ".gowrap", ".deferwrap", "-range"} {
			rest, ok := strings.CutPrefix(name[i:], mark)
			if ok && rest != "" && '0' <= rest[0] && rest[0] <= '9' {
				return name[:i]
			}
		}
	}
	return name
}

func (f *function) place() Place {
	return Place{Function: f.name, File: f.file, Base: f.cost[0], Head: f.cost[1], samples: f.count}
}

// lines returns the lines whose cost differs, dearest first.
func (f *function) lines() []Place {
	rows := map[int]Place{}
	for side, lines := range f.at {
		for _, line := range slices.Sorted(maps.Keys(lines)) { // sums depend on the order
			cost, row := lines[line], line
			if f.decl != nil {
				row = f.decl.row(side, line, f.at[1])
			}
			p := rows[row]
			p.Function, p.File, p.Line = f.name, f.file, max(row, 0)
			if side == 0 {
				p.Base += cost
			} else {
				p.Head += cost
			}
			rows[row] = p
		}
	}
	var list []Place
	for _, p := range rows {
		if p.Delta() != 0 {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, dearer)
	return list
}
