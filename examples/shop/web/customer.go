package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hemilith/hemilith/examples/shop/account"
	"github.com/hemilith/hemilith/examples/shop/basket"
	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/util"
)

const guestLife = 14 * 24 * time.Hour

// login is what the pages for logging in and registering show again.
type login struct{ Email, Name, Next string }

func (s *Site) loginPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "login", &page{Title: "Log in", Body: login{Next: inside(r.URL.Query().Get("next"))}})
}

// inside returns a path of this site, whatever a link asks for.
func inside(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

func (s *Site) loginForm(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	f := login{Email: r.PostForm.Get("email"), Next: inside(r.PostForm.Get("next"))}
	_, err := s.logIn(w, r, f.Email, r.PostForm.Get("password"))
	if p, ok := ownProblem(err); ok {
		return s.render(w, r, p.status, "login", &page{Title: "Log in", Problem: p.text, Body: f})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, f.Next, http.StatusSeeOther)
	return nil
}

// logIn opens a session and brings a guest's basket along.
func (s *Site) logIn(w http.ResponseWriter, r *http.Request, email, password string) (account.User, error) {
	ctx := r.Context()
	user, token, err := s.users.Login(ctx, email, password, peer(r))
	if err != nil {
		return account.User{}, err
	}
	if guest := visitOf(r).guest; guest != "" {
		if err := s.baskets.Merge(ctx, basket.OfGuest(guest), basket.OfUser(user.ID)); err != nil {
			return account.User{}, err
		}
		s.setCookie(w, guestCookie, "", 0)
	}
	s.setCookie(w, sessionCookie, token, account.SessionLife)
	return user, nil
}

func (s *Site) logOut(w http.ResponseWriter, r *http.Request) error {
	if token := visitOf(r).token; token != "" {
		if err := s.users.Logout(r.Context(), token); err != nil {
			return err
		}
	}
	s.setCookie(w, sessionCookie, "", 0)
	return nil
}

func (s *Site) logoutForm(w http.ResponseWriter, r *http.Request) error {
	if err := s.logOut(w, r); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (s *Site) registerPage(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, http.StatusOK, "register", &page{Title: "New account", Body: login{}})
}

func (s *Site) registerForm(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	f := login{Email: r.PostForm.Get("email"), Name: r.PostForm.Get("name")}
	password := r.PostForm.Get("password")
	_, err := s.users.Register(r.Context(), f.Email, f.Name, password)
	if p, ok := ownProblem(err); ok {
		return s.render(w, r, p.status, "register", &page{Title: "New account", Problem: p.text, Field: p.field, Body: f})
	}
	if err != nil {
		return err
	}
	if _, err := s.logIn(w, r, f.Email, password); err != nil {
		return err
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
	return nil
}

// household is what the page of an account shows: who they are and where they live.
type household struct {
	Book []*account.Address
	New  *account.Address
}

func (s *Site) accountPage(w http.ResponseWriter, r *http.Request) error {
	user := visitOf(r).user
	return s.showAccount(w, r, s.users.NewAddress(user.ID), problem{status: http.StatusOK})
}

func (s *Site) showAccount(w http.ResponseWriter, r *http.Request, typed *account.Address, wrong problem) error {
	book, err := s.users.Addresses(r.Context(), typed.User)
	if err != nil {
		return err
	}
	return s.render(w, r, wrong.status, "account", &page{
		Title: "Your account", Problem: wrong.text, Field: wrong.field, Body: household{Book: book, New: typed},
	})
}

func (s *Site) addressForm(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	text := func(name string) string { return util.Clean(r.PostForm.Get(name)) }
	a := s.users.NewAddress(visitOf(r).user.ID)
	a.Name, a.Street, a.Zip, a.City = text("name"), text("street"), text("zip"), text("city")
	a.Country = strings.ToUpper(text("country"))
	err := a.Save(r.Context())
	if p, ok := ownProblem(err); ok {
		return s.showAccount(w, r, a, p)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
	return nil
}

func (s *Site) addressDelete(w http.ResponseWriter, r *http.Request) error {
	if err := s.deleteAddress(r); err != nil {
		return err
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
	return nil
}

func (s *Site) deleteAddress(r *http.Request) error {
	n, err := id(r, "id")
	if err != nil {
		return err
	}
	a, err := s.users.Address(r.Context(), visitOf(r).user.ID, n)
	if err != nil {
		return err
	}
	return a.Delete(r.Context())
}

func (s *Site) localeForm(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	if err := s.users.SetLocale(r.Context(), visitOf(r).user.ID, r.PostForm.Get("locale")); err != nil {
		return err
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
	return nil
}

// ordersShown is how many orders a page lists.
const ordersShown = 20

func (s *Site) ordersPage(w http.ResponseWriter, r *http.Request) error {
	f, err := filterOf(r, ordersShown)
	if err != nil {
		return err
	}
	list, err := s.orders.List(r.Context(), visitOf(r).viewer(), f)
	if err != nil {
		return ordered(err)
	}
	return s.render(w, r, http.StatusOK, "orders", &page{Title: "Your orders", Body: list})
}

// filterOf reads which orders to list from a query.
func filterOf(r *http.Request, limit int) (orders.Filter, error) {
	v := r.URL.Query()
	limit, err := number("limit", v.Get("limit"), limit)
	if err != nil {
		return orders.Filter{}, err
	}
	after, err := number("after", v.Get("after"), 0)
	if err != nil {
		return orders.Filter{}, err
	}
	if limit < 1 || limit > orders.MaxPage || after < 0 {
		return orders.Filter{}, &problem{
			status: http.StatusBadRequest,
			text:   fmt.Sprintf("limit must be from 1 to %d, after not negative", orders.MaxPage),
		}
	}
	state := orders.State(v.Get("state"))
	switch state {
	case "", orders.Pending, orders.Paid, orders.Shipped, orders.Declined, orders.Cancelled:
	default:
		return orders.Filter{}, &problem{status: http.StatusBadRequest, field: "state", text: "state is unknown"}
	}
	return orders.Filter{State: state, After: int64(after), Limit: limit}, nil
}

func (s *Site) orderPage(w http.ResponseWriter, r *http.Request) error {
	n, err := id(r, "number")
	if err != nil {
		return err
	}
	o, err := s.orders.Get(r.Context(), s.viewer(r), n)
	if err != nil {
		return ordered(err)
	}
	return s.showOrder(w, r, o, problem{status: http.StatusOK})
}

func (s *Site) showOrder(w http.ResponseWriter, r *http.Request, o orders.Order, wrong problem) error {
	return s.render(w, r, wrong.status, "order", &page{Title: fmt.Sprintf("Order %d", o.Number), Problem: wrong.text, Body: o})
}

// viewer lets staff look at any order.
func (s *Site) viewer(r *http.Request) orders.Viewer {
	user := visitOf(r).user
	return orders.Viewer{User: user.ID, Staff: user.Staff}
}

func (s *Site) receipt(w http.ResponseWriter, r *http.Request) error {
	n, err := id(r, "number")
	if err != nil {
		return err
	}
	text, err := s.orders.Receipt(r.Context(), s.viewer(r), n)
	if err != nil {
		return ordered(err)
	}
	return s.gone(writeText(w, string(text)))
}

func (s *Site) cancelForm(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	n, err := id(r, "number")
	if err != nil {
		return err
	}
	ctx := r.Context()
	_, err = s.orders.Cancel(ctx, s.viewer(r), n, util.Clean(r.PostForm.Get("reason")))
	if p, ok := ordersProblem(err); ok && p.status != http.StatusNotFound {
		o, err := s.orders.Get(ctx, s.viewer(r), n)
		if err != nil {
			return ordered(err)
		}
		return s.showOrder(w, r, o, p)
	}
	if err != nil {
		return ordered(err)
	}
	http.Redirect(w, r, fmt.Sprintf("/orders/%d", n), http.StatusSeeOther)
	return nil
}
