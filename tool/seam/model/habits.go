package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// Habits that are about how parts of a program hold on to each other.

// comparedErrors finds errors that another package than their own tells apart.
func (f *finder) comparedErrors() {
	for _, c := range f.cargoes() {
		if c.value || !slices.ContainsFunc(c.to, func(s spot) bool { return f.nodes[s.node].pkg != f.nodes[c.node].pkg }) {
			continue
		}
		f.addCargo("compared error", c, fmt.Sprintf("told apart in %s: over a wire it has to arrive as itself, not as its text", few(f.packagesAt(c.to))),
			"keep it a package variable that is set once, or a named type: a boundary knows these again")
	}
}

// contextReads finds values in contexts that another package reads than sets
// them, or another half.
func (f *finder) contextReads() {
	for _, c := range f.cargoes() {
		if !c.value {
			continue
		}
		set, read := f.packagesAt(c.from), f.packagesAt(c.to)
		if len(set) == 1 && slices.Equal(set, read) && !f.parted[c.name] {
			continue
		}
		f.addCargo(cargoValue, c, fmt.Sprintf("set in %s, read in %s: what is in a context stays in its process", few(set), few(read)),
			"make it an argument of what is called across")
	}
}

// few joins the first of some names.
func few(names []string) string {
	const most = 4
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// addCargo adds what calls take along: where it is declared, where it is used,
// where it comes from.
func (f *finder) addCargo(kind string, c cargo, why, fix string) {
	var spots []spot
	if c.node >= 0 {
		spots = append(spots, spot{c.node, f.nodes[c.node].decl.Line})
	}
	const most = maxNamed / 2 // of each, so that both are told
	f.addAt(kind, c.name, why, fix, slices.Concat(spots, c.to[:min(len(c.to), most-1)], c.from[:min(len(c.from), most)]))
	f.out[len(f.out)-1].Across = f.parted[c.name]
}

// packagesAt are the sorted packages of some declarations.
func (f *finder) packagesAt(spots []spot) []string {
	var paths []string
	for _, s := range spots {
		paths = append(paths, f.short(f.pkgs[f.nodes[s.node].pkg].path))
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// activeRecords finds data that holds a database handle and writes itself.
func (f *finder) activeRecords() {
	for t := range int32(len(f.nodes)) {
		nd := &f.nodes[t]
		data := func(x facts.Field) bool { return x.Name != "" && strings.ToUpper(x.Name[:1]) == x.Name[:1] && !x.Open }
		if !nd.isType() || nd.decl.Interface || !nd.decl.Holds || !nd.decl.Handle || f.generated(t) || !slices.ContainsFunc(nd.decl.Fields, data) {
			continue
		}
		places := []int32{t}
		for _, m := range f.methodsOf(t) {
			if slices.ContainsFunc(f.nodes[m].decl.Access, func(a facts.Access) bool { return a.Verb == facts.Writes }) {
				places = append(places, m)
			}
		}
		if len(places) > 1 {
			f.add("active record", f.label(t), "data that holds a database handle and writes itself: over a wire, the handle is gone",
				"leave the data alone in the type, and let its store save it", places...)
		}
	}
}

// methodsOf are the methods of a type of its package, in source order.
func (f *finder) methodsOf(t int32) []int32 {
	var methods []int32
	for _, n := range f.pkgs[f.nodes[t].pkg].decls {
		if f.nodes[n].recv == t && !f.nodes[n].lit {
			methods = append(methods, n)
		}
	}
	return methods
}

// concreteServices finds types with state that other packages name and call as
// they are, not through an interface; those with most callers first.
func (f *finder) concreteServices() {
	type service struct {
		t       int32
		callers int
		places  []int32
	}
	var all []service
	for t := range int32(len(f.nodes)) {
		nd := &f.nodes[t]
		if !nd.isType() || nd.decl.Interface || !nd.decl.Exported || !f.keepsState(t) || f.generated(t) {
			continue
		}
		callers := map[int32]bool{}
		for _, m := range f.methodsOf(t) {
			if replicable(f.nodes[m].grade) {
				continue
			}
			for _, i := range f.in[m] {
				if e := &f.edges[i]; e.kind == facts.Call && f.nodes[e.from].pkg != nd.pkg && f.nodes[e.from].role == work {
					callers[e.from] = true
				}
			}
		}
		if places := f.holders(t); len(callers) > 0 && len(places) > 0 {
			all = append(all, service{t, len(callers), append([]int32{t}, places...)})
		}
	}
	slices.SortStableFunc(all, func(a, b service) int { return cmp.Compare(b.callers, a.callers) })
	for _, s := range all {
		f.add("concrete service", f.label(s.t), plural(s.callers, "function")+" of other packages "+verb(s.callers, "calls", "call")+" it by its concrete type",
			"extract an interface of the methods used", s.places...)
	}
}

// verb is one for a single thing, else many.
func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// holders are the types and variables of other packages that hold a type.
func (f *finder) holders(t int32) []int32 {
	var places []int32
	for _, i := range f.in[t] {
		e := &f.edges[i]
		from := &f.nodes[e.from]
		if from.pkg != f.nodes[t].pkg && (from.isType() || from.isVar()) && !slices.Contains(places, e.from) {
			places = append(places, e.from)
		}
	}
	return places
}

// hubPackages finds packages that at least half of all others use.
func (f *finder) hubPackages() {
	const fewest = 5 // packages that use it
	for p := range f.pkgs {
		u := &f.pkgs[p]
		if u.users < fewest || 2*u.users < len(f.pkgs)-1 || u.stubs {
			continue
		}
		users := map[int32]int{}
		var places []int32
		for _, n := range u.decls {
			for _, i := range f.in[n] {
				if f.nodes[f.edges[i].from].pkg != int32(p) {
					users[n]++
				}
			}
			if users[n] > 0 && !f.generated(n) {
				places = append(places, n)
			}
		}
		slices.SortStableFunc(places, func(a, b int32) int { return cmp.Compare(users[b], users[a]) })
		if len(places) > 0 {
			f.add("hub package", f.short(u.path), fmt.Sprintf("%d of %d packages use it: wherever the line runs, both halves link it, and each change of it concerns both", u.users, len(f.pkgs)),
				"keep it small and without state, or divide it by subject", places...)
		}
	}
}

// readyInterfaces finds interfaces over state through which other packages call,
// most of whose methods can be remote as they are: where a line is cheap.
func (f *finder) readyInterfaces() {
	callers := f.ifaceCallers()
	for _, n := range slices.Sorted(maps.Keys(callers)) {
		methods, ready := f.ifaces[n].methods, 0
		for _, m := range methods {
			if m.Sig != nil && m.Sig.Class == classM0 {
				ready++
			}
		}
		if f.generated(n) || 2*ready < len(methods) {
			continue
		}
		places := []int32{n}
		for _, t := range f.holders(n) {
			if slices.ContainsFunc(callers[n], func(c int32) bool { return f.nodes[c].pkg == f.nodes[t].pkg }) {
				places = append(places, t)
			}
		}
		count := len(callers[n])
		f.add("ready interface", f.label(n), fmt.Sprintf("%s of other packages %s through it; of its %s, %d can be remote as they are",
			plural(count, "function"), verb(count, "calls", "call"), plural(len(methods), "method"), ready),
			"a line along it is cheap: bind it where it is made", places...)
	}
}

// ifaceCallers are the functions that call code with state of other packages
// through each interface.
func (f *finder) ifaceCallers() map[int32][]int32 {
	callers := map[int32][]int32{}
	for i := range f.edges {
		e := &f.edges[i]
		if e.kind != facts.IfaceCall || e.via < 0 || replicable(f.nodes[e.to].grade) || f.nodes[e.from].pkg == f.nodes[e.to].pkg || f.nodes[e.from].role != work {
			continue
		}
		at := f.vias[e.via].node
		if list := callers[at]; len(list) == 0 || list[len(list)-1] != e.from { // edges are sorted by from
			callers[at] = append(list, e.from)
		}
	}
	return callers
}
