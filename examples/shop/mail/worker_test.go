package mail_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hemilith/hemilith/examples/shop/mail"
	"github.com/hemilith/hemilith/examples/shop/store"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// counter counts how often each mail was sent.
type counter struct {
	mu   sync.Mutex
	sent map[int64]int
	fail error
}

func (c *counter) Send(_ context.Context, m mail.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		return c.fail
	}
	c.sent[m.ID]++
	return nil
}

func outbox(t *testing.T, count int) *sql.DB {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for i := range count {
		m := mail.Message{To: "ada@shop.example", Subject: fmt.Sprint("Mail ", i), Body: "Hello"}
		if err := mail.Enqueue(t.Context(), db, m, noon); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func TestTwoWorkersSendEachMailOnce(t *testing.T) {
	t.Parallel()
	const mails = 60
	db := outbox(t, mails)
	c := &counter{sent: map[int64]int{}}
	var all sync.WaitGroup
	for range 2 {
		w, err := mail.New(mail.Deps{DB: db, Sender: c, Now: func() time.Time { return noon }})
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			for {
				n, err := w.Drain(t.Context())
				if err != nil {
					t.Errorf("drain: %v", err)
				}
				if n == 0 {
					return
				}
			}
		})
	}
	all.Wait()
	if len(c.sent) != mails {
		t.Errorf("mails sent: got %d, want %d", len(c.sent), mails)
	}
	for id, n := range c.sent {
		if n != 1 {
			t.Errorf("mail %d: sent %d times", id, n)
		}
	}
}

func TestAFailedMailRestsAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	now := noon
	c := &counter{sent: map[int64]int{}, fail: errors.New("mailbox is full")}
	w, err := mail.New(mail.Deps{DB: outbox(t, 1), Sender: c, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	drain := func(want int) {
		t.Helper()
		got, err := w.Drain(t.Context())
		if err != nil || got != want {
			t.Errorf("drain: got %d, %v, want %d", got, err, want)
		}
	}
	drain(0)
	c.fail = nil
	now = noon.Add(19 * time.Second)
	drain(0)
	now = noon.Add(21 * time.Second)
	drain(1)
	now = noon.Add(time.Hour)
	drain(0)
}

func TestAWorkerEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w, err := mail.New(mail.Deps{DB: outbox(t, 3), Sender: &counter{sent: map[int64]int{}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Work(ctx) }()
	stop()
	if err := <-done; err != nil {
		t.Errorf("work: got %v, want nil", err)
	}
}
