package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"regexp"
	"time"

	"github.com/hemilith/hemilith/tool/perf"
	"github.com/hemilith/hemilith/tool/perf/build"
	"github.com/hemilith/hemilith/tool/perf/report"
)

// measure runs the tasks that are not done yet, one after the other.
func (c *command) measure(ctx context.Context) error {
	list, err := c.chosen()
	if err != nil {
		return err
	}
	if c.list {
		for _, t := range list {
			fmt.Fprintln(c.stdout, t.name)
		}
		return nil
	}
	if err := plant(ctx, c.corpus(), histories(c.histories, c.seed)); err != nil {
		return err
	}
	l, err := startLoad(c.load, c.stderr)
	if err != nil {
		return err
	}
	began := time.Now()
	for i, t := range list {
		if c.time > 0 && time.Since(began) > c.time {
			fmt.Fprintf(c.stdout, "time is up: %d of %d tasks are left\n", len(list)-i, len(list))
			break
		}
		fmt.Fprintf(c.stdout, "%s %s: %d of %d\n", time.Now().Format(time.TimeOnly), t.name, i+1, len(list))
		r := c.one(ctx, &t)
		if ctx.Err() != nil {
			break
		}
		fmt.Fprintf(c.stdout, "  %s\n", r.line())
		if err := addRecord(c.output, r); err != nil {
			return err
		}
	}
	return l.Close()
}

// corpus is where the repository of the corpus is.
func (c *command) corpus() string { return filepath.Join(c.dir, "corpus") }

// chosen are the tasks that -do names and that are not done.
func (c *command) chosen() ([]task, error) {
	do, err := regexp.Compile(c.do)
	if err != nil {
		return nil, fmt.Errorf("-do: %w", err)
	}
	if err := mend(c.output); err != nil {
		return nil, err
	}
	done, err := doneTasks(c.output)
	if err != nil {
		return nil, err
	}
	var cases []task
	if c.cases != "" {
		if cases, err = readCases(c.cases); err != nil {
			return nil, err
		}
	}
	var list []task
	for _, t := range tasks(c.counts, c.seed, cases) {
		if do.MatchString(t.name) && !done[t.name] {
			list = append(list, t)
		}
	}
	return list, nil
}

// one runs a task. What fails is in the record.
func (c *command) one(ctx context.Context, t *task) *record {
	r := &record{Task: t.name, Expect: t.expect, Effect: t.effect, Busy: c.load, InTurn: c.inTurn}
	cfg := perf.Config{Options: build.Options{
		Dir: t.dir, Base: t.base, Head: t.head, Patterns: t.patterns, All: t.all, Cache: filepath.Join(c.dir, "cache"),
	}, Bench: t.bench, Seed: c.seed ^ number(t.name), Brief: true, InTurn: c.inTurn}
	if cfg.Dir == "" {
		cfg.Dir = c.corpus()
	}
	if t.warm {
		warm := cfg
		warm.Bench = onePerPackage()
		if _, err := perf.Run(ctx, warm); err != nil {
			r.Failed = err.Error()
			return r
		}
	}
	said := 0
	cfg.Progress = func(what string) {
		if said++; said%200 == 0 {
			fmt.Fprintf(c.stdout, "  %s %s\n", time.Now().Format(time.TimeOnly), what)
		}
	}
	r.Began, r.Load[0] = time.Now(), loadAverage()
	act := perf.Run
	if t.bad > 0 {
		act = perf.Bisect
	}
	found, err := act(ctx, cfg)
	r.Seconds, r.Load[1] = time.Since(r.Began).Seconds(), loadAverage()
	if err != nil {
		r.Failed = err.Error()
		return r
	}
	r.Report, r.Runs = found.Report, found.Runs
	if t.bad > 0 {
		r.Bisect = bisectedTo(found.Bisection, t.bad)
	}
	return r
}

// bisectedTo reads off the commit that was found.
func bisectedTo(b *report.Bisection, planted int) *bisected {
	found := &bisected{Planted: planted, Said: "nothing is slower"}
	if b == nil {
		return found
	}
	found.Said = fmt.Sprintf("%d steps", len(b.Steps))
	if b.Why != "" {
		found.Said += ", " + b.Why
	}
	if b.First == b.Last {
		// Subjects are "commit 17".
		_, _ = fmt.Sscanf(b.First.Subject, "commit %d", &found.Found)
	}
	return found
}

// number makes a seed of a name.
func number(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// line says in short what a task gave.
func (r *record) line() string {
	if r.Failed != "" {
		return "failed: " + r.Failed
	}
	count := map[string]int{}
	for _, b := range r.Report.Benchmarks {
		for _, t := range b.Tests {
			count[string(t.Channel)+" "+string(t.Verdict)]++
		}
	}
	return fmt.Sprintf("%.0f s, %d benchmarks, m %d, %d runs, load %.1f to %.1f; %d failed; %v",
		r.Seconds, len(r.Report.Benchmarks), r.Report.M, len(r.Runs), r.Load[0], r.Load[1], len(r.Report.Failed), count)
}
