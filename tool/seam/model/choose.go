package model

import (
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// chooseEntries replaces or adds entry points as the user asks: a declaration
// becomes one, a package stands for the entry points that were found in it.
// In a part of a program, names need not be in it.
func (g *graph) chooseEntries(names []string, partial bool) error {
	if len(names) == 0 {
		return nil
	}
	only := slices.ContainsFunc(names, func(s string) bool { return !strings.HasPrefix(s, "+") })
	plain := make([]string, len(names))
	for i, name := range names {
		plain[i] = strings.TrimPrefix(name, "+")
	}
	match := newMatcher(g.module, plain)
	chosen := make([]bool, len(g.nodes))
	for n := range g.nodes {
		nd := &g.nodes[n]
		chosen[n] = (nd.isFunc() || nd.lit) && match.has(g.pkgs[nd.pkg].path, nd.name)
	}
	if err := match.missed("-entry"); err != nil && !partial {
		return err
	}
	var kept []entry
	for _, e := range g.entries {
		switch {
		case chosen[e.node] || g.isMain(e.node) || !only:
			kept = append(kept, e)
			chosen[e.node] = false
		default:
			g.nodes[e.node].entry = -1
		}
	}
	g.entries = kept
	for n := range int32(len(g.nodes)) {
		nd := &g.nodes[n]
		id := g.id(n)
		if chosen[n] && !nd.lit && nd.entry < 0 && (slices.Contains(plain, id) || slices.Contains(plain, g.short(id))) {
			nd.entry = int8(facts.EntryRPC)
			g.entries = append(g.entries, entry{node: n, kind: facts.EntryRPC, at: n, line: int32(nd.decl.Line), typ: -1})
		}
	}
	slices.SortStableFunc(g.entries, func(a, b entry) int { return int(a.node - b.node) })
	return nil
}
