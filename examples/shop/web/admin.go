package web

import (
	"net/http"
	"time"

	"github.com/hemilith/hemilith/examples/shop/audit"
	"github.com/hemilith/hemilith/examples/shop/catalog"
	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/settings"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// office is what the page for staff shows.
type office struct {
	Stats    *orders.Stats
	Low      []orders.Level
	Recent   *orders.Page
	Items    []catalog.Item
	Settings []setting
	Audit    []audit.Entry
}

type setting struct{ Name, Value string }

func (s *Site) adminPage(w http.ResponseWriter, r *http.Request) error {
	return s.showAdmin(w, r, problem{status: http.StatusOK})
}

func (s *Site) showAdmin(w http.ResponseWriter, r *http.Request, wrong problem) error {
	o, err := s.office(r)
	if err != nil {
		return err
	}
	return s.render(w, r, wrong.status, "admin", &page{Title: "Back office", Problem: wrong.text, Field: wrong.field, Body: o})
}

func (s *Site) office(r *http.Request) (office, error) {
	const recent, trail = 10, 15
	ctx := r.Context()
	var o office
	var err error
	if o.Stats, err = s.orders.Stats(ctx, time.Time{}); err != nil {
		return o, ordered(err)
	}
	if o.Low, err = s.orders.LowStock(ctx, settings.Int(settings.LowStock)); err != nil {
		return o, ordered(err)
	}
	if o.Recent, err = s.orders.List(ctx, s.viewer(r), orders.Filter{Limit: recent}); err != nil {
		return o, ordered(err)
	}
	if o.Items, _, err = s.catalog.Search(ctx, catalog.Query{Limit: 100}); err != nil {
		return o, err
	}
	if o.Audit, err = s.audit.Last(ctx, trail); err != nil {
		return o, err
	}
	for _, name := range settings.Names() {
		o.Settings = append(o.Settings, setting{name, settings.Get(name)})
	}
	return o, nil
}

// officeForm ends every form of the office on the same page, with what was wrong if anything was.
func (s *Site) officeForm(w http.ResponseWriter, r *http.Request, err error) error {
	if err == nil {
		http.Redirect(w, r, "/admin", http.StatusSeeOther)
		return nil
	}
	p := explain(err)
	if p.status >= http.StatusInternalServerError {
		return err
	}
	return s.showAdmin(w, r, p)
}

func (s *Site) adminItem(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	return s.officeForm(w, r, s.addItem(r))
}

func (s *Site) addItem(r *http.Request) error {
	text := func(name string) string { return util.Clean(r.PostForm.Get(name)) }
	var numbers [3]int
	for i, name := range []string{"price", "grams", "have"} {
		n, err := number(name, text(name), 0)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	return s.catalog.Add(r.Context(), catalog.Item{
		SKU: text("sku"), Name: text("name"), About: text("about"), Category: text("category"),
		Price: util.Cents(numbers[0]), Grams: numbers[1], Have: numbers[2],
	})
}

func (s *Site) adminStock(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	have, err := number("have", r.PostForm.Get("have"), -1)
	if err == nil {
		err = s.setStock(r, r.PostForm.Get("sku"), have)
	}
	return s.officeForm(w, r, err)
}

// setStock writes a counted level and who counted.
func (s *Site) setStock(r *http.Request, sku string, have int) error {
	if err := s.orders.SetStock(r.Context(), sku, have); err != nil {
		return ordered(err)
	}
	return s.audit.Record(r.Context(), "stock counted", orders.Level{SKU: sku, Have: have})
}

func (s *Site) adminSettings(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	changed := map[string]string{}
	for _, name := range settings.Names() {
		value := util.Clean(r.PostForm.Get(name))
		if !r.PostForm.Has(name) || value == settings.Get(name) {
			continue
		}
		if err := settings.Set(r.Context(), name, value); err != nil {
			return s.officeForm(w, r, &problem{status: http.StatusUnprocessableEntity, field: name, text: err.Error()})
		}
		changed[name] = value
	}
	return s.officeForm(w, r, s.audit.Record(r.Context(), "settings changed", changed))
}

func (s *Site) adminShip(w http.ResponseWriter, r *http.Request) error {
	_, err := s.ship(r)
	return s.officeForm(w, r, err)
}

func (s *Site) ship(r *http.Request) (orders.Order, error) {
	n, err := id(r, "number")
	if err != nil {
		return orders.Order{}, err
	}
	o, err := s.orders.Advance(r.Context(), s.viewer(r), n)
	if err != nil {
		return orders.Order{}, ordered(err)
	}
	return o, s.audit.Record(r.Context(), "order shipped", n)
}
