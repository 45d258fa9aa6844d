package arch

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/hemilith/hemilith"

// file is one parsed Go file of the repository.
type file struct {
	path      string // slash-separated, below the root
	dir       string
	test      bool
	generated bool
	syntax    *ast.File
}

// tree is the repository, parsed; examples/shop stays out of it where it is a
// user's program and not ours.
type tree struct {
	fset  *token.FileSet
	root  string
	files []*file
}

func load(t *testing.T) *tree {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tr := &tree{fset: token.NewFileSet(), root: root}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "examples") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) == ".go" {
			return tr.add(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.files) < 20 {
		t.Fatalf("only %d Go files below %s: the walk is wrong", len(tr.files), root)
	}
	return tr
}

func (tr *tree) add(path string) error {
	syntax, err := parser.ParseFile(tr.fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(tr.root, path)
	if err != nil {
		return err
	}
	rel = filepath.ToSlash(rel)
	dir := "."
	if i := strings.LastIndexByte(rel, '/'); i >= 0 {
		dir = rel[:i]
	}
	tr.files = append(tr.files, &file{
		path:      rel,
		dir:       dir,
		test:      strings.HasSuffix(rel, "_test.go"),
		generated: ast.IsGenerated(syntax),
		syntax:    syntax,
	})
	return nil
}

// sources yields what people wrote that is not a test.
func (tr *tree) sources(yield func(*file) bool) {
	for _, f := range tr.files {
		if !f.test && !f.generated && !yield(f) {
			return
		}
	}
}

func (tr *tree) at(pos token.Pos) string {
	p := tr.fset.Position(pos)
	rel, err := filepath.Rel(tr.root, p.Filename)
	if err != nil {
		rel = p.Filename
	}
	p.Filename = filepath.ToSlash(rel)
	p.Column = 0
	return p.String()
}

// readTable reads "key: words" lines.
func readTable(t *testing.T, name string) map[string][]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table := make(map[string][]string)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		key, words, ok := strings.Cut(line, ":")
		if ok {
			table[strings.TrimSpace(key)] = strings.Fields(words)
		}
	}
	return table
}
