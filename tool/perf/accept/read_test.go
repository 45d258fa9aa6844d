package accept

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repository is a real one, with commits that have messages and nothing else.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{t, t.TempDir()}
	r.git("init", "-q", "-b", "main")
	return r
}

func (r repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r repository) commit(message ...string) string {
	r.t.Helper()
	file := filepath.Join(r.t.TempDir(), "message")
	if err := os.WriteFile(file, []byte(strings.Join(message, "\n")), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", file)
	return r.git("rev-parse", "HEAD")
}

func TestAcceptancesOfARange(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	base := r.commit("old", "", "Perf-Accept: BenchmarkQuote +99% long ago")
	one := r.commit("one", "", "Why.", "", "Perf-Accept: BenchmarkQuote +15% exact",
		"  prices, as", "\tthe law says", "perf-accept: BenchmarkX/y allocs+1 the key is a string", "Signed-off-by: A <a@example.com>")
	two := r.commit("two\r", "\r", "Perf-Accept: BenchmarkQuote bytes+64 lock\r")
	r.commit("Perf-Accept: BenchmarkQuote is what a trailer starts with", "", "Perf-Accept trailers are read", "(see Perf-Accept: BenchmarkA +1% r)")
	got, refused, err := Read(t.Context(), r.dir, base, "HEAD")
	want := []Acceptance{
		{Commit: one, Bench: "BenchmarkQuote", Kind: Time, More: 0.15, Reason: "exact prices, as the law says"},
		{Commit: one, Bench: "BenchmarkX/y", Kind: Allocs, More: 1, Reason: "the key is a string"},
		{Commit: two, Bench: "BenchmarkQuote", Kind: Bytes, More: 64, Reason: "lock"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if len(refused) != 1 || !strings.Contains(refused[0].Error(), "it is no trailer") {
		t.Errorf("refused: got %v, want the subject", refused)
	}
}

func TestWhatIsRefusedIsNamed(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	base := r.commit("base")
	one := r.commit("one", "", "Perf-Accept: BenchmarkQuote +15%", "Perf-Accept:", "Perf-Accept: BenchmarkQuote +15% good")
	two := r.commit("two", "", "Perf-Accept: BenchmarkQuote +15% a reason", "", "Another paragraph.")
	three := r.commit("three", "", "Perf-Accept: BenchmarkQuote +15% a reason", "in a paragraph", "that says", "other things.", "And more.")
	got, refused, err := Read(t.Context(), r.dir, base, "HEAD")
	if err != nil || len(got) != 1 || got[0].Reason != "good" {
		t.Errorf("got %+v, %v, want the good one", got, err)
	}
	const how = `write "Perf-Accept: BenchmarkQuote +15% REASON", or allocs+1 or bytes+64 for +15%`
	const where = `: "Perf-Accept: BenchmarkQuote +15% a reason": it is no trailer: put it into the message's last paragraph, and nothing but trailers with it`
	want := []string{
		"commit " + one[:12] + `: "Perf-Accept: BenchmarkQuote +15%": no reason, no acceptance: say after the bound why it is worth that`,
		"commit " + one[:12] + `: "Perf-Accept:": nothing is accepted: ` + how,
		"commit " + two[:12] + where,
		"commit " + three[:12] + where,
	}
	var said []string
	for _, err := range refused {
		said = append(said, err.Error())
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

func TestNothingIsAcceptedWithoutCommits(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	head := r.commit("s", "", "Perf-Accept: BenchmarkQuote +15% r")
	got, refused, err := Read(t.Context(), r.dir, head, head)
	if len(got)+len(refused) != 0 || err != nil {
		t.Errorf("got %v, %v, %v, want nothing", got, refused, err)
	}
}

func TestLogThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("s")
	_, _, err := Read(t.Context(), r.dir, "v1", "HEAD")
	const want = "read which regressions commits accept: git log v1..HEAD: exit status 128: fatal: bad revision 'v1..HEAD'"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Read(ctx, r.dir, "HEAD", "HEAD"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context ended: got %v, want %v", err, context.Canceled)
	}
}

// TestNothingIsAcceptedWhereTheHistoryIsCutOff: git lists commits that base has, too,
// where it can't know that.
func TestNothingIsAcceptedWhereTheHistoryIsCutOff(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("old")
	r.commit("accepted long ago", "", "Perf-Accept: BenchmarkQuote +99% long ago")
	base := r.commit("base")
	r.commit("new")
	whole, refused, err := Read(t.Context(), r.dir, base+"~2", "HEAD")
	if len(whole) != 1 || len(refused) > 0 || err != nil {
		t.Fatalf("got %+v, %v, %v", whole, refused, err)
	}
	cut := repository{t, t.TempDir()}
	r.git("clone", "-q", "--depth=3", "file://"+r.dir, cut.dir)
	if found, refused, err := Read(t.Context(), cut.dir, "HEAD~1", "HEAD"); len(found)+len(refused) > 0 || err != nil {
		t.Errorf("got %+v, %v, %v", found, refused, err)
	}
	r.git("checkout", "-q", "-b", "side", base)
	r.commit("other")
	cut.git("fetch", "-q", "--depth=1", "origin", "side:side")
	refuses := func(base string) {
		t.Helper()
		found, refused, err := Read(t.Context(), cut.dir, base, "HEAD")
		want := "no Perf-Accept counts: this clone is shallow, so that base may have these commits, too: git fetch --deepen=100 (or --unshallow), then try again"
		if len(found) > 0 || len(refused) != 1 || refused[0].Error() != want || err != nil {
			t.Errorf("got %+v, %v, %v", found, refused, err)
		}
	}
	refuses("side")

	// The merge of a branch that left main at the commit that accepts, which is where the
	// clone ends on that side, but not on main's.
	r.git("checkout", "-q", "-b", "change", "main~2")
	r.commit("change")
	r.git("checkout", "-q", "main")
	r.git("merge", "-q", "--no-ff", "-m", "merge", "change")
	whole, refused, err = Read(t.Context(), r.dir, "HEAD^", "HEAD")
	if len(whole)+len(refused) > 0 || err != nil {
		t.Fatalf("got %+v, %v, %v", whole, refused, err)
	}
	cut = repository{t, t.TempDir()}
	r.git("clone", "-q", "--depth=3", "file://"+r.dir, cut.dir)
	refuses("HEAD^")
}
