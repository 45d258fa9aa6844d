package build

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/hemilith/hemilith/tool/perf/gitenv"
)

var day = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// work is a git repository that a test writes.
type work struct {
	t   *testing.T
	dir string
}

func repository(t *testing.T, archive string) work {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := work{t, filepath.Join(dir, "repo")}
	if err := os.Mkdir(w.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w.git("init", "-q", "-b", "main")
	w.write(archive)
	w.commit("first")
	return w
}

func (w work) write(archive string) {
	w.t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(w.dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w work) git(args ...string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), "git", append([]string{"-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = w.dir
	cmd.Env = append(gitenv.Get(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_AUTHOR_DATE=2026-05-01T12:00:00Z", "GIT_COMMITTER_DATE=2026-05-01T12:00:00Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (w work) commit(message string) string {
	w.t.Helper()
	w.git("add", "-A")
	w.git("commit", "-q", "-m", message)
	return w.git("rev-parse", "HEAD")
}

// sum digests every file of the repository, those of .git included.
func (w work) sum() string {
	w.t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		changed := info.ModTime()
		if strings.Contains(path, "/objects/") {
			changed = day // git may note that an object is still in use
		}
		fmt.Fprintf(&all, "%s %s %x\n", path, changed, sha256.Sum256(data))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all.String()
}

// prepare prepares with a cache of the test's own and closes at its end.
func (w work) prepare(o Options) (*Build, error) {
	w.t.Helper()
	if o.Dir == "" {
		o.Dir = w.dir
	}
	if o.Cache == "" {
		o.Cache = w.t.TempDir()
	}
	o.Now = day
	b, err := Prepare(w.t.Context(), o)
	if err == nil {
		w.t.Cleanup(func() {
			if err := b.Close(); err != nil {
				w.t.Error(err)
			}
		})
	}
	return b, err
}

// plan writes what was decided, a line each.
func plan(b *Build) string {
	var s strings.Builder
	for _, p := range b.Packages {
		for _, x := range p.Benchmarks {
			fmt.Fprintf(&s, "%s %s run=%v: %s\n", p.Path, x.Name, x.Run, x.Why)
		}
		if p.Err != nil {
			fmt.Fprintf(&s, "%s: %v\n", p.Path, p.Err)
		}
	}
	return s.String()
}

const module = `
-- go.mod --
module example.com/m

go 1.24
-- a/a.go --
package a

//go:noinline
func Sum(n int) int { return n }
-- a/a_test.go --
package a

import "testing"

func BenchmarkSum(b *testing.B) {
	for b.Loop() {
		Sum(1000)
	}
}
-- .gitignore --
*.out
`

func TestWorktreeIsComparedAndNothingOfItIsTouched(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	w.edit("a/a.go", "return n", "return twice(n)")
	w.write("-- a/new.go --\npackage a\n\nfunc twice(n int) int { return n * 2 }\n-- a/ignored.out --\nx\n-- staged.txt --\nx\n")
	w.git("add", "staged.txt")
	before := w.sum()
	b, err := w.prepare(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := plan(b), "example.com/m/a BenchmarkSum run=true: reaches example.com/m/a.Sum, which differs\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !b.Head.Dirty || b.Base.Dirty || b.Base.Commit != w.git("rev-parse", "HEAD") || b.Base.Why != "merge base of HEAD and main" {
		t.Errorf("base %+v, head %+v", b.Base, b.Head)
	}
	if want := b.Base.Commit[:12] + "+changes"; b.Head.String() != want {
		t.Errorf("head is called %s, want %s", b.Head, want)
	}
	base, head, err := b.Binaries(t.Context(), "example.com/m/a", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(base.Path) != len(head.Path) || len(base.Dir) != len(head.Dir) {
		t.Errorf("paths differ in length:\n%+v\n%+v", base, head)
	}
	for name, want := range map[string]bool{"new.go": true, "ignored.out": false, "../staged.txt": true} {
		if _, err := os.Stat(filepath.Join(head.Dir, name)); (err == nil) != want {
			t.Errorf("%s in head: %v, want it there %v", name, err, want)
		}
	}
	if d := cmp.Diff(before, w.sum()); d != "" {
		t.Errorf("the repository changed:\n%s", d)
	}
}

func TestUnchangedWorktreeHasNothingToDo(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	b, err := w.prepare(Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "example.com/m/a BenchmarkSum run=false: both sides are built of the same code\n"
	if got := plan(b); got != want || b.Head.Dirty {
		t.Errorf("dirty %v, got %s\nwant %s", b.Head.Dirty, got, want)
	}
}

func TestFlagsGoForTheListOfPackagesToo(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	w.write("-- a/big_test.go --\n//go:build big\n\npackage a\n\nimport \"testing\"\n\nfunc BenchmarkBig(b *testing.B) {}\n")
	b, err := w.prepare(Options{Flags: []string{"-tags=big"}, Patterns: []string{"./...", "./nowhere"}})
	if err != nil {
		t.Fatal(err)
	}
	want := "example.com/m/a BenchmarkBig run=false: new: base has no such benchmark\n"
	if got := plan(b); !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	notes := []string{"head has no such packages: stat nowhere: directory not found"}
	if d := cmp.Diff(notes, b.Notes); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestBenchmarksOfOneSideOnlyAreNamed(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	first := w.git("rev-parse", "HEAD")
	w.edit("a/a_test.go", "BenchmarkSum", "BenchmarkTotal")
	w.write("-- b/b_test.go --\npackage b\n\nimport \"testing\"\n\nfunc BenchmarkB(b *testing.B) {}\n")
	w.commit("second")
	w.git("checkout", "-q", "--detach")
	b, err := w.prepare(Options{Base: first, Head: "HEAD"})
	if err != nil {
		t.Fatal(err)
	}
	want := "example.com/m/a BenchmarkSum run=false: gone: head has no such benchmark\n" +
		"example.com/m/a BenchmarkTotal run=false: new: base has no such benchmark\n" +
		"example.com/m/b BenchmarkB run=false: new: base has no such package, or no benchmark in it\n"
	if d := cmp.Diff(want, plan(b)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestSideThatDoesNotBuildIsAnErrorOfItsPackage(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	w.write("-- b/b.go --\npackage b\n\nfunc B() int { return \"x\" }\n-- b/b_test.go --\npackage b\n\nimport \"testing\"\n\nfunc BenchmarkB(b *testing.B) { B() }\n")
	second := w.commit("second")
	w.edit("b/b.go", `"x"`, "1")
	w.edit("a/a.go", "return n", "return n + 1")
	w.commit("third")
	b, err := w.prepare(Options{Base: second, Head: "main"})
	if err != nil {
		t.Fatal(err)
	}
	want := "example.com/m/a BenchmarkSum run=true: reaches example.com/m/a.Sum, which differs\n" +
		"example.com/m/b BenchmarkB run=false: base does not build\n" +
		"example.com/m/b: base " + second[:12] + " does not build example.com/m/b:\n" +
		"\t# example.com/m/b [example.com/m/b.test]\n" +
		"\tb/b.go:3:23: cannot use \"x\" (untyped string constant) as int value in return statement\n"
	if d := cmp.Diff(want, plan(b)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	_, _, err = b.Binaries(t.Context(), "example.com/m/b", 0)
	if want := "base " + second[:12] + " has no test binary of example.com/m/b"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestBinariesAreLinkedOnceAndSharedBySeveralRuns links in two builds at once,
// and then finds the binaries in the cache.
func TestBinariesAreLinkedOnceAndSharedBySeveralRuns(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	w.edit("a/a.go", "return n", "return n * 3")
	cache := t.TempDir()
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			b, err := w.prepare(Options{Cache: cache})
			if err != nil {
				t.Error(err)
				return
			}
			for seed := range uint64(2) {
				base, head, err := b.Binaries(t.Context(), "example.com/m/a", seed)
				if err != nil {
					t.Error(err)
					return
				}
				for _, bin := range []Binary{base, head} {
					cmd := exec.CommandContext(t.Context(), bin.Path, "-test.bench=.", "-test.benchtime=1x", "-test.cpu=1")
					cmd.Dir = bin.Dir
					out, err := cmd.CombinedOutput()
					if err != nil || !strings.Contains(string(out), "BenchmarkSum") || !strings.Contains(string(out), "cpu-ns/op") {
						t.Errorf("%v\n%s", err, out)
					}
				}
			}
		})
	}
	group.Wait()
	kept, err := os.ReadDir(filepath.Join(cache, "binaries"))
	if err != nil || len(kept) != 4 {
		t.Errorf("%d binaries kept, want 4: 2 sides, 2 seeds (%v)", len(kept), err)
	}
	b, err := w.prepare(Options{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	b.sides[0].dir = "/nowhere" // nothing can be linked any more
	b.sides[1].dir = "/nowhere"
	if _, _, err := b.Binaries(t.Context(), "example.com/m/a", 1); err != nil {
		t.Errorf("not from the cache: %v", err)
	}
	if _, _, err := b.Binaries(t.Context(), "example.com/m/a", 2); err == nil {
		t.Error("a seed that was never linked is in the cache")
	}
}

func TestStoreForgetsWhatWasUsedLongestAgo(t *testing.T) {
	t.Parallel()
	room, s := t.TempDir(), store{filepath.Join(t.TempDir(), "s")}
	file := filepath.Join(room, "f")
	for i, key := range []string{"b", "a", "c"} {
		if err := os.WriteFile(file, make([]byte, 100), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := s.put(key, file, room); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(file); err != nil { // its other name must stand
			t.Fatal(err)
		}
		if !s.take(key, file, day.Add(time.Duration(i)*time.Hour)) {
			t.Fatalf("%s is not kept", key)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	s.trim(250)
	var got []string
	for _, key := range []string{"a", "b", "c"} {
		if s.take(key, filepath.Join(room, "to-"+key), day) {
			got = append(got, key)
		}
	}
	if d := cmp.Diff([]string{"a", "c"}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
