package facts

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/tools/go/packages"
	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/source"
)

// spy extracts of each package the type of each thing that it uses, constants
// with their values, and remembers which packages it was asked for.
type spy struct {
	mu  sync.Mutex
	saw []string
}

func (s *spy) extract(_ context.Context, prog *source.Program, pkg *packages.Package, own func(string) bool) (*Package, error) {
	s.mu.Lock()
	s.saw = append(s.saw, strings.TrimPrefix(pkg.PkgPath, "example.com/m/"))
	s.mu.Unlock()
	p := &Package{Path: pkg.PkgPath, Name: pkg.Name}
	for _, f := range pkg.Syntax {
		at := prog.Fset.File(f.FileStart)
		p.Files = append(p.Files, File{Name: prog.Rel(at.Name()), Lines: at.LineCount()})
	}
	count := map[string]int{}
	for _, o := range pkg.TypesInfo.Uses {
		text := types.ObjectString(o, nil)
		if c, ok := o.(*types.Const); ok {
			text += " " + c.Val().ExactString()
		}
		if o.Pkg() != nil && own(o.Pkg().Path()) {
			text += " own"
		}
		count[text]++
	}
	for _, text := range slices.Sorted(maps.Keys(count)) {
		p.Decls = append(p.Decls, Decl{Name: text, Line: count[text]})
	}
	return p, nil
}

func (s *spy) fresh() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.saw)
	return strings.Join(s.saw, " ")
}

func cacheIn(dir string) *cache { return &cache{dir: dir, now: time.Now()} }

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// chain is a module in which c uses b, b uses a, and d is alone.
func chain(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":   "module example.com/m\n\ngo 1.26\n",
		"a/a.go":   "package a\n\nconst Size = 1\n\ntype T struct{ N int }\n\nfunc F() int { return Size }\n",
		"b/b.go":   "package b\n\nimport \"example.com/m/a\"\n\ntype U struct{ a.T }\n\nfunc G() int { return a.F() + a.Size }\n",
		"c/c.go":   "package c\n\nimport \"example.com/m/b\"\n\nvar X = int(b.G()) + b.U{}.N\n",
		"d/d.go":   "package d\n\nimport (\n\t_ \"embed\"\n\t\"strings\"\n)\n\n//go:embed q.sql\nvar Q string\n\nvar Y = strings.ToUpper(Q)\n",
		"d/q.sql":  "select 1",
		"e/doc.go": "package e\n",
	} {
		write(t, dir, name, text)
	}
	return dir
}

func loadSpied(t *testing.T, cfg Config, c *cache) (*Program, string) {
	t.Helper()
	var s spy
	p, err := load(t.Context(), cfg, c, "", s.extract)
	if err != nil {
		t.Fatal(err)
	}
	return p, s.fresh()
}

func TestAnEditReadsAgainWhatItCanChange(t *testing.T) {
	t.Parallel()
	dir, kept := chain(t), t.TempDir()
	const everything = "a b c d e"
	for _, step := range []struct{ name, file, text, want string }{
		{"first run", "", "", everything},
		{"nothing", "", "", ""},
		{"body", "a/a.go", "package a\n\nconst Size = 1\n\ntype T struct{ N int }\n\nfunc F() int { return Size + 1 }\n", "a"},
		{"comment, and a function that others can't see", "a/a.go",
			"package a\n\n// Size is.\nconst Size = 1\n\ntype T struct{ N int }\n\nfunc F() int { return f() }\n\nfunc f() int { return 1 }\n", "a"},
		{"exported constant", "a/a.go", "package a\n\nconst Size = 2\n\ntype T struct{ N int }\n\nfunc F() int { return Size }\n", "a b c"},
		{"exported function that only the next one sees", "b/b.go",
			"package b\n\nimport \"example.com/m/a\"\n\ntype U struct{ a.T }\n\nfunc G() int64 { return int64(a.F()) }\n", "b c"},
		{"import", "e/doc.go", "package e\n\nimport _ \"example.com/m/a\"\n", "e"},
		{"new package", "f/f.go", "package f\n", "f"},
		{"new file", "e/more.go", "package e\n\nvar Z = 1\n", "e"},
		{"test file", "e/e_test.go", "package e\n\nvar T = 1\n", ""},
		{"embedded query", "d/q.sql", "select 2", "d"},
		{"query in test data", "d/testdata/q.sql", "select 3", "d"},
		{"package in test data", "d/testdata/p/p.go", "package p", ""},
		{"query that nobody embeds", "e/q.sql", "select 2", ""},
		{"language version", "go.mod", "module example.com/m\n\ngo 1.25\n", everything + " f"},
		{"deleted package", "f/f.go", "", ""},
	} {
		if step.text != "" {
			write(t, dir, step.file, step.text)
		} else if step.file != "" {
			if err := os.Remove(filepath.Join(dir, step.file)); err != nil {
				t.Fatal(err)
			}
		}
		got, fresh := loadSpied(t, Config{Dir: dir}, cacheIn(kept))
		if fresh != step.want {
			t.Errorf("%s: got %q read, want %q", step.name, fresh, step.want)
		}
		if n := len(strings.Fields(fresh)); got.Loaded.Fresh != n || got.Loaded.Cached != len(got.Packages)-n {
			t.Errorf("%s: got %+v of %d packages, want %d fresh", step.name, got.Loaded, len(got.Packages), n)
		}
		same(t, step.name, dir, got)
	}
}

// same compares a load with one that knows no cache.
func same(t *testing.T, name, dir string, got *Program) {
	t.Helper()
	want, _ := loadSpied(t, Config{Dir: dir}, nil)
	got.Loaded, want.Loaded = Loaded{}, Loaded{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: without the cache (-) and with it (+):\n%s", name, diff)
	}
}

// This module, with all that it depends on, has the same facts from interfaces,
// from the cache, and from a program loaded in full.
func TestFactsDoNotDependOnHowTheyAreLoaded(t *testing.T) {
	t.Parallel()
	patterns, kept := []string{"../../source", "../../layoutfile"}, t.TempDir()
	prog, err := source.Load(t.Context(), source.Config{Patterns: patterns})
	if err != nil {
		t.Fatal(err)
	}
	want, err := FromSource(t.Context(), prog)
	if err != nil {
		t.Fatal(err)
	}
	for _, fresh := range []int{2, 0} {
		got, err := Load(t.Context(), Config{Patterns: patterns, Cache: kept})
		if err != nil {
			t.Fatal(err)
		}
		if got.Loaded.Fresh != fresh {
			t.Errorf("got %+v, want %d fresh", got.Loaded, fresh)
		}
		want.Loaded = got.Loaded
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("in full (-) and from interfaces (+):\n%s", diff)
		}
	}
}

func TestTagsAndEnvironmentsAreKeptApart(t *testing.T) {
	t.Parallel()
	dir, kept := chain(t), t.TempDir()
	write(t, dir, "e/x.go", "//go:build special\n\npackage e\n\nvar Special = 1\n")
	write(t, dir, "e/y_plan9.go", "package e\n\nvar Plan9 = 1\n")
	for _, step := range []struct {
		cfg   Config
		files int
		fresh string
	}{
		{Config{}, 1, "a b c d e"},
		{Config{Tags: []string{"special"}}, 2, "a b c d e"},
		{Config{Env: []string{"GOOS=plan9"}}, 2, "a b c d e"},
		{Config{}, 1, ""},
		{Config{Patterns: []string{"./e"}}, 1, ""},
	} {
		step.cfg.Dir = dir
		p, fresh := loadSpied(t, step.cfg, cacheIn(kept))
		if e := p.Packages[len(p.Packages)-1]; fresh != step.fresh || len(e.Files) != step.files {
			t.Errorf("%v: got %q read and files %v, want %q and %d files", step.cfg, fresh, e.Files, step.fresh, step.files)
		}
	}
}

func TestAnImportedModuleBesideThisOneIsLookedAt(t *testing.T) {
	t.Parallel()
	dir, kept := t.TempDir(), t.TempDir()
	write(t, dir, "m/go.mod", "module example.com/m\n\ngo 1.26\n\nrequire example.com/n v0.0.0\n\nreplace example.com/n => ../n\n")
	write(t, dir, "m/a/a.go", "package a\n\nimport \"example.com/n\"\n\nvar X = n.F()\n")
	write(t, dir, "n/go.mod", "module example.com/n\n\ngo 1.26\n")
	for _, step := range []struct{ text, want string }{
		{"package n\n\nfunc F() int { return 1 }\n", "a"},
		{"package n\n\nfunc F() int { return 2 }\n", ""},
		{"package n\n\nfunc F() string { return \"\" }\n", "a"},
	} {
		write(t, dir, "n/n.go", step.text)
		p, fresh := loadSpied(t, Config{Dir: filepath.Join(dir, "m")}, cacheIn(kept))
		if fresh != step.want {
			t.Errorf("%q: got %q read, want %q", step.text, fresh, step.want)
		}
		if _, ok := p.Foreign["example.com/n"]; !ok || len(p.Packages) != 1 {
			t.Errorf("got packages %d and foreign %v, want example.com/n among the foreign", len(p.Packages), p.Foreign)
		}
	}
}

func TestVendoredPackagesAreLookedAt(t *testing.T) {
	t.Parallel()
	dir, kept := t.TempDir(), t.TempDir()
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26\n\nrequire example.com/n v1.0.0\n")
	write(t, dir, "vendor/modules.txt", "# example.com/n v1.0.0\n## explicit; go 1.26\nexample.com/n\n")
	write(t, dir, "a/a.go", "package a\n\nimport \"example.com/n\"\n\nvar X = n.F()\n")
	write(t, dir, "b/b.go", "package b\n")
	for _, step := range []struct{ text, want string }{
		{"package n\n\nfunc F() int { return 1 }\n", "a b"},
		{"package n\n\nimport \"os\"\n\nfunc F() int { return os.Getpid() }\n", ""},
		{"package n\n\nfunc F() string { return \"\" }\n", "a"},
	} {
		write(t, dir, "vendor/example.com/n/n.go", step.text)
		p, fresh := loadSpied(t, Config{Dir: dir}, cacheIn(kept))
		if fresh != step.want {
			t.Errorf("%q: got %q read, want %q", step.text, fresh, step.want)
		}
		if _, ok := p.Foreign["example.com/n"]; !ok {
			t.Errorf("got foreign %v, want example.com/n among them", p.Foreign)
		}
	}
}

// A second load of the same files does not ask the go command for packages, and
// one after an edit of imports does.
func TestAListingIsKept(t *testing.T) {
	t.Parallel()
	dir, kept := chain(t), t.TempDir()
	for _, step := range []struct {
		text string
		want bool
	}{{"", true}, {"", false}, {"package e\n\nvar X = 1\n", false}, {"package e\n\nimport _ \"os\"\n", true}, {"", false}} {
		if step.text != "" {
			write(t, dir, "e/doc.go", step.text)
		}
		listed := false
		loadSpied(t, Config{Dir: dir, Progress: func(s string) { listed = listed || s == "listing example.com/m" }}, cacheIn(kept))
		if listed != step.want {
			t.Errorf("%q: got listed %v, want %v", step.text, listed, step.want)
		}
	}
}

func TestACancelledLoadEnds(t *testing.T) {
	t.Parallel()
	dir, kept := chain(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var s spy
	_, err := load(ctx, Config{Dir: dir}, cacheIn(kept), "", func(c context.Context, prog *source.Program, pkg *packages.Package, own func(string) bool) (*Package, error) {
		defer cancel()
		return s.extract(c, prog, pkg, own)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	got, _ := loadSpied(t, Config{Dir: dir}, cacheIn(kept))
	same(t, "after a cancelled load", dir, got)
}

func TestADeletedCacheIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir, kept := chain(t), filepath.Join(t.TempDir(), "deep", "down")
	loadSpied(t, Config{Dir: dir}, cacheIn(kept))
	if err := os.RemoveAll(kept); err != nil {
		t.Fatal(err)
	}
	if _, fresh := loadSpied(t, Config{Dir: dir}, cacheIn(kept)); fresh != "a b c d e" {
		t.Errorf("after deletion: got %q read", fresh)
	}
	if _, fresh := loadSpied(t, Config{Dir: dir}, cacheIn(kept)); fresh != "" {
		t.Errorf("after that: got %q read", fresh)
	}
}

func TestBrokenEntriesAreReadAgain(t *testing.T) {
	t.Parallel()
	dir, kept := chain(t), t.TempDir()
	loadSpied(t, Config{Dir: dir}, cacheIn(kept))
	entries, err := filepath.Glob(filepath.Join(kept, "*"))
	if err != nil || len(entries) < 10 {
		t.Fatalf("got entries %v, %v", entries, err)
	}
	for i, name := range entries {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			data = data[:len(data)*i/len(entries)]
		} else {
			data[len(data)-1-i%40] ^= 4
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, fresh := loadSpied(t, Config{Dir: dir}, cacheIn(kept))
	if fresh != "a b c d e" {
		t.Errorf("got %q read, want all", fresh)
	}
	same(t, "mended", dir, got)
	if _, fresh := loadSpied(t, Config{Dir: dir}, cacheIn(kept)); fresh != "" {
		t.Errorf("after that: got %q read, want nothing", fresh)
	}
}

func TestLoadsAtOnceShareACache(t *testing.T) {
	t.Parallel()
	dir, kept := chain(t), t.TempDir()
	const runs = 4
	programs, errs := make([]*Program, runs), make([]error, runs)
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() {
			var s spy
			programs[i], errs[i] = load(t.Context(), Config{Dir: dir}, cacheIn(kept), "", s.extract)
		})
	}
	wg.Wait()
	for i, p := range programs {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		same(t, fmt.Sprint("run ", i), dir, p)
	}
	if _, fresh := loadSpied(t, Config{Dir: dir}, cacheIn(kept)); fresh != "" {
		t.Errorf("after them: got %q read, want nothing", fresh)
	}
}

// TestKilledLoad is the process that TestAKilledLoadLeavesNoBrokenCache starts:
// it kills itself at one step of its writes.
func TestKilledLoad(t *testing.T) {
	t.Parallel()
	step, dir, kept := os.Getenv("HEMILITH_TEST_STEP"), os.Getenv("HEMILITH_TEST_DIR"), os.Getenv("HEMILITH_TEST_CACHE")
	if step == "" {
		return // not started by that test
	}
	count, err := strconv.Atoi(os.Getenv("HEMILITH_TEST_COUNT"))
	if err != nil {
		t.Fatal(err)
	}
	c := cacheIn(kept)
	var mu sync.Mutex
	seen := 0
	c.step = func(name string) {
		mu.Lock()
		defer mu.Unlock()
		if name == step {
			seen++
		}
		if seen == count {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			fmt.Fprintln(os.Stderr, "still alive:", err)
			select {}
		}
	}
	loadSpied(t, Config{Dir: dir}, c)
}

func TestAKilledLoadLeavesNoBrokenCache(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := chain(t)
	for _, step := range []string{"created", "begun", "written", "renamed"} {
		kept := t.TempDir()
		for n := range 3 { // a write further each time
			cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestKilledLoad$")
			cmd.Env = append(os.Environ(), "HEMILITH_TEST_STEP="+step, fmt.Sprint("HEMILITH_TEST_COUNT=", 1+4*n), "HEMILITH_TEST_DIR="+dir, "HEMILITH_TEST_CACHE="+kept)
			if out, err := cmd.CombinedOutput(); err == nil {
				t.Fatalf("%s: the process lived on: %s", step, out)
			}
		}
		got, _ := loadSpied(t, Config{Dir: dir}, cacheIn(kept))
		same(t, "killed when it had "+step, dir, got)
		if _, fresh := loadSpied(t, Config{Dir: dir}, cacheIn(kept)); fresh != "" {
			t.Errorf("%s: after that: got %q read, want nothing", step, fresh)
		}
	}
}

func TestACacheThatCantBeWrittenIsNoted(t *testing.T) {
	t.Parallel()
	dir := chain(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(file, "below")
	p, fresh := loadSpied(t, Config{Dir: dir}, cacheIn(kept))
	if fresh != "a b c d e" || len(p.Notes) != 1 ||
		!strings.HasPrefix(p.Notes[0], "the cache in "+kept+" can't be written, so the next run is as slow as this one: ") {
		t.Errorf("got %q read and notes %q", fresh, p.Notes)
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	good := map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n"}
	for i := range 11 {
		good[fmt.Sprintf("p%d/p.go", i)] = fmt.Sprintf("package p%d\n", i)
	}
	with := func(more map[string]string) map[string]string {
		all := maps.Clone(good)
		maps.Copy(all, more)
		return all
	}
	for _, tt := range []struct {
		name  string
		files map[string]string
		notes []string
		err   string
	}{
		{name: "no packages", files: map[string]string{"go.mod": "module example.com/m\n"},
			err: "no Go packages in $DIR match\n  next: hemilith seam ./...  in a directory with Go files"},
		{name: "no module", files: map[string]string{"a.go": "package a\n"}, err: "$DIR is in no module: run this where go.mod is"},
		{name: "too much", files: map[string]string{"go.mod": "module example.com/m\n", "a/a.go": "package a\n\nvar x = y\n", "b/b.go": "package b\n"},
			err: "1 of 2 packages of example.com/m do not type-check:\n  example.com/m/a: a/a.go:3:9: undefined: y\n" +
				"  next: go build ./...  (run first what generates code, if anything does)"},
		{name: "too much that is generated", files: map[string]string{"go.mod": "module example.com/m\n",
			"a/a.go": "package a\n\nimport \"example.com/m/gen\"\n\nvar x = gen.X\n", "b/b.go": "package b\n\n//go:generate go run ./make -out ../gen\n"},
			err: "1 of 2 packages of example.com/m do not type-check:\n  example.com/m/a: a/a.go:3:8: could not import example.com/m/gen (no required module provides package example.com/m/gen; to add it:\n\tgo get example.com/m/gen)\n" +
				"  next: go generate ./...  (b/b.go:3: go run ./make -out ../gen)"},
		{name: "a little", files: with(map[string]string{"p3/bad.go": "package p3\n\n//go:generate stringer -type T\n\nvar x = missing\n"}),
			notes: []string{"does not type-check, analysed as far as it goes: example.com/m/p3: p3/bad.go:5:9: undefined: missing",
				"a generate step may be missing: p3/bad.go:3: stringer -type T"}},
		{name: "packages in a circle", files: with(map[string]string{"p1/p.go": "package p1\n\nimport \"example.com/m/p2\"\n\ntype T p2.T\n",
			"p2/p.go": "package p2\n\nimport \"example.com/m/p1\"\n\ntype T p1.T\n"}),
			notes: []string{"does not type-check, analysed as far as it goes: example.com/m/p1: import cycle not allowed: import stack: [example.com/m/p1 example.com/m/p2 example.com/m/p1]"}},
		{name: "an embedded file", files: with(map[string]string{"p3/e.go": "package p3\n\nimport _ \"embed\"\n\n//go:embed absent\nvar s string\n"})},
		{name: "cgo", files: with(map[string]string{"p3/c.go": "package p3\n\n// int x;\nimport \"C\"\n\nvar X = int(C.x)\n", "q/q.go": "package q\n\nimport \"C\"\n\nvar Y = C.y\n"}),
			notes: []string{"cgo is not run; what C declares is unknown in example.com/m/p3, example.com/m/q"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range tt.files {
				write(t, dir, name, text)
			}
			for range 2 { // from the files, and from the cache
				var s spy
				p, err := load(t.Context(), Config{Dir: dir}, cacheIn(dir+".cache"), "", s.extract)
				got := ""
				if err != nil {
					got, p = strings.ReplaceAll(err.Error(), dir, "$DIR"), &Program{}
				}
				if got != tt.err || !slices.Equal(p.Notes, tt.notes) {
					t.Errorf("got error\n%s\nand notes\n%s\nwant\n%s\nand\n%s", got, strings.Join(p.Notes, "\n"), tt.err, strings.Join(tt.notes, "\n"))
				}
			}
		})
	}
}

// A repository of gigabytes costs nothing but what is Go, and that has a bound.
func TestLargeRepositories(t *testing.T) {
	t.Parallel()
	dir := chain(t)
	size := func(name string, bytes int64) {
		f, err := os.Create(filepath.Join(dir, name))
		if err == nil {
			err = errors.Join(f.Truncate(bytes), f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	size("d/data.bin", 3<<30) // these are holes, and take no room
	size("d/dump.sql", 3<<30)
	if p, _ := loadSpied(t, Config{Dir: dir}, nil); len(p.Packages) != 5 {
		t.Errorf("got %d packages, want 5", len(p.Packages))
	}
	size("e/large.go", maxSourceBytes)
	_, err := load(t.Context(), Config{Dir: dir}, nil, "", new(spy).extract)
	want := dir + " and what it uses beside it has more Go source than the 1024 MiB that are read\n  next: hemilith seam ./cmd/...  or another part of it"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// edit is one random change of a small module.
type edit struct{ file, text string }

func edits() *rapid.Generator[edit] {
	return rapid.Custom(func(t *rapid.T) edit {
		pkg := rapid.IntRange(0, 4).Draw(t, "package")
		var b strings.Builder
		fmt.Fprintf(&b, "package p%d\n\n", pkg)
		uses := "1"
		for dep := range pkg { // lower ones only, so there is no cycle
			if rapid.Bool().Draw(t, "imports") {
				fmt.Fprintf(&b, "import p%d \"example.com/m/p%d\"\n", dep, dep)
				uses += fmt.Sprintf(" + p%d.F() + p%d.C", dep, dep)
			}
		}
		n := rapid.IntRange(0, 3).Draw(t, "constant")
		types := rapid.SampledFrom([]string{"int", "int", "int64"}).Draw(t, "type")
		fmt.Fprintf(&b, "\nconst C = %d\n\ntype T struct{ %s }\n\n", n, rapid.SampledFrom([]string{"", "x int", "x t"}).Draw(t, "field"))
		fmt.Fprintf(&b, "type t %s\n\nfunc F() int {\n\tvar x %s = C\n\treturn int(x) + %s\n}\n", types, types, uses)
		if rapid.IntRange(0, 9).Draw(t, "broken") == 0 {
			b.WriteString("\nvar broken = absent\n")
		}
		name := rapid.SampledFrom([]string{"p.go", "p.go", "p.go", "p_other.go"}).Draw(t, "file")
		if name != "p.go" && rapid.Bool().Draw(t, "gone") {
			return edit{fmt.Sprintf("p%d/%s", pkg, name), ""}
		}
		if name != "p.go" {
			return edit{fmt.Sprintf("p%d/%s", pkg, name), fmt.Sprintf("package p%d\n\nvar V = T{}\n\nfunc (T) M() int { return %d }\n", pkg, n)}
		}
		return edit{fmt.Sprintf("p%d/%s", pkg, name), b.String()}
	})
}

// The cache changes nothing but the time: whatever was edited, a load with the
// cache of all runs before is the same as one without.
func TestLoadsWithAndWithoutCacheAreTheSame(t *testing.T) {
	t.Parallel()
	const runs = 12
	dir, kept := t.TempDir(), t.TempDir()
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26\n")
	for i := range 30 { // enough that a broken few are let pass
		write(t, dir, fmt.Sprintf("q%d/q.go", i), fmt.Sprintf("package q%d\n", i))
	}
	for i := range 5 {
		write(t, dir, fmt.Sprintf("p%d/p.go", i), fmt.Sprintf("package p%d\n\nconst C = 1\n\ntype T struct{}\n\nfunc F() int { return 1 }\n", i))
	}
	all := rapid.SliceOfN(edits(), 1, 3)
	for seed := range runs {
		for _, e := range all.Example(seed) {
			if e.text == "" {
				_ = os.Remove(filepath.Join(dir, e.file)) // it may never have been there
			} else {
				write(t, dir, e.file, e.text)
			}
		}
		var s spy
		got, errGot := load(t.Context(), Config{Dir: dir}, cacheIn(kept), "", s.extract)
		want, errWant := load(t.Context(), Config{Dir: dir}, nil, "", s.extract)
		if fmt.Sprint(errGot) != fmt.Sprint(errWant) {
			t.Fatalf("seed %d: with the cache %v, without %v", seed, errGot, errWant)
		}
		if errGot != nil {
			continue
		}
		got.Loaded, want.Loaded = Loaded{}, Loaded{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: without the cache (-) and with it (+):\n%s", seed, diff)
		}
	}
}
