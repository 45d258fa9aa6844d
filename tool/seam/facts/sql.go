package facts

import (
	"slices"
	"strings"
	"unicode"
)

// maxSQL bounds the texts that are looked at: longer ones are data.
const maxSQL = 256 << 10

// tableUse is a table and what a text does to it.
type tableUse struct {
	table string
	verb  Verb
}

// parseSQL finds the tables that a text names, if the text is SQL: a run of
// statements that begin with a verb, followed by what must follow it. It is a
// reader of names, not a parser of a dialect.
func parseSQL(s string) []tableUse {
	if len(s) < len("DELETE FROM x") || len(s) > maxSQL {
		return nil
	}
	var found []tableUse
	for stmt := range strings.SplitSeq(s, ";") {
		found = append(found, parseStatement(sqlWords(stmt))...)
	}
	return found
}

// parseStatement finds the tables of one statement given as words.
func parseStatement(w []string) []tableUse {
	if len(w) < 3 {
		return nil
	}
	if strings.ToLower(w[0]) == w[0] {
		if w = keywords(w); w == nil {
			return nil
		}
	}
	switch w[0] {
	case "SELECT", "WITH":
		if !slices.Contains(w, "FROM") {
			return nil
		}
	case "INSERT", "REPLACE":
		if !slices.Contains(w[:min(len(w), 4)], "INTO") {
			return nil
		}
	case "UPDATE":
		if !slices.Contains(w[:min(len(w), 7)], "SET") {
			return nil
		}
	case "DELETE":
		if w[1] != "FROM" {
			return nil
		}
	case "CREATE", "ALTER", "DROP", "TRUNCATE":
		return definedTable(w)
	default:
		return nil
	}
	return usedTables(w)
}

// keywords writes the keywords of a statement in lower case in capitals. Prose
// begins with the same words ("select a theme from the list"), so there must be
// something in it that prose has not.
func keywords(w []string) []string {
	const maxPlain = 3
	sql := len(w) <= maxPlain && w[0] == "delete"
	out := make([]string, len(w))
	for i, x := range w {
		sql = sql || strings.ContainsAny(x, "*=$?(")
		out[i] = x
		switch x {
		case "select", "with", "insert", "replace", "update", "delete", "create", "alter", "drop", "truncate", "from",
			"into", "set", "join", "table", "if", "not", "exists", "as", "for", "do", "on", "where", "order", "group", "left",
			"inner", "limit", "values", "returning", "and", "or", "by", "using", "distinct", "extract", "index", "unique", "only":
			out[i] = strings.ToUpper(x)
		}
	}
	if !sql {
		return nil
	}
	return out
}

// definedTable finds the table after CREATE TABLE IF NOT EXISTS and the like, or
// after CREATE INDEX x ON.
func definedTable(w []string) []tableUse {
	const maxBefore = 7 // CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS
	on := ""
	for i, x := range w[:min(len(w), maxBefore)] {
		switch x {
		case "TABLE":
			on = "TABLE"
		case "INDEX":
			if j := slices.Index(w[i:], "ON"); j > 0 {
				i, on = i+j, "INDEX"
			}
		}
		if on == "" {
			continue
		}
		for _, name := range w[i+1:] {
			switch name {
			case "IF", "NOT", "EXISTS", "ONLY":
				continue
			}
			if !isTableName(name) {
				return nil
			}
			return []tableUse{{cleanTable(name), Defines}}
		}
	}
	return nil
}

// usedTables finds the names after FROM, JOIN, INTO and UPDATE. Names that a
// WITH defines are not tables.
func usedTables(w []string) []tableUse {
	local := map[string]bool{}
	for i := range len(w) - 2 {
		if w[i+1] == "AS" && w[i+2] == "(" {
			local[cleanTable(w[i])] = true
		}
	}
	var found []tableUse
	add := func(at int, verb Verb) {
		name := w[at]
		function := verb == Reads && at+1 < len(w) && w[at+1] == "("
		if !function && isTableName(name) && !local[cleanTable(name)] {
			found = append(found, tableUse{cleanTable(name), verb})
		}
	}
	for i := range len(w) - 1 {
		switch w[i] {
		case "INTO":
			add(i+1, Writes)
		case "UPDATE":
			if w[i+1] != "SET" && !(i > 0 && (w[i-1] == "FOR" || w[i-1] == "DO" || w[i-1] == "ON")) {
				add(i+1, Writes)
			}
		case "JOIN":
			add(i+1, Reads)
		case "FROM":
			switch {
			case i > 0 && w[i-1] == "DELETE":
				add(i+1, Writes)
			case !partOfExpression(w, i):
				for j := i + 1; j < len(w); {
					add(j, Reads)
					j = nextInList(w, j)
				}
			}
		}
	}
	return found
}

// partOfExpression reports whether the FROM at i is that of EXTRACT(x FROM y) and
// its like, or of IS DISTINCT FROM.
func partOfExpression(w []string, i int) bool {
	if w[i-min(i, 1)] == "DISTINCT" {
		return true
	}
	depth := 0
	for j := i - 1; j > 0; j-- {
		switch w[j] {
		case ")":
			depth++
		case "(":
			if depth == 0 {
				switch strings.ToUpper(w[j-1]) {
				case "EXTRACT", "SUBSTRING", "TRIM", "OVERLAY", "POSITION":
					return true
				}
				return false
			}
			depth--
		}
	}
	return false
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

// isTableName reports whether a word may name a table: an identifier in lower or
// mixed case, or quoted; not a keyword, a placeholder or a parenthesis, nor a
// table of the database itself.
func isTableName(s string) bool {
	if s == "" {
		return false
	}
	quoted := s[0] == '"' || s[0] == '`' || s[0] == '['
	if !quoted && strings.ToUpper(s) == s {
		return false
	}
	c := cleanTable(s)
	for i, r := range c {
		if !unicode.IsLetter(r) && r != '_' && (i == 0 || !unicode.IsDigit(r) && r != '.' && r != '-') {
			return false
		}
	}
	for _, prefix := range []string{"information_schema.", "pg_", "sqlite_", "performance_schema.", "mysql."} {
		if strings.HasPrefix(c, prefix) {
			return false
		}
	}
	return c != ""
}

// cleanTable is a table's name in lower case, without quotes.
func cleanTable(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"`[]\\", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return strings.TrimPrefix(s, "public.")
}

// sqlWords splits SQL into words, with "," and parentheses as words of their own
// and without comments and string literals.
func sqlWords(s string) []string {
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
