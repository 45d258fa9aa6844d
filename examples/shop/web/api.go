package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hemilith/hemilith/examples/shop/account"
	"github.com/hemilith/hemilith/examples/shop/basket"
	"github.com/hemilith/hemilith/examples/shop/catalog"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// The JSON API. Amounts are in cents; _text says them in the caller's language.

type itemJSON struct {
	SKU       string `json:"sku"`
	Name      string `json:"name"`
	About     string `json:"about"`
	Category  string `json:"category"`
	Price     int64  `json:"price"`
	PriceText string `json:"price_text"`
	Grams     int    `json:"grams"`
	Have      int    `json:"have"`
}

func itemOut(ctx context.Context, i catalog.Item) itemJSON {
	return itemJSON{
		SKU: i.SKU, Name: i.Name, About: i.About, Category: i.Category,
		Price: int64(i.Price), PriceText: util.Price(ctx, i.Price), Grams: i.Grams, Have: i.Have,
	}
}

func (s *Site) apiItems(w http.ResponseWriter, r *http.Request) error {
	q, err := searchOf(r)
	if err != nil {
		return err
	}
	items, total, err := s.catalog.Search(r.Context(), q)
	if err != nil {
		return err
	}
	out := struct {
		Total int        `json:"total"`
		Items []itemJSON `json:"items"`
	}{total, []itemJSON{}}
	for _, i := range items {
		out.Items = append(out.Items, itemOut(r.Context(), i))
	}
	return s.writeJSON(w, http.StatusOK, out)
}

func (s *Site) apiItem(w http.ResponseWriter, r *http.Request) error {
	i, err := s.catalog.Get(r.Context(), r.PathValue("sku"))
	if err != nil {
		return err
	}
	levels, err := s.orders.Levels(r.Context(), []string{i.SKU})
	if err != nil {
		return ordered(err)
	}
	i.Have = levels[i.SKU]
	return s.writeJSON(w, http.StatusOK, itemOut(r.Context(), i))
}

type reviewJSON struct {
	Author  string    `json:"author"`
	Stars   int       `json:"stars"`
	Words   string    `json:"words"`
	Created time.Time `json:"created"`
}

func (s *Site) apiReviews(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.catalog.Get(r.Context(), r.PathValue("sku")); err != nil {
		return err
	}
	list, mean, err := s.catalog.Reviews(r.Context(), r.PathValue("sku"))
	if err != nil {
		return err
	}
	out := struct {
		Mean    string       `json:"mean"`
		Reviews []reviewJSON `json:"reviews"`
	}{strconv.FormatFloat(mean, 'f', 2, 64), []reviewJSON{}}
	for _, v := range list {
		out.Reviews = append(out.Reviews, reviewJSON{v.Author, v.Stars, v.Words, v.Created})
	}
	return s.writeJSON(w, http.StatusOK, out)
}

func (s *Site) apiReview(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Stars int    `json:"stars"`
		Words string `json:"words"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	user := visitOf(r).user
	review := catalog.Review{SKU: r.PathValue("sku"), User: user.ID, Author: user.Name, Stars: in.Stars, Words: util.Clean(in.Words)}
	if err := s.catalog.Review(r.Context(), review); err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusCreated, struct {
		SKU string `json:"sku"`
	}{review.SKU})
}

type userJSON struct {
	ID     int64  `json:"id"`
	Email  string `json:"email"`
	Name   string `json:"name"`
	Staff  bool   `json:"staff"`
	Locale string `json:"locale"`
}

func (s *Site) apiRegister(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Email    string `json:"email"`
		Name     string `json:"name"`
		Password string `json:"password"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	user, err := s.users.Register(r.Context(), in.Email, in.Name, in.Password)
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusCreated, userJSON(user))
}

func (s *Site) apiLogin(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	user, err := s.logIn(w, r, in.Email, in.Password)
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, userJSON(user))
}

func (s *Site) apiLogout(w http.ResponseWriter, r *http.Request) error {
	if err := s.logOut(w, r); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Site) apiMe(w http.ResponseWriter, r *http.Request) error {
	return s.writeJSON(w, http.StatusOK, userJSON(*visitOf(r).user))
}

func (s *Site) apiLocale(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Locale string `json:"locale"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	if err := s.users.SetLocale(r.Context(), visitOf(r).user.ID, in.Locale); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type addressJSON struct {
	ID      int64  `json:"id,omitempty"`
	Name    string `json:"name"`
	Street  string `json:"street"`
	Zip     string `json:"zip"`
	City    string `json:"city"`
	Country string `json:"country"`
}

func addressOut(a *account.Address) addressJSON {
	return addressJSON{a.ID, a.Name, a.Street, a.Zip, a.City, a.Country}
}

func (in addressJSON) fill(a *account.Address) {
	a.Name, a.Street, a.Zip, a.City = util.Clean(in.Name), util.Clean(in.Street), util.Clean(in.Zip), util.Clean(in.City)
	a.Country = strings.ToUpper(in.Country)
}

func (s *Site) apiAddresses(w http.ResponseWriter, r *http.Request) error {
	book, err := s.users.Addresses(r.Context(), visitOf(r).user.ID)
	if err != nil {
		return err
	}
	out := struct {
		Addresses []addressJSON `json:"addresses"`
	}{[]addressJSON{}}
	for _, a := range book {
		out.Addresses = append(out.Addresses, addressOut(a))
	}
	return s.writeJSON(w, http.StatusOK, out)
}

func (s *Site) apiAddAddress(w http.ResponseWriter, r *http.Request) error {
	return s.saveJSON(w, r, http.StatusCreated, s.users.NewAddress(visitOf(r).user.ID))
}

func (s *Site) apiSetAddress(w http.ResponseWriter, r *http.Request) error {
	n, err := id(r, "id")
	if err != nil {
		return err
	}
	a, err := s.users.Address(r.Context(), visitOf(r).user.ID, n)
	if err != nil {
		return err
	}
	return s.saveJSON(w, r, http.StatusOK, a)
}

func (s *Site) saveJSON(w http.ResponseWriter, r *http.Request, status int, a *account.Address) error {
	var in addressJSON
	if err := readJSON(r, &in); err != nil {
		return err
	}
	in.fill(a)
	if err := a.Save(r.Context()); err != nil {
		return err
	}
	return s.writeJSON(w, status, addressOut(a))
}

func (s *Site) apiDeleteAddress(w http.ResponseWriter, r *http.Request) error {
	if err := s.deleteAddress(r); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type basketLineJSON struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Count int    `json:"count"`
	Each  int64  `json:"each"`
	Sum   int64  `json:"sum"`
}

type basketJSON struct {
	Lines     []basketLineJSON `json:"lines"`
	Pieces    int              `json:"pieces"`
	Goods     int64            `json:"goods"`
	Shipping  int64            `json:"shipping"`
	Total     int64            `json:"total"`
	TotalText string           `json:"total_text"`
}

func (s *Site) apiBasket(w http.ResponseWriter, r *http.Request) error {
	return s.basketOut(w, r, visitOf(r).basket())
}

func (s *Site) basketOut(w http.ResponseWriter, r *http.Request, id string) error {
	b := basket.Basket{}
	if id != "" {
		var err error
		if b, err = s.baskets.Get(r.Context(), id); err != nil {
			return err
		}
	}
	q := b.Quote("DE")
	out := basketJSON{
		Lines: []basketLineJSON{}, Pieces: b.Pieces(), Goods: int64(q.Goods), Shipping: int64(q.Shipping),
		Total: int64(q.Total), TotalText: util.Price(r.Context(), q.Total),
	}
	for _, l := range b.Lines {
		out.Lines = append(out.Lines, basketLineJSON{l.SKU, l.Name, l.Count, int64(l.Each), int64(l.Sum)})
	}
	return s.writeJSON(w, http.StatusOK, out)
}

func (s *Site) apiSetBasket(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Count int `json:"count"`
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	id := s.openBasket(w, r)
	if err := s.baskets.Set(r.Context(), id, r.PathValue("sku"), in.Count); err != nil {
		return err
	}
	return s.basketOut(w, r, id)
}

func (s *Site) apiDeleteBasket(w http.ResponseWriter, r *http.Request) error {
	id := s.openBasket(w, r)
	if err := s.baskets.Set(r.Context(), id, r.PathValue("sku"), 0); err != nil {
		return err
	}
	return s.basketOut(w, r, id)
}
