// Package web shows pages.
package web

import (
	"database/sql"
	"fmt"
	"net/http"

	"example.com/desk/api"
	"example.com/desk/text"
)

// Site serves the pages.
type Site struct {
	orders api.Orders
	db     *sql.DB
}

// New makes a site.
func New(orders api.Orders, db *sql.DB) *Site { return &Site{orders: orders, db: db} }

// Routes registers the handlers.
func (s *Site) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", s.home)
	mux.HandleFunc("POST /orders", s.place)
	mux.HandleFunc("GET /orders/{id}", s.show)
	mux.HandleFunc("GET /login", s.login)
	return mux
}

func (s *Site) home(w http.ResponseWriter, r *http.Request) {
	user, err := s.user(r)
	if err != nil {
		http.Error(w, text.Clean(err.Error()), http.StatusUnauthorized)
		return
	}
	fmt.Fprintf(w, "hello %s", text.Clean(user))
}

func (s *Site) user(r *http.Request) (string, error) {
	var name string
	err := s.db.QueryRowContext(r.Context(), "SELECT name FROM sessions WHERE id = ?", r.FormValue("s")).Scan(&name)
	return name, err
}

func (s *Site) login(w http.ResponseWriter, r *http.Request) {
	_, err := s.db.ExecContext(r.Context(), "INSERT INTO sessions (name) VALUES (?)", r.FormValue("name"))
	if err != nil {
		http.Error(w, "no", http.StatusInternalServerError)
	}
}

func (s *Site) place(w http.ResponseWriter, r *http.Request) {
	user, err := s.user(r)
	if err != nil {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	order, err := s.orders.Place(r.Context(), api.Request{User: user, SKU: r.FormValue("sku"), Count: 1})
	if err != nil {
		http.Error(w, text.Clean(err.Error()), http.StatusConflict)
		return
	}
	fmt.Fprintln(w, order.ID)
}

func (s *Site) show(w http.ResponseWriter, r *http.Request) {
	order, err := s.orders.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		http.Error(w, text.Clean(err.Error()), http.StatusNotFound)
		return
	}
	fmt.Fprintln(w, text.Clean(order.SKU))
}
