package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/perf/report"
)

// perfOut says where a report of perf goes.
type perfOut struct {
	asJSON, github, gitlab bool
	files                  []string
}

// register adds the options.
func (o *perfOut) register(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.asJSON, "json", false, "report as JSON")
	f.BoolVar(&o.github, "github", false, "report as GitHub workflow commands, which annotate the change")
	f.BoolVar(&o.gitlab, "gitlab", false, "report as a GitLab code quality report")
	f.StringArrayVarP(&o.files, "output", "o", nil, "write to a `file`, too: .html, .json or .txt; may be repeated")
	c.MarkFlagsMutuallyExclusive("json", "github", "gitlab")
	_ = c.MarkFlagFilename("output", "html", "json", "txt")
}

// check refuses files of which it is not clear what to write there.
func (o *perfOut) check() error {
	for _, file := range o.files {
		if perfWriter(file, &report.Report{}) == nil {
			return fmt.Errorf("-o %s: end the name in .html, .json or .txt", file)
		}
		if dir := filepath.Dir(file); !isDir(dir) {
			return fmt.Errorf("-o %s: there is no directory %s", file, dir)
		}
	}
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// tell writes the answer to all places where it was asked for.
func (o *perfOut) tell(ctx context.Context, sh *shell, r *report.Report) error {
	err := o.print(sh, r)
	for _, file := range o.files {
		err = errors.Join(err, writeWhole(ctx, file, perfWriter(file, r)))
	}
	return err
}

// print writes the answer to standard output.
func (o *perfOut) print(sh *shell, r *report.Report) error {
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
func perfWriter(file string, r *report.Report) func(io.Writer) error {
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
func writeRuns(ctx context.Context, dir string, r *report.Report, runs []report.Run) error {
	var base, head bytes.Buffer
	if err := r.Runs(&base, &head, runs); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	return errors.Join(
		writeWhole(ctx, filepath.Join(dir, "base.txt"), func(w io.Writer) error { _, err := base.WriteTo(w); return err }),
		writeWhole(ctx, filepath.Join(dir, "head.txt"), func(w io.Writer) error { _, err := head.WriteTo(w); return err }))
}

// perfCode makes an exit code of a report. Problems are told, and a failure where the
// answer is not no.
func perfCode(r *report.Report, strict bool, problems error) error {
	said := cmp.Or(problems, errSaid)
	switch r.Exit(strict) {
	case codeNo:
		return no{said}
	case codeFailed:
		return said
	}
	return problems
}
