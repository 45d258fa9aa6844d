// Package mail sends what other packages put into the outbox table. Since a
// mail is written in the transaction of what it tells of, there is never one
// without the other.
package mail

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/hemilith/hemilith/examples/shop/store"
)

// Message is one mail to one person.
type Message struct {
	ID      int64 // set by the outbox; the same mail has it at every attempt
	To      string
	Subject string
	Body    string
}

// Execer is a *sql.DB or a *sql.Tx.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Enqueue leaves m for a [Worker].
func Enqueue(ctx context.Context, q Execer, m Message, now time.Time) error {
	_, err := q.ExecContext(ctx, `INSERT INTO outbox (rcpt, subject, body, created) VALUES (?, ?, ?, ?)`,
		m.To, m.Subject, m.Body, store.Millis(now))
	if err != nil {
		return fmt.Errorf("enqueue mail: %w", err)
	}
	return nil
}

const (
	maxBatch    = 10              // mails that one worker claims at once
	maxAttempts = 8               // attempts before a mail is given up
	lease       = 2 * time.Minute // how long a claim holds; longer than a batch takes
	firstWait   = 10 * time.Second
)

// claim reserves mails for owner until the lease ends. It is one statement, so
// no two workers get the same mail.
func claim(ctx context.Context, db *sql.DB, owner string, now time.Time) ([]Message, error) {
	rows, err := db.QueryContext(ctx, `
		UPDATE outbox SET owner = ?, until = ?, attempts = attempts + 1
		WHERE id IN (SELECT id FROM outbox WHERE sent = 0 AND attempts < ? AND until < ? ORDER BY id LIMIT ?)
		RETURNING id, rcpt, subject, body`,
		owner, store.Millis(now.Add(lease)), maxAttempts, store.Millis(now), maxBatch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var batch []Message
	for rows.Next() {
		var m Message
		if err := rows.Scan(&m.ID, &m.To, &m.Subject, &m.Body); err != nil {
			return nil, err
		}
		batch = append(batch, m)
	}
	return batch, rows.Err()
}

// waiting tells whether there is something to claim. It only reads: an idle
// worker takes no write lock.
func waiting(ctx context.Context, db *sql.DB, now time.Time) (bool, error) {
	var found bool
	err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM outbox WHERE sent = 0 AND attempts < ? AND until < ?)`,
		maxAttempts, store.Millis(now)).Scan(&found)
	return found, err
}

func markSent(ctx context.Context, db *sql.DB, id int64, owner string, now time.Time) error {
	_, err := db.ExecContext(ctx, `UPDATE outbox SET sent = ?, error = '' WHERE id = ? AND owner = ?`,
		store.Millis(now), id, owner)
	return err
}

// markFailed lets the mail rest, twice as long after each attempt.
func markFailed(ctx context.Context, db *sql.DB, id int64, owner string, now time.Time, cause error) error {
	_, err := db.ExecContext(ctx, `
		UPDATE outbox SET until = ? + (? << attempts), error = ? WHERE id = ? AND owner = ?`,
		store.Millis(now), firstWait.Milliseconds(), cause.Error(), id, owner)
	return err
}

// release gives back what was claimed and not begun.
func release(ctx context.Context, db *sql.DB, id int64, owner string) error {
	_, err := db.ExecContext(ctx, `
		UPDATE outbox SET owner = '', until = 0, attempts = attempts - 1 WHERE id = ? AND owner = ?`, id, owner)
	return err
}
