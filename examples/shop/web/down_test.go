package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hemilith/hemilith/examples/shop/config"
	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/seed"
	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/web"
)

// broken is an orders.API that lists one page and then is gone.
type broken struct {
	orders.API
	pages int
}

var errGone = errors.New("connection refused")

func (b *broken) List(context.Context, orders.Viewer, orders.Filter) (*orders.Page, error) {
	if b.pages == 0 {
		return nil, errGone
	}
	b.pages--
	one := orders.Order{Number: 7, Email: "=cmd@shop.example", Items: []orders.Item{{SKU: "mug-tin", Name: "Tin mug", Count: 1}}}
	return &orders.Page{Orders: []orders.Order{one}, Next: 7}, nil
}

func (b *broken) Get(ctx context.Context, _ orders.Viewer, _ int64) (orders.Order, error) {
	<-ctx.Done() // answers never: the request has to end all the same
	return orders.Order{}, ctx.Err()
}

func (b *broken) Levels(context.Context, []string) (map[string]int, error) { return nil, errGone }

func serve(t *testing.T, desk orders.API) (*httptest.Server, *http.Cookie) {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC) }
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := seed.Demo(t.Context(), db, 1, now()); err != nil {
		t.Fatal(err)
	}
	cfg := config.Config{HashCost: 1, Timeout: time.Second, Now: now}
	site, err := web.New(cfg, db, desk, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site.Handler())
	t.Cleanup(server.Close)
	body := `{"email":"admin@shop.example","password":"admin-pass-1"}`
	resp, err := http.Post(server.URL+"/api/login", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(resp.Cookies()) != 1 {
		t.Fatalf("login: status %d", resp.StatusCode)
	}
	return server, resp.Cookies()[0]
}

func get(t *testing.T, url string, c *http.Cookie) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(c)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

// Settings are package state, so the tests of this file take turns.

func TestWithoutOrdersTheSiteAnswers503AndSaysWhenToTryAgain(t *testing.T) {
	server, c := serve(t, &broken{})
	for _, path := range []string{"/api/orders", "/api/orders/1", "/api/items/mug-tin", "/items/mug-tin", "/admin/orders.csv"} {
		resp, body, err := get(t, server.URL+path, c)
		if err != nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "1" {
			t.Errorf("%s: got %d, Retry-After %q, %v, want 503 and 1", path, resp.StatusCode, resp.Header.Get("Retry-After"), err)
		}
		if want := `{"error":"not available now, please try again"}` + "\n"; strings.HasPrefix(path, "/api/") && body != want {
			t.Errorf("%s: got %q, want %q", path, body, want)
		}
	}
	if resp, _, _ := get(t, server.URL+"/", c); resp.StatusCode != 200 {
		t.Errorf("/: got %d, want 200: the catalog needs no orders", resp.StatusCode)
	}
}

func TestABrokenExportDoesNotLookWhole(t *testing.T) {
	server, c := serve(t, &broken{pages: 1})
	resp, body, err := get(t, server.URL+"/admin/orders.csv", c)
	if err == nil {
		t.Errorf("got status %d and a whole body %q, want a cut connection", resp.StatusCode, body)
	}
	if !strings.Contains(body, "7,0001-01-01T00:00:00Z,,'=cmd@shop.example") {
		t.Errorf("first page: got %q, want order 7 with its mail address disarmed", body)
	}
}
