package model

import (
	"testing"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// What one startup function starts holds together; what starts everything, or
// only passes on, holds nothing.
func TestWhatOneStartupFunctionStartsHoldsTogether(t *testing.T) {
	t.Parallel()
	p := module(
		pkg("main", fn("main", call("app.start"))),
		pkg("app", fn("start", call("app.front"), call("app.back")),
			fn("front", call("app.routes")),
			fn("routes", entries(handler("/a", "app.a"), handler("/b", "app.b"))),
			fn("back", entries(handler("/c", "app.c"), handler("/d", "app.d"))),
			fn("a", effect2(facts.Stateful)), fn("b", effect2(facts.Stateful)), fn("c", effect2(facts.Stateful)), fn("d", effect2(facts.Stateful))),
	)
	p.Packages[0].Imports = []string{"m/app"}
	m := link(t, p, Config{})
	got := map[string]bool{}
	for _, th := range m.thing {
		if th.kind == thingWiring {
			got[m.nodes[th.at].name] = true
		}
	}
	if len(got) != 2 || !got["front"] && !got["routes"] || !got["back"] {
		t.Errorf("startup functions that hold entry points together: got %v, want that of a and b, and back", got)
	}
}

func TestToCallAnEntryPointIsNotToStartIt(t *testing.T) {
	t.Parallel()
	p := module(
		pkg("main", fn("main", call("app.start"))),
		pkg("app", fn("start", call("app.front"), call("app.back")),
			fn("front", entries(handler("/a", "app.a"), handler("/b", "app.b"))),
			fn("back", entries(handler("/c", "app.c")), call("app.a")), // back needs a while it starts
			fn("a", effect2(facts.Stateful)), fn("b", effect2(facts.Stateful)), fn("c", effect2(facts.Stateful))),
	)
	p.Packages[0].Imports = []string{"m/app"}
	m := link(t, p, Config{})
	for _, th := range m.thing {
		if th.kind == thingWiring && m.nodes[th.at].name != "front" {
			t.Errorf("%s holds entry points together, want front alone", m.nodes[th.at].name)
		}
	}
}
