package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/perf"
)

// perfReport are the options of hemilith perf report.
type perfReport struct {
	perfOut
	release, head, fetch string
}

func perfReportCommand(sh *shell) *cobra.Command {
	o := &perfReport{}
	c := &cobra.Command{
		Use:   "report [FILE.json]",
		Short: "Show the last comparison, and what is recorded since a release, without measuring",
		Long: "report tells what the last hemilith perf in this worktree found, or the one whose -json is\n" +
			"in FILE.json, and what all that is recorded (hemilith perf -record) says together: slow\n" +
			"creep that no single commit shows.\n\n" +
			"Exit codes as those of hemilith perf; what is recorded changes none.",
		Example: "  hemilith perf report -o perf.html                    pictures: intervals, trends, profiles\n" +
			"  hemilith perf report -release v1.4.0 -fetch origin   creep since a release, of all machines",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), sh, args) },
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []string{"json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	o.perfOut.register(c)
	f := c.Flags()
	f.StringVar(&o.release, "release", "", "the `revision` that trends go against; default: that of the last record")
	f.StringVar(&o.head, "head", "", "the last `revision` of the trends; default: HEAD")
	f.StringVar(&o.fetch, "fetch", "", "first fetch the records of a `remote`, such as origin")
	completeRevisions(c, "release", "head")
	_ = c.RegisterFlagCompletionFunc("fetch", completeRemotes) // fails only for an unknown flag
	return c
}

// run reads, and tells the answer.
func (o *perfReport) run(ctx context.Context, sh *shell, args []string) error {
	if err := o.check(); err != nil {
		return err
	}
	cfg := perf.PageConfig{Release: o.release, Until: o.head, Fetch: o.fetch}
	if len(args) > 0 {
		cfg.File = args[0]
	}
	r, err := perf.Page(ctx, cfg)
	if err != nil {
		return err
	}
	if err := o.tell(ctx, sh, r); err != nil {
		return err
	}
	return perfCode(r, false, nil)
}
