package facts

import (
	"bytes"
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/hemilith/hemilith/tool/source"
)

// maxSourceBytes bounds the Go files of a module and of what is not downloaded
// but lies beside it, about 30 million lines; maxFileBytes bounds the files of
// other kinds that are read.
const (
	maxSourceBytes = 1 << 30
	maxFileBytes   = 64 << 20
)

// fileSum is what one file was like when it was read. Name is absolute.
type fileSum struct {
	Name string
	// Sum is of all of it, Head of what the go command looks at when it lists
	// packages: up to the last import of a Go file, all of a module's files, nothing
	// of other files.
	Sum, Head sum
	// Embeds is true of Go files with embedded files, Cgo of those that may import
	// "C".
	Embeds, Cgo bool
}

// tree is every file that can change and that facts can depend on, by name:
// those of the module, and of vendored and replaced modules and others of the
// workspace as far as they are used. Times and sizes are not trusted: reading a
// million lines to sum them takes a tenth of a second, and a tool that keeps a
// file's time would give wrong facts.
type tree struct {
	files []fileSum // sorted by name
}

func (t *tree) find(name string) (fileSum, bool) {
	i, ok := slices.BinarySearchFunc(t.files, name, func(f fileSum, name string) int { return strings.Compare(f.Name, name) })
	if !ok {
		return fileSum{}, false
	}
	return t.files[i], true
}

// readTree sums the files; heads of those that are as in known are taken from
// there.
func readTree(ctx context.Context, g *source.Ground, l *source.Listing, known *tree) (*tree, error) {
	names, err := liveFiles(g, l)
	if err != nil {
		return nil, err
	}
	t := &tree{files: make([]fileSum, len(names))}
	var total atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	workers := 2 * runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() error {
			for i := w; i < len(names) && ctx.Err() == nil; i += workers {
				info, err := os.Stat(names[i])
				if err != nil || !info.Mode().IsRegular() {
					t.files[i].Name = names[i] // checking its package says why
					continue
				}
				if strings.HasSuffix(names[i], ".go") && total.Add(info.Size()) > maxSourceBytes {
					return fmt.Errorf("%s and what it uses beside it has more Go source than the %d MiB that are read\n  next: hemilith seam ./cmd/...  or another part of it",
						g.Dir, maxSourceBytes>>20)
				}
				t.files[i] = sumFile(names[i], info, known)
			}
			return ctx.Err()
		})
	}
	return t, group.Wait()
}

// sumFile reads one file. One that can't be read is as if empty.
func sumFile(name string, info fs.FileInfo, known *tree) fileSum {
	code := strings.HasSuffix(name, ".go")
	if !code && info.Size() > maxFileBytes {
		return fileSum{Name: name, Sum: hash("large", fmt.Sprint(info.Size(), info.ModTime().UnixNano()))}
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return fileSum{Name: name}
	}
	f := fileSum{Name: name, Sum: hashOf(src)}
	switch {
	case code:
		f.Cgo = bytes.Contains(src, []byte("import \"C\""))
		f.Embeds = bytes.Contains(src, []byte("//go:embed"))
		if old, ok := known.find(name); ok && old.Sum == f.Sum {
			f.Head = old.Head
		} else {
			f.Head = hashOf(head(src))
		}
	case !strings.HasSuffix(name, ".sql"):
		f.Head = f.Sum
	}
	return f
}

// head is the part of a Go file up to its last import.
func head(src []byte) []byte {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
	if err != nil {
		return src
	}
	end := f.Name.End()
	for _, d := range f.Decls {
		end = max(end, d.End())
	}
	return src[:min(int(end-f.FileStart), len(src))]
}

// liveFiles names the files of the tree, sorted.
func liveFiles(g *source.Ground, l *source.Listing) ([]string, error) {
	names := map[string]bool{}
	for _, f := range []string{"go.mod", "go.sum", "vendor/modules.txt"} {
		names[filepath.Join(g.Dir, f)] = true
	}
	if g.Work != "" {
		names[g.Work], names[g.Work+".sum"] = true, true
		names[filepath.Join(filepath.Dir(g.Work), "vendor/modules.txt")] = true
	}
	if err := walkModule(g.Dir, names); err != nil {
		return nil, err
	}
	dirs := map[string]bool{}
	for _, p := range l.Packages {
		if len(p.Files) == 0 || g.Fixed(p.Files[0]) {
			continue
		}
		for _, f := range p.Files {
			dirs[filepath.Dir(f)] = true
		}
		if p.Dir != "" {
			names[filepath.Join(p.Dir, "go.mod")] = true
		}
	}
	for dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // its packages will say so
		}
		for _, e := range entries {
			if goFile(e.Name()) {
				names[filepath.Join(dir, e.Name())] = true
			}
		}
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list, nil
}

func goFile(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && name[0] != '.' && name[0] != '_'
}

// walkModule adds the files of the module in dir as the pattern ./... sees it,
// and SQL, which may be embedded from test data too.
func walkModule(dir string, names map[string]bool) error {
	const testdata = string(filepath.Separator) + "testdata" + string(filepath.Separator)
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case path == dir:
			return err
		case err != nil:
			return nil // unreadable: the go command does not see it either
		case d.IsDir():
			if name == "vendor" || name == "node_modules" || name[0] == '.' || name[0] == '_' {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
				return filepath.SkipDir
			}
		case goFile(name) && !strings.Contains(path[len(dir):], testdata) || strings.HasSuffix(name, ".sql"):
			names[path] = true
		}
		return nil
	})
}

// unlistedCgo reports whether there are cgo files in directories of which the
// listing has nothing.
func (t *tree) unlistedCgo(l *source.Listing) bool {
	dirs := map[string]bool{}
	for _, p := range l.Packages {
		if len(p.Files) > 0 {
			dirs[filepath.Dir(p.Files[0])] = true
		}
	}
	return slices.ContainsFunc(t.files, func(f fileSum) bool { return f.Cgo && !dirs[filepath.Dir(f.Name)] })
}

// within are the files in a module's directory, without those it vendors.
func (t *tree) within(dir string) *tree {
	dir += string(filepath.Separator)
	vendor := dir + "vendor" + string(filepath.Separator)
	return &tree{files: slices.DeleteFunc(slices.Clone(t.files), func(f fileSum) bool {
		return !strings.HasPrefix(f.Name, dir) || strings.HasPrefix(f.Name, vendor)
	})}
}

// same reports whether the go command would list the same packages.
func (t *tree) same(other *tree) bool {
	code := func(files []fileSum) []fileSum {
		return slices.DeleteFunc(slices.Clone(files), func(f fileSum) bool { return filepath.Ext(f.Name) == ".sql" })
	}
	return slices.EqualFunc(code(t.files), code(other.files), func(a, b fileSum) bool { return a.Name == b.Name && a.Head == b.Head })
}
