package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/perf"
)

// perfBisect are the options of hemilith perf bisect.
type perfBisect struct {
	perfWhat
	perfOut
}

func perfBisectCommand(sh *shell) *cobra.Command {
	o := &perfBisect{}
	c := &cobra.Command{
		Use:   "bisect -bench REGEXP BASE [HEAD]",
		Short: "Find the commit that made a benchmark slower",
		Long: "bisect compares commits between BASE and HEAD (default: the current commit) with BASE,\n" +
			"as perf does, and halves what is left. Verdicts may be wrong: the search outvotes them.\n" +
			"Commits at which the benchmark runs the same code cost no run; those that do not build\n" +
			"are passed over. Then the commit is compared with the one before it, and profiled.\n\n" +
			"Exit codes: 0 nothing is slower at HEAD, 1 something is, and this tells since when, 2 it\n" +
			"could not be measured.",
		Example: "  hemilith perf bisect -bench ParseAPI v1.3.0 v1.4.0\n" +
			"  hemilith perf bisect -bench '^BenchmarkQuote$' -o bisect.html HEAD~50",
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), sh, args) },
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 1 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return revisions(c)
		},
	}
	o.perfWhat.register(c, 10*time.Minute)
	o.perfOut.register(c)
	return c
}

// run searches, and tells the answer.
func (o *perfBisect) run(ctx context.Context, sh *shell, args []string) error {
	cfg, err := o.perfWhat.config()
	if err == nil {
		err = o.perfOut.check()
	}
	if err != nil {
		return err
	}
	if cfg.Bench == nil {
		return errors.New("-bench: name the benchmark whose commit is looked for, such as -bench ParseAPI; hemilith perf -base BASE says which are slower")
	}
	cfg.Base, cfg.Head = args[0], "HEAD"
	if len(args) > 1 {
		cfg.Head = args[1]
	}
	say, quiet := sh.status()
	cfg.Progress = say
	r, err := perf.Bisect(ctx, cfg)
	quiet()
	if err != nil {
		return err
	}
	return perfCode(r.Report, false, errors.Join(o.tell(ctx, sh, r.Report), r.Problems))
}
