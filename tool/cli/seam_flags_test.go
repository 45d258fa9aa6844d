package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/layoutfile"
)

func TestOptionsAddToTheFile(t *testing.T) {
	t.Parallel()
	file, err := layoutfile.Read("hemilith.yaml", []byte("version: 1\nseam:\n  keep: [[a, b]]\n  apart: [[c, d]]\n  entry: [e]\n  exclude: [f]\n  thresholds: {found again: 0.5}\n"))
	if err != nil {
		t.Fatal(err)
	}
	var w wishes
	c := &cobra.Command{}
	w.register(c)
	if err := c.ParseFlags([]string{"--keep", "x,y,z", "--keep", "p,q", "--apart", "x,p", "--entry", "g,h", "--entry", "+i", "--exclude", "j"}); err != nil {
		t.Fatal(err)
	}
	if err := w.merge(file); err != nil {
		t.Fatal(err)
	}
	got := []any{w.groups, w.pairs, w.entry, w.exclude, w.thresholds}
	want := []any{
		[][]string{{"x", "y", "z"}, {"p", "q"}, {"a", "b"}}, [][2]string{{"x", "p"}, {"c", "d"}},
		[]string{"g", "h", "+i", "e"}, []string{"j", "f"}, map[string]float64{"found again": 0.5},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("wishes (-want +got):\n%s", diff)
	}
}

func TestOptionsWithTooFewNamesAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		w    wishes
		want string
	}{
		{wishes{keep: []string{"a,"}}, "-keep a,: name two or more, such as -keep orders,stock"},
		{wishes{apart: []string{"a,b,c"}}, "-apart a,b,c: name two, such as -apart orders,web"},
	} {
		if err := c.w.merge(&layoutfile.File{}); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestCompletionOffersPackages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "main.go", "web/web.go", "web/api/api.go", "doc/doc_test.go", "testdata/x.go", "vendor/y/y.go", ".git/z.go", "other/go.mod", "other/o.go"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for typed, want := range map[string]string{"": ". web web/api", "web/": "web/api", "web,./w": "web,web web,web/api", "none": ""} {
		got, _ := completePackages(nil, []string{filepath.Join(dir, "web")}, typed)
		if s := strings.Join(slices.Clone(got), " "); s != want {
			t.Errorf("after %q: got %q, want %q", typed, s, want)
		}
	}
}
