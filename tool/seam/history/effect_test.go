package history

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// historyOf makes a history of lines "author: file file", newest first, one a day.
// Files are named after their side: a..., b... or c... for both; x... are not in
// the program.
func historyOf(lines ...string) *History {
	h := &History{Now: newest, paths: newPaths()}
	names := make(map[string]int32)
	var commits []Commit
	for i, line := range lines {
		who, files, _ := strings.Cut(line, ": ")
		if _, ok := names[who]; !ok {
			names[who] = int32(len(h.Authors))
			h.Authors = append(h.Authors, Author{Name: who})
		}
		at := newest.AddDate(0, 0, -i)
		commits = append(commits, Commit{Author: names[who], Time: at, Landed: at, raw: strings.Fields(files)})
	}
	h.Commits, h.Files = commits, index(commits)
	return h
}

func byLetter(file string) (a, b float64) {
	switch file[0] {
	case 'a':
		return 1, 0
	case 'b':
		return 0, 1
	case 'm':
		return 0.5, 0.5
	case 'x':
		return -1, 0
	}
	return 0, 0
}

func times(n int, lines ...string) []string {
	return slices.Repeat(lines, n)
}

func TestEffectOfACut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		lines []string
		want  string // A; B; both; passing; today within still freed; commits both parted chance; saving low
	}{
		{
			"two teams that never meet", times(30, "ann: a1/f a2/f", "abe: a1/f", "bea: b1/f", "ben: b1/f b2/f"),
			"ann abe; bea ben; ; 0; 6 2 0 4; 120 0.00 0.00 0.50; 0.58 0.57",
		},
		{
			"two teams of one package each", times(30, "ann: a/f a/g", "abe: a/f", "bea: b/f", "ben: b/f b/g"),
			"ann abe; bea ben; ; 0; 6 2 0 4; 120 0.00 0.00 0.00; 0.33 0.33",
		},
		{
			"all work on all", times(30, "ann: a1", "ann: b1", "ben: b1", "ben: a1"),
			"; ; ann ben; 0; 1 1 0 0; 120 0.00 0.00 0.00; 0.00 0.00",
		},
		{
			"each commit crosses", times(30, "ann: a1/f b1/f", "ben: a1/f b2/f"),
			"; ; ann ben; 0; 1 1 0 0; 60 1.00 1.00 -0.50; -0.25 -0.25",
		},
		{
			"each commit crosses, within a package", times(30, "ann: a1 b1", "ben: a1 b2"),
			"; ; ann ben; 0; 1 1 0 0; 60 1.00 1.00 -1.00; -0.50 -0.50",
		},
		{
			"joined by a shared file", times(30, "ann: a1 c1", "ben: b1 c1"),
			"ann; ben; ; 0; 1 0 1 0; 60 0.00 0.00 0.00; 0.00 0.00",
		},
		{
			"someone passes by, and files that are gone", append(times(30, "ann: a1 x1", "ben: b1 x1"), "eve: b1", "ann: x1"),
			"ann; ben; ; 1; 1 0 0 1; 61 0.00 0.00 0.00; 0.50 0.33", // eve, drawn often, is regular
		},
		{
			"one in both halves stays near to each", times(20, "ann: a1", "abe: a1", "ben: b1", "cat: a1", "cat: b1"),
			"ann abe; ben; cat; 0; 6 4 0 2; 100 0.00 0.00 0.00; 0.17 0.17",
		},
		{
			"a file of both halves", times(30, "ann: m1/f", "ben: m1/f a1/f"),
			"; ; ann ben; 0; 1 1 0 0; 60 0.25 0.50 -0.12; -0.06 -0.06",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := historyOf(c.lines...).Effect(byLetter, Options{Seed: 1})
			list := func(s []string) string { return strings.Join(s, " ") }
			got := fmt.Sprintf("%s; %s; %s; %d; %d %d %d %d; %d %.2f %.2f %.2f; %.2f %.2f", list(e.AuthorsA), list(e.AuthorsB), list(e.AuthorsBoth),
				e.Passing, e.PairsToday, e.PairsWithin, e.PairsStill, e.PairsFreed, e.Commits, e.Both, e.Parted, e.CoChangeFreed, e.Saving, e.SavingLow)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestPairsThatStillNeedToTalk(t *testing.T) {
	t.Parallel()
	h := historyOf(append(times(20, "ann: a1", "ben: b1", "bea: b1"), "ann: c1", "ann: c1", "ben: c1", "ben: c1", "ann: c2", "bea: c2", "ben: c2", "ann: x1", "bea: x1")...)
	want := []Pair{{A: "ann", B: "ben", Times: 3, Through: "c1"}}
	if diff := cmp.Diff(want, h.Effect(byLetter, Options{}).Still); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
	want = append(want, Pair{A: "ann", B: "bea", Times: 1, Through: "c2"})
	if diff := cmp.Diff(want, h.Effect(byLetter, Options{Joint: 1}).Still); diff != "" {
		t.Errorf("pairs that met once (-want +got):\n%s", diff)
	}
}

func TestTooLittleHistoryIsNotJudged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines []string
		o     Options
		want  string
	}{
		{times(20, "ann: a1", "ben: b1"), Options{}, "only 40 commits since 2029-06-30, and 50 are needed to judge by people"},
		{times(100, "ann: a1"), Options{}, "one person does the regular work: there are no pairs to part"},
		{times(50, "ann: a1", "ben: b1"), Options{Since: newest.AddDate(0, 0, -9)}, "only 10 commits since 2030-06-21, and 50 are needed to judge by people"},
	} {
		if e := historyOf(c.lines...).Effect(byLetter, c.o); e.Judged || e.Why != c.want || e.Saving != 0 || e.SavingLow != 0 {
			t.Errorf("judged %v, %q, saving %v; want %q", e.Judged, e.Why, e.Saving, c.want)
		}
	}
}

// TestLowerBoundIsBelowAndSure: more of the same history makes the bound
// narrower, and the seed decides it.
func TestLowerBoundIsBelowAndSure(t *testing.T) {
	t.Parallel()
	part := []string{"ann: a1/f a2/f", "ben: b1/f b2/f", "ann: a1/f b1/f", "ann: a1/f a3/f", "ben: b2/f b3/f", "ben: b1/f", "ann: b1/f"}
	few, many := historyOf(times(8, part...)...), historyOf(times(40, part...)...)
	gap := func(h *History, seed uint64) float64 {
		e := h.Effect(byLetter, Options{Seed: seed})
		if !e.Judged || e.Saving <= 0 {
			t.Errorf("a good line is not judged, or not good: %+v", e)
		}
		return e.Saving - e.SavingLow
	}
	if a, b := gap(few, 1), gap(many, 1); a <= b || b <= 0 {
		t.Errorf("the bound is %.4f below with few commits and %.4f with many; want more, and above 0", a, b)
	}
	if a, b := gap(few, 7), gap(few, 7); a != b {
		t.Errorf("the same seed gives %v and %v", a, b)
	}
}

func TestEffectHoldsForAnyHistory(t *testing.T) {
	t.Parallel()
	file := rapid.StringMatching(`[abcmx][0-9](/f)?`)
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom([]string{"ann", "ben", "cat", "dan", "eve"}).Draw(t, "who") + ": " +
				strings.Join(rapid.SliceOfN(file, 1, 5).Draw(t, "files"), " ")
		}), 1, 120).Draw(t, "lines")
		h := historyOf(lines...)
		e := h.Effect(byLetter, Options{Resamples: 20})
		n := len(e.AuthorsA) + len(e.AuthorsB) + len(e.AuthorsBoth)
		if e.PairsToday != n*(n-1)/2 || e.PairsWithin+e.PairsStill+e.PairsFreed != e.PairsToday || e.PairsFreed < 0 || len(e.Still) != e.PairsStill {
			t.Fatalf("pairs do not add up: %+v", e)
		}
		if e.Both < 0 || e.Both > 1+1e-9 || e.Parted < 0 || e.Parted > 1+1e-9 || e.Saving > 0.75+1e-9 || e.Saving < -0.5-1e-9 || e.SavingLow > 0.75+1e-9 || e.CoChangeFreed > 0.5+1e-9 || math.IsNaN(e.Saving) {
			t.Fatalf("shares: %+v", e)
		}
		other := h.Effect(func(f string) (float64, float64) { a, b := byLetter(f); return swap(a, b) }, Options{Resamples: 20})
		if fmt.Sprint(e.AuthorsA, e.AuthorsB, e.PairsFreed) != fmt.Sprint(other.AuthorsB, other.AuthorsA, other.PairsFreed) || math.Abs(e.SavingLow-other.SavingLow) > 1e-9 {
			t.Fatalf("halves are not alike:\n%+v\n%+v", e, other)
		}
	})
}

func swap(a, b float64) (float64, float64) {
	if a < 0 {
		return a, b
	}
	return b, a
}

func TestTestFilesFollowTheirFile(t *testing.T) {
	t.Parallel()
	s := Sides(func(file string) (a, b float64) {
		if file == "p/b.go" {
			return 0, 1
		}
		return -1, 0
	}).WithTests()
	for file, want := range map[string]string{"p/b.go": "0 1", "p/b_test.go": "0 1", "p/other_test.go": "-1 0", "p/x.go": "-1 0"} {
		a, b := s(file)
		if got := fmt.Sprint(a, b); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}

func TestTiesWeighSmallCommitsMore(t *testing.T) {
	t.Parallel()
	h := historyOf("ann: p/a q/b", "ann: p/a q/b r/c x", "ben: p/a")
	ties := h.Ties(func(f string) bool { return f != "x" })
	want := []Tie{{"p/a", "q/b", 1.5, 2}, {"p/a", "r/c", 0.5, 1}, {"q/b", "r/c", 0.5, 1}}
	if diff := cmp.Diff(want, ties); diff != "" {
		t.Errorf("ties (-want +got):\n%s", diff)
	}
	ties = append(ties, Tie{"p/a", "p/d", 9, 9}, Tie{"p/d", "q/b", 1, 1})
	want = []Tie{{"p", "q", 2.5, 3}, {"p", "r", 0.5, 1}, {"q", "r", 0.5, 1}}
	if diff := cmp.Diff(want, Packages(ties)); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestCrowdedFiles(t *testing.T) {
	t.Parallel()
	// Days 0 to 5 are in the first month, and day 40 in the second.
	lines := []string{"ann: f g", "ben: f g", "cat: f g", "ann: f", "dan: f", "ann: g"}
	for len(lines) < 40 {
		lines = append(lines, "ann: h")
	}
	lines = append(lines, "ben: f")
	h := historyOf(lines...)
	if got, want := h.Crowded(3), (Crowd{Months: 2, Files: 1, People: 4, File: "f"}); got != want {
		t.Errorf("3 people: %+v, want %+v", got, want)
	}
	if got := h.Crowded(5).Files; got != 0 {
		t.Errorf("5 people: %v files, want 0", got)
	}
	h.Now = h.Now.Add(2 * 365 * 24 * time.Hour)
	if got := h.Crowded(1); got.Months != 0 || got.Files != 0 {
		t.Errorf("two years later: %+v", got)
	}
}
