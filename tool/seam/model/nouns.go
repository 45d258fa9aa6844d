package model

import (
	"cmp"
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
	l   labeling
	out []report.Noun
}

// Nouns lists habits of the program that any cut would meet: one name for two
// things, open payloads, arguments that are changed, state behind package
// functions, tables of several packages, transactions over several. cut says
// between which of the places its line runs.
func (m *Model) Nouns(cut search.Cut) []report.Noun {
	f := &finder{Model: m, l: m.assign(cut), out: []report.Noun{}}
	for _, find := range []func(){f.sameNouns, f.openPayloads, f.mutated, f.packageState, f.memory, f.sharedTables, f.transactions} {
		before := len(f.out)
		find()
		f.out = f.out[:min(len(f.out), before+maxNouns)]
	}
	return f.out
}

func (f *finder) add(kind, name, why, fix string, places ...int32) {
	n := report.Noun{Kind: kind, Name: name, Why: why, Fix: fix, Places: make([]report.Place, 0, len(places))}
	var in [inBoth + 1]bool
	for i, p := range places {
		in[f.l.in[p]] = true
		if i < maxNamed {
			n.Places = append(n.Places, f.at(p))
		}
	}
	n.Across = in[inA] && in[inB]
	f.out = append(f.out, n)
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
		}
		byField[open] = append(byField[open], n)
	}
	for _, field := range fields {
		f.add("open payload", field, "any type may be in it: the other side of a wire would not know which", "declare the types it may hold, or use a typed field", byField[field]...)
	}
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
		if !nd.isVar() || nd.own != facts.Stateful || nd.decl.Holds && nd.decl.Handle || f.generated(n) {
			continue
		}
		places := []int32{n}
		for _, i := range f.in[n] {
			if e := &f.edges[i]; (e.kind == facts.Read || e.kind == facts.Write) && !slices.Contains(places, e.from) {
				places = append(places, e.from)
			}
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
		writes := f.packagesOf(users, func(u use) bool { return u.verb == facts.Writes })
		reads := f.packagesOf(users, func(u use) bool { return u.verb == facts.Reads })
		reads = slices.DeleteFunc(reads, func(p string) bool { return slices.Contains(writes, p) })
		if len(writes) == 0 || len(writes)+len(reads) < 2 {
			continue
		}
		why := "written by " + strings.Join(writes, ", ")
		if len(reads) > 0 {
			why += "; read by " + strings.Join(reads, ", ")
		}
		var places []int32
		for _, u := range users {
			if u.verb != facts.Defines && !slices.Contains(places, u.by) {
				places = append(places, u.by)
			}
		}
		slices.SortStableFunc(places, func(a, b int32) int { return cmp.Compare(f.id(a), f.id(b)) })
		f.add("shared table", f.tables[t].name, why, "one owner writes it; others ask the owner", places...)
	}
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
