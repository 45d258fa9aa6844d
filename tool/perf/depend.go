package perf

import (
	"context"
	"errors"
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
	for _, i := range s.differing() {
		one := &s.report.Benchmarks[i]
		s.cfg.Progress("running fewer operations of " + one.Name)
		note, err := "", errors.New("there was no time left to look")
		if time.Now().Before(until) {
			note, err = s.dependence(ctx, s.benches[i])
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			note = "not known whether its operations depend on each other: " + err.Error()
		}
		if note != "" {
			one.Notes = append(one.Notes, note)
		}
	}
	return nil
}

// differing are the benchmarks of few operations whose time differs, slower ones first,
// each with one number of processors: with more it is the same.
func (s *session) differing() []int {
	var slow, fast []int
	seen := map[string]bool{}
	for i, b := range s.benches {
		name := b.pkg + "\x00" + b.plan.Name
		is := func(v gate.Verdict) bool {
			return slices.ContainsFunc(s.report.Benchmarks[i].Tests, func(t report.Test) bool { return t.Channel == gate.CPU && t.Verdict == v })
		}
		switch {
		case seen[name] || !b.plan.Few():
			continue
		case is(gate.Slower):
			slow = append(slow, i)
		case is(gate.Faster):
			fast = append(fast, i)
		default:
			continue
		}
		seen[name] = true
	}
	return append(slow, fast...)
}

func (s *session) dependence(ctx context.Context, b *bench) (string, error) {
	room, err := s.fresh(ctx, b)
	if err != nil {
		return "", err
	}
	return room.runner.Dependence(ctx, room.base, room.head, b.plan)
}
