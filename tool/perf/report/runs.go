package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/hemilith/hemilith/tool/plain"
)

// Run is one run of one side of a benchmark.
type Run struct {
	Package string
	// Line is the result in the standard Go benchmark format, without newline.
	Line string
	Head bool
	// Layout is the seed for the linker's -randlayout; 0 is its own order.
	Layout int
}

// Runs writes all runs, in the order in which they were made, in the standard Go
// benchmark format (https://go.dev/design/14313-benchmark-format): those of base
// to one writer and those of head to the other, for `benchstat old.txt new.txt`.
// A line before each result, which readers of the format skip, has its number among
// all runs of both sides. What is configured is the same on both sides: benchstat
// compares nothing else. Where both sides ran at the same time on one processor,
// ns/op includes that they waited for each other, and cpu-ns/op is what to compare.
func (r *Report) Runs(base, head io.Writer, runs []Run) error {
	sides := [2]*bufio.Writer{bufio.NewWriter(base), bufio.NewWriter(head)}
	var packages [2]string
	for side, v := range []Revision{r.Base, r.Head} {
		fmt.Fprintf(sides[side], "# hemilith perf: %s %s\n", [...]string{"base", "head"}[side], plain.Line(v.Short()))
		fmt.Fprintln(sides[side], "# sides may have shared a processor: compare cpu-ns/op, since ns/op includes waiting")
		r.configure(sides[side])
	}
	for i, run := range runs {
		if err := run.check(); err != nil {
			return fmt.Errorf("write run %d of %s: %w", i+1, run.Package, err)
		}
		side := 0
		if run.Head {
			side = 1
		}
		out := sides[side]
		if packages[side] != run.Package {
			packages[side] = run.Package
			fmt.Fprintf(out, "pkg: %s\n", plain.Line(run.Package))
		}
		fmt.Fprintf(out, "# run %d, layout %d\n%s\n", i+1, run.Layout, run.Line)
	}
	for side, out := range sides {
		if err := out.Flush(); err != nil {
			return fmt.Errorf("write the runs of %s: %w", [...]string{"base", "head"}[side], err)
		}
	}
	return nil
}

// configure writes what is the same for all results of a file.
func (r *Report) configure(w io.Writer) {
	for _, c := range [][2]string{{"goos", r.Machine.OS}, {"goarch", r.Machine.Arch}, {"cpu", r.Machine.CPU}, {"toolchain", r.Toolchain}} {
		if c[1] != "" {
			fmt.Fprintf(w, "%s: %s\n", c[0], plain.Line(c[1]))
		}
	}
}

// check refuses what readers of the format would take for something else.
func (r *Run) check() error {
	switch {
	case !strings.HasPrefix(r.Line, "Benchmark"):
		return fmt.Errorf("%.60q is no result: it does not begin with Benchmark", r.Line)
	case strings.ContainsAny(r.Line, "\r\n") || !utf8.ValidString(r.Line):
		return fmt.Errorf("%.60q is no result: it is not one line of text", r.Line)
	case len(strings.Fields(r.Line)) < 4:
		return fmt.Errorf("%.60q is no result: it has no value with a unit", r.Line)
	}
	return nil
}
