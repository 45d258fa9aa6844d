package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/hemilith/hemilith/wire"
)

// conn is a client's connection. No goroutine reads it while one caller is at
// work: that caller reads, and hands out what comes for others (leader and
// follower, rpc.md section 4). When it has its own answer and others wait, the
// spare reader goes on until nobody waits. The spare also watches a connection
// that is idle, so that the end of the other side is known before the next call.
type conn struct {
	line
	client *Client
	raw    net.Conn
	born   time.Time

	// Guarded by line.mu.
	dialer  dialer
	reading bool // somebody reads, or is about to
	idle    bool // the spare reads without a deadline
	heard   time.Time
	swept   time.Time
	closed  closing // what a CLOSE said
	hangup  bool    // a CLOSE came

	spare chan struct{} // hands the reader's role to the spare
	ended chan struct{} // closed when the connection's goroutines have ended

	// The rest belongs to the one that reads.
	rd    *reader
	limit time.Time // the read deadline
	since time.Time // of the frame that is not whole yet
}

// do carries c and waits for its end. It reports false if the connection takes
// no calls any more, so that nothing of c was sent.
func (cn *conn) do(c *call) bool {
	cn.mu.Lock()
	var ok bool
	var err error
	if cn.full() || cn.dialer.crowded() {
		cn.mu.Unlock()
		// For a call without a deadline must not wait for ever.
		ctx, cancel := context.WithDeadline(c.Ctx, c.deadline)
		defer cancel()
		cn.mu.Lock()
		ok, err = cn.queue(ctx, c)
	} else {
		ok, err = cn.admit(c)
	}
	if !ok || err != nil {
		cn.mu.Unlock()
		c.outcome, c.cause = wire.DidNotRun, err
		return ok
	}
	rest := cn.request(c)
	lead, others, read := cn.lead(), cn.dialer.open > 1, cn.takeRole(rest)
	cn.mu.Unlock()
	if lead {
		cn.flush(others)
	}
	if len(rest) > 0 && !cn.upload(c, rest) {
		return true
	}
	if read {
		cn.read(c)
	} else {
		cn.follow(c)
	}
	return true
}

// admit gives c a slot; there is one. !ok means that the connection takes no
// calls. The caller holds cn.mu.
func (cn *conn) admit(c *call) (ok bool, err error) {
	if cn.shut() != nil || cn.dialer.draining {
		return false, nil
	}
	if len(c.Req) > cn.dialer.message {
		return true, fmt.Errorf("%d bytes of arguments, and %s takes %d", len(c.Req), cn.client.cfg.Peer, cn.dialer.message)
	}
	c.id = cn.dialer.take(c)
	if cn.dialer.open == 1 {
		cn.heard = time.Now() // silence counts from here
	}
	return true, nil
}

// queue is admit for a connection that is full: it waits for room and a slot, as
// long as ctx allows.
func (cn *conn) queue(ctx context.Context, c *call) (ok bool, err error) {
	for cn.shut() == nil && !cn.dialer.draining && !cn.dialer.stuck() {
		if !cn.room(ctx.Done()) {
			return true, ctx.Err()
		}
		if !cn.dialer.crowded() {
			return cn.admit(c)
		}
		if !cn.wait(ctx.Done()) {
			return true, ctx.Err()
		}
	}
	return false, nil
}

// request queues the REQ of c and returns what must follow in chunks. The caller
// holds cn.mu.
func (cn *conn) request(c *call) (rest []byte) {
	r := request{method: c.Method.ID, remain: max(time.Until(c.deadline), 0), trace: c.trace, total: len(c.Req), body: c.Req}
	flags := uint8(0)
	if c.trace.ID != [16]byte{} {
		flags |= flagTrace
	}
	if len(r.body)+maxReqHead > maxFrame {
		flags |= flagMore
		r.body, rest = r.body[:chunkSize], r.body[chunkSize:]
	} else {
		c.segment = cn.segment
	}
	cn.open = appendRequest(cn.open, c.id, flags, &r)
	return rest
}

// takeRole decides who reads the answer: true if it is the caller. The caller
// holds cn.mu.
func (cn *conn) takeRole(rest []byte) bool {
	if cn.idle {
		cn.idle = false
		cn.limit = time.Now().Add(spareSlice)
		_ = cn.raw.SetReadDeadline(cn.limit) // fails on a closed socket: reading says so
	}
	if cn.reading {
		return false
	}
	cn.reading = true
	if len(rest) > 0 { // the caller has more to write first
		cn.spare <- struct{}{}
		return false
	}
	return true
}

// upload queues the rest of a long request. It reports false when c is over.
func (cn *conn) upload(c *call, rest []byte) bool {
	ctx, cancel := context.WithDeadline(c.Ctx, c.deadline)
	defer cancel()
	for len(rest) > 0 {
		piece := rest[:min(len(rest), chunkSize)]
		rest = rest[len(piece):]
		cn.mu.Lock()
		ok := cn.room(ctx.Done())
		switch {
		case c.over || cn.shut() != nil:
			cn.mu.Unlock()
			cn.follow(c) // the reader has ended it, or does so now
			return false
		case !ok || ctx.Err() != nil:
			cn.mu.Unlock()
			if !cn.leave(c, ctx.Err()) {
				<-c.done
			}
			return false
		}
		cn.open = appendChunk(cn.open, c.id, piece, len(rest) > 0)
		if len(rest) == 0 {
			c.segment = cn.segment
		}
		lead := cn.lead()
		cn.mu.Unlock()
		if lead {
			cn.flush(false)
		}
	}
	return true
}

// follow waits until the reader has ended c or its context is over.
func (cn *conn) follow(c *call) {
	done := c.Ctx.Done()
	if done == nil {
		<-c.done
		return
	}
	select {
	case <-c.done:
	case <-done:
		if !cn.leave(c, c.Ctx.Err()) {
			<-c.done // its end was under way
		}
	}
}

// leave ends c for its caller because of err, unless it is over already. A
// request that has not left is taken back, and then it did not run; else the
// other side is told, and the slot stays taken until it has answered.
func (cn *conn) leave(c *call, err error) bool {
	cn.mu.Lock()
	if c.over {
		cn.mu.Unlock()
		return false
	}
	cn.abandon(c, err, false)
	lead := cn.lead()
	cn.mu.Unlock()
	if lead {
		cn.flush(false)
	}
	return true
}

// abandon is the inner part of leave. A request whose end has not left can't
// run, and what of it has not left either is taken back: all of it, and then the
// slot is free again; or its last chunks, and then the other side is told and
// answers. The caller holds cn.mu.
func (cn *conn) abandon(c *call, err error, wake bool) {
	outcome := wire.Unknown
	if !c.left(cn.segment) {
		outcome = wire.DidNotRun
	}
	if outcome == wire.DidNotRun && cut(&cn.open, c.id) {
		cn.dialer.retract(c.id, c.ordinal)
		cn.freed()
	} else {
		cn.dialer.leave(c.id)
		cn.open = appendFrame(cn.open, kindCancel, 0, c.id)
	}
	c.finish(outcome, err, wake)
}

// cut removes the frames of a request from those that have not left. It reports
// whether its REQ was among them, so that nothing of it has left.
func cut(open *[]byte, id callID) (whole bool) {
	b := *open
	kept := b[:0]
	for at := 0; at < len(b); {
		h, ok, err := parseHeader(b[at:])
		if !ok || err != nil {
			kept = append(kept, b[at:]...)
			break
		}
		next := at + h.size + h.length
		if h.id == id && (h.kind == kindReq || h.kind == kindChunk) {
			whole = whole || h.kind == kindReq
		} else {
			kept = append(kept, b[at:next]...)
		}
		at = next
	}
	*open = kept
	return whole
}

// freed lets a waiting call take a slot. The caller holds cn.mu.
func (cn *conn) freed() {
	if len(cn.waiting) > 0 && !cn.full() {
		cn.wake(1)
	}
}

// read has the reader's role. With c, it reads until c is over; without, as the
// spare, until nobody waits. Then it hands the role on.
func (cn *conn) read(c *call) {
	slice := spareSlice
	if c != nil {
		slice = leadSlice
	}
	now := time.Now()
	for {
		err := cn.patient(now, slice)
		if err == nil {
			err = cn.rd.fill()
		}
		now = time.Now()
		var over error
		if c != nil {
			over = c.ended(now)
		}
		cn.mu.Lock()
		if err == nil {
			cn.heard = now
			err = cn.frames(c)
		} else if errors.Is(err, os.ErrDeadlineExceeded) {
			err = nil
		}
		if err == nil {
			err = cn.tend(now, c, over)
		}
		if err != nil {
			cn.mu.Unlock()
			cn.die(err, c)
			return
		}
		handed := cn.handOn(c)
		lead := cn.lead()
		cn.mu.Unlock()
		if lead {
			cn.flush(false)
		}
		if handed {
			return
		}
	}
}

// patient sets the read deadline to a moment within slice; one is good for many
// reads. An idle connection has none.
func (cn *conn) patient(now time.Time, slice time.Duration) error {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	left := cn.limit.Sub(now)
	if cn.idle || slice/2 <= left && left <= slice {
		return nil
	}
	cn.limit = now.Add(slice)
	return cn.raw.SetReadDeadline(cn.limit)
}

// frames takes all whole frames. The caller holds cn.mu.
func (cn *conn) frames(c *call) error {
	for {
		f, ok, err := cn.rd.next()
		if err != nil || !ok {
			return err
		}
		cn.since = time.Time{}
		r, err := cn.dialer.on(f)
		if err != nil {
			return err
		}
		if err := cn.apply(r, c); err != nil {
			return err
		}
	}
}

// apply does what a frame means. The caller holds cn.mu.
func (cn *conn) apply(r reply, c *call) error {
	switch r.action {
	case actAnswer:
		if r.call != nil {
			r.call.take(r.body, r.owned)
			r.call.finish(wire.Ran, nil, r.call != c)
		}
		cn.freed()
	case actStatus:
		if r.call != nil {
			outcome := wire.DidNotRun
			if r.ran {
				outcome = wire.Ran
			}
			r.call.again = r.status.Code == Draining
			r.call.finish(outcome, statusCause(r.status), r.call != c)
		}
		cn.freed()
	case actPong:
		cn.open = appendFrame(cn.open, kindPong, 0, callID{}, r.body...)
		if cn.controls++; cn.controls > maxControls {
			return errHeld
		}
	case actDrain:
		cn.wake(len(cn.waiting)) // they go to another connection
	case actHangup:
		cn.closed, cn.hangup = r.close, true
		return r.close
	}
	return nil
}

// tend does what is due: it ends calls whose time is over, c with the reason
// given, and asks a silent peer whether it lives. The caller holds cn.mu.
func (cn *conn) tend(now time.Time, c *call, over error) error {
	if c != nil && !c.over && over != nil {
		cn.abandon(c, over, false)
	}
	if now.Sub(cn.swept) < spareSlice {
		return nil
	}
	cn.swept = now
	for i := range cn.dialer.slots {
		if o := cn.dialer.slots[i].call; o != nil && o != c && o.sweep && !now.Before(o.deadline) {
			cn.abandon(o, context.DeadlineExceeded, true)
		}
	}
	if err := dribbled(cn.rd.pending(), &cn.since, now); err != nil {
		return err
	}
	quiet := now.Sub(cn.heard)
	switch {
	case cn.dialer.open == 0 || quiet < silence:
	case !cn.dialer.pinged:
		cn.dialer.pinged = true
		cn.open = appendFrame(cn.open, kindPing, 0, callID{}, make([]byte, pingSize)...)
	case quiet >= silence+pongLimit:
		return fmt.Errorf("silent for %v, and no answer to a ping", quiet.Round(time.Second))
	}
	return nil
}

// handOn reports whether the reader's work is done, and gives the role on. The
// caller holds cn.mu.
func (cn *conn) handOn(c *call) bool {
	if cn.dialer.open == 0 && cn.dialer.draining {
		cn.goodbye()
		return false // the next read finds the end
	}
	switch {
	case c != nil && !c.over:
		return false
	case c != nil && cn.dialer.open > 0:
		cn.spare <- struct{}{}
		return true
	case c == nil && (cn.dialer.open > 0 || cn.idle):
		return false
	default:
		cn.reading = false
		return true
	}
}

// goodbye queues a CLOSE, once. The caller holds cn.mu and flushes.
func (cn *conn) goodbye() {
	if cn.shut() == nil {
		cn.open = appendClose(cn.open, closing{})
		cn.final = errGone
	}
}

// watch is the goroutine of the spare reader.
func (cn *conn) watch() {
	defer close(cn.ended)
	idle := time.NewTimer(idleAfter)
	defer idle.Stop()
	var seen uint64
	for {
		select {
		case <-cn.spare:
			cn.read(nil)
		case <-idle.C:
			cn.mu.Lock()
			quiet := !cn.reading && cn.dialer.ordinal == seen
			seen = cn.dialer.ordinal
			if quiet {
				cn.reading, cn.idle = true, true
				_ = cn.raw.SetReadDeadline(time.Time{}) // as in takeRole
			}
			cn.mu.Unlock()
			if quiet {
				cn.read(nil)
			}
		case <-cn.down:
			cn.die(errGone, nil) // the reader's role may be on its way here
			cn.group.Wait()
			return
		}
		idle.Reset(idleAfter)
	}
}

// die takes the connection down and ends its calls; only the one that reads
// does that. c is its own call, or nil.
func (cn *conn) die(err error, c *call) {
	var broken *protocolError
	if errors.As(err, &broken) {
		cn.client.log.Warn("hemilith: a server broke the protocol", "peer", cn.client.cfg.Peer.String(), "err", err)
		cn.last(appendClose(nil, closing{code: closeProtocol, text: err.Error()}), err)
	}
	cn.fail(err)
	cn.client.drop(cn)
	cn.mu.Lock()
	defer cn.mu.Unlock()
	why := fmt.Errorf("connection to %s lost: %w", cn.client.cfg.Peer, cn.failure)
	for i := range cn.dialer.slots {
		o := cn.dialer.slots[i].call
		if o == nil {
			continue
		}
		cn.dialer.slots[i].call = nil // from now on it is its caller's alone
		outcome := wire.Unknown
		if !o.left(cn.segment) || cn.hangup && o.ordinal > cn.closed.accepted {
			outcome = wire.DidNotRun
		}
		o.again = outcome == wire.DidNotRun
		o.finish(outcome, why, o != c)
	}
}
