package main

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/hemilith/hemilith/examples/shop/orders"
	"github.com/hemilith/hemilith/examples/shop/pay"
	"github.com/hemilith/hemilith/examples/shop/seed"
	"github.com/hemilith/hemilith/examples/shop/store"
)

// openDB opens a handle of its own for whoever asks.
func (a *app) openDB() (*sql.DB, error) {
	ctx := context.Background()
	db, err := store.Open(ctx, a.cfg.DB)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, db)
	if a.cfg.Seed == "demo" {
		err = seed.Demo(ctx, db, a.cfg.HashCost, a.cfg.Now())
	}
	return db, err
}

// openDesk opens all that orders need: a database, a payment provider.
func (a *app) openDesk() (*orders.Desk, error) {
	db, err := a.openDB()
	if err != nil {
		return nil, err
	}
	base := a.cfg.PayURL
	if base == "" {
		fake, err := pay.StartFake(a.cfg.PayKey)
		if err != nil {
			return nil, err
		}
		a.closers = append(a.closers, fake)
		base = fake.URL()
	}
	client := pay.NewClient(base, a.cfg.PayKey)
	desk, err := orders.New(orders.Deps{DB: db, Pay: client, Log: a.log, Now: a.cfg.Now, Every: 30 * time.Second})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, client, desk)
	return desk, nil
}

// close closes what build opened, the last first. It may be called once.
func (a *app) close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i].Close())
	}
	return errors.Join(errs...)
}
