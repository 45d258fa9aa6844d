package main

import (
	"path"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// program is the facts of a checkout as a graph, without the model that is
// judged: declarations by number, and who refers to whom.
type program struct {
	*facts.Program
	decls []declared
	index map[facts.Symbol]int
	// answers are the functions that are a type's methods, serving the types that
	// have a method, by name and signature.
	answers map[methodOf]int
	having  map[facts.Method][]int
	impls   map[int][]int // by interface type
	made    []bool        // by type: something makes a value of it by name
	called  []bool        // by function: the module calls it, or may through an interface
}

// methodOf is a type and the name of a method.
type methodOf struct {
	typ  int
	name string
}

// declared is one declaration of a program.
type declared struct {
	facts.Symbol
	*facts.Decl
	file string // relative to the module
	// counts is true for code that people write to do work: not generated, not a
	// test double.
	counts bool
	recv   int  // the receiver's type, or -1
	mains  bool // in a main package
}

// newProgram numbers the declarations.
func newProgram(p *facts.Program) *program {
	g := &program{Program: p, index: map[facts.Symbol]int{}, answers: map[methodOf]int{}, having: map[facts.Method][]int{}, impls: map[int][]int{}}
	known := packageNames(p)
	for _, pkg := range p.Packages {
		for i := range pkg.Decls {
			d := declared{Symbol: facts.Symbol{Path: pkg.Path, Name: pkg.Decls[i].Name}, Decl: &pkg.Decls[i], recv: -1, mains: pkg.Name == "main"}
			if d.File < len(pkg.Files) {
				f := pkg.Files[d.File]
				d.file, d.counts = f.Name, !f.Generated && !double(f.Name, pkg.Imports, known)
			}
			g.index[d.Symbol] = len(g.decls)
			g.decls = append(g.decls, d)
		}
	}
	for n := range g.decls {
		if d := &g.decls[n]; d.Recv != "" {
			if t, ok := g.index[facts.Symbol{Path: d.Path, Name: d.Recv}]; ok {
				d.recv = t
			}
		}
	}
	g.matchInterfaces()
	g.findCalled()
	return g
}

// packageNames are the last elements of the paths of a program's packages and of
// what these import.
func packageNames(p *facts.Program) map[string]bool {
	names := map[string]bool{}
	for _, pkg := range p.Packages {
		names[path.Base(pkg.Path)] = true
		for _, imported := range pkg.Imports {
			names[path.Base(imported)] = true
		}
	}
	return names
}

// double reports whether a file holds test doubles, by the names that people
// give them, what its package imports, and the names of packages.
func double(file string, imports []string, known map[string]bool) bool {
	if strings.HasSuffix(file, "_mock.go") || strings.HasPrefix(path.Base(file), "mock_") {
		return true
	}
	dirs := strings.Split(path.Dir(file), "/")
	for i, dir := range dirs {
		helps := i == len(dirs)-1 && slices.Contains(imports, "testing")
		if dir == "mocks" || dir == "mock" || dir == "testutils" || dir == "testutil" || ofTests(dir, helps, known) {
			return true
		}
	}
	return false
}

// ofTests reports whether a directory is called after what it helps to test, as
// httptest is after http. Many a word ends in test: latest, contest.
func ofTests(dir string, helps bool, known map[string]bool) bool {
	of, ok := strings.CutSuffix(dir, "test")
	if !ok || of == "" {
		return false
	}
	bare := strings.TrimRight(of, "-_.")
	return helps || bare != of || known[of]
}

// id names a declaration as reports do.
func (d *declared) id() string { return d.Symbol.Path + "." + d.Symbol.Name }

// size is what the declaration weighs in all scores, in lines.
func (d *declared) size() float64 {
	if !d.counts {
		return 0
	}
	return float64(d.Lines)
}

func signature(m facts.Method) facts.Method { return facts.Method{Name: m.Name, Type: m.Type} }

// matchInterfaces finds who implements the program's interfaces, by method sets.
func (g *program) matchInterfaces() {
	for n := range g.decls {
		d := &g.decls[n]
		if d.Kind != facts.Type || d.Interface {
			continue
		}
		for _, m := range d.Methods {
			if fn, ok := g.index[m.Func]; ok {
				g.answers[methodOf{n, m.Name}] = fn
			}
			g.having[signature(m)] = append(g.having[signature(m)], n)
		}
	}
	for n := range g.decls {
		if d := &g.decls[n]; d.Interface && len(d.Methods) > 0 {
			g.impls[n] = g.implementers(d.Methods)
		}
	}
}

func (g *program) implementers(methods []facts.Method) []int {
	var found []int
	for _, t := range g.having[signature(methods[0])] {
		has := func(m facts.Method) bool {
			_, ok := slices.BinarySearch(g.having[signature(m)], t)
			return ok
		}
		if !slices.ContainsFunc(methods, func(m facts.Method) bool { return !has(m) }) {
			found = append(found, t)
		}
	}
	return found
}

// through splits a reference to an interface method of the program.
func (g *program) through(to facts.Symbol) (iface int, method string, ok bool) {
	at := strings.LastIndexByte(to.Name, '.')
	if at < 0 {
		return 0, "", false
	}
	iface, ok = g.index[facts.Symbol{Path: to.Path, Name: to.Name[:at]}]
	return iface, to.Name[at+1:], ok
}

// findCalled notes which functions the program itself may call, and which types
// are made by name.
func (g *program) findCalled() {
	g.called, g.made = make([]bool, len(g.decls)), make([]bool, len(g.decls))
	for n := range g.decls {
		for i := range g.decls[n].Refs {
			r := &g.decls[n].Refs[i]
			switch r.Kind {
			case facts.IfaceCall, facts.IfaceValue:
				iface, method, ok := g.through(r.To)
				if !ok {
					continue
				}
				for _, t := range g.impls[iface] {
					if fn, ok := g.answers[methodOf{t, method}]; ok {
						g.called[fn] = true
					}
				}
			case facts.Call, facts.Value:
				if to, ok := g.index[r.To]; ok && to != n {
					g.called[to] = true
				}
			case facts.Construct:
				if to, ok := g.index[r.To]; ok {
					g.made[to] = true
				}
			}
		}
	}
}
