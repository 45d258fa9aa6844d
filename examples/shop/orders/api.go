// Package orders takes orders: it books the stock, charges the card, and keeps
// what was sold. It knows nothing of pages, sessions or baskets.
package orders

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hemilith/hemilith/examples/shop/util"
)

// API is what the rest of the shop may ask of this package. All methods are
// safe for concurrent use and end with their context.
type API interface {
	// Place books an order and charges it. The customer and the key identify the
	// order: a repeat returns the order which the key made, and never makes
	// another. An order whose payment is still open comes back as [Pending];
	// the same call, or time, settles it.
	//
	// Errors: *[InputError], [ErrEmptyBasket], *[OutOfStockError],
	// *[DeclinedError], [ErrVoucher], [ErrKeyReused].
	Place(ctx context.Context, req Request) (Order, error)

	// Get returns one order, or [ErrNotFound] where the viewer may not see it.
	Get(ctx context.Context, who Viewer, number int64) (Order, error)

	// List returns orders from the newest on, a page at a time.
	List(ctx context.Context, who Viewer, f Filter) (*Page, error)

	// Cancel puts the goods back and returns the money. A repeat returns the
	// cancelled order. Errors: [ErrNotFound], [ErrPending], *[StateError].
	Cancel(ctx context.Context, who Viewer, number int64, reason string) (Order, error)

	// Advance moves a paid order to [Shipped]; only staff may. Errors:
	// [ErrNotFound], *[StateError].
	Advance(ctx context.Context, who Viewer, number int64) (Order, error)

	// Receipt returns an order as plain text in UTF-8, or [ErrNotFound].
	Receipt(ctx context.Context, who Viewer, number int64) ([]byte, error)

	// Levels returns how many there are of each SKU; unknown ones are absent.
	Levels(ctx context.Context, skus []string) (map[string]int, error)

	// LowStock lists items of which at most limit are left, scarcest first.
	LowStock(ctx context.Context, limit int) ([]Level, error)

	// SetStock writes what was counted on the shelf, or returns [ErrNotFound].
	SetStock(ctx context.Context, sku string, have int) error

	// Stats sums up the orders made since a time; the zero time means all.
	Stats(ctx context.Context, since time.Time) (*Stats, error)
}

// Bounds of what a caller may ask for.
const (
	MaxLines = 50  // lines of one order
	MaxCount = 99  // pieces of one line
	MaxPage  = 200 // orders of one page
	MaxSKUs  = 500 // SKUs of one question for levels
	maxKey   = 100 // characters of a key
)

// State is how far an order has come.
type State string

// The states of an order.
const (
	Pending   State = "pending"   // booked, payment not settled yet
	Paid      State = "paid"      // to be sent
	Shipped   State = "shipped"   // on its way: final
	Declined  State = "declined"  // the card was refused: final, goods are back
	Cancelled State = "cancelled" // final, goods are back
)

// Viewer is who asks. Staff see all orders, others their own.
type Viewer struct {
	User  int64
	Staff bool
}

// Item is one kind of thing in an order; its price and name are those of the
// day on which it was sold, whatever the catalog says later.
type Item struct {
	SKU   string
	Name  string
	Count int
	Each  util.Cents
}

// Sum is the price of all pieces.
func (i Item) Sum() util.Cents { return i.Each * util.Cents(i.Count) }

// Address is where an order goes, frozen when it was placed.
type Address struct {
	Name, Street, Zip, City, Country string
}

// Line is an item that a customer asks for.
type Line struct {
	SKU   string
	Count int
}

// Request is an order to be placed.
type Request struct {
	User    int64
	Email   string
	Key     string // chosen by the client, unique per order of the user
	Lines   []Line // empty: only return what the key has made before
	Ship    Address
	Voucher string
	Card    string // the payment provider's token for a card
}

// Event is a step in the life of an order.
type Event struct {
	At    time.Time
	State State
	Note  string
}

// Order is what was sold to whom.
type Order struct {
	Number   int64
	User     int64
	Email    string
	State    State
	Items    []Item
	Goods    util.Cents
	Discount util.Cents
	Shipping util.Cents
	Total    util.Cents
	Voucher  string
	Ship     Address
	Created  time.Time
	Closed   *time.Time // when it reached a final state, else nil
	History  []Event    // only in the answers of Get, Place, Cancel and Advance

	card   string
	charge string
	refund string
}

// Charged tells whether money was taken and not returned.
func (o Order) Charged() bool { return o.charge != "" && o.refund == "" }

// Charge is the payment provider's reference of the charge, or "".
func (o Order) Charge() string { return o.charge }

// Refund is the payment provider's reference of the refund, or "".
func (o Order) Refund() string { return o.refund }

// Filter chooses orders to list.
type Filter struct {
	State State // "" means all
	After int64 // only orders with a lower number, unless 0: Next of the page before
	Limit int   // at most so many, 0 and too many mean MaxPage
}

// Page is a part of a list.
type Page struct {
	Orders []Order
	Next   int64 // After of the next page, 0 if this is the last
}

// Level is how many of one item are there.
type Level struct {
	SKU  string
	Have int
}

// Stats sums up orders.
type Stats struct {
	Count   map[State]int
	Revenue util.Cents // of paid and shipped orders
	Best    []Sold     // the items that sold best, most first
	First   *time.Time // the earliest order counted, nil if there is none
}

// Sold is how many of an item were sold.
type Sold struct {
	SKU   string
	Count int
}

// Errors that callers may test for.
var (
	ErrNotFound    = errors.New("no such order or item")
	ErrEmptyBasket = errors.New("nothing to order")
	ErrKeyReused   = errors.New("key belongs to another order")
	ErrPending     = errors.New("payment is not settled yet, try again")
	ErrVoucher     = errors.New("voucher is unknown, used up, or not for so small an order")
)

// OutOfStockError says which item is short.
type OutOfStockError struct {
	SKU        string
	Want, Have int
}

// Error says what is short.
func (e *OutOfStockError) Error() string {
	return fmt.Sprintf("%s is out of stock: want %d, have %d", e.SKU, e.Want, e.Have)
}

// DeclinedError says that the card was refused; the order is closed, and
// another card needs another key.
type DeclinedError struct {
	Number int64
	Reason string
}

// Error says why.
func (e *DeclinedError) Error() string { return "card declined: " + e.Reason }

// StateError says that an order has come too far, or not far enough.
type StateError struct {
	Number int64
	State  State
}

// Error says where the order is.
func (e *StateError) Error() string {
	return fmt.Sprintf("order %d is %s", e.Number, e.State)
}

// InputError says which part of a request cannot be right.
type InputError struct {
	Field   string
	Problem string
}

// Error says what is wrong where.
func (e *InputError) Error() string { return e.Field + " " + e.Problem }
