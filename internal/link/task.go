package link

import (
	"context"
	"sync"
	"time"

	"github.com/hemilith/hemilith/wire"
)

// task is one call that is being served. It is also the context that its
// handler gets, so that a call costs one allocation: a deadline, cancellation
// and the trace, and no other value.
type task struct {
	id       callID
	grant    *grant
	deadline time.Time
	trace    wire.Trace
	dec      wire.Decoder
	body     []byte
	owned    bool
	reader   *reader // of the goroutine that runs the handler inline; nil: its own
	word     uint64  // see host.runInline

	mu    sync.Mutex
	err   error         // why the context ended
	done  chan struct{} // made when somebody asks
	timer *time.Timer   // runs once somebody waits for the end
	after map[*func()]struct{}
}

// Deadline implements [context.Context].
func (t *task) Deadline() (time.Time, bool) { return t.deadline, true }

// Value yields the trace and nothing else.
func (t *task) Value(key any) any {
	if wire.TraceKey(key) && t.trace.ID != [16]byte{} {
		return t.trace
	}
	return nil
}

// Done implements [context.Context]. The first use starts a timer; a handler
// that never waits for the end of its context pays for none.
func (t *task) Done() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done == nil {
		t.done = make(chan struct{})
		if t.err != nil {
			close(t.done)
		}
		t.watch()
	}
	return t.done
}

// watch starts the timer. The caller holds t.mu.
func (t *task) watch() {
	if t.timer == nil && t.err == nil {
		t.timer = time.AfterFunc(time.Until(t.deadline), func() { t.cancel(context.DeadlineExceeded) })
	}
}

// Err implements [context.Context]; it looks at the clock.
func (t *task) Err() error {
	t.mu.Lock()
	err := t.err
	t.mu.Unlock()
	if err == nil && !time.Now().Before(t.deadline) {
		return t.cancel(context.DeadlineExceeded)
	}
	return err
}

// AfterFunc runs f in a goroutine of its own once the context has ended; stop
// reports whether it prevented that. The standard library looks for this method
// and then needs no goroutine for a derived context.
func (t *task) AfterFunc(f func()) (stop func() bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		go f()
		return func() bool { return false }
	}
	if t.after == nil {
		t.after = make(map[*func()]struct{})
	}
	key := &f
	t.after[key] = struct{}{}
	t.watch()
	return func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		_, waits := t.after[key]
		delete(t.after, key)
		return waits
	}
}

// cancel ends the context; the first reason stands and is returned. Also called
// when the handler has returned, as net/http does.
func (t *task) cancel(why error) error {
	t.mu.Lock()
	if t.err != nil {
		defer t.mu.Unlock()
		return t.err
	}
	t.err = why
	if t.done != nil {
		close(t.done)
	}
	if t.timer != nil {
		t.timer.Stop()
	}
	after := t.after
	t.after = nil
	t.mu.Unlock()
	if len(after) > 0 {
		go func() { // what was registered is not ours and may block
			for f := range after {
				(*f)()
			}
		}()
	}
	return why
}
