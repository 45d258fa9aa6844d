// Package basket keeps what customers have picked but not yet ordered.
package basket

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hemilith/hemilith/examples/shop/pricing"
	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// Bounds of one basket.
const (
	MaxLines = 50
	MaxCount = 99
)

// Errors that callers may test for.
var (
	ErrNoItem = errors.New("no such item")
	ErrCount  = fmt.Errorf("count must be from 0 to %d", MaxCount)
	ErrFull   = fmt.Errorf("a basket holds at most %d different items", MaxLines)
)

// Line is an item in a basket, with what it costs today.
type Line struct {
	SKU   string
	Name  string
	Count int
	Each  util.Cents
	Sum   util.Cents
	grams int
}

// Basket is the content of one basket at one time.
type Basket struct {
	ID      string
	Version int64 // grows with each change
	Lines   []Line
}

// Key names this content of this basket: an order that is placed with it is
// placed once, however often the form is sent.
func (b Basket) Key() string { return fmt.Sprintf("%s-%d", b.ID, b.Version) }

// Pieces counts all things in the basket.
func (b Basket) Pieces() int {
	n := 0
	for _, l := range b.Lines {
		n += l.Count
	}
	return n
}

// Quote prices the basket for a country, without a voucher.
func (b Basket) Quote(country string) pricing.Quote {
	q := pricing.Quote{Country: country}
	for _, l := range b.Lines {
		q.Lines = append(q.Lines, pricing.Line{SKU: l.SKU, Count: l.Count, Each: l.Each, Grams: l.grams})
	}
	pricing.Fill(&q)
	return q
}

// Baskets are all baskets. It is safe for concurrent use.
type Baskets struct {
	db  *sql.DB
	now func() time.Time
}

// New returns the baskets in db.
func New(db *sql.DB, now func() time.Time) *Baskets { return &Baskets{db: db, now: now} }

// OfUser is the ID of a customer's basket.
func OfUser(id int64) string { return fmt.Sprintf("u%d", id) }

// OfGuest is the ID of the basket of someone not logged in.
func OfGuest(token string) string { return "g" + token }

// Get returns a basket; one that nobody has used is empty.
func (s *Baskets) Get(ctx context.Context, id string) (Basket, error) {
	b := Basket{ID: id, Lines: []Line{}}
	rows, err := s.db.QueryContext(ctx, `
		SELECT b.version, l.sku, i.name, l.count, i.price, i.grams
		FROM baskets b LEFT JOIN (basket_lines l JOIN items i ON i.sku = l.sku AND i.retired = 0) ON l.basket_id = b.id
		WHERE b.id = ? ORDER BY i.name COLLATE NOCASE, l.sku`, id)
	if err != nil {
		return b, fmt.Errorf("basket: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var sku, name sql.NullString
		var count, price, grams sql.NullInt64
		if err := rows.Scan(&b.Version, &sku, &name, &count, &price, &grams); err != nil {
			return b, fmt.Errorf("basket: %w", err)
		}
		if sku.Valid {
			l := Line{SKU: sku.String, Name: name.String, Count: int(count.Int64), Each: util.Cents(price.Int64), grams: int(grams.Int64)}
			l.Sum = l.Each * util.Cents(l.Count)
			b.Lines = append(b.Lines, l)
		}
	}
	return b, rows.Err()
}

// Add puts count more pieces in, up to MaxCount.
func (s *Baskets) Add(ctx context.Context, id, sku string, count int) error {
	if count < 1 || count > MaxCount {
		return ErrCount
	}
	return s.change(ctx, id, func(tx *sql.Tx) error { return add(ctx, tx, id, sku, count) })
}

func add(ctx context.Context, tx *sql.Tx, id, sku string, count int) error {
	if err := sellable(ctx, tx, id, sku); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO basket_lines (basket_id, sku, count) VALUES (?, ?, ?)
		ON CONFLICT (basket_id, sku) DO UPDATE SET count = min(count + excluded.count, ?)`, id, sku, count, MaxCount)
	return err
}

// Set makes it count pieces; 0 takes the item out.
func (s *Baskets) Set(ctx context.Context, id, sku string, count int) error {
	if count < 0 || count > MaxCount {
		return ErrCount
	}
	return s.change(ctx, id, func(tx *sql.Tx) error {
		if count == 0 {
			_, err := tx.ExecContext(ctx, `DELETE FROM basket_lines WHERE basket_id = ? AND sku = ?`, id, sku)
			return err
		}
		if err := sellable(ctx, tx, id, sku); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO basket_lines (basket_id, sku, count) VALUES (?, ?, ?)
			ON CONFLICT (basket_id, sku) DO UPDATE SET count = excluded.count`, id, sku, count)
		return err
	})
}

func sellable(ctx context.Context, tx *sql.Tx, id, sku string) error {
	var found bool
	var others int
	err := tx.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM items WHERE sku = ? AND retired = 0),
			(SELECT count(*) FROM basket_lines WHERE basket_id = ? AND sku <> ?)`, sku, id, sku).Scan(&found, &others)
	switch {
	case err != nil:
		return err
	case !found:
		return ErrNoItem
	case others >= MaxLines:
		return ErrFull
	}
	return nil
}

// change runs do and raises the version, in one transaction.
func (s *Baskets) change(ctx context.Context, id string, do func(*sql.Tx) error) error {
	err := store.Tx(ctx, s.db, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO baskets (id, version, updated) VALUES (?, 1, ?)
			ON CONFLICT (id) DO UPDATE SET version = version + 1, updated = excluded.updated`, id, store.Millis(s.now()))
		if err != nil {
			return err
		}
		return do(tx)
	})
	if err != nil {
		return fmt.Errorf("basket: %w", err)
	}
	return nil
}

// Touch makes a new key for the same content, for another try with another card.
func (s *Baskets) Touch(ctx context.Context, id string) error {
	return s.change(ctx, id, func(*sql.Tx) error { return nil })
}

// Clear empties a basket, unless it has changed since the given version.
func (s *Baskets) Clear(ctx context.Context, id string, version int64) error {
	err := store.Tx(ctx, s.db, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE baskets SET version = version + 1 WHERE id = ? AND version = ?`, id, version)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM basket_lines WHERE basket_id = ?`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("clear basket: %w", err)
	}
	return nil
}

// Merge pours a guest's basket into a customer's, after a login.
func (s *Baskets) Merge(ctx context.Context, from, into string) error {
	b, err := s.Get(ctx, from)
	if err != nil || len(b.Lines) == 0 {
		return err
	}
	return s.change(ctx, into, func(tx *sql.Tx) error {
		for _, l := range b.Lines {
			if err := add(ctx, tx, into, l.SKU, l.Count); err != nil && !errors.Is(err, ErrFull) {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM baskets WHERE id = ?`, from)
		return err
	})
}
