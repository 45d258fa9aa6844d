package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/seam"
)

func seamCommand(sh *shell) *cobra.Command {
	var cut []string
	var out string
	var asJSON bool
	c := &cobra.Command{
		Use:   "seam [dir]",
		Short: "Show where a program splits best, and what would cross (first version)",
		Long: "seam loads a Go module without compiling it, proposes the line along which it splits\n" +
			"best, and lists what would cross that line, with file and line. That there is no seam\n" +
			"is a normal answer. This is a first version: it searches few lines and knows neither\n" +
			"the history of the code nor what it does at run time.",
		Example: "  hemilith seam                        the module around this directory\n" +
			"  hemilith seam -o seam.svg            and a picture\n" +
			"  hemilith seam -cut ./stock,./mail    what if these were the other half?\n" +
			"  hemilith seam -json ~/src/program",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := writerFor(out); err != nil {
				return err
			}
			r, err := seam.Run(c.Context(), seam.Config{Dir: dirOf(args), Cut: cut, Progress: sh.progress()})
			if err != nil {
				return err
			}
			if out != "" {
				if err := writeReport(c.Context(), r, out); err != nil {
					return err
				}
			}
			switch {
			case asJSON:
				return r.JSON(sh.stdout)
			case out != "":
				return nil
			}
			return r.Text(sh.stdout, false)
		},
	}
	c.Flags().StringSliceVar(&cut, "cut", nil, "the packages of one half, instead of a search")
	c.Flags().StringVarP(&out, "output", "o", "", "write to a file: .svg, .json or .txt")
	c.Flags().BoolVar(&asJSON, "json", false, "report as JSON")
	return c
}

// writerFor chooses the form of a report by the name of its file.
func writerFor(file string) (func(context.Context, *seam.Report, io.Writer) error, error) {
	switch filepath.Ext(file) {
	case ".svg":
		return func(_ context.Context, r *seam.Report, w io.Writer) error { return r.SVG(w) }, nil
	case ".json":
		return func(_ context.Context, r *seam.Report, w io.Writer) error { return r.JSON(w) }, nil
	case ".txt":
		return func(_ context.Context, r *seam.Report, w io.Writer) error { return r.Text(w, false) }, nil
	case ".html":
		return func(_ context.Context, r *seam.Report, w io.Writer) error { return r.HTML(w) }, nil
	case "":
		if file == "" {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("-o %s: end the name in .svg, .json or .txt", file)
}

func writeReport(ctx context.Context, r *seam.Report, file string) error {
	write, err := writerFor(file)
	if err != nil {
		return err
	}
	return writeWhole(ctx, file, func(w io.Writer) error { return write(ctx, r, w) })
}
