// Command two runs a desk for orders and a post office in one process.
package main

import (
	"net/http"
	"os"

	"example.com/two/letters"
	"example.com/two/orders"
)

// app holds the parts of both services.
type app struct {
	desk *orders.Desk
	post *letters.Post
}

func main() {
	a := &app{}
	a.startOrders()
	a.startLetters()
	http.ListenAndServe(os.Getenv("ADDR"), nil)
}

func (a *app) startOrders() {
	a.desk = orders.New()
	http.HandleFunc("/orders", a.desk.List)
	http.HandleFunc("/orders/new", a.desk.Add)
}

func (a *app) startLetters() {
	a.post = letters.New()
	http.HandleFunc("/letters", a.post.Send)
	http.HandleFunc("/letters/count", a.post.Count)
	if a.desk != nil {
		a.desk.Refresh() // only where both run
	}
}
