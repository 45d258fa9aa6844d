package source

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// Interface is what other packages can know of a package: Go source with its
// exported declarations and what these mention, without function bodies,
// comments, unexported functions and the values of variables whose type is
// written. A change that leaves it alone can't change the types that importers
// see, and it is quick to check: the standard library shrinks to a tenth.
type Interface struct {
	// Files are those that have something left, in the order of the package.
	Files []InterfaceFile
	// Imports are the import paths, as written, that the text still needs: sorted.
	Imports []string
}

// InterfaceFile is what is left of one file.
type InterfaceFile struct {
	Name, Text string
}

// Cut returns the interface of the package with these files. read gets the
// content of a file; one that can't be read is left out, and one that can't be
// parsed has what could be. name returns the name of the package that an import path, as it is
// written, leads to.
func Cut(files []string, read func(string) ([]byte, error), name func(path string) string) Interface {
	c := &cutter{name: name, byName: map[string][]*piece{}, methods: map[string][]*piece{}, aliases: map[string][]*piece{}}
	for _, file := range files {
		src, err := read(file)
		if err == nil {
			c.add(file, src)
		}
	}
	for _, f := range c.files {
		for _, p := range f.pieces {
			if p.exported {
				c.keep(p)
			}
		}
	}
	for len(c.queue) > 0 {
		p := c.queue[0]
		c.queue = c.queue[1:]
		c.follow(p)
	}
	return c.text()
}

// cutter finds the declarations of a package that others can see.
type cutter struct {
	name    func(string) string
	files   []*cutFile
	byName  map[string][]*piece // by each name that the piece declares
	methods map[string][]*piece // by the name of the receiver's type
	aliases map[string][]*piece // by the type that they stand for: methods may be declared on them
	queue   []*piece            // kept, and not yet looked into; a piece is put in once
}

// cutFile is one file while it is being cut.
type cutFile struct {
	name     string
	src      []byte
	syntax   *ast.File
	base     int // of positions in the file
	comments []span
	pieces   []*piece
	used     map[string]bool // names that kept pieces mention
}

// piece is a declaration that stays or goes as one.
type piece struct {
	file     *cutFile
	node     ast.Node
	intro    string // "var ", "type " for a piece that is only part of a declaration
	types    string // of methods, the receiver's type
	exported bool
	kept     bool
}

// span is a range of bytes that goes, and what comes in its place.
type span struct {
	from, to int
	instead  string
}

func (c *cutter) add(name string, src []byte) {
	fset := token.NewFileSet()
	syntax, _ := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if syntax == nil {
		return
	}
	f := &cutFile{name: name, src: src, syntax: syntax, base: int(syntax.FileStart), used: map[string]bool{}}
	for _, g := range syntax.Comments {
		for _, one := range g.List {
			f.comments = append(f.comments, f.commentSpan(one))
		}
	}
	c.files = append(c.files, f)
	for _, d := range syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.addFunc(f, d)
		case *ast.GenDecl:
			c.addGen(f, d)
		}
	}
}

func (c *cutter) addFunc(f *cutFile, d *ast.FuncDecl) {
	p := &piece{file: f, node: d}
	f.pieces = append(f.pieces, p)
	if d.Recv != nil && len(d.Recv.List) > 0 {
		p.types = receiver(d.Recv.List[0].Type)
		c.methods[p.types] = append(c.methods[p.types], p)
		return
	}
	p.exported = d.Name.IsExported()
	c.byName[d.Name.Name] = append(c.byName[d.Name.Name], p)
}

// receiver returns the name of the type in a receiver's type expression.
func receiver(x ast.Expr) string {
	for {
		switch e := x.(type) {
		case *ast.StarExpr:
			x = e.X
		case *ast.ParenExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.IndexListExpr:
			x = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// addGen adds a constant declaration as one piece, because of iota, and others
// by their specifications.
func (c *cutter) addGen(f *cutFile, d *ast.GenDecl) {
	group := &piece{file: f, node: d}
	for _, spec := range d.Specs {
		p := &piece{file: f, node: spec, intro: d.Tok.String() + " "}
		if d.Tok == token.CONST {
			p = group
		}
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			c.declare(p, spec.Name)
			if base := receiver(spec.Type); spec.Assign.IsValid() && base != "" {
				c.aliases[base] = append(c.aliases[base], p)
			}
		case *ast.ValueSpec:
			for _, n := range spec.Names {
				c.declare(p, n)
			}
		default:
			continue // an import
		}
		if len(f.pieces) == 0 || f.pieces[len(f.pieces)-1] != p {
			f.pieces = append(f.pieces, p)
		}
	}
}

func (c *cutter) declare(p *piece, n *ast.Ident) {
	p.exported = p.exported || n.IsExported()
	c.byName[n.Name] = append(c.byName[n.Name], p)
}

func (c *cutter) keep(p *piece) {
	if !p.kept {
		p.kept = true
		c.queue = append(c.queue, p)
	}
}

// follow keeps what a kept piece mentions, and the methods of its types. Names
// are compared as text: a field or parameter of the same name as a declaration
// keeps that too, which does no harm.
func (c *cutter) follow(p *piece) {
	mention := func(name string) {
		p.file.used[name] = true
		for _, q := range c.byName[name] {
			c.keep(q)
		}
	}
	ast.Inspect(p.node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			return false
		case *ast.SelectorExpr:
			ast.Inspect(n.X, func(x ast.Node) bool {
				if id, ok := x.(*ast.Ident); ok {
					mention(id.Name)
				}
				_, block := x.(*ast.BlockStmt)
				return !block
			})
			return false
		case *ast.ValueSpec:
			if valueless(n, p) {
				ast.Inspect(n.Type, func(x ast.Node) bool {
					if id, ok := x.(*ast.Ident); ok {
						mention(id.Name)
					}
					return true
				})
				return false
			}
		case *ast.Ident:
			mention(n.Name)
		}
		return true
	})
	if spec, ok := p.node.(*ast.TypeSpec); ok {
		for _, m := range c.methods[spec.Name.Name] {
			c.keep(m)
		}
		for _, alias := range c.aliases[spec.Name.Name] {
			c.keep(alias)
		}
	}
}

// valueless reports whether the value of a specification is left out: that of a
// variable whose type is written.
func valueless(n *ast.ValueSpec, p *piece) bool {
	return p.intro == "var " && n.Type != nil && len(n.Values) > 0
}

// text writes what is kept.
func (c *cutter) text() Interface {
	var in Interface
	for _, f := range c.files {
		var body strings.Builder
		for _, p := range f.pieces {
			if p.kept {
				body.WriteString(p.intro)
				f.write(&body, p)
				body.WriteByte('\n')
			}
		}
		if body.Len() == 0 {
			continue
		}
		var head strings.Builder
		if v := f.syntax.GoVersion; v != "" {
			head.WriteString("//go:build " + v + "\n\n")
		}
		head.WriteString("package " + f.syntax.Name.Name + "\n")
		for _, imp := range f.syntax.Imports {
			path := importPath(imp)
			if !c.needed(f, imp, path) {
				continue
			}
			head.WriteString("import ")
			if imp.Name != nil {
				head.WriteString(imp.Name.Name + " ")
			}
			head.WriteString(imp.Path.Value + "\n")
			if path != "C" {
				in.Imports = append(in.Imports, path)
			}
		}
		in.Files = append(in.Files, InterfaceFile{Name: f.name, Text: head.String() + body.String()})
	}
	slices.Sort(in.Imports)
	in.Imports = slices.Compact(in.Imports)
	return in
}

func importPath(imp *ast.ImportSpec) string { return strings.Trim(imp.Path.Value, "\"`") }

// needed reports whether an import is used by what is kept of its file.
func (c *cutter) needed(f *cutFile, imp *ast.ImportSpec, path string) bool {
	switch {
	case path == "C":
		return f.used["C"]
	case imp.Name == nil:
		return f.used[c.name(path)]
	case imp.Name.Name == ".":
		return true
	}
	return imp.Name.Name != "_" && f.used[imp.Name.Name]
}

// write writes a piece without comments, bodies and values.
func (f *cutFile) write(b *strings.Builder, p *piece) {
	var cuts []span
	ast.Inspect(p.node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			cuts = append(cuts, span{f.at(n.Pos()), f.at(n.End()), "{}"})
			return false
		case *ast.ValueSpec:
			if valueless(n, p) {
				cuts = append(cuts, span{f.at(n.Type.End()), f.at(n.End()), ""})
				return false
			}
		}
		return true
	})
	from, to := f.at(p.node.Pos()), f.at(p.node.End())
	first, _ := slices.BinarySearchFunc(f.comments, from, func(s span, at int) int { return cmp.Compare(s.from, at) })
	for _, s := range f.comments[first:] {
		if s.from >= to {
			break
		}
		cuts = append(cuts, s)
	}
	slices.SortStableFunc(cuts, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	at := from
	for _, s := range cuts {
		if s.from < at {
			continue // within what is gone already
		}
		b.Write(f.src[at:s.from])
		b.WriteString(s.instead)
		at = max(at, min(s.to, to))
	}
	b.Write(f.src[at:to])
	if fn, ok := p.node.(*ast.FuncDecl); ok && fn.Body == nil {
		b.WriteString(" {}")
	}
}

// at is the offset of a position, within the file whatever the parser says of
// broken source.
func (f *cutFile) at(pos token.Pos) int { return max(0, min(int(pos)-f.base, len(f.src))) }

// commentSpan is a comment and the blanks before it; if it has its line for
// itself, the line. A comment of several lines ends a statement as a new line
// does.
func (f *cutFile) commentSpan(c *ast.Comment) span {
	s := span{from: f.at(c.Pos()), to: f.at(c.End()), instead: " "}
	if bytes.IndexByte(f.src[s.from:s.to], '\n') >= 0 {
		s.instead = "\n"
	}
	for s.from > 0 && (f.src[s.from-1] == ' ' || f.src[s.from-1] == '\t') {
		s.from--
	}
	if s.to < len(f.src) && f.src[s.to] == '\n' {
		s.instead = ""
		if s.from > 0 && f.src[s.from-1] == '\n' {
			s.from--
		}
	}
	return s
}
