package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hemilith/hemilith/examples/shop/config"
)

const testClock = "2026-03-01T10:00:00Z"

// open runs the whole shop, as main does, until the test ends or close is
// called. Tests that use it do not run in parallel.
type open struct {
	t     *testing.T
	url   string
	close func()
}

func openShop(t *testing.T, env map[string]string) *open {
	t.Helper()
	all := map[string]string{
		"SHOP_ADDR":      "127.0.0.1:0",
		"SHOP_DB":        filepath.Join(t.TempDir(), "shop.db"),
		"SHOP_SEED":      "demo",
		"SHOP_CLOCK":     testClock,
		"SHOP_HASH_COST": "1",
	}
	for name, value := range env {
		all[name] = value
	}
	cfg, err := config.Read(func(name string) string { return all[name] })
	if err != nil {
		t.Fatal(err)
	}
	a, err := build(cfg, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.run(ctx); stop() }()
	closed := false
	o := &open{t: t, close: func() {
		if closed {
			return
		}
		closed = true
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if err := a.close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}}
	t.Cleanup(o.close)
	wait, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	addr, err := a.site.Addr(wait)
	if err != nil {
		t.Fatalf("the site does not listen: %v", err)
	}
	o.url = "http://" + addr
	return o
}

// asker is a browser, or a program that uses the API: it keeps cookies and
// follows no redirects.
type asker struct {
	t      *testing.T
	base   string
	client *http.Client
}

func (o *open) asker() *asker {
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	transport := &http.Transport{}
	o.t.Cleanup(transport.CloseIdleConnections)
	return &asker{t: o.t, base: o.url, client: &http.Client{
		Jar: jar, Transport: transport, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// reply is all of an answer that has to be the same in every run.
type reply struct {
	Status int
	Kind   string
	To     string // where a redirect leads
	Body   string
}

func (a *asker) ask(method, path, kind, body string, header map[string]string) reply {
	a.t.Helper()
	req, err := http.NewRequest(method, a.base+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := a.client.Do(req)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Location"), string(text)}
}

func (a *asker) get(path string) reply { a.t.Helper(); return a.ask("GET", path, "", "", nil) }

func (a *asker) form(path string, fields ...string) reply {
	a.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return a.ask("POST", path, "application/x-www-form-urlencoded", v.Encode(), nil)
}

func (a *asker) json(method, path string, body any, header map[string]string) reply {
	a.t.Helper()
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(body); err != nil {
		a.t.Fatal(err)
	}
	return a.ask(method, path, "application/json", b.String(), header)
}

func (a *asker) login(email, password string) {
	a.t.Helper()
	a.want(a.json("POST", "/api/login", map[string]string{"email": email, "password": password}, nil), 200)
}

func (a *asker) want(got reply, status int) reply {
	a.t.Helper()
	if got.Status != status {
		a.t.Fatalf("status: got %d, want %d\n%s", got.Status, status, got.Body)
	}
	return got
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("decode %q: %v", text, err)
	}
	return v
}
