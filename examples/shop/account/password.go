package account

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	saltSize = 16
	keySize  = 32
)

// Hash returns password as it may be kept: PBKDF2 with SHA-256 (RFC 8018), a
// random salt, and cost iterations; all but the password are in the result.
func Hash(password string, cost int) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	key, err := pbkdf2.Key(sha256.New, password, salt, cost, keySize)
	if err != nil {
		return "", fmt.Errorf("hash: %w", err)
	}
	enc := base64.RawStdEncoding
	return fmt.Sprintf("pbkdf2-sha256$%d$%s$%s", cost, enc.EncodeToString(salt), enc.EncodeToString(key)), nil
}

// matches takes about as long for no hash as for one of the given cost.
func matches(password, hash string, cost int) bool {
	salt, want := make([]byte, saltSize), []byte(nil)
	if parts := strings.Split(hash, "$"); len(parts) == 4 && parts[0] == "pbkdf2-sha256" {
		if n, err := strconv.Atoi(parts[1]); err == nil {
			cost = n
		}
		salt, _ = base64.RawStdEncoding.DecodeString(parts[2]) // damaged: matches nothing
		want, _ = base64.RawStdEncoding.DecodeString(parts[3])
	}
	got, err := pbkdf2.Key(sha256.New, password, salt, cost, keySize)
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1
}

const (
	maxMisses  = 5   // wrong guesses for one account before all have to wait
	maxFrom    = 100 // wrong guesses from one address; many people may share it
	maxTracked = 10_000
	window     = 15 * time.Minute
)

// tries counts wrong guesses by name. It is per process and bounded: when full,
// it forgets all, which an attacker can bring about only by 10,000 misses.
type tries struct {
	now    func() time.Time
	mu     sync.Mutex
	misses map[string]missed
}

type missed struct {
	count int
	since time.Time
}

func newTries(now func() time.Time) *tries {
	return &tries{now: now, misses: map[string]missed{}}
}

func (t *tries) allow(name string, most int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.misses[name]
	if ok && t.now().Sub(m.since) > window {
		delete(t.misses, name)
		return true
	}
	return m.count < most
}

func (t *tries) miss(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.misses) >= maxTracked {
		clear(t.misses)
	}
	m, ok := t.misses[name]
	if !ok {
		m.since = t.now()
	}
	m.count++
	t.misses[name] = m
}

func (t *tries) forget(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.misses, name)
}
