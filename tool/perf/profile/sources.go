package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	pprof "github.com/google/pprof/profile"
)

const (
	// maxFiles bounds how many source files are compared.
	maxFiles = 20_000
	// maxSource bounds the bytes of one; longer ones are generated, and their
	// functions are taken for those of others.
	maxSource = 4 << 20
)

// ReadChanges compares the sources of the packages that the profiles name, as far
// as they are of the module around the directories, which are those of the
// benchmark's package on both sides. Binaries must be built with -trimpath.
func ReadChanges(base, head string, profiles ...*pprof.Profile) (Changes, error) {
	files := map[string]Source{}
	packages := packages(profiles)
	for side, dir := range [...]string{base, head} {
		root, module, err := Module(dir)
		if err != nil {
			return Changes{}, err
		}
		for _, p := range packages {
			rel, ok := strings.CutPrefix(p+"/", module+"/")
			if !ok {
				continue
			}
			if err := readPackage(filepath.Join(root, filepath.FromSlash(rel)), p, side, files); err != nil {
				return Changes{}, err
			}
		}
	}
	return NewChanges(files), nil
}

// packages are the directories of the files of all functions, in order.
func packages(profiles []*pprof.Profile) []string {
	var list []string
	for _, p := range profiles {
		for _, f := range p.Function {
			list = append(list, path.Dir(f.Filename))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// moduleLine is the directive of a go.mod file, in all its spellings
// (https://go.dev/ref/mod#go-mod-file-module).
var moduleLine = regexp.MustCompile("(?m)^[ \\t]*module[\\s(\"`]+([^\\s\"`()]+)")

// Module finds the module that a directory is in: its own directory and its path.
func Module(dir string) (root, module string, err error) {
	for root = filepath.Clean(dir); ; root = filepath.Dir(root) {
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if m := moduleLine.FindSubmatch(text); m != nil {
			module, _, _ = strings.Cut(string(m[1]), "//")
			return root, module, nil
		}
		if err == nil {
			err = errors.New("go.mod names none")
		}
		if !errors.Is(err, fs.ErrNotExist) || root == filepath.Dir(root) {
			return "", "", fmt.Errorf("cannot compare the sources: no module around %s: %w", dir, err)
		}
	}
}

// readPackage reads the Go files of a directory.
func readPackage(dir, name string, side int, to map[string]Source) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the other side has it
	}
	if err != nil {
		return fmt.Errorf("cannot compare the sources: %w", err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasSuffix(e.Name(), ".go") || len(to) == maxFiles {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return fmt.Errorf("cannot compare the sources: %w", err)
		}
		if len(text) > maxSource {
			continue
		}
		s := to[name+"/"+e.Name()]
		if side == 0 {
			s.Base = text
		} else {
			s.Head = text
		}
		to[name+"/"+e.Name()] = s
	}
	return nil
}
