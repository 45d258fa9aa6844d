// Package echo is the component that the benchmarks call: an addition, which
// is nearly all boundary, and an order of about a kilobyte that comes back.
package echo

import "context"

// API is the boundary. Implementations are safe for concurrent use.
type API interface {
	// Add returns a+b, wrapping around.
	Add(ctx context.Context, a, b int64) (int64, error)
	// Echo returns o.
	Echo(ctx context.Context, o Order) (Order, error)
}

// Order is a nested value of the size of many messages: about 1 KB encoded.
type Order struct {
	ID       int64
	Placed   int64 // Unix time in milliseconds
	Customer Customer
	Lines    []Line
	Total    Money
	Weight   float64 // kilograms
	Paid     bool
	Token    []byte
	Notes    []string
}

// Customer is who ordered.
type Customer struct {
	ID      int64
	Name    string
	Email   string
	Phone   string
	Billing Address
	Ship    Address
}

// Address is where a customer lives.
type Address struct {
	Street, City, Zip, Country string
}

// Line is one position of an order.
type Line struct {
	SKU      string
	Title    string
	Quantity int64
	Price    Money
	Tags     []string
}

// Money is an amount in hundredths.
type Money struct {
	Currency string
	Cents    int64
}

// Service implements API. The zero value is ready.
type Service struct{ _ byte } // not of size zero, so that each has its own address

// New returns a service.
func New() *Service { return &Service{} }

// Add implements API.
func (*Service) Add(_ context.Context, a, b int64) (int64, error) { return a + b, nil }

// Echo implements API.
func (*Service) Echo(_ context.Context, o Order) (Order, error) { return o, nil }

// Sample returns the order that is echoed.
func Sample() Order {
	home := Address{Street: "Kirchenallee 57, Hinterhaus", City: "Hamburg", Zip: "20099", Country: "DE"}
	work := Address{Street: "Unter den Platanen 112", City: "Lüneburg", Zip: "21335", Country: "DE"}
	return Order{
		ID:     910_042_117,
		Placed: 1_763_720_112_345,
		Customer: Customer{
			ID: 48_213, Name: "Margarethe Abendroth", Email: "margarethe.abendroth@example.com",
			Phone: "+49 40 5550 1234", Billing: home, Ship: work,
		},
		Lines:  sampleLines(),
		Total:  Money{Currency: "EUR", Cents: 48_655},
		Weight: 7.25,
		Paid:   true,
		Token:  []byte("0123456789abcdef0123456789abcdef"),
		Notes:  []string{"leave at the neighbour's, second door on the left", "gift: no invoice in the parcel"},
	}
}

func sampleLines() []Line {
	line := func(sku, title string, quantity, cents int64, tags ...string) Line {
		return Line{SKU: sku, Title: title, Quantity: quantity, Price: Money{Currency: "EUR", Cents: cents}, Tags: tags}
	}
	return []Line{
		line("KET-0071-BLU", "Enamel kettle with a wooden handle, 2.5 l, blue", 1, 5_490, "kitchen", "enamel"),
		line("CUP-0102-WHT", "Espresso cup with saucer, set of six, white", 2, 3_250, "kitchen", "porcelain", "set"),
		line("LMP-2210-BRS", "Reading lamp, adjustable, brass, E14 socket", 1, 12_900, "light", "brass"),
		line("CHR-0330-OAK", "Folding chair, oiled oak, with a linen seat", 4, 4_990, "furniture", "oak", "outdoor"),
		line("MAT-0009-SIS", "Door mat, sisal, 60 by 40 cm", 1, 1_805, "hall"),
		line("HOK-0412-STL", "Coat hook, stainless steel, pack of ten, screws included", 1, 2_000, "hall", "steel"),
	}
}
