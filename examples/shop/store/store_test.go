package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hemilith/hemilith/examples/shop/store"
)

func TestManyMayOpenANewFileAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "what a name?#.db")
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			db, err := store.Open(t.Context(), file)
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			defer db.Close()
			var n int
			if err := db.QueryRow(`SELECT count(*) FROM schema_version`).Scan(&n); err != nil || n != 5 {
				t.Errorf("schema: got %d, %v, want 5", n, err)
			}
		})
	}
	all.Wait()
}

func TestADatabaseOfANewerProgramIsLeftAlone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "s.db")
	db, err := store.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO schema_version (version, name) VALUES (99, 'later')`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	_, err = store.Open(t.Context(), file)
	if err == nil || !strings.HasSuffix(err.Error(), "the database has schema 99, this program knows 5: use a newer program") {
		t.Errorf("got %v", err)
	}
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	broken := errors.New("broken")
	err = store.Tx(t.Context(), db, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`INSERT INTO settings (name, value) VALUES ('a', 'b')`); err != nil {
			t.Error(err)
		}
		return broken
	})
	if err != broken {
		t.Errorf("got %v, want %v", err, broken)
	}
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM settings`).Scan(&n); err != nil || n != 0 {
		t.Errorf("rows: got %d, %v, want 0", n, err)
	}
}
