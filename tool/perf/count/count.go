// Package count counts the instructions of one operation of a benchmark, with the
// processor's own counter where Linux lets us read it, and otherwise by running it in
// valgrind where that is installed (perf-gate.md section 2). A count
// does not know what other programs do on the machine and varies by a thousandth or
// so, where time varies by hundredths; but it sees neither caches nor contention nor
// garbage collection, and it includes what the benchmark does while its timer is
// stopped. It explains, and fails nothing alone.
package count

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/hemilith/hemilith/tool/perf/run"
)

const (
	// repeats is how often each count is made, to know how far it varies.
	repeats = 3
	// maxAtOnce bounds how many runs there are at a time; each may take
	// memoryLimit, which is when the garbage collector works after all.
	maxAtOnce   = 4
	memoryLimit = "1GiB"
	// manyShare and fewShare are the shares of a plan's operations that the two runs
	// of a count have. The longer one is some 50 million instructions, of which the
	// start of a program varies by 0.1; valgrind runs 0.2 to 1.5 thousand million a
	// second. The shorter one is not of none: what the first operations set up
	// should not count.
	manyShare = 8
	fewShare  = 64
	// minFew is more than 1: package testing runs one operation first, and then all
	// of them if there are more.
	minFew = 2
	// maxTime is how long a comparison may take, and maxRun one run.
	maxTime = 2 * time.Minute
	maxRun  = 30 * time.Second
)

// ErrAbsent says that nothing counts on this machine. All else works without.
var ErrAbsent = errors.New("instructions are not counted: this machine has no counter that may be read, and valgrind is not installed")

// errUnfit is of what fails again if it is tried again.
var errUnfit = errors.New("so it cannot be counted")

// Counter counts instructions. It is safe for concurrent use.
type Counter struct {
	// Version says what counts: "hardware", or that of valgrind, as "valgrind 3.19.0".
	Version string

	tool   tool
	atOnce int
}

// tool runs a benchmark for n operations and counts the instructions of all of its
// process.
type tool interface {
	count(ctx context.Context, name string, bin run.Binary, n int) (float64, error)
}

// Find finds what counts. Dir is an existing directory for the counter alone, on a
// disk that programs can run from. The error is ErrAbsent if nothing does, or
// says what is wrong with valgrind.
func Find(ctx context.Context, dir string) (*Counter, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if h := findHardware(dir); h != nil {
		return counter("hardware", h), nil
	}
	v, err := findValgrind(ctx, dir)
	if err != nil {
		return nil, err
	}
	return counter(v.version, v), nil
}

func counter(version string, t tool) *Counter {
	return &Counter{Version: version, tool: t, atOnce: min(runtime.NumCPU(), maxAtOnce)}
}

// Count is what counting a benchmark gave: instructions per operation, of each
// repeat.
type Count []float64

// Compare counts a benchmark on both sides; the plan is how it is run otherwise.
// Where the counts differ they are made once more. It takes seconds, and on a machine
// with other things to do up to two minutes: then it ends with an error.
func (c *Counter) Compare(ctx context.Context, base, head run.Binary, p run.Plan) (Difference, error) {
	own, cancel := context.WithTimeoutCause(ctx, maxTime, errSlow)
	defer cancel()
	sides := make([]Count, 2)
	for {
		counts, err := c.Count(own, p, base, head)
		if err != nil {
			return Difference{}, err
		}
		sides[0], sides[1] = append(sides[0], counts[0]...), append(sides[1], counts[1]...)
		d := Compare(sides[0], sides[1])
		if d.Repeats > repeats || d.Verdict != More && d.Verdict != Less {
			return d, nil
		}
	}
}

// Count counts a benchmark of some binaries and returns what each gave. Counts are
// compared only if they are of the same plan.
func (c *Counter) Count(ctx context.Context, p run.Plan, bins ...run.Binary) ([]Count, error) {
	few := max(minFew, p.N/fewShare)
	many := max(few+1, p.N/manyShare)
	var jobs []*job
	for range repeats {
		for _, bin := range bins {
			jobs = append(jobs, &job{bin: bin, n: few}, &job{bin: bin, n: many})
		}
	}
	if err := c.all(ctx, p.Name, jobs); err != nil {
		return nil, err
	}
	counts := make([]Count, len(bins))
	for i := 0; i < len(jobs); i += 2 {
		side := i / 2 % len(bins)
		counts[side] = append(counts[side], (jobs[i+1].count-jobs[i].count)/float64(many-few))
	}
	return counts, nil
}

var errSlow = fmt.Errorf("counting instructions takes more than %v: the machine is busy, or one operation long", maxTime)

// job is one run that is counted.
type job struct {
	bin run.Binary
	n   int // operations
	// What it gave:
	count float64 // of instructions
	err   error
}

// all runs jobs, some at a time: they do not measure each other. What fails
// beside others, as where both want the same port, is run once more alone.
func (c *Counter) all(ctx context.Context, name string, jobs []*job) error {
	free := make(chan struct{}, c.atOnce)
	done := make(chan struct{})
	for _, j := range jobs {
		go func() {
			free <- struct{}{}
			j.count, j.err = c.tool.count(ctx, name, j.bin, j.n)
			<-free
			done <- struct{}{}
		}()
	}
	for range jobs {
		<-done
	}
	for _, j := range jobs {
		if j.err != nil && ctx.Err() == nil && !hopeless(j.err) {
			j.count, j.err = c.tool.count(ctx, name, j.bin, j.n)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if j.err != nil {
			return j.err
		}
	}
	return nil
}

// hopeless tells whether an error comes again if what failed is run alone.
func hopeless(err error) bool {
	var f *run.Failure
	return errors.Is(err, errUnfit) || errors.As(err, &f) && f.Kind == run.Late
}
