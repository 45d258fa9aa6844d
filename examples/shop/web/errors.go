package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/hemilith/hemilith/examples/shop/account"
	"github.com/hemilith/hemilith/examples/shop/basket"
	"github.com/hemilith/hemilith/examples/shop/catalog"
	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/store"
)

// problem is an error that this package found out itself.
type problem struct {
	status int
	field  string
	text   string
}

func (p *problem) Error() string { return p.text }

// downError says that orders could not answer: what was asked may or may not
// have been done, and may be asked again.
type downError struct{ cause error }

func (e *downError) Error() string { return "orders: " + e.cause.Error() }
func (e *downError) Unwrap() error { return e.cause }

// ordered sorts an error of orders: its own are for the customer, everything
// else means that it cannot answer now.
func ordered(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := ordersProblem(err); ok {
		return err
	}
	return &downError{cause: err}
}

// as is errors.As for the left side of a switch.
func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// ordersProblem explains the errors that orders documents; no error is none.
func ordersProblem(err error) (problem, bool) {
	if err == nil {
		return problem{}, false
	}
	p := problem{text: err.Error()}
	switch {
	case errors.Is(err, orders.ErrNotFound):
		p.status, p.text = http.StatusNotFound, orders.ErrNotFound.Error()
	case errors.Is(err, orders.ErrEmptyBasket):
		p.status, p.text = http.StatusUnprocessableEntity, orders.ErrEmptyBasket.Error()
	case errors.Is(err, orders.ErrKeyReused):
		p.status, p.text = http.StatusUnprocessableEntity, orders.ErrKeyReused.Error()
	case errors.Is(err, orders.ErrVoucher):
		p.status, p.text, p.field = http.StatusUnprocessableEntity, orders.ErrVoucher.Error(), "voucher"
	case errors.Is(err, orders.ErrPending):
		p.status, p.text = http.StatusConflict, orders.ErrPending.Error()
	case as[*orders.DeclinedError](err):
		p.status = http.StatusPaymentRequired
	case as[*orders.StateError](err):
		p.status = http.StatusConflict
	case as[*orders.OutOfStockError](err):
		short, _ := errors.AsType[*orders.OutOfStockError](err)
		p.status, p.text, p.field = http.StatusConflict, short.Error(), short.SKU
	case as[*orders.InputError](err):
		bad, _ := errors.AsType[*orders.InputError](err)
		p.status, p.text, p.field = http.StatusUnprocessableEntity, bad.Error(), bad.Field
	default:
		return p, false
	}
	return p, true
}

// ownProblem explains the errors of this side of the shop; no error is none.
func ownProblem(err error) (problem, bool) {
	if err == nil {
		return problem{}, false
	}
	p := problem{text: err.Error(), status: http.StatusUnprocessableEntity}
	switch {
	case errors.Is(err, account.ErrNoLogin), errors.Is(err, account.ErrWrong):
		p.status = http.StatusUnauthorized
	case errors.Is(err, account.ErrTooMany):
		p.status = http.StatusTooManyRequests
	case errors.Is(err, account.ErrTaken), errors.Is(err, catalog.ErrTaken), errors.Is(err, catalog.ErrReviewed):
		p.status = http.StatusConflict
	case errors.Is(err, account.ErrNotFound), errors.Is(err, catalog.ErrNotFound):
		p.status = http.StatusNotFound
	case errors.Is(err, basket.ErrNoItem):
		p.status, p.text = http.StatusNotFound, basket.ErrNoItem.Error()
	case errors.Is(err, basket.ErrCount):
		p.text, p.field = basket.ErrCount.Error(), "count"
	case errors.Is(err, basket.ErrFull):
		p.text = basket.ErrFull.Error()
	case as[*account.FieldError](err):
		bad, _ := errors.AsType[*account.FieldError](err)
		p.field = bad.Field
	case as[*catalog.BadItemError](err):
		bad, _ := errors.AsType[*catalog.BadItemError](err)
		p.field = bad.Field
	case as[*http.MaxBytesError](err):
		p.status, p.text = http.StatusRequestEntityTooLarge, "too much at once"
	default:
		return p, false
	}
	return p, true
}

// explain turns any error into what the customer may know of it.
func explain(err error) problem {
	if own, ok := errors.AsType[*problem](err); ok {
		return *own
	}
	if as[*downError](err) || store.Busy(err) || errors.Is(err, context.DeadlineExceeded) {
		return problem{status: http.StatusServiceUnavailable, text: "not available now, please try again"}
	}
	if p, ok := ordersProblem(err); ok {
		return p
	}
	if p, ok := ownProblem(err); ok {
		return p
	}
	return problem{status: http.StatusInternalServerError, text: "internal error"}
}

// fail answers with an error: JSON for the API, else a page; who must log in
// first is sent there.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := explain(err)
	if p.status >= http.StatusInternalServerError {
		s.log.Error("web: request failed", "method", r.Method, "path", r.URL.Path, "status", p.status, "err", err)
	}
	switch p.status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "900")
	}
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/"):
		s.failJSON(w, p)
	case errors.Is(err, account.ErrNoLogin) && r.Method == http.MethodGet:
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.Path), http.StatusSeeOther)
	default:
		s.failPage(w, r, p)
	}
}

func (s *Site) failJSON(w http.ResponseWriter, p problem) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(p.status)
	body := struct {
		Error string `json:"error"`
		Field string `json:"field,omitempty"`
	}{p.text, p.field}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.log.Debug("web: client has gone", "err", err)
	}
}

func (s *Site) failPage(w http.ResponseWriter, r *http.Request, p problem) {
	v := &page{Title: http.StatusText(p.status), Problem: p.text, Body: p.status}
	if err := s.render(w, r, p.status, "error", v); err != nil {
		s.log.Error("web: error page", "err", err)
		http.Error(w, p.text, p.status)
	}
}
