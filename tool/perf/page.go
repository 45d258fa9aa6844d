package perf

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/history"
	"github.com/hemilith/hemilith/tool/perf/report"
)

// lastReport is where the last comparison in a worktree is kept.
const lastReport = "last.json"

// keep keeps a report for Page. A cache that can't be written costs only that.
func keep(ctx context.Context, o build.Options, r *report.Report) {
	dir, err := o.Keep(ctx)
	if err != nil {
		return
	}
	var text bytes.Buffer
	if r.JSON(&text) != nil {
		return
	}
	beside := filepath.Join(dir, fmt.Sprintf("%s.%d", lastReport, os.Getpid()))
	if os.WriteFile(beside, text.Bytes(), 0o666) != nil || os.Rename(beside, filepath.Join(dir, lastReport)) != nil {
		_ = os.Remove(beside)
	}
}

// PageConfig says what Page tells.
type PageConfig struct {
	build.Options // Dir and Cache
	// File is a report that was written as JSON; "" is the last comparison in the
	// worktree, if there was one.
	File string
	// Release is the revision that trends are told against; "" is the one that was
	// compared with last, of those in the history.
	Release string
	// Until is the last commit of the trends; "" is HEAD.
	Until string
	// Fetch is the remote, by name or URL, whose records are fetched first; "" is none.
	Fetch string
	// Alpha bounds the chance of a false alarm among all trends; 0 is 0.01.
	Alpha float64
}

// Page returns what is known without measuring: a comparison that was made, and
// all that is recorded in the history.
func Page(ctx context.Context, cfg PageConfig) (*report.Report, error) {
	r, err := cfg.read(ctx)
	if err != nil {
		return nil, err
	}
	store, err := history.Open(ctx, cmp.Or(cfg.Dir, "."))
	if err != nil {
		return nil, err
	}
	if cfg.Fetch != "" {
		if err := store.Fetch(ctx, cfg.Fetch); err != nil {
			return nil, err
		}
	}
	over, err := cfg.period(ctx, store)
	if err != nil {
		return nil, err
	}
	if r == nil && over.release == "" {
		return nil, errors.New("nothing to report: no comparison was made in this worktree, and none is recorded: run hemilith perf, or hemilith perf -record")
	}
	if r == nil {
		r = &report.Report{Base: report.Revision{Hash: over.release}, Head: report.Revision{Hash: over.head}, Confidence: gate.Confidence}
		r.Alpha = cmp.Or(cfg.Alpha, defaultAlpha)
	}
	if over.release != "" {
		err = addTrends(ctx, store, r, over)
	}
	r.Complete()
	return r, err
}

// read returns the comparison, and nil if there is none.
func (cfg *PageConfig) read(ctx context.Context) (*report.Report, error) {
	file := cfg.File
	if file == "" {
		dir, err := cfg.Keep(ctx)
		if err != nil {
			return nil, err
		}
		file = filepath.Join(dir, lastReport)
	}
	f, err := os.Open(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && cfg.File == "":
		return nil, nil
	case err != nil:
		return nil, err
	}
	defer f.Close()
	r, err := report.Read(f)
	if err != nil && cfg.File == "" {
		return nil, nil // of another version, or damaged: it is only a cache
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// period finds what trends go over; its release is "" if nothing is recorded.
func (cfg *PageConfig) period(ctx context.Context, store *history.Store) (period, error) {
	head, err := store.Resolve(ctx, cmp.Or(cfg.Until, "HEAD"))
	if err != nil {
		return period{}, err
	}
	if cfg.Release != "" {
		release, err := store.Resolve(ctx, cfg.Release)
		return period{cfg.Release, release, head}, err
	}
	runs, _, err := store.Read(ctx)
	if err != nil || len(runs) == 0 {
		return period{}, err
	}
	last := slices.MaxFunc(runs, func(a, b history.Run) int { return a.Time.Compare(b.Time) })
	return period{report.Revision{Hash: last.Base}.Short(), last.Base, head}, nil
}
