package model

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// maxImplied is how many implementations of an interface are followed where it
// is not known which of them is called; with more, the call says nothing about
// who uses whom, and leads nowhere.
const maxImplied = 64

// dispatch finds which methods may answer a call through an interface.
type dispatch struct {
	places    map[facts.Place]int32
	types     [][]int32 // by place: the types that can be there, sorted; nil if too many or unknown
	open      []bool    // by place: values may come from where they are not seen
	byName    map[facts.Symbol]int32
	methods   map[methodAt]int32 // the function that answers
	vias      map[viaKey]int32
	servers   map[int32][]int32 // by interface of RPC clients: the types that serve it
	redirects bool
	method    func(string) string // a method's name as the facts have it
	foreign   map[string][]int32  // the same by "path.XClient", of clients that other modules generate
}

type methodAt struct {
	typ  int32
	name string
}

type viaKey struct {
	node   int32
	method string
}

// newDispatch matches interfaces with implementers and solves the flows.
func newDispatch(g *graph, stubs []stub, sealed []facts.Symbol, redirects bool, word func(string) string) *dispatch {
	d := &dispatch{redirects: redirects, method: word, places: map[facts.Place]int32{}, byName: g.byName, methods: map[methodAt]int32{}, vias: map[viaKey]int32{}}
	d.unseal(g, sealed)
	d.matchInterfaces(g)
	d.solve(g)
	d.redirect(g, stubs)
	return d
}

// runs reports whether a reference is inside a function literal that runs
// between begin and commit of a transaction.
func (d *dispatch) runs(g *graph, r *facts.Ref) bool {
	if r.In.Name == "" {
		return false
	}
	n, ok := g.byName[r.In]
	return ok && g.nodes[n].isFunc() && g.nodes[n].decl.Runs >= 0 && g.nodes[n].decl.Runs == r.Arg
}

// targets are the functions that may answer a call of an interface method, with
// the index of the method in g.vias, and how many they are if that is a guess.
func (d *dispatch) targets(g *graph, r *facts.Ref) ([]int32, int32, int16) {
	name, method, ok := cutLast(r.To.Name)
	if !ok {
		return nil, -1, 1
	}
	at, ok := g.byName[facts.Symbol{Path: r.To.Path, Name: name}]
	if !ok {
		return nil, -1, 1
	}
	f := g.ifaces[at]
	if f == nil {
		return nil, -1, 1
	}
	via := d.via(g, f, method)
	if found := d.served(at, method); len(found) > 0 {
		return found, via, 1
	}
	if types, ok := d.at(r.On); ok {
		if found := d.answers(types, method); len(found) > 0 {
			return found, via, 1
		}
	}
	var found []int32
	if len(f.impls) <= maxImplied {
		found = d.answers(f.impls, method)
	}
	return found, via, int16(max(1, len(found)))
}

// cutLast cuts "Type.Method" at its last dot.
func cutLast(s string) (string, string, bool) {
	at := strings.LastIndexByte(s, '.')
	if at < 0 {
		return "", "", false
	}
	return s[:at], s[at+1:], true
}

func (d *dispatch) via(g *graph, f *iface, method string) int32 {
	key := viaKey{f.node, method}
	if v, ok := d.vias[key]; ok {
		return v
	}
	v := int32(-1)
	for i := range f.methods {
		if f.methods[i].Name == method {
			v = int32(len(g.vias))
			g.vias = append(g.vias, via{f.node, &f.methods[i]})
			break
		}
	}
	d.vias[key] = v
	return v
}

// answers are the functions that are the named method of one of types.
func (d *dispatch) answers(types []int32, method string) []int32 {
	var found []int32
	for _, t := range types {
		if fn, ok := d.methods[methodAt{t, method}]; ok && !slices.Contains(found, fn) {
			found = append(found, fn)
		}
	}
	return found
}

// at is what can be at a place, if that is known.
func (d *dispatch) at(p facts.Place) ([]int32, bool) {
	if p == "" {
		return nil, false
	}
	n, ok := d.places[p]
	if !ok || d.open[n] || len(d.types[n]) == 0 {
		return nil, false
	}
	return d.types[n], true
}

// findSealed finds methods of the module's interfaces that only embedding a type
// of another module can give: unexported ones of that module. What has the other
// methods is taken for an implementer.
func findSealed(p *facts.Program) []facts.Symbol {
	own := map[string]bool{}
	for _, pkg := range p.Packages {
		own[pkg.Path] = true
	}
	var found []facts.Symbol
	for _, pkg := range p.Packages {
		for i := range pkg.Decls {
			d := &pkg.Decls[i]
			if !d.Interface {
				continue
			}
			for _, m := range d.Methods {
				path, _, ok := strings.Cut(m.Type, " func(")
				if ok && !ast.IsExported(m.Name) && !strings.HasPrefix(path, "func(") && !own[path] {
					found = append(found, facts.Symbol{Path: pkg.Path, Name: d.Name + "." + m.Name})
				}
			}
		}
	}
	return found
}

// unseal takes sealed methods out of interfaces.
func (d *dispatch) unseal(g *graph, sealed []facts.Symbol) {
	for _, s := range sealed {
		typ, method, _ := cutLast(s.Name)
		if f := g.ifaces[g.find(facts.Symbol{Path: s.Path, Name: typ})]; f != nil && len(f.methods) > 1 {
			f.methods = slices.DeleteFunc(slices.Clone(f.methods), func(m facts.Method) bool { return m.Name == method })
		}
	}
}

// matchInterfaces finds the implementers of each interface, by method sets:
// those with its rarest method are looked at. Test doubles are left out.
func (d *dispatch) matchInterfaces(g *graph) {
	having := haves{exact: map[methodKey][]int32{}, sigs: map[string][]string{}}
	for n := range g.nodes {
		nd := &g.nodes[n]
		if !nd.isType() || nd.decl.Interface {
			continue
		}
		for _, m := range nd.decl.Methods {
			if fn, ok := g.byName[m.Func]; ok {
				d.methods[methodAt{int32(n), m.Name}] = fn
			}
			if !nd.mock {
				having.add(int32(n), &m)
			}
		}
	}
	for n := range g.nodes {
		if f := g.ifaces[int32(n)]; f != nil {
			f.impls = implementers(f, having)
		}
	}
}

func implementers(f *iface, having haves) []int32 {
	lists := make([][]int32, len(f.methods))
	rarest := 0
	for i := range f.methods {
		lists[i] = having.of(&f.methods[i])
		if len(lists[i]) < len(lists[rarest]) {
			rarest = i
		}
	}
	var found []int32
	for _, t := range lists[rarest] {
		if !slices.ContainsFunc(lists, func(l []int32) bool { _, ok := slices.BinarySearch(l, t); return !ok }) {
			found = append(found, t)
		}
	}
	return found
}
