package tour

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// loadWorkers is how many clients ask at once.
	loadWorkers = 6
	// retryPause is how long a client waits before it repeats a write.
	retryPause = 20 * time.Millisecond
	// maxRepeats bounds how often a client repeats one write.
	maxRepeats = 500
)

// load is traffic against one program: each worker reads, and writes orders
// under keys of its own, repeating a write under its key until it is
// acknowledged, as a client that wants its order does.
type load struct {
	player *player
	read   request
	write  []request // the last one is acknowledged

	wg   sync.WaitGroup
	stop context.CancelFunc

	mu     sync.Mutex
	calls  int
	failed map[string]int
	worst  time.Duration
	acked  map[string]bool // by key; false: sent and never acknowledged
}

// startLoad begins the traffic; it ends at stop, or with ctx.
func startLoad(ctx context.Context, p *player, read request, write []request) *load {
	ctx, cancel := context.WithCancel(ctx)
	l := &load{player: p, read: read, write: write, stop: cancel, failed: make(map[string]int), acked: make(map[string]bool)}
	for w := range loadWorkers {
		l.wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				_ = l.ask(ctx, l.read) // counted; reads are not repeated
				l.order(ctx, fmt.Sprintf("tour-%d-%d", w, n))
			}
		})
	}
	return l
}

// order writes one order.
func (l *load) order(ctx context.Context, key string) {
	for range maxRepeats {
		if ctx.Err() != nil {
			return
		}
		l.mu.Lock()
		l.acked[key] = false
		l.mu.Unlock()
		if l.writeOnce(ctx, key) {
			l.mu.Lock()
			l.acked[key] = true
			l.mu.Unlock()
			return
		}
		wait(ctx, retryPause)
	}
}

// writeOnce sends the requests of one write and reports whether the last was
// acknowledged.
func (l *load) writeOnce(ctx context.Context, key string) bool {
	for _, r := range l.write {
		if !l.ask(ctx, r.withKey(key)) {
			return false
		}
	}
	return true
}

// ask sends r and counts it. A request that our own stop cut off is not
// counted.
func (l *load) ask(ctx context.Context, r request) bool {
	began := time.Now()
	a, err := l.player.ask(ctx, r)
	took := time.Since(began)
	if ctx.Err() != nil {
		return false
	}
	ok := err == nil && a.status < 400
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	l.worst = max(l.worst, took)
	if !ok {
		l.failed[failure(a, err)]++
	}
	return ok
}

// failure names what a client saw, without what differs from time to time.
func failure(a *answer, err error) string {
	if err == nil {
		return fmt.Sprintf("status %d %s", a.status, http.StatusText(a.status))
	}
	for _, known := range []string{"connection refused", "connection reset", "EOF", "Timeout", "deadline exceeded"} {
		if strings.Contains(err.Error(), known) {
			return known
		}
	}
	return err.Error()
}

// window returns what was counted since the last call, and begins anew.
func (l *load) window() (calls int, failed map[string]int, worst time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	calls, failed, worst = l.calls, l.failed, l.worst
	l.calls, l.failed, l.worst = 0, make(map[string]int), 0
	return calls, failed, worst
}

// end stops the traffic and returns the keys that were sent; true means
// acknowledged.
func (l *load) end() map[string]bool {
	l.stop()
	l.wg.Wait()
	return l.acked
}

// withKey puts key where r says {{key}}.
func (r request) withKey(key string) request {
	fill := func(s string) string { return strings.ReplaceAll(s, "{{key}}", key) }
	r.Path, r.Body = fill(r.Path), fill(r.Body)
	r.JSON = json.RawMessage(fill(string(r.JSON)))
	if len(r.JSON) == 0 {
		r.JSON = nil
	}
	r.Header, r.Form = fillMap(r.Header, fill), fillMap(r.Form, fill)
	return r
}

func fillMap(m map[string]string, fill func(string) string) map[string]string {
	if m == nil {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = fill(v)
	}
	return out
}

// wait returns after d or at the end of ctx.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
