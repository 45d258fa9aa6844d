package bisect

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// world is a history, and how measuring it goes.
type world struct {
	n       int
	bad     int // the first slow commit
	skipped map[int]Verdict
	rate    float64 // of wrong verdicts
	rng     *rand.Rand
}

// verdict is what measuring says.
func (w world) verdict(s Step) Verdict {
	if v, ok := w.skipped[s.Commit]; ok && s.Commit < w.n-1 {
		return v
	}
	slower := s.Against < w.bad && w.bad <= s.Commit
	if w.rng != nil && w.rng.Float64() < w.rate {
		slower = !slower
	}
	if slower {
		return Slower
	}
	return Same
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// search runs one to its end.
func (w world) search(t fataler) (Result, []Step) {
	t.Helper()
	s, err := New(Config{Commits: w.n})
	if err != nil {
		t.Fatalf("%v", err)
	}
	var steps []Step
	for {
		step, more := s.Next()
		if !more {
			return s.Result(), steps
		}
		if len(steps) == s.MaxSteps() {
			t.Fatalf("%d commits, bad %d, skipped %v: more than %d steps", w.n, w.bad, w.skipped, s.MaxSteps())
		}
		if got := s.Result().Why; got != Unfinished {
			t.Fatalf("before step %v it says %q", step, got)
		}
		steps = append(steps, step)
		if err := s.Add(w.verdict(step)); err != nil {
			t.Fatalf("%v", err)
		}
	}
}

func TestEveryBadCommitIsFoundAsByPlainBisectionAndConfirmed(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 4, 7, 8, 63, 64, 65, 200} {
		s, err := New(Config{Commits: n})
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for bad := range n {
			r, steps := world{n: n, bad: bad}.search(t)
			if r.First != bad || r.Last != bad || r.Why != Found {
				t.Fatalf("%d commits, bad %d: got %+v", n, bad, r)
			}
			total += len(steps)
			if n == 1 && len(steps) != 0 || len(steps) > s.halvings()+3 {
				t.Fatalf("%d commits, bad %d: %d steps, want at most %d", n, bad, len(steps), s.halvings()+3)
			}
			for i, step := range steps {
				if step.Against != Base && (step.Against != bad-1 || step.Commit != bad) {
					t.Fatalf("%d commits, bad %d: step %d is %+v", n, bad, i, step)
				}
				if want := 0.01 / float64(s.halvings()); step.Alpha != want || step.Effort != 1 {
					t.Fatalf("step %+v, want alpha %v, effort 1", step, want)
				}
			}
		}
		if mean := float64(total) / float64(n); mean > float64(s.halvings())+1.2 {
			t.Errorf("%d commits: %v steps on average", n, mean)
		}
	}
}

func TestCommitsThatCannotBeJudgedWidenTheRangeByNoMoreThanThemselves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := world{n: rapid.IntRange(1, 200).Draw(rt, "n"), skipped: map[int]Verdict{}}
		w.bad = rapid.IntRange(0, w.n-1).Draw(rt, "bad")
		judged := rapid.SliceOfN(rapid.IntRange(0, 9), w.n, w.n).Draw(rt, "judged")
		few := rapid.IntRange(1, 10).Draw(rt, "few")
		unclear := rapid.Bool().Draw(rt, "unclear")
		for i, v := range judged[:w.n-1] {
			if v >= few && len(w.skipped) < maxBroken-1 {
				w.skipped[i] = Broken
				if unclear && v%2 == 0 && len(w.skipped) < 4 {
					w.skipped[i] = Undecided
				}
			}
		}
		r, _ := w.search(rt)
		first, last := w.bad, w.bad
		for first > 0 && w.skipped[first-1] != "" {
			first--
		}
		for last < w.n-1 && w.skipped[last] != "" {
			last++
		}
		if r.First != first || r.Last != last {
			rt.Fatalf("got %+v, want %d to %d", r, first, last)
		}
		if one := first == last; one != (r.Why == Found) || !one && r.Why != Unbuilt && r.Why != Unclear {
			rt.Fatalf("got %+v", r)
		}
	})
}

func TestAnySetOfCommitsThatDoNotBuildLeavesARangeThatHoldsTheBadOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := world{n: rapid.IntRange(1, 3000).Draw(rt, "n"), skipped: map[int]Verdict{}}
		w.bad = rapid.IntRange(0, w.n-1).Draw(rt, "bad")
		for range rapid.IntRange(0, 5).Draw(rt, "clusters") {
			from := rapid.IntRange(0, w.n-1).Draw(rt, "from")
			for i := from; i < min(w.n, from+rapid.IntRange(1, w.n).Draw(rt, "length")); i++ {
				w.skipped[i] = Broken
			}
		}
		if r, _ := w.search(rt); w.bad < r.First || r.Last < w.bad || r.Why == Contradicted {
			rt.Fatalf("got %+v", r)
		}
	})
}

func TestAClusterThatDoesNotBuildIsLeftInFewSteps(t *testing.T) {
	t.Parallel()
	w := world{n: 256, bad: 200, skipped: map[int]Verdict{}}
	for i := 100; i < 160; i++ {
		w.skipped[i] = Broken
	}
	r, steps := w.search(t)
	if r.First != 200 || r.Last != 200 || r.Why != Found || len(steps) > 14 {
		t.Errorf("got %+v in %d steps", r, len(steps))
	}
}

func TestWrongVerdictsAreOutvoted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate  float64
		right int // of 1000
		steps float64
	}{
		{0, 1000, 7.1},
		{0.01, 995, 8},
		{0.02, 985, 8.5},
		{0.05, 960, 10},
	} {
		rng := rand.New(rand.NewPCG(7, 11))
		right, holds, steps := 0, 0, 0
		for range 1000 {
			w := world{n: 64, bad: rng.IntN(64), rate: c.rate, rng: rng}
			r, all := w.search(t)
			steps += len(all)
			if r.First <= w.bad && w.bad <= r.Last {
				holds++
				if r.First == r.Last {
					right++
				}
			}
		}
		mean := float64(steps) / 1000
		t.Logf("rate %v: right %d, holds %d, %.2f steps", c.rate, right, holds, mean)
		if right < c.right || mean > c.steps {
			t.Errorf("rate %v: %d of 1000 right, want %d; %v steps, want at most %v", c.rate, right, c.right, mean, c.steps)
		}
	}
}

func TestUndecidedIsAskedAgainWithMoreEffort(t *testing.T) {
	t.Parallel()
	s, err := New(Config{Commits: 4, Alpha: 0.02})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		want Step
		then Verdict
	}{
		{Step{1, Base, 0.01, 1}, Undecided},
		{Step{1, Base, 0.01, 2}, Undecided}, // given up
		{Step{0, Base, 0.01, 1}, Undecided},
		{Step{0, Base, 0.01, 2}, Same},
		{Step{2, Base, 0.01, 1}, Slower},
		{Step{2, 0, 0.01, 1}, Undecided},
		{Step{2, 0, 0.01, 2}, Slower},
	} {
		got, more := s.Next()
		if got != c.want || !more {
			t.Fatalf("step %d: got %+v %v, want %+v", i, got, more, c.want)
		}
		if err := s.Add(c.then); err != nil {
			t.Fatal(err)
		}
	}
	_, more := s.Next()
	r := s.Result()
	if more || r.Probability < 0.99 || r.Probability > 1 {
		t.Errorf("more %v, %+v", more, r)
	}
	r.Probability = 0
	if d := cmp.Diff(Result{First: 1, Last: 2, Skipped: []int{1}, Why: Unclear, Steps: 7}, r); d != "" {
		t.Error(d)
	}
}

func TestTheReasonTellsHowCertainTheAnswerIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		verdict func(Step) Verdict
		want    Reason
		single  bool
	}{
		{"confirmation undecided", func(s Step) Verdict {
			if s.Against != Base {
				return Undecided
			}
			return world{n: 16, bad: 5}.verdict(s)
		}, Unconfirmed, true},
		{"confirmation no longer runs", func(s Step) Verdict {
			if s.Against != Base {
				return Broken
			}
			return world{n: 16, bad: 5}.verdict(s)
		}, Unconfirmed, true},
		{"small steps, each the same as the one before", func(s Step) Verdict {
			if s.Commit-s.Against >= 6 {
				return Slower
			}
			return Same
		}, Contradicted, false},
		{"nothing builds", func(Step) Verdict { return Broken }, Unbuilt, false},
		{"nothing is clear", func(Step) Verdict { return Undecided }, Unclear, false},
	} {
		s, err := New(Config{Commits: 16})
		if err != nil {
			t.Fatal(err)
		}
		for step, more := s.Next(); more; step, more = s.Next() {
			if err := s.Add(c.verdict(step)); err != nil {
				t.Fatal(err)
			}
		}
		if r := s.Result(); r.Why != c.want || (r.First == r.Last) != c.single {
			t.Errorf("%s: got %+v", c.name, r)
		}
	}
}

func TestWhatCannotBeSearchedIsRefused(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Config{
		"cannot bisect 0 commits: want 1 to 65536; choose a nearer base":     {},
		"cannot bisect 65537 commits: want 1 to 65536; choose a nearer base": {Commits: 65537},
		"cannot bisect with alpha 1: want it above 0 and below 1":            {Commits: 2, Alpha: 1},
		"cannot bisect with alpha -1: want it above 0 and below 1":           {Commits: 2, Alpha: -1},
	} {
		if _, err := New(c); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	s, err := New(Config{Commits: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := `bisection got verdict "fast": want slower, same, undecided or broken`
	if err := s.Add("fast"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if s, err = New(Config{Commits: 1}); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(Same); err == nil || err.Error() != "bisection has ended: it takes no more verdicts" {
		t.Errorf("got %v", err)
	}
}
