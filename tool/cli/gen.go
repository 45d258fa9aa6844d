package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/gen"
	"github.com/hemilith/hemilith/tool/layoutfile"
	"github.com/hemilith/hemilith/tool/source"
)

func genCommand(sh *shell) *cobra.Command {
	var check, dry, asJSON bool
	c := &cobra.Command{
		Use:   "gen [dir]",
		Short: "Write what every hemilith.Bind needs to cross processes",
		Long: "gen finds every hemilith.Bind and hemilith.Role of the module, checks hemilith.yaml\n" +
			"against them, and writes " + gen.FileName + " beside providers and types, and\n" +
			gen.LockName + " with the numbers on the wire. What can't cross is refused, all of it\n" +
			"at once, and nothing is written.",
		Example: "  hemilith gen            write\n" +
			"  hemilith gen -n         show as a diff what would be written\n" +
			"  hemilith gen -check     exit 1 if anything is stale; for CI",
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			g, err := generate(c.Context(), dirOf(args), sh.progress())
			if refused, is := errors.AsType[no](err); is && asJSON {
				return errors.Join(sh.json(refusedReport(refused)), no{errSaid})
			}
			if err != nil {
				return err
			}
			return g.act(sh, check, dry, asJSON)
		},
	}
	c.Flags().BoolVar(&check, "check", false, "write nothing; list stale files and exit 1 if there are any")
	c.Flags().BoolVarP(&dry, "dry-run", "n", false, "write nothing; show a diff")
	c.Flags().BoolVar(&asJSON, "json", false, "report as JSON")
	return c
}

func dirOf(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

// generated is what a module's generated code is to be.
type generated struct {
	module string
	file   *layoutfile.File
	result *gen.Result
}

// generate loads the module around dir, reads its layout, checks the one against
// the other, and generates. It writes nothing. All that is wrong with layout and code is one error, a [no].
func generate(ctx context.Context, dir string, progress func(string)) (*generated, error) {
	prog, err := source.Load(ctx, source.Config{Dir: dir, Skip: gen.Skip, Progress: progress})
	if err != nil {
		return nil, err
	}
	return generateFrom(prog)
}

// generateFrom is generate for a program that was loaded with [gen.Skip].
func generateFrom(prog *source.Program) (*generated, error) {
	if err := prog.Fail(); err != nil {
		return nil, no{err}
	}
	file, layoutErr := layoutfile.Load(prog.Dir)
	if _, wrong := errors.AsType[layoutfile.Errors](layoutErr); layoutErr != nil && !wrong {
		return nil, layoutErr
	}
	binds, roles, codeErr := gen.Find(prog)
	if layoutErr == nil && codeErr == nil {
		layoutErr = file.Check(layoutfile.Code{Components: defs(binds), Roles: defs(roles)})
	}
	var opts gen.Options
	if layoutErr == nil && len(file.Layout.Services) > 0 {
		file.Layout.Module = prog.Module
		opts.Layout = file.Layout
	}
	result, err := gen.Generate(prog, opts)
	if err := errors.Join(layoutErr, err); err != nil {
		return nil, no{err}
	}
	return &generated{prog.Module, file, result}, nil
}

func defs(names []gen.Name) []layoutfile.Def {
	all := make([]layoutfile.Def, len(names))
	for i, n := range names {
		all[i] = layoutfile.Def{Name: n.Name, Pos: n.Pos}
	}
	return all
}

// genReport is what gen -json prints.
type genReport struct {
	Schema     int       `json:"schema"`
	Module     string    `json:"module,omitempty"`
	Components []genName `json:"components"`
	Roles      []genName `json:"roles"`
	// Stale are the files that were not as they are to be, before Written.
	Stale   []string `json:"stale"`
	Written bool     `json:"written"`
	// Refused is why nothing was generated; there is nothing else then.
	Refused []genRefusal `json:"refused,omitempty"`
}

// genRefusal is one thing that is wrong with the code or the layout.
type genRefusal struct {
	Pos  string `json:"pos,omitempty"`
	Text string `json:"text"`
	Fix  string `json:"fix,omitempty"`
}

func refusedReport(err error) genReport {
	r := genReport{Schema: 1, Components: []genName{}, Roles: []genName{}, Stale: []string{}}
	layout, _ := errors.AsType[layoutfile.Errors](err)
	for _, e := range layout {
		r.Refused = append(r.Refused, genRefusal{Pos: fmt.Sprintf("%s:%d", e.File, e.Line), Text: e.Text})
	}
	code, _ := errors.AsType[gen.Refusals](err)
	for _, e := range code {
		r.Refused = append(r.Refused, genRefusal(e))
	}
	if len(r.Refused) == 0 {
		r.Refused = []genRefusal{{Text: err.Error()}}
	}
	return r
}

type genName struct {
	Name string `json:"name"`
	Pos  string `json:"pos"`
}

func genNames(names []gen.Name) []genName {
	all := make([]genName, len(names))
	for i, n := range names {
		all[i] = genName{n.Name, n.Pos}
	}
	return all
}

func (g *generated) act(sh *shell, check, dry, asJSON bool) error {
	stale := g.result.Check()
	write := !check && !dry
	if write {
		if err := g.result.Write(); err != nil {
			return err
		}
	}
	switch {
	case asJSON:
		r := genReport{
			Schema: 1, Module: g.module, Components: genNames(g.result.Binds), Roles: genNames(g.result.Roles),
			Stale: append([]string{}, stale...), Written: write && len(stale) > 0,
		}
		if err := sh.json(r); err != nil {
			return err
		}
	case dry:
		if err := g.diff(sh); err != nil {
			return err
		}
	}
	if check && len(stale) > 0 {
		return no{staleError(stale, asJSON)}
	}
	return nil
}

// staleError says which files are stale and what to do.
func staleError(stale []string, said bool) error {
	if said {
		return errSaid
	}
	return fmt.Errorf("%s\ngenerated code is stale: run hemilith gen and commit what it writes", strings.Join(stale, "\n"))
}

// diff prints what would be written.
func (g *generated) diff(sh *shell) error {
	for _, f := range g.result.Files {
		have, err := os.ReadFile(f.Path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		name, err := filepath.Rel(g.result.Dir, f.Path)
		if err != nil {
			name = f.Path
		}
		name = filepath.ToSlash(name)
		if _, err := sh.stdout.Write(diff.Diff("a/"+name, have, "b/"+name, f.Content)); err != nil {
			return err
		}
	}
	return nil
}
