package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/hemilith/hemilith/examples/shop/basket"
	"github.com/hemilith/hemilith/examples/shop/catalog"
	"github.com/hemilith/hemilith/examples/shop/pricing"
	"github.com/hemilith/hemilith/examples/shop/settings"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// results is what the search of the home page found.
type results struct {
	Query      catalog.Query
	Categories []string
	Items      []catalog.Item
	Total      int
	From, To   int
	Newer      string // links to the pages around, or ""
	Older      string
}

func (s *Site) home(w http.ResponseWriter, r *http.Request) error {
	q, err := searchOf(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	found := results{Query: q}
	if found.Items, found.Total, err = s.catalog.Search(ctx, q); err != nil {
		return err
	}
	if found.Categories, err = s.catalog.Categories(ctx); err != nil {
		return err
	}
	found.From, found.To = min(q.Offset+1, found.Total), min(q.Offset+len(found.Items), found.Total)
	if q.Offset > 0 {
		found.Newer = pageLink(q, max(0, q.Offset-q.Limit))
	}
	if q.Offset+q.Limit < found.Total {
		found.Older = pageLink(q, q.Offset+q.Limit)
	}
	return s.render(w, r, http.StatusOK, "home", &page{Title: "Catalog", Body: found})
}

func searchOf(r *http.Request) (catalog.Query, error) {
	v := r.URL.Query()
	limit, err := number("limit", v.Get("limit"), settings.Int(settings.PageSize))
	if err != nil {
		return catalog.Query{}, err
	}
	offset, err := number("offset", v.Get("offset"), 0)
	if err != nil {
		return catalog.Query{}, err
	}
	if offset < 0 || limit < 1 || limit > 100 {
		return catalog.Query{}, &problem{status: http.StatusBadRequest, text: "limit must be from 1 to 100, offset not negative"}
	}
	sort := v.Get("sort")
	switch sort {
	case "", "name", "price", "new":
	default:
		return catalog.Query{}, &problem{status: http.StatusBadRequest, field: "sort", text: "sort must be name, price or new"}
	}
	return catalog.Query{
		Text: util.Short(util.Clean(v.Get("q")), 100), Category: v.Get("category"), Sort: sort, Offset: offset, Limit: limit,
	}, nil
}

func pageLink(q catalog.Query, offset int) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": q.Text, "category": q.Category, "sort": q.Sort} {
		if value != "" {
			v.Set(name, value)
		}
	}
	v.Set("offset", strconv.Itoa(offset))
	v.Set("limit", strconv.Itoa(q.Limit))
	return "/?" + v.Encode()
}

// product is what the page of one item shows.
type product struct {
	Item    catalog.Item
	Have    int
	Reviews []catalog.Review
	Mean    float64
	Words   string // of a review that was refused
}

func (s *Site) product(r *http.Request) (product, error) {
	ctx := r.Context()
	item, err := s.catalog.Get(ctx, r.PathValue("sku"))
	if err != nil {
		return product{}, err
	}
	levels, err := s.orders.Levels(ctx, []string{item.SKU})
	if err != nil {
		return product{}, ordered(err)
	}
	p := product{Item: item, Have: levels[item.SKU]}
	p.Reviews, p.Mean, err = s.catalog.Reviews(ctx, item.SKU)
	return p, err
}

func (s *Site) itemPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.product(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "item", &page{Title: p.Item.Name, Body: p})
}

func (s *Site) reviewForm(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	stars, err := number("stars", r.PostForm.Get("stars"), 0)
	if err != nil {
		return err
	}
	user := visitOf(r).user
	err = s.catalog.Review(r.Context(), catalog.Review{
		SKU: r.PathValue("sku"), User: user.ID, Author: user.Name, Stars: stars, Words: util.Clean(r.PostForm.Get("words")),
	})
	if wrong, ok := ownProblem(err); ok && wrong.status != http.StatusNotFound {
		p, err := s.product(r)
		if err != nil {
			return err
		}
		p.Words = r.PostForm.Get("words")
		return s.render(w, r, wrong.status, "item", &page{Title: p.Item.Name, Problem: wrong.text, Field: wrong.field, Body: p})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/items/"+r.PathValue("sku"), http.StatusSeeOther)
	return nil
}

// cart is what the page of the basket shows.
type cart struct {
	Lines []cartLine
	Quote pricing.Quote
}

type cartLine struct {
	basket.Line
	Have int
}

func (s *Site) cart(r *http.Request) (cart, error) {
	ctx := r.Context()
	c := cart{}
	id := visitOf(r).basket()
	if id == "" {
		return c, nil
	}
	b, err := s.baskets.Get(ctx, id)
	if err != nil || len(b.Lines) == 0 {
		return c, err
	}
	skus := make([]string, len(b.Lines))
	for i, l := range b.Lines {
		skus[i] = l.SKU
	}
	levels, err := s.orders.Levels(ctx, skus)
	if err != nil {
		return c, ordered(err)
	}
	for _, l := range b.Lines {
		c.Lines = append(c.Lines, cartLine{l, levels[l.SKU]})
	}
	c.Quote = b.Quote("DE")
	return c, nil
}

func (s *Site) basketPage(w http.ResponseWriter, r *http.Request) error {
	c, err := s.cart(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, "basket", &page{Title: "Basket", Body: c})
}

// basketForm adds to the basket, or sets a count where the form says so.
func (s *Site) basketForm(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	sku := r.PostForm.Get("sku")
	count, err := number("count", r.PostForm.Get("count"), 1)
	if err != nil {
		return err
	}
	id := s.openBasket(w, r)
	if r.PostForm.Get("set") != "" {
		err = s.baskets.Set(r.Context(), id, sku, count)
	} else {
		err = s.baskets.Add(r.Context(), id, sku, count)
	}
	if errors.Is(err, basket.ErrCount) || errors.Is(err, basket.ErrFull) {
		wrong := explain(err)
		c, err := s.cart(r)
		if err != nil {
			return err
		}
		return s.render(w, r, wrong.status, "basket", &page{Title: "Basket", Problem: wrong.text, Body: c})
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/basket", http.StatusSeeOther)
	return nil
}

// openBasket returns the visitor's basket, and gives a guest one.
func (s *Site) openBasket(w http.ResponseWriter, r *http.Request) string {
	if id := visitOf(r).basket(); id != "" {
		return id
	}
	token := util.Token()
	s.setCookie(w, guestCookie, token, guestLife)
	return basket.OfGuest(token)
}
