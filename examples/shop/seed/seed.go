// Package seed fills an empty database with a shop to play with.
package seed

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/hemilith/hemilith/examples/shop/account"
	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

type item struct {
	sku, name, about, category string
	price                      util.Cents
	grams, have                int
}

type person struct {
	email, name, password string
	staff                 bool
}

var people = []person{
	{"admin@shop.example", "Robin Keeper", "admin-pass-1", true},
	{"ada@shop.example", "Ada Example", "ada-pass-1", false},
	{"bob@shop.example", "Bob Example", "bob-pass-1", false},
}

var items = []item{
	{"kettle-steel", "Steel kettle", "Whistles at 100 °C, holds 1.2 litres, survives camp fires.", "Kitchen", 39_90, 780, 40},
	{"kettle-enamel", "Enamel kettle", "Blue enamel over steel, a wooden handle that stays cool.", "Kitchen", 54_00, 910, 12},
	{"mug-tin", "Tin mug", "Three decilitres of anything hot. Dents are part of the look.", "Kitchen", 9_50, 120, 200},
	{"mug-clay", "Clay mug", "Thrown by hand, glazed inside, no two alike.", "Kitchen", 18_00, 340, 25},
	{"pan-iron", "Iron pan", "Cast iron, 26 cm, seasoned. Heavy on purpose.", "Kitchen", 45_00, 2600, 18},
	{"spoon-oak", "Oak spoon", "Carved from one piece, oiled with linseed.", "Kitchen", 7_20, 60, 90},
	{"knife-folding", "Folding knife", "Carbon steel blade of 8 cm and a beech handle.", "Tools", 24_00, 90, 33},
	{"axe-small", "Small axe", "A 600 g head on hickory, with a leather sheath.", "Tools", 62_00, 950, 9},
	{"saw-folding", "Folding saw", "Cuts on the pull, folds into its handle.", "Tools", 31_50, 240, 14},
	{"lamp-oil", "Oil lamp", "Burns twelve hours on one filling; the glass can be replaced.", "Light", 36_00, 700, 7},
	{"candle-wax", "Beeswax candle", "Six hours of light that smells of summer.", "Light", 6_80, 150, 120},
	{"torch-hand", "Hand torch", "Squeeze it and it shines. No battery to forget.", "Light", 21_00, 180, 44},
	{"blanket-wool", "Wool blanket", "Two metres of undyed wool from the next valley.", "Textile", 89_00, 1900, 11},
	{"towel-linen", "Linen towel", "Dries fast, ages well, 50 by 100 cm.", "Textile", 16_40, 210, 60},
	{"hat-felt", "Felt hat", "Keeps rain out and thoughts in. Sizes are honest.", "Textile", 48_00, 160, 5},
	{"sack-canvas", "Canvas sack", "Waxed canvas, 30 litres, leather straps.", "Bags", 74_00, 1100, 8},
	{"pouch-leather", "Leather pouch", "For what would be lost at the bottom of the sack.", "Bags", 27_00, 140, 22},
	{"rope-hemp", "Hemp rope", "Ten metres, 10 mm, holds more than you should hang on it.", "Tools", 19_00, 820, 30},
	{"compass-brass", "Brass compass", "Filled with oil, points north without updates.", "Tools", 58_00, 110, 3},
	{"flask-steel", "Steel flask", "Keeps tea hot for a day, holds 0.75 litres.", "Kitchen", 32_00, 420, 2},
	{"map-printed", "Printed map", "1:25,000, waterproof paper, folds back the way it was.", "Paper", 12_90, 80, 70},
	{"book-field", "Field book", "Squared, 120 pages, writes in the rain.", "Paper", 11_00, 190, 85},
	{"pencil-cedar", "Cedar pencil", "One pencil. It writes upside down, too.", "Paper", 1_60, 8, 500},
	{"course-knots", "Course: ten knots", "An evening by video. Nothing to ship, much to practise.", "Courses", 25_00, 0, 30},
	{"anvil-small", "Small anvil", "Fifteen kilograms. The last one, please collect your courage.", "Tools", 190_00, 15000, 1},
}

// Demo adds people, items and vouchers, unless there are items already. Several
// processes may call it at once.
func Demo(ctx context.Context, db *sql.DB, cost int, now time.Time) error {
	if full, err := sold(ctx, db); full || err != nil {
		return err
	}
	hashes := make([]string, len(people))
	for i, p := range people { // slow, hence before the lock is taken
		hash, err := account.Hash(p.password, cost)
		if err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		hashes[i] = hash
	}
	err := store.Tx(ctx, db, func(tx *sql.Tx) error {
		if full, err := sold(ctx, tx); full || err != nil {
			return err
		}
		return fill(ctx, tx, hashes, store.Millis(now))
	})
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

func sold(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (bool, error) {
	var full bool
	err := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM items)`).Scan(&full)
	return full, err
}

func fill(ctx context.Context, tx *sql.Tx, hashes []string, now int64) error {
	for i, p := range people {
		_, err := tx.ExecContext(ctx, `INSERT INTO users (email, name, hash, staff, created) VALUES (?, ?, ?, ?, ?)`,
			p.email, p.name, hashes[i], p.staff, now)
		if err != nil {
			return err
		}
	}
	for _, i := range items {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO items (sku, name, about, category, price, grams, created) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			i.sku, i.name, i.about, i.category, int64(i.price), i.grams, now)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO stock (sku, have) VALUES (?, ?)`, i.sku, i.have); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO vouchers (code, percent, least, uses_left) VALUES ('SPRING', 10, 2000, 1000), ('ONCE', 50, 0, 1)`)
	return err
}
