// Package api takes orders.
package api

import (
	"context"
	"database/sql"
	"errors"

	"example.com/desk/mail"
	"example.com/desk/stock"
	"example.com/desk/text"
)

// ErrUnknown means that there is no such order.
var ErrUnknown = errors.New("unknown order")

// Request is what a user wants.
type Request struct {
	User, SKU string
	Count     int
}

// Order is what a user gets.
type Order struct{ ID, SKU string }

// Orders is the boundary.
type Orders interface {
	Place(ctx context.Context, r Request) (Order, error)
	Find(ctx context.Context, id string) (Order, error)
}

// Desk takes orders.
type Desk struct {
	db    *sql.DB
	stock *stock.Keeper
	mail  *mail.Box
}

// New makes a desk.
func New(db *sql.DB, keep *stock.Keeper, box *mail.Box) *Desk {
	return &Desk{db: db, stock: keep, mail: box}
}

// Place takes an order in one transaction with the stock.
func (d *Desk) Place(ctx context.Context, r Request) (Order, error) {
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return Order{}, err
	}
	defer tx.Rollback()
	if err := d.stock.Take(ctx, tx, r.SKU, r.Count); err != nil {
		return Order{}, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO orders (sku, user) VALUES (?, ?)`, text.Clean(r.SKU), r.User); err != nil {
		return Order{}, err
	}
	if err := tx.Commit(); err != nil {
		return Order{}, err
	}
	d.mail.Put(ctx, r.User, "thanks")
	return Order{SKU: r.SKU}, nil
}

// Find finds an order.
func (d *Desk) Find(ctx context.Context, id string) (Order, error) {
	var o Order
	err := d.db.QueryRowContext(ctx, "SELECT id, sku FROM orders WHERE id = ?", id).Scan(&o.ID, &o.SKU)
	if errors.Is(err, sql.ErrNoRows) {
		return o, ErrUnknown
	}
	return o, err
}
