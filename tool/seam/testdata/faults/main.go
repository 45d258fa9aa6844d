// Command faults has one of each thing that is hard to part.
package main

import (
	"database/sql"
	"net/http"

	"example.com/faults/left"
	"example.com/faults/right"
)

func main() {
	db, err := sql.Open("sqlite", "file")
	if err != nil {
		panic(err)
	}
	r := right.New(db)
	l := left.New(db, r)
	http.HandleFunc("/left", l.Serve)
	http.HandleFunc("/right", r.Serve)
	go r.Sweep()
	_ = http.ListenAndServe(":80", nil)
}
