package perf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/history"
	"github.com/hemilith/hemilith/tool/perf/report"
)

// recordable tells whether there is a commit to keep results with.
func (s *session) recordable() error {
	if s.cfg.Record && s.report.Head.Dirty {
		return errors.New("cannot record the worktree: it has changes that are in no commit; commit them, or name another head")
	}
	return nil
}

// record adds what was found to the history (docs/adr/0011), and fills in Trends:
// all that was found against the same base.
func (s *session) record(ctx context.Context) error {
	store, err := history.Open(ctx, cmp.Or(s.cfg.Dir, "."))
	if err != nil {
		return fmt.Errorf("not recorded: %w", err)
	}
	r := s.report
	m := r.Machine
	if m.CPU == "" {
		m.CPU = "unknown" // the same on all machines of this kind
	}
	if len(s.kept) > 0 {
		err = store.Append(ctx, history.Run{
			Time: s.cfg.Now, Base: r.Base.Hash, Head: r.Head.Hash, Results: s.kept,
			Machine: history.Machine{Toolchain: r.Toolchain, OS: m.OS, Arch: m.Arch, CPU: m.CPU, Cores: m.Processors},
		})
	}
	if err != nil {
		return fmt.Errorf("not recorded: %w", err)
	}
	if err := addTrends(ctx, store, r, period{releaseName(s.cfg.Base, r.Base), r.Base.Hash, r.Head.Hash}); err != nil {
		return fmt.Errorf("recorded, but what all records say together is not known: %w", err)
	}
	return nil
}

// releaseName is what people call a release: a tag, but nothing that names another
// commit tomorrow.
func releaseName(given string, v report.Revision) string {
	if given == "" || given == "HEAD" || strings.ContainsAny(given, "~^@{:") {
		return v.Short()
	}
	return given
}

// Share gives what is recorded to a remote, by name or URL, and takes what it has.
func Share(ctx context.Context, dir, remote string) error {
	store, err := history.Open(ctx, dir)
	if err != nil {
		return err
	}
	return store.Sync(ctx, remote)
}

// period is what trends go over: the runs against a release, with its name and
// full hash, up to the commit head.
type period struct{ name, release, head string }

// addTrends fills in the report's Trends.
func addTrends(ctx context.Context, store *history.Store, r *report.Report, p period) error {
	runs, problems, err := store.Read(ctx)
	if err != nil {
		return err
	}
	for _, problem := range problems {
		r.Notes = append(r.Notes, problem.Error())
	}
	commits, err := store.Commits(ctx, p.head)
	if err != nil {
		return err
	}
	found, _ := history.Creep(runs, p.release, r.Alpha)
	r.Trends = []report.Trend{}
	for _, l := range history.Trend(runs, p.release, commits) {
		r.Trends = append(r.Trends, trend(l, p.name, found))
	}
	r.Complete()
	return nil
}

// trend is a line in the terms of the report. That its last run alone found
// something is told by that run's report: here, only what all runs say together
// counts as slower.
func trend(l history.Line, release string, found []history.Finding) report.Trend {
	t := report.Trend{
		Package: l.Package, Name: l.Name, Procs: l.Procs, Channel: l.Channel,
		Release: release, FalseAlarm: 1,
	}
	for _, p := range l.Points {
		t.Points = append(t.Points, report.Point{Hash: p.Hash, Subject: p.Subject, Effect: p.Effect, Interval: p.Interval})
		t.Verdict, t.Accepted = p.Verdict, p.Accepted
	}
	if t.Verdict == gate.Slower {
		t.Verdict = gate.Undecided
	}
	i := slices.IndexFunc(found, func(f history.Finding) bool {
		return f.Bench == l.Bench && f.Channel == l.Channel && f.Machine == l.Machine
	})
	if i >= 0 {
		f := found[i]
		t.Verdict, t.EValue, t.FalseAlarm, t.Since, t.Accepted = gate.Slower, f.Log.E(), f.Log.P(), f.From, f.Accepted
	}
	return t
}
