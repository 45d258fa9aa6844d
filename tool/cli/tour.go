package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/layout"
	"github.com/hemilith/hemilith/tool/seam"
	"github.com/hemilith/hemilith/tool/tour"
)

func tourCommand(sh *shell) *cobra.Command {
	var asJSON, logs bool
	c := &cobra.Command{
		Use:   "tour [dir]",
		Short: "Show the main job on the bundled monolith",
		Long: "tour takes the shop that the repository bundles, shows where its seam is, runs it as one\n" +
			"process and as two over mutual TLS, asks all forms the same requests and compares the\n" +
			"answers byte for byte, says what a call costs in each, kills each service under load,\n" +
			"counts the orders, and joins the two again. It works on copies, below the system's\n" +
			"folder for temporary files, and leaves nothing behind. Exit code 1: something differs.",
		Example: "  go run ./tool/cmd/hemilith tour      in a checkout of the repository\n" +
			"  hemilith tour -logs                  with what the programs print\n" +
			"  hemilith tour -json",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg := tour.Config{
				Dir:      dirOf(args),
				Talk:     func(line string) { fmt.Fprintln(sh.stderr, "tour:", line) },
				Seam:     seamInWords,
				Generate: generateQuietly,
			}
			if logs {
				cfg.Log = sh.stderr
			}
			return sh.tour(c.Context(), cfg, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "report as JSON")
	c.Flags().BoolVar(&logs, "logs", false, "show what the programs print, on standard error")
	return c
}

// tour reports even what a failed tour found.
func (sh *shell) tour(ctx context.Context, cfg tour.Config, asJSON bool) error {
	report, err := tour.Run(ctx, cfg)
	if asJSON {
		return errors.Join(asNo(err), sh.json(report))
	}
	if len(report.Forms) > 0 {
		err = errors.Join(err, report.Text(sh.stdout))
	}
	return asNo(err)
}

func asNo(err error) error {
	if _, differs := errors.AsType[*tour.Difference](err); differs {
		return no{err}
	}
	return err
}

// seamInWords is the verdict on the module in dir, and the proposal.
func seamInWords(ctx context.Context, dir string) (string, error) {
	r, err := seam.Run(ctx, seam.Config{Dir: dir, Progress: func(string) {}})
	if err != nil {
		return "", err
	}
	if len(r.Reasons) == 0 {
		return r.Verdict, nil
	}
	words := fmt.Sprintf("%s: %s", r.Verdict, r.Reasons[0])
	if r.Verdict == seam.VerdictNone {
		words += "; the tour cuts along orders all the same"
	}
	return words, nil
}

// generateQuietly is hemilith gen for the module in dir.
func generateQuietly(ctx context.Context, dir string) (layout.Layout, error) {
	g, err := generate(ctx, dir, func(string) {})
	if err != nil {
		return layout.Layout{}, err
	}
	return g.file.Layout, g.act(&shell{stdout: io.Discard, stderr: io.Discard}, false, false, false)
}
