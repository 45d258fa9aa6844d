package build

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edits of the second commit, as old and new text by file.
var reachEdits = [][3]string{
	{"called/x.go", "n + 1", "n + 2"},
	{"iface/x.go", "s.side * s.side", "s.side * s.side * 3"},
	{"iface/x.go", "return l.side", "return l.side * 5"},
	{"registry/codec/x.go", "n ^ 1", "n ^ 3"},
	{"byname/x.go", "return t.n", "return t.n * 3"},
	{"printed/x.go", `"t"`, `"T"`},
	{"generic/x.go", "int(i) * 2", "int(i) + int(i) + 1"},
	{"table/x.go", "1, 2, 3", "1, 2, 4"},
	{"lookup/x.go", `"b": 2`, `"b": 3`},
	{"embedded/data.txt", "one", "two"},
	{"text/x.go", "%d", "%v"},
	{"started/x.go", "return 1", "return 2"},
	{"setup/x.go", "Size = 10", "Size = 20"},
	{"moved/x.go", "//go:noinline", "// Moved is new, and moves what follows.\nfunc Moved() string { return \"other\" }\n\n//go:noinline"},
	{"grown/x.go", "//go:noinline", "// Set is new.\nfunc (t *T) Set(n int) { t.n = n }\n\n//go:noinline"},
	{"files/testdata/in.txt", "one", "two"},
}

func (w work) edit(file, old, new string) {
	w.t.Helper()
	path := w.dir + "/" + file
	data, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	text := strings.Replace(string(data), old, new, 1)
	if text == string(data) {
		w.t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// TestBenchmarksThatReachAChangeRunAndNoOthers changes something in each package
// and expects that each BenchmarkReach is chosen and no BenchmarkOther is.
func TestBenchmarksThatReachAChangeRunAndNoOthers(t *testing.T) {
	t.Parallel()
	archive, err := os.ReadFile("testdata/reach.txtar")
	if err != nil {
		t.Fatal(err)
	}
	w := repository(t, string(archive))
	for _, e := range reachEdits {
		w.edit(e[0], e[1], e[2])
	}
	b, err := Prepare(t.Context(), Options{Dir: w.dir, Cache: t.TempDir(), Now: day})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	packages := 0
	for _, p := range b.Packages {
		if p.Err != nil {
			t.Error(p.Err)
		}
		packages++
		for _, x := range p.Benchmarks {
			if want := x.Name == "BenchmarkReach"; x.Run != want {
				t.Errorf("%s %s: run %v, want %v: %s", p.Path, x.Name, x.Run, want, x.Why)
			}
		}
	}
	if want := 17; packages != want {
		t.Errorf("%d packages, want %d", packages, want)
	}
	why := func(path, name string) string {
		i := slices.IndexFunc(b.Packages, func(p Package) bool { return p.Path == "example.com/reach/"+path })
		j := slices.IndexFunc(b.Packages[i].Benchmarks, func(x Benchmark) bool { return x.Name == name })
		return b.Packages[i].Benchmarks[j].Why
	}
	got := []string{
		why("called", "BenchmarkReach"), why("called", "BenchmarkOther"), why("iface", "BenchmarkReach"),
		why("table", "BenchmarkReach"), why("files", "BenchmarkReach"), why("same", "BenchmarkOther"),
	}
	want := []string{
		"reaches example.com/reach/called.Leaf, which differs", "no code that it reaches differs",
		"reaches example.com/reach/iface.(*Square).Area and 1 more that differ",
		"reaches example.com/reach/table.costs, which differs", "testdata differs",
		"both sides are built of the same code",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("reasons (-want +got):\n%s", d)
	}
}

func TestAllBenchmarksRunIfThatIsAskedFor(t *testing.T) {
	t.Parallel()
	archive, err := os.ReadFile("testdata/reach.txtar")
	if err != nil {
		t.Fatal(err)
	}
	w := repository(t, string(archive))
	b, err := Prepare(t.Context(), Options{Dir: w.dir, Cache: t.TempDir(), Now: day, Patterns: []string{"./same"}, All: true})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	want := []Benchmark{{Name: "BenchmarkOther", Run: true, Why: "all are asked for: no code that it reaches differs", Declared: Place{"same/x_test.go", 5}}}
	if len(b.Packages) != 1 {
		t.Fatalf("%d packages", len(b.Packages))
	}
	if d := cmp.Diff(want, b.Packages[0].Benchmarks); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestInitialisersAreNamedLast(t *testing.T) {
	t.Parallel()
	names := []string{"m/a.init<1>", "m/a.init.0<1>", "m/a.initial<1>", "m/a.work<1>"}
	var sides [2]map[string]string
	for i := range sides {
		sides[i] = map[string]string{}
		for _, name := range names {
			sides[i][name] = strconv.Itoa(i)
		}
	}
	got := (&code{}).changes(sides)
	if want := []string{"m/a.initial", "m/a.work", "m/a.init.0", "m/a.init"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
