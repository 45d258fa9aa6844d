package run

import (
	"context"
	"strings"
)

// maxBenchmarks bounds the sub-benchmarks of one function.
const maxBenchmarks = 10_000

// List returns the names of the benchmarks that a function measures: its own, or
// those of its sub-benchmarks, in the order in which they ran. It runs each for one
// operation. Of those that cannot be measured there is a failure each, mostly a
// *Failure. The error is that of all together.
func (r *Runner) List(ctx context.Context, bin Binary, function string) (names []string, failures []error, err error) {
	o, err := r.start(ctx, bin, Pattern(function), setting{1, anyCPU}, "1x")
	if err != nil {
		return nil, nil, err
	}
	for line := range strings.Lines(o.results) {
		name, result, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if skipped, ok := strings.CutPrefix(name, "--- SKIP: "); ok {
			failures = append(failures, &Failure{Bench: skipped, Kind: Skips, Detail: o.skipReason(skipped)})
			continue
		}
		if name != function && !strings.HasPrefix(name, function+"/") {
			continue // the rest of a reason
		}
		m, err := parse(result)
		if err != nil {
			err = &Failure{Bench: name, Kind: Odd, Detail: err.Error()}
		}
		if err == nil && m.N != 1 {
			err = r.setsN(ctx, bin, name)
		}
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if len(names) == maxBenchmarks {
			return names, append(failures, &Failure{Bench: function, Kind: TooMany}), nil
		}
		names = append(names, name)
	}
	failed := o.failed()
	for _, name := range failed {
		failures = append(failures, o.failure(name, r.timeout()))
	}
	if len(failed) == 0 && (o.err != nil || len(names)+len(failures) == 0) {
		failures = append(failures, o.failure(function, r.timeout()))
	}
	return names, failures, nil
}

// setsN returns the failure of a benchmark whose number of operations is its own,
// which package testing would try for minutes to make last long enough. One that
// only wants more than 1 has none.
func (r *Runner) setsN(ctx context.Context, bin Binary, name string) error {
	const many = 100
	_, err := r.Once(ctx, bin, name, 1, many)
	return err
}
