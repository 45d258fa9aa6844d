package perf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/bisect"
	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
	"github.com/hemilith/hemilith/tool/perf/run"
)

// target is one channel of one benchmark in one setting: all that is measured.
type target struct {
	pkg, name string
	procs     int
	channel   gate.Channel
}

// is tells whether a result is that of the target.
func (t *target) is(b *report.Benchmark, c gate.Channel) bool {
	return b.Package == t.pkg && b.Name == t.name && b.Procs == t.procs && c == t.channel
}

// Bisect finds which commit from base to head made a benchmark slower: of those
// that cfg chooses, the one of which it is surest. The report compares the commit
// that it found with the one before, and tells in Bisection how it was found; if no
// benchmark is slower at head, it is that comparison, without.
func Bisect(ctx context.Context, cfg Config) (*Result, error) {
	began := time.Now()
	first := cfg
	first.Brief = true
	whole, err := Run(ctx, first)
	if err != nil {
		return nil, err
	}
	of := surest(whole.Report)
	if of == nil {
		return whole, nil
	}
	if whole.Head.Dirty {
		return nil, errors.New("the worktree has changes that are in no commit: commit them, or name a head to bisect to")
	}
	commits, err := bisect.History(ctx, cmp.Or(cfg.Dir, "."), whole.Base.Hash, whole.Head.Hash)
	if err != nil {
		return nil, err
	}
	search, err := bisect.New(bisect.Config{Commits: len(commits), Alpha: cfg.Alpha})
	if err != nil {
		return nil, err
	}
	h := &hunt{cfg: cfg, of: *of, commits: commits, base: whole.Base, search: search, began: began, problems: whole.Problems}
	if err := h.run(ctx); err != nil {
		return nil, err
	}
	return h.tell(ctx, whole)
}

// surest is the target that became slower with the least chance of a false alarm;
// nil if none did.
func surest(r *report.Report) *target {
	var best *report.Test
	var of *target
	for i := range r.Benchmarks {
		b := &r.Benchmarks[i]
		for k := range b.Tests {
			t := &b.Tests[k]
			if isSlower(*t) && t.Channel.Fails() && (best == nil || t.FalseAlarm < best.FalseAlarm) {
				best, of = t, &target{b.Package, b.Name, b.Procs, t.Channel}
			}
		}
	}
	return of
}

// hunt is a bisection under way.
type hunt struct {
	cfg     Config
	of      target
	commits []bisect.Commit
	base    report.Revision
	search  *bisect.Search
	began   time.Time
	steps   []report.Step
	// problems are those of all comparisons, as Result has them.
	problems error
}

// revision is the commit of a number.
func (h *hunt) revision(number int) report.Revision {
	if number == bisect.Base {
		return h.base
	}
	return report.Revision{Hash: h.commits[number].Hash}
}

// run asks until the search has an answer, or the time is up.
func (h *hunt) run(ctx context.Context) error {
	for {
		st, more := h.search.Next()
		if !more || h.late() {
			return nil
		}
		v, err := h.ask(ctx, st)
		if err != nil {
			return err
		}
		if err := h.search.Add(v); err != nil {
			return err
		}
	}
}

// late tells whether the budget is used up.
func (h *hunt) late() bool { return h.cfg.Budget > 0 && time.Since(h.began) >= h.cfg.Budget }

// compared is the configuration that compares two commits.
func (h *hunt) compared(against, commit int) Config {
	cfg := h.cfg
	cfg.Base, cfg.Head = h.revision(against).Hash, h.revision(commit).Hash
	cfg.Patterns = []string{h.of.pkg}
	cfg.Bench = exactly(h.of.name)
	cfg.All, cfg.Record, cfg.Now = false, false, time.Time{}
	if cfg.Budget > 0 {
		cfg.Budget = max(time.Second, cfg.Budget-time.Since(h.began))
	}
	progress := h.cfg.Progress
	cfg.Progress = func(what string) {
		if progress != nil {
			progress(fmt.Sprintf("step %d, %.7s: %s", len(h.steps)+1, cfg.Head, what))
		}
	}
	return cfg
}

// ask measures what a step asks for. Whatever keeps a commit from being compared
// is a verdict, too.
func (h *hunt) ask(ctx context.Context, st bisect.Step) (bisect.Verdict, error) {
	began := time.Now()
	cfg := h.compared(st.Against, st.Commit)
	cfg.Alpha, cfg.effort, cfg.only = st.Alpha, st.Effort, &h.of
	r, err := Run(ctx, cfg)
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	told := report.Step{
		Number: st.Commit + 1, Commit: h.revision(st.Commit),
		Against: h.revision(st.Against), Base: st.Against == bisect.Base,
	}
	told.Interval = evalue.Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}
	v := bisect.Broken
	if err != nil {
		told.Why = err.Error()
	} else {
		told.Commit, told.Against = r.Head, r.Base
		v = h.verdict(r, &told)
		h.problems = errors.Join(h.problems, r.Problems)
	}
	if v == bisect.Broken && build.FullDisk(told.Why) {
		return "", hinted(errors.New(told.Why)) // the other commits would look broken, too
	}
	told.Verdict, told.Seconds = string(v), time.Since(began).Seconds()
	h.steps = append(h.steps, told)
	return v, nil
}

// verdict reads the answer from a comparison, and writes its numbers into the step.
func (h *hunt) verdict(r *Result, told *report.Step) bisect.Verdict {
	for i := range r.Benchmarks {
		for _, t := range r.Benchmarks[i].Tests {
			if !h.of.is(&r.Benchmarks[i], t.Channel) {
				continue
			}
			told.Effect, told.Interval, told.Pairs, told.Why = t.Effect, t.Interval, t.Pairs+t.ConfirmPairs, string(t.Why)
			switch t.Verdict {
			case gate.Slower:
				return bisect.Slower
			case gate.Same, gate.Faster:
				return bisect.Same
			}
			return bisect.Undecided
		}
	}
	for _, list := range [][]report.Unmeasured{r.Failed, r.Skipped} {
		for _, u := range list {
			if u.Package == h.of.pkg && (u.Name == "" || within(h.of.name, u.Name)) {
				told.Why = u.Why
				switch {
				case u.Equal:
					return bisect.Same
				case u.Why == errLate.Error():
					return bisect.Undecided
				}
				return bisect.Broken
			}
		}
	}
	told.Why = "it has no such benchmark"
	return bisect.Broken
}

// within tells whether a benchmark is one of a function, or part of it.
func within(name, function string) bool {
	return name == function || strings.HasPrefix(name, function+"/")
}

// tell makes the report of a search that has ended: the commit against the one
// before it, measured once more, or the whole range if it is not known which.
func (h *hunt) tell(ctx context.Context, whole *Result) (*Result, error) {
	found := h.search.Result()
	told := &report.Bisection{
		Package: h.of.pkg, Name: h.of.name, Procs: h.of.procs, Channel: h.of.channel, Commits: len(h.commits),
		First: h.revision(found.First), Last: h.revision(found.Last), Probability: found.Probability, Why: string(found.Why), Steps: h.steps,
	}
	for _, i := range found.Skipped {
		told.Skipped = append(told.Skipped, h.commits[i].Hash)
	}
	r := whole
	if found.First == found.Last {
		cfg := h.compared(found.First-1, found.First)
		if cfg.Budget > 0 {
			cfg.Budget = max(cfg.Budget, time.Minute) // to name the function, though the time is up
		}
		last, err := Run(ctx, cfg)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			h.problems = errors.Join(h.problems, fmt.Errorf("the commit found was not compared with the one before it: %w", err))
		} else {
			r, h.problems = last, errors.Join(h.problems, last.Problems)
			told.First, told.Last = r.Head, r.Head
		}
		if h.commits[found.First].Merge {
			r.Next = fmt.Sprintf("hemilith perf bisect -bench %s %.12s^1 %.12s^2   it is a merge: search what it brought", quoted(run.Pattern(h.of.name)), told.First.Hash, told.First.Hash)
		}
	}
	r.Bisection, r.Problems = told, h.problems
	r.Seconds = time.Since(h.began).Seconds()
	r.Complete()
	keep(ctx, h.cfg.Options, r.Report)
	return r, nil
}
