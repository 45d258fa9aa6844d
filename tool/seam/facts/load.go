package facts

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
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

// maxBrokenShare is the share of the module's packages that may fail to
// type-check.
const maxBrokenShare = 0.10

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
	imports []int // the units of Imports
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
	if !slices.ContainsFunc(l.units, (*unit).wanted) {
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
		l.cfg.Progress(fmt.Sprintf("reading %d of %d packages", len(fresh), l.count()))
		if err := l.checkImports(ctx, fresh); err != nil {
			return nil, err
		}
		if err := l.extractAll(ctx, fresh); err != nil {
			return nil, err
		}
	}
	l.cache.trim(maxCacheBytes, maxEntries)
	p, err := l.program(len(fresh), note)
	if err != nil {
		return nil, err
	}
	p.nameTables()
	return p, nil
}

// wanted reports whether facts of the unit are part of the program.
func (u *unit) wanted() bool { return u.Own && len(u.Files) > 0 }

func (l *loader) count() int {
	n := 0
	for _, u := range l.units {
		if u.wanted() {
			n++
		}
	}
	return n
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
	var own []*unit
	for _, u := range l.units {
		if u.wanted() {
			own = append(own, u)
		}
	}
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
		if i, ok := l.index[imp.Path]; ok && slices.Contains(u.needs, i) {
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
	own := func(path string) bool {
		u := l.unit(path)
		return u != nil && u.Own
	}
	return each(ctx, units, func(u *unit) error {
		pkg := l.bare(u)
		pkg.Imports = map[string]*packages.Package{}
		prog := &source.Program{Dir: l.ground.Dir, Module: l.ground.Module, Fset: pkg.Fset, All: map[string]*packages.Package{}}
		for _, imp := range u.Imports {
			if dep := l.unit(imp.Path); dep != nil {
				pkg.Imports[imp.As] = dep.checked
				prog.All[imp.Path] = dep.checked
			}
		}
		changed := false
		source.Check(pkg, func(name string) ([]byte, error) {
			src, same, err := l.tree.read(name)
			changed = changed || !same
			return src, err
		})
		prog.Packages, prog.All[u.Path] = []*packages.Package{pkg}, pkg
		facts, err := l.extract(ctx, prog, pkg, own)
		source.Release(l.fset, pkg.Syntax)
		if err != nil {
			return err
		}
		data, err := encode(&extracted{Package: facts, Error: firstError(prog, u, pkg)})
		if err != nil {
			return err
		}
		u.facts = &extracted{}
		if err := decode(data, u.facts); err != nil { // the same as from the cache, and free of syntax
			return err
		}
		if !changed {
			l.cache.put("facts", l.factsKey(u), data)
		}
		return nil
	})
}

// firstError is what is wrong with a package, or "".
func firstError(prog *source.Program, u *unit, pkg *packages.Package) string {
	if len(u.Errors) > 0 {
		return u.Errors[0].Error()
	}
	for _, e := range pkg.Errors {
		if e.Pos == "" || e.Pos == "-" {
			return strings.ReplaceAll(e.Msg, prog.Dir+"/", "")
		}
		return prog.Rel(e.Pos) + ": " + e.Msg
	}
	return ""
}

// program puts the parts together, or refuses if too much is missing.
func (l *loader) program(fresh int, note string) (*Program, error) {
	p := &Program{Dir: l.ground.Dir, Module: l.ground.Module, Foreign: map[string][]string{}}
	if note != "" {
		p.Notes = append(p.Notes, note)
	}
	var cgo, broken []string
	var dirs []string
	for _, u := range l.units {
		switch {
		case u.wanted():
			p.Packages = append(p.Packages, u.facts.Package)
			if u.Cgo {
				cgo = append(cgo, u.Path)
			}
			if u.facts.Error != "" {
				broken = append(broken, u.Path+": "+u.facts.Error)
				dirs = append(dirs, filepath.Dir(u.Files[0]))
			}
		case !u.Own && len(u.Files) > 0:
			deps := make([]string, 0, len(u.Imports))
			for _, imp := range u.Imports {
				deps = append(deps, imp.Path)
			}
			slices.Sort(deps)
			p.Foreign[u.Path] = deps
		}
	}
	p.Loaded = Loaded{Cached: len(p.Packages) - fresh, Fresh: fresh}
	if len(cgo) > 0 {
		p.Notes = append(p.Notes, "cgo is not run; what C declares is unknown in "+strings.Join(cgo, ", "))
	}
	if problem := l.cache.problem(); problem != "" {
		p.Notes = append(p.Notes, problem)
	}
	p.Broken = broken
	steps := l.generators(dirs)
	if float64(len(broken)) > maxBrokenShare*float64(len(p.Packages)) {
		return nil, refuse(p, steps)
	}
	for _, b := range broken {
		p.Notes = append(p.Notes, "does not type-check, analysed as far as it goes: "+b)
	}
	if len(steps) > 0 {
		p.Notes = append(p.Notes, "a generate step may be missing: "+strings.Join(steps, "; "))
	}
	return p, nil
}

func refuse(p *Program, steps []string) error {
	const maxShown = 5
	shown := p.Broken[:min(len(p.Broken), maxShown)]
	more := ""
	if n := len(p.Broken) - len(shown); n > 0 {
		more = fmt.Sprintf("\n  and %d more packages", n)
	}
	next := "go build ./...  (run first what generates code, if anything does)"
	if len(steps) > 0 {
		next = "go generate ./...  (" + strings.Join(steps, "; ") + ")"
	}
	return fmt.Errorf("%d of %d packages of %s do not type-check:\n  %s%s\n  next: %s",
		len(p.Broken), len(p.Packages), p.Module, strings.Join(shown, "\n  "), more, next)
}
