// Package perftest builds small modules for tests.
package perftest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/run"
)

// Built compiles the test binaries of a package in two states of a module that txtar
// archives hold; head's files are laid over base's.
func Built(t testing.TB, pkg, base, head string) (b, h run.Binary) {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	for _, archive := range []string{base, head} {
		write(t, dir, archive)
		git(t, dir, "add", "-A")
		git(t, dir, "commit", "-q", "-m", "state")
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
	ofBase, ofHead, err := made.Binaries(t.Context(), pkg, 0)
	if err != nil {
		t.Fatal(err)
	}
	return run.Binary(ofBase), run.Binary(ofHead)
}

func git(t testing.TB, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

func write(t testing.TB, dir, archive string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
