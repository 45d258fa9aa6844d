// Package perf answers: did this commit make a benchmark slower or hungrier, by
// how much, and how certain is that? It builds both sides alike, runs what the
// change can have touched in pairs, and stops as soon as sequential tests know.
package perf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hemilith/hemilith/tool/perf/accept"
	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/history"
	"github.com/hemilith/hemilith/tool/perf/report"
)

// Config says what is compared, and how hard. The zero value compares the
// worktree around the current directory with its merge base, for as long as it
// takes.
type Config struct {
	build.Options
	// Bench chooses benchmarks; nil are all.
	Bench *Pattern
	// Budget is for looking at the benchmarks, half of it at most, and for all pairs
	// together; 0 is no limit.
	Budget time.Duration
	// Timeout is for one run of one benchmark; 0 is a minute.
	Timeout time.Duration
	// Alpha bounds the chance of a false alarm in all; 0 is 0.01.
	Alpha float64
	// InTurn runs the sides of each pair one after the other, where otherwise they
	// share a processor.
	InTurn bool
	// Seed is of the order within pairs.
	Seed uint64
	// Record keeps what was found in the history of the repository, and fills in
	// Trends. Head must be a commit then.
	Record bool
	// Brief leaves it at verdicts: nothing is profiled or counted, no commit named.
	Brief bool
	// Progress, if not nil, is told what is going on; one call at a time.
	Progress func(string)

	only   *target // nothing else is measured or kept
	effort int     // as that of the gate
}

const defaultAlpha = 0.01

// Result is what a comparison found, and the runs that it rests on, in the order
// in which they were made.
type Result struct {
	*report.Report
	Runs []report.Run
	// Problems is what went wrong beside it, such as that it could not be recorded, or
	// that something was left behind. What was found stands. nil is nothing.
	Problems error
}

// end returns the error of a comparison that is over but for putting things away: where
// there is a result, what goes wrong with that is one of its problems.
func end(found *Result, err, away error) error {
	if found == nil {
		return hinted(errors.Join(err, away))
	}
	found.Problems = errors.Join(found.Problems, away)
	return err
}

// hinted adds to an error of a full disk how to take another one.
func hinted(err error) error {
	if err == nil || !build.FullDisk(err.Error()) || strings.Contains(err.Error(), "HEMILITH_CACHE") {
		return err
	}
	return fmt.Errorf("%w\n%s", err, build.DiskHint)
}

// Run compares, and tells what it found. The error is that of what could not be
// compared at all; benchmarks that could not be measured are in the report.
func Run(ctx context.Context, cfg Config) (*Result, error) { return compare(ctx, cfg, true) }

// Plan says what Run would measure and what it would skip, in Planned and Skipped,
// and runs nothing.
func Plan(ctx context.Context, cfg Config) (*Result, error) { return compare(ctx, cfg, false) }

func compare(ctx context.Context, cfg Config, measure bool) (found *Result, err error) {
	began := time.Now()
	cfg = cfg.filled(began)
	cfg.Progress("building both sides")
	b, err := build.Prepare(ctx, cfg.Options)
	if err != nil {
		return nil, hinted(err)
	}
	defer func() { err = end(found, err, b.Close()) }()
	r := describe(b, cfg)
	scratch, err := b.Scratch()
	if err != nil {
		return nil, err
	}
	s := &session{cfg: cfg, build: b, report: r, scratch: scratch, rooms: map[string]*room{}, began: time.Now()}
	if err := errors.Join(s.recordable(), s.readAccepted(ctx)); err != nil {
		return nil, err
	}
	if err := s.choose(ctx, measure); err != nil {
		return nil, err
	}
	if !s.chosen && len(s.known) > 0 || measure && s.vain() {
		return nil, s.noneChosen()
	}
	if measure && len(s.benches) > 0 {
		if err := s.measure(ctx); err != nil {
			return nil, err
		}
	}
	found = &Result{Report: r, Runs: s.runs}
	if measure && cfg.Record {
		if err := s.record(ctx); err != nil {
			found.Problems = err
		}
	}
	r.Seconds = time.Since(began).Seconds()
	r.Complete()
	r.Next = cmp.Or(r.Next, next(r, measure))
	if measure && cfg.only == nil {
		keep(ctx, cfg.Options, r)
	}
	return found, nil
}

// filled returns the configuration with what it leaves open.
func (cfg Config) filled(now time.Time) Config {
	if cfg.Now.IsZero() {
		cfg.Now = now
	}
	if cfg.Progress == nil {
		cfg.Progress = func(string) {}
	}
	cfg.Alpha = cmp.Or(cfg.Alpha, defaultAlpha)
	return cfg
}

// session is one comparison under way.
type session struct {
	cfg      Config
	build    *build.Build
	report   *report.Report
	scratch  string
	began    time.Time // when the budget began
	accepted []accept.Acceptance
	rooms    map[string]*room // by package
	known    []string         // names of all functions
	chosen   bool             // whether some of these may be what was asked for
	matched  bool             // whether one that was asked for was found
	unchosen bool             // whether one was found that was not
	equal    bool             // whether some of them, or theirs, may be and do not run
	benches  []*bench
	runs     []report.Run
	kept     []history.Result
}

// choose finds what is to be measured, benchmark by benchmark.
func (s *session) choose(ctx context.Context, measure bool) error {
	for i := range s.build.Packages {
		p := &s.build.Packages[i]
		for _, f := range p.Benchmarks {
			s.known, s.chosen = append(s.known, f.Name), s.chosen || s.cfg.Bench.mayMatch(f.Name)
		}
		if p.Err != nil {
			s.report.Failed = append(s.report.Failed, report.Unmeasured{Package: p.Path, Why: p.Err.Error()})
			continue
		}
		for k := range p.Benchmarks {
			f := &p.Benchmarks[k]
			switch {
			case f.Run && !s.cfg.Bench.mayMatch(f.Name):
				s.report.Skipped = append(s.report.Skipped, report.Unmeasured{Package: p.Path, Name: f.Name, Why: unasked})
			case !f.Run:
				s.equal = s.equal || s.cfg.Bench.mayMatch(f.Name)
				s.report.Skipped = append(s.report.Skipped, report.Unmeasured{Package: p.Path, Name: f.Name, Why: f.Why, Equal: !f.Absent})
			case !measure:
				s.report.Planned = append(s.report.Planned, report.Unmeasured{Package: p.Path, Name: f.Name, Why: f.Why})
			default:
				if err := s.plan(ctx, p.Path, f); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// unasked is why a benchmark is not run that a pattern does not choose.
const unasked = "not asked for"

// vain tells whether all benchmarks of those functions that may have had what was asked
// for turned out to be others.
func (s *session) vain() bool {
	return s.unchosen && !s.matched && !s.equal && len(s.report.Failed) == 0
}

// noneChosen is the error of a pattern that matches nothing.
func (s *session) noneChosen() error {
	const most = 8
	names := slices.Compact(slices.Sorted(slices.Values(s.known)))
	list := strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Errorf("no benchmark matches %q; there are %s", s.cfg.Bench, list)
}

// next is the command to run next.
func next(r *report.Report, measured bool) string {
	switch {
	case !measured && len(r.Planned) > 0:
		return "the same without -n   measure that"
	case len(r.Benchmarks)+len(r.Failed) == 0 && r.Base.Hash == r.Head.Hash && !r.Head.Dirty:
		return "the same with -base HEAD^   what the last commit did: base and head are one here"
	case r.Exit(false) == 1:
		return "hemilith perf report -json   all numbers; or accept it in the commit message: Perf-Accept: BENCHMARK +N% reason"
	case slices.ContainsFunc(r.Benchmarks, outOfTime):
		return "the same with more -time, or with -bench for fewer benchmarks   decide what had too little"
	}
	return ""
}

// outOfTime tells whether a benchmark is undecided for want of time.
func outOfTime(b report.Benchmark) bool {
	return slices.ContainsFunc(b.Tests, func(t report.Test) bool { return t.Channel.Fails() && t.Why == gate.OutOfTime })
}

// gateBenches are what the gate judges.
func (s *session) gateBenches() []gate.Bench {
	list := make([]gate.Bench, len(s.benches))
	for i, b := range s.benches {
		list[i] = gate.Bench{Name: b.key(), Tests: b.tests}
	}
	return list
}
