package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// maxNouns is how many findings of one kind are told; more are not read.
const maxNouns = 100

// finder collects what to look at before a cut, wherever the line is.
type finder struct {
	*Model
	l      labeling
	parted map[string]bool // what calls would have to take along over the line
	out    []report.Noun
}

// Nouns lists habits of the program that any cut would meet: one name for two
// things, open payloads, arguments that are changed, state behind package
// functions, tables of several packages, transactions over several, errors and
// context values that others look at, and how packages hold on to each other.
// cut says between which of the places its line runs.
func (m *Model) Nouns(cut search.Cut) []report.Noun {
	l := m.assign(cut)
	f := &finder{Model: m, l: l, parted: m.parted(cut, l), out: []report.Noun{}}
	for _, find := range []func(){
		f.sharedTables, f.transactions, f.packageState, f.memory, f.mutated, f.contextReads, f.comparedErrors, f.openPayloads,
		f.sameNouns, f.activeRecords, f.concreteServices, f.hubPackages, f.readyInterfaces,
	} {
		before := len(f.out)
		find()
		f.out = f.out[:min(len(f.out), before+maxNouns)]
	}
	return f.out
}

func (f *finder) add(kind, name, why, fix string, places ...int32) {
	spots := make([]spot, 0, len(places))
	for _, p := range places {
		spots = append(spots, spot{p, f.nodes[p].decl.Line})
	}
	f.addAt(kind, name, why, fix, spots)
}

// addAt adds a finding with lines within declarations.
func (f *finder) addAt(kind, name, why, fix string, spots []spot) {
	var in [inBoth + 1]bool
	for _, s := range spots {
		in[f.l.in[s.node]] = true
	}
	f.out = append(f.out, report.Noun{Kind: kind, Name: name, Why: why, Fix: fix, Places: f.placesOf(spots), Across: in[inA] && in[inB]})
}

// sameNouns finds type names that several packages give to data of their own,
// with fields in common: one thing, seen by each in its way. Pairs that one declaration
// translates into each other come first.
func (f *finder) sameNouns() {
	byName := map[string][]int32{}
	var names []string
	for n := range int32(len(f.nodes)) {
		nd := &f.nodes[n]
		if !nd.isType() || !nd.decl.Exported || nd.decl.Interface || len(nd.decl.Fields) == 0 || f.guarded[n] || nd.decl.Holds && !nd.decl.Handle || f.generated(n) {
			continue
		}
		if byName[nd.name] == nil {
			names = append(names, nd.name)
		}
		byName[nd.name] = append(byName[nd.name], n)
	}
	slices.Sort(names)
	before := len(f.out)
	mapped := map[string]bool{}
	for _, name := range names {
		types := f.related(byName[name])
		if len(types) < 2 {
			continue
		}
		why := fmt.Sprintf("%d packages have data of their own by this name", len(types))
		if by := f.translator(types); by >= 0 {
			why += "; " + f.label(by) + " turns one into the other"
			mapped[name] = true
		}
		f.add("same noun", name, why, "keep them apart: each half has its own, and what crosses is translated at the boundary", types...)
	}
	slices.SortStableFunc(f.out[before:], func(a, b report.Noun) int {
		switch {
		case mapped[a.Name] == mapped[b.Name]:
			return 0
		case mapped[a.Name]:
			return -1
		}
		return 1
	})
}

// related keeps those types that share a field's name with another of the list.
func (f *finder) related(types []int32) []int32 {
	var kept []int32
	for _, a := range types {
		if slices.ContainsFunc(types, func(b int32) bool { return a != b && f.overlap(a, b) }) {
			kept = append(kept, a)
		}
	}
	return kept
}

func (f *finder) overlap(a, b int32) bool {
	fields := map[string]bool{}
	for _, x := range f.nodes[a].decl.Fields {
		fields[strings.ToLower(x.Name)] = true
	}
	return slices.ContainsFunc(f.nodes[b].decl.Fields, func(x facts.Field) bool { return fields[strings.ToLower(x.Name)] })
}

// translator is a function that makes a value of one of types and uses another,
// or -1.
func (f *finder) translator(types []int32) int32 {
	makes := map[int32]int32{}
	for _, t := range types {
		for _, i := range f.in[t] {
			if e := &f.edges[i]; e.kind == facts.Construct {
				makes[e.from] = t
			}
		}
	}
	best := int32(-1)
	for _, t := range types {
		for _, i := range f.in[t] {
			e := &f.edges[i]
			if made, ok := makes[e.from]; ok && made != t && (best < 0 || e.from < best) {
				best = e.from
			}
		}
	}
	return best
}

// anything is any type at all, as facts write it.
var anything = regexp.MustCompile(`\bany\b|interface ?\{\}`)

// openPayloads finds functions with effects that take or give values of any
// type, in their signatures or in fields of what they take.
func (f *finder) openPayloads() {
	byField := map[string][]int32{}
	var fields []string
	for n := range int32(len(f.nodes)) {
		nd := &f.nodes[n]
		if !nd.isFunc() || nd.lit || !nd.decl.Exported || replicable(nd.grade) && !nd.lent || nd.decl.Sig == nil || f.generated(n) {
			continue
		}
		open := f.openIn(nd.decl.Sig)
		if !anything.MatchString(open) {
			continue // an interface of few methods is code that is handed in
		}
		if len(nd.decl.Sig.Open) > 0 {
			open = f.label(n) + ": " + open
		}
		if byField[open] == nil {
			fields = append(fields, open)
			if t := f.openType(nd.decl.Sig.Types, 0); len(nd.decl.Sig.Open) == 0 && t >= 0 {
				byField[open] = append(byField[open], t)
			}
		}
		byField[open] = append(byField[open], n)
	}
	for _, field := range fields {
		f.add("open payload", field, "any type may be in it: the other side of a wire would not know which", "declare the types it may hold, or use a typed field", byField[field]...)
	}
}

// openType is the first of some types, or of those in them, that has an open
// field, or -1.
func (f *finder) openType(types []facts.Symbol, depth int) int32 {
	const maxDepth = 4
	for _, s := range types {
		t := f.find(s)
		if t < 0 || depth > maxDepth {
			continue
		}
		var inner []facts.Symbol
		for _, x := range f.nodes[t].decl.Fields {
			if x.Open {
				return t
			}
			inner = append(inner, x.Type)
		}
		if in := f.openType(inner, depth+1); in >= 0 {
			return in
		}
	}
	return -1
}

// mutated finds exported functions that change what their caller gives them and
// are called from other packages.
func (f *finder) mutated() {
	for n := range int32(len(f.nodes)) {
		nd := &f.nodes[n]
		c := f.changed(n)
		if c == nil || !nd.decl.Exported || nd.lit || f.generated(n) {
			continue
		}
		places := []int32{n}
		for _, i := range f.in[n] {
			if e := &f.edges[i]; (e.kind == facts.Call || e.kind == facts.IfaceCall) && f.nodes[e.from].pkg != nd.pkg && !slices.Contains(places, e.from) {
				places = append(places, e.from)
			}
		}
		if len(places) > 1 {
			f.add("mutated argument", f.label(n), fmt.Sprintf("changes its argument %s (%s:%d): over a wire, the caller would not see it", c.name, f.file(c.node), c.line),
				"return the changed value", places...)
		}
	}
}

// packageState finds variables that change after start.
func (f *finder) packageState() {
	for n := range int32(len(f.nodes)) {
		nd := &f.nodes[n]
		if !nd.isVar() || nd.own != facts.Stateful || f.generated(n) {
			continue
		}
		places, written := []int32{n}, false
		for _, i := range f.in[n] {
			e := &f.edges[i]
			written = written || e.kind == facts.Write && f.nodes[e.from].isFunc()
			if (e.kind == facts.Read || e.kind == facts.Write) && !slices.Contains(places, e.from) {
				places = append(places, e.from)
			}
		}
		if nd.decl.Holds && nd.decl.Handle && !written {
			continue
		}
		f.add("package state", f.label(n), f.chain(n)+"; one process does not see what another sets", "one owner, asked through methods, or a table", places...)
	}
}

// memory finds types whose values keep memory for all users of a process.
func (f *finder) memory() {
	for _, t := range f.thing {
		if t.kind != thingMemory || !f.guarded[t.at] || f.memoryCost(t.at) < costMemory || f.generated(t.at) {
			continue
		}
		places := []int32{t.at}
		for _, n := range f.pkgs[f.nodes[t.at].pkg].decls {
			if f.nodes[n].recv == t.at && f.nodes[n].decl.Traits&facts.Guards != 0 {
				places = append(places, n)
			}
		}
		f.add("process memory", f.label(t.at), "keeps memory under a lock: it lives in one process, and a second has its own", "one owner, asked through methods, or a table", places...)
	}
}

// sharedTables finds tables that several packages write, or that one writes and
// others read.
func (f *finder) sharedTables() {
	for t, users := range f.tableUsers() {
		writes := f.packagesNaming(users, func(u use) bool { return u.verb == facts.Writes })
		reads := f.packagesNaming(users, func(u use) bool { return u.verb == facts.Reads })
		reads = slices.DeleteFunc(reads, func(p string) bool { return slices.Contains(writes, p) })
		if len(writes) == 0 || len(writes)+len(reads) < 2 {
			continue
		}
		why := "written by " + strings.Join(writes, ", ")
		if len(reads) > 0 {
			why += "; read by " + strings.Join(reads, ", ")
		}
		var spots []spot
		for _, verb := range []facts.Verb{facts.Writes, facts.Reads} {
			from := len(spots)
			for _, u := range users {
				if at := (spot{u.names, int(u.line)}); u.verb == verb && !slices.Contains(spots, at) {
					spots = append(spots, at)
				}
			}
			f.inOrder(spots[from:])
		}
		f.addAt("shared table", f.tables[t].name, why, "one owner writes it; others ask the owner", spots)
		across := &f.out[len(f.out)-1].Across
		*across = f.halvesOf(users) == inBoth
	}
}

// packagesNaming are the sorted packages of users that pass, and of those that
// they let work on the table.
func (f *finder) packagesNaming(users []use, pass func(use) bool) []string {
	named := slices.Clone(users)
	for i := range named {
		named[i].by = named[i].names
	}
	paths := append(f.packagesOf(users, pass), f.packagesOf(named, pass)...)
	slices.Sort(paths)
	return slices.Compact(paths)
}

// halvesOf are the halves that users work in.
func (f *finder) halvesOf(users []use) half {
	var in half
	for _, u := range users {
		if u.verb != facts.Defines && f.l.in[u.by] != inBoth {
			in |= f.l.in[u.by]
		}
	}
	return in
}

// transactions finds those that write tables of several packages.
func (f *finder) transactions() {
	for n := range int32(len(f.nodes)) {
		writes := f.txWrites(n)
		if f.nodes[n].lit || len(writes) < 2 {
			continue
		}
		places, pkgs := []int32{n}, map[int32]bool{}
		var names []string
		for _, u := range writes {
			names = append(names, f.tables[u.table].name)
			pkgs[f.nodes[u.by].pkg] = true
			if !slices.Contains(places, u.by) {
				places = append(places, u.by)
			}
		}
		if len(pkgs) > 1 {
			f.add("transaction", f.label(n), "one transaction writes "+strings.Join(names, ", ")+", from "+plural(len(pkgs), "package"),
				"keep these tables in one half, or record the intent in the same database (outbox)", places...)
		}
	}
}
