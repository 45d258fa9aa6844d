package orders_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/pay"
	"github.com/hemilith/hemilith/examples/shop/seed"
	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

var clock = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func openDB(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := store.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := seed.Demo(t.Context(), db, 1, clock); err != nil {
		t.Fatal(err)
	}
	return db
}

// till is a payment provider that can be out of order.
type till struct {
	mu      sync.Mutex
	fail    error
	charges map[string]util.Cents
	refunds map[string]util.Cents
}

func newTill() *till {
	return &till{charges: map[string]util.Cents{}, refunds: map[string]util.Cents{}}
}

func (p *till) Charge(_ context.Context, key, card string, amount util.Cents) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if card == pay.CardDeclined {
		return "", &pay.DeclinedError{Reason: "insufficient funds"}
	}
	p.charges[key] = amount // done, even if the answer is lost
	return "ch", p.fail
}

func (p *till) Refund(_ context.Context, key, _ string, amount util.Cents) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refunds[key] = amount
	return "re", p.fail
}

func desk(t *testing.T, db *sql.DB, p orders.Payer) *orders.Desk {
	t.Helper()
	d, err := orders.New(orders.Deps{DB: db, Pay: p, Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func request(user int64, key, sku string, count int) orders.Request {
	return orders.Request{
		User: user, Email: "ada@shop.example", Key: key, Card: pay.CardGood,
		Lines: []orders.Line{{SKU: sku, Count: count}},
		Ship:  orders.Address{Name: "Ada", Street: "Hauptstrasse 7", Zip: "10115", City: "Berlin", Country: "DE"},
	}
}

func one(t *testing.T, db *sql.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPlaceWithOneKeyMakesOneOrder(t *testing.T) {
	t.Parallel()
	db, p := openDB(t, filepath.Join(t.TempDir(), "s.db")), newTill()
	d := desk(t, db, p)
	var all sync.WaitGroup
	got := make([]orders.Order, 6)
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = d.Place(t.Context(), request(2, "k", "mug-tin", 2)); err != nil {
				t.Errorf("place %d: %v", i, err)
			}
		})
	}
	all.Wait()
	want, err := d.Get(t.Context(), orders.Viewer{User: 2}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want) {
			t.Errorf("place %d: got %+v, want %+v", i, got[i], want)
		}
	}
	if n := one(t, db, `SELECT have FROM stock WHERE sku = 'mug-tin'`); n != 198 {
		t.Errorf("stock: got %d, want 198", n)
	}
	if n := one(t, db, `SELECT count(*) FROM outbox`); n != 1 {
		t.Errorf("mails: got %d, want 1", n)
	}
	if _, err := d.Place(t.Context(), request(2, "k", "mug-tin", 3)); !errors.Is(err, orders.ErrKeyReused) {
		t.Errorf("another order with the key: got %v, want %v", err, orders.ErrKeyReused)
	}
	empty := request(2, "k", "mug-tin", 2)
	empty.Lines = nil
	if o, err := d.Place(t.Context(), empty); err != nil || o.Number != want.Number {
		t.Errorf("question for the key: got %d, %v, want %d", o.Number, err, want.Number)
	}
	empty.Key = "unknown"
	if _, err := d.Place(t.Context(), empty); !errors.Is(err, orders.ErrEmptyBasket) {
		t.Errorf("question for an unknown key: got %v, want %v", err, orders.ErrEmptyBasket)
	}
}

func TestManyBuyersNeverBuyMoreThanThereIs(t *testing.T) {
	t.Parallel()
	db := openDB(t, filepath.Join(t.TempDir(), "s.db"))
	d := desk(t, db, newTill())
	var all sync.WaitGroup
	var mu sync.Mutex
	sold, refused := 0, 0
	for i := range 12 {
		all.Go(func() {
			_, err := d.Place(t.Context(), request(int64(i+1), "k", "axe-small", 1))
			short, _ := errors.AsType[*orders.OutOfStockError](err)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				sold++
			case short != nil && *short == orders.OutOfStockError{SKU: "axe-small", Want: 1, Have: 0}:
				refused++
			default:
				t.Errorf("buyer %d: %v", i, err)
			}
		})
	}
	all.Wait()
	if sold != 9 || refused != 3 {
		t.Errorf("got %d sold and %d refused, want 9 and 3", sold, refused)
	}
}

func TestAnUnknownPaymentIsSettledOnceLater(t *testing.T) {
	t.Parallel()
	db, p := openDB(t, filepath.Join(t.TempDir(), "s.db")), newTill()
	d := desk(t, db, p)
	p.fail = errors.New("the line is dead")
	o, err := d.Place(t.Context(), request(2, "k", "mug-tin", 2))
	if err != nil || o.State != orders.Pending {
		t.Fatalf("got %s, %v, want pending", o.State, err)
	}
	if _, err := d.Cancel(t.Context(), orders.Viewer{User: 2}, o.Number, ""); !errors.Is(err, orders.ErrPending) {
		t.Errorf("cancel while pending: got %v, want %v", err, orders.ErrPending)
	}
	p.fail = nil
	next := desk(t, db, p) // as after a crash
	for range 2 {
		if err := next.Settle(t.Context(), 100); err != nil {
			t.Fatal(err)
		}
	}
	o, err = next.Get(t.Context(), orders.Viewer{User: 2}, o.Number)
	if err != nil || o.State != orders.Paid || !o.Charged() {
		t.Errorf("got %s, charged %t, %v, want paid", o.State, o.Charged(), err)
	}
	if len(p.charges) != 1 || one(t, db, `SELECT count(*) FROM outbox`) != 1 {
		t.Errorf("got %d charges, want 1 and 1 mail", len(p.charges))
	}
}

func TestDeclinedAndCancelledOrdersGiveBackGoodsVoucherAndMoney(t *testing.T) {
	t.Parallel()
	db, p := openDB(t, filepath.Join(t.TempDir(), "s.db")), newTill()
	d := desk(t, db, p)
	req := request(2, "no", "mug-tin", 2)
	req.Card, req.Voucher = pay.CardDeclined, "ONCE"
	for range 2 {
		_, err := d.Place(t.Context(), req)
		if no, ok := errors.AsType[*orders.DeclinedError](err); !ok || *no != (orders.DeclinedError{Number: 1, Reason: "insufficient funds"}) {
			t.Errorf("got %v, want a DeclinedError", err)
		}
	}
	req.Key, req.Card = "yes", pay.CardGood
	o, err := d.Place(t.Context(), req)
	if err != nil || o.Discount != 950 {
		t.Fatalf("got discount %v, %v, want 9.50", o.Discount, err)
	}
	for range 2 {
		o, err = d.Cancel(t.Context(), orders.Viewer{User: 2}, o.Number, "why not")
		if err != nil || o.State != orders.Cancelled || o.Charged() || o.Closed == nil {
			t.Fatalf("got %+v, %v, want cancelled and not charged", o, err)
		}
	}
	if len(p.refunds) != 1 {
		t.Errorf("refunds: got %d, want 1", len(p.refunds))
	}
	if n := one(t, db, `SELECT have FROM stock WHERE sku = 'mug-tin'`); n != 200 {
		t.Errorf("stock: got %d, want 200", n)
	}
	if n := one(t, db, `SELECT uses_left FROM vouchers WHERE code = 'ONCE'`); n != 1 {
		t.Errorf("voucher: got %d uses, want 1", n)
	}
	if _, err := d.Get(t.Context(), orders.Viewer{User: 3}, o.Number); !errors.Is(err, orders.ErrNotFound) {
		t.Errorf("order of another: got %v, want %v", err, orders.ErrNotFound)
	}
}

// TestMain is also the program that the next test kills.
func TestMain(m *testing.M) {
	if file := os.Getenv("ORDERS_TEST_DB"); file != "" {
		fmt.Fprintln(os.Stderr, placeForever(file))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func placeForever(file string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, file)
	if err != nil {
		return err
	}
	d, err := orders.New(orders.Deps{DB: db, Pay: newTill()})
	if err != nil {
		return err
	}
	first := os.Getenv("ORDERS_TEST_ROUND")
	for i := 0; ; i++ {
		if _, err := d.Place(ctx, request(2, fmt.Sprintf("%s-%d", first, i), "pencil-cedar", 1)); err != nil {
			return err
		}
		fmt.Printf("%s-%d\n", first, i)
	}
}

func TestKilledAtAnyPointThereIsNoOrderOrAWholeOne(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "s.db")
	db := openDB(t, file)
	d := desk(t, db, newTill())
	answered := 0
	for round := range 5 {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), "ORDERS_TEST_DB="+file, fmt.Sprintf("ORDERS_TEST_ROUND=r%d", round))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 3 + 4*round {
			if lines.Scan() {
				answered++
			}
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what was written before the end
			answered++
		}
		_ = child.Wait() // killed, as intended
	}
	made := one(t, db, `SELECT count(*) FROM orders`)
	if made < answered || made > answered+5 {
		t.Errorf("orders: got %d, want %d answered and at most one more for each kill", made, answered)
	}
	if n := one(t, db, `SELECT have FROM stock WHERE sku = 'pencil-cedar'`); n+made != 500 {
		t.Errorf("stock: got %d with %d sold, want 500 in sum", n, made)
	}
	if err := d.Settle(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	if n := one(t, db, `SELECT count(*) FROM orders o WHERE state = 'paid' AND charge <> '' AND
		(SELECT count(*) FROM order_lines l WHERE l.number = o.number) = 1`); n != made {
		t.Errorf("whole and paid orders: got %d, want %d", n, made)
	}
	if n := one(t, db, `SELECT count(*) FROM outbox`); n != made {
		t.Errorf("mails: got %d, want %d", n, made)
	}
}
