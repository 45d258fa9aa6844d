// Package other has types that cross from within another package's.
package other

import (
	"errors"
	"fmt"
	"time"
)

// Item has fields that only this package sees.
type Item struct {
	Name   string
	secret int
	when   time.Time
	parts  []part
	Next   *Item
}

type part struct {
	id  uint16
	raw []byte
}

// Key is a map key.
type Key struct {
	A int8
	b string
}

// Shade is a named number.
type Shade uint8

// NewItem returns an Item with all its fields set.
func NewItem(name string, secret int) Item {
	return Item{Name: name, secret: secret, when: time.Unix(int64(secret), 7).UTC(), parts: []part{{1, []byte{}}, {2, nil}}}
}

// Secret returns what was hidden.
func (i Item) Secret() int { return i.secret }

// NewKey returns a Key.
func NewKey(a int8, b string) Key { return Key{a, b} }

// Sentinels.
var (
	ErrFar    = errors.New("other: far")
	errHidden = fmt.Errorf("other: hidden: %w", ErrFar)
)

// Hidden returns a sentinel that other packages can't name.
func Hidden() error { return errHidden }

// Code is an error type with a value receiver.
type Code int

// Error returns the code.
func (c Code) Error() string { return fmt.Sprintf("code %d", int(c)) }

// Denied is an error type that wraps.
type Denied struct {
	Who   string
	cause error
}

// Deny returns a Denied.
func Deny(who string, cause error) error { return &Denied{who, cause} }

// Error says who.
func (d *Denied) Error() string {
	if d == nil {
		return "denied: nobody"
	}
	return "denied: " + d.Who
}

// Unwrap returns the cause.
func (d *Denied) Unwrap() error {
	if d == nil {
		return nil
	}
	return d.cause
}
