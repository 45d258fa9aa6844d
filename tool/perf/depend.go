package perf

import (
	"context"
	"slices"
	"time"

	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
)

// dependTime is when no other benchmark is begun: runs with few operations take up to
// two seconds each.
const dependTime = 20 * time.Second

// depend notes which of the differences found depend on the number of operations.
func (s *session) depend(ctx context.Context) error {
	until := time.Now().Add(dependTime)
	seen := map[string]bool{} // with two processors it is the same as with one
	for i, b := range s.benches {
		one := &s.report.Benchmarks[i]
		name := b.pkg + "\x00" + b.plan.Name
		if seen[name] || !slices.ContainsFunc(one.Tests, timeDiffers) {
			continue
		}
		if seen[name] = true; time.Now().After(until) {
			break
		}
		s.cfg.Progress("running fewer operations of " + one.Name)
		note, err := s.dependence(ctx, b)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			note = "not known whether operations depend on each other: " + err.Error()
		}
		if note != "" {
			one.Notes = append(one.Notes, note)
		}
	}
	return nil
}

func (s *session) dependence(ctx context.Context, b *bench) (string, error) {
	room, err := s.fresh(ctx, b)
	if err != nil {
		return "", err
	}
	return room.runner.Dependence(ctx, room.base, room.head, b.plan)
}

func timeDiffers(t report.Test) bool {
	return t.Channel == gate.CPU && (t.Verdict == gate.Slower || t.Verdict == gate.Faster)
}
