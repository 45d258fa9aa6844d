package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCommitsAreReadNewestFirst(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: ada, ago: 9, edits: "+ a.go 1\n+ b/b.go 1\n+ README.md 1"},
		change{who: bob, ago: 8, edits: "+ b/b.go 2\n+ vendor/v/v.go 1\n+ b/vendor/w.go 1"},
		change{who: ada, ago: 7, edits: "+ README.md 2"},
		change{who: "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>", ago: 6, edits: "+ a.go 2"},
		change{who: "Release <release-bot@x>", ago: 5, edits: "+ a.go 3"},
		change{who: "The Builder <build@x>", ago: 4, edits: "+ a.go 4"},
		change{who: carl, ago: 3, edits: "- a.go"},
		change{who: carl, ago: 2, edits: "+ c.go 1\n+ d.go 1\n+ e.go 1\n+ f.go 1"},
		change{who: bob, edits: "+ c.go 2"},
	)
	h := read(t, Config{Dir: dir, MassEdit: 3, Bots: []string{"build@x"}})
	want := "Bob Reed: c.go\nBob Reed: b/b.go\nAda Moss: a.go b/b.go\n"
	if got := show(h); got != want {
		t.Errorf("commits:\n%swant:\n%s", got, want)
	}
	if want := (Dropped{Bots: 3, Mass: 1, Deletions: 1}); h.Dropped != want {
		t.Errorf("dropped %+v, want %+v", h.Dropped, want)
	}
	bobs := Author{Name: "Bob Reed", Commits: 2, Files: 2, First: newest.AddDate(0, 0, -8), Last: newest}
	if diff := cmp.Diff(bobs, h.Authors[0]); diff != "" {
		t.Errorf("first author (-want +got):\n%s", diff)
	}
	if len(h.Notes) != 0 || !h.Known() || !h.Now.Equal(newest) {
		t.Errorf("notes %q, known %v, now %v; want none, true, %v", h.Notes, h.Known(), h.Now, newest)
	}
}

func TestModuleBelowTheRootHasPathsOfItsOwn(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: ada, ago: 2, edits: "+ svc/go.mod module~m\n+ svc/in/a.go 1\n+ other/o.go 1\n+ .github/CODEOWNERS svc/~@top\n+ .mailmap Ada~Lovelace~<ada@x>"},
		change{who: bob, edits: "+ other/o.go 2"},
	)
	h := read(t, Config{Dir: filepath.Join(dir, "svc")})
	if got, want := show(h), "Ada Lovelace: in/a.go\n"; got != want {
		t.Errorf("commits %q, want %q", got, want)
	}
	if got := fmt.Sprint(h.Owners, " ", h.OwnersFile); got != "map[in/a.go:[@top]] .github/CODEOWNERS" {
		t.Errorf("owners %s", got)
	}
}

func TestModulesWithinAreNotOfTheModule(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: ada, ago: 9, edits: "+ go.mod module~m\n+ a.go 1\n+ tool/go.mod module~t\n+ tool/t.go 1\n+ toolbox/b.go 1"},
		change{who: bob, edits: "+ tool/t.go 2"},
	)
	h := read(t, Config{Dir: dir})
	if got, want := show(h), "Ada Moss: a.go toolbox/b.go\n"; got != want || len(h.Authors) != 1 {
		t.Errorf("commits %q of %d authors, want %q of 1", got, len(h.Authors), want)
	}
	if got, want := show(read(t, Config{Dir: filepath.Join(dir, "tool")})), "Bob Reed: t.go\nAda Moss: t.go\n"; got != want {
		t.Errorf("within: commits %q, want %q", got, want)
	}
}

const long = "one two three four five six seven eight nine ten eleven twelve"

func TestRenamesAreFollowedToTheNameOfToday(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: ada, ago: 9, edits: "+ old.go " + long},
		change{who: ada, ago: 8, edits: "> old.go mid.go\n+ mid.go " + long + " more"},
		change{who: bob, ago: 7, edits: "+ mid.go " + long + " more and"},
		change{who: ada, ago: 6, edits: "> mid.go p/new.go"},
		change{who: bob, ago: 5, edits: "+ old.go quite another file of the same name"},
	)
	h := read(t, Config{Dir: dir})
	want := "Bob Reed: old.go\nAda Moss: p/new.go\nBob Reed: p/new.go\nAda Moss: p/new.go\nAda Moss: p/new.go\n"
	if got := show(h); got != want {
		t.Errorf("commits:\n%swant:\n%s", got, want)
	}
	before, after := h.Split(newest.AddDate(0, 0, -7))
	if got, want := show(before), "Bob Reed: mid.go\nAda Moss: mid.go\nAda Moss: mid.go\n"; got != want {
		t.Errorf("before:\n%swant:\n%s", got, want)
	}
	if got, want := show(after), "Bob Reed: old.go\nAda Moss: mid.go\n"; got != want {
		t.Errorf("after:\n%swant:\n%s", got, want)
	}
}

func TestBranchThatDidNotKnowOfARename(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: ada, ago: 9, edits: "+ old.go " + long},
		change{who: bob, ago: 7, on: "side", from: "main", edits: "+ old.go " + long + " more"},
		change{who: ada, ago: 8, edits: "> old.go new.go"},
		change{who: carl, ago: 1, merge: "side", edits: "+ new.go " + long + " more"},
	)
	want := "Bob Reed: new.go\nAda Moss: new.go\nAda Moss: new.go\n"
	if got := show(read(t, Config{Dir: dir})); got != want {
		t.Errorf("commits:\n%swant:\n%s", got, want)
	}
}

func TestMassRenameIsDroppedButFollowed(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: bob, ago: 3, edits: "+ a.go " + long},
		change{who: bob, ago: 2, edits: "+ b.go 2 " + long},
		change{who: ada, edits: "> a.go x/a.go\n> b.go x/b.go"},
	)
	h := read(t, Config{Dir: dir, MassEdit: 1})
	if got, want := show(h), "Bob Reed: x/b.go\nBob Reed: x/a.go\n"; got != want || h.Dropped.Mass != 1 {
		t.Errorf("commits:\n%swant:\n%sdropped %+v, want 1 mass edit", got, want, h.Dropped)
	}
}

func TestSplitKnowsRenamesOfDroppedCommits(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: bob, ago: 9, edits: "+ a.go " + long},
		change{who: ada, ago: 5, edits: "> a.go x/a.go\n+ b.go 1"},
		change{who: bob, ago: 1, edits: "+ x/a.go " + long + " more"},
	)
	before, after := read(t, Config{Dir: dir, MassEdit: 1}).Split(newest.AddDate(0, 0, -5))
	if got, want := show(before)+show(after), "Bob Reed: x/a.go\nBob Reed: x/a.go\n"; got != want {
		t.Errorf("commits:\n%swant:\n%s", got, want)
	}
}

func TestMergesThatWereMendedByHand(t *testing.T) {
	t.Parallel()
	const lines = "a b c d e f g h i j"
	dir := repositoryOf(t,
		change{who: ada, ago: 9, edits: "+ a.go " + lines},
		change{who: bob, ago: 8, on: "clean", from: "main", edits: "+ a.go a b c d e f g h i J"},
		change{who: bob, ago: 8, on: "clash", from: "main", edits: "+ a.go B b c d e f g h i j"},
		change{who: ada, ago: 7, edits: "+ a.go A b c d e f g h i j"},
		change{who: ada, ago: 6, merge: "clean", edits: "+ a.go A b c d e f g h i J"},
		change{who: ada, ago: 5, merge: "clash", edits: "+ a.go AB b c d e f g h i J"},
	)
	if got, want := read(t, Config{Dir: dir}).Merges, (Merges{Looked: 2, Mended: 1}); got != want {
		t.Errorf("merges %+v, want %+v", got, want)
	}
}

func TestWithoutHistoryThereIsANote(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	none := repositoryOf(t)
	other := repositoryOf(t, change{who: ada, edits: "+ README.md 1"})
	onlyBots := repositoryOf(t, change{who: "renovate <r@x>", edits: "+ a.go 1"})
	for _, c := range []struct{ name, dir, want string }{
		{"no repository", empty, "no history: not a git repository; people are left out"},
		{"no directory", filepath.Join(empty, "gone"), "no history: there is no such directory; people are left out"},
		{"no commits", none, "no history: the repository has no commits; people are left out"},
		{"no Go files", other, "no history: no commit touches a Go file of this module; people are left out"},
		{"bots only", onlyBots, "no history: no commit touches a Go file of this module but 1 commit of a bot; people are left out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := read(t, Config{Dir: c.dir})
			if len(h.Notes) != 1 || h.Notes[0] != c.want || h.Known() {
				t.Errorf("notes %q, known %v; want %q", h.Notes, h.Known(), c.want)
			}
			e := h.Effect(func(string) (float64, float64) { return 1, 0 }, Options{})
			if e.Judged || e.Why == "" || len(h.Ties(nil)) != 0 || h.Crowded(1).Months != 0 || h.Active(time.Hour) != 0 {
				t.Errorf("an empty history judges: %+v", e)
			}
		})
	}
}

func TestShallowCloneAndBareRepository(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: ada, ago: 3, edits: "+ a.go 1\n+ CODEOWNERS *~@all"},
		change{who: bob, ago: 2, edits: "+ a.go 2"},
		change{who: carl, edits: "+ a.go 3"},
	)
	shallow, bare := filepath.Join(t.TempDir(), "s"), filepath.Join(t.TempDir(), "b")
	git(t, dir, nil, "clone", "-q", "--depth", "2", "file://"+dir, shallow)
	git(t, dir, nil, "clone", "-q", "--bare", "file://"+dir, bare)
	h := read(t, Config{Dir: shallow})
	if got, want := show(h), "Carl Stone: a.go\nBob Reed: a.go\n"; got != want {
		t.Errorf("shallow: commits %q, want %q", got, want)
	}
	if want := "a shallow clone: history ends early; git fetch --unshallow brings the rest"; len(h.Notes) != 1 || h.Notes[0] != want {
		t.Errorf("shallow: notes %q, want %q", h.Notes, want)
	}
	h = read(t, Config{Dir: bare})
	if got := fmt.Sprint(len(h.Commits), h.Owners, h.Notes); got != "3 map[a.go:[@all]] []" {
		t.Errorf("bare: %s", got)
	}
}

func TestBoundsAreSaid(t *testing.T) {
	t.Parallel()
	var changes []change
	for i := range 30 {
		changes = append(changes, change{who: ada, ago: 30 - i, edits: fmt.Sprintf("+ a.go %d", i)})
	}
	dir := repositoryOf(t, changes...)
	h := read(t, Config{Dir: dir, MaxCommits: 10})
	if want := "history was read for the newest 10 commits that touch the module"; len(h.Commits) != 10 || len(h.Notes) != 1 || h.Notes[0] != want {
		t.Errorf("%d commits, notes %q; want 10, %q", len(h.Commits), h.Notes, want)
	}
	if h := read(t, Config{Dir: dir, Since: newest.AddDate(0, 0, -5)}); len(h.Commits) != 5 {
		t.Errorf("since 5 days: %d commits, want 5", len(h.Commits))
	}
	h = read(t, Config{Dir: dir, MaxTime: 1})
	if want := "no history: git can't read the repository (git rev-parse: context deadline exceeded); people are left out"; h.Known() || len(h.Notes) != 1 || h.Notes[0] != want {
		t.Errorf("in a nanosecond: known %v, notes %q, want %q", h.Known(), h.Notes, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, Config{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled Read returns %v", err)
	}
}

// TestContentsThatAreMissing: git gives up on a commit whose renames it can't
// compare.
func TestContentsThatAreMissing(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: ada, ago: 9, edits: "+ a.go " + long},
		change{who: ada, ago: 8, edits: "> a.go b.go\n+ b.go " + long + " more"},
		change{who: bob, ago: 7, edits: "+ b.go " + long + " more and"},
	)
	lose(t, dir, strings.ReplaceAll(long, " ", "\n")+"\n")
	h := read(t, Config{Dir: dir})
	if got, want := show(h), "Bob Reed: b.go\nAda Moss: b.go\nAda Moss: a.go\n"; got != want {
		t.Errorf("commits:\n%swant:\n%s", got, want)
	}
	if len(h.Notes) != 1 || !strings.Contains(h.Notes[0], "not in this clone") {
		t.Errorf("notes %q", h.Notes)
	}
}

// TestPartialCloneIsNotFilledUp: git would fetch contents to compare them.
func TestPartialCloneIsNotFilledUp(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t,
		change{who: ada, ago: 9, edits: "+ a.go " + long},
		change{who: ada, ago: 8, edits: "> a.go b.go\n+ b.go " + long + " more"},
		change{who: bob, ago: 7, edits: "> b.go c.go"},
	)
	git(t, dir, nil, "config", "remote.origin.promisor", "true")
	h := read(t, Config{Dir: dir})
	if got, want := show(h), "Bob Reed: c.go\nAda Moss: c.go\nAda Moss: a.go\n"; got != want {
		t.Errorf("commits:\n%swant:\n%s", got, want)
	}
	if want := "contents of some older files are not in this clone, so renames that also edit are not all followed"; len(h.Notes) != 1 || h.Notes[0] != want {
		t.Errorf("notes %q, want %q", h.Notes, want)
	}
}

func TestNowCanBeSet(t *testing.T) {
	t.Parallel()
	dir := repositoryOf(t, change{who: ada, ago: 100, edits: "+ a.go 1"}, change{who: bob, ago: 10, edits: "+ a.go 2"})
	h := read(t, Config{Dir: dir, Now: func() time.Time { return newest }})
	const day = 24 * time.Hour
	if got := fmt.Sprint(h.Active(5*day), h.Active(90*day), h.Active(365*day)); got != "0 1 2" {
		t.Errorf("active in 5, 90 and 365 days: %s, want 0 1 2", got)
	}
}

func TestTeamIsWhoComesBack(t *testing.T) {
	t.Parallel()
	h := historyOf("ann: a", "ben: a", "ann: a", "ann: b", "ben: a", "cat: a", "cat: a", "cat: a")
	const day = 24 * time.Hour
	for within, want := range map[time.Duration]string{4 * day: "1 1", 100 * day: "2 1", -day: "0 0"} {
		if got := strings.TrimSpace(fmt.Sprintln(h.Team(within))); got != want {
			t.Errorf("in %v: %s, want %s", within, got, want)
		}
	}
}

func TestBetweenKeepsNamesOfToday(t *testing.T) {
	t.Parallel()
	h := historyOf("ann: a", "ben: b", "ann: c", "ben: d")
	got := show(h.Between(newest.AddDate(0, 0, -2), newest))
	if want := "ben: b\nann: c\n"; got != want || len(h.Commits) != 4 {
		t.Errorf("commits %q, want %q; and %d left, want 4", got, want, len(h.Commits))
	}
}

func TestMain(m *testing.M) {
	// The user's own settings must not decide what is tested.
	os.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	os.Exit(m.Run())
}
