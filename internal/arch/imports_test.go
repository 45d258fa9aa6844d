package arch

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pure lists what a package of decisions and bytes must not import, and why.
var pure = map[string]string{
	"net": "no I/O", "os": "no I/O", "log": "no I/O", "log/slog": "no I/O", "time.Now": "no clock",
}

func imports(f *file) []string {
	paths := make([]string, 0, len(f.syntax.Imports))
	for _, i := range f.syntax.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// below returns the part of an import path below the module: "." for the root.
func below(path string) (string, bool) {
	if path == module {
		return ".", true
	}
	return strings.CutPrefix(path, module+"/")
}

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	table := readTable(t, "imports.txt")
	for f := range load(t).sources {
		if strings.HasPrefix(f.dir, "bench") {
			continue
		}
		allowed, listed := table[f.dir]
		if !listed {
			t.Errorf("%s: package %s is not in imports.txt", f.path, f.dir)
			continue
		}
		for _, path := range imports(f) {
			if to, ours := below(path); ours && !slices.Contains(allowed, to) {
				t.Errorf("%s: %s imports %s: allowed are %q", f.path, f.dir, to, allowed)
			}
		}
	}
}

func TestRuntimeImportsTheStandardLibraryOnly(t *testing.T) {
	t.Parallel()
	for _, f := range load(t).files {
		if strings.HasPrefix(f.dir, "tool") || strings.HasPrefix(f.dir, "bench") {
			continue
		}
		for _, path := range imports(f) {
			_, ours := below(path)
			first, _, _ := strings.Cut(path, "/")
			if !ours && strings.Contains(first, ".") {
				t.Errorf("%s imports %s: the runtime has no dependencies", f.path, path)
			}
			if strings.HasPrefix(path, module+"/tool") || (!f.test && strings.HasPrefix(path, "go/")) {
				t.Errorf("%s imports %s: the runtime never imports the tool or the compiler's front end", f.path, path)
			}
		}
	}
}

func TestWireIsPure(t *testing.T) {
	t.Parallel()
	for f := range load(t).sources {
		if f.dir != "wire" && f.dir != "layout" {
			continue
		}
		for _, path := range imports(f) {
			if why := pure[path]; why != "" {
				t.Errorf("%s imports %s: %s here", f.path, path, why)
			}
		}
		for _, use := range selectors(f) {
			switch {
			case use == "time.Now" || use == "time.Since" || use == "time.After":
				t.Errorf("%s uses %s: no clock here", f.path, use)
			case strings.HasPrefix(use, "sync.") && use != "sync.Mutex":
				t.Errorf("%s uses %s: of sync only Mutex here", f.path, use)
			}
		}
	}
}
