package perf

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hemilith/hemilith/tool/perf/bisect"
	"github.com/hemilith/hemilith/tool/perf/report"
	"github.com/hemilith/hemilith/tool/perf/run"
)

// blame names the commit that did it, where base and head are one commit apart,
// and otherwise the command that finds it.
func (s *session) blame(ctx context.Context) error {
	r := s.report
	slow := slices.IndexFunc(r.Benchmarks, func(b report.Benchmark) bool { return slices.ContainsFunc(b.Tests, isSlower) })
	if slow < 0 || r.Base.Hash == r.Head.Hash && !r.Head.Dirty {
		return nil
	}
	commits, adjacent := 0, false // adjacent is whether base is the parent of head
	if r.Base.Hash != r.Head.Hash {
		list, err := bisect.History(ctx, cmp.Or(s.cfg.Dir, "."), r.Base.Hash, r.Head.Hash)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil { // base does not lie before head: there is no commit to name
			return nil
		}
		commits, adjacent = len(list), list[0].Parent == r.Base.Hash
	}
	switch {
	case commits == 1 && adjacent && !r.Head.Dirty, commits == 0:
		for i := range r.Benchmarks {
			if b := &r.Benchmarks[i]; slices.ContainsFunc(b.Tests, isSlower) {
				b.Culprit = &report.Revision{Hash: r.Head.Hash, Subject: r.Head.Subject, Dirty: r.Head.Dirty}
			}
		}
	case commits > 1 && !r.Head.Dirty:
		r.Next = fmt.Sprintf("hemilith perf bisect -bench %s %s %s   find which of %d commits did it", quoted(run.Pattern(r.Benchmarks[slow].Name)),
			quoted(cmp.Or(s.cfg.Base, r.Base.Short())), quoted(cmp.Or(s.cfg.Head, "HEAD")), commits)
	}
	return nil
}
