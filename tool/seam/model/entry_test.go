package model

import (
	"testing"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// caches is a program with a library that keeps a loop, and those who make use of it.
func caches(users ...string) *facts.Program {
	list := []*facts.Package{
		pkg("cache", typ("Cache"), fn("New", ref(facts.Construct, "cache.Cache"), ref(facts.Value, "cache.Cache.sweep")),
			fn("Cache.sweep", trait(facts.Loops), effect2(facts.Stateful))),
	}
	start := fn("main")
	for _, user := range users {
		list = append(list, pkg(user, fn("Start", call("cache.New"), entries(handler("/"+user, user+".serve"))), fn("serve", effect2(facts.Stateful))))
		call(user + ".Start")(&start)
	}
	return module(append(list, pkg("main", start))...)
}

func TestALoopThatSeveralPackagesLeadToIsALibrarys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		users    []string
		homeless bool
	}{
		{[]string{"web"}, false},
		{[]string{"web", "mail"}, true},
	} {
		m := link(t, caches(c.users...), Config{})
		for _, e := range m.entries {
			if e.kind == facts.EntryLoop && e.homeless != c.homeless {
				t.Errorf("the loop of a cache that %v make: an entry point without a home: %v, want %v", c.users, e.homeless, c.homeless)
			}
		}
		if n := m.find(sym("cache.Cache.sweep")); m.nodes[n].role != work {
			t.Errorf("the loop of a cache that %v make has role %d, want %d: it runs all the time", c.users, m.nodes[n].role, work)
		}
	}
}

func TestAGenericInterfaceHasImplementers(t *testing.T) {
	t.Parallel()
	of := func(result string) add {
		return func(d *facts.Decl) { d.Methods[0].Type = "func(string) " + result }
	}
	for _, blind := range []bool{false, true} {
		m := link(t, module(
			pkg("main", fn("main", entries(handler("/", "pipe.serve")))),
			pkg("pipe", typ("Stage", isInterface, methods("Run"), of("m/pipe.List["+facts.AnyType+"] error")),
				typ("Sort", methods("Run"), of("m/pipe.List[m/pipe.Row] error")),
				typ("Count", methods("Run"), of("int error")),
				fn("Sort.Run", effect2(facts.Stateful)), fn("Count.Run", effect2(facts.Stateful)),
				fn("serve", ref(facts.IfaceCall, "pipe.Stage.Run")))), Config{Blind: blind})
		var got []string
		for _, e := range m.edges {
			if e.via >= 0 {
				got = append(got, m.nodes[e.from].name+" "+m.nodes[e.to].name)
			}
		}
		if len(got) != 1 || got[0] != "serve Sort.Run" {
			t.Errorf("blind %v: calls through pipe.Stage: got %q, want serve to Sort.Run", blind, got)
		}
	}
}
