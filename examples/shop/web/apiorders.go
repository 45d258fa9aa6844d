package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/hemilith/hemilith/examples/shop/audit"
	"github.com/hemilith/hemilith/examples/shop/catalog"
	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/settings"
	"github.com/hemilith/hemilith/examples/shop/util"
)

type orderItemJSON struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Count int    `json:"count"`
	Each  int64  `json:"each"`
	Sum   int64  `json:"sum"`
}

type eventJSON struct {
	At    time.Time    `json:"at"`
	State orders.State `json:"state"`
	Note  string       `json:"note"`
}

type orderJSON struct {
	Number    int64           `json:"number"`
	State     orders.State    `json:"state"`
	Items     []orderItemJSON `json:"items"`
	Goods     int64           `json:"goods"`
	Discount  int64           `json:"discount"`
	Shipping  int64           `json:"shipping"`
	Total     int64           `json:"total"`
	TotalText string          `json:"total_text"`
	Voucher   string          `json:"voucher,omitempty"`
	Charged   bool            `json:"charged"`
	Charge    string          `json:"charge,omitempty"`
	Refund    string          `json:"refund,omitempty"`
	Ship      addressJSON     `json:"ship"`
	Created   time.Time       `json:"created"`
	Closed    *time.Time      `json:"closed,omitempty"`
	History   []eventJSON     `json:"history,omitempty"`
}

func orderOut(ctx context.Context, o orders.Order) orderJSON {
	out := orderJSON{
		Number: o.Number, State: o.State, Items: []orderItemJSON{},
		Goods: int64(o.Goods), Discount: int64(o.Discount), Shipping: int64(o.Shipping),
		Total: int64(o.Total), TotalText: util.Price(ctx, o.Total), Voucher: o.Voucher,
		Charged: o.Charged(), Charge: o.Charge(), Refund: o.Refund(),
		Ship:    addressJSON{0, o.Ship.Name, o.Ship.Street, o.Ship.Zip, o.Ship.City, o.Ship.Country},
		Created: o.Created, Closed: o.Closed,
	}
	for _, i := range o.Items {
		out.Items = append(out.Items, orderItemJSON{i.SKU, i.Name, i.Count, int64(i.Each), int64(i.Sum())})
	}
	for _, e := range o.History {
		out.History = append(out.History, eventJSON(e))
	}
	return out
}

// apiPlace orders what is in the basket. Clients send an Idempotency-Key and
// repeat the request with it until they get an answer.
func (s *Site) apiPlace(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Ship    addressJSON `json:"ship"`
		Voucher string      `json:"voucher"`
		Card    string      `json:"card"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	key := r.Header.Get("Idempotency-Key")
	if !util.Fits(key, 1, 80) {
		return &problem{status: http.StatusBadRequest, field: "Idempotency-Key", text: "send an Idempotency-Key of 1 to 80 characters"}
	}
	o, err := s.place(r.Context(), visitOf(r), form{
		Key: key, Voucher: util.Clean(in.Voucher), Card: in.Card,
		Ship: orders.Address{
			Name: util.Clean(in.Ship.Name), Street: util.Clean(in.Ship.Street), Zip: util.Clean(in.Ship.Zip),
			City: util.Clean(in.Ship.City), Country: strings.ToUpper(in.Ship.Country),
		},
	}, false)
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusCreated, orderOut(r.Context(), o))
}

func (s *Site) apiOrder(w http.ResponseWriter, r *http.Request) error {
	n, err := id(r, "number")
	if err != nil {
		return err
	}
	o, err := s.orders.Get(r.Context(), s.viewer(r), n)
	if err != nil {
		return ordered(err)
	}
	return s.writeJSON(w, http.StatusOK, orderOut(r.Context(), o))
}

func (s *Site) apiOrders(w http.ResponseWriter, r *http.Request) error {
	return s.listOut(w, r, visitOf(r).viewer())
}

func (s *Site) apiAllOrders(w http.ResponseWriter, r *http.Request) error {
	return s.listOut(w, r, s.viewer(r))
}

func (s *Site) listOut(w http.ResponseWriter, r *http.Request, who orders.Viewer) error {
	f, err := filterOf(r, ordersShown)
	if err != nil {
		return err
	}
	list, err := s.orders.List(r.Context(), who, f)
	if err != nil {
		return ordered(err)
	}
	out := struct {
		Orders []orderJSON `json:"orders"`
		Next   int64       `json:"next,omitempty"`
	}{[]orderJSON{}, list.Next}
	for _, o := range list.Orders {
		out.Orders = append(out.Orders, orderOut(r.Context(), o))
	}
	return s.writeJSON(w, http.StatusOK, out)
}

func (s *Site) apiCancel(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	n, err := id(r, "number")
	if err != nil {
		return err
	}
	o, err := s.orders.Cancel(r.Context(), s.viewer(r), n, util.Clean(in.Reason))
	if err != nil {
		return ordered(err)
	}
	return s.writeJSON(w, http.StatusOK, orderOut(r.Context(), o))
}

func (s *Site) apiShip(w http.ResponseWriter, r *http.Request) error {
	o, err := s.ship(r)
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, orderOut(r.Context(), o))
}

type levelJSON struct {
	SKU  string `json:"sku"`
	Have int    `json:"have"`
}

func (s *Site) apiStats(w http.ResponseWriter, r *http.Request) error {
	var since time.Time
	if text := r.URL.Query().Get("since"); text != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			return &problem{status: http.StatusBadRequest, field: "since", text: "since must be a time such as 2026-01-31T12:00:00Z"}
		}
	}
	stats, err := s.orders.Stats(r.Context(), since)
	if err != nil {
		return ordered(err)
	}
	type soldJSON struct {
		SKU   string `json:"sku"`
		Count int    `json:"count"`
	}
	out := struct {
		Count   map[orders.State]int `json:"count"`
		Revenue int64                `json:"revenue"`
		Best    []soldJSON           `json:"best"`
		First   *time.Time           `json:"first"`
	}{stats.Count, int64(stats.Revenue), []soldJSON{}, stats.First}
	for _, b := range stats.Best {
		out.Best = append(out.Best, soldJSON(b))
	}
	return s.writeJSON(w, http.StatusOK, out)
}

// apiStock lists what is scarce, or the levels of the SKUs asked for.
func (s *Site) apiStock(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	if skus := v["sku"]; len(skus) > 0 {
		levels, err := s.orders.Levels(r.Context(), skus)
		if err != nil {
			return ordered(err)
		}
		return s.writeJSON(w, http.StatusOK, levels)
	}
	limit, err := number("limit", v.Get("limit"), settings.Int(settings.LowStock))
	if err != nil {
		return err
	}
	low, err := s.orders.LowStock(r.Context(), limit)
	if err != nil {
		return ordered(err)
	}
	out := struct {
		Low []levelJSON `json:"low"`
	}{[]levelJSON{}}
	for _, l := range low {
		out.Low = append(out.Low, levelJSON(l))
	}
	return s.writeJSON(w, http.StatusOK, out)
}

func (s *Site) apiSetStock(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Have int `json:"have"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	sku := r.PathValue("sku")
	if err := s.setStock(r, sku, in.Have); err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, levelJSON{sku, in.Have})
}

func (s *Site) apiAddItem(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		SKU      string `json:"sku"`
		Name     string `json:"name"`
		About    string `json:"about"`
		Category string `json:"category"`
		Price    int64  `json:"price"`
		Grams    int    `json:"grams"`
		Have     int    `json:"have"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	i := catalog.Item{
		SKU: in.SKU, Name: util.Clean(in.Name), About: util.Clean(in.About), Category: util.Clean(in.Category),
		Price: util.Cents(in.Price), Grams: in.Grams, Have: in.Have,
	}
	if err := s.catalog.Add(r.Context(), i); err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusCreated, itemOut(r.Context(), i))
}

func (s *Site) apiSetPrice(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Price int64 `json:"price"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	if err := s.catalog.SetPrice(r.Context(), r.PathValue("sku"), util.Cents(in.Price)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) apiRetire(w http.ResponseWriter, r *http.Request) error {
	if err := s.catalog.Retire(r.Context(), r.PathValue("sku")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) apiAudit(w http.ResponseWriter, r *http.Request) error {
	limit, err := number("limit", r.URL.Query().Get("limit"), 50)
	if err != nil {
		return err
	}
	list, err := s.audit.Last(r.Context(), util.Clamp(limit, 1, 200))
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, struct {
		Entries []audit.Entry `json:"entries"`
	}{list})
}
