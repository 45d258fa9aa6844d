package model

import (
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// table is one SQL table, collection or ORM model.
type table struct {
	name    string
	written bool
	read    bool
}

// use is one declaration's use of a table.
type use struct {
	table int32
	verb  facts.Verb
	by    int32 // whose use it is
	names int32 // who names the table, in that line: by itself, or one that it lent a handle to
	line  int32
}

// findTables lists the tables and who uses them. What a function does to tables
// through a handle that it was given, counts for its callers, as far as they
// are lent theirs too: a table is touched where the handle comes from.
func (g *graph) findTables(names namer) {
	g.access = make([][]use, len(g.nodes))
	byName := map[string]int32{}
	for n := range g.nodes {
		for _, a := range g.nodes[n].decl.Access {
			t, ok := byName[a.Table]
			if !ok {
				t = int32(len(g.tables))
				byName[a.Table] = t
				g.tables = append(g.tables, table{name: names.table(a)})
			}
			g.tables[t].written = g.tables[t].written || a.Verb == facts.Writes
			g.tables[t].read = g.tables[t].read || a.Verb == facts.Reads
			g.access[n] = addUse(g.access[n], use{t, a.Verb, int32(n), int32(n), int32(a.Line)})
		}
	}
	g.lend()
}

func addUse(list []use, u use) []use {
	for _, old := range list {
		if old.table == u.table && old.verb == u.verb {
			return list
		}
	}
	return append(list, u)
}

func (g *graph) lend() {
	for n := range int32(len(g.nodes)) {
		if !g.nodes[n].lent || !replicable(g.nodes[n].grade) {
			continue
		}
		seen := map[int32]bool{n: true}
		queue := []int32{n}
		for len(queue) > 0 { // each node enters once
			at := queue[0]
			queue = queue[1:]
			for _, i := range g.in[at] {
				e := &g.edges[i]
				if !uses(e.kind) || seen[e.from] {
					continue
				}
				seen[e.from] = true
				if replicable(g.nodes[e.from].grade) {
					queue = append(queue, e.from)
					continue
				}
				for _, u := range g.access[n] {
					if u.by == n {
						g.access[e.from] = addUse(g.access[e.from], u)
					}
				}
			}
		}
	}
}

// owns reports whether what n does to tables counts at n, not at its callers.
func (g *graph) owns(n int32) bool { return !g.nodes[n].lent || !replicable(g.nodes[n].grade) }

// tableUsers are the declarations whose use of each table counts, by table.
func (g *graph) tableUsers() [][]use {
	users := make([][]use, len(g.tables))
	for n := range int32(len(g.nodes)) {
		if g.nodes[n].lit || !g.owns(n) {
			continue
		}
		for _, u := range g.access[n] {
			u.by, u.names = n, u.by
			users[u.table] = append(users[u.table], u)
		}
	}
	return users
}

// packagesOf are the sorted paths of the packages of users that pass.
func (g *graph) packagesOf(users []use, pass func(use) bool) []string {
	var paths []string
	for _, u := range users {
		if pass(u) {
			paths = append(paths, g.short(g.pkgs[g.nodes[u.by].pkg].path))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
