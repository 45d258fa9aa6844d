package perf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
	"github.com/hemilith/hemilith/tool/perf/run"
	"github.com/hemilith/hemilith/tool/perf/serve"
)

// bench is one benchmark in one setting.
type bench struct {
	pkg   string
	plan  run.Plan
	procs int
	at    build.Place // of its function's declaration
	tests []gate.Test
	// base and head are what the sides gave, by channel.
	base, head map[gate.Channel][]float64
	layouts    []int
}

// key names a benchmark to the gate.
func (b *bench) key() string { return fmt.Sprintf("%s %s-%d", b.pkg, b.plan.Name, b.procs) }

// room is where the binaries of one package run, and which copies are there.
type room struct {
	runner     *run.Runner
	base, head run.Binary // copies
	of         step
}

// step is what copies depend on.
type step struct {
	made    bool
	confirm bool
	layout  int
}

// plan finds the benchmarks of one function, and how they are to be run.
func (s *session) plan(ctx context.Context, pkg string, f *build.Benchmark) error {
	function := f.Name
	if s.late() {
		s.failed(pkg, function, errLate)
		return nil
	}
	room, err := s.room(ctx, pkg)
	if err != nil {
		s.failed(pkg, function, err)
		return ctx.Err()
	}
	s.cfg.Progress("looking at " + function)
	names, failures, err := room.runner.List(ctx, room.base, function)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.failed(pkg, function, err)
	}
	for _, err := range failures {
		// One that fails above what was asked for keeps that from running.
		if name := named(err, function); s.asked(pkg, name, s.cfg.Bench.mayMatch(name)) {
			s.failed(pkg, name, err)
		}
	}
	for _, name := range names {
		switch {
		case !s.asked(pkg, name, s.cfg.Bench.Match(name)):
		case s.late():
			s.failed(pkg, name, errLate)
		default:
			if err := s.add(ctx, room, pkg, name, f.Declared); err != nil {
				s.failed(pkg, name, err)
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// named is the benchmark that a failure is about, or the function that it was found in.
func named(err error, function string) string {
	if f := (*run.Failure)(nil); errors.As(err, &f) {
		return f.Bench
	}
	return function
}

// asked returns whether a benchmark was asked for, and reports those that were not.
func (s *session) asked(pkg, name string, asked bool) bool {
	if asked {
		s.matched = true
		return true
	}
	s.unchosen, s.known = true, append(s.known, name)
	s.report.Skipped = append(s.report.Skipped, report.Unmeasured{Package: pkg, Name: name, Why: unasked})
	return false
}

// errLate is why a benchmark was not even looked at.
var errLate = errors.New("not reached in the time allowed: allow more, or choose fewer benchmarks")

// late tells whether looking at benchmarks has taken half of the time.
func (s *session) late() bool { return s.cfg.Budget > 0 && time.Since(s.began) > s.cfg.Budget/2 }

// failed notes a benchmark that can't be measured, or that does not want to be on base
// already. One that skips itself on head alone is one that nothing is known of any more.
func (s *session) failed(pkg, name string, err error) {
	list := &s.report.Failed
	var failure *run.Failure
	var side *run.SideError
	ofHead := errors.As(err, &side) && side.Side == "head"
	if errors.As(err, &failure) && failure.Kind == run.Skips && !ofHead {
		list = &s.report.Skipped
	}
	*list = append(*list, report.Unmeasured{Package: pkg, Name: name, Why: err.Error()})
}

// add plans one benchmark: a bench for each number of processors.
func (s *session) add(ctx context.Context, room *room, pkg, name string, at build.Place) error {
	plan, err := room.runner.Plan(ctx, room.base, room.head, name)
	if err != nil {
		return err
	}
	settings := []int{1}
	if plan.Spreads {
		settings = []int{1, 2}
	}
	for _, procs := range settings {
		if of := s.cfg.only; of != nil && of.procs != procs {
			continue
		}
		b := &bench{pkg: pkg, at: at, plan: plan, procs: procs, base: map[gate.Channel][]float64{}, head: map[gate.Channel][]float64{}}
		if err := b.choose(ctx, room); err != nil {
			return err
		}
		if of := s.cfg.only; of != nil {
			b.tests = slices.DeleteFunc(b.tests, func(t gate.Test) bool { return t.Channel != of.channel })
		}
		s.benches = append(s.benches, b)
	}
	return nil
}

// agreeing is how many runs of base say whether a count is exact.
const agreeing = 3

// choose finds the channels that are judged.
func (b *bench) choose(ctx context.Context, room *room) error {
	var allocs, bytes []float64
	for i := 0; i < agreeing && !b.plan.Spreads; i++ { // goroutines allocate as they please
		m, err := room.runner.Once(ctx, room.base, b.plan.Name, b.procs, b.plan.N)
		if err != nil {
			return err
		}
		allocs, bytes = append(allocs, float64(m.Allocs)), append(bytes, float64(m.Bytes))
	}
	b.tests = []gate.Test{{Channel: gate.CPU}}
	if b.plan.Waits {
		b.tests = append(b.tests, gate.Test{Channel: gate.Wall})
	}
	b.tests = append(b.tests,
		gate.Test{Channel: gate.Allocs, Exact: gate.Agree(gate.Allocs, allocs)},
		gate.Test{Channel: gate.Bytes, Exact: gate.Agree(gate.Bytes, bytes)})
	return nil
}

// room is that of a package, with copies of the binaries as the linker lays them.
func (s *session) room(ctx context.Context, pkg string) (*room, error) {
	if r := s.rooms[pkg]; r != nil {
		return r, nil
	}
	dir := filepath.Join(s.scratch, fmt.Sprintf("%04d", len(s.rooms)))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	r := &room{runner: &run.Runner{Dir: dir, Timeout: s.cfg.Timeout, InTurn: s.cfg.InTurn}}
	if err := s.copies(ctx, pkg, r, gate.Step{Fresh: true}); err != nil {
		return nil, err
	}
	s.rooms[pkg] = r
	return r, nil
}

// fresh is the room of a benchmark with new copies, as the linker lays them, for what
// explains a finding.
func (s *session) fresh(ctx context.Context, b *bench) (*room, error) {
	r := s.rooms[b.pkg]
	return r, s.copies(ctx, b.pkg, r, gate.Step{Fresh: true})
}

// copies puts the binaries of a step in place, copied anew if the step asks for
// that or others are there. To confirm, the sides change places.
func (s *session) copies(ctx context.Context, pkg string, r *room, st gate.Step) error {
	want := step{true, st.Confirm, st.Layout}
	if r.of == want && !st.Fresh {
		return nil
	}
	r.of = step{} // what fails may leave one copy of two
	base, head, err := s.build.Binaries(ctx, pkg, uint64(st.Layout))
	if err != nil {
		return err
	}
	b, h := run.Binary(base), run.Binary(head)
	if st.Confirm {
		r.head, r.base, err = r.runner.Copies(h, b, st.HeadFirst)
	} else {
		r.base, r.head, err = r.runner.Copies(b, h, st.HeadFirst)
	}
	if err != nil {
		return err
	}
	r.of = want
	return nil
}

// measure judges all benchmarks, and explains what became slower.
func (s *session) measure(ctx context.Context) error {
	if err := s.judge(ctx, s.pair); err != nil {
		return err
	}
	if s.cfg.only != nil || s.cfg.Brief {
		return nil
	}
	for _, explain := range []func(context.Context) error{s.blame, s.explain, s.depend, s.count} {
		if err := explain(ctx); err != nil {
			return err
		}
	}
	return nil
}

// judge runs pairs until the gate knows. Pair measures what a step says; of a
// benchmark that can't be measured its error is a failure of run or serve.
func (s *session) judge(ctx context.Context, pair func(context.Context, *bench, gate.Step) (base, head gate.Sample, err error)) error {
	g, err := gate.New(gate.Config{Seed: s.cfg.Seed, Budget: s.left(), Alpha: s.cfg.Alpha, Effort: s.cfg.effort}, s.gateBenches())
	if err != nil {
		return err
	}
	by := map[string]*bench{}
	for _, b := range s.benches {
		by[b.key()] = b
	}
	s.report.M = g.M()
	for pairs := 1; ; pairs++ {
		st, more := g.Next()
		if !more {
			break
		}
		b := by[st.Bench]
		s.cfg.Progress(fmt.Sprintf("%d of %d benchmarks decided, pair %d: %s", len(s.benches)-g.Open(), len(s.benches), pairs, b.plan.Name))
		began := time.Now()
		base, head, err := pair(ctx, b, st)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case isFailure(err):
			s.failed(b.pkg, b.plan.Name, err)
			g.Drop(st.Bench)
		case err != nil:
			return err
		default:
			b.keep(base, head)
			if err := g.Add(base, head, time.Since(began)); err != nil {
				return err
			}
		}
	}
	s.tell(g)
	return nil
}

// isFailure tells whether an error is about one benchmark, and not about all.
func isFailure(err error) bool {
	var one *run.Failure
	var program *serve.Failure
	return errors.As(err, &one) || errors.As(err, &program)
}

// left is what is left of the budget, at least a moment; 0 is no limit.
func (s *session) left() time.Duration {
	if s.cfg.Budget == 0 {
		return 0
	}
	return max(1, s.cfg.Budget-time.Since(s.began))
}

// pair runs what a step says.
func (s *session) pair(ctx context.Context, b *bench, st gate.Step) (base, head gate.Sample, err error) {
	r := s.rooms[b.pkg]
	if err := s.copies(ctx, b.pkg, r, st); err != nil {
		return nil, nil, err
	}
	p, err := r.runner.Pair(ctx, r.base, r.head, b.plan.Longer(st.Longer), b.procs, st.HeadFirst)
	if err != nil {
		return nil, nil, err
	}
	both := []report.Run{
		{Package: b.pkg, Line: p.Base.Line, Layout: st.Layout},
		{Package: b.pkg, Line: p.Head.Line, Layout: st.Layout, Head: true},
	}
	if st.HeadFirst {
		slices.Reverse(both)
	}
	s.runs = append(s.runs, both...)
	b.layout(st.Layout)
	return b.sample(p.Base), b.sample(p.Head), nil
}

// layout notes a seed that a benchmark ran with, in order.
func (b *bench) layout(seed int) {
	if at, found := slices.BinarySearch(b.layouts, seed); !found {
		b.layouts = slices.Insert(b.layouts, at, seed)
	}
}

// second is one, in the units of a measurement.
const second = 1e9

// sample is a measurement in the gate's units.
func (b *bench) sample(m run.Measurement) gate.Sample {
	all := gate.Sample{gate.CPU: m.CPU / second, gate.Wall: m.Wall / second, gate.Allocs: float64(m.Allocs), gate.Bytes: float64(m.Bytes)}
	s := gate.Sample{}
	for _, t := range b.tests {
		s[t.Channel] = all[t.Channel]
	}
	return s
}

// keep keeps what both sides gave.
func (b *bench) keep(base, head gate.Sample) {
	for _, t := range b.tests {
		b.base[t.Channel] = append(b.base[t.Channel], base[t.Channel])
		b.head[t.Channel] = append(b.head[t.Channel], head[t.Channel])
	}
}
