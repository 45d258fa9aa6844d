package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/perf"
)

// perfWhat says what perf measures, and how hard.
type perfWhat struct {
	bench, tags string
	budget      time.Duration
	timeout     time.Duration
	inTurn      bool
	alpha       float64
	seed        uint64
}

// register adds the options.
func (o *perfWhat) register(c *cobra.Command, budget time.Duration) {
	f := c.Flags()
	f.StringVar(&o.bench, "bench", "", "only benchmarks that this `regexp` matches, by levels as go test -bench has them")
	f.StringVar(&o.tags, "tags", "", "build tags, with commas")
	f.DurationVar(&o.budget, "time", budget, "for measuring; what explains a finding comes on top, but with -brief; 0 is no limit")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "for one run of one benchmark")
	f.BoolVar(&o.inTurn, "in-turn", false, "run the sides one after the other, for benchmarks that disturb each other")
	f.Float64Var(&o.alpha, "alpha", 0.01, "the most that false alarms may be, of all there are")
	f.Uint64Var(&o.seed, "seed", 0, "of the order within pairs; default: the time")
}

// config checks the options, before anything is built.
func (o *perfWhat) config() (perf.Config, error) {
	cfg := perf.Config{Budget: o.budget, Timeout: o.timeout, InTurn: o.inTurn, Alpha: o.alpha, Seed: o.seed}
	if o.alpha <= 0 || o.alpha > 1 {
		return cfg, fmt.Errorf("-alpha %v: it is a share, above 0 and up to 1", o.alpha)
	}
	if o.budget < 0 {
		return cfg, errors.New("-time: it is not negative; 0 is no limit")
	}
	if o.timeout <= 0 {
		return cfg, errors.New("-timeout: it is above 0")
	}
	if o.tags != "" {
		cfg.Flags = append(cfg.Flags, "-tags="+o.tags)
	}
	if o.seed == 0 {
		cfg.Seed = uint64(time.Now().UnixNano())
	}
	if o.bench != "" {
		var err error
		if cfg.Bench, err = perf.ParsePattern(o.bench); err != nil {
			return cfg, fmt.Errorf("-bench: %w", err)
		}
	}
	return cfg, nil
}

// perfOptions are those of one hemilith perf.
type perfOptions struct {
	perfWhat
	perfOut
	program          perfProgram
	base, head       string
	all, strict, dry bool
	brief            bool
	runs             string
	record           bool
	share            string
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
			"  hemilith perf -json                      everything, for programs\n" +
			"  hemilith perf -base v1.4.0 -record       every night: slow creep since a release\n" +
			"  hemilith perf -base HEAD -head HEAD -all what the noise of this machine does",
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), sh, args) },
	}
	o.perfWhat.register(c, 5*time.Minute)
	o.perfOut.register(c)
	f := c.Flags()
	f.StringVar(&o.base, "base", "", "the `revision` to compare with; default: the merge base with the main branch")
	f.StringVar(&o.head, "head", "", "the `revision` to judge; default: the worktree, with what is not committed")
	f.BoolVar(&o.all, "all", false, "also benchmarks that no difference reaches: what the noise here does")
	f.BoolVar(&o.strict, "strict", false, "exit 1 also for what is undecided or could not be measured")
	f.BoolVar(&o.brief, "brief", false, "verdicts alone: no profile, no count of instructions, no commit named")
	f.BoolVarP(&o.dry, "dry-run", "n", false, "run nothing; say what would run, and why")
	f.StringVar(&o.runs, "runs", "", "write all runs to base.txt and head.txt in a `directory`, for benchstat")
	f.BoolVar(&o.record, "record", false, "keep what is found in git notes, and tell what all records say together")
	f.StringVar(&o.share, "share", "", "with -record: exchange the records with a `remote`, such as origin")
	_ = c.MarkFlagDirname("runs")
	completeRevisions(c, "base", "head")
	_ = c.RegisterFlagCompletionFunc("share", completeRemotes) // fails only for an unknown flag
	o.program.flags(c)
	c.AddCommand(perfBisectCommand(sh), perfReportCommand(sh))
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
	r, err := o.act(ctx, cfg)
	quiet()
	if err != nil {
		return err
	}
	// The answer comes first: whatever else fails does not take it away.
	problems := errors.Join(o.tell(ctx, sh, r.Report), r.Problems)
	if o.runs != "" {
		problems = errors.Join(problems, writeRuns(ctx, o.runs, r.Report, r.Runs))
	}
	if o.share != "" {
		problems = errors.Join(problems, perf.Share(ctx, ".", o.share))
	}
	return perfCode(r.Report, o.strict, problems)
}

// config checks the options, before anything is built.
func (o *perfOptions) config(args []string) (perf.Config, error) {
	cfg, err := o.perfWhat.config()
	if err == nil {
		err = o.perfOut.check()
	}
	cfg.Base, cfg.Head, cfg.Patterns, cfg.All = o.base, o.head, args, o.all
	cfg.Record, cfg.Brief = o.record, o.brief
	switch {
	case err != nil:
		return cfg, err
	case o.share != "" && !o.record:
		return cfg, errors.New("-share: it goes with -record; hemilith perf report -fetch REMOTE only reads")
	case o.record && o.dry:
		return cfg, errors.New("-record and -n: there is nothing to keep of what was not run")
	case o.record && o.base == "":
		return cfg, errors.New("-record: name what to compare with all the time, such as -base v1.4.0: records against one release add up")
	}
	return cfg, nil
}

// completeRevisions offers tags and branches for options.
func completeRevisions(c *cobra.Command, flags ...string) {
	for _, name := range flags {
		_ = c.RegisterFlagCompletionFunc(name, func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return revisions(c)
		}) // fails only for an unknown flag
	}
}

// revisions are the tags and branches here.
func revisions(c *cobra.Command) ([]string, cobra.ShellCompDirective) {
	return gitLines(c, "for-each-ref", "--format=%(refname:short)", "--sort=-creatordate", "refs/tags", "refs/heads", "refs/remotes")
}

// completeRemotes offers the remotes of the repository.
func completeRemotes(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return gitLines(c, "remote")
}

// gitLines are what git says, for completion: nothing where it fails.
func gitLines(c *cobra.Command, args ...string) ([]string, cobra.ShellCompDirective) {
	out, err := exec.CommandContext(c.Context(), "git", args...).Output()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return strings.Fields(string(out)), cobra.ShellCompDirectiveNoFileComp
}
