package build

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The benchmark itself prints the CPU time that the process spent while its
// timer ran, because what is read from outside includes the start of the
// program, and dilutes (perf-gate.md section 4). For that the binaries are built
// with a testing package to which a meter was added: made from the installed
// one, by an edit at each place where that reads or resets the wall clock.

//go:embed meter.go.txt
var meterSource string

//go:embed clock_linux.go.txt
var clockLinux string

//go:embed clock_unix.go.txt
var clockUnix string

// An edit puts a statement after (or before) the only statement of a function
// of testing/benchmark.go that reads so.
type edit struct {
	function, statement string
	before, after       string
}

// The statements are those of go1.24, go1.25 and go1.26.
var edits = [...]edit{
	{function: "StartTimer", statement: "b.start = highPrecisionTimeNow()", after: "b.meter.start = meterCPU()"},
	{function: "ResetTimer", statement: "b.start = highPrecisionTimeNow()", after: "b.meter.start = meterCPU()"},
	{function: "ResetTimer", statement: "b.duration = 0", after: "b.meter.spent = 0"},
	{function: "StopTimer", statement: "b.duration += highPrecisionTimeSince(b.start)", after: "b.meter.spent += meterCPU() - b.meter.start"},
	{function: "runN", statement: "b.ResetTimer()", before: "b.meter.begin()"},
	{function: "runN", statement: "b.StopTimer()", after: "b.meter.end(b.benchTime.n == 0)"},
	{
		function:  "launch",
		statement: "b.result = BenchmarkResult{b.N, b.duration, b.bytes, b.netAllocs, b.netBytes, b.extra}",
		before:    "b.meterMetrics()",
	},
	{function: "processBench", statement: "fmt.Fprintln(b.w, results)", before: "meterReport(benchName, results)"},
	{function: "RunParallel", statement: "wg.Add(numProcs)", before: "b.meter.parallel += uint64(numProcs)"},
	{function: "run1", statement: `tag = "SKIP"`, after: `meterReport("--- SKIP: " + b.name, string(b.output))`},
}

// meterField is added to the struct B.
const meterField = "meter meter\n"

// insertion is text that goes in at an offset of the source.
type insertion struct {
	at   int
	text string
}

// meterBenchmark returns the source of testing/benchmark.go with the meter in
// it, and an error if it is not as we know it.
func meterBenchmark(source []byte) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "benchmark.go", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	offset := func(p token.Pos) int { return fset.Position(p).Offset }
	var in []insertion
	for _, e := range edits {
		stmt, err := findStatement(file, e, func(n ast.Node) string {
			return string(source[offset(n.Pos()):offset(n.End())])
		})
		if err != nil {
			return nil, err
		}
		if e.before != "" {
			in = append(in, insertion{offset(stmt.Pos()), e.before + "; "})
		} else {
			in = append(in, insertion{offset(stmt.End()), "; " + e.after})
		}
	}
	fields := findStruct(file, "B")
	if fields == nil {
		return nil, fmt.Errorf("there is no struct B")
	}
	in = append(in, insertion{offset(fields.Fields.Closing), meterField})
	slices.SortFunc(in, func(a, b insertion) int { return a.at - b.at })
	var out bytes.Buffer
	last := 0
	for _, i := range in {
		out.Write(source[last:i.at])
		out.WriteString(i.text)
		last = i.at
	}
	out.Write(source[last:])
	return out.Bytes(), nil
}

// findStatement finds the place of an edit, which must be exactly one.
func findStatement(file *ast.File, e edit, text func(ast.Node) string) (ast.Stmt, error) {
	var found []ast.Stmt
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv == nil || fn.Name.Name != e.function {
			continue
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			switch s := n.(type) {
			case *ast.ExprStmt, *ast.AssignStmt:
				if text(s) == e.statement {
					found = append(found, s.(ast.Stmt))
				}
			}
			return true
		})
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s has %d statements %q, not 1", e.function, len(found), e.statement)
	}
	return found[0], nil
}

func findStruct(file *ast.File, name string) *ast.StructType {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			if t, ok := s.(*ast.TypeSpec); ok && t.Name.Name == name {
				st, _ := t.Type.(*ast.StructType)
				return st
			}
		}
	}
	return nil
}

// writeOverlay writes the file for -overlay, and what it names, to dir, and
// returns its path. The names follow from the content: runs with the same
// toolchain share them, at once too.
func writeOverlay(tc toolchain, dir string) (string, error) {
	path := filepath.Join(tc.root, "src", "testing", "benchmark.go")
	source, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the source of package testing is needed to measure CPU time in it: %w", err)
	}
	metered, err := meterBenchmark(source)
	if err != nil {
		return "", fmt.Errorf("%s of %s is not as expected: %w: measure with go1.24, go1.25 or go1.26", path, tc.version, err)
	}
	clock := clockUnix
	if tc.os == "linux" {
		clock = clockLinux
	}
	meter := []byte(strings.TrimSpace(meterSource) + "\n" + clock)
	dir = filepath.Join(dir, "overlay-"+hashOf(path, string(metered), string(meter)))
	replace := map[string]string{
		path: filepath.Join(dir, "benchmark.go"),
		filepath.Join(tc.root, "src", "testing", "meter.go"): filepath.Join(dir, "meter.go"),
	}
	index, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	for name, data := range map[string][]byte{"benchmark.go": metered, "meter.go": meter, "overlay.json": index} {
		if err := writeFile(filepath.Join(dir, name), data); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "overlay.json"), nil
}
