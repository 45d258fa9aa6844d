package seam

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/tool/seam/report"
)

// travelling is a program of two packages: a handler in one that tells errors
// of the other apart and hands it values in a context.
func travelling(t *testing.T) string {
	return module(t, map[string]string{
		"go.mod": "module example.com/travel\n\ngo 1.26\n",
		"who/who.go": `package who

import "context"

type userKey struct{}

func With(ctx context.Context, user string) context.Context { return context.WithValue(ctx, userKey{}, user) }

func Of(ctx context.Context) string { s, _ := ctx.Value(userKey{}).(string); return s }
`,
		"store/store.go": `package store

import (
	"context"
	"errors"
	"os"

	"example.com/travel/who"
)

var (
	ErrGone = errors.New("gone")
	errOwn  = errors.New("own")
)

type Bad struct{ Field string }

func (b *Bad) Error() string { return b.Field }

type ownKey struct{}

type Store struct{ dir string }

func New(dir string) *Store { return &Store{dir} }

func (s *Store) Put(ctx context.Context, name string) error {
	ctx = context.WithValue(ctx, ownKey{}, 1)
	if name == "" {
		return &Bad{"name"}
	}
	if err := s.write(ctx, name); errors.Is(err, errOwn) {
		return ErrGone
	}
	return nil
}

func (s *Store) write(ctx context.Context, name string) error {
	if ctx.Value(ownKey{}) == nil || os.WriteFile(s.dir+name, []byte(who.Of(ctx)), 0o600) != nil {
		return errOwn
	}
	return nil
}
`,
		"main.go": `package main

import (
	"errors"
	"net/http"

	"example.com/travel/store"
	"example.com/travel/who"
)

type site struct{ s *store.Store }

func main() {
	s := &site{store.New("x")}
	http.HandleFunc("/", s.put)
	_ = http.ListenAndServe(":0", nil)
}

func (s *site) put(w http.ResponseWriter, r *http.Request) {
	err := s.s.Put(who.With(r.Context(), "ada"), r.URL.Path)
	var bad *store.Bad
	switch {
	case errors.Is(err, store.ErrGone):
		w.WriteHeader(http.StatusGone)
	case errors.As(err, &bad):
		w.WriteHeader(http.StatusBadRequest)
	}
}
`,
	})
}

func TestWhatCallsAcrossTakeAlong(t *testing.T) {
	t.Parallel()
	prog := load(t, travelling(t))
	r := analyze(t, prog, Config{Cut: []string{"store"}})
	var got []string
	for _, c := range r.Seams[0].Carried {
		if c.Why == "" || c.Fix == "" || c.File == "" || c.Line == 0 {
			t.Errorf("%+v: no why, fix or place", c)
		}
		got = append(got, fmt.Sprintf("%s %s in %s: %s:%d -> %s:%d", c.What, c.Name, c.Side, c.From[0].File, c.From[0].Line, c.To[0].File, c.To[0].Line))
	}
	want := []string{
		"error store.Bad in a: store/store.go:29 -> main.go:25",
		"error store.ErrGone in a: store/store.go:32 -> main.go:23",
		"context value who.userKey in b: who/who.go:7 -> who/who.go:9",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("carried (-want +got):\n%s", diff)
	}
	if how := strings.Join(r.Seams[0].Effort.How, "; "); !strings.Contains(how, "1 context value to pass as an argument") {
		t.Errorf("the effort says nothing of the context value: %s", how)
	}
	// What stays in one package and one half is nobody's business.
	for _, n := range r.Nouns {
		if strings.Contains(n.Name, "own") || strings.Contains(n.Name, "Own") {
			t.Errorf("found %s %s, which is the package's own", n.Kind, n.Name)
		}
	}
	whole := analyze(t, prog, Config{Cut: []string{"."}})
	if i := slices.IndexFunc(whole.Seams[0].Carried, func(c report.Carried) bool { return c.Name == "store.ErrGone" && c.Side != "b" }); i >= 0 {
		t.Errorf("with main as half b: %+v, want it told apart in b", whole.Seams[0].Carried[i])
	}
}

func TestBlindFindsTheSameNouns(t *testing.T) {
	t.Parallel()
	prog := load(t, travelling(t))
	seeing, blind := analyze(t, prog, Config{Cut: []string{"store"}}), analyze(t, prog, Config{Cut: []string{"store"}, Blind: true})
	if diff := cmp.Diff(seeing.Nouns, blind.Nouns); diff != "" || len(seeing.Nouns) == 0 {
		t.Errorf("%d nouns (-seeing +blind):\n%s", len(seeing.Nouns), diff)
	}
	if diff := cmp.Diff(seeing.Seams[0].Carried, blind.Seams[0].Carried); diff != "" {
		t.Errorf("carried (-seeing +blind):\n%s", diff)
	}
}
