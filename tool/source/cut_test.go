package source

import (
	"fmt"
	"go/types"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

func cutText(src string) string {
	in := Cut([]string{"a.go"}, func(string) ([]byte, error) { return []byte(src), nil }, path.Base)
	if len(in.Files) == 0 {
		return ""
	}
	return in.Files[0].Text
}

func TestCutKeepsWhatImportersSee(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, src, want string }{
		{"bodies and comments", "package a\n\n// F does.\nfunc F(x int) int { // why\n\treturn x\n}\n", "func F(x int) int {}\n"},
		{"unexported functions", "package a\n\nfunc f() {}\n\nvar v = 1\n", ""},
		{"what exported types mention", "package a\n\ntype T struct {\n\t// doc\n\tx t // why\n}\n\ntype t int\n\ntype u int\n", "type T struct {\n\tx t\n}\ntype t int\n"},
		{"methods of what is kept", "package a\n\ntype T = *t\n\ntype t int\n\nfunc (t) m() {}\n\ntype u int\n\nfunc (u) M() {}\n", "type T = *t\ntype t int\nfunc (t) m() {}\n"},
		{"values of typed variables", "package a\n\nvar A, B int = f(), 2\n\nfunc f() int { return 1 }\n", "var A, B int\n"},
		{"what other values call", "package a\n\nvar A = f(func() { g() })\n\nfunc f(func()) int { return 1 }\n\nfunc g() {}\n", "var A = f(func() {})\nfunc f(func()) int {}\n"},
		{"constants in groups", "package a\n\nconst (\n\ta = iota\n\tB\n)\n\nconst c = 1\n", "const (\n\ta = iota\n\tB\n)\n"},
		{"constants as text", "package a\n\nconst Q = `\n\nSELECT -- not a comment // nor this\n`\n", "const Q = `\n\nSELECT -- not a comment // nor this\n`\n"},
		{"bodies that are elsewhere", "package a\n\nfunc F() int\n", "func F() int {}\n"},
		{"comments of several lines", "package a\n\ntype T interface { A() /*\n*/ B() }\n", "type T interface { A()\n B() }\n"},
		{"methods declared on another name", "package a\n\ntype T struct{}\n\ntype t = T\n\nfunc (t) M() {}\n", "type T struct{}\ntype t = T\nfunc (t) M() {}\n"},
		{"generic types", "package a\n\ntype T[P c] struct{}\n\ntype c interface{ ~int }\n\nfunc (t *T[P]) m() { t.m() }\n", "type T[P c] struct{}\ntype c interface{ ~int }\nfunc (t *T[P]) m() {}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := ""
			if tt.want != "" {
				want = "package a\n" + tt.want
			}
			if got := cutText(tt.src); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestCutKeepsTheImportsItNeeds(t *testing.T) {
	t.Parallel()
	src := "//go:build go1.22\n\npackage a\n\nimport (\n\t\"fmt\"\n\tx \"io\"\n\t\"os\"\n\t_ \"embed\"\n\t. \"math\"\n)\n\nfunc F(r x.Reader, f *os.File) { fmt.Println() }\n"
	in := Cut([]string{"a.go"}, func(string) ([]byte, error) { return []byte(src), nil }, path.Base)
	if got, want := strings.Join(in.Imports, " "), "io math os"; got != want {
		t.Errorf("got imports %s, want %s", got, want)
	}
	want := "//go:build go1.22\n\npackage a\nimport x \"io\"\nimport \"os\"\nimport . \"math\"\nfunc F(r x.Reader, f *os.File) {}\n"
	if got := in.Files[0].Text; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCutIsTheSameAfterABodyEdit(t *testing.T) {
	t.Parallel()
	before := "package a\n\nimport \"os\"\n\ntype T struct{ x int }\n\nfunc (t T) F() { os.Exit(t.x) }\n"
	after := "package a\n\nimport \"os\"\n\n// T is.\ntype T struct{ x int } // it\n\nvar count int\n\nfunc (t T) F() {\n\tcount++\n\tgo help()\n}\n\nfunc help() { os.Exit(count) }\n"
	if a, b := cutText(before), cutText(after); a != b {
		t.Errorf("before\n%s\nafter\n%s", a, b)
	}
}

// Broken source does not stop it, wherever it breaks off.
func TestCutSurvivesAnyPrefix(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("cut.go")
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(src); n += 7 {
		cutText(string(src[:n]))
	}
}

// outline is all that importers can see, as text: each exported object, and the
// type and all methods of each type that can be reached from them.
func outline(pkg *types.Package) []string {
	var lines []string
	seen := map[types.Type]bool{}
	var visit func(t types.Type)
	visit = func(t types.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			if t.Obj().Pkg() != pkg {
				return
			}
			lines = append(lines, types.ObjectString(t.Obj(), nil))
			for i := range t.NumMethods() {
				lines = append(lines, types.ObjectString(t.Method(i), nil))
				visit(t.Method(i).Type())
			}
			visit(t.Underlying())
		case *types.Alias:
			visit(types.Unalias(t))
		case interface{ Elem() types.Type }:
			visit(t.Elem())
		case *types.Struct:
			for i := range t.NumFields() {
				visit(t.Field(i).Type())
			}
		case *types.Signature:
			visit(t.Params())
			visit(t.Results())
		case *types.Tuple:
			for i := range t.Len() {
				visit(t.At(i).Type())
			}
		}
	}
	for _, name := range pkg.Scope().Names() {
		o := pkg.Scope().Lookup(name)
		if !o.Exported() {
			continue
		}
		line := types.ObjectString(o, nil)
		if c, ok := o.(*types.Const); ok {
			line += " " + c.Val().ExactString()
		}
		lines = append(lines, line)
		visit(o.Type())
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// Every package that this one depends on, much of the standard library among
// them, looks the same to importers whether it is read in full or cut.
func TestInterfacesAreWhatTheSourceDeclares(t *testing.T) {
	t.Parallel()
	prog := load(t, Config{Patterns: []string{"."}})
	cut := map[string]*packages.Package{}
	checked := 0
	var visit func(p *packages.Package) *packages.Package
	visit = func(p *packages.Package) *packages.Package {
		if q := cut[p.ID]; q != nil {
			return q
		}
		q := &packages.Package{PkgPath: p.PkgPath, Name: p.Name, Fset: prog.Fset, Module: p.Module, TypesSizes: p.TypesSizes, Imports: map[string]*packages.Package{}}
		cut[p.ID] = q
		if p.PkgPath == "unsafe" {
			q.Types = types.Unsafe
			return q
		}
		in := Cut(p.GoFiles, os.ReadFile, func(as string) string { return p.Imports[as].Name })
		for _, as := range in.Imports {
			q.Imports[as] = visit(p.Imports[as])
		}
		CheckInterface(q, in)
		got, want := outline(q.Types), outline(p.Types)
		checked += len(want)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Errorf("%s: got\n%s\nwant\n%s", p.PkgPath, fmt.Sprint(got[i:min(i+1, len(got))]), fmt.Sprint(want[i:min(i+1, len(want))]))
				break
			}
		}
		return q
	}
	for _, p := range prog.All {
		visit(p)
	}
	if checked < 5000 {
		t.Errorf("compared only %d declarations of %d packages", checked, len(cut))
	}
}
