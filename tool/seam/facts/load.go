package facts

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/packages"

	"github.com/hemilith/hemilith/tool/source"
)

// Config says what to load. The zero value loads the module in the current
// directory, without tests, with the user's cache.
type Config struct {
	// Dir is the module's directory, or one below it; "" is the current one.
	Dir string
	// Patterns are those of the go command; none means ./... The module's own
	// packages that these import are loaded too.
	Patterns []string
	// Env is added to the environment of the go command, Tags to its build tags.
	Env, Tags []string
	// Cache is the directory of the cache; "" is $HEMILITH_CACHE/seam, or
	// hemilith/seam in the user's cache folder. It may be shared, and deleted.
	Cache string
	// NoCache reads and writes no cache. The facts are the same.
	NoCache bool
	// Progress, if set, is told in a few words what is being done. It is called
	// from one goroutine.
	Progress func(string)
}

// extractor gets the facts of a package that is checked in full. own reports
// whether an import path is of the module.
type extractor func(ctx context.Context, prog *source.Program, pkg *packages.Package, own func(path string) bool) (*Package, error)

// Load returns the facts of a module. It reads again only what changed since the
// last run: a package whose own files and whose imports' interfaces are the same
// has the same facts. Its errors are complete sentences for the user: no module,
// no packages, or more than a tenth of them that do not type-check.
func Load(ctx context.Context, cfg Config) (*Program, error) {
	c, note := openCache(cfg)
	return load(ctx, cfg, c, note, Extract)
}

// openCache returns nil, and a note, if there is no place for a cache.
func openCache(cfg Config) (*cache, string) {
	if cfg.NoCache {
		return nil, ""
	}
	dir := cfg.Cache
	if dir == "" {
		var err error
		if dir, err = cacheDir(); err != nil {
			return nil, "no cache, so the next run is as slow as this one: " + err.Error()
		}
	}
	return &cache{dir: dir, now: time.Now()}, ""
}

// loader carries one load through its steps, each of which fills in a part.
type loader struct {
	cfg     Config
	cache   *cache
	extract extractor

	ground  *source.Ground
	listing *source.Listing
	tree    *tree
	units   []*unit        // as listing.Packages
	index   map[string]int // of units, by path
	cutter  string         // what version of the code cuts interfaces
	version sum            // of the code that extracts facts
	fset    *token.FileSet // of files while they are looked at
}

// unit is one package in a load.
type unit struct {
	*source.Listed
	imports []int // the units of Imports, but for those that import this one
	fixed   bool  // it can't change; see source.Ground
	content sum   // of its own files, or what they are a version of
	face    sum   // of all that importers can know of it
	visible *source.Interface
	needs   []int             // the units that visible imports
	checked *packages.Package // of visible
	facts   *extracted
}

// extracted is what is kept of one package of the module.
type extracted struct {
	Package *Package
	// Error is the first of those found in it, or "".
	Error string
}

func load(ctx context.Context, cfg Config, c *cache, note string, extract extractor) (*Program, error) {
	if cfg.Progress == nil {
		cfg.Progress = func(string) {}
	}
	l := &loader{cfg: cfg, cache: c, extract: extract, fset: token.NewFileSet()}
	if err := l.list(ctx); err != nil {
		return nil, err
	}
	if len(l.wanted()) == 0 {
		return nil, fmt.Errorf("no Go packages in %s match\n  next: hemilith seam ./...  in a directory with Go files", l.ground.Cwd)
	}
	if err := l.sumFaces(ctx); err != nil {
		return nil, err
	}
	fresh, err := l.stale(ctx)
	if err != nil {
		return nil, err
	}
	if len(fresh) > 0 {
		l.cfg.Progress(fmt.Sprintf("reading %d of %d packages", len(fresh), len(l.wanted())))
		if err := l.checkImports(ctx, fresh); err != nil {
			return nil, err
		}
		if err := l.extractAll(ctx, fresh); err != nil {
			return nil, err
		}
	}
	l.cache.trim(maxCacheBytes, maxEntries)
	return l.program(len(fresh), note)
}

// wanted are the units whose facts make the program.
func (l *loader) wanted() []*unit {
	return slices.DeleteFunc(slices.Clone(l.units), func(u *unit) bool { return !u.Own || len(u.Files) == 0 })
}

// each calls work for every one of the units, as many at once as there are
// processors.
func each(ctx context.Context, units []*unit, work func(*unit) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	for _, u := range units {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return work(u)
		})
	}
	return group.Wait()
}

// stale reads the facts that are kept and returns the units without.
func (l *loader) stale(ctx context.Context) ([]*unit, error) {
	own := l.wanted()
	err := each(ctx, own, func(u *unit) error {
		if data, ok := l.cache.get("facts", l.factsKey(u)); ok {
			e := &extracted{}
			if decode(data, e) == nil {
				u.facts = e
			}
		}
		return nil
	})
	return slices.DeleteFunc(own, func(u *unit) bool { return u.facts != nil }), err
}

// checkImports type-checks the interfaces of all that the units import.
func (l *loader) checkImports(ctx context.Context, units []*unit) error {
	needed := make([]bool, len(l.units))
	var order, wave []int
	reach := func(list []int) {
		for _, i := range list {
			if !needed[i] {
				needed[i] = true
				wave = append(wave, i)
			}
		}
	}
	for _, u := range units {
		reach(u.imports)
	}
	for len(wave) > 0 {
		now := wave
		wave = nil
		some := make([]*unit, 0, len(now))
		for _, i := range now {
			some = append(some, l.units[i])
		}
		if err := each(ctx, some, func(u *unit) error { l.see(u); return nil }); err != nil {
			return err
		}
		order = append(order, now...)
		for _, u := range some {
			reach(u.needs)
		}
	}
	slices.Sort(order)
	place := make(map[int]int, len(order))
	for at, i := range order {
		place[i] = at
	}
	return source.InOrder(ctx, len(order), func(at int) []int {
		var deps []int
		for _, i := range l.units[order[at]].needs {
			deps = append(deps, place[i])
		}
		return deps
	}, func(at int) { l.checkInterface(l.units[order[at]]) })
}

// checkInterface leaves no positions: they are those of what is left of the files.
func (l *loader) checkInterface(u *unit) {
	p := l.bare(u)
	p.Imports = map[string]*packages.Package{}
	for _, imp := range u.Imports {
		if i := l.index[imp.Path]; slices.Contains(u.needs, i) {
			p.Imports[imp.As] = l.units[i].checked
		}
	}
	if len(u.Files) == 0 {
		for _, e := range u.Errors {
			p.Errors = append(p.Errors, packages.Error{Pos: e.Pos, Msg: e.Text})
		}
		u.checked = p // without Types: importing it is an error
		return
	}
	if u.Path == "unsafe" {
		p.Types = types.Unsafe
	} else {
		source.CheckInterface(p, *u.visible)
	}
	u.visible = nil
	u.checked = p
}

// bare is the unit as go/packages has it, without imports and types.
func (l *loader) bare(u *unit) *packages.Package {
	p := &packages.Package{
		ID: u.Path, PkgPath: u.Path, Name: u.Name, GoFiles: u.Files, Fset: l.fset, TypesSizes: l.ground.Sizes(),
	}
	if u.Module != "" {
		p.Module = &packages.Module{Path: u.Module, Dir: u.Dir, GoVersion: u.GoVersion}
	}
	return p
}

// extractAll checks the units in full, a few at a time, and keeps of each only
// the facts.
func (l *loader) extractAll(ctx context.Context, units []*unit) error {
	return each(ctx, units, func(u *unit) error {
		data, lasting, err := l.extractOne(ctx, u)
		if err != nil {
			return err
		}
		u.facts = &extracted{}
		if err := decode(data, u.facts); err != nil { // the same as from the cache, and free of syntax
			return fmt.Errorf("facts of %s: %w", u.Path, err)
		}
		if lasting {
			l.cache.put("facts", l.factsKey(u), data)
		}
		return nil
	})
}

// extractOne returns encoded facts, and whether they are those of the files that
// were summed: somebody may have edited one since.
func (l *loader) extractOne(ctx context.Context, u *unit) (data []byte, lasting bool, err error) {
	pkg := l.bare(u)
	pkg.Imports = map[string]*packages.Package{}
	prog := &source.Program{
		Dir: l.ground.Dir, Module: l.ground.Module, Fset: l.fset, Packages: []*packages.Package{pkg}, All: map[string]*packages.Package{u.Path: pkg},
	}
	for _, imp := range u.Imports {
		if dep := l.unit(imp.Path); dep != nil && dep.checked != nil {
			pkg.Imports[imp.As], prog.All[imp.Path] = dep.checked, dep.checked
		}
	}
	lasting = true
	source.Check(pkg, func(name string) ([]byte, error) {
		src, same, err := l.tree.read(name)
		lasting = lasting && same
		return src, err
	})
	defer source.Release(l.fset, pkg.Syntax)
	facts, err := l.extract(ctx, prog, pkg, l.own)
	if err != nil {
		return nil, false, err
	}
	data, err = encode(&extracted{Package: facts, Error: firstError(prog, u, pkg)})
	return data, lasting, err
}

// own reports whether an import path is of the module.
func (l *loader) own(path string) bool {
	u := l.unit(path)
	return u != nil && u.Own
}

// firstError is what is wrong with a package, or "".
func firstError(prog *source.Program, u *unit, pkg *packages.Package) string {
	if len(u.Errors) > 0 {
		return u.Errors[0].Error()
	}
	if len(pkg.Errors) == 0 {
		return ""
	}
	e := pkg.Errors[0]
	if e.Pos == "" || e.Pos == "-" {
		return strings.ReplaceAll(e.Msg, prog.Dir+"/", "")
	}
	return prog.Rel(e.Pos) + ": " + e.Msg
}
