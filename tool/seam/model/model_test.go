package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// sym reads "pkg.Name" or "pkg.Type.Method", below the module m.
func sym(s string) facts.Symbol {
	path, name, _ := strings.Cut(s, ".")
	return facts.Symbol{Path: "m/" + path, Name: name}
}

func module(pkgs ...*facts.Package) *facts.Program {
	return &facts.Program{Module: "m", Packages: pkgs, Foreign: map[string][]string{"ext.org/db": {"net", "fmt"}, "ext.org/text": {"fmt"}}}
}

func pkg(path string, decls ...facts.Decl) *facts.Package {
	p := &facts.Package{Path: "m/" + path, Name: path, Files: []facts.File{{Name: path + "/" + path + ".go", Lines: 100}}, Decls: decls}
	if path == "main" {
		p.Path = "m"
	}
	for i := range p.Decls {
		p.Decls[i].Line = 10 * (i + 1)
	}
	return p
}

// change adds to a declaration.
type add func(*facts.Decl)

func decl(kind facts.Kind, name string, adds []add) facts.Decl {
	d := facts.Decl{Name: name, Kind: kind, Lines: 10, Exported: true, Runs: -1}
	if typ, _, ok := strings.Cut(name, "."); ok {
		d.Recv = typ
	}
	if kind == facts.Func {
		d.Sig = &facts.Sig{Class: "M1", Why: "has no context"}
	}
	for _, a := range adds {
		a(&d)
	}
	return d
}

func fn(name string, adds ...add) facts.Decl  { return decl(facts.Func, name, adds) }
func typ(name string, adds ...add) facts.Decl { return decl(facts.Type, name, adds) }
func val(name string, adds ...add) facts.Decl { return decl(facts.Var, name, adds) }

func ref(kind facts.RefKind, to string, adds ...func(*facts.Ref)) add {
	return func(d *facts.Decl) {
		r := facts.Ref{To: sym(to), Kind: kind, Line: d.Line + 1, Count: 1}
		for _, a := range adds {
			a(&r)
		}
		d.Refs = append(d.Refs, r)
	}
}

func call(to string) add { return ref(facts.Call, to) }

func foreign(path, name string) add {
	return func(d *facts.Decl) {
		d.Foreign = append(d.Foreign, facts.Foreign{Path: path, Name: name, Line: 3, Acts: true})
	}
}

func effect2(g facts.Grade) add {
	return func(d *facts.Decl) {
		d.Effects = append(d.Effects, facts.Effect{Grade: g, What: "does something", Line: 4})
	}
}

func access(verb facts.Verb, table string, given bool) add {
	return func(d *facts.Decl) {
		d.Access = append(d.Access, facts.Access{Table: table, Verb: verb, Line: 5, Given: given})
	}
}

func entries(es ...facts.Entry) add {
	return func(d *facts.Decl) { d.Entries = append(d.Entries, es...) }
}

func handler(route, fn string) facts.Entry {
	return facts.Entry{Kind: facts.EntryHTTP, Func: sym(fn), Text: route, Line: 7, Foreign: "net/http.HandleFunc"}
}

func trait(t facts.Trait) add { return func(d *facts.Decl) { d.Traits |= t } }

func methods(names ...string) add {
	return func(d *facts.Decl) {
		for _, name := range names {
			m := facts.Method{Name: name, Type: "func()"}
			if d.Interface {
				m.Sig = &facts.Sig{Class: "M0", Why: "context first, error last, all types can travel"}
			} else {
				m.Func = facts.Symbol{Name: d.Name + "." + name} // the path is set by own
			}
			d.Methods = append(d.Methods, m)
		}
	}
}

func isInterface(d *facts.Decl) { d.Interface = true }

// own completes the symbols of methods.
func own(p *facts.Program) *facts.Program {
	for _, pkg := range p.Packages {
		for i := range pkg.Decls {
			for j := range pkg.Decls[i].Methods {
				if m := &pkg.Decls[i].Methods[j]; m.Func.Name != "" {
					m.Func.Path = pkg.Path
				}
			}
		}
	}
	return p
}

func link(t testing.TB, p *facts.Program, cfg Config) *Model {
	t.Helper()
	m, err := Link(own(p), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shop is two services that share a helper and a table.
func shop() *facts.Program {
	return module(
		pkg("main", fn("main", call("orders.New"), call("stock.New"), call("web.Routes"))),
		pkg("api", typ("Orders", isInterface, methods("Place"))),
		pkg("web",
			typ("Site"),
			fn("Routes", entries(handler("/order", "web.Site.order"), handler("/level", "web.Site.level"))),
			fn("Site.order", ref(facts.IfaceCall, "api.Orders.Place"), call("text.Trim")),
			fn("Site.level", call("stock.Stock.Level"), call("text.Trim")),
		),
		pkg("orders",
			typ("Desk", methods("Place")),
			fn("New", ref(facts.Construct, "orders.Desk")),
			fn("Desk.Place", ref(facts.FieldRef, "orders.Desk"), access(facts.Writes, "orders", false), call("text.Trim")),
		),
		pkg("stock",
			typ("Stock"),
			fn("New", ref(facts.Construct, "stock.Stock")),
			fn("Stock.Level", access(facts.Reads, "orders", false), call("text.Trim")),
		),
		pkg("text", fn("Trim"), fn("Unused")),
	)
}

// cutOf labels code by its package, and all else so that it is with its users.
func cutOf(m *Model, right ...string) search.Cut {
	cut := search.Cut{Label: make([]search.Label, len(m.problem.Nodes))}
	in := make([]half, len(m.problem.Nodes))
	for at, t := range m.thing {
		if t.kind != thingCode {
			continue
		}
		in[at] = inA
		if slices.Contains(right, m.short(m.pkgs[m.nodes[t.at].pkg].path)) {
			in[at] = inB
		}
	}
	for range m.problem.Nodes {
		for _, e := range m.problem.Edges {
			if m.thing[e.To].kind != thingCode {
				in[e.To] |= in[e.From]
			}
		}
	}
	for at := range in {
		if in[at] != 0 {
			cut.Label[at] = in[at].label()
		}
	}
	return cut
}

func TestEachDeclarationGoesWhereItIsUsed(t *testing.T) {
	t.Parallel()
	m := link(t, shop(), Config{})
	got := m.Seam(cutOf(m, "orders")).Assign
	want := map[string]string{
		"m.main": "both", "m/api.Orders": "a", "m/web.Site": "a", "m/web.Routes": "a", "m/web.Site.order": "a", "m/web.Site.level": "a",
		"m/orders.Desk": "b", "m/orders.New": "b", "m/orders.Desk.Place": "b",
		"m/stock.Stock": "a", "m/stock.New": "a", "m/stock.Stock.Level": "a", "m/text.Trim": "both", "m/text.Unused": "both",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("assign (-want +got):\n%s", diff)
	}
}

func TestACallThroughAnInterfaceCrossesByTheInterface(t *testing.T) {
	t.Parallel()
	m := link(t, shop(), Config{})
	s := m.Seam(cutOf(m, "orders"))
	want := []report.Crossing{{
		From: "m/web.Site.order", To: "m/orders.Desk.Place", Via: "api.Orders.Place", Kind: "interface call",
		File: "web/web.go", Line: 1, Count: 1, Side: "a", TargetFile: "orders/orders.go", TargetLine: 30,
		Remotable: "M0", Why: "context first, error last, all types can travel", Cost: 1,
	}}
	if diff := cmp.Diff(want, s.Crossings); diff != "" {
		t.Errorf("crossings (-want +got):\n%s", diff)
	}
	if len(s.Tables) != 1 || s.Tables[0].A != "read" || s.Tables[0].B != "write" || s.Tables[0].Cost != costRead {
		t.Errorf("tables: got %+v, want orders, read by a and written by b", s.Tables)
	}
	if len(s.Wiring) != 1 || s.Wiring[0].Name != "m.main" {
		t.Errorf("wiring: got %+v, want main", s.Wiring)
	}
}

func TestGrades(t *testing.T) {
	t.Parallel()
	p := module(
		pkg("main", fn("main", call("x.Serve"))),
		pkg("x",
			fn("Pure", foreign("strings", "ToUpper")),
			fn("Clock", foreign("time", "Since")),
			fn("Indirect", call("x.Clock"), call("x.Pure")),
			fn("File", foreign("os", "ReadFile")),
			fn("Text", foreign("ext.org/text", "Wrap")),
			fn("Net", foreign("ext.org/db", "Get")),
			fn("Given", func(d *facts.Decl) {
				d.Foreign = append(d.Foreign, facts.Foreign{Path: "database/sql", Name: "Tx.Exec", Given: true})
			}),
			fn("Lent", access(facts.Writes, "t", true)),
			fn("Names", access(facts.Writes, "t", false)),
			val("once", func(d *facts.Decl) { d.Traits = facts.Pools; d.Holds = true }),
			val("counter"), val("setting"),
			fn("init", ref(facts.Write, "x.setting")),
			fn("Count", ref(facts.Write, "x.counter")),
			fn("Setting", ref(facts.Read, "x.setting")),
			fn("Loop", trait(facts.Loops), effect2(facts.Background)),
			fn("Serve", entries(handler("/", "x.Serve")), call("x.Count"), call("x.Loop"), call("x.Setting")),
			typ("Store"),
			fn("Store.Put", trait(facts.Guards)),
			fn("Store.Name"),
		),
	)
	m := link(t, p, Config{})
	got := map[string]string{}
	for n := range m.nodes {
		if nd := &m.nodes[n]; !nd.isType() {
			got[nd.name] = gradeNames[nd.grade]
		}
	}
	want := map[string]string{
		"main": "stateful", "Pure": "pure", "Clock": "nondeterministic", "Indirect": "nondeterministic", "File": "stateful", "Text": "pure",
		"Net": "stateful", "Given": "pure", "Lent": "pure", "Names": "stateful", "once": "ambient", "counter": "stateful", "setting": "ambient",
		"init": "ambient", "Count": "stateful", "Setting": "ambient", "Loop": "background", "Serve": "stateful", "Store.Put": "stateful",
		"Store.Name": "pure",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("grades (-want +got):\n%s", diff)
	}
	at := m.byName[facts.Symbol{Path: "m/x", Name: "Indirect"}]
	if got, want := m.chain(at), "x.Clock: calls time.Since"; got != want {
		t.Errorf("chain: got %q, want %q", got, want)
	}
}

func TestCallsLeadToTheTypesThatFlowThere(t *testing.T) {
	t.Parallel()
	iface := typ("I", isInterface, methods("Do"))
	base := func(flows ...facts.Flow) *facts.Program {
		return module(pkg("x", iface,
			typ("A", methods("Do")), fn("A.Do"), typ("B", methods("Do")), fn("B.Do"), typ("C", methods("Other")), fn("C.Other"),
			typ("Maker", isInterface, methods("Make")), typ("G", methods("Make")), fn("G.Make"),
			fn("New", func(d *facts.Decl) { d.Flows = flows }),
			fn("Run", ref(facts.IfaceCall, "x.I.Do", func(r *facts.Ref) { r.On = "m/x.S.i" })),
			fn("Pass", ref(facts.Value, "x.New")),
		))
	}
	a := facts.Flow{To: "m/x.New@v", Type: sym("x.A")}
	for _, tt := range []struct {
		name  string
		flows []facts.Flow
		want  string
	}{
		{"one type through a local", []facts.Flow{a, {To: "m/x.S.i", From: "m/x.New@v"}}, "[A.Do]"},
		{"two types", []facts.Flow{a, {To: "m/x.S.i", From: "m/x.New@v"}, {To: "m/x.S.i", Type: sym("x.B")}}, "[A.Do B.Do]"},
		{"nothing is known", nil, "[A.Do B.Do]"},
		{"a result of an interface's method", []facts.Flow{{To: "m/x.G.Make$0", Type: sym("x.A")}, {To: "m/x.S.i", From: "m/x.Maker.Make$0"}}, "[A.Do]"},
		{"from a parameter of a function that is passed on", []facts.Flow{{To: "m/x.S.i", From: "m/x.New#0"}, {To: "m/x.S.i", Type: sym("x.A")}}, "[A.Do B.Do]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, blind := range []bool{false, true} {
				m := link(t, base(tt.flows...), Config{Blind: blind})
				var got []string
				for _, e := range m.edges {
					if m.nodes[e.from].name == "Run" {
						got = append(got, m.nodes[e.to].name)
					}
				}
				if fmt.Sprint(got) != tt.want {
					t.Errorf("blind %v: targets: got %v, want %v", blind, got, tt.want)
				}
			}
		})
	}
}

func TestTransactionsAreFollowed(t *testing.T) {
	t.Parallel()
	inTx := func(r *facts.Ref) { r.Tx = true }
	in := func(fn string) func(*facts.Ref) { return func(r *facts.Ref) { r.In = sym(fn) } }
	p := module(
		pkg("main", fn("main", entries(handler("/a", "a.Direct"), handler("/b", "a.Around"), handler("/c", "a.Plain"), handler("/d", "a.Two")))),
		pkg("a",
			fn("Direct", trait(facts.Begins), ref(facts.Call, "b.Save", inTx), access(facts.Writes, "one", false)),
			fn("Around", ref(facts.Call, "a.With"), ref(facts.Call, "a.below", in("a.With"))),
			fn("With", func(d *facts.Decl) { d.Runs = 0 }, trait(facts.Begins)),
			fn("below", call("b.Deep"), access(facts.Writes, "two", false)),
			fn("Plain", call("b.Both")),
			fn("Two", trait(facts.Begins), access(facts.Writes, "three", false), access(facts.Writes, "one", false)),
		),
		pkg("b",
			fn("Save", access(facts.Writes, "three", false)),
			fn("Deep", call("b.Both"), access(facts.Writes, "three", false)),
			fn("Both", access(facts.Reads, "three", false)),
		),
	)
	m := link(t, p, Config{})
	s := m.Seam(cutOf(m, "b"))
	var got []string
	for _, x := range s.Transactions {
		got = append(got, fmt.Sprint(x.Name, " ", x.To, " ", x.Direct, " ", len(x.Path)))
	}
	slices.Sort(got)
	want := []string{"m/a.Around m/b.Deep false 3", "m/a.Direct m/b.Save true 2", "m/a.Two three true 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transactions (-want +got):\n%s", diff)
	}
	for _, x := range s.Crossings {
		if want := x.To != "m/b.Both"; x.InTx != want || want != (x.Remotable == classB) {
			t.Errorf("%s -> %s: got in transaction %v, %s, want %v", x.From, x.To, x.InTx, x.Remotable, want)
		}
	}
}

func TestLentTablesCountForWhoLends(t *testing.T) {
	t.Parallel()
	p := module(
		pkg("main", fn("main", entries(handler("/a", "a.Own")))),
		pkg("a", fn("Own", foreign("os", "ReadFile"), call("a.mid"))),
		pkg("l", fn("Lent", access(facts.Writes, "t", true))),
	)
	p.Packages[1].Decls = append(p.Packages[1].Decls, fn("mid", call("l.Lent")))
	m := link(t, p, Config{})
	var got []string
	for _, u := range m.tableUsers()[0] {
		got = append(got, m.nodes[u.by].name)
	}
	if want := []string{"Own"}; !slices.Equal(got, want) {
		t.Errorf("users of t: got %v, want %v", got, want)
	}
}

func TestChangedArgumentsBlockACall(t *testing.T) {
	t.Parallel()
	p := module(
		pkg("main", fn("main", entries(handler("/a", "a.Use")))),
		pkg("a", fn("Use", call("b.Fill"))),
		pkg("b",
			fn("Fill", foreign("os", "ReadFile"), func(d *facts.Decl) {
				d.Params = []facts.Param{{Index: 0, Name: "q", Passes: []facts.Pass{{To: sym("b.set"), Arg: 1}}}}
			}),
			fn("set", func(d *facts.Decl) { d.Params = []facts.Param{{Index: 1, Name: "to", Writes: 77}} }),
		),
	)
	m := link(t, p, Config{})
	s := m.Seam(cutOf(m, "b"))
	if len(s.Crossings) != 1 || s.Crossings[0].Remotable != classB || !strings.Contains(s.Crossings[0].Why, "changes its argument q (b/b.go:77)") {
		t.Errorf("crossings: got %+v, want one that is blocked since b.set changes what q refers to", s.Crossings)
	}
}

func TestEntriesOfOneRPCServiceAreHeldTogether(t *testing.T) {
	t.Parallel()
	p := module(
		pkg("main", fn("main", call("a.Reg"))),
		pkg("a", typ("Server", methods("Get", "Put")), fn("Server.Get", foreign("os", "ReadFile")), fn("Server.Put", foreign("os", "ReadFile")),
			fn("Reg", entries(facts.Entry{Kind: facts.EntryRPC, Type: sym("a.Server"), Methods: []string{"Get", "Put"}, Foreign: "ext.org/db.RegisterServer"})),
		),
	)
	m := link(t, p, Config{})
	doors := 0
	for at, n := range m.Problem().Nodes {
		if n.Door {
			doors++
			if n.Entry != 1 || n.Both != never {
				t.Errorf("node %d: got entry %v, both %v", at, n.Entry, n.Both)
			}
		}
		if m.thing[at].kind == thingMemory && n.Both != costService+2*costServed {
			t.Errorf("memory of the service: got %v, want %v", n.Both, costService+2*costServed)
		}
	}
	if doors != 2 {
		t.Errorf("doors: got %d, want 2", doors)
	}
}

// random draws a small program with all that a model looks at.
func random(t *rapid.T) *facts.Program {
	n := rapid.IntRange(2, 6).Draw(t, "packages")
	var names []string
	var types, ifaces, vars []string
	pkgs := []*facts.Package{}
	for i := range n {
		path := fmt.Sprintf("p%d", i)
		var decls []facts.Decl
		for j := range rapid.IntRange(1, 5).Draw(t, "functions") {
			decls = append(decls, fn(fmt.Sprintf("F%d", j)))
		}
		for j := range rapid.IntRange(0, 2).Draw(t, "types") {
			name := fmt.Sprintf("T%d", j)
			decls = append(decls, typ(name, methods("Do")), fn(name+".Do"), val("v"+name))
			types, vars = append(types, path+"."+name), append(vars, path+".v"+name)
		}
		if rapid.Bool().Draw(t, "interface") {
			decls = append(decls, typ("I", isInterface, methods("Do")))
			ifaces = append(ifaces, path+".I.Do")
		}
		p := pkg(path, decls...)
		pkgs = append(pkgs, p)
		for _, d := range p.Decls {
			if d.Kind == facts.Func {
				names = append(names, path+"."+d.Name)
			}
		}
	}
	main := fn("main")
	for _, p := range pkgs {
		for i := range p.Decls {
			fill(t, &p.Decls[i], names, types, ifaces, vars)
		}
	}
	for range rapid.IntRange(1, 4).Draw(t, "entries") {
		main.Entries = append(main.Entries, handler("/x", rapid.SampledFrom(names).Draw(t, "handler")))
	}
	ref(facts.Call, rapid.SampledFrom(names).Draw(t, "start"))(&main)
	return own(module(append(pkgs, pkg("main", main))...))
}

func fill(t *rapid.T, d *facts.Decl, names, types, ifaces, vars []string) {
	pick := func(from []string, kinds ...facts.RefKind) {
		if len(from) > 0 && rapid.Bool().Draw(t, "has") {
			ref(rapid.SampledFrom(kinds).Draw(t, "kind"), rapid.SampledFrom(from).Draw(t, "to"), func(r *facts.Ref) {
				r.Tx = rapid.IntRange(0, 5).Draw(t, "tx") == 0
			})(d)
		}
	}
	pick(types, facts.TypeRef, facts.FieldRef, facts.Construct, facts.FieldWrite)
	if d.Kind != facts.Func {
		return
	}
	for range 3 {
		pick(names, facts.Call, facts.Call, facts.Value)
	}
	pick(ifaces, facts.IfaceCall)
	pick(vars, facts.Read, facts.Write)
	switch rapid.IntRange(0, 6).Draw(t, "effect") {
	case 0:
		foreign("os", "ReadFile")(d)
	case 1:
		access(facts.Writes, rapid.SampledFrom([]string{"t", "u"}).Draw(t, "table"), rapid.Bool().Draw(t, "given"))(d)
	case 2:
		access(facts.Reads, "t", false)(d)
	case 3:
		trait(facts.Guards)(d)
	case 4:
		trait(facts.Loops)(d)
		effect2(facts.Background)(d)
	}
}

// anyCut labels the nodes of a problem at random; entry points are in one half.
func anyCut(t *rapid.T, m *Model) search.Cut {
	cut := search.Cut{Label: make([]search.Label, len(m.problem.Nodes))}
	for at, n := range m.problem.Nodes {
		last := 2
		if n.Entry > 0 {
			last = 1
		}
		cut.Label[at] = search.Label(rapid.IntRange(0, last).Draw(t, "label"))
	}
	return cut
}

func TestEachDeclarationHasOneLabel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := random(t)
		m, err := Link(p, Config{})
		if err != nil {
			t.Fatal(err)
		}
		labels := m.Labels(anyCut(t, m))
		want := 0
		for _, pkg := range p.Packages {
			for _, d := range pkg.Decls {
				want++
				if l, ok := labels[pkg.Path+"."+d.Name]; !ok || l > search.Both {
					t.Errorf("%s.%s: got label %v, %v", pkg.Path, d.Name, l, ok)
				}
			}
		}
		if len(labels) != want {
			t.Errorf("labels: got %d, want %d", len(labels), want)
		}
	})
}

func TestWhatCrossesIsWhatAHalfUsesAndLacks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, err := Link(random(t), Config{})
		if err != nil {
			t.Fatal(err)
		}
		s := m.Seam(anyCut(t, m))
		want := map[string]bool{}
		for _, e := range m.edges {
			from, to := m.id(e.from), m.id(e.to)
			a, b := s.Assign[from], s.Assign[to]
			if b != "both" && a != b && m.nodes[e.from].role == work && m.classify(&e).name != classR {
				want[from+" "+to+" "+kindNames[e.kind]] = true
			}
		}
		got := map[string]bool{}
		for _, x := range s.Crossings {
			got[x.From+" "+x.To+" "+x.Kind] = true
			if x.Side == s.Assign[x.To] {
				t.Errorf("%s -> %s: is needed in %s, where it is", x.From, x.To, x.Side)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("crossings (-want +got):\n%s", diff)
		}
	})
}

func TestReplicatedCodeUsesNothingOfOneHalfAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, err := Link(random(t), Config{})
		if err != nil {
			t.Fatal(err)
		}
		l := m.assign(anyCut(t, m))
		for _, e := range m.edges {
			field := m.nodes[e.from].isType() && l.works[e.to] // to have a field for it is not to have it
			if m.place[e.from] < 0 && m.place[e.to] < 0 && !field && m.nodes[e.from].role == work && l.in[e.from]&^l.in[e.to] != 0 {
				t.Errorf("%s is in %d and uses %s, in %d", m.id(e.from), l.in[e.from], m.id(e.to), l.in[e.to])
			}
		}
	})
}

func TestBlindAndSightedModelsAreTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := random(t)
		m, err := Link(p, Config{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := Link(p, Config{Blind: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m.Problem(), b.Problem()); diff != "" {
			t.Fatalf("problem (-sighted +blind):\n%s", diff)
		}
		cut := anyCut(t, m)
		if diff := cmp.Diff(m.Seam(cut), b.Seam(cut)); diff != "" {
			t.Errorf("seam (-sighted +blind):\n%s", diff)
		}
		if diff := cmp.Diff(m.Nouns(cut), b.Nouns(cut)); diff != "" {
			t.Errorf("nouns (-sighted +blind):\n%s", diff)
		}
	})
}

func TestTheOrderOfPackagesDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := random(t)
		m, err := Link(p, Config{})
		if err != nil {
			t.Fatal(err)
		}
		q := *p
		q.Packages = rapid.Permutation(p.Packages).Draw(t, "order")
		again, err := Link(&q, Config{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m.Problem(), again.Problem()); diff != "" {
			t.Fatalf("problem (-first +again):\n%s", diff)
		}
		cut := anyCut(t, m)
		if diff := cmp.Diff(m.Seam(cut), again.Seam(cut)); diff != "" {
			t.Errorf("seam (-first +again):\n%s", diff)
		}
	})
}
