package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// Config says what of a program is linked and what the user wants of a cut. The
// zero value links all of it. Where a name is asked for, it is a declaration
// ("import/path.Name", "import/path.Type.Method"), a package ("import/path") or
// a package and all below it ("import/path/..."); paths may be relative to the
// module.
type Config struct {
	// Exclude takes packages out of the program.
	Exclude []string
	// Only, if not empty, leaves all else out of the program: declarations or
	// packages.
	Only []string
	// Entry, if not empty, names the entry points, in place of those that were
	// found; with a leading "+" it is one more.
	Entry []string
	// Keep are groups that stay together; Apart are pairs that don't.
	Keep  [][]string
	Apart [][2]string
	// Ties are files that people change together.
	Ties []FileTie
	// Traffic is how often functions call each other while the program serves.
	Traffic []Calls
	// Blind replaces each import path and name of the module by a hash before
	// anything else looks at it. The model translates back for reports.
	Blind bool
	// Redirect leads calls of generated RPC clients to the module's own servers, as
	// if the services were one program.
	Redirect bool
}

// FileTie joins two files, relative to the module, that people change together;
// Weight is above 0.
type FileTie struct {
	A, B   string
	Weight float64
}

// matcher tells which declarations a list of names means.
type matcher struct {
	module string
	names  []string
	hit    []bool
	exact  map[string]int // the first of that name
	trees  []int          // those that end in ...
}

func newMatcher(module string, names []string) *matcher {
	m := &matcher{module: module, hit: make([]bool, len(names)), exact: make(map[string]int, len(names))}
	for i, name := range names {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/")
		m.names = append(m.names, name)
		_, twice := m.exact[name]
		switch {
		case strings.HasSuffix(name, "..."):
			m.trees = append(m.trees, i)
		case twice:
			m.hit[i] = true // the first says whether there is one
		default:
			m.exact[name] = i
		}
	}
	return m
}

// has reports whether the package, or the declaration in it if name is not
// empty, is meant.
func (m *matcher) has(path, name string) bool {
	short := strings.TrimPrefix(strings.TrimPrefix(path, m.module), "/")
	if short == "" {
		short = "."
	}
	found := m.is(path)
	found = m.is(short) || found
	if name != "" {
		found = m.is(path+"."+name) || found
		found = m.is(short+"."+name) || found
	}
	for _, i := range m.trees {
		if within(m.names[i], path) || within(m.names[i], short) {
			m.hit[i], found = true, true
		}
	}
	return found
}

func (m *matcher) is(name string) bool {
	i, ok := m.exact[name]
	if ok {
		m.hit[i] = true
	}
	return ok
}

// hasPackage reports whether the package, or a declaration in it, is meant.
func (m *matcher) hasPackage(p *facts.Package) bool {
	return m.has(p.Path, "") || slices.ContainsFunc(p.Decls, func(d facts.Decl) bool { return m.has(p.Path, d.Name) })
}

// within reports whether a package is below "path/...".
func within(tree, path string) bool {
	below := strings.TrimSuffix(strings.TrimSuffix(tree, "..."), "/")
	return below == "" || path == below || strings.HasPrefix(path, below+"/")
}

// missed is an error if a name means nothing in the program.
func (m *matcher) missed(option string) error {
	for i, hit := range m.hit {
		if !hit {
			return fmt.Errorf("%s: nothing in %s is named %q\n  next: give a package, a package/... or a declaration as in the JSON report's assign", option, m.module, m.names[i])
		}
	}
	return nil
}

// restrict returns the program without what cfg leaves out, its packages in the
// order of their paths. It doesn't change p.
func restrict(p *facts.Program, cfg Config) (*facts.Program, error) {
	out := *p
	out.Packages = slices.Clone(p.Packages)
	slices.SortFunc(out.Packages, func(a, b *facts.Package) int { return strings.Compare(a.Path, b.Path) })
	no, only := newMatcher(p.Module, cfg.Exclude), newMatcher(p.Module, cfg.Only)
	kept := out.Packages[:0]
	for _, pkg := range out.Packages {
		switch {
		case no.has(pkg.Path, ""):
		case len(cfg.Only) == 0 || only.has(pkg.Path, ""):
			kept = append(kept, pkg)
		case only.hasPackage(pkg):
			part := *pkg
			part.Decls = slices.DeleteFunc(slices.Clone(pkg.Decls), func(d facts.Decl) bool { return !only.has(pkg.Path, d.Name) })
			kept = append(kept, &part)
		}
	}
	out.Packages = kept
	if err := no.missed("-exclude"); err != nil {
		return nil, err
	}
	if err := only.missed("-within"); err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("nothing of %s is left to look at\n  next: exclude less", p.Module)
	}
	return &out, nil
}

// Closure returns the paths of roots and of all packages of the module that
// they import, sorted: one program of several.
func Closure(p *facts.Program, roots []string) []string {
	byPath := map[string]*facts.Package{}
	for _, pkg := range p.Packages {
		byPath[pkg.Path] = pkg
	}
	var found []string
	queue := slices.Clone(roots)
	for len(queue) > 0 { // each package enters once
		pkg := byPath[queue[len(queue)-1]]
		queue = queue[:len(queue)-1]
		if pkg == nil {
			continue
		}
		delete(byPath, pkg.Path)
		found = append(found, pkg.Path)
		queue = append(queue, pkg.Imports...)
	}
	slices.Sort(found)
	return found
}
