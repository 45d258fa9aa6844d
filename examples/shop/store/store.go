// Package store opens the shop's SQLite database and keeps its schema current.
// Several processes may have the same file open.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var files embed.FS

const (
	maxConns = 8   // connections of one handle
	maxTries = 100 // attempts to open a file that another process is creating
	tryEvery = 50 * time.Millisecond
)

// Open opens the database at file, creates it if need be, and brings its
// schema to the version of this program. Transactions take the write lock at
// their start, so that two writers wait for each other instead of failing.
func Open(ctx context.Context, file string) (*sql.DB, error) {
	options := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(1)"},
	}
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	if err := connect(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), db.Close())
	}
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate %s: %w", file, err), db.Close())
	}
	return db, nil
}

// connect makes the first connection. The switch of a new file to write-ahead
// logging does not honour busy_timeout, hence the attempts.
func connect(ctx context.Context, db *sql.DB) error {
	var err error
	for range maxTries {
		if err = db.PingContext(ctx); !Busy(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(tryEvery):
		}
	}
	return err
}

// Busy tells whether err says that another connection held the lock too long.
func Busy(err error) bool { return code(err)&0xff == sqlite3.SQLITE_BUSY }

// Taken tells whether err says that a unique value is in the table already.
func Taken(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_CONSTRAINT_UNIQUE || c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

// Tx runs do in a transaction and commits it; an error of do undoes it all and
// is returned as it is.
func Tx(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback() // the cause matters more, and SQLite undoes it anyhow
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// migrate applies what is missing in one transaction: of two processes that
// start at once, the second waits and then finds nothing to do.
func migrate(ctx context.Context, db *sql.DB) error {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return err
	}
	return Tx(ctx, db, func(tx *sql.Tx) error {
		version, err := current(ctx, tx)
		if err != nil {
			return err
		}
		if version > len(names) {
			return fmt.Errorf("the database has schema %d, this program knows %d: use a newer program", version, len(names))
		}
		for _, name := range names[version:] {
			if err := apply(ctx, tx, name); err != nil {
				return fmt.Errorf("%s: %w", path.Base(name), err)
			}
		}
		return nil
	})
}

func current(ctx context.Context, tx *sql.Tx) (int, error) {
	const table = `CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL)`
	if _, err := tx.ExecContext(ctx, table); err != nil {
		return 0, err
	}
	var version int
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM schema_version`).Scan(&version)
	return version, err
}

// apply runs one file; its name begins with its version, such as 0002_mail.sql.
func apply(ctx context.Context, tx *sql.Tx, name string) error {
	number, _, _ := strings.Cut(path.Base(name), "_")
	version, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	text, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO schema_version (version, name) VALUES (?, ?)`, version, path.Base(name))
	return err
}

// Millis is how a time is kept in the database.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// Time is the time that [Millis] kept.
func Time(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
