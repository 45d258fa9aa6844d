package main

import (
	"fmt"
	"strings"

	"github.com/hemilith/hemilith/tool/doctable"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
)

// outcome is what came of one benchmark, in one setting, in one run of the gate.
type outcome struct {
	of    *record
	key   string // package, name and processors
	bench *report.Benchmark
	cpu   *report.Test
	pairs []pair // of search and confirmation, in order
}

// outcomes are those of all runs, in the order of the records and reports.
func outcomes(records []*record) ([]outcome, error) {
	var all []outcome
	for _, r := range records {
		if r.Report == nil {
			continue
		}
		by, err := pairsOf(r.Runs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Task, err)
		}
		for i := range r.Report.Benchmarks {
			b := &r.Report.Benchmarks[i]
			o := outcome{of: r, key: keyOf(b), bench: b}
			o.pairs = by[o.key]
			for k := range b.Tests {
				if b.Tests[k].Channel == gate.CPU {
					o.cpu = &b.Tests[k]
				}
			}
			if o.cpu != nil {
				all = append(all, o)
			}
		}
	}
	return all, nil
}

// keyOf names a benchmark as pairsOf does.
func keyOf(b *report.Benchmark) string {
	key := b.Package + " " + b.Name
	if b.Procs != 1 {
		key += fmt.Sprintf("-%d", b.Procs)
	}
	return key
}

// says is what the gate says of a benchmark, over all channels that fail a commit:
// slower if one of them is; of counts that are slower, hungrier.
func (o *outcome) says() string {
	said := none
	for _, t := range o.bench.Tests {
		switch {
		case t.Verdict == gate.Slower && t.Channel == gate.CPU || t.Verdict == gate.Slower && t.Channel == gate.Wall:
			return slower
		case t.Verdict == gate.Slower && t.Channel == gate.Allocs:
			said = hungry
		case t.Verdict == gate.Faster && t.Channel != gate.Bytes && said == none:
			said = faster
		}
	}
	return said
}

// unchanged is whether both sides do the same work.
func (r *record) unchanged() bool { return r.kind() == "unchanged" || r.kind() == "bias" }

// corpusEffect is whether a record is of the corpus, with an effect on CPU time.
func (r *record) corpusEffect() bool {
	return strings.HasPrefix(r.kind(), "plus") || strings.HasPrefix(r.kind(), "minus")
}

// judge reads results and writes the tables.
func (c *command) judge(names []string) error {
	records, err := readRecords(names)
	if err != nil {
		return err
	}
	f, err := gather(records, c.resample, c.seed)
	if err != nil {
		return err
	}
	return doctable.Write(c.output, f.tables())
}
