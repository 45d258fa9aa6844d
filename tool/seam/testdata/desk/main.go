// Command desk takes orders: a program with a seam.
package main

import (
	"context"
	"database/sql"
	"net/http"
	"os"

	"example.com/desk/api"
	"example.com/desk/mail"
	"example.com/desk/stock"
	"example.com/desk/web"
)

func main() {
	if err := run(context.Background()); err != nil {
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	db, err := sql.Open("sqlite", os.Getenv("DESK_DB"))
	if err != nil {
		return err
	}
	out := mail.New(db)
	orders := api.New(db, stock.New(db), out)
	go out.Work(ctx)
	return http.ListenAndServe(":8080", web.New(orders, db).Routes())
}
