package count

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/run"
)

const work = `package work

import "testing"

const units = 10000

var sink uint64

func BenchmarkWork(b *testing.B) {
	for i := 0; i < b.N; i++ {
		h := uint64(i)
		for range units {
			h = h*1099511628211 ^ h>>7
		}
		sink += h
	}
}
`

// built compiles a benchmark, of which head has a line that base has not.
func built(t *testing.T, text, ofBase, ofHead string) (base, head run.Binary) {
	t.Helper()
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "main")
	for _, line := range []string{ofBase, ofHead} {
		for name, content := range map[string]string{
			"go.mod":       "module example.com/work\n\ngo 1.24\n",
			"work_test.go": strings.Replace(text, ofBase, line, 1),
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		git("add", "-A")
		git("commit", "-q", "-m", "state")
	}
	made, err := build.Prepare(t.Context(), build.Options{Dir: dir, Base: "HEAD~1", Head: "HEAD", Cache: t.TempDir(), Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := made.Close(); err != nil {
			t.Error(err)
		}
	})
	b, h, err := made.Binaries(t.Context(), "example.com/work", 0)
	if err != nil {
		t.Fatal(err)
	}
	return run.Binary(b), run.Binary(h)
}
