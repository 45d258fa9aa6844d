package bisect

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repository is a git repository with a merge in it.
func repository(t *testing.T) (dir string, git func(args ...string) string) {
	t.Helper()
	dir = t.TempDir()
	git = func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q", "-b", "main")
	for _, name := range []string{"base", "one"} {
		git("commit", "-q", "--allow-empty", "-m", name)
		git("tag", name)
	}
	git("checkout", "-q", "-b", "side")
	git("commit", "-q", "--allow-empty", "-m", "s")
	git("tag", "s")
	git("checkout", "-q", "main")
	git("commit", "-q", "--allow-empty", "-m", "two")
	git("tag", "two")
	git("merge", "-q", "--no-ff", "-m", "merge", "side")
	git("tag", "merged")
	return dir, git
}

func TestHistoryFollowsTheFirstParentAndAMergeCanBeOpened(t *testing.T) {
	t.Parallel()
	dir, git := repository(t)
	named := func(list []Commit) (names []string) {
		for _, c := range list {
			name := git("describe", "--tags", "--exact-match", c.Hash)
			if c.Merge {
				name += " merges"
			}
			names = append(names, name)
		}
		return names
	}
	list, err := History(t.Context(), dir, "base", "main")
	if d := cmp.Diff([]string{"one", "two", "merged merges"}, named(list)); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	list, err = History(t.Context(), dir, "merged^1", "merged^2")
	if d := cmp.Diff([]string{"s"}, named(list)); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
}

func TestTheParentOfACommitIsKnown(t *testing.T) {
	t.Parallel()
	dir, git := repository(t)
	hash := func(name string) string { return git("rev-parse", name) }
	list, err := History(t.Context(), dir, "one", "merged")
	want := []Commit{{Hash: hash("two"), Parent: hash("one")}, {Hash: hash("merged"), Parent: hash("two"), Merge: true}}
	if d := cmp.Diff(want, list); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	// A commit that base lacks is not the one after it.
	list, err = History(t.Context(), dir, "two", "s")
	if err != nil || len(list) != 1 || list[0].Parent == hash("two") {
		t.Errorf("got %+v, %v", list, err)
	}
	shallow := t.TempDir()
	git("clone", "-q", "--depth=1", "file://"+dir, shallow)
	git("-C", shallow, "fetch", "-q", "--depth=1", "origin", "refs/tags/one:refs/tags/one")
	list, err = History(t.Context(), shallow, "one", "HEAD")
	if d := cmp.Diff([]Commit{{Hash: hash("merged")}}, list); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
}

func TestHistoryWithoutCommitsIsAnError(t *testing.T) {
	t.Parallel()
	dir, _ := repository(t)
	for _, c := range [][3]string{
		{"main", "base", "no commits from main to base: name a base that lies before head"},
		{"nowhere", "main", "cannot list the commits from nowhere to main: fatal: bad revision 'nowhere..main'"},
		{"--all", "main", "cannot list the commits from --all to main: fatal: bad revision '--all..main'"},
	} {
		if _, err := History(t.Context(), dir, c[0], c[1]); err == nil || err.Error() != c[2] {
			t.Errorf("got %v, want %s", err, c[2])
		}
	}
}
