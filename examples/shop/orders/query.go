package orders

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hemilith/hemilith/examples/shop/stock"
	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

const columns = `number, user_id, email, state, goods, discount, shipping, total, voucher,
	name, street, zip, city, country, card, charge, refund, created`

func scan(row interface{ Scan(...any) error }) (Order, error) {
	var o Order
	var created int64
	err := row.Scan(&o.Number, &o.User, &o.Email, &o.State, &o.Goods, &o.Discount, &o.Shipping, &o.Total, &o.Voucher,
		&o.Ship.Name, &o.Ship.Street, &o.Ship.Zip, &o.Ship.City, &o.Ship.Country, &o.card, &o.charge, &o.refund, &created)
	o.Created = store.Time(created)
	return o, err
}

// load reads an order with its items and history.
func (d *Desk) load(ctx context.Context, number int64) (Order, error) {
	o, err := scan(d.DB.QueryRowContext(ctx, `SELECT `+columns+` FROM orders WHERE number = ?`, number))
	if errors.Is(err, sql.ErrNoRows) {
		return Order{}, ErrNotFound
	}
	if err != nil {
		return Order{}, err
	}
	one := []Order{o}
	if err := d.items(ctx, one); err != nil {
		return Order{}, err
	}
	if err := d.history(ctx, &one[0]); err != nil {
		return Order{}, err
	}
	return one[0], nil
}

// items fills in the items of all orders with one query.
func (d *Desk) items(ctx context.Context, list []Order) error {
	if len(list) == 0 {
		return nil
	}
	at := make(map[int64]*Order, len(list))
	args := make([]any, len(list))
	for i := range list {
		at[list[i].Number] = &list[i]
		args[i] = list[i].Number
	}
	rows, err := d.DB.QueryContext(ctx, `SELECT number, sku, name, count, each FROM order_lines
		WHERE number IN (?`+strings.Repeat(", ?", len(list)-1)+`) ORDER BY number, pos`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var i Item
		if err := rows.Scan(&number, &i.SKU, &i.Name, &i.Count, &i.Each); err != nil {
			return err
		}
		at[number].Items = append(at[number].Items, i)
	}
	return rows.Err()
}

func (d *Desk) history(ctx context.Context, o *Order) error {
	rows, err := d.DB.QueryContext(ctx, `SELECT at, state, note FROM order_events WHERE number = ? ORDER BY id`, o.Number)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&at, &e.State, &e.Note); err != nil {
			return err
		}
		e.At = store.Time(at)
		o.History = append(o.History, e)
		if e.State == Shipped || e.State == Declined || e.State == Cancelled {
			o.Closed = &e.At
		}
	}
	return rows.Err()
}

// Get implements [API].
func (d *Desk) Get(ctx context.Context, who Viewer, number int64) (Order, error) {
	o, err := d.load(ctx, number)
	if err == nil && !who.Staff && o.User != who.User {
		err = ErrNotFound // whether it exists is none of their business
	}
	if err != nil {
		return Order{}, fmt.Errorf("order %d: %w", number, err)
	}
	return o, nil
}

// List implements [API].
func (d *Desk) List(ctx context.Context, who Viewer, f Filter) (*Page, error) {
	if f.Limit <= 0 || f.Limit > MaxPage {
		f.Limit = MaxPage
	}
	where, args := []string{"1"}, []any{}
	if !who.Staff {
		where, args = append(where, "user_id = ?"), append(args, who.User)
	}
	if f.State != "" {
		where, args = append(where, "state = ?"), append(args, string(f.State))
	}
	if f.After > 0 {
		where, args = append(where, "number < ?"), append(args, f.After)
	}
	rows, err := d.DB.QueryContext(ctx, `SELECT `+columns+` FROM orders WHERE `+strings.Join(where, " AND ")+
		` ORDER BY number DESC LIMIT ?`, append(args, f.Limit+1)...)
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	defer rows.Close()
	page := &Page{Orders: []Order{}}
	for rows.Next() {
		o, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("list orders: %w", err)
		}
		page.Orders = append(page.Orders, o)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	if len(page.Orders) > f.Limit { // one more was asked for, to know that it is there
		page.Orders = page.Orders[:f.Limit]
		page.Next = page.Orders[f.Limit-1].Number
	}
	return page, d.items(ctx, page.Orders)
}

// Receipt implements [API].
func (d *Desk) Receipt(ctx context.Context, who Viewer, number int64) ([]byte, error) {
	o, err := d.Get(ctx, who, number)
	if err != nil {
		return nil, err
	}
	return receipt(o), nil
}

func receipt(o Order) []byte {
	var b []byte
	b = fmt.Appendf(b, "Order %d of %s\n\n", o.Number, o.Created.Format("2 January 2006"))
	for _, i := range o.Items {
		b = fmt.Appendf(b, "%3d x %-40s %10s\n", i.Count, util.Short(i.Name, 40), i.Sum())
	}
	b = fmt.Appendf(b, "\n%-46s %10s\n", "Goods", o.Goods)
	if o.Discount > 0 {
		b = fmt.Appendf(b, "%-46s %10s\n", "Voucher "+o.Voucher, -o.Discount)
	}
	b = fmt.Appendf(b, "%-46s %10s\n", "Shipping", o.Shipping)
	b = fmt.Appendf(b, "%-46s %10s EUR\n\n", "Total", o.Total)
	b = fmt.Appendf(b, "To: %s, %s, %s %s, %s\n", o.Ship.Name, o.Ship.Street, o.Ship.Zip, o.Ship.City, o.Ship.Country)
	return b
}

// Levels implements [API].
func (d *Desk) Levels(ctx context.Context, skus []string) (map[string]int, error) {
	if len(skus) > MaxSKUs {
		return nil, &InputError{"skus", fmt.Sprintf("must be at most %d", MaxSKUs)}
	}
	levels, err := stock.Of(ctx, d.DB, skus)
	if err != nil {
		return nil, fmt.Errorf("levels: %w", err)
	}
	return levels, nil
}

// LowStock implements [API].
func (d *Desk) LowStock(ctx context.Context, limit int) ([]Level, error) {
	const maxLow = 100
	below, err := stock.Below(ctx, d.DB, limit, maxLow)
	if err != nil {
		return nil, fmt.Errorf("low stock: %w", err)
	}
	levels := make([]Level, len(below))
	for i, l := range below {
		levels[i] = Level(l)
	}
	return levels, nil
}

// SetStock implements [API].
func (d *Desk) SetStock(ctx context.Context, sku string, have int) error {
	const maxHave = 1_000_000
	if have < 0 || have > maxHave {
		return &InputError{"have", fmt.Sprintf("must be from 0 to %d", maxHave)}
	}
	err := stock.Set(ctx, d.DB, sku, have)
	if errors.Is(err, stock.ErrUnknown) {
		return fmt.Errorf("stock of %s: %w", util.Short(sku, 40), ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("stock of %s: %w", sku, err)
	}
	return nil
}

// Stats implements [API].
func (d *Desk) Stats(ctx context.Context, since time.Time) (*Stats, error) {
	from := int64(0)
	if !since.IsZero() {
		from = store.Millis(since)
	}
	s := &Stats{Count: map[State]int{}, Best: []Sold{}}
	err := errors.Join(d.totals(ctx, from, s), d.best(ctx, from, s))
	if err != nil {
		return nil, fmt.Errorf("stats: %w", err)
	}
	return s, nil
}

func (d *Desk) totals(ctx context.Context, from int64, s *Stats) error {
	rows, err := d.DB.QueryContext(ctx, `
		SELECT state, count(*), sum(total), min(created) FROM orders WHERE created >= ? GROUP BY state`, from)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var state State
		var count int
		var sum util.Cents
		var first int64
		if err := rows.Scan(&state, &count, &sum, &first); err != nil {
			return err
		}
		s.Count[state] = count
		if state == Paid || state == Shipped {
			s.Revenue += sum
		}
		if at := store.Time(first); s.First == nil || at.Before(*s.First) {
			s.First = &at
		}
	}
	return rows.Err()
}

func (d *Desk) best(ctx context.Context, from int64, s *Stats) error {
	const maxBest = 5
	rows, err := d.DB.QueryContext(ctx, `
		SELECT l.sku, sum(l.count) AS sold FROM order_lines l JOIN orders o ON o.number = l.number
		WHERE o.created >= ? AND o.state IN (?, ?) GROUP BY l.sku ORDER BY sold DESC, l.sku LIMIT ?`,
		from, string(Paid), string(Shipped), maxBest)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var best Sold
		if err := rows.Scan(&best.SKU, &best.Count); err != nil {
			return err
		}
		s.Best = append(s.Best, best)
	}
	return rows.Err()
}
