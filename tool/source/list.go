package source

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Listing is a module and every package that it needs, as the go command lists
// them: plain data, which can be kept.
type Listing struct {
	// Dir is the root directory of the module and Module its path.
	Dir, Module string
	// Packages are sorted by path. What was imported but not found is among them,
	// with Errors and without Files.
	Packages []Listed
}

// Listed is one package of a listing.
type Listed struct {
	// Path is the import path. Name is the package's name.
	Path, Name string
	// Files are the Go files that the build would take, without tests, in order.
	// They are absolute.
	Files []string
	// Imports are sorted by As.
	Imports []Import
	// Module, Dir and GoVersion are the path, directory and language version of the
	// module, empty in the standard library.
	Module, Dir, GoVersion string
	// Own is true for packages of the listed module.
	Own bool
	// Cgo is true if Files has files that import "C".
	Cgo bool
	// Errors are what the go command found wrong, but for embedded files that are
	// missing.
	Errors []Error
}

// Import is one import of a package.
type Import struct {
	As   string // as it is written
	Path string // of the package that it leads to
}

// Ground is where a module is listed and all that the go command is told there.
type Ground struct {
	// Dir is the root directory of the module, Module its path, and Work the file
	// of the workspace that it is part of, if it is.
	Dir, Module, Work string
	// Root and Mods are the directories of the standard library and of downloaded
	// modules. Files below them never change: others have other directories.
	Root, Mods string
	// Cwd is the directory that patterns are relative to.
	Cwd string
	// Platform tells apart what files mean: the version of Go, operating system,
	// processor, flags and tags. Settings also tell apart what would be listed.
	Platform, Settings string

	mod  module
	tags []string
}

// Survey finds the module around cfg.Dir, without reading a Go file. tags are
// build tags that are added to cfg.
func Survey(ctx context.Context, cfg Config) (*Ground, error) {
	m, err := findModule(ctx, cfg)
	if err != nil {
		return nil, err
	}
	v := m.vars
	g := &Ground{
		Cwd: m.cwd, Dir: m.dir, Module: m.path, Root: filepath.Join(v.GOROOT, "src"), Mods: v.GOMODCACHE,
		mod: m, tags: cfg.Tags,
	}
	if m.workspace {
		g.Work = v.GOWORK
	}
	g.Platform = strings.Join([]string{v.GOVERSION, v.GOOS, v.GOARCH, v.GOEXPERIMENT, loadFlags(v.GOFLAGS), strings.Join(cfg.Tags, ",")}, "\x00")
	g.Settings = strings.Join([]string{g.Platform, v.GOROOT, v.GOMODCACHE, g.Work, m.cwd, m.dir, m.path, strings.Join(cfg.Patterns, "\x01")}, "\x00")
	return g, nil
}

// Fixed reports whether the file or directory can't change: it belongs to the
// standard library or to a downloaded module.
func (g *Ground) Fixed(path string) bool { return below(path, g.Root) || below(path, g.Mods) }

// Sizes are those of the platform.
func (g *Ground) Sizes() types.Sizes { return types.SizesFor("gc", g.mod.vars.GOARCH) }

func below(path, dir string) bool {
	return dir != "" && strings.HasPrefix(path, dir) && len(path) > len(dir) && path[len(dir)] == filepath.Separator
}

// list runs the go command.
func (g *Ground) list(ctx context.Context, cfg Config, fset *token.FileSet) ([]*packages.Package, error) {
	var flags []string
	if len(cfg.Tags) > 0 {
		flags = append(flags, "-tags="+strings.Join(cfg.Tags, ","))
	}
	roots, err := packages.Load(&packages.Config{
		Context: ctx,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedModule | packages.NeedTypesSizes,
		Dir:        g.mod.cwd,
		Env:        g.mod.env,
		BuildFlags: flags,
		Fset:       fset,
		Tests:      cfg.Tests,
	}, patterns(cfg)...)
	if err != nil {
		return nil, fmt.Errorf("list the packages of %s: %w", g.Module, err)
	}
	return roots, nil
}

// List lists what the patterns of cfg match and need, with cgo off. Packages
// that are nothing without cgo get their cgo files all the same, if something
// imports them; see ListCgo.
func (g *Ground) List(ctx context.Context, cfg Config) (*Listing, error) {
	l := &Listing{Dir: g.Dir, Module: g.Module}
	return l, g.extend(ctx, cfg, l)
}

// ListCgo adds the packages that the patterns of cfg match and that have none
// but cgo files. With cgo off, the go command says nothing of them.
func (g *Ground) ListCgo(ctx context.Context, cfg Config, l *Listing) error {
	m := g.mod
	m.env = append(slices.Clone(m.env), "CGO_ENABLED=1")
	args := []string{"list", "-e", "-find", "-tags=" + strings.Join(cfg.Tags, ","), "-f", "{{if .CgoFiles}}{{.ImportPath}}{{end}}"}
	out, err := m.goOutput(ctx, append(args, patterns(cfg)...)...)
	if err != nil {
		return err
	}
	cfg.Patterns = slices.DeleteFunc(strings.Fields(string(out)), func(path string) bool { return l.Find(path) != nil })
	if len(cfg.Patterns) == 0 {
		return nil
	}
	return g.extend(ctx, cfg, l)
}

func patterns(cfg Config) []string {
	if len(cfg.Patterns) == 0 {
		return []string{"./..."}
	}
	return cfg.Patterns
}

// extend adds what the patterns match and need.
func (g *Ground) extend(ctx context.Context, cfg Config, l *Listing) error {
	const maxRounds = 4 // cgo files may import packages that have cgo files
	cfg.Tests = false
	known := map[string]bool{}
	for _, p := range l.Packages {
		known[p.Path] = true
	}
	for range maxRounds {
		roots, err := g.list(ctx, cfg, token.NewFileSet())
		if err != nil {
			return err
		}
		for pkg := range postorder(roots) {
			if !known[pkg.PkgPath] {
				known[pkg.PkgPath] = true
				l.Packages = append(l.Packages, g.listed(pkg))
			}
		}
		slices.SortFunc(l.Packages, func(a, b Listed) int { return strings.Compare(a.Path, b.Path) })
		cfg.Patterns = l.addImports()
		if len(cfg.Patterns) == 0 {
			break
		}
	}
	return nil
}

func (g *Ground) listed(pkg *packages.Package) Listed {
	p := Listed{Path: pkg.PkgPath, Name: pkg.Name, Files: pkg.GoFiles}
	if m := pkg.Module; m != nil {
		p.Module, p.Dir, p.GoVersion, p.Own = m.Path, m.Dir, m.GoVersion, m.Path == g.Module
	}
	for as, dep := range pkg.Imports {
		p.Imports = append(p.Imports, Import{As: as, Path: dep.PkgPath})
	}
	slices.SortFunc(p.Imports, func(a, b Import) int { return strings.Compare(a.As, b.As) })
	if pkg.Module != nil {
		p.Files, p.Cgo = g.withCgo(pkg)
	}
	for _, e := range pkg.Errors {
		if missingEmbed(e) || p.Cgo && strings.Contains(e.Msg, "build constraints exclude all Go files") {
			continue
		}
		p.Errors = append(p.Errors, g.plain(e))
	}
	return p
}

// missingEmbed reports whether an error is about an embedded file that a build
// makes. Types do not need it.
func missingEmbed(e packages.Error) bool {
	return e.Kind == packages.ListError && strings.Contains(e.Msg, "no matching files found")
}

// plain is an error with its position relative to the module.
func (g *Ground) plain(e packages.Error) Error {
	if e.Pos == "" || e.Pos == "-" {
		return Error{Text: strings.ReplaceAll(e.Msg, g.Dir+"/", "")}
	}
	return Error{Pos: relative(g.Dir, e.Pos), Text: e.Msg}
}

// withCgo returns the files of a package and whether cgo files are among them.
// They are, if there are any and no other file stands in for them without cgo.
func (g *Ground) withCgo(pkg *packages.Package) ([]string, bool) {
	on := build.Default
	on.GOOS, on.GOARCH, on.CgoEnabled, on.BuildTags = g.mod.vars.GOOS, g.mod.vars.GOARCH, true, g.tags
	var cgo []string
	for _, f := range pkg.IgnoredFiles {
		if !strings.HasSuffix(f, ".go") || strings.HasSuffix(f, "_test.go") {
			continue
		}
		if ok, err := on.MatchFile(filepath.Dir(f), filepath.Base(f)); err == nil && ok && importsC(f) {
			cgo = append(cgo, f)
		}
	}
	if len(cgo) == 0 {
		return pkg.GoFiles, false
	}
	for _, f := range pkg.GoFiles {
		if ok, err := on.MatchFile(filepath.Dir(f), filepath.Base(f)); err != nil || !ok {
			return pkg.GoFiles, false // its place without cgo
		}
	}
	files := append(slices.Clone(pkg.GoFiles), cgo...)
	slices.Sort(files)
	return files, true
}

func importsC(file string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	return err == nil && slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"C"` })
}

// addImports adds the imports of cgo files, which the go command left out. It
// returns those that the listing does not have.
func (l *Listing) addImports() []string {
	var absent []string
	for i := range l.Packages {
		p := &l.Packages[i]
		if !p.Cgo {
			continue
		}
		for _, file := range p.Files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				continue
			}
			p.Name = cmp.Or(p.Name, f.Name.Name)
			for _, imp := range f.Imports {
				path := importPath(imp)
				switch {
				case path == "C" || slices.ContainsFunc(p.Imports, func(i Import) bool { return i.As == path }):
				case l.Find(path) != nil:
					p.Imports = append(p.Imports, Import{As: path, Path: path})
				case !slices.Contains(absent, path):
					absent = append(absent, path)
				}
			}
		}
		slices.SortFunc(p.Imports, func(a, b Import) int { return strings.Compare(a.As, b.As) })
	}
	return absent
}

// Find returns the package with this path, or nil.
func (l *Listing) Find(path string) *Listed {
	i, ok := slices.BinarySearchFunc(l.Packages, path, func(p Listed, path string) int { return strings.Compare(p.Path, path) })
	if !ok {
		return nil
	}
	return &l.Packages[i]
}
