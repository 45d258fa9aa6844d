package history

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// together calls each of the functions at once.
func together(t *testing.T, do ...func() error) {
	t.Helper()
	errs := make([]error, len(do))
	var all sync.WaitGroup
	for i := range do {
		all.Go(func() { errs[i] = do[i]() })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

func TestTwoWritersInOneClone(t *testing.T) {
	t.Parallel()
	c := repository(t)
	head := c.head()
	const each = 8
	var runs []Run
	for i := range 2 * each {
		runs = append(runs, at(i, head))
	}
	writer := func(mine []Run) func() error {
		s := c.open()
		return func() error {
			for _, r := range mine {
				if err := s.Append(t.Context(), r); err != nil {
					return err
				}
			}
			return nil
		}
	}
	together(t, writer(runs[:each]), writer(runs[each:]))
	c.sees(runs...)
}

func TestTwoWritersInTwoClones(t *testing.T) {
	t.Parallel()
	origin := repository(t)
	head := origin.head()
	a, b := origin.copied("--bare"), origin.copied() // of the same commit, as two CI jobs are
	a.git("config", "remote.origin.url", "file://"+origin.dir)
	const each = 4
	var runs []Run
	for i := range 2 * each {
		runs = append(runs, at(i, head))
	}
	job := func(c clone, mine []Run) func() error {
		s := c.open()
		return func() error {
			for _, r := range mine {
				if err := errors.Join(s.Append(t.Context(), r), s.Sync(t.Context(), "origin")); err != nil {
					return err
				}
			}
			return nil
		}
	}
	together(t, job(a, runs[:each]), job(b, runs[each:]))
	origin.sees(runs...)
	for _, c := range []clone{a, b} {
		if err := c.open().Fetch(t.Context(), "origin"); err != nil {
			t.Error(err)
		}
		c.sees(runs...)
		if got, want := c.git("rev-parse", Ref), origin.git("rev-parse", Ref); got != want {
			t.Errorf("after all is shared, a clone is at %s and the origin at %s", got, want)
		}
	}
}

func TestShallowCloneSharesAndStaysShallow(t *testing.T) {
	t.Parallel()
	origin := repository(t)
	first := at(0, origin.git("rev-parse", "HEAD~3")) // a commit that the clone has not
	origin.append(first)
	c := origin.copied("--depth=1")
	second := at(1, c.head())
	c.append(second)
	before, err := os.ReadFile(filepath.Join(c.dir, ".git/shallow"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.open().Sync(t.Context(), "origin"); err != nil {
		t.Fatal(err)
	}
	c.sees(first, second)
	origin.sees(first, second)
	after, err := os.ReadFile(filepath.Join(c.dir, ".git/shallow"))
	if err != nil || string(after) != string(before) || c.git("rev-list", "--count", "HEAD") != "1" {
		t.Errorf("the clone has %q as its border after %q, %v", after, before, err)
	}
	if got, err := c.open().Commits(t.Context(), "HEAD"); err != nil || len(got) != 1 {
		t.Errorf("commits: got %v, %v, want one", got, err)
	}
	if refs := c.git("for-each-ref", "--format=%(refname)"); strings.Contains(refs, "refs/hemilith") {
		t.Errorf("refs besides the notes: %s", refs)
	}
}

func TestNothingToShareIsNoFailure(t *testing.T) {
	t.Parallel()
	origin := repository(t)
	origin.git("update-ref", "refs/other/"+Ref, "HEAD") // ends like ours
	c := origin.copied()
	for range 2 {
		if err := c.open().Sync(t.Context(), "origin"); err != nil {
			t.Error(err)
		}
	}
	c.sees()
}

// TestFetchOverwritesNothing: whether the remote has begun anew, or the user's
// refspecs overwrite notes.
func TestFetchOverwritesNothing(t *testing.T) {
	t.Parallel()
	origin := repository(t)
	head := origin.head()
	origin.append(at(0, head))
	c := origin.copied()
	c.git("config", "--add", "remote.origin.fetch", "+refs/notes/*:refs/notes/*")
	c.git("config", "fetch.prune", "true")
	if err := c.open().Fetch(t.Context(), "origin"); err != nil {
		t.Fatal(err)
	}
	c.append(at(1, head))
	origin.git("update-ref", "-d", Ref)
	if err := c.open().Fetch(t.Context(), "origin"); err != nil {
		t.Error(err)
	}
	c.sees(at(0, head), at(1, head))
	origin.append(at(2, head))
	if err := c.open().Sync(t.Context(), "origin"); err != nil {
		t.Error(err)
	}
	c.sees(at(0, head), at(1, head), at(2, head))
	origin.sees(at(0, head), at(1, head), at(2, head))
}

func TestWhatWasRemovedStaysRemoved(t *testing.T) {
	t.Parallel()
	origin := repository(t)
	head, old := origin.head(), origin.git("rev-parse", "HEAD~1")
	origin.append(at(0, old), at(1, head))
	c := origin.copied()
	if err := c.open().Fetch(t.Context(), "origin"); err != nil {
		t.Fatal(err)
	}
	origin.git("notes", "--ref=hemilith-perf", "remove", old)
	c.append(at(2, head), at(3, old))
	if err := c.open().Sync(t.Context(), "origin"); err != nil {
		t.Fatal(err)
	}
	c.sees(at(1, head), at(2, head), at(3, old))
	origin.sees(at(1, head), at(2, head), at(3, old))
}

func TestBadLinesAreSharedAsTheyAre(t *testing.T) {
	t.Parallel()
	origin := repository(t)
	head := origin.head()
	c := origin.copied()
	c.append(at(0, head))
	c.git("notes", "--ref=hemilith-perf", "append", "-m", "from a later time", head)
	origin.append(at(1, head))
	if err := c.open().Sync(t.Context(), "origin"); err != nil {
		t.Fatal(err)
	}
	for _, x := range []clone{c, origin} {
		runs, problems, err := x.open().Read(t.Context())
		if len(runs) != 2 || len(problems) != 1 || err != nil {
			t.Errorf("got %d runs, %v, %v; want 2 and a problem", len(runs), problems, err)
		}
	}
}

func TestWithoutTheRightToPush(t *testing.T) {
	t.Parallel()
	origin := repository(t)
	origin.append(at(0, origin.head()))
	c := origin.copied()
	c.append(at(1, origin.head()))
	hook := filepath.Join(origin.dir, ".git/hooks/pre-receive")
	if err := os.MkdirAll(filepath.Dir(hook), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte("#!/bin/sh\necho you may not >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := c.open().Sync(t.Context(), "origin")
	if err == nil || !strings.HasPrefix(err.Error(), "share the history of perf (the right to push refs/notes/hemilith-perf is needed): git push: exit status 1: ") || !strings.Contains(err.Error(), "you may not") {
		t.Errorf("got %v", err)
	}
	c.sees(at(0, origin.head()), at(1, origin.head()))
	err = c.open().Sync(t.Context(), "nowhere")
	if err == nil || !strings.HasPrefix(err.Error(), "fetch the history of perf: git ls-remote: exit status 128: fatal: 'nowhere' does not appear to be a git repository") {
		t.Errorf("got %v", err)
	}
}

// TestKilledAppend is the process that TestKilledAtAnyTime kills; by itself it
// does nothing.
func TestKilledAppend(t *testing.T) {
	dir := os.Getenv("HEMILITH_TEST_KILLED_APPEND")
	if dir == "" {
		return
	}
	c := clone{t, dir}
	for i := range 1000 {
		c.append(at(i, c.head()))
		fmt.Println("added", i)
	}
}

func TestKilledAtAnyTime(t *testing.T) {
	t.Parallel()
	c := repository(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledAppend$")
	cmd.Env = append(os.Environ(), "HEMILITH_TEST_KILLED_APPEND="+c.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	added := 0
	for lines := bufio.NewScanner(out); added < 5 && lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "added") {
			added++
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	last := at(2000, c.head())
	c.append(last)
	runs, problems, err := c.open().Read(t.Context())
	if err != nil || len(problems) > 0 || len(runs) < added+1 || added != 5 {
		t.Errorf("got %d runs, %v, %v; %d were added before the end, and one after", len(runs), problems, err, added)
	}
}

// TestLockThatAKilledGitLeft is named, since nobody but the user can know that it
// is old.
func TestLockThatAKilledGitLeft(t *testing.T) {
	t.Parallel()
	c := repository(t)
	c.append(at(0, c.head()))
	lock := filepath.Join(c.dir, ".git", Ref+".lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.open().Append(t.Context(), at(1, c.head())); err == nil || !strings.Contains(err.Error(), Ref+".lock") {
		t.Errorf("got %v, want the file", err)
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	c.append(at(1, c.head()))
	c.sees(at(0, c.head()), at(1, c.head()))
}
