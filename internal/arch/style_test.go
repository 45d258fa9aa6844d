package arch

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// The size limits, in lines.
const (
	maxFunc, p95Func, p50Func = 80, 50, 10
	maxFile, p95File          = 800, 500
)

// selectors returns the qualified names that f uses, as "pkg.Name".
func selectors(f *file) []string {
	var names []string
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				names = append(names, x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return names
}

func percentile(lines []int, p int) int {
	slices.Sort(lines)
	return lines[(len(lines)-1)*p/100]
}

func (tr *tree) lines(n ast.Node) int {
	return tr.fset.Position(n.End()).Line - tr.fset.Position(n.Pos()).Line + 1
}

func TestFunctionsAreShort(t *testing.T) {
	t.Parallel()
	tr := load(t)
	var all []int
	for f := range tr.sources {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if fn.Body == nil {
				continue
			}
			n := max(tr.lines(fn.Body)-2, 1) // what is between the braces, as funlen counts
			all = append(all, n)
			if n > maxFunc {
				t.Errorf("%s: %s has %d lines, more than %d", tr.at(fn.Pos()), fn.Name.Name, n, maxFunc)
			}
		}
	}
	if p50, p95 := percentile(all, 50), percentile(all, 95); p50 > p50Func || p95 > p95Func {
		t.Errorf("%d functions: median %d lines, p95 %d; want at most %d and %d", len(all), p50, p95, p50Func, p95Func)
	}
}

func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	tr := load(t)
	var all []int
	for f := range tr.sources {
		n := tr.fset.File(f.syntax.FileStart).LineCount()
		all = append(all, n)
		if n > maxFile {
			t.Errorf("%s has %d lines, more than %d", f.path, n, maxFile)
		}
	}
	if p95 := percentile(all, 95); p95 > p95File {
		t.Errorf("%d files: p95 %d lines, want at most %d", len(all), p95, p95File)
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	t.Parallel()
	tr := load(t)
	packages := make(map[string]bool)
	for f := range tr.sources {
		packages[f.dir] = packages[f.dir] || f.syntax.Doc != nil
		if f.syntax.Name.Name == "main" {
			continue
		}
		for _, d := range f.syntax.Decls {
			for _, n := range undocumented(d) {
				t.Errorf("%s: %s has no comment", tr.at(n.Pos()), n.Name)
			}
		}
	}
	for dir, documented := range packages {
		if !documented {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

// undocumented returns the exported names that d declares without a comment. A
// comment on a group covers its members.
func undocumented(d ast.Decl) []*ast.Ident {
	var names []*ast.Ident
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
			names = append(names, d.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			names = append(names, undocumentedSpec(d, s)...)
		}
	}
	return names
}

func undocumentedSpec(d *ast.GenDecl, s ast.Spec) []*ast.Ident {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Comment == nil && d.Doc == nil && s.Name.IsExported() {
			return []*ast.Ident{s.Name}
		}
	case *ast.ValueSpec:
		if s.Doc == nil && s.Comment == nil && d.Doc == nil {
			return slices.DeleteFunc(slices.Clone(s.Names), func(n *ast.Ident) bool { return !n.IsExported() })
		}
	}
	return nil
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	for {
		switch e := x.(type) {
		case *ast.StarExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.Ident:
			return e.IsExported()
		default:
			return false
		}
	}
}

func TestNobodySleepsOrInitialises(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, f := range tr.files {
		if slices.Contains(selectors(f), "time.Sleep") {
			t.Errorf("%s calls time.Sleep: wait for what you wait for", f.path)
		}
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" && !f.generated {
				t.Errorf("%s: init is for generated registration", tr.at(fn.Pos()))
			}
		}
	}
}

// TestNoTestIsSkipped: a skipped test is a test that CI does not run.
func TestNoTestIsSkipped(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, f := range tr.files {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok || !f.test || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name) {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains([]string{"t", "b", "f", "tb"}, x.Name) {
				t.Errorf("%s: %s.%s", tr.at(s.Pos()), x.Name, s.Sel.Name)
			}
			return true
		})
	}
}

// TestPublicAPIIsSmall keeps the package that users import at 30 names.
func TestPublicAPIIsSmall(t *testing.T) {
	t.Parallel()
	const most = 30
	var names []string
	for f := range load(t).sources {
		if f.dir != "." {
			continue
		}
		for _, d := range f.syntax.Decls {
			names = append(names, exported(d)...)
		}
	}
	if len(names) > most || len(names) < 5 {
		t.Errorf("package hemilith exports %d names, want 5 to %d: %s", len(names), most, strings.Join(names, " "))
	}
}

func exported(d ast.Decl) []string {
	var names []string
	add := func(n *ast.Ident) {
		if n.IsExported() {
			names = append(names, n.Name)
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			add(d.Name)
		}
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			return nil
		}
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				add(s.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					add(n)
				}
			}
		}
	}
	return names
}
