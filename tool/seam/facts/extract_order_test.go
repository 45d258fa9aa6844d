package facts

import (
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/packages"
	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/source"
)

// TestFactsDoNotDependOnOrder loads a program again and again, by its packages
// in any order and number, and compares the facts of each package with those of
// the whole.
func TestFactsDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	dir := layOut(t, filepath.Join("testdata", "flows.txtar"))
	patterns := []string{"./...", "./store", "."}
	load := func(patterns []string) *Program {
		prog, err := source.Load(t.Context(), source.Config{Dir: dir, Patterns: patterns})
		if err != nil {
			t.Fatal(err)
		}
		p, err := FromSource(t.Context(), prog)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	whole := map[string]*Package{}
	for _, pkg := range load(nil).Packages {
		whole[pkg.Path] = pkg
	}
	tried := map[string]bool{} // there are few ways, and loading takes a while
	rapid.Check(t, func(rt *rapid.T) {
		chosen := rapid.Permutation(patterns).Draw(rt, "patterns")
		chosen = chosen[:rapid.IntRange(1, len(patterns)).Draw(rt, "number")]
		key := fmt.Sprint(chosen)
		if tried[key] {
			return
		}
		tried[key] = true
		for _, pkg := range load(chosen).Packages {
			if diff := cmp.Diff(whole[pkg.Path], pkg); diff != "" {
				rt.Fatalf("facts of %s, loaded with %v, differ from those of the whole (-want +got):\n%s", pkg.Path, chosen, diff)
			}
		}
	})
}

// TestExtractTwiceIsTheSame looks for what a map's order leaks.
func TestExtractTwiceIsTheSame(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"entries", "tx"} {
		prog := loadArchive(t, filepath.Join("testdata", name+".txtar"))
		first, err := FromSource(t.Context(), prog)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			again, err := FromSource(t.Context(), prog)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(first, again); diff != "" {
				t.Fatalf("%s: facts differ from run to run (-first +again):\n%s", name, diff)
			}
		}
	}
}

// TestTypesThatLeadBack compares what typeMemo remembers with a plain search of
// all that a type leads to, in programs of types that refer to each other.
func TestTypesThatLeadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(rt, "types")
		pkg := types.NewPackage("example.com/p", "p")
		all := make([]*types.Named, n)
		for i := range all {
			all[i] = types.NewNamed(types.NewTypeName(token.NoPos, pkg, fmt.Sprint("T", i), nil), nil, nil)
		}
		next, state := make([][]int, n), make([]bool, n)
		for i, named := range all {
			next[i] = rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 3).Draw(rt, fmt.Sprint("next", i))
			state[i] = rapid.Bool().Draw(rt, fmt.Sprint("state", i))
			var fields []*types.Var
			for k, j := range next[i] {
				fields = append(fields, types.NewField(token.NoPos, pkg, fmt.Sprint("f", k), types.NewPointer(all[j]), false))
			}
			if state[i] {
				fields = append(fields, types.NewField(token.NoPos, pkg, "c", types.NewChan(types.SendRecv, types.Typ[types.Int]), false))
			}
			named.SetUnderlying(types.NewStruct(fields, nil))
		}
		s := newStateTypes(func(string) bool { return true })
		w := &wireTypes{db: newDatabases(func(string) bool { return true }), memo: newTypeMemo[verdict]()}
		for _, i := range rapid.Permutation(numbers(n)).Draw(rt, "asked") {
			want := reaches(next, state, i)
			if got := s.holds(all[i]); got != want {
				rt.Fatalf("T%d: got holds %v, want %v; next %v, state %v", i, got, want, next, state)
			}
			if v, _ := w.travels(all[i]); (v.class != "") != want {
				rt.Fatalf("T%d: got %+v, want something in the way: %v; next %v, state %v", i, v, want, next, state)
			}
		}
	})
}

func numbers(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func reaches(next [][]int, state []bool, from int) bool {
	seen := map[int]bool{}
	queue := []int{from}
	for len(queue) > 0 { // each enters once for each field that leads to it
		i := queue[0]
		queue = queue[1:]
		if seen[i] {
			continue
		}
		seen[i] = true
		if state[i] {
			return true
		}
		queue = append(queue, next[i]...)
	}
	return false
}

// TestBrokenPackageHasFacts: what does not type-check is extracted as far as it
// goes, and named.
func TestBrokenPackageHasFacts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/broken\n\ngo 1.24\n")
	write(t, dir, "a.go", `package broken

import "example.com/broken/missing"

type T struct{ m missing.M; Unknown }

func (t *T) ok() { t.ok(); t.m.Do(); nothing(t) }

func (Unknown) method() {}

func bad() { for range undefined { select {} } ; return 1 }

var x, y = undefined()
`)
	prog, err := source.Load(t.Context(), source.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	p, err := FromSource(t.Context(), prog)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Broken) != 1 || len(p.Notes) != 1 {
		t.Errorf("got broken %q and notes %q, want one of each", p.Broken, p.Notes)
	}
	var pkg *packages.Package
	for _, own := range prog.Packages {
		pkg = own
	}
	got, err := Extract(t.Context(), prog, pkg, func(path string) bool { return path == "example.com/broken" })
	if err != nil {
		t.Fatal(err)
	}
	names := ""
	for _, d := range got.Decls {
		names += d.Name + " "
	}
	if want := "T T.ok Unknown.method bad x y "; names != want {
		t.Errorf("got declarations %q, want %q", names, want)
	}
}
