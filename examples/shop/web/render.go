package web

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"html/template"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/hemilith/hemilith/examples/shop/account"
	"github.com/hemilith/hemilith/examples/shop/settings"
	"github.com/hemilith/hemilith/examples/shop/util"
)

//go:embed pages/*.html
var pageFiles embed.FS

// page is what a template shows. It lives as long as one request.
type page struct {
	Title   string
	Problem string // shown above the content
	Field   string // which input the problem is about
	Body    any

	Shop   string
	Notice string
	User   *account.User
	Pieces int // in the basket
	ctx    context.Context
}

// Price writes an amount in the language of the request.
func (p *page) Price(c util.Cents) string { return util.Price(p.ctx, c) }

// Lang is the language of the request.
func (p *page) Lang() string { return util.Locale(p.ctx) }

func parsePages() (map[string]*template.Template, error) {
	names, err := pageFiles.ReadDir("pages")
	if err != nil {
		return nil, err
	}
	funcs := template.FuncMap{
		"date":  func(t time.Time) string { return t.Format("2 January 2006 15:04") },
		"cents": func(c int) util.Cents { return util.Cents(c) },
		"stars": func(n int) string { return strings.Repeat("★", n) + strings.Repeat("☆", 5-n) },
	}
	pages := map[string]*template.Template{}
	for _, n := range names {
		name := strings.TrimSuffix(n.Name(), ".html")
		if name == "layout" {
			continue
		}
		t, err := template.New("layout.html").Funcs(funcs).ParseFS(pageFiles, "pages/layout.html", path.Join("pages", n.Name()))
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		pages[name] = t
	}
	return pages, nil
}

// render writes a page with all that the layout shows around it. Nothing is
// sent before the whole page is made.
func (s *Site) render(w http.ResponseWriter, r *http.Request, status int, name string, p *page) error {
	ctx := r.Context()
	v := visitOf(r)
	p.Shop, p.Notice, p.User, p.ctx = settings.Get(settings.ShopName), settings.Get(settings.Notice), v.user, ctx
	if id := v.basket(); id != "" {
		b, err := s.baskets.Get(ctx, id)
		if err != nil && name != "error" {
			return err
		}
		p.Pieces = b.Pieces()
	}
	var b bytes.Buffer
	if err := s.pages[name].Execute(&b, p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err := b.WriteTo(w)
	return s.gone(err)
}

// gone drops the error of a write: the status is sent, so nobody else can be
// told.
func (s *Site) gone(err error) error {
	if err != nil {
		s.log.Debug("web: client has gone", "err", err)
	}
	return nil
}

func writeText(w http.ResponseWriter, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, text)
	return err
}

func (s *Site) writeJSON(w http.ResponseWriter, status int, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(append(text, '\n'))
	return s.gone(err)
}

// readJSON reads the one JSON value of a body, and nothing that into does not
// have a field for.
func readJSON(r *http.Request, into any) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		return &problem{status: http.StatusUnsupportedMediaType, text: "send Content-Type: application/json"}
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	if as[*http.MaxBytesError](err) {
		return err
	}
	if err != nil {
		return &problem{status: http.StatusBadRequest, text: "body: " + err.Error()}
	}
	return nil
}

// readForm parses a form; its values are then in r.PostForm.
func readForm(r *http.Request) error {
	err := r.ParseForm()
	if as[*http.MaxBytesError](err) {
		return err
	}
	if err != nil {
		return &problem{status: http.StatusBadRequest, text: "form: " + err.Error()}
	}
	return nil
}

// number reads a number that may be absent from a query or form.
func number(name, text string, def int) (int, error) {
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, &problem{status: http.StatusBadRequest, field: name, text: name + " must be a number"}
	}
	return n, nil
}

// id reads a number in a path; what is none names nothing.
func id(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, &problem{status: http.StatusNotFound, text: "there is nothing here"}
	}
	return n, nil
}

// image draws a tile for an item: there are no photographs in a demo.
func (s *Site) image(w http.ResponseWriter, r *http.Request) error {
	sku, ok := strings.CutSuffix(r.PathValue("name"), ".svg")
	if !ok || !util.Fits(sku, 1, 40) {
		return &problem{status: http.StatusNotFound, text: "there is no such image"}
	}
	h := fnv.New32a()
	h.Write([]byte(sku))
	hue, turn := h.Sum32()%360, h.Sum32()>>9%90
	letter := template.HTMLEscapeString(strings.ToUpper(string([]rune(sku)[:1])))
	w.Header().Set("Content-Type", "image/svg+xml")
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 90">`+
		`<rect width="120" height="90" fill="hsl(%d 35%% 88%%)"/>`+
		`<g transform="rotate(%d 60 45)" fill="hsl(%d 40%% 76%%)"><rect x="10" y="-20" width="34" height="140"/>`+
		`<circle cx="86" cy="45" r="26"/></g>`+
		`<text x="60" y="58" font-family="Georgia, serif" font-size="38" text-anchor="middle" fill="hsl(%d 45%% 28%%)">%s</text></svg>`,
		hue, turn, (hue+25)%360, hue, letter)
	return s.gone(err)
}
