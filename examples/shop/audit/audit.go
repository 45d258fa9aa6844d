// Package audit writes down who did what.
package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// Log appends to the audit table.
type Log struct {
	db  *sql.DB
	now func() time.Time
}

// New returns a log in db.
func New(db *sql.DB, now func() time.Time) *Log { return &Log{db: db, now: now} }

// Entry is something that happened. Its payload is whatever was recorded, as
// JSON makes of it.
type Entry struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Actor   string    `json:"actor"`
	Kind    string    `json:"kind"`
	Payload any       `json:"payload"`
}

// Record writes that the actor of ctx did something of a kind.
func (l *Log) Record(ctx context.Context, kind string, payload any) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("audit %s: %w", kind, err)
	}
	_, err = l.db.ExecContext(ctx, `INSERT INTO audit (at, actor, kind, payload) VALUES (?, ?, ?, ?)`,
		store.Millis(l.now()), util.Actor(ctx), kind, string(text))
	if err != nil {
		return fmt.Errorf("audit %s: %w", kind, err)
	}
	return nil
}

// Last returns the newest entries, at most most of them.
func (l *Log) Last(ctx context.Context, most int) ([]Entry, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT id, at, actor, kind, payload FROM audit ORDER BY id DESC LIMIT ?`, most)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	defer rows.Close()
	list := []Entry{}
	for rows.Next() {
		var e Entry
		var at int64
		var text string
		if err := rows.Scan(&e.ID, &at, &e.Actor, &e.Kind, &text); err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &e.Payload); err != nil {
			return nil, fmt.Errorf("audit %d: %w", e.ID, err)
		}
		e.At = store.Time(at)
		list = append(list, e)
	}
	return list, rows.Err()
}
