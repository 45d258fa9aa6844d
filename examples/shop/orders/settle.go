package orders

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hemilith/hemilith/examples/shop/pay"
	"github.com/hemilith/hemilith/examples/shop/stock"
	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// maxSettle bounds the orders settled in one look.
const maxSettle = 100

// settle charges an order that is still pending. The provider knows the charge
// by the order, so whoever settles the same order a second time only learns
// what the first did.
func (d *Desk) settle(ctx context.Context, number int64) (Order, error) {
	o, err := d.load(ctx, number)
	if err != nil {
		return Order{}, fmt.Errorf("settle %d: %w", number, err)
	}
	switch o.State {
	case Declined:
		return Order{}, d.declined(o)
	case Pending:
		return d.charge(ctx, o)
	default:
		return o, nil
	}
}

func (d *Desk) declined(o Order) error {
	reason := ""
	for _, e := range o.History {
		if e.State == Declined {
			reason = e.Note
		}
	}
	return &DeclinedError{Number: o.Number, Reason: reason}
}

func (d *Desk) charge(ctx context.Context, o Order) (Order, error) {
	ref, err := d.Pay.Charge(ctx, d.payKey("charge", o), o.card, o.Total)
	if no, ok := errors.AsType[*pay.DeclinedError](err); ok {
		if err := d.decline(ctx, o, no.Reason); err != nil {
			return Order{}, fmt.Errorf("decline %d: %w", o.Number, err)
		}
		return Order{}, &DeclinedError{Number: o.Number, Reason: no.Reason}
	}
	if err != nil {
		// Unknown: the order is whole and stays; the customer need not pay twice.
		d.Log.Warn("orders: payment still open", "order", o.Number, "err", err)
		return o, nil
	}
	err = store.Tx(ctx, d.DB, func(tx *sql.Tx) error {
		moved, err := d.move(ctx, tx, o.Number, Pending, Paid, "payment received")
		if err != nil || !moved {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE orders SET charge = ? WHERE number = ?`, ref, o.Number); err != nil {
			return err
		}
		return d.mail(ctx, tx, o, "confirmed", "thank you for your order. We have received your payment.")
	})
	if err != nil {
		return Order{}, fmt.Errorf("confirm %d: %w", o.Number, err)
	}
	return d.load(ctx, o.Number)
}

// payKey is the same for every attempt at one order, and differs between the
// orders of two databases with overwhelming likelihood.
func (d *Desk) payKey(what string, o Order) string {
	return fmt.Sprintf("%s-%d-%d-%d", what, o.Number, o.User, o.Created.UnixMilli())
}

func (d *Desk) decline(ctx context.Context, o Order, reason string) error {
	return store.Tx(ctx, d.DB, func(tx *sql.Tx) error {
		moved, err := d.move(ctx, tx, o.Number, Pending, Declined, reason)
		if err != nil || !moved {
			return err
		}
		return giveBack(ctx, tx, o)
	})
}

// move changes the state, unless someone else has done so before.
func (d *Desk) move(ctx context.Context, tx *sql.Tx, number int64, from, to State, note string) (bool, error) {
	result, err := tx.ExecContext(ctx, `UPDATE orders SET state = ? WHERE number = ? AND state = ?`,
		string(to), number, string(from))
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, d.event(ctx, tx, number, to, note)
}

// giveBack returns goods and voucher of an order that will not be sent.
func giveBack(ctx context.Context, tx *sql.Tx, o Order) error {
	for _, i := range o.Items {
		if err := stock.Return(ctx, tx, i.SKU, i.Count); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE vouchers SET uses_left = uses_left + 1 WHERE code = ?`, o.Voucher)
	return err
}

// Cancel implements [API].
func (d *Desk) Cancel(ctx context.Context, who Viewer, number int64, reason string) (Order, error) {
	if !util.Fits(reason, 0, 200) {
		return Order{}, &InputError{"reason", "must have at most 200 characters"}
	}
	o, err := d.Get(ctx, who, number)
	if err != nil {
		return Order{}, err
	}
	if o.State == Pending {
		if o, err = d.charge(ctx, o); err != nil {
			return Order{}, err
		}
	}
	switch o.State {
	case Cancelled:
		return d.refund(ctx, o)
	case Pending:
		return Order{}, fmt.Errorf("cancel %d: %w", number, ErrPending)
	case Paid:
	default:
		return Order{}, &StateError{Number: number, State: o.State}
	}
	err = store.Tx(ctx, d.DB, func(tx *sql.Tx) error {
		moved, err := d.move(ctx, tx, number, Paid, Cancelled, util.Clean(reason))
		if err != nil || !moved {
			return err
		}
		if err := giveBack(ctx, tx, o); err != nil {
			return err
		}
		return d.mail(ctx, tx, o, "cancelled", "your order is cancelled. We return what you have paid.")
	})
	if err != nil {
		return Order{}, fmt.Errorf("cancel %d: %w", number, err)
	}
	if o, err = d.load(ctx, number); err != nil {
		return Order{}, fmt.Errorf("cancel %d: %w", number, err)
	}
	if o.State != Cancelled { // shipped meanwhile
		return Order{}, &StateError{Number: number, State: o.State}
	}
	return d.refund(ctx, o)
}

// refund returns the money of a cancelled order. If the provider does not
// answer, the order stays cancelled and the next look tries again.
func (d *Desk) refund(ctx context.Context, o Order) (Order, error) {
	if !o.Charged() {
		return o, nil
	}
	ref, err := d.Pay.Refund(ctx, d.payKey("refund", o), o.charge, o.Total)
	if err != nil {
		d.Log.Warn("orders: refund still open", "order", o.Number, "err", err)
		return o, nil
	}
	if _, err := d.DB.ExecContext(ctx, `UPDATE orders SET refund = ? WHERE number = ?`, ref, o.Number); err != nil {
		return Order{}, fmt.Errorf("refund %d: %w", o.Number, err)
	}
	o.refund = ref
	return o, nil
}

// Advance implements [API].
func (d *Desk) Advance(ctx context.Context, who Viewer, number int64) (Order, error) {
	o, err := d.Get(ctx, who, number)
	if err != nil {
		return Order{}, err
	}
	if !who.Staff {
		return Order{}, ErrNotFound
	}
	moved := false
	err = store.Tx(ctx, d.DB, func(tx *sql.Tx) error {
		var err error
		moved, err = d.move(ctx, tx, number, Paid, Shipped, "handed to the carrier")
		if err != nil || !moved {
			return err
		}
		return d.mail(ctx, tx, o, "is on its way", "your order is on its way.")
	})
	if err != nil {
		return Order{}, fmt.Errorf("advance %d: %w", number, err)
	}
	if o, err = d.load(ctx, number); err != nil {
		return Order{}, fmt.Errorf("advance %d: %w", number, err)
	}
	if !moved {
		return Order{}, &StateError{Number: number, State: o.State}
	}
	return o, nil
}

// keep settles at the start and then at every tick.
func (d *Desk) keep(ctx context.Context) {
	tick := time.NewTicker(d.Every)
	defer tick.Stop()
	// An order that a caller is paying for right now is left to the caller: only
	// what was open at the look before is settled. At the start that is all.
	upTo, err := d.newest(ctx)
	for {
		if err == nil {
			err = d.Settle(ctx, upTo)
		}
		if err != nil && ctx.Err() == nil {
			d.Log.Warn("orders: cannot settle open payments", "err", err)
		}
		upTo, err = d.newest(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (d *Desk) newest(ctx context.Context) (int64, error) {
	var number int64
	err := d.DB.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM orders`).Scan(&number)
	return number, err
}

// Settle charges pending orders and refunds cancelled ones, up to the order of
// the given number, as far as the payment provider answers.
func (d *Desk) Settle(ctx context.Context, upTo int64) error {
	numbers, err := d.open(ctx, upTo)
	if err != nil {
		return err
	}
	for _, number := range numbers {
		o, err := d.settle(ctx, number)
		if _, no := errors.AsType[*DeclinedError](err); no {
			continue
		}
		if err == nil && o.State == Cancelled {
			_, err = d.refund(ctx, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) open(ctx context.Context, upTo int64) ([]int64, error) {
	rows, err := d.DB.QueryContext(ctx, `
		SELECT number FROM orders WHERE number <= ? AND (state = ? OR (state = ? AND charge <> '' AND refund = ''))
		ORDER BY number LIMIT ?`, upTo, string(Pending), string(Cancelled), maxSettle)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var numbers []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, rows.Err()
}
