package build

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unit is a package with benchmarks as one side has it.
type unit struct {
	path       string // import path
	dir        string // below the tree
	data       string // hash of its testdata, "" for none
	benchmarks []string
	declared   map[string]Place   // where those are, in the sources
	archives   map[string]archive // what its test binary is linked from, by import path ("x [x.test]" where compiled for it)
	inputs     string             // the same, hashed; "" if it does not build
	problem    string             // the first lines of the compiler
}

// archive is a compiled package as the linker gets it.
type archive struct {
	id   string // of its content
	file string
	std  bool // of the standard library
}

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath   string
	Dir          string
	TestGoFiles  []string
	XTestGoFiles []string
	Deps         []string
	Export       string
	Standard     bool
	BuildID      string
	Error        *listError
	DepsErrors   []*listError
}

type listError struct{ Err string }

// golist runs go list and reads what it prints.
func (g goTool) golist(ctx context.Context, args ...string) ([]listed, error) {
	out, talk, err := g.run(ctx, append([]string{"list", "-e"}, args...)...)
	if err != nil {
		return nil, goError("go list", err, talk)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, l)
	}
}

// list finds the packages with benchmarks among those that the patterns name.
func (s *side) list(ctx context.Context, patterns []string) (map[string]*unit, error) {
	args := append([]string{"-json=ImportPath,Dir,TestGoFiles,XTestGoFiles,Error"}, s.flags...)
	found, err := s.golist(ctx, append(append(args, "--"), patterns...)...)
	if err != nil {
		return nil, err
	}
	units := make(map[string]*unit)
	for _, l := range found {
		if l.Dir == "" {
			if l.Error != nil && !strings.HasSuffix(l.ImportPath, "...") {
				s.missing = append(s.missing, s.inTree(strings.TrimSpace(l.Error.Err)))
			}
			continue
		}
		rel, err := filepath.Rel(s.tree, l.Dir)
		if err != nil || !filepath.IsLocal(rel) {
			return nil, fmt.Errorf("package %s is not in the repository: its benchmarks cannot be compared", l.ImportPath)
		}
		u := &unit{path: l.ImportPath, dir: rel, declared: make(map[string]Place)}
		for _, name := range slices.Concat(l.TestGoFiles, l.XTestGoFiles) {
			for _, d := range benchmarksIn(filepath.Join(l.Dir, name)) {
				u.benchmarks = append(u.benchmarks, d.name)
				u.declared[d.name] = Place{filepath.ToSlash(filepath.Join(rel, name)), d.line}
			}
		}
		if slices.Sort(u.benchmarks); len(u.benchmarks) > 0 {
			units[u.path] = u
		}
	}
	return units, nil
}

// testdata notes which files the units' benchmarks may read from testdata: no
// compiler sees those.
func (s *side) testdata(ctx context.Context, r *repo, units map[string]*unit) error {
	args := []string{"ls-tree", "-z", s.rev.tree, "--"}
	owner := make(map[string]*unit, len(units))
	for _, path := range sortedKeys(units) {
		dir := filepath.ToSlash(filepath.Join(units[path].dir, "testdata"))
		owner[dir] = units[path]
		args = append(args, dir)
	}
	if len(owner) == 0 {
		return nil
	}
	out, err := r.git(ctx, args...)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(out, "\x00") {
		if what, dir, ok := strings.Cut(line, "\t"); ok && owner[dir] != nil {
			owner[dir].data = what
		}
	}
	return nil
}

// declaration is a benchmark function and the line of its file.
type declaration struct {
	name string
	line int
}

// benchmarksIn returns the benchmark functions in a file, as `go test` finds
// them. A file that cannot be parsed has none: the compiler says more about it.
func benchmarksIn(file string) []declaration {
	fset := token.NewFileSet()
	syntax, _ := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
	if syntax == nil {
		return nil
	}
	var all []declaration
	for _, d := range syntax.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || fn.Type.TypeParams != nil || len(fn.Type.Params.List) != 1 {
			continue
		}
		rest, ok := strings.CutPrefix(fn.Name.Name, "Benchmark")
		first, _ := utf8.DecodeRuneInString(rest)
		if ok && (rest == "" || !unicode.IsLower(first)) {
			all = append(all, declaration{fn.Name.Name, fset.PositionFor(fn.Pos(), false).Line})
		}
	}
	return all
}

// compile compiles all that the units' test binaries are linked from, and
// fills that in. What is compiled already comes out of the go command's cache.
func (s *side) compile(ctx context.Context, units map[string]*unit) error {
	if len(units) == 0 {
		return nil
	}
	args := append([]string{"-test", "-deps", "-export", "-json=ImportPath,Deps,Export,Standard,BuildID,Error,DepsErrors"}, s.flags...)
	args = append(append(args, "--"), sortedKeys(units)...)
	found, err := s.golist(ctx, args...)
	if err != nil {
		return err
	}
	packages := make(map[string]listed, len(found))
	for _, l := range found {
		packages[l.ImportPath] = l
	}
	for path, u := range units {
		u.link(packages, path)
		u.problem = fullDisk(s.inTree(u.problem))
	}
	return nil
}

// link fills in what the unit's test binary is linked from.
func (u *unit) link(packages map[string]listed, path string) {
	main := packages[path+".test"]
	u.archives = make(map[string]archive, len(main.Deps))
	parts := make([]string, 0, 2*len(main.Deps))
	for _, name := range append(slices.Clone(main.Deps), path+".test") {
		l := packages[name]
		if l.Error != nil && u.problem == "" {
			u.problem = l.Error.Err
		}
		if l.Export == "" {
			continue // unsafe, which has no code
		}
		id := l.BuildID[strings.LastIndexByte(l.BuildID, '/')+1:]
		u.archives[name] = archive{id, l.Export, l.Standard}
		parts = append(parts, name, id)
	}
	for _, e := range main.DepsErrors {
		if u.problem == "" {
			u.problem = e.Err
		}
	}
	if main.Export == "" && u.problem == "" {
		u.problem = "go list says nothing of its test binary"
	}
	if u.problem == "" {
		u.inputs = hashOf(parts...)
	}
}
