package main

import (
	"os"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

func pairOfServices() *definition {
	return &definition{
		Name: "two", Module: "example.com/two", Main: "cmd/two",
		Roots:   []root{{"orders", []string{"cmd/two.app.startOrders"}}, {"letters", []string{"cmd/two.app.startLetters"}}},
		Through: []string{"cmd/two.app"},
	}
}

func TestTruthByReach(t *testing.T) {
	t.Parallel()
	p, err := facts.Load(t.Context(), facts.Config{Dir: "testdata/two", NoCache: true, Env: []string{"GOWORK=off"}})
	if err != nil {
		t.Fatal(err)
	}
	g := newProgram(p)
	truth, err := pairOfServices().truth(g)
	if err != nil {
		t.Fatal(err)
	}
	const orders, letters = services(1), services(2)
	for name, want := range map[string]services{
		"orders.Desk.Add": orders, "orders.Desk.List": orders, "orders.Desk.show": orders, "orders.New": orders,
		"orders.discount.apply":  orders, // through the interface
		"orders.surcharge.apply": 0,      // nobody makes one
		"orders.Desk.Refresh":    0,      // letters calls it on what it never makes
		"orders.Unused":          0, "cmd/two.main": 0,
		"orders.rule": orders, "money.Parse": orders, "money.Format": orders | letters,
		"letters.Post.Send": letters, "letters.Post.Count": letters, "letters.stamp": letters,
		"cmd/two.app": orders | letters,
	} {
		n, err := g.named(name)
		if err != nil {
			t.Fatal(err)
		}
		if truth.by[n] != want {
			t.Errorf("%s: run by %b, want %b", name, truth.by[n], want)
		}
	}
}

func TestACaseEndToEnd(t *testing.T) {
	t.Setenv("HEMILITH_CACHE", t.TempDir())
	r, _, err := evaluate(t.Context(), pairOfServices(), "testdata/two", options{seed: 1, nulls: 5, seeds: 2, all: true})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	r.print(&text)
	if r.Score.Void || r.Score.Purity < 0.9 || r.Score.Recall < 0.8 {
		t.Errorf("%s\ngot %+v, want purity of at least 0.9 and recall of at least 0.8", text.String(), r.Score)
	}
	if r.Entries != 4 || r.Grouping.Purity < 0.99 {
		t.Errorf("%d entry points, grouped with purity %.2f; want 4, 1.00", r.Entries, r.Grouping.Purity)
	}
	for _, want := range []string{"two", "Louvain", "directories", "the same answer for 2 of 2 seeds"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}

func TestACheckoutOfAnotherVersionIsAnError(t *testing.T) {
	t.Setenv("HEMILITH_CACHE", t.TempDir())
	d := pairOfServices()
	d.Roots[0].decls[0] = "cmd/two.app.startAll"
	_, _, err := evaluate(t.Context(), d, "testdata/two", options{seed: 1, nulls: -1})
	if err == nil || !strings.Contains(err.Error(), "no cmd/two.app.startAll in this checkout") {
		t.Errorf("got %v", err)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
