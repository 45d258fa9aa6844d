package seam

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
	"unicode"
)

// access is one use of a table by a declaration, found in an SQL text.
type access struct {
	table string
	verb  string // read, write or schema
	pos   token.Pos
}

const maxSQL = 64 << 10 // longer texts are data, not statements

func stringValue(v constant.Value) (string, bool) {
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// text looks for SQL in a constant expression. Parts of a concatenation are seen
// again by the walk; the table of each is the same, and counted once.
func (w *walker) text(e ast.Expr) {
	switch e.(type) {
	case *ast.BasicLit, *ast.BinaryExpr, *ast.Ident:
	default:
		return
	}
	s, ok := stringValue(w.info.Types[e].Value)
	if !ok || len(s) < len("DELETE FROM x") || len(s) > maxSQL {
		return
	}
	for _, a := range parseSQL(s) {
		a.pos = e.Pos()
		nd := &w.g.nodes[w.n]
		nd.sql = appendAccess(nd.sql, a)
	}
}

// parseSQL finds the tables that a text names, if the text is SQL: a run of
// statements that begin with a verb in capitals, followed by what must follow
// it. It is a reader of names, not a parser of a dialect.
func parseSQL(s string) []access {
	var found []access
	for stmt := range strings.SplitSeq(s, ";") {
		found = append(found, parseStatement(words(stmt))...)
	}
	return found
}

// parseStatement finds the tables of one statement given as words.
func parseStatement(w []string) []access {
	if len(w) < 3 {
		return nil
	}
	if strings.ToLower(w[0]) == w[0] {
		if w = capitals(w); w == nil {
			return nil
		}
	}
	switch w[0] {
	case "SELECT", "WITH":
		if !has(w, "FROM") {
			return nil
		}
	case "INSERT", "REPLACE":
		if !has(w[:min(len(w), 4)], "INTO") {
			return nil
		}
	case "UPDATE":
		if !has(w[:min(len(w), 7)], "SET") {
			return nil
		}
	case "DELETE":
		if w[1] != "FROM" {
			return nil
		}
	case "CREATE", "ALTER", "DROP", "TRUNCATE":
		return schema(w)
	default:
		return nil
	}
	return tables(w)
}

// capitals writes the keywords of a statement in lower case in capitals. Prose
// begins with the same words ("select a theme from the list"), so there must be
// something in it that prose has not.
func capitals(w []string) []string {
	const maxPlain = 3
	sql := len(w) <= maxPlain && w[0] == "delete"
	out := make([]string, len(w))
	for i, x := range w {
		sql = sql || strings.ContainsAny(x, "*=$?(")
		out[i] = x
		switch x {
		case "select", "with", "insert", "replace", "update", "delete", "create", "alter", "drop", "truncate", "from",
			"into", "set", "join", "table", "if", "not", "exists", "as", "for", "do", "on", "where", "order", "group", "left",
			"inner", "limit", "values", "returning", "and", "or", "by", "using":
			out[i] = strings.ToUpper(x)
		}
	}
	if !sql {
		return nil
	}
	return out
}

func has(w []string, word string) bool {
	for _, x := range w {
		if x == word {
			return true
		}
	}
	return false
}

// schema finds the table after CREATE TABLE IF NOT EXISTS and the like.
func schema(w []string) []access {
	for i, x := range w[:min(len(w), 4)] {
		if x != "TABLE" {
			continue
		}
		for _, name := range w[i+1:] {
			switch name {
			case "IF", "NOT", "EXISTS":
				continue
			}
			if !isName(name) {
				return nil
			}
			return []access{{table: clean(name), verb: "schema"}}
		}
	}
	return nil
}

// tables finds the names after FROM, JOIN, INTO and UPDATE. Names that a WITH
// defines are not tables.
func tables(w []string) []access {
	local := map[string]bool{}
	for i := range len(w) - 2 {
		if w[i+1] == "AS" && w[i+2] == "(" {
			local[clean(w[i])] = true
		}
	}
	var found []access
	add := func(name, verb string) {
		if isName(name) && !local[clean(name)] {
			found = append(found, access{table: clean(name), verb: verb})
		}
	}
	for i := range len(w) - 1 {
		next := w[i+1]
		switch w[i] {
		case "INTO":
			add(next, "write")
		case "UPDATE":
			if next != "SET" && !(i > 0 && (w[i-1] == "FOR" || w[i-1] == "DO" || w[i-1] == "ON")) {
				add(next, "write")
			}
		case "JOIN":
			add(next, "read")
		case "FROM":
			if i > 0 && w[i-1] == "DELETE" {
				add(next, "write")
				continue
			}
			for j := i + 1; j < len(w); {
				add(w[j], "read")
				j = nextInList(w, j)
			}
		}
	}
	return found
}

// nextInList is the index of the next name in "a, b AS x, c", or len(w).
func nextInList(w []string, j int) int {
	const maxAlias = 3
	for k := j + 1; k < min(len(w), j+1+maxAlias); k++ {
		if w[k] == "," {
			return k + 1
		}
	}
	return len(w)
}

// isName reports whether a word may name a table: an identifier in lower or
// mixed case, or quoted; not a keyword, a placeholder or a parenthesis.
func isName(s string) bool {
	if s == "" || strings.ContainsAny(s, "%(){}$?:=<>'") {
		return false
	}
	quoted := s[0] == '"' || s[0] == '`' || s[0] == '['
	if !quoted && strings.ToUpper(s) == s {
		return false
	}
	c := strings.Trim(s, "\"`[]")
	return c != "" && (unicode.IsLetter(rune(c[0])) || c[0] == '_')
}

func clean(s string) string {
	s = strings.ToLower(s)
	return strings.NewReplacer(`"`, "", "`", "", "[", "", "]", "", `\`, "").Replace(s)
}

// words splits SQL into words, with "," and parentheses as words of their own
// and without comments and string literals.
func words(s string) []string {
	var out []string
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '-' && strings.HasPrefix(s[i:], "--"):
			i = skipTo(s, i, "\n")
		case c == '/' && strings.HasPrefix(s[i:], "/*"):
			i = skipTo(s, i+2, "*/")
		case c == '\'':
			i = skipTo(s, i+1, "'")
		case c == ',' || c == '(' || c == ')':
			out = append(out, string(c))
			i++
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
		default:
			j := i
			for j < len(s) && !strings.ContainsRune(" \n\t\r,()'", rune(s[j])) {
				j++
			}
			out = append(out, s[i:j])
			i = j
		}
	}
	return out
}

func skipTo(s string, i int, end string) int {
	at := strings.Index(s[i:], end)
	if at < 0 {
		return len(s)
	}
	return i + at + len(end)
}

// txRange is where a transaction may be open.
type txRange struct {
	node     int
	from, to token.Pos
}

// transactions finds where transactions may be open in root: from a call that
// returns one to the last Commit, and all of a function that is handed one.
func (w *walker) transactions(root ast.Node) []txRange {
	var begin, end token.Pos
	var found []txRange

	body := func(t *ast.FuncType, b *ast.BlockStmt) {
		if b != nil && t.Params != nil && w.takesTx(t) {
			found = append(found, txRange{w.n, b.Pos(), b.End()})
		}
	}
	ast.Inspect(root, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.FuncDecl:
			body(x.Type, x.Body)
		case *ast.FuncLit:
			body(x.Type, x.Body)

		case *ast.CallExpr:
			if w.begins(x) && !begin.IsValid() {
				begin = x.End()
			}
			if sel, ok := x.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Commit" && isTx(w.info.TypeOf(sel.X)) {
				end = x.Pos()
			}
		}
		return true
	})
	if begin.IsValid() {
		if !end.IsValid() || end < begin {
			end = root.End()
		}
		found = append(found, txRange{w.n, begin, end})
	}
	return found
}

func (w *walker) takesTx(t *ast.FuncType) bool {
	for _, f := range t.Params.List {
		if isTx(w.info.TypeOf(f.Type)) {
			return true
		}
	}
	return false
}

// begins reports whether a call returns a transaction and is named like a begin.
func (w *walker) begins(call *ast.CallExpr) bool {
	id := calledIdent(call.Fun)
	if id == nil || !strings.Contains(id.Name, "Begin") && !strings.Contains(id.Name, "Transaction") {
		return false
	}
	t := w.info.TypeOf(call)
	if tup, ok := t.(*types.Tuple); ok && tup.Len() > 0 {
		t = tup.At(0).Type()
	}
	return isTx(t)
}

// isTx reports whether t is a transaction: it can Commit and Rollback.
func isTx(t types.Type) bool {
	if t == nil || namedOf(t) == nil {
		return false
	}
	for _, name := range []string{"Commit", "Rollback"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		if fn, ok := obj.(*types.Func); !ok || fn.Signature().Results().Len() > 1 {
			return false
		}
	}
	return true
}

// isHandle reports whether t is what SQL is run on: it can Exec and Query.
func isHandle(t types.Type) bool {
	if t == nil || namedOf(t) == nil {
		return false
	}
	for _, name := range []string{"ExecContext", "QueryContext", "Exec", "Query"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		if _, ok := obj.(*types.Func); ok {
			return true
		}
	}
	return false
}

// plainMaker reports whether fn makes a value of a type of its own package.
func (g *graph) plainMaker(fn *types.Func) bool {
	for r := range fn.Signature().Results().Variables() {
		if named := namedOf(r.Type()); named != nil && named.Obj().Pkg() == fn.Pkg() {
			if _, own := g.byObj[named.Obj()]; own {
				return true
			}
		}
	}
	return false
}

// lend gives what lent functions do to tables to their callers, as far as they
// are lent themselves: the tables are touched wherever the handle comes from.
func (g *graph) lend() {
	callers := g.callers()
	for n := range g.nodes {
		if !g.nodes[n].lent || !g.nodes[n].grade.replicable() {
			continue
		}
		seen := map[int]bool{n: true}
		queue := []int{n}
		for len(queue) > 0 { // each node enters once
			at := queue[0]
			queue = queue[1:]
			for _, c := range callers[at] {
				if seen[c] {
					continue
				}
				seen[c] = true
				if g.nodes[c].grade.replicable() {
					queue = append(queue, c)
					continue
				}
				for _, a := range g.nodes[n].sql {
					g.nodes[c].sql = appendAccess(g.nodes[c].sql, a)
				}
			}
		}
	}
}

func appendAccess(list []access, a access) []access {
	for _, old := range list {
		if old.table == a.table && old.verb == a.verb {
			return list
		}
	}
	return append(list, a)
}
