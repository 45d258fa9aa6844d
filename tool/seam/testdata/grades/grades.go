// Package grades has one function of each grade and the traps between them.
package grades

import (
	"context"
	"database/sql"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

var (
	ErrGone = os.ErrNotExist // never assigned
	setting string           // set at start
	counter int              // set whenever
	logger  = log.Default()
)

func init() { setting = os.Getenv("SETTING") }

func Upper(s string) string       { return strings.ToUpper(s) }
func Gone() error                 { return ErrGone }
func Setting() string             { return setting }
func Count() int                  { counter++; return counter }
func Age(t time.Time) float64     { return time.Since(t).Hours() }
func Indirect(t time.Time) string { return Upper(time.Since(t).String()) + Upper("") }
func Older(t time.Time) bool      { return Age(t) > 1 }
func Say(s string)                { logger.Print(s) }
func Read() ([]byte, error)       { return os.ReadFile("x") }
func ReadIt() ([]byte, error)     { return Read() }

func Joined() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { defer wg.Done(); Upper("") }()
	wg.Wait()
}

func Started() { go Upper("") }

func Loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		default:
		}
	}
}

// Lent works on a handle that it is given.
func Lent(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "UPDATE t SET a = 1")
	return err
}

func Reply(w http.ResponseWriter) { w.WriteHeader(204) }

// Store guards memory.
type Store struct {
	mu sync.Mutex
	m  map[string]int
	db *sql.DB
}

func (s *Store) Put(k string) { s.mu.Lock(); defer s.mu.Unlock(); s.m[k]++ }
func (s *Store) Name() string { return "store" }
func (s *Store) Run(ctx context.Context) error {
	return Begin(ctx, s.db, func(tx *sql.Tx) error { return Lent(ctx, tx) })
}

// Begin is library code for whoever has a handle.
func Begin(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// Command is what a command line has.
type Command struct{ Run func() }

var (
	limit    int // set by a command, which is the main of its process
	commands = []Command{{Run: serve}}
)

func serve()     { limit = 3 }
func Limit() int { return limit }
