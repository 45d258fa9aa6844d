package build

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// checkModule refuses a directory that is in no module, as those of repositories
// older than modules are, and the root of many with several.
func (s *side) checkModule() error {
	if above(s.tree, s.dir, "go.mod") != "" || above(s.tree, s.dir, "go.work") != "" {
		return nil
	}
	others := modulesBelow(s.dir)
	if len(others) == 0 {
		return fmt.Errorf("%s %s has no go.mod in this directory or above: perf builds Go modules", s.name, s.rev)
	}
	return fmt.Errorf("%s %s has no go.mod in this directory or above; modules are in %s: run perf there", s.name, s.rev, some(others))
}

// maxModules bounds the modules that are looked for.
const maxModules = 1000

// modulesBelow returns the directories below dir, not dir itself, that have a
// go.mod, sorted and relative to it. Those are left out that the go command does
// not look into.
func modulesBelow(dir string) []string {
	var found []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		name := d.Name()
		switch {
		case d.IsDir() && path != dir && (name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_'):
			return fs.SkipDir
		case name == "go.mod" && filepath.Dir(path) != dir:
			rel, _ := filepath.Rel(dir, filepath.Dir(path))
			found = append(found, filepath.ToSlash(rel))
		}
		if len(found) == maxModules {
			return fs.SkipAll
		}
		return nil
	})
	slices.Sort(found)
	return found
}

// some names the first of a list.
func some(list []string) string {
	const enough = 5
	if more := len(list) - enough; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:enough], ", "), more)
	}
	return strings.Join(list, ", ")
}
