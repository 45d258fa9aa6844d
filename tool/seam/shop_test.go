package seam

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/seam/report"
)

const shopDir = "../../examples/shop"

// finding is what the report has to say of an exercise: a kind and a name, and in
// each file a place with these words.
type finding struct {
	kind, name string
	at         map[string]string
}

// exercises are the habits that the shop's README lists, and what finds each.
func exercises() map[string][]finding {
	const state, noun, table = "package state", "same noun", "shared table"
	return map[string][]finding{
		"a package of functions over package state": {
			{state, "settings.current", map[string]string{"settings/settings.go": "current = map[string]string{}"}},
			{state, "settings.home", map[string]string{"settings/settings.go": "home    *sql.DB"}},
		},
		"a row that saves and deletes itself": {
			{"active record", "account.Address", map[string]string{"account/address.go": "func (a *Address) Save("}},
			{"active record", "account.Address", map[string]string{"account/address.go": "func (a *Address) Delete("}},
		},
		"a concrete service that its consumers name": {
			{"concrete service", "catalog.Service", map[string]string{"catalog/catalog.go": "type Service struct", "web/site.go": "type Site struct"}},
		},
		"an interface between two halves": {
			{"ready interface", "orders.API", map[string]string{"orders/api.go": "type API interface", "web/site.go": "type Site struct"}},
		},
		"a package that everything imports": {
			{"hub package", "util", map[string]string{"util/util.go": "func Fits("}},
		},
		"tables with two owners": {
			{table, "stock", map[string]string{"stock/stock.go": "UPDATE stock SET", "catalog/catalog.go": "INSERT INTO stock"}},
			{table, "items", map[string]string{"catalog/catalog.go": "INSERT INTO items", "orders/desk.go": "FROM items", "basket/basket.go": "JOIN items"}},
			{table, "outbox", map[string]string{"mail/outbox.go": "INSERT INTO outbox"}},
		},
		"one transaction over two concerns": {
			{"transaction", "orders.Desk.Place", map[string]string{"orders/desk.go": "func (d *Desk) book(", "stock/stock.go": "func Take("}},
		},
		"sentinel and typed errors": {
			{"compared error", "orders.ErrNotFound", map[string]string{"orders/api.go": "ErrNotFound ", "web/errors.go": "errors.Is(err, orders.ErrNotFound)"}},
			{"compared error", "orders.OutOfStockError", map[string]string{"orders/api.go": "type OutOfStockError", "web/errors.go": "*orders.OutOfStockError"}},
		},
		"a context value that is read deep down": {
			{"context value", "util.localeKey", map[string]string{"util/util.go": "if Locale(ctx)", "web/middle.go": "util.WithLocale("}},
			{"context value", "util.actorKey", map[string]string{"audit/audit.go": "util.Actor(ctx)", "util/util.go": "ctx.Value(actorKey{})"}},
		},
		"an argument that the callee changes": {
			{"mutated argument", "pricing.Fill", map[string]string{"pricing/pricing.go": "func Fill("}},
		},
		"`any` in a payload": {
			{"open payload", "audit.Log.Record", map[string]string{"audit/audit.go": "payload any"}},
			{"open payload", "audit.Entry.Payload", map[string]string{"audit/audit.go": "type Entry struct"}},
		},
		"one name for two things": {
			{noun, "Item", map[string]string{"catalog/catalog.go": "type Item struct", "orders/api.go": "type Item struct"}},
			{noun, "Address", map[string]string{"account/address.go": "type Address struct", "orders/api.go": "type Address struct"}},
			{noun, "Level", map[string]string{"stock/stock.go": "type Level struct", "orders/api.go": "type Level struct"}},
			{noun, "Line", map[string]string{"basket/basket.go": "type Line struct", "orders/api.go": "type Line struct", "pricing/pricing.go": "type Line struct"}},
		},
		"counters that live in one process": {
			{"process memory", "account.tries", map[string]string{"account/password.go": "type tries struct"}},
		},
	}
}

// habits are the first cells of the README's table of exercises.
func habits(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(shopDir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rows, ok := strings.Cut(string(readme), "| habit | where |\n|---|---|\n")
	if !ok {
		t.Fatal("the shop's README has no table of exercises")
	}
	var all []string
	for row := range strings.Lines(rows) {
		cells := strings.Split(row, "|")
		if len(cells) < 3 {
			break
		}
		all = append(all, strings.TrimSpace(cells[1]))
	}
	return all
}

// TestTheShopsExercisesAreFound: the JSON, the page and the text have each of
// them by name, the JSON and the page with the lines where a reader would look.
func TestTheShopsExercisesAreFound(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs(shopDir)
	if err != nil {
		t.Fatal(err)
	}
	r := analyze(t, load(t, dir), Config{Nulls: -1})
	var text, page bytes.Buffer
	if err := r.Text(&text, false); err != nil {
		t.Fatal(err)
	}
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	known := exercises()
	for _, habit := range habits(t) {
		wants := known[habit]
		if len(wants) == 0 {
			t.Errorf("%s: an exercise of the README that nothing is asked for", habit)
		}
		for _, want := range wants {
			n, ok := find(r, want)
			if !ok {
				t.Errorf("%s: nothing found as %s, %s", habit, want.kind, want.name)
				continue
			}
			for file, words := range want.at {
				checkPlace(t, n, file, words)
			}
			for what, all := range map[string]string{"text": text.String(), "page": html.UnescapeString(page.String())} {
				if !strings.Contains(all, want.kind) || !strings.Contains(all, want.name) {
					t.Errorf("%s: the %s lacks %s, %s", habit, what, want.kind, want.name)
				}
			}
			if first := fmt.Sprintf("%s:%d<", n.Places[0].File, n.Places[0].Line); !strings.Contains(page.String(), first) {
				t.Errorf("%s: the page lacks %s", habit, first)
			}
		}
	}
}

// find is the finding of a kind whose name begins so.
func find(r *Report, want finding) (report.Noun, bool) {
	for _, n := range r.Nouns {
		if n.Kind == want.kind && (n.Name == want.name || strings.HasPrefix(n.Name, want.name+":") || strings.HasPrefix(n.Name, want.name+" ")) {
			return n, true
		}
	}
	return report.Noun{}, false
}

// checkPlace demands that at one of a finding's places in file there are these
// words.
func checkPlace(t *testing.T, n report.Noun, file, words string) {
	const statement = 3 // lines that a statement which begins there may take
	t.Helper()
	source, err := os.ReadFile(filepath.Join(shopDir, file))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(source), "\n")
	var got []string
	for _, p := range n.Places {
		if p.File != file {
			continue
		}
		if p.Line < 1 || p.Line > len(lines) {
			t.Errorf("%s %s: %s has no line %d", n.Kind, n.Name, file, p.Line)
			continue
		}
		here := strings.Join(lines[p.Line-1:min(p.Line-1+statement, len(lines))], "\n")
		if strings.Contains(here, words) {
			return
		}
		got = append(got, fmt.Sprintf("%d: %s", p.Line, strings.TrimSpace(here)))
	}
	t.Errorf("%s %s: no place in %s with %q; there are %q", n.Kind, n.Name, file, words, got)
}
