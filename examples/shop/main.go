// Command shop is a web shop in one program: pages, a JSON API, orders,
// payments, and mail. README.md tells how to run it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sync/errgroup"

	"github.com/hemilith/hemilith/examples/shop/config"
	"github.com/hemilith/hemilith/examples/shop/mail"
	"github.com/hemilith/hemilith/examples/shop/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := start(ctx, os.Getenv, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context, getenv func(string) string, out io.Writer) error {
	cfg, err := config.Read(getenv)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: cfg.Level}))
	a, err := build(cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(a.run(ctx), a.close())
}

// app is the shop, put together and not yet running.
type app struct {
	cfg     config.Config
	log     *slog.Logger
	site    *web.Site
	mailer  *mail.Worker
	closers []io.Closer
}

// build wires the shop. It opens the database and no port.
func build(cfg config.Config, log *slog.Logger) (_ *app, err error) {
	a := &app{cfg: cfg, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	db, err := a.openDB()
	if err != nil {
		return nil, err
	}
	desk, err := a.openDesk()
	if err != nil {
		return nil, err
	}
	a.mailer, err = mail.New(mail.Deps{DB: db, Sender: mail.NewSender(cfg, log), Log: log})
	if err != nil {
		return nil, err
	}
	a.site, err = web.New(cfg, db, desk, log)
	return a, err
}

// run serves the shop until ctx ends.
func (a *app) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.site.Serve(ctx) })
	g.Go(func() error { return a.mailer.Work(ctx) })
	return g.Wait()
}
