package right

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"time"
)

// Count is mutable package state.
var Count int

type Right struct{ db *sql.DB }

func New(db *sql.DB) *Right { return &Right{db} }

func (r *Right) Serve(w http.ResponseWriter, q *http.Request) { r.touch() }

func (r *Right) Sweep() {
	for {
		time.Sleep(time.Second)
		r.touch()
	}
}

func (r *Right) touch() { _, _ = r.db.Exec("DELETE FROM accounts WHERE n = 0") }

func (r *Right) Plain(ctx context.Context, n int) error { r.touch(); return nil }

func (r *Right) Deep(ctx context.Context) error { r.touch(); return nil }

func (r *Right) Bare(s string) { r.touch() }

func (r *Right) Stream(ctx context.Context, in io.Reader) error { r.touch(); return nil }

func (r *Right) Any(ctx context.Context, v any) error { r.touch(); return nil }

func (r *Right) Rows(ctx context.Context, rows *sql.Rows) error { r.touch(); return nil }

func (r *Right) Reply(w http.ResponseWriter) { r.touch() }

func Generic[T any](r *Right, v T) error { r.touch(); return nil }
