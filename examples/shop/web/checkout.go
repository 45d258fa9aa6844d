package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/hemilith/hemilith/examples/shop/account"
	"github.com/hemilith/hemilith/examples/shop/basket"
	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/pay"
	"github.com/hemilith/hemilith/examples/shop/pricing"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// form is what a customer fills in to order.
type form struct {
	Key     string
	Ship    orders.Address
	Voucher string
	Card    string
}

// checkout is what the last page before an order shows.
type checkout struct {
	form
	Lines []basket.Line
	Quote pricing.Quote
	Cards []card
}

type card struct{ Token, Name string }

// cards are those of the fake provider; a real one would ask for the card on a
// page of its own and send the customer back with a token.
func cards() []card {
	return []card{
		{pay.CardGood, "Test card that pays"},
		{pay.CardDeclined, "Test card that is declined"},
		{pay.CardUnsure, "Test card that answers late"},
	}
}

func (s *Site) checkoutPage(w http.ResponseWriter, r *http.Request) error {
	user := visitOf(r).user
	f := form{Ship: orders.Address{Name: user.Name, Country: "DE"}, Card: pay.CardGood}
	book, err := s.users.Addresses(r.Context(), user.ID)
	if err != nil {
		return err
	}
	if len(book) > 0 {
		f.Ship = shipTo(book[len(book)-1])
	}
	return s.showCheckout(w, r, f, problem{status: http.StatusOK})
}

func shipTo(a *account.Address) orders.Address {
	return orders.Address{Name: a.Name, Street: a.Street, Zip: a.Zip, City: a.City, Country: a.Country}
}

func (s *Site) showCheckout(w http.ResponseWriter, r *http.Request, f form, wrong problem) error {
	b, err := s.baskets.Get(r.Context(), visitOf(r).basket())
	if err != nil {
		return err
	}
	if len(b.Lines) == 0 && wrong.status == http.StatusOK {
		http.Redirect(w, r, "/basket", http.StatusSeeOther)
		return nil
	}
	f.Key = b.Key()
	c := checkout{form: f, Lines: b.Lines, Quote: b.Quote(f.Ship.Country), Cards: cards()}
	return s.render(w, r, wrong.status, "checkout", &page{Title: "Checkout", Problem: wrong.text, Field: wrong.field, Body: c})
}

func (s *Site) checkoutForm(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	text := func(name string) string { return util.Clean(r.PostForm.Get(name)) }
	f := form{
		Key: text("key"), Voucher: text("voucher"), Card: text("card"),
		Ship: orders.Address{
			Name: text("name"), Street: text("street"), Zip: text("zip"), City: text("city"),
			Country: strings.ToUpper(text("country")),
		},
	}
	o, err := s.place(r.Context(), visitOf(r), f, true)
	if p, ok := ordersProblem(err); ok {
		return s.showCheckout(w, r, f, p)
	}
	if err != nil {
		return err
	}
	if text("save") != "" {
		if err := s.saveAddress(r, o.Ship); err != nil {
			return err
		}
	}
	http.Redirect(w, r, fmt.Sprintf("/orders/%d", o.Number), http.StatusSeeOther)
	return nil
}

// saveAddress keeps where an order went in the customer's book, once.
func (s *Site) saveAddress(r *http.Request, ship orders.Address) error {
	user := visitOf(r).user.ID
	book, err := s.users.Addresses(r.Context(), user)
	if err != nil {
		return err
	}
	for _, a := range book {
		if shipTo(a) == ship {
			return nil
		}
	}
	a := s.users.NewAddress(user)
	a.Name, a.Street, a.Zip, a.City, a.Country = ship.Name, ship.Street, ship.Zip, ship.City, ship.Country
	return a.Save(r.Context())
}

// place orders what is in the basket and empties it. The key of a page is that
// of the basket which the page showed; if the basket has changed since, only an
// order that was placed before is returned, never one that nobody saw. A key
// of an API client stands for whatever the basket holds at the first call.
func (s *Site) place(ctx context.Context, v visit, f form, paged bool) (orders.Order, error) {
	b, err := s.baskets.Get(ctx, v.basket())
	if err != nil {
		return orders.Order{}, err
	}
	req := orders.Request{
		User: v.user.ID, Email: v.user.Email, Key: "api:" + f.Key, Ship: f.Ship, Voucher: f.Voucher, Card: f.Card,
	}
	if paged {
		req.Key = "page:" + f.Key
	}
	if !paged || f.Key == b.Key() {
		for _, l := range b.Lines {
			req.Lines = append(req.Lines, orders.Line{SKU: l.SKU, Count: l.Count})
		}
	}
	o, err := s.orders.Place(ctx, req)
	if as[*orders.DeclinedError](err) && paged {
		if touch := s.baskets.Touch(ctx, b.ID); touch != nil {
			return orders.Order{}, touch
		}
	}
	if err != nil {
		return orders.Order{}, ordered(err)
	}
	if len(req.Lines) > 0 {
		return o, s.baskets.Clear(ctx, b.ID, b.Version)
	}
	return o, nil
}
