package orders

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hemilith/hemilith/examples/shop/mail"
	"github.com/hemilith/hemilith/examples/shop/pricing"
	"github.com/hemilith/hemilith/examples/shop/stock"
	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// Payer charges cards; *pay.Client is one.
type Payer interface {
	Charge(ctx context.Context, key, card string, amount util.Cents) (string, error)
	Refund(ctx context.Context, key, charge string, amount util.Cents) (string, error)
}

// Deps is what a [Desk] needs.
type Deps struct {
	DB    *sql.DB
	Pay   Payer
	Log   *slog.Logger     // nil is silent
	Now   func() time.Time // nil is time.Now
	Every time.Duration    // between looks for open payments; 0 means never
}

// Desk is the [API] over a database and a payment provider. A crash at any
// point leaves no order or a whole one; open payments are settled by a repeat
// of the call, by the next start, or by the next look.
type Desk struct {
	Deps
	stop context.CancelFunc
	done sync.WaitGroup
}

var _ API = (*Desk)(nil)

// New returns a desk. If d.Every is set, it begins at once to settle what an
// earlier run left open; Close ends that.
func New(d Deps) (*Desk, error) {
	if d.DB == nil || d.Pay == nil {
		return nil, errors.New("orders: a desk needs a database and a payment provider")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	ctx, stop := context.WithCancel(context.Background())
	desk := &Desk{Deps: d, stop: stop}
	if d.Every > 0 {
		desk.done.Go(func() { desk.keep(ctx) })
	}
	return desk, nil
}

// Close stops settling and waits for it.
func (d *Desk) Close() error {
	d.stop()
	d.done.Wait()
	return nil
}

// Place implements [API].
func (d *Desk) Place(ctx context.Context, req Request) (Order, error) {
	if err := req.check(); err != nil {
		return Order{}, err
	}
	var number int64
	err := store.Tx(ctx, d.DB, func(tx *sql.Tx) error {
		var err error
		if number, err = known(ctx, tx, req); number != 0 || err != nil {
			return err
		}
		number, err = d.book(ctx, tx, req)
		return err
	})
	if err != nil {
		return Order{}, fmt.Errorf("place: %w", err)
	}
	return d.settle(ctx, number)
}

// known returns the number of the order that the key has made, or 0.
func known(ctx context.Context, tx *sql.Tx, req Request) (int64, error) {
	var number int64
	var print string
	err := tx.QueryRowContext(ctx, `SELECT number, print FROM orders WHERE user_id = ? AND key = ?`,
		req.User, req.Key).Scan(&number, &print)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, err
	case len(req.Lines) > 0 && print != req.print():
		return 0, ErrKeyReused
	}
	return number, nil
}

// book writes the order, takes its goods off the shelf and uses its voucher,
// all in one transaction.
func (d *Desk) book(ctx context.Context, tx *sql.Tx, req Request) (int64, error) {
	if len(req.Lines) == 0 {
		return 0, ErrEmptyBasket
	}
	quote := pricing.Quote{Country: req.Ship.Country}
	names := make([]string, 0, len(req.Lines))
	for _, l := range req.Lines {
		name, line, err := offer(ctx, tx, l)
		if err != nil {
			return 0, err
		}
		if err := take(ctx, tx, l); err != nil {
			return 0, err
		}
		quote.Lines = append(quote.Lines, line)
		names = append(names, name)
	}
	if err := redeem(ctx, tx, req.Voucher, &quote); err != nil {
		return 0, err
	}
	number, err := insert(ctx, tx, req, quote, d.Now())
	if err != nil {
		return 0, err
	}
	for i, l := range quote.Lines {
		_, err := tx.ExecContext(ctx, `INSERT INTO order_lines (number, pos, sku, name, count, each) VALUES (?, ?, ?, ?, ?, ?)`,
			number, i, l.SKU, names[i], l.Count, int64(l.Each))
		if err != nil {
			return 0, err
		}
	}
	return number, d.event(ctx, tx, number, Pending, "order received")
}

// offer reads what the item costs today.
func offer(ctx context.Context, tx *sql.Tx, l Line) (string, pricing.Line, error) {
	line := pricing.Line{SKU: l.SKU, Count: l.Count}
	var name string
	err := tx.QueryRowContext(ctx, `SELECT name, price, grams FROM items WHERE sku = ? AND retired = 0`, l.SKU).
		Scan(&name, &line.Each, &line.Grams)
	if errors.Is(err, sql.ErrNoRows) {
		return "", line, &InputError{Field: "sku", Problem: util.Short(l.SKU, 40) + " is not for sale"}
	}
	return name, line, err
}

func take(ctx context.Context, tx *sql.Tx, l Line) error {
	err := stock.Take(ctx, tx, l.SKU, l.Count)
	if short, ok := errors.AsType[*stock.ShortError](err); ok {
		return &OutOfStockError{SKU: short.SKU, Want: short.Want, Have: short.Have}
	}
	return err
}

// redeem prices the quote, with the voucher if there is one.
func redeem(ctx context.Context, tx *sql.Tx, code string, q *pricing.Quote) error {
	pricing.Fill(q)
	if code == "" {
		return nil
	}
	v := pricing.Voucher{}
	err := tx.QueryRowContext(ctx, `
		UPDATE vouchers SET uses_left = uses_left - 1 WHERE code = ? AND uses_left > 0 AND least <= ?
		RETURNING code, percent, least`, code, int64(q.Goods)).Scan(&v.Code, &v.Percent, &v.Least)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrVoucher
	}
	if err != nil {
		return err
	}
	q.Voucher = &v
	pricing.Fill(q)
	return nil
}

func insert(ctx context.Context, tx *sql.Tx, req Request, q pricing.Quote, now time.Time) (int64, error) {
	voucher := ""
	if q.Voucher != nil {
		voucher = q.Voucher.Code
	}
	result, err := tx.ExecContext(ctx, `
		INSERT INTO orders (user_id, email, key, print, state, goods, discount, shipping, total, voucher,
			name, street, zip, city, country, card, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		req.User, req.Email, req.Key, req.print(), string(Pending),
		int64(q.Goods), int64(q.Discount), int64(q.Shipping), int64(q.Total), voucher,
		req.Ship.Name, req.Ship.Street, req.Ship.Zip, req.Ship.City, req.Ship.Country, req.Card, store.Millis(now))
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

func (d *Desk) event(ctx context.Context, tx *sql.Tx, number int64, s State, note string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO order_events (number, at, state, note) VALUES (?, ?, ?, ?)`,
		number, store.Millis(d.Now()), string(s), note)
	return err
}

// mail tells the customer, in the transaction of what is told.
func (d *Desk) mail(ctx context.Context, tx *sql.Tx, o Order, subject, body string) error {
	return mail.Enqueue(ctx, tx, mail.Message{
		To:      o.Email,
		Subject: fmt.Sprintf("Order %d %s", o.Number, subject),
		Body:    fmt.Sprintf("Hello %s,\n\n%s\n\n%s", o.Ship.Name, body, receipt(o)),
	}, d.Now())
}

// print identifies the content of a request, so that a key cannot be used for
// two different orders.
func (r Request) print() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%v %#v %q", r.Lines, r.Ship, r.Voucher))
	return hex.EncodeToString(sum[:])
}

func (r Request) check() error {
	switch {
	case r.User <= 0:
		return &InputError{"user", "is missing"}
	case !util.Fits(r.Key, 1, maxKey):
		return &InputError{"key", fmt.Sprintf("must have 1 to %d characters", maxKey)}
	case len(r.Lines) == 0:
		return nil // a question for what the key has made
	case len(r.Lines) > MaxLines:
		return &InputError{"lines", fmt.Sprintf("must be at most %d", MaxLines)}
	case r.Card == "":
		return &InputError{"card", "is missing"}
	case r.Email == "":
		return &InputError{"email", "is missing"}
	}
	for _, l := range r.Lines {
		if l.Count < 1 || l.Count > MaxCount {
			return &InputError{"count", fmt.Sprintf("must be from 1 to %d", MaxCount)}
		}
	}
	return r.Ship.check()
}

func (a Address) check() error {
	fields := []struct{ name, value string }{
		{"name", a.Name}, {"street", a.Street}, {"zip", a.Zip}, {"city", a.City},
	}
	for _, f := range fields {
		if !util.Fits(f.value, 1, 100) {
			return &InputError{f.name, "must have 1 to 100 characters"}
		}
	}
	if len(a.Country) != 2 {
		return &InputError{"country", "must be two letters, such as DE"}
	}
	return nil
}
