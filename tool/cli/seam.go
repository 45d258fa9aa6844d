package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/layoutfile"
	"github.com/hemilith/hemilith/tool/seam"
	"github.com/hemilith/hemilith/tool/seam/report"
)

// seamOptions are those of one hemilith seam.
type seamOptions struct {
	wishes
	cut, out           []string
	asJSON             bool
	main, within, tags string
	traffic, tests     string
	noHistory, noCache bool
	blind              bool
	seed               uint64
	restarts, nulls    int
}

func seamCommand(sh *shell) *cobra.Command {
	o := &seamOptions{}
	c := &cobra.Command{
		Use:   "seam [dir]",
		Short: "Show whether and where a program splits best, and what would cross",
		Long: "seam takes a Go program as it is and asks which single cut into two halves most reduces\n" +
			"lines of communication, among people and among parts of the code. It answers with that\n" +
			"cut and its rivals, or that the program makes sense as a single piece, which is a normal\n" +
			"answer. It compiles nothing and changes nothing.\n\n" +
			"Names are packages (orders, from the module's root or in full), a package and all below\n" +
			"it (orders/...), or declarations (orders.Desk.Place). hemilith.yaml may have a section\n" +
			"seam: with keep, apart, entry, exclude and thresholds; options add to its lists.",
		Example: "  hemilith seam                        the module around this directory\n" +
			"  hemilith seam -o seam.html           the report to show to the team\n" +
			"  hemilith seam -o seam.svg            only the picture\n" +
			"  hemilith seam -json ./cmd/shop       one program of several, as data\n" +
			"  hemilith seam -cut stock,mail        what if these were the other half?\n" +
			"  hemilith seam -keep orders,stock     these stay together\n" +
			"  hemilith seam -within b              ask again of half b, or of a service\n" +
			"  hemilith seam -traffic spans.json    what would it cost per request?",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), sh, args) },
	}
	o.register(c)
	return c
}

func (o *seamOptions) register(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVarP(&o.out, "output", "o", nil, "write to a `file`: .html, .svg, .json or .txt; may be repeated")
	f.BoolVar(&o.asJSON, "json", false, "report as JSON")
	f.StringVar(&o.main, "main", "", "the `directory` of one program of several, as [dir]")
	f.StringSliceVar(&o.cut, "cut", nil, "the `packages` of one half, instead of a search")
	f.StringVar(&o.within, "within", "", "ask again of one `part`: a half of the answer, as a, b or its name, or a service of hemilith.yaml; a/b is the b of a")
	o.wishes.register(c)
	f.StringVar(&o.traffic, "traffic", "", "a `file` with OTLP JSON spans, or a pprof CPU profile")
	f.StringVar(&o.tests, "tests-json", "", "a `file` with the output of go test -json")
	f.BoolVar(&o.noHistory, "no-history", false, "do not read git")
	f.BoolVar(&o.noCache, "no-cache", false, "neither read nor write the cache")
	f.Uint64Var(&o.seed, "seed", 0, "the same `number` gives the same answer")
	f.IntVar(&o.restarts, "restarts", 0, "how often to search anew; default 30")
	f.IntVar(&o.nulls, "nulls", 0, "how many rewired programs to compare with; default 100, -1 for none")
	f.StringVar(&o.tags, "tags", "", "build tags, with commas")
	f.BoolVar(&o.blind, "blind", false, "hide all names from the search")
	for name, complete := range map[string]cobra.CompletionFunc{"cut": completePackages, "within": completeParts} {
		_ = c.RegisterFlagCompletionFunc(name, complete) // fails only for an unknown flag
	}
	_ = c.MarkFlagDirname("main")
	_ = c.MarkFlagFilename("output", "html", "svg", "json", "txt")
	_ = c.MarkFlagFilename("traffic")
	_ = c.MarkFlagFilename("tests-json", "json")
}

// run searches, and tells the answer where it was asked for.
func (o *seamOptions) run(ctx context.Context, sh *shell, args []string) error {
	cfg, err := o.config(args)
	if err != nil {
		return err
	}
	say, quiet := sh.status()
	cfg.Progress = say
	r, err := seam.Run(ctx, cfg)
	quiet()
	if err != nil {
		return err
	}
	for _, file := range o.out {
		if err := writeReport(ctx, r, file); err != nil {
			return err
		}
	}
	switch {
	case o.asJSON:
		return r.JSON(sh.stdout)
	case len(o.out) > 0:
		return nil
	}
	return r.Text(sh.stdout, colour(sh.stdout))
}

// config checks the options, before a search that may take a minute.
func (o *seamOptions) config(args []string) (seam.Config, error) {
	if o.main != "" && len(args) > 0 {
		return seam.Config{}, fmt.Errorf("-main %s and %s: name one directory", o.main, args[0])
	}
	dir := dirOf(args)
	if o.main != "" {
		dir = o.main
	}
	for _, file := range o.out {
		if writerFor(file) == nil {
			return seam.Config{}, fmt.Errorf("-o %s: end the name in .html, .svg, .json or .txt", file)
		}
	}
	for _, file := range []string{o.traffic, o.tests} {
		if _, err := os.Stat(file); file != "" && err != nil {
			return seam.Config{}, fmt.Errorf("recorded data: %w", err)
		}
	}
	layout := &layoutfile.File{}
	if root := moduleRoot(dir); root != "" {
		var err error
		if layout, err = layoutfile.Load(root); err != nil {
			return seam.Config{}, err
		}
	}
	if err := layout.CheckThresholds(seam.Thresholds()); err != nil {
		return seam.Config{}, err
	}
	if err := o.merge(layout); err != nil {
		return seam.Config{}, err
	}
	return seam.Config{
		Dir: dir, Tags: splitNames(o.tags), Within: o.within, Services: services(layout), Cut: o.cut,
		Keep: o.groups, Apart: o.pairs, Entry: o.entry, Exclude: o.exclude, Thresholds: o.thresholds,
		Traffic: o.traffic, TestsJSON: o.tests, NoHistory: o.noHistory, NoCache: o.noCache,
		Seed: o.seed, Restarts: o.restarts, Nulls: o.nulls, Blind: o.blind,
	}, nil
}

// services are those of hemilith.yaml.
func services(file *layoutfile.File) []seam.Service {
	all := make([]seam.Service, 0, len(file.Layout.Services))
	for _, s := range file.Layout.Services {
		all = append(all, seam.Service{Name: s.Name, Components: s.Components, Roles: s.Roles})
	}
	return all
}

// completeParts offers what the halves are called before they have a name, and
// the services of hemilith.yaml.
func completeParts(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	parts := []string{"a", "b"}
	if root := moduleRoot(dirOf(args)); root != "" {
		if file, err := layoutfile.Load(root); err == nil { // what is wrong with it is said when it is used
			for _, s := range file.Layout.Services {
				parts = append(parts, s.Name)
			}
		}
	}
	return parts, cobra.ShellCompDirectiveNoFileComp
}

// writerFor chooses the form of a report by the name of its file; nil if there
// is none for it.
func writerFor(file string) func(*report.Report, io.Writer) error {
	switch filepath.Ext(file) {
	case ".html":
		return (*report.Report).HTML
	case ".svg":
		return (*report.Report).SVG
	case ".json":
		return (*report.Report).JSON
	case ".txt":
		return func(r *report.Report, w io.Writer) error { return r.Text(w, false) }
	}
	return nil
}

func writeReport(ctx context.Context, r *report.Report, file string) error {
	return writeWhole(ctx, file, func(w io.Writer) error { return writerFor(file)(r, w) })
}
