package mail

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/hemilith/hemilith/examples/shop/util"
)

// Sender delivers one mail. It returns nil once someone else is responsible.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Deps is what a [Worker] needs.
type Deps struct {
	DB     *sql.DB
	Sender Sender
	Log    *slog.Logger     // nil is silent
	Now    func() time.Time // nil is time.Now; leases are compared between processes
	Every  time.Duration    // between looks at an empty outbox; 0 is 300 ms
}

// Worker sends the mails of the outbox. Any number may run, in any number of
// processes: a mail is sent by one of them. It is sent again only if a worker
// dies between sending it and writing that down, which its Message-ID shows.
type Worker struct {
	Deps
	owner string
}

// New returns a worker; [Worker.Work] makes it work.
func New(d Deps) (*Worker, error) {
	if d.DB == nil || d.Sender == nil {
		return nil, errors.New("mail: a worker needs a database and a sender")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Every == 0 {
		d.Every = 300 * time.Millisecond
	}
	return &Worker{Deps: d, owner: util.Token()}, nil
}

// Work sends until ctx ends, and returns nil after the mail in hand. Trouble
// with the database or the sender is logged and tried again.
func (w *Worker) Work(ctx context.Context) error {
	for ctx.Err() == nil {
		sent, err := w.Drain(ctx)
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("mail: cannot empty the outbox", "err", err)
		}
		if sent > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(w.Every):
		}
	}
	return nil
}

// Drain sends one batch and returns how many of it were sent.
func (w *Worker) Drain(ctx context.Context) (int, error) {
	if any, err := waiting(ctx, w.DB, w.Now()); err != nil || !any {
		return 0, err
	}
	batch, err := claim(ctx, w.DB, w.owner, w.Now())
	if err != nil {
		return 0, err
	}
	// What is claimed is finished or given back even while the program stops.
	ctx, stopping := context.WithoutCancel(ctx), ctx
	sent := 0
	var errs []error
	for _, m := range batch {
		if stopping.Err() != nil {
			errs = append(errs, release(ctx, w.DB, m.ID, w.owner))
			continue
		}
		ok, err := w.send(ctx, m)
		if ok {
			sent++
		}
		errs = append(errs, err)
	}
	return sent, errors.Join(errs...)
}

func (w *Worker) send(ctx context.Context, m Message) (bool, error) {
	if cause := w.Sender.Send(ctx, m); cause != nil {
		w.Log.Warn("mail: not sent, will try again", "id", m.ID, "to", m.To, "err", cause)
		return false, markFailed(ctx, w.DB, m.ID, w.owner, w.Now(), cause)
	}
	return true, markSent(ctx, w.DB, m.ID, w.owner, w.Now())
}
