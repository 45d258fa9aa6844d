package source

import (
	"context"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write lays out files, by path, in a fresh directory.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t *testing.T, cfg Config) *Program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p, err := Load(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLoadChecksTheModuleInFull(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"go.mod":      "module example.com/m\n\ngo 1.26\n",
		"main.go":     "package main\n\nimport \"example.com/m/a\"\n\nfunc main() { a.F() }\n",
		"a/a.go":      "package a\n\nimport \"net/http\"\n\nvar C http.Client\n\nfunc F() { G() }\n\nfunc G() {}\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) { F() }\n",
	})
	p := load(t, Config{Dir: dir})
	if err := p.Fail(); err != nil {
		t.Fatal(err)
	}
	if got := len(p.Packages); got != 2 || p.Module != "example.com/m" {
		t.Fatalf("got %d packages of %q, want 2 of example.com/m", got, p.Module)
	}
	a := p.All["example.com/m/a"]
	var uses []string
	for _, o := range a.TypesInfo.Uses {
		if f, ok := o.(*types.Func); ok {
			uses = append(uses, f.Name()+" "+p.Position(f.Pos()))
		}
	}
	if want := "G a/a.go:9"; strings.Join(uses, ",") != want {
		t.Errorf("functions used in a: got %v, want %v", uses, want)
	}
	if http := p.All["net/http"]; http.Types.Scope().Lookup("Client") == nil || http.Syntax != nil {
		t.Errorf("net/http: got Client %v and %d files kept, want a type and no files", http.Types, len(http.Syntax))
	}
}

func TestLoadTestsAsVariants(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"go.mod":    "module example.com/m\n\ngo 1.26\n",
		"a.go":      "package m\n",
		"a_test.go": "package m\n\nimport \"testing\"\n\nfunc TestF(t *testing.T) {}\n",
	})
	p := load(t, Config{Dir: dir, Tests: true})
	var ids []string
	for _, pkg := range p.Packages {
		ids = append(ids, pkg.ID)
	}
	if got, want := strings.Join(ids, ","), "example.com/m,example.com/m [example.com/m.test]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLoadReportsErrorsWithPositions(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"go.mod":   "module example.com/m\n\ngo 1.26\n",
		"a/a.go":   "package a\n\nvar X int = \"s\"\n",
		"b/b.go":   "package b\n\nimport _ \"example.com/absent\"\n",
		"c/c.go":   "package c\n\nfunc (\n",
		"d/d.go":   "package d\n\nimport _ \"embed\"\n\n//go:embed absent.css\nvar css string\n",
		"e/bad.go": "package e\n\nvar Y int = \"s\"\n",
	})
	p := load(t, Config{Dir: dir, Skip: func(f string) bool { return filepath.Base(f) == "bad.go" }})
	var got strings.Builder
	for _, e := range p.Errors {
		got.WriteString(e.Error() + "\n")
	}
	for _, want := range []string{"a/a.go:3:13: cannot use \"s\"", "b/b.go:3:10: could not import example.com/absent (no required module", "c/c.go:3"} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("got errors\n%swant one with %q", got.String(), want)
		}
	}
	for _, not := range []string{"d/d.go", "bad.go"} {
		if strings.Contains(got.String(), not) {
			t.Errorf("got errors\n%swant none of %s", got.String(), not)
		}
	}
}

func TestLoadAModuleOfTheModuleCache(t *testing.T) {
	t.Parallel()
	tool := load(t, Config{Patterns: []string{"."}})
	mod := tool.All["golang.org/x/tools/go/packages"].Module
	p := load(t, Config{Dir: mod.Dir, Patterns: []string{"./go/packages"}})
	if err := p.Fail(); err != nil {
		t.Fatal(err)
	}
	if p.Module != "golang.org/x/tools" || p.Packages[0].Types.Scope().Lookup("Load") == nil {
		t.Errorf("got module %q without packages.Load", p.Module)
	}
}

func TestLoadWithoutAModule(t *testing.T) {
	t.Parallel()
	_, err := Load(t.Context(), Config{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "is in no module: run this where go.mod is") {
		t.Errorf("got %v, want that there is no module", err)
	}
}
