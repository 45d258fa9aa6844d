package link

import (
	"crypto/tls"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// errGone is the failure of a line that was closed in good order.
var errGone = errors.New("connection closed")

// line is the sending half of a connection and the lock of all of it. Senders
// append frames to the open segment; whoever finds that nobody flushes, does,
// and takes with it what others append meanwhile. There is no writer goroutine
// between a call and the socket (rpc.md section 4).
type line struct {
	tls  *tls.Conn
	shim *shim

	mu       sync.Mutex
	open     []byte // the open segment
	spare    []byte // the last one, for reuse
	segment  uint64 // number of the open segment, from 1; lower ones left
	controls int    // control frames in the open segment
	flushing bool
	waiting  []*turn
	final    error         // the last frame is queued: nothing may follow it
	failure  error         // why the line is down; nil while it is up
	down     chan struct{} // closed when failure is set
	group    sync.WaitGroup

	// rest is what of a taken segment is not encrypted yet; it belongs to the
	// one that flushes.
	rest []byte
	seg  []byte
}

// turn is a sender that waits for room or for a slot.
type turn struct{ ready chan struct{} }

func (l *line) init(conn *tls.Conn, s *shim) {
	l.tls, l.shim, l.segment, l.down = conn, s, 1, make(chan struct{})
}

// full reports whether senders must wait. The caller holds l.mu.
func (l *line) full() bool { return len(l.open) > maxQueue }

// wait gives up l.mu until the sender may look again, the line is down or done
// is closed; then it holds l.mu again. It reports false when done was closed.
func (l *line) wait(done <-chan struct{}) bool {
	t := &turn{make(chan struct{}, 1)}
	l.waiting = append(l.waiting, t)
	l.mu.Unlock()
	ok := true
	select {
	case <-t.ready:
	case <-l.down:
	case <-done:
		ok = false
	}
	l.mu.Lock()
	if i := slices.Index(l.waiting, t); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	} else if !ok {
		l.wake(1) // it was this one's turn: pass it on
	}
	return ok
}

// room gives up l.mu while too much is queued, and has it again when it returns.
// It reports false when done was closed meanwhile.
func (l *line) room(done <-chan struct{}) bool {
	for l.full() && l.shut() == nil {
		if l.lead() {
			l.mu.Unlock()
			l.flush(false)
			l.mu.Lock()
		} else if !l.wait(done) {
			return false
		}
	}
	return true
}

// wake lets up to n waiting senders look again. The caller holds l.mu.
func (l *line) wake(n int) {
	n = min(n, len(l.waiting))
	for _, t := range l.waiting[:n] {
		t.ready <- struct{}{}
	}
	l.waiting = slices.Delete(l.waiting, 0, n)
}

// lead makes the caller the flusher if there is something to flush and nobody
// does. The caller holds l.mu; after true it calls flush without it.
func (l *line) lead() bool {
	if l.flushing || len(l.open) == 0 || l.failure != nil {
		return false
	}
	l.flushing = true
	return true
}

// flushRounds is how many segments a caller writes before a goroutine of the
// line takes over, so that no caller writes for others without end.
const flushRounds = 2

// flush writes what is open. The caller has the flusher's role, from lead, and
// has lost it when flush returns. Yield says that others are about to send.
func (l *line) flush(yield bool) {
	if yield {
		runtime.Gosched() // their frames leave in the same write
	}
	for range flushRounds {
		if !l.take() {
			return
		}
		if done, err := l.push(patience); err != nil {
			l.fail(err)
			return
		} else if !done {
			break
		}
	}
	l.spawn(l.flushAll) // or the line is down, and nothing is to be flushed
}

// flushAll is the flusher that may wait for the peer.
func (l *line) flushAll() {
	for {
		done, err := l.push(writeLimit)
		if err == nil && !done {
			err = errHeld
		}
		if err != nil {
			l.fail(err)
			return
		}
		if !l.take() {
			return
		}
	}
}

// take makes the open segment the flusher's. Without one, the role ends.
func (l *line) take() bool {
	l.mu.Lock()
	if len(l.open) > 0 && l.failure == nil {
		l.seg = l.open
		l.rest = l.seg
		l.open, l.spare = l.spare[:0], nil
		l.segment++
		l.controls = 0
		l.wake(len(l.waiting))
		l.mu.Unlock()
		return true
	}
	l.flushing = false
	final := l.final
	l.mu.Unlock()
	if final != nil {
		l.fail(final)
	}
	return false
}

// push encrypts and writes the rest of the taken segment. It reports whether
// all of it left. An impatient one ends after about wait, a patient one when
// nothing has moved for wait.
func (l *line) push(wait time.Duration) (bool, error) {
	var begin time.Time
	if len(l.rest) > pieceSize {
		begin = time.Now()
	}
	for {
		if wait == patience && !begin.IsZero() && time.Since(begin) > wait {
			return false, nil
		}
		if done, err := l.shim.push(wait); !done || err != nil {
			return false, err
		}
		if len(l.rest) == 0 {
			break
		}
		piece := l.rest[:min(len(l.rest), pieceSize)]
		if _, err := l.tls.Write(piece); err != nil {
			return false, err
		}
		l.rest = l.rest[len(piece):]
	}
	l.mu.Lock()
	l.spare = keep(l.seg)
	l.mu.Unlock()
	l.seg = nil
	return true, nil
}

// control appends a control frame and flushes. It fails
// the line if the peer makes us queue too many.
func (l *line) control(frame []byte) {
	l.mu.Lock()
	if l.shut() == nil {
		l.open = append(l.open, frame...)
		l.controls++
	}
	over, lead := l.controls > maxControls, l.lead()
	l.mu.Unlock()
	if over {
		l.fail(fmt.Errorf("more than %d control frames wait: %w", maxControls, errHeld))
	}
	if lead {
		l.flush(false)
	}
}

// spawn runs f in a goroutine that the line waits for; false if it is down.
func (l *line) spawn(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure != nil {
		return false
	}
	l.group.Go(f)
	return true
}

// fail takes the line down for a reason; the first one stands.
func (l *line) fail(err error) {
	l.mu.Lock()
	first := l.failure == nil
	if first {
		if l.final != nil {
			err = l.final // the end was ours; the peer was faster to hang up
		}
		l.failure = err
		close(l.down)
	}
	l.mu.Unlock()
	if first {
		// Not tls.Close: its farewell waits for a peer that may not read.
		l.shim.Conn.Close()
	}
}

// last appends a final frame and takes the line down once it has left. Senders
// find the line down from now on.
func (l *line) last(frame []byte, why error) {
	l.mu.Lock()
	if l.final == nil && l.failure == nil {
		l.open = append(l.open, frame...)
		l.final = why
	}
	lead := l.lead()
	l.mu.Unlock()
	if lead {
		l.flush(false)
	}
}

// shut returns why nothing can be sent any more, or nil. The caller holds l.mu.
func (l *line) shut() error {
	if l.failure != nil {
		return l.failure
	}
	return l.final
}

// up reports whether the line is up.
func (l *line) up() bool {
	select {
	case <-l.down:
		return false
	default:
		return true
	}
}
