package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	pprof "github.com/google/pprof/profile"

	"github.com/hemilith/hemilith/tool/perf/run"
)

const (
	// cpuRun is how much one run with a CPU profile takes. The Go runtime takes 100
	// samples a second.
	cpuRun = time.Second
	// maxCPURun bounds that where head is much slower than base.
	maxCPURun = 4 * time.Second
	// maxRounds bounds how many runs of each side are profiled.
	maxRounds = 12
	// maxProfile bounds the bytes of a profile.
	maxProfile = 64 << 20
	// exactly has each allocation recorded.
	exactly = "-test.memprofilerate=1"
)

// Subject is what is profiled: a benchmark that head makes dearer.
type Subject struct {
	Base, Head run.Binary
	Plan       run.Plan
	// Procs is GOMAXPROCS.
	Procs int
	// Until is when no other run is begun but for the first of each side; the zero
	// time is never.
	Until time.Time
}

// Explain profiles the benchmark on both sides, in turns, and compares. Allocation
// profiles count everything, so one run of each side is enough; CPU profiles are
// samples, and more are taken until the culprit is sure, at most 12 of each side,
// of about a second of base each. Sources are read around the directories of the binaries.
// Scratch is an existing directory for the profiles, which it removes.
func Explain(ctx context.Context, r *run.Runner, s Subject, kind Kind, scratch string) (*Difference, error) {
	n := s.Plan.N
	if kind == CPU {
		m, err := r.Once(ctx, s.Head, s.Plan.Name, s.Procs, n)
		if err != nil {
			return nil, fmt.Errorf("cannot profile head: %w", err)
		}
		n *= longer(m)
	}
	var base, head Side
	for round := 1; ; round++ {
		var err error
		if base, err = s.add(ctx, r, base, s.Base, n, kind, scratch); err != nil {
			return nil, fmt.Errorf("cannot profile base: %w", err)
		}
		if head, err = s.add(ctx, r, head, s.Head, n, kind, scratch); err != nil {
			return nil, fmt.Errorf("cannot profile head: %w", err)
		}
		changes, err := ReadChanges(s.Base.Dir, s.Head.Dir, base.Profile, head.Profile)
		if err != nil {
			return nil, err
		}
		d, err := Compare(base, head, kind, changes)
		if err != nil {
			return nil, err
		}
		if c, ok := d.Culprit(); kind != CPU || round == maxRounds || ok && c.Sure || s.late() {
			return d, nil
		}
	}
}

func (s Subject) late() bool { return !s.Until.IsZero() && time.Now().After(s.Until) }

// add makes one more profile of a side.
func (s Subject) add(ctx context.Context, r *run.Runner, to Side, bin run.Binary, n int, kind Kind, scratch string) (Side, error) {
	p, err := s.take(ctx, r, bin, n, kind, filepath.Join(scratch, "profile"))
	if err != nil {
		return to, err
	}
	if to.Profile != nil {
		if p, err = pprof.Merge([]*pprof.Profile{to.Profile, p}); err != nil {
			return to, err
		}
	}
	return Side{Profile: p, Ops: to.Ops + n}, nil
}

// longer is how many times the operations of a plan are run for a CPU profile, by
// what they took head: equally many on both sides, or their set-up would count.
func longer(head run.Measurement) int {
	took := head.CPU * float64(head.N)
	if took <= 0 {
		return int(cpuRun / run.Target)
	}
	return int(max(1, min(float64(cpuRun/run.Target), float64(maxCPURun)/took)))
}

// take runs the benchmark with a profile.
func (s Subject) take(ctx context.Context, r *run.Runner, bin run.Binary, n int, kind Kind, file string) (p *pprof.Profile, err error) {
	if file, err = filepath.Abs(file); err != nil {
		return nil, err
	}
	flags := []string{"-test.memprofile=" + file, exactly}
	if kind == CPU {
		flags = []string{"-test.cpuprofile=" + file}
	}
	defer func() {
		if gone := os.Remove(file); !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	if _, err = r.With(ctx, bin, s.Plan.Name, s.Procs, n, flags...); err != nil {
		return nil, err
	}
	return read(file)
}

// read parses a profile.
func read(file string) (*pprof.Profile, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the benchmark left no profile: %w", err)
	}
	defer f.Close()
	p, err := pprof.Parse(io.LimitReader(f, maxProfile))
	if err != nil {
		return nil, fmt.Errorf("cannot read the profile, or the first %d MiB of it: %w", maxProfile>>20, err)
	}
	return p, nil
}
