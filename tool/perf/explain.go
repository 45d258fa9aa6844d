package perf

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/profile"
	"github.com/hemilith/hemilith/tool/perf/report"
)

const (
	// maxExplained bounds how many benchmarks are profiled, the surest first;
	// explainTime is when each gets only one more profile of a side.
	maxExplained = 3
	explainTime  = 20 * time.Second
	// maxDifferences bounds how many functions are told of one benchmark.
	maxDifferences = 8
	// smallest is the share of the largest difference below which none is told.
	smallest = 0.05
)

// kinds are the profiles that explain a channel.
var kinds = map[gate.Channel]profile.Kind{
	gate.CPU: profile.CPU, gate.Allocs: profile.Allocs, gate.Bytes: profile.Bytes,
}

// explain profiles what became slower, and says in which function. What can't be
// explained is told in a note: the finding stands without.
func (s *session) explain(ctx context.Context) error {
	until := time.Now().Add(explainTime)
	for _, f := range s.findings() {
		one := &s.report.Benchmarks[f.index]
		s.cfg.Progress("profiling " + one.Name)
		d, err := s.profile(ctx, s.benches[f.index], f.test.Channel, until)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			one.Notes = append(one.Notes, "no profile: "+err.Error())
			continue
		}
		if err := s.attribute(one, s.benches[f.index], d, f.test.Channel); err != nil {
			return err
		}
		s.share(one)
	}
	return nil
}

// share gives the cause to the same benchmark with other numbers of processors.
func (s *session) share(one *report.Benchmark) {
	for i := range s.report.Benchmarks {
		o := &s.report.Benchmarks[i]
		if o.Package == one.Package && o.Name == one.Name && slices.ContainsFunc(o.Tests, isSlower) {
			o.Cause = one.Cause
		}
	}
}

// finding is a benchmark that became slower, by its index, and its surest test of
// those that a profile explains.
type finding struct {
	index int
	test  *report.Test
}

func isSlower(t report.Test) bool { return t.Verdict == gate.Slower }

// findings are the surest of what became slower: one of each name, as what
// explains it with one processor explains it with two.
func (s *session) findings() []finding {
	var all []finding
	named := map[string]int{}
	for i := range s.report.Benchmarks {
		one := &s.report.Benchmarks[i]
		for k := range one.Tests {
			t := &one.Tests[k]
			if !isSlower(*t) || kinds[t.Channel] == "" {
				continue
			}
			name := one.Package + "\x00" + one.Name
			at, known := named[name]
			switch {
			case !known:
				named[name] = len(all)
				all = append(all, finding{i, t})
			case prior(t, all[at].test):
				all[at] = finding{i, t}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b finding) int { return cmp.Compare(a.test.FalseAlarm, b.test.FalseAlarm) })
	return all[:min(len(all), maxExplained)]
}

// prior tells whether a profile is taken for a rather than for b: time before
// counts, as what allocates more takes more time, too.
func prior(a, b *report.Test) bool {
	order := []gate.Channel{gate.CPU, gate.Allocs, gate.Bytes}
	return slices.Index(order, a.Channel) < slices.Index(order, b.Channel) || a.Channel == b.Channel && a.FalseAlarm < b.FalseAlarm
}

// profile compares the profiles of both sides as the linker lays them out.
func (s *session) profile(ctx context.Context, b *bench, c gate.Channel, until time.Time) (*profile.Difference, error) {
	r, err := s.fresh(ctx, b)
	if err != nil {
		return nil, err
	}
	subject := profile.Subject{Base: r.base, Head: r.head, Plan: b.plan, Procs: b.procs, Until: until}
	return profile.Explain(ctx, r.runner, subject, kinds[c], s.scratch)
}

// attribute writes what a profile says into the report.
func (s *session) attribute(one *report.Benchmark, b *bench, d *profile.Difference, c gate.Channel) error {
	root, module, err := profile.Module(s.rooms[b.pkg].head.Dir)
	if err != nil {
		return err
	}
	below, err := filepath.Rel(s.build.Tree(), root)
	if err != nil {
		return err
	}
	level := profile.Own
	at := func(p profile.Place) report.Place {
		file, own := strings.CutPrefix(p.File, module+"/")
		if !own {
			return report.Place{Function: p.Function}
		}
		return report.Place{Function: p.Function, File: filepath.ToSlash(filepath.Join(below, file)), Line: p.Line}
	}
	if culprit, ok := d.Culprit(); ok {
		level = culprit.Level
		one.Cause = &report.Cause{Place: at(culprit.Line), Share: culprit.Share, Sure: culprit.Sure}
	}
	unit := 1.0
	if c == gate.CPU {
		unit = second
	}
	most := 0.0
	for _, p := range d.Functions(level) {
		if most = max(most, p.Delta()); len(one.Profile) == maxDifferences || p.Delta() < smallest*most {
			break // the dearest are first; what became cheaper explains nothing
		}
		if lines := d.Lines(level, p); len(lines) > 0 {
			p.Line = lines[0].Line
		}
		one.Profile = append(one.Profile, report.Difference{Place: at(p), Channel: c, Before: p.Base / unit, After: p.Head / unit})
	}
	return nil
}
