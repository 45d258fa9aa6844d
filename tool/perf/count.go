package perf

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/hemilith/hemilith/tool/perf/count"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
)

const (
	// maxCounted bounds how many benchmarks have their instructions counted: what
	// became slower first, then what is undecided.
	maxCounted = 5
	// countTime is when no other one is begun: each takes seconds, and more where
	// the machine has other things to do.
	countTime = 15 * time.Second
)

// count counts instructions where something does. They judge nothing; of
// what is undecided they say more than time does. Where the time is up, they are not
// counted.
func (s *session) count(ctx context.Context) error {
	if s.cfg.Budget > 0 && time.Since(s.began) >= s.cfg.Budget {
		return nil
	}
	counter, err := s.counter(ctx)
	switch {
	case errors.Is(err, count.ErrAbsent):
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.report.Notes = append(s.report.Notes, err.Error())
		return nil
	}
	until := time.Now().Add(countTime)
	for _, i := range s.counted() {
		if time.Now().After(until) {
			break
		}
		b, one := s.benches[i], &s.report.Benchmarks[i]
		s.cfg.Progress("counting instructions of " + one.Name)
		d, err := s.instructions(ctx, counter, b)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			one.Notes = append(one.Notes, err.Error())
			continue
		}
		one.Instructions = &report.Instructions{
			Counter: counter.Version, Verdict: report.Change(d.Verdict), Base: d.Base, Head: d.Head,
			Effect: d.Effect, Interval: d.Interval, Limit: count.Limit, Repeats: d.Repeats,
		}
	}
	return nil
}

// counter finds what counts.
func (s *session) counter(ctx context.Context) (*count.Counter, error) {
	dir := filepath.Join(s.scratch, "count")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return count.Find(ctx, dir)
}

func (s *session) instructions(ctx context.Context, counter *count.Counter, b *bench) (count.Difference, error) {
	room, err := s.fresh(ctx, b)
	if err != nil {
		return count.Difference{}, err
	}
	return counter.Compare(ctx, room.base, room.head, b.plan)
}

// counted are the benchmarks to count, with one processor: more make no other
// instructions.
func (s *session) counted() []int {
	var slow, open []int
	for i := range s.report.Benchmarks {
		worst := gate.Same
		for _, t := range s.report.Benchmarks[i].Tests {
			if t.Channel.Fails() && worst != gate.Slower && (t.Verdict == gate.Slower || t.Verdict == gate.Undecided) {
				worst = t.Verdict
			}
		}
		switch {
		case s.benches[i].procs != 1 || worst == gate.Same:
		case worst == gate.Slower:
			slow = append(slow, i)
		default:
			open = append(open, i)
		}
	}
	all := append(slow, open...)
	return all[:min(len(all), maxCounted)]
}
