package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

var day = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// work is a git repository that a test writes.
type work struct {
	t   *testing.T
	dir string
}

func repository(t *testing.T, archive string) work {
	t.Helper()
	w := work{t, t.TempDir()}
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
	cmd := exec.CommandContext(w.t.Context(), "git", args...)
	cmd.Dir = w.dir
	cmd.Env = append(gitEnv(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (w work) commit(message string) {
	w.t.Helper()
	w.git("add", "-A")
	w.git("commit", "-q", "-m", message)
}

const module = `
-- go.mod --
module example.com/m

go 1.24
-- a/a.go --
package a

func Sum(n int) int {
	s := 0
	for i := range n {
		s += i * i
	}
	return s
}
-- a/a_test.go --
package a

import "testing"

var sink int

func BenchmarkSum(b *testing.B) {
	for i := 0; i < b.N; i++ {
		sink += Sum(1000)
	}
}
-- b/b.go --
package b

func B() int { return 1 }
-- b/b_test.go --
package b

import "testing"

func BenchmarkB(b *testing.B) {
	for b.Loop() {
		B()
	}
}
`

func TestOnlyPackagesThatDifferRun(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	w.write("-- a/a.go --\npackage a\n\nfunc Sum(n int) int { return n }\n")
	b, err := Prepare(t.Context(), Options{Dir: w.dir, Cache: t.TempDir(), Now: day})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	t.Logf("%+v", b.Packages)
	base, head, err := b.Binaries(t.Context(), "example.com/m/a", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []Binary{base, head} {
		cmd := exec.Command(x.Path, "-test.bench=.", "-test.benchmem")
		cmd.Dir = x.Dir
		out, err := cmd.CombinedOutput()
		t.Logf("%s %v", out, err)
	}
}
