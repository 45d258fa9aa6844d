package seam

import (
	"go/types"
	"slices"
	"strings"
)

// iface is one of the module's own interfaces with the module's own types that
// implement it.
type iface struct {
	node  int
	named *types.Named
	impls []int // type nodes
}

// matchInterfaces matches the module's interfaces to its types, and each
// interface method to the methods that may answer it. Method names are compared
// before types.Implements is asked, which keeps large modules fast.
func (g *graph) matchInterfaces() {
	byMethod, sets := g.methodSets()
	for i := range g.nodes {
		if g.nodes[i].sort != sortType {
			continue
		}
		tn, ok := g.nodes[i].obj.(*types.TypeName)
		if !ok || tn.IsAlias() {
			continue
		}
		named, ok := tn.Type().(*types.Named)
		if !ok || named.TypeParams().Len() > 0 {
			continue
		}
		it, ok := named.Underlying().(*types.Interface)
		if !ok || it.NumMethods() == 0 || !it.IsMethodSet() {
			continue
		}
		f := iface{node: i, named: named, impls: g.implementers(it, byMethod, sets)}
		if len(f.impls) == 0 {
			continue
		}
		g.ifaces = append(g.ifaces, f)
		if len(f.impls) <= maxImplied {
			g.linkImpls(it, f.impls)
		}
	}
}

// methodSets indexes the module's concrete types by the names of their methods.
func (g *graph) methodSets() (map[string][]int, map[int]*types.MethodSet) {
	byMethod, sets := map[string][]int{}, map[int]*types.MethodSet{}
	for i := range g.nodes {
		tn, ok := g.nodes[i].obj.(*types.TypeName)
		if !ok || g.nodes[i].sort != sortType || tn.IsAlias() {
			continue
		}
		named, ok := tn.Type().(*types.Named)
		if !ok || named.TypeParams().Len() > 0 || types.IsInterface(named) {
			continue
		}
		set := types.NewMethodSet(types.NewPointer(named))
		sets[i] = set
		for m := range set.Methods() {
			byMethod[m.Obj().Id()] = append(byMethod[m.Obj().Id()], i)
		}
	}
	return byMethod, sets
}

func (g *graph) implementers(it *types.Interface, byMethod map[string][]int, sets map[int]*types.MethodSet) []int {
	// Begin with the rarest method: few types have it.
	rarest := byMethod[it.Method(0).Id()]
	for m := range it.Methods() {
		if l := byMethod[m.Id()]; len(l) < len(rarest) {
			rarest = l
		}
	}
	var found []int
	for _, t := range rarest {
		if sets[t].Len() >= it.NumMethods() && types.Implements(types.NewPointer(g.nodes[t].obj.Type()), it) {
			found = append(found, t)
		}
	}
	return found
}

func (g *graph) linkImpls(it *types.Interface, impls []int) {
	for m := range it.Methods() {
		for _, t := range impls {
			obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(g.nodes[t].obj.Type()), true, m.Pkg(), m.Name())
			fn, ok := obj.(*types.Func)
			if !ok {
				continue
			}
			if n, ok := g.byObj[fn.Origin()]; ok && !slices.Contains(g.impls[m], n) {
				g.impls[m] = append(g.impls[m], n)
			}
		}
	}
}

// ifaceMethod names an interface method as people write it: "orders.API.Place".
func ifaceMethod(m *types.Func) string {
	recv := m.Signature().Recv()
	if recv == nil {
		return m.Name()
	}
	if named := namedOf(recv.Type()); named != nil && named.Obj().Pkg() != nil {
		return strings.Join([]string{named.Obj().Pkg().Name(), named.Obj().Name(), m.Name()}, ".")
	}
	return m.Name()
}
