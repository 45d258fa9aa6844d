// Package util is what everything else in the shop leans on.
package util

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Cents is an amount of money in hundredths of a euro.
type Cents int64

// String formats an amount for machines and logs, such as 12.50.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, int64(c)/100, int64(c)%100)
}

// Price formats an amount for people, in the locale of the request.
func Price(ctx context.Context, c Cents) string {
	if Locale(ctx) == "de" {
		return strings.Replace(c.String(), ".", ",", 1) + " €"
	}
	return "€" + c.String()
}

type (
	localeKey struct{}
	actorKey  struct{}
)

// WithLocale sets the language in which prices are written: en or de.
func WithLocale(ctx context.Context, locale string) context.Context {
	return context.WithValue(ctx, localeKey{}, locale)
}

// Locale is what [WithLocale] set, else en.
func Locale(ctx context.Context) string {
	if l, ok := ctx.Value(localeKey{}).(string); ok && l != "" {
		return l
	}
	return "en"
}

// WithActor sets who is to blame for what happens under ctx.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// Actor is what [WithActor] set, else "nobody".
func Actor(ctx context.Context) string {
	if a, ok := ctx.Value(actorKey{}).(string); ok && a != "" {
		return a
	}
	return "nobody"
}

// Token returns 128 random bits as text that fits in a cookie.
func Token() string { return rand.Text() }

// Clamp returns n, or the bound that it passes.
func Clamp(n, least, most int) int { return max(least, min(n, most)) }

// Clean trims what a person typed: control characters become blanks.
func Clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
}

// Fits tells whether s is valid text of at least least and at most most
// characters.
func Fits(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && n >= least && n <= most
}

// Short cuts s to at most n characters, the last a dot sign if it was longer.
func Short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
