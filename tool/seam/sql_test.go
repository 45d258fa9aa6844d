package seam

import (
	"fmt"
	"strings"
	"testing"
)

func TestTablesInSQL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"SELECT a FROM users WHERE id = ?", "users read"},
		{"select count(*) from users u, orders AS o left join items i on 1=1", "users read, orders read, items read"},
		{"INSERT INTO \"Orders\" (a) VALUES (1) ON CONFLICT DO UPDATE SET a = 1", "orders write"},
		{"UPDATE stock SET n = n - 1 WHERE sku = ?", "stock write"},
		{"DELETE FROM outbox -- FROM nowhere\nWHERE sent = 'FROM x'", "outbox write"},
		{"WITH recent AS ( SELECT id FROM orders ) SELECT * FROM recent JOIN items USING (id)", "orders read, items read"},
		{"CREATE TABLE IF NOT EXISTS users (id INTEGER); CREATE INDEX i ON users(id)", "users schema"},
		{"INSERT INTO a SELECT x FROM b FOR UPDATE", "a write, b read"},
		{"SELECT a FROM %s", ""},
		{"SELECT ? ", ""},
		{"select a theme from options", ""},
		{"Update the profile and set the name", ""},
		{"delete from the list", ""},
		{"Select from the menu", ""},
		{"", ""},
	} {
		var got []string
		for _, a := range parseSQL(tt.text) {
			got = append(got, fmt.Sprint(a.table, " ", a.verb))
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, s, tt.want)
		}
	}
}

func FuzzSQL(f *testing.F) {
	f.Add("SELECT a FROM b WHERE c = 'd' /* e */ -- f")
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range parseSQL(s) {
			if a.table == "" || a.verb == "" {
				t.Errorf("%q: got an empty table or verb: %+v", s, a)
			}
		}
	})
}
