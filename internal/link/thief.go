package link

import (
	"runtime"
	"sync"
	"syscall"
	"time"
)

// thief watches the connections that run handlers on their reading goroutine
// and takes the reader's role from a handler that is found running twice, so
// that one slow call holds up the others for two ticks at most. It has a
// goroutine while there is somebody to watch.
type thief struct {
	mu      sync.Mutex
	marks   []mark // at most one for each connection
	stopped bool
	stop    chan struct{} // made with the goroutine
	done    chan struct{}
}

// mark is a watched connection.
type mark struct {
	host *host
	last uint64 // its word at the last tick
	idle int    // ticks without an inline call
}

// maxIdleTicks is how long a connection without inline calls stays watched.
const maxIdleTicks = 64

// watch adds h unless it is watched.
func (th *thief) watch(h *host) {
	th.mu.Lock()
	defer th.mu.Unlock()
	if th.stopped || h.watched.Load() {
		return
	}
	h.watched.Store(true)
	th.marks = append(th.marks, mark{host: h, last: h.word.Load()})
	if th.stop == nil {
		th.stop, th.done = make(chan struct{}), make(chan struct{})
		// Over memory, a timer: the time of tests may be virtual.
		if _, socket := h.raw.(syscall.Conn); socket && naps {
			go th.prowlNapping(th.stop, th.done)
		} else {
			go th.prowl(th.stop, th.done)
		}
	}
}

// prowlNapping is prowl on a thread of its own.
func (th *thief) prowlNapping(stop, done chan struct{}) {
	defer close(done)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		nap(robAfter)
		select {
		case <-stop:
			return
		default:
		}
		if !th.round() {
			return
		}
	}
}

func (th *thief) prowl(stop, done chan struct{}) {
	defer close(done)
	tick := time.NewTicker(robAfter)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if !th.round() {
				return
			}
		case <-stop:
			return
		}
	}
}

// round looks at all once. Without anybody left to watch, it ends the
// goroutine.
func (th *thief) round() bool {
	th.mu.Lock()
	defer th.mu.Unlock()
	kept := th.marks[:0]
	for _, m := range th.marks {
		word := m.host.word.Load()
		m.idle++
		if word != m.last {
			m.idle = 0
		} else if word&busy != 0 {
			m.host.rob(word)
		}
		m.last = word
		if m.keep() {
			kept = append(kept, m)
		}
	}
	clear(th.marks[len(kept):])
	th.marks = kept
	if len(kept) > 0 || th.stopped {
		return true
	}
	th.stop = nil
	return false
}

// keep reports whether m is to be looked at again. A host looks at watched after
// it has said that a call runs, and keep the other way round: one sees the
// other.
func (m mark) keep() bool {
	if m.idle < maxIdleTicks && m.host.up() {
		return true
	}
	m.host.watched.Store(false)
	if m.host.word.Load()&busy == 0 {
		return false
	}
	m.host.watched.Store(true)
	return true
}

// close ends the goroutine and waits for it.
func (th *thief) close() {
	th.mu.Lock()
	stop, done, first := th.stop, th.done, !th.stopped
	th.stopped = true
	th.mu.Unlock()
	if stop == nil {
		return
	}
	if first {
		close(stop)
	}
	<-done
}
