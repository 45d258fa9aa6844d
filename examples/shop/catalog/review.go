package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// ErrReviewed says that the customer has reviewed the item before.
var ErrReviewed = errors.New("you have reviewed this already")

// Review is what a customer thinks of an item.
type Review struct {
	SKU     string
	User    int64
	Author  string
	Stars   int
	Words   string
	Created time.Time
}

// maxReviews bounds the reviews shown of one item.
const maxReviews = 50

// Review adds r to its item, one for each customer.
func (s *Service) Review(ctx context.Context, r Review) error {
	if r.Stars < 1 || r.Stars > 5 {
		return &BadItemError{"stars", "must be from 1 to 5"}
	}
	if !util.Fits(r.Words, 1, 1000) {
		return &BadItemError{"words", "must have 1 to 1000 characters"}
	}
	if _, err := s.Get(ctx, r.SKU); err != nil {
		return err
	}
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO reviews (sku, user_id, author, stars, words, created) VALUES (?, ?, ?, ?, ?, ?)`,
		r.SKU, r.User, r.Author, r.Stars, r.Words, store.Millis(s.now()))
	if store.Taken(err) {
		return ErrReviewed
	}
	if err != nil {
		return fmt.Errorf("review %s: %w", r.SKU, err)
	}
	return nil
}

// Reviews returns the newest reviews of an item, and the mean of all stars.
func (s *Service) Reviews(ctx context.Context, sku string) ([]Review, float64, error) {
	var mean sql.NullFloat64
	if err := s.db.QueryRowContext(ctx, `SELECT avg(stars) FROM reviews WHERE sku = ?`, sku).Scan(&mean); err != nil {
		return nil, 0, fmt.Errorf("reviews of %s: %w", sku, err)
	}
	rows, err := s.db.QueryContext(ctx, `
		SELECT sku, user_id, author, stars, words, created FROM reviews WHERE sku = ? ORDER BY id DESC LIMIT ?`,
		sku, maxReviews)
	if err != nil {
		return nil, 0, fmt.Errorf("reviews of %s: %w", sku, err)
	}
	defer rows.Close()
	list := []Review{}
	for rows.Next() {
		var r Review
		var created int64
		if err := rows.Scan(&r.SKU, &r.User, &r.Author, &r.Stars, &r.Words, &created); err != nil {
			return nil, 0, fmt.Errorf("reviews of %s: %w", sku, err)
		}
		r.Created = store.Time(created)
		list = append(list, r)
	}
	return list, mean.Float64, rows.Err()
}
