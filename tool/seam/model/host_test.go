package model

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// adopted is a program of two services: web has a role, back two components of
// which one uses the other.
func adopted() *facts.Program {
	hosts := func(d *facts.Decl) {
		d.Hosts = []facts.Host{
			{Name: "stock", Uses: []facts.Symbol{sym("stock.New")}, API: sym("stock.API"), Methods: []string{"Take"}},
			{Name: "ledger", Uses: []facts.Symbol{sym("ledger.New")}, API: sym("ledger.API"), Methods: []string{"Write"}},
			{Role: true, Name: "web", Uses: []facts.Symbol{sym("web.Site.Serve")}},
		}
	}
	return own(module(
		pkg("main", fn("main", call("wire.Run"))),
		pkg("wire", fn("Run", hosts, call("stock.New"), call("ledger.New"), call("web.New"), call("web.Site.Serve"), call("wire.beside")), fn("beside")),
		pkg("ledger",
			typ("API", isInterface, methods("Write")), typ("Book", methods("Write")),
			fn("New", ref(facts.Construct, "ledger.Book")), fn("Book.Write", ref(facts.FieldWrite, "ledger.Book"), access(facts.Writes, "ledger", false)),
		),
		pkg("stock",
			typ("API", isInterface, methods("Take")), typ("Keeper", methods("Take", "More")),
			fn("New", ref(facts.Construct, "stock.Keeper")),
			fn("Keeper.Take", ref(facts.FieldRef, "stock.Keeper"), access(facts.Writes, "stock", false), ref(facts.IfaceCall, "ledger.API.Write")),
			fn("Keeper.More", call("stock.unused")), fn("unused"), fn("init"),
		),
		pkg("web",
			typ("Site"), fn("New", ref(facts.Construct, "web.Site"), call("web.theme")), fn("theme"),
			fn("Site.Serve", ref(facts.FieldRef, "web.Site"), entries(handler("/", "web.Site.page"))),
			fn("Site.page", ref(facts.FieldRef, "web.Site"), ref(facts.IfaceCall, "stock.API.Take"), call("text.Trim")),
		),
		pkg("text", fn("Trim")),
	))
}

func TestAServiceRunsWhatItsComponentsAndRolesReach(t *testing.T) {
	t.Parallel()
	m := link(t, adopted(), Config{})
	for _, tt := range []struct {
		service      Service
		part, called string
	}{
		{Service{Name: "web", Roles: []string{"web"}},
			"m.main m/stock.API m/text.Trim m/web.New m/web.Site m/web.Site.Serve m/web.Site.page m/web.theme m/wire.Run", ""},
		{Service{Name: "stock", Components: []string{"stock"}},
			"m.main m/ledger.API m/stock.API m/stock.Keeper m/stock.Keeper.More m/stock.Keeper.Take m/stock.New m/stock.init m/stock.unused m/wire.Run", "m/stock.Keeper.Take"},
		{Service{Name: "back", Components: []string{"ledger", "stock"}},
			"m.main m/ledger.API m/ledger.Book m/ledger.Book.Write m/ledger.New m/stock.API m/stock.Keeper m/stock.Keeper.More m/stock.Keeper.Take m/stock.New m/stock.init m/stock.unused m/wire.Run",
			"m/ledger.Book.Write m/stock.Keeper.Take"},
	} {
		part, called, err := m.Part(tt.service)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Fields(tt.part), part); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.service.Name, diff)
		}
		if got := strings.Join(called, " "); got != tt.called {
			t.Errorf("%s: others call %q, want %q", tt.service.Name, got, tt.called)
		}
	}
	_, _, err := m.Part(Service{Name: "web", Roles: []string{"web", "mail"}})
	want := "-within web: nothing in m defines the role \"mail\" that it hosts\n  next: hemilith gen  compares hemilith.yaml with the code"
	if err == nil || err.Error() != want {
		t.Errorf("a role that is not there: got %v, want %s", err, want)
	}
}
