package build

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatCannotBeComparedIsSaid lists the states of a repository that end in an
// error, and its words. ROOT stands for the repository's directory.
func TestWhatCannotBeComparedIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		setup func(w work)
		o     Options
		want  string
	}{
		{
			name: "no repository", setup: func(w work) { os.RemoveAll(w.dir + "/.git") },
			want: "ROOT is not in the worktree of a git repository: perf compares two of its commits",
		},
		{
			name:  "no commit",
			setup: func(w work) { os.RemoveAll(w.dir + "/.git"); w.git("init", "-q", "-b", "main") },
			want:  "the repository in ROOT has no commit yet: there is nothing to compare with",
		},
		{
			name: "no such revision", o: Options{Base: "v9"},
			want: `revision "v9" is not in this repository: git fetch, or name another`,
		},
		{
			name: "an option for a revision", o: Options{Base: "--all"},
			want: `"--all" is no revision: name a commit, tag or branch`,
		},
		{
			name: "no trunk", setup: func(w work) { w.git("branch", "-m", "topic") },
			want: "there is no branch origin/HEAD, origin/main, origin/master, main, master to compare with: name the base with -base",
		},
		{
			name: "unrelated branch", setup: func(w work) {
				w.git("checkout", "-q", "--orphan", "topic")
				w.commit("other")
			},
			want: "HEAD and main have no common commit: name the base with -base",
		},
		{
			name: "no benchmarks", setup: func(w work) { os.Remove(w.dir + "/a/a_test.go"); w.commit("second") },
			o:    Options{Base: "HEAD", Head: "HEAD"},
			want: "no benchmarks in ./..., neither in base HASH nor in head HASH",
		},
		{
			name: "no module", setup: func(w work) { os.Remove(w.dir + "/go.mod"); w.commit("second") },
			o:    Options{Base: "HEAD", Head: "HEAD"},
			want: "base HASH has no go.mod in this directory or above: perf builds Go modules",
		},
		{
			name: "modules elsewhere", setup: func(w work) { w.git("mv", "go.mod", "a"); w.commit("second") },
			o:    Options{Base: "HEAD"},
			want: "base HASH has no go.mod in this directory or above; modules are in a: run perf there",
		},
		{
			name: "benchmarks in other modules", setup: func(w work) {
				for _, d := range []string{"a", "b", "c", "d", "e", "f", "testdata"} {
					w.write("-- " + d + "/go.mod --\nmodule " + d + "\n")
				}
				w.commit("second")
			},
			o:    Options{Base: "HEAD"},
			want: "no benchmarks in ./..., neither in base HASH nor in head HASH; other modules are in a, b, c, d, e and 1 more: run perf there",
		},
		{
			name: "bare clone", setup: func(w work) { w.git("config", "core.bare", "true") },
			want: "ROOT is a git repository without worktree: clone it, and run perf in the clone",
		},
		{
			name: "no such package", o: Options{Patterns: []string{"./nowhere"}},
			want: "no packages for ./nowhere in head HASH:\n\tstat nowhere: directory not found",
		},
		{
			name: "files for packages", o: Options{Patterns: []string{"a/a_test.go"}},
			want: `"a/a_test.go" names files of the worktree, and base has others: name packages as ./... or by import path`,
		},
		{
			name: "flag of our own", o: Options{Flags: []string{"-overlay=x.json"}},
			want: "flag -overlay=x.json: perf needs -overlay itself, to measure CPU time in package testing",
		},
		{
			name: "large files", setup: func(w work) {
				w.write("-- big.bin --\n")
				if err := os.Truncate(w.dir+"/big.bin", 3<<30); err != nil {
					w.t.Fatal(err)
				}
			},
			want: "files that git does not track have 3072 MB in all, more than 1024: name them in .gitignore, big.bin first",
		},
		{
			name: "directory that base lacks", setup: func(w work) { w.write("-- new/go.mod --\nmodule n\n"); w.commit("second") },
			o:    Options{Base: "HEAD~1", Dir: "new"},
			want: "base BASE has no directory new: run perf in one that both sides have",
		},
		{
			name: "module outside", setup: func(w work) {
				w.edit("go.mod", "go 1.24", "go 1.24\n\nrequire example.com/x v1.0.0\n\nreplace example.com/x => ../x")
				w.commit("second")
			},
			o:    Options{Base: "HEAD"},
			want: "base HASH: module example.com/x is replaced by ../x, outside the repository: perf cannot tell which state of it belongs to which commit",
		},
		{
			name: "workspace outside", setup: func(w work) { w.write("-- ../go.work --\ngo 1.24\n\nuse ./repo\n") },
			want: "ABOVE/go.work lies outside the repository, so base and head cannot be built with it: set GOWORK=off, or move it into the repository",
		},
		{
			name: "workspace ignored", setup: func(w work) { w.write("-- go.work --\ngo 1.24\n\nuse .\n-- .gitignore --\ngo.work\n") },
			want: "go.work is not part of head, so base and head cannot be built with it: set GOWORK=off, or commit it",
		},
		{
			name: "submodule's commit is absent", setup: func(w work) {
				w.submodule()
				w.git("update-index", "--cacheinfo", "160000,1234567890123456789012345678901234567890,sub")
				w.git("commit", "-q", "-m", "elsewhere")
			},
			o:    Options{Base: "HEAD"},
			want: "base HASH: submodule sub does not have commit 123456789012: git -C sub fetch origin 1234567890123456789012345678901234567890, then try again",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := repository(t, module)
			if c.setup != nil {
				c.setup(w)
			}
			if c.o.Dir != "" {
				c.o.Dir = filepath.Join(w.dir, c.o.Dir)
			}
			c.o.Cache = filepath.Join(filepath.Dir(w.dir), "cache")
			_, err := w.prepare(c.o)
			if err == nil {
				t.Fatal("no error")
			}
			got := strings.ReplaceAll(err.Error(), w.dir, "ROOT")
			got = strings.ReplaceAll(got, filepath.Dir(w.dir), "ABOVE")
			if strings.Contains(c.want, "HASH") {
				got = strings.ReplaceAll(got, w.git("rev-parse", "--short=12", "HEAD"), "HASH")
			}
			if strings.Contains(c.want, "BASE") {
				got = strings.ReplaceAll(got, w.git("rev-parse", "--short=12", "HEAD~1"), "BASE")
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			left, err := os.ReadDir(filepath.Join(c.o.Cache, "rooms"))
			if len(left) > 0 {
				t.Errorf("rooms left: %v (%v)", left, err)
			}
		})
	}
}

// submodule adds one, with a package in it.
func (w work) submodule() {
	w.t.Helper()
	other := repository(w.t, "-- s.go --\npackage sub\n\n//go:noinline\nfunc S() int { return 1 }\n")
	w.git("submodule", "--quiet", "add", other.dir, "sub")
	w.write("-- a/sub.go --\npackage a\n\nimport \"example.com/m/sub\"\n\nfunc Sub() int { return sub.S() }\n")
	w.edit("a/a_test.go", "Sum(1000)", "Sub()")
	w.commit("submodule")
}

func TestShallowCloneSaysHowToDeepen(t *testing.T) {
	t.Parallel()
	origin := repository(t, module)
	origin.git("branch", "old")
	origin.edit("a/a.go", "return n", "return n + 1")
	origin.commit("second")
	w := work{t, filepath.Join(filepath.Dir(origin.dir), "clone")}
	origin.git("clone", "-q", "--depth=1", "--no-single-branch", "file://"+origin.dir, w.dir)
	old := origin.git("rev-parse", "old")
	for _, c := range []struct{ base, want string }{
		{"HEAD~1", `revision "HEAD~1" is not in this clone, which is shallow: git fetch --deepen=100 (or --unshallow), then try again`},
		{"", "HEAD and origin/HEAD have no common commit in this clone, which is shallow: git fetch --deepen=100 (or --unshallow), then try again"},
	} {
		if c.base == "" {
			w.git("checkout", "-q", "--detach", old)
		}
		_, err := w.prepare(Options{Base: c.base})
		if err == nil || err.Error() != c.want {
			t.Errorf("base %q: got %v\nwant %s", c.base, err, c.want)
		}
	}
}

func TestSubmodulesComeFromTheUsersCheckout(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	w.submodule()
	sub := work{t, filepath.Join(w.dir, "sub")}
	sub.edit("s.go", "return 1", "return 2")
	sub.commit("two")
	b, err := w.prepare(Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "example.com/m/a BenchmarkSum run=true: reaches example.com/m/sub.S, which differs\n"
	if got := plan(b); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSubmoduleThatIsNotCheckedOutIsEmptyOnBothSides(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	w.submodule()
	os.Remove(w.dir + "/a/sub.go")
	w.edit("a/a_test.go", "Sub()", "Sum(1)")
	w.commit("without")
	clone := work{t, filepath.Join(filepath.Dir(w.dir), "clone")}
	w.git("clone", "-q", "file://"+w.dir, clone.dir)
	b, err := clone.prepare(Options{Base: "HEAD"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"submodules that are not checked out are empty on both sides: sub"}
	if d := cmp.Diff(want, b.Notes); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestWorkspacesNestedModulesAndVendorBuildAsTheUserBuildsThem has a module in
// the workspace that nothing else could find, and one that is vendored.
func TestWorkspacesNestedModulesAndVendorBuildAsTheUserBuildsThem(t *testing.T) {
	t.Parallel()
	w := repository(t, `
-- go.work --
go 1.24

use (
	./app
	./lib
)
-- lib/go.mod --
module example.com/lib

go 1.24
-- lib/l.go --
package lib

//go:noinline
func L() int { return 1 }
-- app/go.mod --
module example.com/app

go 1.24
-- app/a_test.go --
package app

import (
	"testing"

	"example.com/lib"
)

func BenchmarkL(b *testing.B) {
	for b.Loop() {
		lib.L()
	}
}
-- alone/go.mod --
module example.com/alone

go 1.24

require example.com/v v1.0.0
-- alone/a_test.go --
package alone

import (
	"testing"

	"example.com/v"
)

func BenchmarkV(b *testing.B) {
	for b.Loop() {
		v.V()
	}
}
-- alone/vendor/modules.txt --
# example.com/v v1.0.0
## explicit; go 1.24
example.com/v
-- alone/vendor/example.com/v/v.go --
package v

//go:noinline
func V() int { return 1 }
-- alone/go.work --
go 1.24

use .
`)
	os.Remove(w.dir + "/alone/go.work")
	w.commit("second")
	w.edit("lib/l.go", "return 1", "return 2")
	w.edit("alone/vendor/example.com/v/v.go", "return 1", "return 2")
	b, err := w.prepare(Options{Dir: filepath.Join(w.dir, "app")})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := plan(b), "example.com/app BenchmarkL run=true: reaches example.com/lib.L, which differs\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	os.Remove(w.dir + "/go.work")
	w.commit("third")
	w.edit("alone/vendor/example.com/v/v.go", "return 2", "return 3")
	if b, err = w.prepare(Options{Dir: filepath.Join(w.dir, "alone")}); err != nil {
		t.Fatal(err)
	}
	if got, want := plan(b), "example.com/alone BenchmarkV run=true: reaches example.com/v.V, which differs\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestRoomOfKilledRunIsRemovedByTheNext kills a run, and then runs another
// beside one that is alive.
func TestRoomOfKilledRunIsRemovedByTheNext(t *testing.T) {
	if dir := os.Getenv("PERF_BUILD_DIR"); dir != "" { // the run that is killed
		b, err := Prepare(t.Context(), Options{Dir: dir, Cache: os.Getenv("PERF_BUILD_CACHE"), Now: day})
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("ready " + b.room.dir + "\n")
		_, _ = os.Stdin.Read(make([]byte, 1)) // for ever
		return
	}
	t.Parallel()
	w, cache := repository(t, module), t.TempDir()
	before := w.sum()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRoomOfKilledRunIsRemovedByTheNext$")
	cmd.Env = append(os.Environ(), "PERF_BUILD_DIR="+w.dir, "PERF_BUILD_CACHE="+cache)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	room, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !ok {
		t.Fatalf("the run says %q, %v", line, err)
	}
	if _, err := w.prepare(Options{Cache: cache}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(room, "head", "go.mod")); err != nil {
		t.Errorf("a run removed the room of one that is alive: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for _, dir := range []string{room, tempOf(room)} {
		if _, err := os.Stat(dir); err != nil {
			t.Fatalf("nothing is left to remove: %v", err)
		}
	}
	if _, err := w.prepare(Options{Cache: cache}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{room, tempOf(room)} {
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", dir, err)
		}
	}
	if d := cmp.Diff(before, w.sum()); d != "" {
		t.Errorf("the repository changed:\n%s", d)
	}
}

func TestCancelledRunLeavesNothing(t *testing.T) {
	t.Parallel()
	w, cache := repository(t, module), t.TempDir()
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	_, err := Prepare(ctx, Options{Dir: w.dir, Cache: cache, Now: day})
	if !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
	if left, _ := os.ReadDir(filepath.Join(cache, "rooms")); len(left) > 0 {
		t.Errorf("rooms left: %v", left)
	}
}

// TestNoTagIsTheTrunk: git takes a tag of the name origin/main for it, or a branch.
func TestNoTagIsTheTrunk(t *testing.T) {
	t.Parallel()
	origin := repository(t, module)
	w := work{t, filepath.Join(filepath.Dir(origin.dir), "clone")}
	origin.git("clone", "-q", "file://"+origin.dir, w.dir)
	base := w.git("rev-parse", "HEAD")
	w.edit("a/a.go", "return n", "return n + 1")
	w.commit("second")
	for _, name := range []string{"origin/HEAD", "origin/main", "origin/master"} {
		w.git("tag", name)
		w.git("branch", name)
	}
	r, err := openRepo(t.Context(), w.dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.mergeBase(t.Context(), w.git("rev-parse", "HEAD"))
	if err != nil || got.Commit != base || got.Why != "merge base of HEAD and origin/HEAD" {
		t.Errorf("got %+v, %v, want %s", got, err, base)
	}
}
