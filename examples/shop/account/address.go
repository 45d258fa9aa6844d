package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/hemilith/hemilith/examples/shop/util"
)

// maxAddresses bounds the addresses of one user.
const maxAddresses = 20

// Address is an entry of a customer's address book: a row that saves and
// deletes itself.
type Address struct {
	ID      int64
	User    int64
	Name    string
	Street  string
	Zip     string
	City    string
	Country string

	db *sql.DB
}

// NewAddress returns an empty address of the user; Save keeps it.
func (u *Users) NewAddress(user int64) *Address { return &Address{User: user, db: u.db} }

// Address returns one entry of a user's book, or [ErrNotFound].
func (u *Users) Address(ctx context.Context, user, id int64) (*Address, error) {
	a := &Address{db: u.db}
	err := u.db.QueryRowContext(ctx, `
		SELECT id, user_id, name, street, zip, city, country FROM addresses WHERE id = ? AND user_id = ?`, id, user).
		Scan(&a.ID, &a.User, &a.Name, &a.Street, &a.Zip, &a.City, &a.Country)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("address %d: %w", id, err)
	}
	return a, nil
}

// Addresses returns a user's book, oldest entry first.
func (u *Users) Addresses(ctx context.Context, user int64) ([]*Address, error) {
	rows, err := u.db.QueryContext(ctx, `
		SELECT id, user_id, name, street, zip, city, country FROM addresses WHERE user_id = ? ORDER BY id`, user)
	if err != nil {
		return nil, fmt.Errorf("addresses: %w", err)
	}
	defer rows.Close()
	list := []*Address{}
	for rows.Next() {
		a := &Address{db: u.db}
		if err := rows.Scan(&a.ID, &a.User, &a.Name, &a.Street, &a.Zip, &a.City, &a.Country); err != nil {
			return nil, fmt.Errorf("addresses: %w", err)
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

// Check returns a *[FieldError] if no parcel would arrive.
func (a *Address) Check() error {
	fields := []struct{ name, value string }{
		{"name", a.Name}, {"street", a.Street}, {"zip", a.Zip}, {"city", a.City},
	}
	for _, f := range fields {
		if !util.Fits(f.value, 1, 100) {
			return &FieldError{f.name, "must have 1 to 100 characters"}
		}
	}
	if len(a.Country) != 2 || a.Country[0] < 'A' || a.Country[0] > 'Z' || a.Country[1] < 'A' || a.Country[1] > 'Z' {
		return &FieldError{"country", "must be two letters, such as DE"}
	}
	return nil
}

// Save inserts the address, or updates it if it has an ID.
func (a *Address) Save(ctx context.Context) error {
	if err := a.Check(); err != nil {
		return err
	}
	if a.ID != 0 {
		_, err := a.db.ExecContext(ctx, `
			UPDATE addresses SET name = ?, street = ?, zip = ?, city = ?, country = ? WHERE id = ? AND user_id = ?`,
			a.Name, a.Street, a.Zip, a.City, a.Country, a.ID, a.User)
		return err
	}
	result, err := a.db.ExecContext(ctx, `
		INSERT INTO addresses (user_id, name, street, zip, city, country)
		SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM addresses WHERE user_id = ?) < ?`,
		a.User, a.Name, a.Street, a.Zip, a.City, a.Country, a.User, maxAddresses)
	if err != nil {
		return fmt.Errorf("save address: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, &FieldError{"addresses", fmt.Sprintf("must be at most %d", maxAddresses)})
	}
	a.ID, err = result.LastInsertId()
	return err
}

// Delete removes the address from the book; orders keep their copy.
func (a *Address) Delete(ctx context.Context) error {
	if _, err := a.db.ExecContext(ctx, `DELETE FROM addresses WHERE id = ?`, a.ID); err != nil {
		return fmt.Errorf("delete address %d: %w", a.ID, err)
	}
	a.ID = 0
	return nil
}
