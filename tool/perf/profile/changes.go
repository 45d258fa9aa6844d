package profile

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
)

// Source is the text of one file on both sides, nil where it does not exist.
type Source struct{ Base, Head []byte }

// Changes knows the functions of a module, and which of them a commit changed.
// The zero value knows none. It is safe for concurrent use.
type Changes struct {
	// byFile are the functions of a side's file, in the order of their lines.
	byFile [2]map[string][]*declaration
}

// declaration is a function in the sources. Lines count from 1; they are 0 on the
// side that lacks it.
type declaration struct {
	name       string // with the receiver's type
	start, end [2]int
	tokens     [2]string // without comments and layout
	text       [2][]string
	segments   []segment
}

// changed is whether both sides have it, and another code.
func (d *declaration) changed() bool { return !d.single() && d.tokens[0] != d.tokens[1] }

// single is whether only one side has it.
func (d *declaration) single() bool { return d.start[0] == 0 || d.start[1] == 0 }

// NewChanges compares sources, by the names that the compiler gives to files. A
// function that changed only in comments or layout has not changed. Files that do
// not parse are left out: they are not what was compiled.
func NewChanges(files map[string]Source) Changes {
	c := Changes{byFile: [2]map[string][]*declaration{{}, {}}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for side, text := range [...][]byte{files[name].Base, files[name].Head} {
			c.byFile[side][name] = declarations(name, text, side)
		}
	}
	c.pair()
	return c
}

// declarations finds the functions of a file.
func declarations(name string, text []byte, side int) []*declaration {
	if text == nil {
		return nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil
	}
	lines := strings.Split(string(text), "\n")
	var list []*declaration
	for _, node := range file.Decls {
		f, ok := node.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		// Without //line: what it names is not in these lines.
		from, to := fset.PositionFor(f.Pos(), false), fset.PositionFor(f.End(), false)
		d := &declaration{name: declared(f)}
		d.start[side], d.end[side] = from.Line, to.Line
		d.tokens[side] = directives(f) + tokens(text[from.Offset:to.Offset])
		for _, l := range lines[from.Line-1 : to.Line] {
			d.text[side] = append(d.text[side], strings.TrimSpace(l))
		}
		list = append(list, d)
	}
	return list
}

// declared names a function by its receiver's type and its own name.
func declared(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	for {
		switch u := t.(type) {
		case *ast.StarExpr:
			t = u.X
		case *ast.ParenExpr:
			t = u.X
		case *ast.IndexExpr:
			t = u.X
		case *ast.IndexListExpr:
			t = u.X
		case *ast.Ident:
			return u.Name + "." + f.Name.Name
		default:
			return "?." + f.Name.Name
		}
	}
}

// tokens is code without comments and layout.
func tokens(text []byte) string {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", fset.Base(), len(text)), text, nil, 0)
	var all strings.Builder
	var pending string // a separator, which before a closing bracket is layout
	for {
		_, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return all.String()
		case token.SEMICOLON, token.COMMA:
			all.WriteString(pending)
			pending = tok.String() + "\n"
			continue
		case token.RPAREN, token.RBRACE, token.RBRACK:
		default:
			all.WriteString(pending)
		}
		pending = ""
		fmt.Fprintf(&all, "%s %s\n", tok, lit)
	}
}

// directives are what a function's comment tells the compiler, as //go:noinline.
func directives(f *ast.FuncDecl) string {
	var all strings.Builder
	if f.Doc != nil {
		for _, c := range f.Doc.List {
			if strings.HasPrefix(c.Text, "//go:") {
				all.WriteString(c.Text + "\n")
			}
		}
	}
	return all.String()
}

// pair makes one declaration of those of both sides: of the same name in the same
// file, or, as code moves, in another file of the package.
func (c *Changes) pair() {
	moved := map[string]*declaration{} // of base, by package and name
	for _, name := range slices.Sorted(maps.Keys(c.byFile[0])) {
		here := map[string]*declaration{}
		for _, d := range c.byFile[1][name] {
			here[d.name] = d
		}
		for i, d := range c.byFile[0][name] {
			if other := here[d.name]; other != nil && other.single() {
				c.byFile[0][name][i] = other.with(d)
			} else {
				moved[path.Dir(name)+" "+d.name] = d
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.byFile[1])) {
		for _, d := range c.byFile[1][name] {
			if !d.single() {
				continue
			}
			if base := moved[path.Dir(name)+" "+d.name]; base != nil && base.single() {
				base.start[1], base.end[1], base.tokens[1], base.text[1] = d.start[1], d.end[1], d.tokens[1], d.text[1]
				base.segments = align(base.text[0], base.text[1])
				*d = *base
			}
		}
	}
}

// with adds what base has to a declaration of head.
func (d *declaration) with(base *declaration) *declaration {
	d.start[0], d.end[0], d.tokens[0], d.text[0] = base.start[0], base.end[0], base.tokens[0], base.text[0]
	d.segments = align(d.text[0], d.text[1])
	return d
}

// find returns the function in whose source a frame is, nil if that is unknown.
func (c Changes) find(side int, f frame) *declaration {
	list := c.byFile[side][f.file]
	i, ok := slices.BinarySearchFunc(list, f.line, func(d *declaration, line int) int {
		switch {
		case d.end[side] < line:
			return -1
		case d.start[side] > line:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return list[i]
}

// owner returns the frame that a sample is charged to, if there is one.
func (c Changes) owner(level Level, side int, stack []frame) (frame, bool) {
	if level == Leaf {
		return stack[0], true
	}
	lone := -1 // the outermost function that only one side has
	for i, f := range stack {
		d := c.find(side, f)
		switch {
		case d == nil:
		case level == Own || d.changed():
			return f, true
		case d.single():
			lone = i
		}
	}
	if lone < 0 {
		return frame{}, false
	}
	return stack[lone], true
}
