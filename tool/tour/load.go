package tour

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
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
	stop chan struct{} // closed: finish the order at hand

	mu     sync.Mutex
	calls  int
	failed map[string]int
	worst  time.Duration
	acked  map[string]bool // by key; false: sent and never acknowledged
}

// startLoad prepares a session for each worker and begins the traffic, which
// ends at end, or with ctx. The caller calls end from the same goroutine.
func startLoad(ctx context.Context, p *player, read request, prepare, write []request) (*load, error) {
	for w := range loadWorkers {
		if err := prepareWorker(ctx, p, prepare, strconv.Itoa(w)); err != nil {
			return nil, err
		}
	}
	l := &load{player: p, read: read, write: write, stop: make(chan struct{}), failed: make(map[string]int), acked: make(map[string]bool)}
	for w := range loadWorkers {
		l.wg.Go(func() { l.work(ctx, strconv.Itoa(w)) })
	}
	return l, nil
}

// prepareWorker makes the sessions of one worker.
func prepareWorker(ctx context.Context, p *player, prepare []request, worker string) error {
	for _, r := range prepare {
		r = r.fill("{{worker}}", worker)
		a, err := p.ask(ctx, r)
		if err != nil {
			return fmt.Errorf("prepare the load: %s: %w", r.Name, err)
		}
		if a.status != r.Expect {
			return fmt.Errorf("prepare the load: %s: status %d, want %d: %.200s", r.Name, a.status, r.Expect, a.body)
		}
	}
	return nil
}

// work reads and writes in turn until the load is stopped or ctx ends.
func (l *load) work(ctx context.Context, worker string) {
	write := make([]request, len(l.write))
	for i, r := range l.write {
		write[i] = r.fill("{{worker}}", worker)
	}
	for n := 0; ctx.Err() == nil && !l.stopped(); n++ {
		_ = l.ask(ctx, l.read) // counted; reads are not repeated
		l.order(ctx, write, "tour-"+worker+"-"+strconv.Itoa(n))
	}
}

// order writes one order under key.
func (l *load) order(ctx context.Context, write []request, key string) {
	for range maxRepeats {
		if ctx.Err() != nil {
			return
		}
		l.mu.Lock()
		l.acked[key] = false
		l.mu.Unlock()
		if l.writeOnce(ctx, write, key) {
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
func (l *load) writeOnce(ctx context.Context, write []request, key string) bool {
	for _, r := range write {
		if !l.ask(ctx, r.fill("{{key}}", key)) {
			return false
		}
	}
	return true
}

// ask sends r and counts it. A request that an interrupt cut off is not
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
		return fmt.Sprintf("%d %s: %.100s", a.status, http.StatusText(a.status), bytes.TrimSpace(a.body))
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

func (l *load) stopped() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// end lets every worker finish its order and returns the keys that were sent;
// true means acknowledged.
func (l *load) end() map[string]bool {
	if !l.stopped() {
		close(l.stop)
	}
	l.wg.Wait()
	return l.acked
}

// fill puts value where r says mark.
func (r request) fill(mark, value string) request {
	fill := func(s string) string { return strings.ReplaceAll(s, mark, value) }
	r.Session, r.Path, r.Body = fill(r.Session), fill(r.Path), fill(r.Body)
	if r.JSON != nil {
		r.JSON = json.RawMessage(fill(string(r.JSON)))
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
