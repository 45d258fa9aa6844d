package gen

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/hemilith/hemilith/layout"
	"github.com/hemilith/hemilith/tool/source"
)

var update = flag.Bool("update", false, "rewrite what the cases of testdata want")

// shopLayout is what the cases compile in.
var shopLayout = layout.Layout{
	Version: layout.Version, Module: "example.com/shop",
	Services:   []layout.Service{{Name: "back", Components: []string{"stock"}}, {Name: "front", Roles: []string{"web"}}},
	Boundaries: []layout.Boundary{{Component: "stock", TimeoutMillis: 2000}},
}

// unpack writes the files of a case below in/ to a fresh directory, with a
// workspace that has the runtime, and returns it.
func unpack(t *testing.T, ar *txtar.Archive) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	work := "go 1.26.0\n\nuse (\n\t.\n\t" + root + "\n)\n\nreplace github.com/hemilith/hemilith v0.0.0 => " + root + "\n"
	files := append([]txtar.File{{Name: "in/go.work", Data: []byte(work)}}, ar.Files...)
	for _, f := range files {
		name, ok := strings.CutPrefix(f.Name, "in/")
		if !ok {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func load(t *testing.T, dir string) *source.Program {
	t.Helper()
	p, err := source.Load(t.Context(), source.Config{Dir: dir, Skip: Skip, Env: []string{"GOWORK=" + filepath.Join(dir, "go.work"), "GOFLAGS="}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// goRun runs the go command in dir, within its workspace.
func goRun(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"), "GOFLAGS=", "GOPROXY=off", "PWD="+dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestCases generates for each case of testdata and compares with its want/
// files: the generated ones, or refused.txt.
func TestCases(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := unpack(t, ar)
			got := generated(t, dir)
			if *update {
				rewrite(t, file, ar, got)
				return
			}
			want := map[string]string{}
			for _, f := range ar.Files {
				if name, ok := strings.CutPrefix(f.Name, "want/"); ok {
					want[name] = string(f.Data)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got; go test -update rewrites):\n%s", file, diff)
			}
			if _, refused := got["refused.txt"]; refused {
				return
			}
			if out, err := goRun(t, dir, "vet", "./..."); err != nil {
				t.Errorf("what was generated does not pass vet: %v\n%s", err, out)
			}
		})
	}
}

// generated generates in dir, writes what it got, and returns it by path.
func generated(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	r, err := Generate(load(t, dir), Options{Layout: shopLayout})
	if err != nil {
		got["refused.txt"] = err.Error() + "\n"
		return got
	}
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	if stale := r.Check(); len(stale) > 0 {
		t.Errorf("stale after Write: %v", stale)
	}
	for _, f := range r.Files {
		if !f.empty() {
			rel, _ := filepath.Rel(dir, f.Path)
			got[filepath.ToSlash(rel)] = string(f.Content)
		}
	}
	return got
}

func rewrite(t *testing.T, file string, ar *txtar.Archive, got map[string]string) {
	t.Helper()
	var kept []txtar.File
	for _, f := range ar.Files {
		if !strings.HasPrefix(f.Name, "want/") {
			kept = append(kept, f)
		}
	}
	ar.Files = kept
	for _, name := range sortedKeys(got) {
		ar.Files = append(ar.Files, txtar.File{Name: "want/" + name, Data: []byte(got[name])})
	}
	if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, txtar.Format(ar)) {
		return
	}
	if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
		t.Fatal(err)
	}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
