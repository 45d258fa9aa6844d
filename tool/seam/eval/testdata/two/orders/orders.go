// Package orders keeps orders in memory.
package orders

import (
	"fmt"
	"net/http"
	"sync"

	"example.com/two/money"
)

// Desk takes orders.
type Desk struct {
	mu    sync.Mutex
	books map[string]int
	rules []rule
}

// rule changes a price.
type rule interface{ apply(cents int) int }

type discount struct{ percent int }

func (d discount) apply(cents int) int { return cents * (100 - d.percent) / 100 }

type surcharge struct{ cents int }

func (s surcharge) apply(cents int) int { return cents + s.cents }

// New opens a desk.
func New() *Desk {
	return &Desk{books: map[string]int{}, rules: []rule{discount{5}}}
}

// Add takes an order.
func (d *Desk) Add(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	cents := money.Parse(r.FormValue("price"))
	for _, rule := range d.rules {
		cents = rule.apply(cents)
	}
	d.books[r.FormValue("name")] += cents
	d.show(w)
}

// List shows all orders.
func (d *Desk) List(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.show(w)
}

// Refresh forgets all orders.
func (d *Desk) Refresh() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.books)
}

func (d *Desk) show(w http.ResponseWriter) {
	for name, cents := range d.books {
		fmt.Fprintln(w, name, money.Format(cents))
	}
}

// Unused is called by nobody.
func Unused() int { return 1 }
