package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clone is a real repository.
type clone struct {
	t   testing.TB
	dir string
}

func (c clone) git(args ...string) string {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), "git", args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("git %s: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// repository has a few commits on main and nothing of ours.
func repository(t testing.TB, options ...string) clone {
	t.Helper()
	c := clone{t, t.TempDir()}
	c.git(append([]string{"init", "-q", "-b", "main"}, options...)...)
	for i := range 5 {
		if err := os.WriteFile(filepath.Join(c.dir, "file"), fmt.Append(nil, i), 0o600); err != nil {
			t.Fatal(err)
		}
		c.git("add", "file")
		c.git("commit", "-q", "-m", fmt.Sprint("commit ", i))
	}
	return c
}

// copied is a clone of it.
func (c clone) copied(options ...string) clone {
	c.t.Helper()
	to := clone{c.t, c.t.TempDir()}
	to.git(append(append([]string{"clone", "-q"}, options...), "file://"+c.dir, ".")...)
	return to
}

func (c clone) open() *Store {
	c.t.Helper()
	s, err := Open(c.t.Context(), c.dir)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func (c clone) append(runs ...Run) {
	c.t.Helper()
	for _, r := range runs {
		if err := c.open().Append(c.t.Context(), r); err != nil {
			c.t.Fatal(err)
		}
	}
}

// sees checks that all of the runs and nothing else can be read.
func (c clone) sees(want ...Run) {
	c.t.Helper()
	got, problems, err := c.open().Read(c.t.Context())
	if err != nil || len(problems) > 0 {
		c.t.Errorf("%v, problems: %v", err, problems)
	}
	byTime := func(runs []Run) map[string]Run {
		m := make(map[string]Run)
		for _, r := range runs {
			if _, twice := m[r.Time.String()]; twice {
				c.t.Errorf("two runs at %s", r.Time)
			}
			m[r.Time.String()] = r
		}
		return m
	}
	if diff := cmp.Diff(byTime(want), byTime(got)); diff != "" {
		c.t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func (c clone) head() string { return c.git("rev-parse", "HEAD") }

// at is the i-th run, of a commit.
func at(i int, head string) Run {
	r := flat(i, 9, i, 0.03)
	r.Head = head
	return r
}

func TestRunsAreKeptAndNothingElseIsTouched(t *testing.T) {
	t.Parallel()
	c := repository(t)
	if err := os.WriteFile(filepath.Join(c.dir, "file"), []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, "new"), []byte("staged"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.git("add", "new")
	state := func() string {
		index, err := os.ReadFile(filepath.Join(c.dir, ".git/index"))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", index) + c.git("status", "--porcelain", "--branch") + c.git("for-each-ref", "refs/heads", "refs/tags", "refs/remotes") + c.git("stash", "list") + c.git("config", "--list", "--local")
	}
	before := state()
	c.sees()
	runs := []Run{at(0, c.head()), at(1, c.head()), at(2, c.git("rev-parse", "HEAD~2"))}
	c.append(runs...)
	c.sees(runs...)
	if after := state(); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if shown := c.git("notes", "--ref=hemilith-perf", "show", "HEAD"); strings.Count(shown, "\n") != 1 {
		t.Errorf("git notes shows\n%s\nwant two lines", shown)
	}
	if got, err := c.open().Commits(t.Context(), "HEAD"); err != nil || len(got) != 5 || got[4].Hash != c.head() || got[4].Subject == "" {
		t.Errorf("commits: got %v, %v, want five that end with %s", got, err, c.head())
	}
}

func TestTheSameRunIsKeptOnce(t *testing.T) {
	t.Parallel()
	c := repository(t)
	r := at(0, c.head())
	c.append(r)
	tip := c.git("rev-parse", Ref)
	c.append(r)
	if now := c.git("rev-parse", Ref); now != tip {
		t.Errorf("a run that is there moves the ref from %s to %s", tip, now)
	}
	c.git("notes", "--ref=hemilith-perf", "copy", "HEAD", "HEAD~1") // as notes.rewriteRef does
	c.sees(r)
}

func TestEveryKindOfRepository(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]clone{
		"sha256":   repository(t, "--object-format=sha256"),
		"bare":     repository(t).copied("--bare"),
		"detached": repository(t),
	} {
		head := c.head()
		if name == "detached" {
			c.git("checkout", "-q", "--detach", "HEAD~1")
			head = c.head()
		}
		c.append(at(0, head), at(1, head))
		c.sees(at(0, head), at(1, head))
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestPeoplesOwnNotesGoTogetherWithOurs(t *testing.T) {
	t.Parallel()
	c := repository(t)
	head := c.head()
	c.append(at(0, head))
	c.git("notes", "--ref=hemilith-perf", "add", "-m", "not ours", "HEAD~1") // writes the tree anew, without directories
	c.append(at(1, head), at(2, c.git("rev-parse", "HEAD~1")))
	runs, problems, err := c.open().Read(t.Context())
	if len(runs) != 3 || len(problems) != 1 || err != nil {
		t.Errorf("got %d runs, problems %v, %v; want 3 and the line that is not ours", len(runs), problems, err)
	}
	if shown := c.git("notes", "--ref=hemilith-perf", "show", "HEAD"); strings.Count(shown, "\n") != 1 {
		t.Errorf("git notes shows\n%s\nwant two lines", shown)
	}
}

func TestBadLinesAreNamedAndSkipped(t *testing.T) {
	t.Parallel()
	c := repository(t)
	head := c.head()
	c.append(at(0, head))
	good, err := line(at(1, head))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join([]string{
		"{", "", good[:len(good)-9], strings.Replace(good, `"schema":1`, `"schema":2,"results":7`, 1), good,
		strings.Replace(good, `"schema":1`, `"schema":0`, 1), strings.Replace(good, head, "HEAD", 1), strings.Replace(good, release, "v1", 1),
		strings.Replace(good, "go1.26.8", "", 1), strings.Replace(good, "2026-01-01T01", "0001-01-01T00", 1), strings.Replace(good, `"at most"`, `"at last"`, 1),
		strings.Replace(good, `"BenchmarkA"`, `""`, 1),
	}, "\n")
	c.git("notes", "--ref=hemilith-perf", "append", "-m", text, "HEAD")
	runs, problems, err := c.open().Read(t.Context())
	if err != nil || len(runs) != 2 {
		t.Errorf("got %d runs, %v; want 2", len(runs), err)
	}
	where := fmt.Sprintf("refs/notes/hemilith-perf, note of commit %.12s, line ", head)
	want := []string{
		where + "3: unexpected end of JSON input",
		where + "5: unexpected end of JSON input",
		where + "6: schema 2 is of a later hemilith, this one reads up to 1: update it",
		where + "8: no schema",
		where + `9: head "HEAD" is no full hash of a commit`,
		where + `10: base "v1" is no full hash of a commit`,
		where + "11: the machine is not fully named: toolchain, goos, goarch, cpu and cores are needed",
		where + "12: no time",
		where + `13: sign test: null "at last": want "at most" or "at least"`,
		where + `14: the result of "" (cpu) is not complete`,
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestRunThatIsNotCompleteIsNotAdded(t *testing.T) {
	t.Parallel()
	c := repository(t)
	r := at(0, c.head())
	r.Machine.CPU = ""
	err := c.open().Append(t.Context(), r)
	const want = "add a run to the history of perf: the machine is not fully named: toolchain, goos, goarch, cpu and cores are needed"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	r = at(0, c.head())
	r.Results = append(r.Results, r.Results[0])
	err = c.open().Append(t.Context(), r)
	const twice = "add a run to the history of perf: two results of BenchmarkA (cpu)"
	if err == nil || err.Error() != twice {
		t.Errorf("got %v\nwant %s", err, twice)
	}
	c.sees()
}

// TestReadingIsBounded: one note beyond the bound of notes, and nine that are
// together beyond the bound of all.
func TestReadingIsBounded(t *testing.T) {
	t.Parallel()
	c := repository(t)
	file := filepath.Join(t.TempDir(), "large")
	blob := func(size int) string {
		if err := os.WriteFile(file, []byte(strings.Repeat(" ", size)), 0o600); err != nil {
			t.Fatal(err)
		}
		return c.git("hash-object", "-w", file)
	}
	full, over := blob(maxNote), blob(maxNote+1)
	var tree strings.Builder
	for i := range maxTotal/maxNote + 1 {
		fmt.Fprintf(&tree, "100644 blob %s\t%s\n", full, commit(i))
	}
	fmt.Fprintf(&tree, "100644 blob %s\t%s\n", over, commit(100))
	s := c.open()
	root, err := s.git.run(t.Context(), tree.String(), "mktree")
	if err != nil {
		t.Fatal(err)
	}
	c.git("update-ref", Ref, c.git("commit-tree", "-m", "large", root))
	runs, problems, err := s.Read(t.Context())
	if len(runs) != 0 || err != nil || len(problems) != 2 {
		t.Fatalf("got %d runs, %v, %v; want two problems", len(runs), problems, err)
	}
	for i, want := range []string{
		"the note of commit 000000000000 is full, 16777217 bytes of at most 16777216: git notes --ref=hemilith-perf remove " + commit(100) + ", or judge another commit",
		"refs/notes/hemilith-perf has 144 MiB, more than 128: notes left out: 1; remove those of old commits with git notes --ref=hemilith-perf remove COMMIT",
	} {
		if got := problems[i].Error(); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
	if err := s.Append(t.Context(), at(0, commit(0))); err == nil || !strings.Contains(err.Error(), "is full") {
		t.Errorf("append to a full note: got %v", err)
	}
}

func TestNoRepository(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), t.TempDir())
	if err == nil || !strings.HasPrefix(err.Error(), "open the history of perf: git rev-parse: exit status 128: fatal: not a git repository") {
		t.Errorf("got %v", err)
	}
}

func TestEndOfTheContextEndsTheWork(t *testing.T) {
	t.Parallel()
	c := repository(t)
	s := c.open()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Append(ctx, at(0, c.head())); !errors.Is(err, context.Canceled) {
		t.Errorf("append: got %v", err)
	}
	if _, _, err := s.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("read: got %v", err)
	}
	c.sees()
}

func FuzzLine(f *testing.F) {
	good, err := line(flat(0, 9, 1, 0.03))
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{good, "{}", `{"schema":2}`, `{"schema":1,"results":[{}]}`, "null", "", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parse(text)
		if err != nil {
			return
		}
		again, err := line(r)
		if err != nil {
			if strings.Contains(err.Error(), "year") { // beyond 9999 in UTC
				return
			}
			t.Fatalf("%q is read and not written: %v", text, err)
		}
		r2, err := parse(again)
		r.Time, r.Schema = r.Time.UTC(), Schema
		if diff := cmp.Diff(r, r2); err != nil || diff != "" {
			t.Errorf("%q: %v (-first +again):\n%s", text, err, diff)
		}
	})
}

func TestRunsOfTheFutureAreLeftOut(t *testing.T) {
	t.Parallel()
	c := repository(t)
	s := c.open()
	r := at(1, c.git("rev-parse", "HEAD"))
	if err := s.Append(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for ahead, want := range map[time.Duration]int{maxAhead: 1, maxAhead + time.Second: 0} {
		s.now = func() time.Time { return r.Time.Add(-ahead) }
		runs, problems, err := s.Read(t.Context())
		if len(runs) != want || len(problems) != 1-want || err != nil {
			t.Errorf("%v ahead: %d runs, %v, %v", ahead, len(runs), problems, err)
		}
		if want == 0 && !strings.HasSuffix(problems[0].Error(), "line 1: its time is "+r.Time.Format(time.DateTime)+", which is still to come: the clock of that machine was wrong") {
			t.Errorf("got %v", problems[0])
		}
	}
}
