package model

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/report"
)

// halves describes both halves and names them.
func (t *teller) halves() {
	t.s.A, t.s.B = t.half(inA), t.half(inB)
	a, b := t.nameOf(inA), t.nameOf(inB)
	if a == b {
		a, b = t.nameBy(inA, &t.s.A, b), t.nameBy(inB, &t.s.B, a)
	}
	if a == b {
		a, b = a+" (a)", b+" (b)"
	}
	t.s.A.Name, t.s.B.Name = a, b
	t.s.Name = a + " and " + b
}

func (t *teller) half(h half) report.Half {
	one := report.Half{Packages: []string{}, Doors: []string{}, Authors: []string{}}
	for n := range int32(len(t.nodes)) {
		if t.in[n] != h || t.nodes[n].lit || t.generated(n) {
			continue
		}
		one.Lines += t.nodes[n].decl.Lines
		if t.place[n] >= 0 && t.nodes[n].isFunc() {
			one.Stateful += t.nodes[n].decl.Lines
		}
	}
	for _, e := range t.entries {
		if !e.homeless && t.in[e.node] == h {
			one.Entries++
		}
	}
	lines := t.ownLines()
	var order []int
	for p, l := range lines {
		if l[h] > l[inBoth&^h] && (l[h] > 0) {
			order = append(order, p)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return lines[b][h] - lines[a][h] })
	for _, p := range order {
		one.Packages = append(one.Packages, t.short(t.pkgs[p].path))
	}
	one.Doors = t.doors(h)
	return one
}

// ownLines are the lines of stateful code, by package and half; of packages
// without any, all lines.
func (t *teller) ownLines() [][inBoth + 1]int {
	lines := make([][inBoth + 1]int, len(t.pkgs))
	for p := range t.pkgs {
		var all [inBoth + 1]int
		for _, n := range t.pkgs[p].decls {
			if t.generated(n) {
				continue
			}
			all[t.in[n]] += t.nodes[n].decl.Lines
			if t.place[n] >= 0 && t.nodes[n].isFunc() {
				lines[p][t.in[n]] += t.nodes[n].decl.Lines
			}
		}
		if lines[p] == [inBoth + 1]int{} {
			lines[p] = all
		}
	}
	return lines
}

// doors are the functions of a half that the other calls, those that are called
// from most places first.
func (t *teller) doors(h half) []string {
	count := map[string]int{}
	for _, x := range t.across {
		if x.side != h && t.nodes[x.e.to].isFunc() && (x.e.kind == facts.Call || x.e.kind == facts.IfaceCall) {
			count[t.id(x.e.to)] += int(x.e.count)
		}
	}
	names := make([]string, 0, len(count))
	for name := range count {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return names
}

// nameOf names a half for people: by the deepest directory, or package, that
// has most of its stateful lines.
func (t *teller) nameOf(h half) string {
	const most = 0.6
	lines := t.ownLines()
	total, below := 0, map[string]int{}
	for p := range t.pkgs {
		l := lines[p][h]
		total += l
		path := t.short(t.pkgs[p].path)
		for path != "." {
			below[path] += l
			at := strings.LastIndexByte(path, '/')
			if at < 0 {
				break
			}
			path = path[:at]
		}
	}
	best, largest := "", ""
	for path, l := range below {
		if float64(l) >= most*float64(total) && (len(path) > len(best) || len(path) == len(best) && path < best) {
			best = path
		}
		if largest == "" || l > below[largest] || l == below[largest] && deeper(path, largest) {
			largest = path
		}
	}
	switch {
	case total == 0:
		return "nothing"
	case best != "":
		return base(best)
	case largest != "":
		return base(largest)
	}
	return base(t.module)
}

// deeper orders paths with equal lines: the deeper says more.
func deeper(a, b string) bool { return len(a) > len(b) || len(a) == len(b) && a < b }

// nameBy names a half by its largest package that is not called other.
func (t *teller) nameBy(h half, one *report.Half, other string) string {
	for _, path := range one.Packages {
		if name := base(path); name != other {
			return name
		}
	}
	return t.nameOf(h)
}
