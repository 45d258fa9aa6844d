// Package web is the shop that customers and staff see: pages, a JSON API, and
// an export. What is sold it asks of orders.API; the rest it looks up itself.
package web

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/hemilith/hemilith/examples/shop/account"
	"github.com/hemilith/hemilith/examples/shop/audit"
	"github.com/hemilith/hemilith/examples/shop/basket"
	"github.com/hemilith/hemilith/examples/shop/catalog"
	"github.com/hemilith/hemilith/examples/shop/config"
	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/settings"
)

const (
	maxHeader = 64 << 10 // bytes of the headers of a request
	maxBody   = 64 << 10 // bytes of a form or JSON
	grace     = 10 * time.Second
)

// Site serves the shop over HTTP.
type Site struct {
	cfg     config.Config
	db      *sql.DB
	log     *slog.Logger
	orders  orders.API
	catalog *catalog.Service
	users   *account.Users
	baskets *basket.Baskets
	audit   *audit.Log
	pages   map[string]*template.Template
	handler http.Handler

	listening chan struct{} // closed once addr is set
	addr      string
}

// New returns a site over db; orders answers for all that is sold.
func New(cfg config.Config, db *sql.DB, desk orders.API, log *slog.Logger) (*Site, error) {
	ctx := context.Background()
	if err := settings.Load(ctx, db); err != nil {
		return nil, err
	}
	secret := cfg.Secret
	if secret == "" {
		var err error
		if secret, err = settings.Secret(ctx, db); err != nil {
			return nil, err
		}
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	trail := audit.New(db, cfg.Now)
	s := &Site{
		cfg:       cfg,
		db:        db,
		log:       log,
		orders:    desk,
		catalog:   catalog.NewService(db, trail, cfg.Now),
		users:     account.New(db, trail, account.Options{Secret: secret, Cost: cfg.HashCost, Now: cfg.Now}),
		baskets:   basket.New(db, cfg.Now),
		audit:     trail,
		pages:     pages,
		listening: make(chan struct{}),
	}
	s.handler = s.around(s.routes())
	return s, nil
}

// Handler returns the whole site, for a server of one's own.
func (s *Site) Handler() http.Handler { return s.handler }

// Serve listens and serves until ctx ends, then answers what it has begun. It
// is called once.
func (s *Site) Serve(ctx context.Context) error {
	l, err := net.Listen("tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	s.addr = l.Addr().String()
	close(s.listening)
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){}, // no HTTP/2: a proxy does that
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.log.Info("web: open for business", "url", "http://"+s.addr+"/")
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("web: %w", err)
	case <-ctx.Done():
	}
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer stop()
	if err := server.Shutdown(late); err != nil {
		return errors.Join(fmt.Errorf("web: %w", err), server.Close())
	}
	<-done
	return nil
}

// Addr waits until the site listens, and returns its host:port.
func (s *Site) Addr(ctx context.Context) (string, error) {
	select {
	case <-s.listening:
		return s.addr, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
