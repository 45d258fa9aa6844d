package facts

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxBrokenShare is the share of the module's packages that may fail to
// type-check.
const maxBrokenShare = 0.10

// program puts the parts together, or refuses if too much is missing.
func (l *loader) program(fresh int, note string) (*Program, error) {
	p := &Program{Dir: l.ground.Dir, Module: l.ground.Module, Foreign: l.foreign()}
	var cgo, dirs []string
	for _, u := range l.wanted() {
		p.Packages = append(p.Packages, u.facts.Package)
		if u.Cgo {
			cgo = append(cgo, u.Path)
		}
		if u.facts.Error != "" {
			p.Broken = append(p.Broken, u.Path+": "+u.facts.Error)
			dirs = append(dirs, filepath.Dir(u.Files[0]))
		}
	}
	p.Loaded = Loaded{Cached: len(p.Packages) - fresh, Fresh: fresh}
	steps := l.generators(dirs)
	if float64(len(p.Broken)) > maxBrokenShare*float64(len(p.Packages)) {
		return nil, refuse(p, steps)
	}
	notes := []string{note, l.cache.problem()}
	if len(cgo) > 0 {
		notes = append(notes, "cgo is not run; what C declares is unknown in "+strings.Join(cgo, ", "))
	}
	for _, b := range p.Broken {
		notes = append(notes, "does not type-check, analysed as far as it goes: "+b)
	}
	if len(steps) > 0 {
		notes = append(notes, "a generate step may be missing: "+strings.Join(steps, "; "))
	}
	p.Notes = slices.DeleteFunc(notes, func(n string) bool { return n == "" })
	p.nameTables()
	p.spreadRuns()
	return p, nil
}

// foreign are the imports of the packages that are not the module's.
func (l *loader) foreign() map[string][]string {
	all := map[string][]string{}
	for _, u := range l.units {
		if u.Own || len(u.Files) == 0 {
			continue
		}
		deps := make([]string, 0, len(u.Imports))
		for _, imp := range u.Imports {
			deps = append(deps, imp.Path)
		}
		slices.Sort(deps)
		all[u.Path] = deps
	}
	return all
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

// generators finds go:generate lines, as "file:line: command": those in the
// directories of packages that are broken, or, if there are none and one of these
// imports a package of the module that is not there, any.
func (l *loader) generators(broken []string) []string {
	if len(broken) == 0 {
		return nil
	}
	found := l.generateLines(func(file string) bool { return slices.Contains(broken, filepath.Dir(file)) })
	missing := slices.ContainsFunc(l.units, func(u *unit) bool {
		return u.Own && len(u.Files) > 0 && slices.Contains(broken, filepath.Dir(u.Files[0])) && slices.ContainsFunc(u.imports, func(i int) bool {
			dep := l.units[i]
			return len(dep.Files) == 0 && strings.HasPrefix(dep.Path, l.ground.Module+"/")
		})
	})
	if len(found) == 0 && missing {
		found = l.generateLines(func(file string) bool { return strings.HasSuffix(file, ".go") })
	}
	return found
}

func (l *loader) generateLines(in func(file string) bool) []string {
	const maxShown = 3
	var found []string
	for _, f := range l.tree.files {
		if !in(f.Name) {
			continue
		}
		src, err := os.ReadFile(f.Name)
		if err != nil {
			continue
		}
		n := 0
		for line := range strings.Lines(string(src)) {
			n++
			if step, ok := strings.CutPrefix(line, "//go:generate "); ok {
				found = append(found, fmt.Sprintf("%s:%d: %s", relative(l.ground.Dir, f.Name), n, strings.TrimSpace(step)))
			}
			if len(found) == maxShown {
				return found
			}
		}
	}
	return found
}
