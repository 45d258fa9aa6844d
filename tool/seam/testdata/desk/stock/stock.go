// Package stock counts things.
package stock

import (
	"context"
	"database/sql"
	"errors"
)

// ErrNone means that nothing is left.
var ErrNone = errors.New("none left")

// Keeper counts.
type Keeper struct{ db *sql.DB }

// New makes a keeper.
func New(db *sql.DB) *Keeper { return &Keeper{db: db} }

// Take takes n of sku.
func (k *Keeper) Take(ctx context.Context, tx *sql.Tx, sku string, n int) error {
	res, err := tx.ExecContext(ctx, "UPDATE stock SET count = count - ? WHERE sku = ? AND count >= ?", n, sku, n)
	if err != nil {
		return err
	}
	if rows, _ := res.RowsAffected(); rows == 0 {
		return ErrNone
	}
	return nil
}

// Left counts what is left.
func (k *Keeper) Left(ctx context.Context, sku string) (n int, err error) {
	err = k.db.QueryRowContext(ctx, "SELECT count FROM stock WHERE sku = ?", sku).Scan(&n)
	return n, err
}
