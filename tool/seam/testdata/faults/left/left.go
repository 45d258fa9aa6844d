package left

import (
	"context"
	"database/sql"
	"io"
	"net/http"

	"example.com/faults/right"
)

type Left struct {
	db *sql.DB
	r  *right.Right
}

func New(db *sql.DB, r *right.Right) *Left { return &Left{db, r} }

func (l *Left) Serve(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	right.Count++                  // a variable
	_ = l.r.Plain(ctx, 1)          // M0
	l.r.Bare("x")                  // M1: no context, no error
	_ = l.r.Stream(ctx, r.Body)    // M2
	_ = l.r.Any(ctx, 1)            // M2
	_ = l.r.Rows(ctx, nil)         // B: a database handle
	l.r.Reply(w)                   // B: an http type
	_ = right.Generic[int](l.r, 1) // B: generic
	_, _ = l.db.Exec("UPDATE accounts SET n = 1")
	_ = l.inTx(ctx)
}

func (l *Left) inTx(ctx context.Context) error {
	tx, err := l.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := l.r.Plain(ctx, 2); err != nil { // in a transaction
		return err
	}
	l.below(ctx)
	return tx.Commit()
}

func (l *Left) below(ctx context.Context) { _ = l.r.Deep(ctx) }

var _ io.Reader
