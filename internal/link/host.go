package link

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/hemilith/hemilith/internal/ident"
)

// host is one accepted connection. The goroutine that reads it also runs fast
// handlers; when one of those blocks, the thief takes the reader's role away
// from it and gives it to a new goroutine (rpc.md section 3).
type host struct {
	line
	srv  *Server
	raw  net.Conn
	peer ident.Name // once proven

	// Guarded by the server's lock.
	proven  bool // not among those that have yet to show who they are
	counted bool // among the connections of its peer

	// Guarded by line.mu.
	acceptor acceptor
	queue    []*task // wait for a goroutine
	workers  int
	idle     chan struct{} // closed once draining and without calls

	// word is the state of the inline call and inline the call; see runInline.
	word    atomic.Uint64
	inline  *task
	watched atomic.Bool // by the thief

	// The rest is the reader's.
	now     time.Time // one clock reading for each read
	since   time.Time // of the frame that is not whole yet
	limit   time.Time // the read deadline; zero: none
	heard   time.Time // the last time that something came
	scratch []byte
	batch   time.Duration // expected time of inline calls since the last flush
	crowd   int           // calls that are not to be taken for lonely ones
	alone   bool          // a lonely call ran since the last read
}

func newHost(s *Server, raw net.Conn) *host {
	h := &host{srv: s, raw: raw, idle: make(chan struct{})}
	sh := &shim{Conn: raw}
	h.init(tls.Server(sh, s.tls), sh)
	return h
}

// serve owns the connection until all that belongs to it has ended.
func (h *host) serve() {
	defer h.raw.Close()
	if err := h.handshake(); err != nil {
		h.fail(err)
		if h.srv.base.Err() == nil {
			h.srv.refuse(h.raw.RemoteAddr(), err)
		}
		return
	}
	old := time.AfterFunc(h.age(), func() { h.drain(maxRemain) })
	defer old.Stop()
	// Not here: a handler that blocks or exits takes its goroutine with it.
	h.group.Go(func() { h.read(newReader(h.tls)) })
	<-h.down
	h.mu.Lock()
	for i := range h.acceptor.slots {
		if t := h.acceptor.slots[i].task; t != nil {
			t.cancel(context.Canceled)
		}
	}
	h.mu.Unlock()
	h.group.Wait()
}

// age is how long the connection may live: half of the life of the certificate
// that lives shorter, give or take a tenth, so that not all end at once. Then it
// drains, and the dialer makes another one with the certificates of that time.
func (h *host) age() time.Duration {
	life := ident.DefaultLife
	for _, c := range h.tls.ConnectionState().PeerCertificates[:1] {
		life = min(life, c.NotAfter.Sub(c.NotBefore))
	}
	if own := h.srv.cfg.Identity.Life(); own > 0 {
		life = min(life, own)
	}
	return time.Duration(float64(life) / 2 * (0.9 + 0.2*rand.Float64()))
}

// handshake proves both sides to each other and leaves the read deadline set
// for HELLO.
func (h *host) handshake() error {
	if err := h.raw.SetDeadline(time.Now().Add(handshakeLimit)); err != nil {
		return err
	}
	if err := h.tls.HandshakeContext(h.srv.base); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = fmt.Errorf("no handshake in %v", handshakeLimit)
		}
		return err
	}
	var err error
	if h.peer, err = ident.PeerName(h.tls.ConnectionState()); err != nil {
		return err
	}
	if err := h.srv.enter(h); err != nil {
		return err
	}
	h.shim.start()
	h.now = time.Now()
	h.limit = h.now.Add(helloLimit)
	return errors.Join(h.raw.SetWriteDeadline(time.Time{}), h.raw.SetReadDeadline(h.limit))
}

// read takes frames until the connection is down or the reader's role is gone.
func (h *host) read(rd *reader) {
	for {
		f, ok, err := rd.next()
		if err == nil && !ok {
			h.batch = 0
			h.flushAnswers()
			err = h.more(rd)
		}
		if err == nil && ok {
			h.since = time.Time{}
			var gone bool
			if gone, err = h.take(rd, f); gone {
				return
			}
		}
		if err != nil {
			h.end(err)
			return
		}
	}
}

// end takes the connection down because of err, and tells both sides why.
func (h *host) end(err error) {
	h.mu.Lock()
	greeted, ended := h.acceptor.greeted, h.shut() != nil
	h.mu.Unlock()
	var broken *protocolError
	switch {
	case ended:
	case errors.As(err, &broken) || errors.Is(err, errSlow):
		h.srv.refuse(h.raw.RemoteAddr(), fmt.Errorf("%s: %w", h.peer, err))
		code := closeProtocol
		if errors.Is(err, errSlow) {
			code = closeTimeout
		}
		h.bye(closing{code: code, text: err.Error()}, err)
		return // down once the peer has the reason, or does not take it
	case !greeted && !errors.Is(err, errGone):
		h.srv.refuse(h.raw.RemoteAddr(), fmt.Errorf("%s: %w before HELLO", h.peer, err))
	}
	h.fail(err)
}

// bye takes the connection down with a CLOSE, if the peer knows frames yet. The
// count of accepted requests and the end of accepting are one step: a request
// beyond the count did not run.
func (h *host) bye(c closing, why error) {
	h.mu.Lock()
	greeted := h.acceptor.greeted
	if greeted && h.shut() == nil {
		c.accepted = h.acceptor.accepted
		h.open = appendClose(h.open, c)
		h.final = why
	}
	lead := h.lead()
	h.mu.Unlock()
	if lead {
		h.flush(false)
	}
	if !greeted {
		h.fail(why)
	}
}

// flushAnswers writes what inline calls have left, unless somebody does.
func (h *host) flushAnswers() {
	h.mu.Lock()
	lead := h.lead()
	h.mu.Unlock()
	if lead {
		h.flush(false)
	}
}

// take does what frame f asks. Gone says that the reader's role is no longer
// this goroutine's.
func (h *host) take(rd *reader, f frame) (gone bool, err error) {
	h.mu.Lock()
	h.room(nil) // a peer that reads slowly is read slowly
	var v verdict
	var t *task
	if err = h.shut(); err == nil {
		v, err = h.acceptor.on(f, h.now)
	}
	if err == nil {
		t = h.admit(&v)
	}
	h.mu.Unlock()
	if err != nil {
		return false, err
	}
	switch v.action {
	case actRun:
		if t != nil {
			return h.runInline(rd, t), nil
		}
	case actGreet:
		return false, h.greet(v.hello)
	case actCancel:
		v.task.cancel(context.Canceled)
	case actPong:
		h.control(appendFrame(nil, kindPong, 0, callID{}, v.req.body...))
	case actHangup:
		return false, errGone
	}
	return false, nil
}

// greet answers the dialer's HELLO and resolves, once, what it may call.
func (h *host) greet(theirs hello) error {
	grants := make([]*grant, len(h.srv.grants))
	for _, m := range theirs.methods {
		if int(m.id) >= len(grants) || h.srv.grants[m.id] == nil {
			continue
		}
		g := h.srv.grants[m.id]
		if g.Method.NameHash != m.name || !h.srv.cfg.Allow(h.peer, g.Method) {
			continue
		}
		if g.Method.ShapeHash != m.shape {
			h.srv.skewed.Add(1)
		}
		grants[m.id] = g
	}
	ours, err := newHello(theirs.session, nil)
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.acceptor.grants = grants
	h.open = ours.append(h.open)
	if h.acceptor.draining {
		h.open = appendDrain(h.open, 0, 0)
	}
	h.mu.Unlock()
	return nil
}

// drain tells the dialer to send nothing more and hangs up when it does not.
func (h *host) drain(grace time.Duration) {
	h.mu.Lock()
	h.acceptor.draining = true
	if h.acceptor.greeted {
		h.open = appendDrain(h.open, grace, h.acceptor.accepted)
	}
	h.checkIdle()
	lead := h.lead()
	h.mu.Unlock()
	if lead {
		h.flush(false)
	}
	h.spawn(h.hangup)
}

// checkIdle notes that a draining connection has no calls any more. The caller
// holds h.mu.
func (h *host) checkIdle() {
	if !h.acceptor.draining || h.acceptor.open > 0 {
		return
	}
	select {
	case <-h.idle:
	default:
		close(h.idle)
	}
}

// hangup closes a drained connection if the dialer, whose turn it is, does not.
func (h *host) hangup() {
	select {
	case <-h.idle:
	case <-h.down:
		return
	}
	late := time.NewTimer(closeLimit)
	defer late.Stop()
	select {
	case <-late.C:
		h.bye(closing{}, errGone)
	case <-h.down:
	}
}

// errSlow ends a connection that holds us up.
var errSlow = errors.New("too slow")

// more reads once, whatever it takes, and keeps an eye on a peer that is silent
// or dribbles.
func (h *host) more(rd *reader) error {
	for {
		if err := h.watch(rd); err != nil {
			return err
		}
		asked := h.now
		if h.alone {
			asked = time.Now()
		}
		err := rd.fill()
		h.now = time.Now()
		if h.alone && h.now.Sub(asked) < crowdGap {
			h.crowd = crowdCalls // somebody was waiting
		}
		h.alone = false
		if err == nil {
			h.heard = h.now
			return nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		if err := h.silent(); err != nil {
			return err
		}
	}
}

// watch sets the read deadline, where the peer owes us something. One deadline
// is good for many reads.
func (h *host) watch(rd *reader) error {
	pending := rd.pending()
	if err := dribbled(pending, &h.since, h.now); err != nil {
		return err
	}
	h.mu.Lock()
	owes := h.acceptor.open > 0 || !h.acceptor.greeted
	h.mu.Unlock()
	if left := h.limit.Sub(h.now); (pending > 0 || owes) && (h.limit.IsZero() || left <= 0) {
		return h.readBy(h.now.Add(silence))
	}
	return nil
}

// dribbled returns why a peer is too slow of whose frame pending bytes are there
// and more must come, since a time that it keeps; or nil.
func dribbled(pending int, since *time.Time, now time.Time) error {
	if pending == 0 {
		return nil
	}
	if since.IsZero() {
		*since = now
	}
	most := frameLimit + time.Duration(pending/frameStep)*time.Second
	if took := now.Sub(*since); took > most {
		return fmt.Errorf("%w: a frame of %d bytes is not whole after %v", errSlow, pending, took)
	}
	return nil
}

func (h *host) readBy(limit time.Time) error {
	h.limit = limit
	return h.raw.SetReadDeadline(limit)
}

// silent decides what it means that nothing came until the read deadline.
func (h *host) silent() error {
	h.mu.Lock()
	greeted, open, pinged := h.acceptor.greeted, h.acceptor.open, h.acceptor.pinged
	h.mu.Unlock()
	switch {
	case !greeted:
		return fmt.Errorf("%w: no HELLO in %v", errSlow, helloLimit)
	case open == 0: // idle, or in the middle of a frame: watch judges that
		return h.readBy(time.Time{})
	case h.now.Sub(h.heard) < silence:
		return h.readBy(h.heard.Add(silence))
	case pinged:
		return fmt.Errorf("%w: no answer to a ping in %v", errSlow, pongLimit)
	}
	h.mu.Lock()
	h.acceptor.pinged = true
	h.mu.Unlock()
	h.control(appendFrame(nil, kindPing, 0, callID{}, make([]byte, pingSize)...))
	return h.readBy(h.now.Add(pongLimit))
}
