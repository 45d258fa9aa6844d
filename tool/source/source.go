// Package source loads a Go module as a typed program without compiling it: the
// module's own packages in full, all that they depend on without function
// bodies. It runs the go command with cgo off and never changes a file of the
// module.
package source

import (
	"context"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Config says what to load. The zero value loads the packages of the module in
// the current directory, without tests.
type Config struct {
	// Dir is the module's directory, or one below it; "" is the current one.
	Dir string
	// Patterns are those of the go command; none means ./...
	Patterns []string
	// Tests also loads test files, as variants of their packages.
	Tests bool
	// Skip, if set, reports whether a file of the module is to be left out, as if
	// it did not exist. It gets an absolute path.
	Skip func(file string) bool
	// Tags are build tags.
	Tags []string
	// Env is added to the environment of the go command.
	Env []string
	// Progress, if set, is told in a few words what is being done. It is called
	// from one goroutine.
	Progress func(string)
}

// Program is a loaded module. It is not changed after loading, so any number of
// goroutines may read it.
type Program struct {
	// Dir is the root directory of the module and Module its path.
	Dir, Module string
	// Fset has the positions of all files.
	Fset *token.FileSet
	// Packages are the module's own packages that the patterns match, sorted by
	// ID. They have Syntax, Types and TypesInfo.
	Packages []*packages.Package
	// All has every package by ID, which is the import path but for variants made
	// for tests. Those of other modules have Types, and no Syntax or TypesInfo.
	All map[string]*packages.Package
	// Errors are those of the module's own packages, in order of position. Errors
	// of other modules show only through what they break here.
	Errors []Error
}

// Error is one thing that is wrong with the module's own source.
type Error struct {
	// Pos is "dir/file.go:12:3", relative to the module, or "" or "-" if unknown.
	Pos string
	// Text is the message.
	Text string
}

// Error returns "pos: text".
func (e Error) Error() string {
	if e.Pos == "" || e.Pos == "-" {
		return e.Text
	}
	return e.Pos + ": " + e.Text
}

// Load loads a program. It returns an error if the go command can't list the
// packages at all or ctx ends; what is wrong within packages is in
// Program.Errors.
func Load(ctx context.Context, cfg Config) (*Program, error) {
	say := cfg.Progress
	if say == nil {
		say = func(string) {}
	}
	ground, err := Survey(ctx, cfg)
	if err != nil {
		return nil, err
	}
	say("listing " + ground.Module)
	fset := token.NewFileSet()
	roots, err := ground.list(ctx, cfg, fset)
	if err != nil {
		return nil, err
	}
	p := &Program{Dir: ground.Dir, Module: ground.Module, Fset: fset, All: map[string]*packages.Package{}}
	for pkg := range postorder(roots) {
		p.All[pkg.ID] = pkg
	}
	for _, pkg := range roots {
		if p.Own(pkg) && !strings.HasSuffix(pkg.ID, ".test") {
			p.Packages = append(p.Packages, pkg)
		}
	}
	slices.SortFunc(p.Packages, func(a, b *packages.Package) int { return strings.Compare(a.ID, b.ID) })
	say(fmt.Sprintf("type-checking %d packages, %d of them the module's own", len(p.All), len(p.Packages)))
	if err := check(ctx, p, roots, cfg.Skip); err != nil {
		return nil, err
	}
	p.collectErrors()
	return p, nil
}

// Own reports whether pkg belongs to the module.
func (p *Program) Own(pkg *packages.Package) bool {
	return pkg.Module != nil && pkg.Module.Path == p.Module
}

// Position returns pos as "dir/file.go:12", relative to the module if the file
// is in it.
func (p *Program) Position(pos token.Pos) string {
	at := p.Fset.Position(pos)
	if !at.IsValid() {
		return "-"
	}
	return fmt.Sprintf("%s:%d", p.Rel(at.Filename), at.Line)
}

// Rel returns file with slashes, relative to the module if it is in it.
func (p *Program) Rel(file string) string { return relative(p.Dir, file) }
