// Package catalog is what the shop has to sell.
package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hemilith/hemilith/examples/shop/audit"
	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// Item is an article as the catalog shows it today.
type Item struct {
	SKU      string
	Name     string
	About    string
	Category string
	Price    util.Cents
	Grams    int // 0: nothing to ship
	Have     int // on the shelf when it was read
	Created  time.Time
}

// Errors that callers may test for.
var (
	ErrNotFound = errors.New("no such item")
	ErrTaken    = errors.New("there is an item of this SKU already")
)

// BadItemError says which field of an item cannot be right.
type BadItemError struct{ Field, Problem string }

// Error says what is wrong where.
func (e *BadItemError) Error() string { return e.Field + " " + e.Problem }

// Query chooses items.
type Query struct {
	Text     string // words that must all occur in name or description
	Category string // "" is all
	Sort     string // "name" (the default), "price" or "new"
	Offset   int
	Limit    int
}

// Service answers questions about the catalog. It is safe for concurrent use.
type Service struct {
	db  *sql.DB
	log *audit.Log
	now func() time.Time
}

// NewService returns the service over db, which notes changes in log.
func NewService(db *sql.DB, log *audit.Log, now func() time.Time) *Service {
	return &Service{db: db, log: log, now: now}
}

const (
	maxWords  = 8
	maxOffset = 10_000
)

const columns = `i.sku, i.name, i.about, i.category, i.price, i.grams, i.created, s.have`

func scan(row interface{ Scan(...any) error }) (Item, error) {
	var i Item
	var created int64
	err := row.Scan(&i.SKU, &i.Name, &i.About, &i.Category, &i.Price, &i.Grams, &created, &i.Have)
	i.Created = store.Time(created)
	return i, err
}

// Get returns one item, or [ErrNotFound].
func (s *Service) Get(ctx context.Context, sku string) (Item, error) {
	i, err := scan(s.db.QueryRowContext(ctx, `SELECT `+columns+`
		FROM items i JOIN stock s ON s.sku = i.sku WHERE i.sku = ? AND i.retired = 0`, sku))
	if errors.Is(err, sql.ErrNoRows) {
		return Item{}, fmt.Errorf("%s: %w", util.Short(sku, 40), ErrNotFound)
	}
	if err != nil {
		return Item{}, fmt.Errorf("item %s: %w", sku, err)
	}
	return i, nil
}

// Search returns the items of q and how many there are without its limit.
func (s *Service) Search(ctx context.Context, q Query) ([]Item, int, error) {
	where, args := q.where()
	var total int
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM items i WHERE `+where, args...).Scan(&total)
	if err != nil {
		return nil, 0, fmt.Errorf("search: %w", err)
	}
	query := `SELECT ` + columns + ` FROM items i JOIN stock s ON s.sku = i.sku WHERE ` + where +
		` ORDER BY ` + q.order() + ` LIMIT ? OFFSET ?`
	args = append(args, util.Clamp(q.Limit, 1, 100), util.Clamp(q.Offset, 0, maxOffset))
	list, err := s.list(ctx, query, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("search: %w", err)
	}
	return list, total, nil
}

func (s *Service) list(ctx context.Context, query string, args ...any) ([]Item, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Item{}
	for rows.Next() {
		i, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, rows.Err()
}

func (q Query) where() (string, []any) {
	parts, args := []string{"i.retired = 0"}, []any{}
	words := strings.Fields(q.Text)
	for _, w := range words[:min(len(words), maxWords)] {
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(w) + "%"
		parts = append(parts, `(i.name LIKE ? ESCAPE '\' OR i.about LIKE ? ESCAPE '\')`)
		args = append(args, like, like)
	}
	if q.Category != "" {
		parts, args = append(parts, "i.category = ?"), append(args, q.Category)
	}
	return strings.Join(parts, " AND "), args
}

func (q Query) order() string {
	switch q.Sort {
	case "price":
		return "i.price, i.sku"
	case "new":
		return "i.created DESC, i.sku"
	default:
		return "i.name COLLATE NOCASE, i.sku"
	}
}

// Categories returns all categories in use, sorted.
func (s *Service) Categories(ctx context.Context) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT DISTINCT category FROM items WHERE retired = 0 ORDER BY category`)
	if err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	defer rows.Close()
	list := []string{}
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			return nil, fmt.Errorf("categories: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

var skuForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$`)

// Check returns a *[BadItemError] if the item cannot be sold like that.
func (i Item) Check() error {
	switch {
	case !skuForm.MatchString(i.SKU):
		return &BadItemError{"sku", "must have 3 to 40 of a-z, 0-9 and -"}
	case !util.Fits(i.Name, 1, 80):
		return &BadItemError{"name", "must have 1 to 80 characters"}
	case !util.Fits(i.About, 1, 2000):
		return &BadItemError{"about", "must have 1 to 2000 characters"}
	case !util.Fits(i.Category, 1, 30):
		return &BadItemError{"category", "must have 1 to 30 characters"}
	case i.Price < 1 || i.Price > 1_000_000_00:
		return &BadItemError{"price", "must be from 0.01 to 1000000"}
	case i.Grams < 0 || i.Grams > 1_000_000:
		return &BadItemError{"grams", "must be from 0 to 1000000"}
	case i.Have < 0 || i.Have > 1_000_000:
		return &BadItemError{"have", "must be from 0 to 1000000"}
	}
	return nil
}

// Add puts a new item on sale, with its stock.
func (s *Service) Add(ctx context.Context, i Item) error {
	if err := i.Check(); err != nil {
		return err
	}
	err := store.Tx(ctx, s.db, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO items (sku, name, about, category, price, grams, created) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			i.SKU, i.Name, i.About, i.Category, int64(i.Price), i.Grams, store.Millis(s.now()))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO stock (sku, have) VALUES (?, ?)`, i.SKU, i.Have)
		return err
	})
	if store.Taken(err) {
		return fmt.Errorf("%s: %w", i.SKU, ErrTaken)
	}
	if err != nil {
		return fmt.Errorf("add %s: %w", i.SKU, err)
	}
	return s.log.Record(ctx, "item added", i)
}

// SetPrice changes what an item costs from now on.
func (s *Service) SetPrice(ctx context.Context, sku string, price util.Cents) error {
	i, err := s.Get(ctx, sku)
	if err != nil {
		return err
	}
	old := i.Price
	i.Price = price
	if err := i.Check(); err != nil {
		return err
	}
	if _, err := s.db.ExecContext(ctx, `UPDATE items SET price = ? WHERE sku = ?`, int64(price), sku); err != nil {
		return fmt.Errorf("price of %s: %w", sku, err)
	}
	return s.log.Record(ctx, "price changed", map[string]any{"sku": sku, "from": old, "to": price})
}

// Retire takes an item off sale; orders keep it.
func (s *Service) Retire(ctx context.Context, sku string) error {
	if _, err := s.Get(ctx, sku); err != nil {
		return err
	}
	if _, err := s.db.ExecContext(ctx, `UPDATE items SET retired = 1 WHERE sku = ?`, sku); err != nil {
		return fmt.Errorf("retire %s: %w", sku, err)
	}
	return s.log.Record(ctx, "item retired", sku)
}
