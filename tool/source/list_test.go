package source

import (
	"path/filepath"
	"strings"
	"testing"
)

// list lists a module, each package as "path: files; errors".
func list(t *testing.T, cfg Config) (*Listing, string) {
	t.Helper()
	g, err := Survey(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := g.List(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.ListCgo(t.Context(), cfg, l); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range l.Packages {
		if g.Fixed(filepath.Join(g.Root, p.Path, "x")) && p.Module == "" && len(p.Files) > 0 {
			continue
		}
		b.WriteString(p.Path + ":")
		for _, f := range p.Files {
			b.WriteString(" " + filepath.Base(f))
		}
		for _, e := range p.Errors {
			b.WriteString("; " + e.Error())
		}
		b.WriteString("\n")
	}
	return l, b.String()
}

func TestListingTakesTagsAndCgoFilesThatNothingStandsInFor(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"go.mod":       "module example.com/m\n\ngo 1.26\n",
		"a/a.go":       "package a\n\n// int x;\nimport \"C\"\n\nimport \"example.com/m/only\"\n\nvar X = only.X + int(C.x)\n",
		"b/cgo.go":     "package b\n\nimport \"C\"\n\nvar X = int(C.x)\n",
		"b/pure.go":    "//go:build !cgo\n\npackage b\n\nvar X = 1\n",
		"only/only.go": "package only\n\nvar X = 1\n",
		"tag/t.go":     "//go:build special\n\npackage tag\n",
		"tag/u.go":     "package tag\n\nimport _ \"embed\"\n\n//go:embed absent\nvar s string\n",
	})
	l, got := list(t, Config{Dir: dir})
	want := "example.com/m/a: a.go\nexample.com/m/b: pure.go\nexample.com/m/only: only.go\nexample.com/m/tag: u.go\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if a := l.Find("example.com/m/a"); !a.Cgo || a.Name != "a" || len(a.Imports) != 1 {
		t.Errorf("got %+v, want a package a with cgo and one import", a)
	}
	if _, got := list(t, Config{Dir: dir, Patterns: []string{"./tag"}, Tags: []string{"special"}}); got != "example.com/m/tag: t.go u.go\n" {
		t.Errorf("with the tag: got\n%s", got)
	}
}

func TestListingOfAWorkspaceKnowsWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"go.work":   "go 1.26\n\nuse ./m\n\nuse ./n\n",
		"m/go.mod":  "module example.com/m\n\ngo 1.26\n",
		"m/m.go":    "package m\n\nimport (\n\t_ \"example.com/n\"\n\t_ \"example.com/absent\"\n)\n",
		"n/go.mod":  "module example.com/n\n\ngo 1.26\n",
		"n/n.go":    "package n\n",
		"n/n2/n.go": "package n2\n",
	})
	l, got := list(t, Config{Dir: filepath.Join(dir, "m")})
	for _, want := range []string{"example.com/m: m.go\n", "example.com/n: n.go\n", "example.com/absent:; "} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%swant %q", got, want)
		}
	}
	if !l.Find("example.com/m").Own || l.Find("example.com/n").Own || l.Find("example.com/n/n2") != nil {
		t.Errorf("got %+v, want only example.com/m as its own", l.Packages)
	}
}
