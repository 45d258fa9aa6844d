package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/perf"
	"github.com/hemilith/hemilith/tool/perf/build"
)

// perfOptions are those of one hemilith perf.
type perfOptions struct {
	base, head, bench, tags string
	budget                  time.Duration
	alpha                   float64
	seed                    uint64
	strict, dry, asJSON     bool
	all                     bool
	github, gitlab          bool
	out                     []string
	runs                    string
}

func perfCommand(sh *shell) *cobra.Command {
	o := &perfOptions{}
	c := &cobra.Command{
		Use:   "perf [packages]",
		Short: "Say whether a change made a benchmark slower, by how much, and how certain that is",
		Long: "perf builds the tests of two revisions alike, runs the benchmarks whose code changed in\n" +
			"interleaved pairs, and stops as soon as sequential tests know. It works on noisy\n" +
			"machines, needs nothing adopted, and touches nothing of yours.\n\n" +
			"Exit codes: 0 nothing is confirmed slower (what is undecided is said, and fails with\n" +
			"-strict), 1 something is, 2 it could not be measured.",
		Example: "  hemilith perf                            the worktree against the merge base\n" +
			"  hemilith perf -n                         what would run, and what not, and why\n" +
			"  hemilith perf -base v1.4.0 ./...         against a release\n" +
			"  hemilith perf -bench ParseAPI -time 1m   some benchmarks, for a minute\n" +
			"  hemilith perf -json                      everything, for programs",
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), sh, args) },
	}
	f := c.Flags()
	f.StringVar(&o.base, "base", "", "the `revision` to compare with; default: the merge base with the main branch")
	f.StringVar(&o.head, "head", "", "the `revision` to judge; default: the worktree, with what is not committed")
	f.StringVar(&o.bench, "bench", "", "only benchmarks whose name matches this `regexp`")
	f.BoolVar(&o.all, "all", false, "also benchmarks that no difference reaches: what the noise here does")
	f.StringVar(&o.tags, "tags", "", "build tags, with commas")
	f.DurationVar(&o.budget, "time", 5*time.Minute, "for all pairs together; 0 is no limit")
	f.Float64Var(&o.alpha, "alpha", 0.01, "the most that false alarms may be, of all there are")
	f.Uint64Var(&o.seed, "seed", 0, "of the order within pairs; default: the time")
	f.BoolVar(&o.strict, "strict", false, "exit 1 also for what is undecided or could not be measured")
	f.BoolVarP(&o.dry, "dry-run", "n", false, "run nothing; say what would run, and why")
	f.BoolVar(&o.asJSON, "json", false, "report as JSON")
	f.BoolVar(&o.github, "github", false, "report as GitHub workflow commands, which annotate the change")
	f.BoolVar(&o.gitlab, "gitlab", false, "report as a GitLab code quality report")
	f.StringArrayVarP(&o.out, "output", "o", nil, "write to a `file`, too: .html, .json or .txt; may be repeated")
	f.StringVar(&o.runs, "runs", "", "write all runs to base.txt and head.txt in a `directory`, for benchstat")
	c.MarkFlagsMutuallyExclusive("json", "github", "gitlab")
	_ = c.MarkFlagFilename("output", "html", "json", "txt")
	_ = c.MarkFlagDirname("runs")
	return c
}

// run compares, and tells the answer.
func (o *perfOptions) run(ctx context.Context, sh *shell, args []string) error {
	cfg, err := o.config(args)
	if err != nil {
		return err
	}
	say, quiet := sh.status()
	cfg.Progress = say
	act := perf.Run
	if o.dry {
		act = perf.Plan
	}
	r, err := act(ctx, cfg)
	quiet()
	if err != nil {
		return err
	}
	if err := o.tell(ctx, sh, r); err != nil {
		return err
	}
	switch r.Exit(o.strict) {
	case codeNo:
		return no{errSaid}
	case codeFailed:
		return errSaid
	}
	return nil
}

// tell writes the answer to all places where it was asked for.
func (o *perfOptions) tell(ctx context.Context, sh *shell, r *perf.Result) error {
	for _, file := range o.out {
		if err := writeWhole(ctx, file, perfWriter(file, r)); err != nil {
			return err
		}
	}
	if o.runs != "" {
		if err := writeRuns(o.runs, r); err != nil {
			return err
		}
	}
	switch {
	case o.asJSON:
		return r.JSON(sh.stdout)
	case o.github:
		return r.GitHub(sh.stdout)
	case o.gitlab:
		return r.GitLab(sh.stdout)
	}
	return r.Text(sh.stdout, colour(sh.stdout))
}

// perfWriter is how a report is written to a file of that name, nil if its
// ending is of no form.
func perfWriter(file string, r *perf.Result) func(io.Writer) error {
	switch filepath.Ext(file) {
	case ".html":
		return r.HTML
	case ".json":
		return r.JSON
	case ".txt":
		return func(w io.Writer) error { return r.Text(w, false) }
	}
	return nil
}

// writeRuns writes both sides for benchstat.
func writeRuns(dir string, r *perf.Result) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	var base, head bytes.Buffer
	if err := r.Report.Runs(&base, &head, r.Runs); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "base.txt"), base.Bytes(), 0o666),
		os.WriteFile(filepath.Join(dir, "head.txt"), head.Bytes(), 0o666))
}

// config checks the options, before anything is built.
func (o *perfOptions) config(args []string) (perf.Config, error) {
	cfg := perf.Config{Options: build.Options{Base: o.base, Head: o.head, Patterns: args, All: o.all}, Budget: o.budget, Alpha: o.alpha, Seed: o.seed}
	if o.alpha <= 0 || o.alpha > 1 {
		return cfg, fmt.Errorf("-alpha %v: it is a share, above 0 and up to 1", o.alpha)
	}
	if o.budget < 0 {
		return cfg, errors.New("-time: it is not negative; 0 is no limit")
	}
	for _, file := range o.out {
		if perfWriter(file, &perf.Result{}) == nil {
			return cfg, fmt.Errorf("-o %s: end the name in .html, .json or .txt", file)
		}
	}
	if o.tags != "" {
		cfg.Flags = append(cfg.Flags, "-tags="+o.tags)
	}
	if o.seed == 0 {
		cfg.Seed = uint64(time.Now().UnixNano())
	}
	var err error
	if o.bench != "" {
		if cfg.Bench, err = regexp.Compile(o.bench); err != nil {
			return cfg, fmt.Errorf("-bench: %w", err)
		}
	}
	return cfg, nil
}
