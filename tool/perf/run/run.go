// Package run measures benchmarks of test binaries that were built with the
// meter of perf/build: one benchmark, in a process of its own, at a number of
// operations that is fixed beforehand, and pairs of such runs.
package run

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Binary is a test binary.
type Binary struct {
	// Path is the file.
	Path string
	// Dir is the directory that it runs in: its package's own, where its testdata
	// is.
	Dir string
	// Temp is where its temporary files go (TMPDIR), each run's to a directory of
	// its own that is removed at the end of the run. "" is the usual directory.
	Temp string
}

// Runner runs benchmarks. Only one at a time should run on a machine, or they
// measure each other; it is safe for concurrent use otherwise.
type Runner struct {
	// Dir is a directory of the runner's own, on a disk that binaries can run
	// from. Its path's length should be the same in all runs that are compared.
	Dir string
	// Timeout is for one run of one benchmark; 0 is one minute.
	Timeout time.Duration
	// Start starts the process of a run, such as with a counter; nil is its own Start.
	// Pairs that run at once don't use it.
	Start func(*exec.Cmd) error
	// InTurn runs the sides of all pairs one after the other.
	InTurn bool

	processors processors
	disturbed  names // benchmarks of which two can't run at once
}

// setting is where a benchmark runs.
type setting struct {
	procs int // GOMAXPROCS
	cpu   int // the processor that it stays on, or anyCPU
}

const anyCPU = -1

// Target is how much CPU time (or, of a benchmark that waits, wall time) one
// run shall take: with less, start-up and clock show; with more, fewer pairs fit
// into the time (perf-gate.md section 3, step 2).
const Target = 65 * time.Millisecond

const (
	defaultTimeout = time.Minute
	// leastN is how many operations a run has at least: only then does package testing
	// make one before, which pays for what is done once, and what is kept from one
	// operation to the next counts. Where one operation takes longer than longOperation,
	// which is how long go test runs if nothing is said, it is the only one there, too.
	leastN        = 2
	longOperation = time.Second
	// maxN is that of package testing.
	maxN = 1_000_000_000
	// trial is how long a benchmark runs to find out how long it takes.
	trial = 20 * time.Millisecond
	// majority is how many trials must agree on whether a benchmark waits: another program
	// that takes the processor in the middle of a system call looks like waiting, and in the
	// middle of work like work. A processor that is idle for less than workingShare of
	// the time is beyond doubt.
	majority     = 3
	workingShare = 0.1
	// maxSettles is how often its number of operations is corrected, and maxGrowth by
	// how much at once.
	maxSettles = 5
	maxGrowth  = 100
	// A benchmark whose processor has nothing to run for more than this share of
	// the time waits for something else: its wall time is judged, too. This is
	// what the scheduler of the Go runtime says, which other load on the machine
	// does not change, as it does wall over CPU.
	waitingShare = 0.5
	// maxHead bounds what a run of head takes, in Targets of base: where head is
	// slower than that, fewer operations show it as well.
	maxHead = 8
	// probeShare is the share of the operations with which head is tried for that.
	probeShare = 16
)

// Measurement is what one run of a benchmark gave.
type Measurement struct {
	// N is the number of operations.
	N int
	// CPU is the user and system time of all threads of the process while the
	// benchmark's timer ran, and Wall the time that passed, in ns per operation.
	CPU, Wall float64
	// Allocs and Bytes are heap allocations per operation, rounded down.
	Allocs, Bytes int64
	// Idle is the share, from 0 to 1, of the benchmark function's time in which
	// processors had no goroutine to run. It is known of trials only, as Plan
	// makes them, and 0 otherwise.
	Idle float64
	// Started counts the goroutines that the benchmark started. Before go1.26 it
	// counts those of RunParallel only.
	Started int
	// LeftGoroutines and LeftFiles count what the benchmark left behind.
	LeftGoroutines, LeftFiles int
	// Line is the result in the standard Go benchmark format, without newline.
	Line string
}

// Plan is how a benchmark is to be run.
type Plan struct {
	// Name is the full name, sub-benchmarks included, without processors.
	Name string
	// N is the number of operations of each run.
	N int
	// Spreads is whether it starts goroutines, so that contention is seen only
	// with two processors: it is to be run with one and with two.
	Spreads bool
	// Waits is whether most of its time nothing runs, so that wall time is to be
	// judged, too.
	Waits bool
	// Notes say what is odd about it, a sentence each.
	Notes []string
}

// Plan finds out how to run a benchmark: on base, but for the bound on what head
// takes.
func (r *Runner) Plan(ctx context.Context, base, head Binary, name string) (Plan, error) {
	plan, err := r.planBase(ctx, base, name)
	if err != nil {
		return Plan{}, &SideError{"base", err}
	}
	m, err := r.Once(ctx, head, name, 1, max(1, plan.N/probeShare))
	if err != nil {
		return Plan{}, &SideError{"head", err}
	}
	plan.N = min(plan.N, plan.operations(m, maxHead*Target))
	return plan, nil
}

func (r *Runner) planBase(ctx context.Context, base Binary, name string) (Plan, error) {
	var e election
	for {
		m, err := r.one(ctx, base, name, setting{1, anyCPU}, trial.String())
		if err != nil {
			return Plan{}, err
		}
		if plan, ok := e.vote(planFor(name, m), m.Idle); ok {
			return r.settle(ctx, base, plan)
		}
	}
}

// election decides by several trials whether a benchmark waits.
type election struct{ waiting, working int }

// vote counts a trial, and tells whether its plan is the one to follow.
func (e *election) vote(p Plan, idle float64) (Plan, bool) {
	if p.Waits {
		e.waiting++
	} else {
		e.working++
	}
	return p, idle < workingShare || p.Waits && e.waiting == majority || !p.Waits && e.working == majority
}

// settle mends the number of operations: a trial ends by the wall clock, which on a
// loaded machine may be after a handful of operations that tell little of more.
func (r *Runner) settle(ctx context.Context, base Binary, plan Plan) (Plan, error) {
	for range maxSettles {
		m, err := r.Once(ctx, base, plan.Name, 1, plan.N)
		if err != nil {
			return Plan{}, err
		}
		if n := plan.operations(m, Target/2); n <= plan.N {
			break
		}
		plan.N = min(plan.operations(m, Target), maxGrowth*plan.N)
	}
	return plan, nil
}

// planFor draws the conclusions from a trial.
func planFor(name string, m Measurement) Plan {
	p := Plan{Name: name, Spreads: m.Started > 0, Waits: m.Idle > waitingShare}
	p.N = p.operations(m, Target)
	if n := m.LeftGoroutines; n > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s leaves %s running: each run has a process of its own, so they end with it", name, counted(n, "goroutine")))
	}
	if n := m.LeftFiles; n > 0 {
		p.Notes = append(p.Notes, fmt.Sprintf("%s leaves %s open: with more operations a run may reach the limit of open files", name, counted(n, "file")))
	}
	return p
}

// operations is how many of them take so long, by a measurement.
func (p Plan) operations(m Measurement, t time.Duration) int {
	perOp := m.CPU
	if p.Waits {
		perOp = m.Wall
	}
	least := leastN
	if perOp > float64(longOperation.Nanoseconds()) {
		least = 1
	}
	if n := math.Round(float64(t.Nanoseconds()) / perOp); n < maxN { // not so for 0/0 and 1/0
		return max(least, int(n))
	}
	return maxN
}

// Longer returns the plan with so many times the operations, but for benchmarks of
// which the least number takes as long as a run shall, or who knows how much longer.
func (p Plan) Longer(times int) Plan {
	if p.N > leastN {
		p.N = min(times*p.N, maxN)
	}
	return p
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// Once runs a benchmark for n operations on procs processors (GOMAXPROCS).
func (r *Runner) Once(ctx context.Context, bin Binary, name string, procs, n int) (Measurement, error) {
	return r.With(ctx, bin, name, procs, n)
}

// With is Once with more flags of the test binary, such as -test.cpuprofile=FILE.
// Files are named by absolute paths.
func (r *Runner) With(ctx context.Context, bin Binary, name string, procs, n int, flags ...string) (Measurement, error) {
	return r.fixed(ctx, bin, name, setting{procs, anyCPU}, n, flags...)
}

// fixed runs a benchmark for n operations.
func (r *Runner) fixed(ctx context.Context, bin Binary, name string, at setting, n int, flags ...string) (Measurement, error) {
	m, err := r.one(ctx, bin, name, at, strconv.Itoa(n)+"x", flags...)
	if err == nil && m.N != n {
		return m, &Failure{Bench: name, Kind: ChangesN, Detail: fmt.Sprintf("%d instead of %d", m.N, n)}
	}
	return m, err
}

// one runs one benchmark; benchtime is as for go test.
func (r *Runner) one(ctx context.Context, bin Binary, name string, at setting, benchtime string, flags ...string) (Measurement, error) {
	o, err := r.start(ctx, bin, Pattern(name), at, benchtime, flags...)
	if err != nil {
		return Measurement{}, err
	}
	full := name
	if at.procs != 1 {
		full += "-" + strconv.Itoa(at.procs)
	}
	for line := range strings.Lines(o.results) {
		printed, result, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if printed == "--- SKIP: "+name {
			return Measurement{}, &Failure{Bench: name, Kind: Skips, Detail: o.skipReason(name)}
		}
		if printed == full && o.err == nil {
			m, err := parse(result)
			if err != nil {
				err = &Failure{Bench: name, Kind: Odd, Detail: err.Error()}
			}
			m.Line = full + "\t" + result
			return m, err
		}
	}
	return Measurement{}, o.failure(name, r.timeout())
}

// Pattern is the regular expression for -bench that matches a benchmark, and what is
// below, and nothing else: an element a level.
func Pattern(name string) string {
	elements := strings.Split(name, "/")
	for i, e := range elements {
		elements[i] = "^" + regexp.QuoteMeta(e) + "$"
	}
	return strings.Join(elements, "/")
}

func (r *Runner) timeout() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return defaultTimeout
}

// resultsDir is where a process writes its results.
func (r *Runner) resultsDir() string { return filepath.Join(r.Dir, "results") }
