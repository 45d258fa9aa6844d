package source

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"iter"
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

// check type-checks every package after those that it imports, as many at once
// as there are processors. go/packages has no such mode: it reads dependencies
// either from export data, which compiles them, or with their function bodies.
func check(ctx context.Context, p *Program, roots []*packages.Package, skip func(string) bool) error {
	done := map[*packages.Package]chan struct{}{}
	for pkg := range postorder(roots) {
		done[pkg] = make(chan struct{})
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	for pkg := range postorder(roots) {
		wg.Go(func() {
			defer close(done[pkg])
			for _, dep := range pkg.Imports {
				<-done[dep]
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() == nil {
				checkPackage(p, pkg, skip)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
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
	own := p.Own(pkg)
	mode := parser.SkipObjectResolution
	if own {
		mode |= parser.ParseComments
	}
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		if own && skip != nil && skip(name) {
			continue
		}
		f, err := parser.ParseFile(p.Fset, name, nil, mode)
		if err != nil {
			pkg.Errors = append(pkg.Errors, packages.Error{Msg: err.Error(), Kind: packages.ParseError})
		}
		if f != nil {
			files = append(files, f)
		}
	}
	cfg := &types.Config{
		Importer:         importer(pkg.Imports),
		IgnoreFuncBodies: !own,
		Sizes:            pkg.TypesSizes,
		Error: func(err error) {
			pkg.Errors = append(pkg.Errors, typeError(err))
		},
	}
	if pkg.Module != nil && pkg.Module.GoVersion != "" {
		cfg.GoVersion = "go" + pkg.Module.GoVersion
	}
	var info *types.Info
	if own {
		info = newInfo()
		pkg.Syntax, pkg.TypesInfo = files, info
	}
	pkg.Types, _ = cfg.Check(pkg.PkgPath, p.Fset, files, info) // errors went to cfg.Error
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
			if e.Kind == packages.ListError && strings.Contains(e.Msg, "no matching files found") {
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
