// Package seam looks for the line along which one program is best cut in two.
//
// This is the first version. It loads a module by type information only, builds
// a graph of its declarations, tries a modest number of candidate lines and
// reports the cheapest for its balance, with every crossing and its evidence.
// It does not compare the line with chance, reads no history and does not
// search all lines; its report says so.
package seam

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"golang.org/x/tools/go/packages"

	"github.com/hemilith/hemilith/tool/source"
)

// Config says what to analyse and how. The zero value analyses the module in
// the current directory.
type Config struct {
	// Dir is the module's directory, or one below it; "" is the current one.
	Dir string
	// Patterns are those of the go command; none means ./... The module's own
	// packages that these import belong to the analysed program too.
	Patterns []string
	// Cut, if not empty, names the packages of side B: import paths, or paths
	// relative to the module. Only that line is then reported on.
	Cut []string
	// Progress, if set, is told in a few words what is being done. It is called
	// from one goroutine.
	Progress func(string)
	// Clock is read for the timings of the report; nil means time.Now.
	Clock func() time.Time
}

// maxBrokenShare is the share of packages that may fail to type-check before
// the analysis is refused.
const maxBrokenShare = 0.10

// Run loads the module that cfg names and analyses it. Its errors are complete
// sentences for the user: what is wrong, where, and what to do next.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	start := cfg.now()
	prog, err := source.Load(ctx, source.Config{Dir: cfg.Dir, Patterns: cfg.Patterns, Progress: cfg.Progress})
	if err != nil {
		return nil, err
	}
	load := cfg.now().Sub(start)
	r, err := Analyze(prog, cfg)
	if err != nil {
		return nil, err
	}
	r.Timings = append([]Timing{{Step: "load", Millis: load.Milliseconds()}}, r.Timings...)
	return r, nil
}

// Analyze looks for a seam in a loaded program. It does not change prog, and
// uses of cfg only Cut, Progress and Clock. The same program gives the same
// report, timings and memory aside. It returns an error if there is nothing to
// analyse: no packages, too many that do not type-check, or a package in
// cfg.Cut that is not in the module.
func Analyze(prog *source.Program, cfg Config) (*Report, error) {
	own := closure(prog)
	if len(own) == 0 {
		return nil, fmt.Errorf("no Go packages in %s match\n  next: hemilith seam ./...  in a directory with Go files", prog.Dir)
	}
	own, notes, err := sound(prog, own)
	if err != nil {
		return nil, err
	}
	given, err := givenCut(prog.Module, own, cfg.Cut)
	if err != nil {
		return nil, err
	}
	var timings []Timing
	step := func(name string, f func()) {
		if cfg.Progress != nil {
			cfg.Progress(name)
		}
		start := cfg.now()
		f()
		timings = append(timings, Timing{Step: name, Millis: cfg.now().Sub(start).Milliseconds()})
	}
	var g *graph
	var s *searcher
	var cuts []*cut
	var r *Report
	step("graph", func() { g = newGraph(prog, own) })
	step("purity", func() { g.gradeAll() })
	step("search", func() { s = newSearcher(g); cuts = s.search(given) })
	step("report", func() { r = report(s, cuts, given != nil) })
	r.Notes = append(notes, r.Notes...)
	r.Timings = timings
	r.PeakMemory = peakMemory()
	return r, nil
}

func (c Config) now() time.Time {
	if c.Clock != nil {
		return c.Clock()
	}
	return time.Now()
}

// peakMemory is what the process has obtained from the system, in bytes. It
// never shrinks, so it is the peak.
func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

// closure returns the matched packages and the module's own packages that they
// import, sorted by path.
func closure(prog *source.Program) []*packages.Package {
	seen := map[string]*packages.Package{}
	var visit func(p *packages.Package)
	visit = func(p *packages.Package) {
		if seen[p.PkgPath] != nil || !prog.Own(p) || p.TypesInfo == nil {
			return
		}
		seen[p.PkgPath] = p
		for _, dep := range p.Imports {
			visit(dep)
		}
	}
	for _, p := range prog.Packages {
		visit(p)
	}
	own := make([]*packages.Package, 0, len(seen))
	for _, p := range seen {
		if len(p.Syntax) > 0 {
			own = append(own, p)
		}
	}
	slices.SortFunc(own, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	return own
}

// sound refuses a program of which too much does not type-check, and notes what
// does not. Broken packages stay in: what was typed of them is still true.
func sound(prog *source.Program, own []*packages.Package) ([]*packages.Package, []string, error) {
	const maxShown = 5
	var broken []string
	for _, p := range own {
		if first, bad := firstError(prog, p); bad {
			broken = append(broken, p.PkgPath+": "+first)
		}
	}
	shown := broken[:min(len(broken), maxShown)]
	more := ""
	if n := len(broken) - len(shown); n > 0 {
		more = fmt.Sprintf("\n  and %d more packages", n)
	}
	if float64(len(broken)) > maxBrokenShare*float64(len(own)) {
		return nil, nil, fmt.Errorf("%d of %d packages of %s do not type-check:\n  %s%s\n  next: go build ./...  (run first what generates code, if anything does)",
			len(broken), len(own), prog.Module, strings.Join(shown, "\n  "), more)
	}
	notes := make([]string, 0, len(broken))
	for _, b := range broken {
		notes = append(notes, "does not type-check, analysed as far as it goes: "+b)
	}
	return own, notes, nil
}

func firstError(prog *source.Program, p *packages.Package) (string, bool) {
	for _, e := range p.Errors {
		if e.Kind == packages.ListError && strings.Contains(e.Msg, "no matching files found") {
			continue // an embedded file that a build makes; types do not need it
		}
		if e.Pos == "" || e.Pos == "-" {
			return strings.ReplaceAll(e.Msg, prog.Dir+"/", ""), true
		}
		return prog.Rel(e.Pos) + ": " + e.Msg, true
	}
	return "", false
}

// givenCut resolves the packages that the user put on side B.
func givenCut(module string, own []*packages.Package, names []string) (map[string]bool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	given := map[string]bool{}
	for _, name := range names {
		path := strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/")
		found := false
		for _, p := range own {
			if p.PkgPath == path || shortPath(module, p.PkgPath) == path {
				given[p.PkgPath], found = true, true
			}
		}
		if !found {
			return nil, unknownPackage(module, own, name)
		}
	}
	if len(given) == len(own) {
		return nil, fmt.Errorf("-cut names all %d packages of %s: nothing is left on the other side\n  next: name fewer packages", len(own), module)
	}
	return given, nil
}

// unknownPackage lists the packages whose names are nearest.
func unknownPackage(module string, own []*packages.Package, name string) error {
	const maxNear = 3
	type near struct {
		path string
		dist int
	}
	all := make([]near, 0, len(own))
	for _, p := range own {
		rel := shortPath(module, p.PkgPath)
		last := rel[strings.LastIndex(rel, "/")+1:]
		all = append(all, near{rel, min(levenshtein.ComputeDistance(name, rel), levenshtein.ComputeDistance(name, last)+1, levenshtein.ComputeDistance(name, p.PkgPath))})
	}
	slices.SortStableFunc(all, func(a, b near) int { return a.dist - b.dist })
	paths := make([]string, 0, maxNear)
	for i, n := range all[:min(len(all), maxNear)] {
		if i == 0 || n.dist <= len(name)/2 {
			paths = append(paths, n.path)
		}
	}
	return fmt.Errorf("-cut: no package %q in %s\n  nearest: %s\n  next: hemilith seam -cut %s", name, module, strings.Join(paths, ", "), paths[0])
}

// shortPath is path relative to module; the module's root is ".".
func shortPath(module, path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}
