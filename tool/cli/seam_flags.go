package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hemilith/hemilith/tool/layoutfile"
)

// wishes are what the user wants of a cut, from options and from hemilith.yaml.
type wishes struct {
	keep, apart    []string // as given: A,B
	entry, exclude []string

	groups     [][]string
	pairs      [][2]string
	thresholds map[string]float64
}

// register adds the options.
func (w *wishes) register(c *cobra.Command) {
	c.Flags().StringArrayVar(&w.keep, "keep", nil, "what stays in one half, as `A,B`; may be repeated")
	c.Flags().StringArrayVar(&w.apart, "apart", nil, "what must come apart, as `A,B`; may be repeated")
	c.Flags().StringSliceVar(&w.entry, "entry", nil, "the entry points, in place of those that are found; +`X` is one more")
	c.Flags().StringSliceVar(&w.exclude, "exclude", nil, "`packages` to leave out, such as internal/legacy/...")
	for _, name := range []string{"keep", "apart", "entry", "exclude"} {
		_ = c.RegisterFlagCompletionFunc(name, completePackages) // fails only for an unknown flag
	}
}

// merge reads the options, and adds what hemilith.yaml says to them.
func (w *wishes) merge(file *layoutfile.File) error {
	for _, s := range w.keep {
		names := splitNames(s)
		if len(names) < 2 {
			return fmt.Errorf("-keep %s: name two or more, such as -keep orders,stock", s)
		}
		w.groups = append(w.groups, names)
	}
	for _, s := range w.apart {
		names := splitNames(s)
		if len(names) != 2 {
			return fmt.Errorf("-apart %s: name two, such as -apart orders,web", s)
		}
		w.pairs = append(w.pairs, [2]string(names))
	}
	seam := file.Seam
	w.groups = append(w.groups, seam.Keep...)
	w.pairs = append(w.pairs, seam.Apart...)
	w.entry = append(w.entry, seam.Entry...)
	w.exclude = append(w.exclude, seam.Exclude...)
	w.thresholds = make(map[string]float64, len(seam.Thresholds))
	for _, t := range seam.Thresholds {
		w.thresholds[t.Name] = t.Value
	}
	return nil
}

func splitNames(s string) []string {
	return slices.DeleteFunc(strings.Split(s, ","), func(name string) bool { return strings.TrimSpace(name) == "" })
}

// completePackages offers the packages of the module around the directory, for
// the last name of a list.
func completePackages(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	var out []string
	for _, path := range packagesAround(dirOf(args)) {
		if strings.HasPrefix(path, strings.TrimPrefix(typed[len(before):], "./")) {
			out = append(out, before+path)
		}
	}
	return out, directive
}

// packagesAround lists the folders with Go files in the module around dir, as
// paths below it. It looks at names alone: completion has no time to load.
func packagesAround(dir string) []string {
	const maxDirs = 20_000
	root := moduleRoot(dir)
	if root == "" {
		return nil
	}
	found := map[string]bool{}
	seen := 0
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error { // what can't be read is not offered
		switch {
		case err != nil:
			return fs.SkipDir
		case d.IsDir():
			if seen++; seen > maxDirs {
				return fs.SkipAll
			}
			name := d.Name()
			if path != root && (name == "vendor" || name == "testdata" || name[0] == '.' || name[0] == '_' || exists(filepath.Join(path, "go.mod"))) {
				return fs.SkipDir
			}
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			if rel, err := filepath.Rel(root, filepath.Dir(path)); err == nil {
				found[filepath.ToSlash(rel)] = true
			}
		}
		return nil
	})
	out := make([]string, 0, len(found))
	for path := range found {
		out = append(out, path)
	}
	slices.Sort(out)
	return out
}

// moduleRoot is the nearest folder around dir with a go.mod, or "".
func moduleRoot(dir string) string {
	dir, err := filepath.Abs(strings.TrimSuffix(dir, "..."))
	for ; err == nil; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, "go.mod")) {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
