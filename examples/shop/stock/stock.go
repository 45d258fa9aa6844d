// Package stock counts what lies on the shelves. Its functions work inside the
// transaction of their caller.
package stock

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Querier is what a *sql.DB and a *sql.Tx have in common.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Level is how many of one item are there.
type Level struct {
	SKU  string
	Have int
}

// ErrUnknown says that no item has the SKU.
var ErrUnknown = errors.New("no such item in stock")

// ShortError says that fewer are there than wanted.
type ShortError struct {
	SKU        string
	Want, Have int
}

// Error says what is short.
func (e *ShortError) Error() string {
	return fmt.Sprintf("%s: want %d, have %d", e.SKU, e.Want, e.Have)
}

// Take removes count of sku, or returns a *[ShortError].
func Take(ctx context.Context, q Querier, sku string, count int) error {
	var have int
	err := q.QueryRowContext(ctx, `SELECT have FROM stock WHERE sku = ?`, sku).Scan(&have)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", sku, ErrUnknown)
	}
	if err != nil {
		return err
	}
	if have < count {
		return &ShortError{SKU: sku, Want: count, Have: have}
	}
	_, err = q.ExecContext(ctx, `UPDATE stock SET have = have - ? WHERE sku = ?`, count, sku)
	return err
}

// Return puts back what [Take] removed.
func Return(ctx context.Context, q Querier, sku string, count int) error {
	_, err := q.ExecContext(ctx, `UPDATE stock SET have = have + ? WHERE sku = ?`, count, sku)
	return err
}

// Set writes how many there are after someone counted them.
func Set(ctx context.Context, q Querier, sku string, have int) error {
	result, err := q.ExecContext(ctx, `UPDATE stock SET have = ? WHERE sku = ?`, have, sku)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%s: %w", sku, ErrUnknown))
	}
	return nil
}

// Of returns the level of each SKU that exists.
func Of(ctx context.Context, q Querier, skus []string) (map[string]int, error) {
	levels := make(map[string]int, len(skus))
	if len(skus) == 0 {
		return levels, nil
	}
	args := make([]any, len(skus))
	for i, sku := range skus {
		args[i] = sku
	}
	query := `SELECT sku, have FROM stock WHERE sku IN (?` + strings.Repeat(", ?", len(skus)-1) + `)`
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l Level
		if err := rows.Scan(&l.SKU, &l.Have); err != nil {
			return nil, err
		}
		levels[l.SKU] = l.Have
	}
	return levels, rows.Err()
}

// Below returns up to most items of which at most limit are left, scarcest
// first. Retired items do not count.
func Below(ctx context.Context, q Querier, limit, most int) ([]Level, error) {
	rows, err := q.QueryContext(ctx, `
		SELECT s.sku, s.have FROM stock s JOIN items i ON i.sku = s.sku
		WHERE s.have <= ? AND i.retired = 0 ORDER BY s.have, s.sku LIMIT ?`, limit, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	levels := []Level{}
	for rows.Next() {
		var l Level
		if err := rows.Scan(&l.SKU, &l.Have); err != nil {
			return nil, err
		}
		levels = append(levels, l)
	}
	return levels, rows.Err()
}
