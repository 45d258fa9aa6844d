package source

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"iter"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"
)

// postorder yields each package once, after the packages that it imports.
func postorder(roots []*packages.Package) iter.Seq[*packages.Package] {
	return func(yield func(*packages.Package) bool) {
		var order []*packages.Package
		packages.Visit(roots, nil, func(p *packages.Package) { order = append(order, p) })
		for _, p := range order {
			if !yield(p) {
				return
			}
		}
	}
}

// InOrder calls work for each of n nodes after those that it needs, as many at
// once as there are processors, and waits for all. Of nodes that need each
// other, one comes first. It stops calling work when ctx ends.
func InOrder(ctx context.Context, n int, needs func(int) []int, work func(int)) error {
	order, place := Order(n, needs)
	done := make([]chan struct{}, n)
	for i := range done {
		done[i] = make(chan struct{})
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	for _, i := range order {
		wg.Go(func() {
			defer close(done[i])
			for _, j := range needs(i) {
				if place[j] < place[i] {
					<-done[j]
				}
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() == nil {
				work(i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// Order returns n nodes so that each comes after those that it needs, and the
// place of each. Of nodes that need each other, one comes first.
func Order(n int, needs func(int) []int) (order, place []int) {
	seen := make([]bool, n)
	place = make([]int, n)
	var visit func(int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		for _, j := range needs(i) {
			visit(j)
		}
		place[i] = len(order)
		order = append(order, i)
	}
	for i := range n {
		visit(i)
	}
	return order, place
}

// check type-checks every package after those that it imports. go/packages has
// no such mode: it reads dependencies either from export data, which compiles
// them, or with their function bodies.
func check(ctx context.Context, p *Program, roots []*packages.Package, skip func(string) bool) error {
	all := slices.Collect(postorder(roots))
	number := make(map[*packages.Package]int, len(all))
	for i, pkg := range all {
		number[pkg] = i
	}
	needs := func(i int) []int {
		deps := make([]int, 0, len(all[i].Imports))
		for _, dep := range all[i].Imports {
			deps = append(deps, number[dep])
		}
		return deps
	}
	return InOrder(ctx, len(all), needs, func(i int) { checkPackage(p, all[i], skip) })
}

func checkPackage(p *Program, pkg *packages.Package, skip func(string) bool) {
	pkg.Fset = p.Fset
	if pkg.PkgPath == "unsafe" {
		pkg.Types = types.Unsafe
		return
	}
	if len(pkg.GoFiles) == 0 && len(pkg.Errors) > 0 {
		return // not found: the importer says so where it is imported
	}
	if !p.Own(pkg) {
		files := parse(pkg, pkg.GoFiles, parser.SkipObjectResolution, os.ReadFile)
		typeCheck(pkg, files, nil)
		return
	}
	names := pkg.GoFiles
	if skip != nil {
		names = slices.DeleteFunc(slices.Clone(names), skip)
	}
	checkFull(pkg, names, os.ReadFile)
}

// Check parses and type-checks a package in full: it fills in Syntax, Types,
// TypesInfo and Errors. Fset, PkgPath, GoFiles, Imports with their Types, Module
// and TypesSizes must be set. read gets the content of a file. What is wrong goes
// to pkg.Errors.
func Check(pkg *packages.Package, read func(string) ([]byte, error)) {
	checkFull(pkg, pkg.GoFiles, read)
}

func checkFull(pkg *packages.Package, names []string, read func(string) ([]byte, error)) {
	pkg.Syntax = parse(pkg, names, parser.SkipObjectResolution|parser.ParseComments, read)
	pkg.TypesInfo = newInfo()
	typeCheck(pkg, pkg.Syntax, pkg.TypesInfo)
}

// CheckInterface type-checks what Cut left of a package. It fills in Types; it
// sets no Errors, as the package itself may well be sound where a part of it is
// not. Positions of what it declares lead nowhere. Fset, PkgPath, Imports with
// their Types, Module and TypesSizes must be set.
func CheckInterface(pkg *packages.Package, in Interface) {
	text := make(map[string]string, len(in.Files))
	names := make([]string, 0, len(in.Files))
	for _, f := range in.Files {
		names = append(names, f.Name)
		text[f.Name] = f.Text
	}
	files := parse(pkg, names, parser.SkipObjectResolution, func(name string) ([]byte, error) { return []byte(text[name]), nil })
	typeCheck(pkg, files, nil)
	Release(pkg.Fset, files)
	if len(files) == 0 {
		pkg.Types.SetName(pkg.Name)
	}
	pkg.Errors, pkg.IllTyped = nil, false
}

// Release forgets the positions of files that are looked at no more.
func Release(fset *token.FileSet, files []*ast.File) {
	for _, f := range files {
		if at := fset.File(f.FileStart); at != nil {
			fset.RemoveFile(at)
		}
	}
}

func parse(pkg *packages.Package, names []string, mode parser.Mode, read func(string) ([]byte, error)) []*ast.File {
	var files []*ast.File
	for _, name := range names {
		src, err := read(name)
		var f *ast.File
		if err == nil {
			f, err = parser.ParseFile(pkg.Fset, name, src, mode)
		}
		if err != nil {
			pkg.Errors = append(pkg.Errors, packages.Error{Msg: err.Error(), Kind: packages.ParseError})
		}
		if f != nil {
			files = append(files, f)
		}
	}
	return files
}

// typeCheck checks the files, their function bodies too if info is given.
func typeCheck(pkg *packages.Package, files []*ast.File, info *types.Info) {
	cfg := &types.Config{
		Importer:         importer(pkg.Imports),
		IgnoreFuncBodies: info == nil,
		FakeImportC:      true,
		Sizes:            pkg.TypesSizes,
		Error: func(err error) {
			pkg.Errors = append(pkg.Errors, typeError(err))
		},
	}
	if pkg.Module != nil && pkg.Module.GoVersion != "" {
		cfg.GoVersion = "go" + pkg.Module.GoVersion
	}
	pkg.Types, _ = cfg.Check(pkg.PkgPath, pkg.Fset, files, info) // errors went to cfg.Error
	pkg.IllTyped = len(pkg.Errors) > 0
}

func newInfo() *types.Info {
	return &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		Instances:    map[*ast.Ident]types.Instance{},
		FileVersions: map[*ast.File]string{},
	}
}

// importer finds packages already checked among a package's imports.
type importer map[string]*packages.Package

func (m importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	dep := m[path]
	if dep != nil && dep.Types != nil {
		return dep.Types, nil
	}
	if dep != nil && len(dep.Errors) > 0 {
		return nil, errors.New(dep.Errors[0].Msg)
	}
	return nil, errors.New("package not found: if a generate step makes it, run that step first")
}

func typeError(err error) packages.Error {
	var te types.Error
	if !errors.As(err, &te) {
		return packages.Error{Msg: err.Error(), Kind: packages.TypeError}
	}
	return packages.Error{Pos: te.Fset.Position(te.Pos).String(), Msg: te.Msg, Kind: packages.TypeError}
}

// collectErrors gathers what is wrong with the module's own packages. Embedded
// files that are missing don't count: types do not need them.
func (p *Program) collectErrors() {
	seen := map[Error]bool{}
	for _, pkg := range p.Packages {
		for _, e := range pkg.Errors {
			if missingEmbed(e) {
				continue
			}
			found := Error{Pos: p.Rel(e.Pos), Text: e.Msg}
			if e.Pos == "" || e.Pos == "-" {
				found.Pos = ""
			}
			if e.Kind == packages.ParseError && found.Pos == "" {
				found.Text = strings.ReplaceAll(found.Text, p.Dir+"/", "")
			}
			if !seen[found] {
				seen[found] = true
				p.Errors = append(p.Errors, found)
			}
		}
	}
	slices.SortFunc(p.Errors, func(a, b Error) int { return strings.Compare(a.Error(), b.Error()) })
}

// Fail returns nil if the module's own packages are without errors, else one
// error that shows the first of them.
func (p *Program) Fail() error {
	const maxShown = 10
	if len(p.Errors) == 0 {
		return nil
	}
	var b strings.Builder
	for i, e := range p.Errors {
		if i == maxShown {
			fmt.Fprintf(&b, "\nand %d more", len(p.Errors)-maxShown)
			break
		}
		fmt.Fprintf(&b, "\n%v", e)
	}
	return fmt.Errorf("%s does not type-check:%s", p.Module, b.String())
}
