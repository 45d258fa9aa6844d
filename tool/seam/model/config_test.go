package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
)

func entryNames2(m *Model) []string {
	var names []string
	for _, e := range m.entries {
		names = append(names, m.label(e.node))
	}
	return names
}

func TestTheUserSaysWhatIsLookedAt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		cfg     Config
		pkgs    string
		entries string
		err     string
	}{
		{"all", Config{}, ". api orders stock text web", "m.main web.Site.level web.Site.order", ""},
		{"without packages", Config{Exclude: []string{"stock", "m/text"}}, ". api orders web", "m.main web.Site.level web.Site.order", ""},
		{"only some", Config{Only: []string{"orders", "./web", "text"}}, "orders text web", "web.Site.level web.Site.order", ""},
		{"only declarations", Config{Only: []string{"m/web.Site.level", "stock/..."}}, "stock web", "", ""},
		{"wishes about what is not in the part", Config{Only: []string{"orders", "./web", "text"}, Entry: []string{"+stock.Stock.Level"},
			Keep: [][]string{{"orders", "stock"}}, Apart: [][2]string{{"stock", "web"}}}, "orders text web", "web.Site.level web.Site.order", ""},
		{"one entry point", Config{Entry: []string{"web.Site.order"}}, ". api orders stock text web", "m.main web.Site.order", ""},
		{"another entry point", Config{Entry: []string{"+stock.Stock.Level"}}, ". api orders stock text web", "m.main stock.Stock.Level web.Site.level web.Site.order", ""},
		{"excluded what is not there", Config{Exclude: []string{"nowhere"}}, "", "", `-exclude: nothing in m is named "nowhere"`},
		{"kept what is not there", Config{Keep: [][]string{{"web", "webb"}}}, "", "", `-keep: nothing in m is named "webb"`},
		{"apart from itself", Config{Apart: [][2]string{{"web", "web"}}}, "", "", "-apart: web and web are the same"},
		{"apart without state", Config{Apart: [][2]string{{"web", "text"}}}, "", "", "-apart: text has no state"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := Link(own(shop()), tt.cfg)
			if err != nil || tt.err != "" {
				if err == nil || tt.err == "" || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error: got %v, want %q", err, tt.err)
				}
				return
			}
			var pkgs []string
			for _, p := range m.pkgs {
				pkgs = append(pkgs, m.short(p.path))
			}
			if got := strings.Join(pkgs, " "); got != tt.pkgs {
				t.Errorf("packages: got %q, want %q", got, tt.pkgs)
			}
			names := entryNames2(m)
			slices.Sort(names)
			if got := strings.Join(names, " "); got != tt.entries {
				t.Errorf("entries: got %q, want %q", got, tt.entries)
			}
		})
	}
}

func TestWhatIsKeptAndApartIsInTheProblem(t *testing.T) {
	t.Parallel()
	m := link(t, shop(), Config{Keep: [][]string{{"orders", "m/stock"}}, Apart: [][2]string{{"web.Site.order", "orders"}}})
	at := func(name string) int32 { return m.place[m.byName[sym(name)]] }
	kept := []int32{at("orders.Desk.Place"), at("stock.Stock.Level")}
	slices.Sort(kept)
	if diff := cmp.Diff([][]int32{kept}, m.problem.Together); diff != "" {
		t.Errorf("together (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][2]int32{{at("web.Site.order"), at("orders.Desk.Place")}}, m.problem.Apart); diff != "" {
		t.Errorf("apart (-want +got):\n%s", diff)
	}
}

func TestTiesJoinTheHeaviestCodeOfTwoFiles(t *testing.T) {
	t.Parallel()
	m := link(t, shop(), Config{Ties: []FileTie{{"orders/orders.go", "stock/stock.go", 3}, {"text/text.go", "web/web.go", 9}}})
	if len(m.problem.Ties) != 1 || m.problem.Ties[0].Weight != 3 {
		t.Errorf("ties: got %+v, want one of weight 3, since text has no place", m.problem.Ties)
	}
}

func TestANamedLineHoldsItsPackages(t *testing.T) {
	t.Parallel()
	m := link(t, shop(), Config{})
	fix, err := m.Fix("orders")
	if err != nil {
		t.Fatal(err)
	}
	for at, th := range m.thing {
		want := search.None
		if th.kind == thingCode {
			want = search.A // orders imports nothing in these facts
			if m.short(m.pkgs[m.nodes[th.at].pkg].path) == "orders" {
				want = search.B
			}
		}
		if fix[at] != want {
			t.Errorf("%v: got %v, want %v", m.thing[at], fix[at], want)
		}
	}
	if _, err := m.Fix("odrers"); err == nil {
		t.Error("an unknown package: got no error")
	}
	if front, ok := m.Frontend(); !ok || front[m.place[m.byName[sym("orders.Desk.Place")]]] != search.B {
		t.Errorf("frontend: got %v, %v", front, ok)
	}
}

// withOptions gives methods the signature of a generated client's.
func withOptions(d *facts.Decl) {
	for i := range d.Methods {
		d.Methods[i].Type = "func(...option)"
	}
}

// calls is two services that call each other by generated stubs.
func calls() *facts.Program {
	api := pkg("pb",
		typ("StockClient", isInterface, methods("Get"), withOptions),
		typ("StockServer", isInterface, methods("Get")),
		typ("stockClient", methods("Get"), withOptions), fn("stockClient.Get", foreign("ext.org/db", "Invoke")),
		typ("Unimplemented", methods("Get")), fn("Unimplemented.Get"),
	)
	api.Files[0].Generated = true
	rpc := func(typ, text string) facts.Entry {
		return facts.Entry{Kind: facts.EntryRPC, Type: sym(typ), Methods: []string{"Get"}, Text: text, Foreign: "ext.org/pay.RegisterPayServer"}
	}
	return module(
		pkg("main", fn("main", call("a.Reg"), call("b.Reg"), call("b.RegPay"))),
		api,
		pkg("a", typ("S", methods("Place")), fn("S.Place", ref(facts.IfaceCall, "pb.StockClient.Get"), func(d *facts.Decl) {
			d.Foreign = append(d.Foreign, facts.Foreign{Path: "ext.org/pay", Name: "PayClient.Get", Iface: true, Line: 9})
		}),
			fn("Reg", entries(facts.Entry{Kind: facts.EntryRPC, Type: sym("a.S"), Methods: []string{"Place"}}))),
		pkg("b", typ("Stock", methods("Get")), fn("Stock.Get", foreign("os", "ReadFile")), fn("Reg", entries(rpc("b.Stock", ""))),
			typ("Pay", methods("Get")), fn("Pay.Get", foreign("os", "ReadFile")), fn("RegPay", entries(rpc("b.Pay", "")))),
	)
}

func TestStubsLeadToTheirServers(t *testing.T) {
	t.Parallel()
	for _, blind := range []bool{false, true} {
		for redirect, want := range map[bool][]string{false: {"pb.stockClient.Get"}, true: {"b.Stock.Get", "b.Pay.Get"}} {
			m := link(t, calls(), Config{Redirect: redirect, Blind: blind})
			var got []string
			for n := range int32(len(m.nodes)) {
				if m.id(n) != "m/a.S.Place" {
					continue
				}
				for _, e := range m.out(n) {
					got = append(got, m.label(e.to))
				}
			}
			if redirect {
				for _, name := range want {
					if !slices.Contains(got, name) {
						t.Errorf("redirect %v, blind %v: got %v, want %s among them", redirect, blind, got, name)
					}
				}
				continue
			}
			if !slices.Contains(got, want[0]) || slices.Contains(got, "b.Pay.Get") {
				t.Errorf("redirect %v, blind %v: got %v, want %v among them, and no call of another module's client followed", redirect, blind, got, want)
			}
		}
	}
}

// habits is a program with what should be mended before any cut.
func habits() *facts.Program {
	field := func(name, text string) facts.Field { return facts.Field{Name: name, Text: text} }
	fields := func(fs ...facts.Field) add { return func(d *facts.Decl) { d.Fields = fs } }
	return module(
		pkg("main", fn("main", entries(handler("/a", "a.Serve"), handler("/b", "b.Serve")))),
		pkg("a",
			typ("Item", fields(field("ID", "int"), field("Name", "string"))),
			val("current"),
			typ("tries", func(d *facts.Decl) { d.Holds = true }), fn("tries.Add", trait(facts.Guards), foreign("os", "ReadFile")),
			fn("Set", ref(facts.Write, "a.current")),
			fn("Record", foreign("os", "ReadFile"), func(d *facts.Decl) { d.Sig = &facts.Sig{Class: "M2", Open: []string{"payload any"}} }),
			fn("Serve", call("a.Set"), call("a.Record"), call("b.Fill"), call("a.tries.Add"), access(facts.Writes, "items", false)),
		),
		pkg("b",
			typ("Item", fields(field("ID", "int"), field("Price", "int"))),
			fn("Fill", func(d *facts.Decl) { d.Params = []facts.Param{{Index: 0, Name: "quote", Writes: 12}} }),
			fn("Serve", call("a.Set"), call("a.tries.Add"), ref(facts.Construct, "b.Item"), ref(facts.FieldRef, "a.Item"), access(facts.Writes, "items", false),
				trait(facts.Begins), ref(facts.Call, "a.Save", func(r *facts.Ref) { r.Tx = true })),
		),
	)
}

func TestHabitsAreFoundByTheirKind(t *testing.T) {
	t.Parallel()
	p := habits()
	p.Packages[1].Decls = append(p.Packages[1].Decls, fn("Save", access(facts.Writes, "orders", false)))
	m := link(t, p, Config{})
	got := map[string]string{}
	for _, n := range m.Nouns(cutOf(m, "b")) {
		got[n.Kind] = n.Name
		if n.Why == "" || n.Fix == "" || len(n.Places) == 0 {
			t.Errorf("%s %s says no why, fix or place", n.Kind, n.Name)
		}
	}
	want := map[string]string{
		"same noun": "Item", "open payload": "a.Record: payload any", "mutated argument": "b.Fill", "package state": "a.current",
		"process memory": "a.tries", "shared table": "items", "transaction": "b.Serve",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("habits (-want +got):\n%s", diff)
	}
}

func TestStateInBothHalvesIsNamed(t *testing.T) {
	t.Parallel()
	m := link(t, habits(), Config{})
	cut := cutOf(m, "b")
	for at, th := range m.thing {
		if th.kind == thingMemory || m.problem.Nodes[at].Entry == 0 {
			cut.Label[at] = search.Both
		}
	}
	s := m.Seam(cut)
	got := map[string]string{}
	for _, x := range s.Twice {
		got[x.Name] = x.What
	}
	if diff := cmp.Diff(map[string]string{"m/a.current": "package variable", "m/a.tries": "guarded memory"}, got); diff != "" {
		t.Errorf("twice (-want +got):\n%s", diff)
	}
	if s.Effort.Hand == 0 || len(s.Effort.How) == 0 {
		t.Errorf("effort: got %+v, want lines by hand for state that exists twice", s.Effort)
	}
}

func TestSizesAndPlaces(t *testing.T) {
	t.Parallel()
	p := shop()
	p.Packages[5].Files[0].Generated = true
	m := link(t, p, Config{})
	s := m.Size()
	if s.Lines != 500 || s.GeneratedLines != 100 || s.Packages != 6 || s.Files != 5 {
		t.Errorf("size: got %+v", s)
	}
	cut := cutOf(m, "orders")
	got := map[string]string{}
	for _, p := range m.Packages(cut) {
		got[p.Path] = p.Side
	}
	if want := map[string]string{".": "both", "api": "a", "orders": "b", "stock": "a", "text": "both", "web": "a"}; cmp.Diff(want, got) != "" {
		t.Errorf("packages: got %v, want %v", got, want)
	}
	if got, want := m.Owners(), []report.Owner{{Table: "orders", Writes: []string{"orders"}, Reads: []string{"stock"}}}; cmp.Diff(want, got) != "" {
		t.Errorf("owners: got %v, want %v", got, want)
	}
	if seam := m.Seam(cut); seam.A.Name != "web" || seam.B.Name != "orders" || seam.A.Entries != 2 {
		t.Errorf("halves: got %+v and %+v", seam.A, seam.B)
	}
}

func TestInterfacesSealedByAnotherModuleHaveImplementers(t *testing.T) {
	t.Parallel()
	seal := func(d *facts.Decl) {
		d.Methods = append(d.Methods, facts.Method{Name: "mustEmbed", Type: "ext.org/pay func()"})
	}
	for _, blind := range []bool{false, true} {
		p := module(pkg("x",
			typ("Handler", isInterface, methods("Do"), seal), typ("Server", methods("Do")), fn("Server.Do"),
			fn("Reg", entries(facts.Entry{Kind: facts.EntryRPC, Type: sym("x.Handler"), Methods: []string{"Do"}})),
		))
		m := link(t, p, Config{Blind: blind})
		if len(m.entries) != 1 || m.label(m.entries[0].node) != "x.Server.Do" {
			t.Errorf("blind %v: entries: got %v, want x.Server.Do", blind, entryNames2(m))
		}
	}
}
