// Package settings keeps what staff may change while the shop runs: its name, a
// notice on every page, how many things a page shows. The values of the one
// shop of this process are in package state, read by whoever needs them.
package settings

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/hemilith/hemilith/examples/shop/util"
)

// Names of all settings.
const (
	ShopName = "shop_name"
	Notice   = "notice"
	PageSize = "page_size"
	LowStock = "low_stock"
)

// ErrUnknown says that there is no setting of that name.
var ErrUnknown = errors.New("no such setting")

var defaults = map[string]string{
	ShopName: "Field & Kettle",
	Notice:   "",
	PageSize: "12",
	LowStock: "3",
}

var (
	mu      sync.RWMutex
	current = map[string]string{}
	home    *sql.DB
)

// Load reads the settings of db; from then on they are those of this process.
func Load(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT name, value FROM settings`)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	defer rows.Close()
	read := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return fmt.Errorf("settings: %w", err)
		}
		read[name] = value
	}
	mu.Lock()
	defer mu.Unlock()
	current, home = read, db
	return rows.Err()
}

// Get returns a setting, or its default.
func Get(name string) string {
	mu.RLock()
	defer mu.RUnlock()
	if v, ok := current[name]; ok {
		return v
	}
	return defaults[name]
}

// Int returns a setting as a number.
func Int(name string) int {
	if n, err := strconv.Atoi(Get(name)); err == nil {
		return n
	}
	n, _ := strconv.Atoi(defaults[name]) // defaults are numbers where numbers are asked for
	return n
}

// Names returns all settings, in the order of a form.
func Names() []string { return []string{ShopName, Notice, PageSize, LowStock} }

// Set changes a setting for good.
func Set(ctx context.Context, name, value string) error {
	if err := check(name, value); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	_, err := home.ExecContext(ctx, `
		INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
		name, value)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	current[name] = value
	return nil
}

func check(name, value string) error {
	switch name {
	case ShopName:
		if !util.Fits(value, 1, 40) {
			return fmt.Errorf("%s must have 1 to 40 characters", name)
		}
	case Notice:
		if !util.Fits(value, 0, 200) {
			return fmt.Errorf("%s must have at most 200 characters", name)
		}
	case PageSize, LowStock:
		if n, err := strconv.Atoi(value); err != nil || n < 1 || n > 100 {
			return fmt.Errorf("%s must be a number from 1 to 100", name)
		}
	default:
		return ErrUnknown
	}
	return nil
}

// Secret returns the key that signs cookies where the configuration has none:
// the first process of a new database makes it up, all others find it there.
func Secret(ctx context.Context, db *sql.DB) (string, error) {
	const name = "cookie_secret"
	_, err := db.ExecContext(ctx, `INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)`, name, util.Token())
	if err != nil {
		return "", fmt.Errorf("settings: %w", err)
	}
	var secret string
	err = db.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = ?`, name).Scan(&secret)
	return secret, err
}
