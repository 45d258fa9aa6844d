// Package config reads the shop's configuration from the environment.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Config is everything that the shop may be told. It holds no open resource.
type Config struct {
	Addr     string        // SHOP_ADDR: host:port of the web server
	DB       string        // SHOP_DB: path of the SQLite file
	Secret   string        // SHOP_SECRET: signs cookies; "" means one kept in the database
	Seed     string        // SHOP_SEED: "" or "demo"
	PayURL   string        // SHOP_PAY_URL: payment provider; "" means the built-in fake
	PayKey   string        // SHOP_PAY_KEY: bearer token for the provider
	SMTP     string        // SHOP_SMTP: host:port of a mail server
	MailFile string        // SHOP_MAIL_FILE: mails are appended here when SMTP is empty
	MailFrom string        // SHOP_MAIL_FROM: sender of all mails
	HashCost int           // SHOP_HASH_COST: PBKDF2 iterations for new passwords
	Secure   bool          // SHOP_SECURE: cookies only over HTTPS
	Timeout  time.Duration // SHOP_TIMEOUT: what one request may take
	Level    slog.Level    // SHOP_LOG: debug, info, warn or error

	// Now is the shop's clock: SHOP_CLOCK fixes it to one RFC 3339 time.
	Now func() time.Time
}

// reader collects every bad value, so that one start shows them all.
type reader struct {
	getenv func(string) string
	errs   []error
}

// Read returns the configuration of an environment. Its error names every
// variable that is wrong, with what would be right.
func Read(getenv func(string) string) (Config, error) {
	r := &reader{getenv: getenv}
	c := Config{
		Addr:     r.addr("SHOP_ADDR", "127.0.0.1:8080"),
		DB:       r.file("SHOP_DB", "shop.db"),
		Secret:   r.secret("SHOP_SECRET"),
		Seed:     r.oneOf("SHOP_SEED", "", "demo"),
		PayURL:   r.url("SHOP_PAY_URL"),
		PayKey:   r.text("SHOP_PAY_KEY", "pay-test-key"),
		SMTP:     r.addr("SHOP_SMTP", ""),
		MailFile: r.file("SHOP_MAIL_FILE", ""),
		MailFrom: r.mailbox("SHOP_MAIL_FROM", "Shop <shop@shop.example>"),
		HashCost: r.number("SHOP_HASH_COST", 600_000, 1, 10_000_000),
		Secure:   r.flag("SHOP_SECURE"),
		Timeout:  r.duration("SHOP_TIMEOUT", 5*time.Second, time.Minute),
		Level:    r.level("SHOP_LOG"),
		Now:      r.clock("SHOP_CLOCK"),
	}
	if err := errors.Join(r.errs...); err != nil {
		return Config{}, fmt.Errorf("configuration:\n%w", err)
	}
	return c, nil
}

func (r *reader) text(name, def string) string {
	if v := r.getenv(name); v != "" {
		return v
	}
	return def
}

func (r *reader) bad(name, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s=%q: %s", name, r.getenv(name), fmt.Sprintf(format, args...)))
}

func (r *reader) addr(name, def string) string {
	v := r.text(name, def)
	if v == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		r.bad(name, "not an address: write host:port, such as 127.0.0.1:8080")
		return def
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		r.bad(name, "port %q is not a number from 0 to 65535", port)
	}
	return v
}

func (r *reader) file(name, def string) string {
	v := r.text(name, def)
	if v == "" {
		return ""
	}
	dir := filepath.Dir(v)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		r.bad(name, "%s is not a directory: make it first", dir)
	}
	return v
}

func (r *reader) secret(name string) string {
	const minSecret = 16
	v := r.text(name, "")
	if v != "" && len(v) < minSecret {
		// The value stays out of the message: messages are logged.
		r.errs = append(r.errs, fmt.Errorf("%s: %d characters are too few: use at least %d random ones", name, len(v), minSecret))
	}
	return v
}

func (r *reader) oneOf(name string, values ...string) string {
	v := r.getenv(name)
	for _, ok := range values {
		if v == ok {
			return v
		}
	}
	r.bad(name, "unknown: leave it empty or use one of %q", values[1:])
	return ""
}

func (r *reader) url(name string) string {
	v := r.getenv(name)
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		r.bad(name, "not a web address: write http://host:port or https://host")
	}
	return v
}

func (r *reader) mailbox(name, def string) string {
	v := r.text(name, def)
	if _, err := mail.ParseAddress(v); err != nil {
		r.bad(name, "not a mail address: write name@host or Name <name@host>")
	}
	return v
}

func (r *reader) number(name string, def, least, most int) int {
	v := r.getenv(name)
	if v == "" {
		return def
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		r.bad(name, "not a number from %d to %d", least, most)
		return def
	}
	return n
}

func (r *reader) flag(name string) bool {
	v := r.getenv(name)
	if v == "" {
		return false
	}
	on, err := strconv.ParseBool(v)
	if err != nil {
		r.bad(name, "neither true nor false")
	}
	return on
}

func (r *reader) duration(name string, def, most time.Duration) time.Duration {
	v := r.getenv(name)
	if v == "" {
		return def
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 || d > most {
		r.bad(name, "not a duration up to %v: write 500ms or 5s", most)
		return def
	}
	return d
}

func (r *reader) level(name string) slog.Level {
	var l slog.Level
	if v := r.getenv(name); v != "" && l.UnmarshalText([]byte(v)) != nil {
		r.bad(name, "unknown level: use debug, info, warn or error")
	}
	return l
}

func (r *reader) clock(name string) func() time.Time {
	v := r.getenv(name)
	if v == "" {
		return time.Now
	}
	at, err := time.Parse(time.RFC3339, v)
	if err != nil {
		r.bad(name, "not an RFC 3339 time: write 2026-01-31T12:00:00Z")
	}
	at = at.UTC()
	return func() time.Time { return at }
}
