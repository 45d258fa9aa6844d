package facts

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// unknownText stands in a text for what is not constant: no table is named so.
const unknownText = "?"

// sqlText looks for SQL in a text: a constant, or a concatenation of constants
// and other things. Texts in package variables are what those who read the
// variables use.
func (w *walker) sqlText(e ast.Expr) {
	if w.d.Kind == Const || w.d.Kind == Var || w.inner[e] {
		return
	}
	s, ok := w.textOf(e)
	if !ok {
		return
	}
	for _, u := range parseSQL(s) {
		w.touch(Access{Table: u.table, Verb: u.verb}, e.Pos())
	}
}

// textOf is the text of an expression that is or begins a text.
func (w *walker) textOf(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		return stringValue(w.info.Types[e].Value)
	case *ast.Ident:
		if c, ok := w.info.Uses[e].(*types.Const); ok {
			return stringValue(c.Val())
		}
	case *ast.BinaryExpr:
		if e.Op != token.ADD || !isString(w.info.TypeOf(e)) {
			return "", false
		}
		var b strings.Builder
		w.concat(&b, e)
		return b.String(), true
	}
	return "", false
}

// concat writes the parts of a concatenation, and marks them as looked at.
func (w *walker) concat(b *strings.Builder, e ast.Expr) {
	w.inner[e] = true
	switch t := e.(type) {
	case *ast.ParenExpr:
		w.concat(b, t.X)
		return
	case *ast.SelectorExpr:
		w.inner[t.Sel] = true
	case *ast.BinaryExpr:
		if t.Op == token.ADD && w.info.Types[t].Value == nil {
			w.concat(b, t.X)
			w.concat(b, t.Y)
			return
		}
		ast.Inspect(t, func(n ast.Node) bool {
			if x, ok := n.(ast.Expr); ok {
				w.inner[x] = true
			}
			return true
		})
	}
	if s, ok := stringValue(w.info.Types[e].Value); ok {
		b.WriteString(s)
		return
	}
	b.WriteString(unknownText)
}

func isString(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func stringValue(v constant.Value) (string, bool) {
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// constString is the value of an expression that is a constant string.
func (w *walker) constString(e ast.Expr) (string, bool) { return stringValue(w.info.Types[e].Value) }

// formatted looks for SQL in fmt.Sprintf("SELECT x FROM %s", table).
func (w *walker) formatted(call *ast.CallExpr, fn *types.Func) {
	at := 0
	if fn.Pkg().Path() != "fmt" {
		return
	}
	switch fn.Name() {
	case "Sprintf", "Printf", "Errorf":
	case "Fprintf":
		at = 1
	default:
		return
	}
	if at >= len(call.Args) {
		return
	}
	format, ok := w.constString(call.Args[at])
	if !ok || len(format) > maxSQL {
		return
	}
	ast.Inspect(call.Args[at], func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok {
			w.inner[x] = true
		}
		return true
	})
	text := fill(format, func(i int) string {
		if i += at + 1; i < len(call.Args) {
			if s, ok := w.constString(call.Args[i]); ok {
				return s
			}
		}
		return unknownText
	})
	for _, u := range parseSQL(text) {
		w.touch(Access{Table: u.table, Verb: u.verb}, call.Pos())
	}
}

// fill replaces the verbs of a format.
func fill(format string, arg func(int) string) string {
	var b strings.Builder
	n := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		for i < len(format)-1 && strings.IndexByte("+-# 0123456789.[]", format[i]) >= 0 {
			i++
		}
		if format[i] == '%' {
			b.WriteByte('%')
			continue
		}
		b.WriteString(arg(n))
		n++
	}
	return b.String()
}

// touch notes a use of a table.
func (w *walker) touch(a Access, pos token.Pos) {
	a.Given = a.Given || w.d.Traits&(TakesTx|TakesDB) != 0
	if w.access[a] {
		return
	}
	w.access[a] = true
	a.Line = w.x.line(pos)
	w.d.Access = append(w.d.Access, a)
}

// embedded notes what is done by reading a variable that holds SQL.
func (w *walker) embedded(id *ast.Ident, v *types.Var) {
	if w.d.Kind != Func {
		return
	}
	for _, a := range w.x.embeds[v] {
		w.touch(a, id.Pos())
	}
}

// readEmbeds finds the SQL in the package's variables, and in the files embedded
// in them.
func (x *extraction) readEmbeds() {
	for _, d := range x.decls {
		s, ok := d.node.(*ast.ValueSpec)
		if !ok || d.gen.Tok != token.VAR {
			continue
		}
		for i, name := range s.Names {
			if x.info.Defs[name] != d.obj {
				continue
			}
			if v := valueOf(s, i); v != nil {
				x.embeds[d.obj] = append(x.embeds[d.obj], x.textsIn(v)...)
			}
		}
		for _, pattern := range embedPatterns(d.gen, s) {
			x.embeds[d.obj] = append(x.embeds[d.obj], x.filesAt(pattern)...)
		}
	}
}

// textsIn is what the SQL in an expression does.
func (x *extraction) textsIn(v ast.Expr) []Access {
	w := &walker{x: x, d: &Decl{}, info: x.info, inner: map[ast.Expr]bool{}, access: map[Access]bool{}}
	ast.Inspect(v, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			w.sqlText(e)
		}
		return true
	})
	for i := range w.d.Access {
		w.d.Access[i].Line = 0
	}
	return w.d.Access
}

// embedded reports whether a variable is set by go:embed.
func embedded(d *ast.GenDecl, s *ast.ValueSpec) bool { return len(embedPatterns(d, s)) > 0 }

func embedPatterns(d *ast.GenDecl, s *ast.ValueSpec) []string {
	var patterns []string
	for _, doc := range []*ast.CommentGroup{d.Doc, s.Doc} {
		if doc == nil || doc == d.Doc && len(d.Specs) > 1 {
			continue
		}
		for _, c := range doc.List {
			if rest, ok := strings.CutPrefix(c.Text, "//go:embed "); ok {
				for p := range strings.FieldsSeq(rest) {
					patterns = append(patterns, strings.TrimPrefix(strings.Trim(p, "\"`"), "all:"))
				}
			}
		}
	}
	return patterns
}

// The bounds of embedded SQL that is looked at, for each pattern.
const (
	maxEmbeddedFiles = 2000
	maxEmbeddedBytes = 16 << 20
)

// filesAt is what the SQL files that a pattern embeds do. If a file defines
// tables it is a migration, and only defines.
func (x *extraction) filesAt(pattern string) []Access {
	names, err := filepath.Glob(filepath.Join(x.dir, filepath.FromSlash(pattern)))
	if err != nil {
		return nil
	}
	var files []string
	for _, name := range names {
		_ = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil // an embedded file that is missing does not matter
			case len(files) >= maxEmbeddedFiles:
				return fs.SkipAll
			case !d.IsDir() && strings.HasSuffix(path, ".sql"):
				files = append(files, path)
			}
			return nil
		})
	}
	slices.Sort(files)
	var found []Access
	total := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if total += len(text); err != nil || total > maxEmbeddedBytes {
			continue
		}
		uses := parseFile(string(text))
		defines := slices.ContainsFunc(uses, func(u tableUse) bool { return u.verb == Defines })
		for _, u := range uses {
			a := Access{Table: u.table, Verb: u.verb}
			if defines {
				a.Verb = Defines
			}
			if !slices.Contains(found, a) {
				found = append(found, a)
			}
		}
	}
	return found
}

// parseFile parses a file of statements.
func parseFile(s string) []tableUse {
	var found []tableUse
	for stmt := range strings.SplitSeq(s, ";") {
		if len(stmt) <= maxSQL {
			found = append(found, parseStatement(sqlWords(stmt))...)
		}
	}
	return found
}
