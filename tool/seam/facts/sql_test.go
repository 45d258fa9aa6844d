package facts

import (
	"fmt"
	"strings"
	"testing"
)

func TestTablesInSQL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"SELECT a FROM users WHERE id = ?", "users reads"},
		{"select count(*) from users u, orders AS o left join items i on 1=1", "users reads, orders reads, items reads"},
		{"INSERT INTO \"Orders\" (a) VALUES (1) ON CONFLICT DO UPDATE SET a = 1", "orders writes"},
		{"UPDATE stock SET n = n - 1 WHERE sku = ?", "stock writes"},
		{"DELETE FROM outbox -- FROM nowhere\nWHERE sent = 'FROM x'", "outbox writes"},
		{"WITH recent AS ( SELECT id FROM orders ) SELECT * FROM recent JOIN items USING (id)", "orders reads, items reads"},
		{"CREATE TABLE IF NOT EXISTS users (id INTEGER); CREATE INDEX i ON orders(id)", "users defines, orders defines"},
		{"ALTER TABLE ONLY public.users ADD x int", "users defines"},
		{"INSERT INTO a SELECT x FROM b FOR UPDATE", "a writes, b reads"},
		{"SELECT EXTRACT(EPOCH FROM created) FROM entries", "entries reads"},
		{"SELECT a FROM t WHERE b IS DISTINCT FROM c", "t reads"},
		{"SELECT n FROM generate_series(1, 3) JOIN t ON true", "t reads"},
		{"SELECT 1 FROM information_schema.tables", ""},
		{"SELECT a FROM ?, t", "t reads"},
		{"SELECT a FROM %s", ""},
		{"SELECT ? ", ""},
		{"select a theme from options", ""},
		{"Update the profile and set the name", ""},
		{"delete from the list", ""},
		{"Select from the menu", ""},
		{"", ""},
	} {
		var got []string
		for _, u := range parseSQL(tt.text) {
			got = append(got, fmt.Sprint(u.table, " ", verbNames[u.verb]))
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, s, tt.want)
		}
	}
}

func FuzzSQL(f *testing.F) {
	f.Add("SELECT a FROM b WHERE c = 'd' /* e */ -- f")
	f.Fuzz(func(t *testing.T, s string) {
		for _, u := range parseSQL(s) {
			if u.table == "" || u.verb > Defines {
				t.Errorf("%q: got an empty table or an unknown verb: %+v", s, u)
			}
		}
	})
}

func TestNamesOfTables(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, snake, plural string }{
		{"User", "user", "users"}, {"OrderItem", "order_item", "order_items"}, {"Category", "category", "categories"},
		{"GPGKey", "gpg_key", "gpg_keys"}, {"OAuth2Grant", "o_auth2_grant", "o_auth2_grants"}, {"Box", "box", "boxes"},
		{"Day", "day", "days"}, {"HTTPServer", "http_server", "http_servers"}, {"Address", "address", "addresses"},
	} {
		if s := snake(tt.name); s != tt.snake || plural(s) != tt.plural {
			t.Errorf("%s: got %s and %s, want %s and %s", tt.name, s, plural(s), tt.snake, tt.plural)
		}
	}
}

func TestFormatsAreFilled(t *testing.T) {
	t.Parallel()
	got := fill("SELECT %s FROM %-5.2d %% %v%", func(i int) string { return fmt.Sprint("<", i, ">") })
	if want := "SELECT <0> FROM <1> % <2>%"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
