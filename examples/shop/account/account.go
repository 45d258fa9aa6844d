// Package account knows the customers: who they are, that they are it, and
// where they live.
package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/hemilith/hemilith/examples/shop/audit"
	outbox "github.com/hemilith/hemilith/examples/shop/mail"
	"github.com/hemilith/hemilith/examples/shop/store"
	"github.com/hemilith/hemilith/examples/shop/util"
)

// User is a customer or a member of the staff.
type User struct {
	ID     int64
	Email  string
	Name   string
	Staff  bool
	Locale string
}

// Errors that callers may test for.
var (
	ErrTaken    = errors.New("there is an account with this address already")
	ErrWrong    = errors.New("address or password is wrong")
	ErrTooMany  = errors.New("too many attempts, try again later")
	ErrNoLogin  = errors.New("not logged in")
	ErrNotFound = errors.New("no such address")
)

// FieldError says which field of a form cannot be right.
type FieldError struct{ Field, Problem string }

// Error says what is wrong where.
func (e *FieldError) Error() string { return e.Field + " " + e.Problem }

// SessionLife is how long a login lasts.
const SessionLife = 30 * 24 * time.Hour

// Options are the choices of [New].
type Options struct {
	Secret string           // keys the session tokens in the database
	Cost   int              // PBKDF2 iterations
	Now    func() time.Time // nil is time.Now
}

// Users are all accounts. It is safe for concurrent use.
type Users struct {
	db    *sql.DB
	log   *audit.Log
	opt   Options
	tries *tries
}

// New returns the accounts in db.
func New(db *sql.DB, log *audit.Log, opt Options) *Users {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Users{db: db, log: log, opt: opt, tries: newTries(opt.Now)}
}

// Register makes an account and greets its owner by mail.
func (u *Users) Register(ctx context.Context, email, name, password string) (User, error) {
	email, name = strings.TrimSpace(email), util.Clean(name)
	if err := checkNew(email, name, password); err != nil {
		return User{}, err
	}
	hash, err := Hash(password, u.opt.Cost)
	if err != nil {
		return User{}, err
	}
	user := User{Email: email, Name: name, Locale: "en"}
	err = store.Tx(ctx, u.db, func(tx *sql.Tx) error {
		now := u.opt.Now()
		result, err := tx.ExecContext(ctx, `INSERT INTO users (email, name, hash, created) VALUES (?, ?, ?, ?)`,
			email, name, hash, store.Millis(now))
		if err != nil {
			return err
		}
		if user.ID, err = result.LastInsertId(); err != nil {
			return err
		}
		return outbox.Enqueue(ctx, tx, outbox.Message{
			To: email, Subject: "Welcome", Body: "Hello " + name + ",\n\nyour account is ready.\n",
		}, now)
	})
	if store.Taken(err) {
		return User{}, ErrTaken
	}
	if err != nil {
		return User{}, fmt.Errorf("register: %w", err)
	}
	return user, u.log.Record(util.WithActor(ctx, email), "registered", user.ID)
}

func checkNew(email, name, password string) error {
	a, err := mail.ParseAddress(email)
	switch {
	case err != nil || a.Address != email || len(email) > 200:
		return &FieldError{"email", "is not a mail address"}
	case !util.Fits(name, 1, 80):
		return &FieldError{"name", "must have 1 to 80 characters"}
	case !util.Fits(password, 8, 200):
		return &FieldError{"password", "must have 8 to 200 characters"}
	}
	return nil
}

// Login returns the token of a new session. Wrong guesses are counted, for the
// address and for where they came from.
func (u *Users) Login(ctx context.Context, email, password, from string) (User, string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if !u.tries.allow(email, maxMisses) || !u.tries.allow(from, maxFrom) {
		return User{}, "", ErrTooMany
	}
	var user User
	var hash string
	err := u.db.QueryRowContext(ctx, `SELECT id, email, name, staff, locale, hash FROM users WHERE email = ?`, email).
		Scan(&user.ID, &user.Email, &user.Name, &user.Staff, &user.Locale, &hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return User{}, "", fmt.Errorf("login: %w", err)
	}
	// An unknown address costs as much time as a wrong password.
	if !matches(password, hash, u.opt.Cost) {
		u.tries.miss(email)
		u.tries.miss(from)
		return User{}, "", ErrWrong
	}
	u.tries.forget(email)
	token := util.Token()
	_, err = u.db.ExecContext(ctx, `INSERT INTO sessions (token, user_id, expires) VALUES (?, ?, ?)`,
		u.keyed(token), user.ID, store.Millis(u.opt.Now().Add(SessionLife)))
	if err != nil {
		return User{}, "", fmt.Errorf("login: %w", err)
	}
	return user, token, u.log.Record(util.WithActor(ctx, user.Email), "logged in", user.ID)
}

// keyed is how a token is kept: who reads the database cannot log in with it.
func (u *Users) keyed(token string) string {
	mac := hmac.New(sha256.New, []byte(u.opt.Secret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// Session returns whose token it is, or [ErrNoLogin].
func (u *Users) Session(ctx context.Context, token string) (User, error) {
	var user User
	err := u.db.QueryRowContext(ctx, `
		SELECT u.id, u.email, u.name, u.staff, u.locale FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token = ? AND s.expires > ?`, u.keyed(token), store.Millis(u.opt.Now())).
		Scan(&user.ID, &user.Email, &user.Name, &user.Staff, &user.Locale)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, ErrNoLogin
	}
	if err != nil {
		return User{}, fmt.Errorf("session: %w", err)
	}
	return user, nil
}

// Logout ends a session, and all that have expired.
func (u *Users) Logout(ctx context.Context, token string) error {
	_, err := u.db.ExecContext(ctx, `DELETE FROM sessions WHERE token = ? OR expires <= ?`,
		u.keyed(token), store.Millis(u.opt.Now()))
	if err != nil {
		return fmt.Errorf("logout: %w", err)
	}
	return nil
}

// SetLocale chooses the language of prices for a user.
func (u *Users) SetLocale(ctx context.Context, id int64, locale string) error {
	if locale != "en" && locale != "de" {
		return &FieldError{"locale", "must be en or de"}
	}
	if _, err := u.db.ExecContext(ctx, `UPDATE users SET locale = ? WHERE id = ?`, locale, id); err != nil {
		return fmt.Errorf("locale: %w", err)
	}
	return nil
}
