package link

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hemilith/hemilith/wire"
)

// call is one call from Begin to End, pooled: a small one costs no allocation.
type call struct {
	wire.Call
	deadline time.Time
	trace    wire.Trace // read before any lock, as is all that asks the caller's context
	// sweep says that the context has no deadline, so that the connection's
	// reader, and no timer, ends the call.
	sweep bool
	done  chan struct{} // gets a value when over is set by somebody else
	buf   []byte        // results that are not owned

	// Guarded by the connection's lock.
	id      callID
	ordinal uint64 // of the request on its connection
	// segment is the one that holds the end of the request; 0: not queued yet.
	segment uint64
	over    bool
	body    []byte
	owned   bool
	outcome wire.Outcome
	again   bool // it did not run, and only this connection is to blame
	cause   error
}

// left reports whether the end of c's request has gone to the socket, where open
// is the number of the open segment. Before that, the method can't run.
func (c *call) left(open uint64) bool { return c.segment != 0 && c.segment < open }

// finish ends c; wake says that its caller waits for that. The caller of finish
// holds the connection's lock.
func (c *call) finish(outcome wire.Outcome, cause error, wake bool) {
	c.over, c.outcome, c.cause = true, outcome, cause
	if wake {
		c.done <- struct{}{}
	}
}

// take keeps an answer. Small ones are copied out of the reader's buffer.
func (c *call) take(body []byte, owned bool) {
	if !owned {
		c.buf = append(c.buf[:0], body...)
		body = c.buf
	}
	c.body, c.owned = body, owned
}

// ended returns why c's caller waits no longer, or nil.
func (c *call) ended(now time.Time) error {
	if c.sweep && !now.Before(c.deadline) {
		return context.DeadlineExceeded
	}
	return c.Ctx.Err()
}

// Begin implements [wire.Caller].
func (cl *Client) Begin(ctx context.Context, m *wire.Method) *wire.Call {
	c, ok := cl.calls.Get().(*call)
	if !ok {
		c = &call{done: make(chan struct{}, 1)}
		c.Carrier = c
	}
	c.Ctx, c.Method = ctx, m
	return &c.Call
}

// End implements [wire.Caller].
func (cl *Client) End(w *wire.Call) {
	c, ok := w.Carrier.(*call)
	if !ok {
		return
	}
	c.Ctx, c.Method, c.body, c.cause = nil, nil, nil, nil
	c.Req, c.buf = keep(c.Req), keep(c.buf)
	c.Dec.Reset(nil, false)
	cl.calls.Put(c)
}

// maxTurns is how many connections a call tries until one takes it: the others
// were closed before the call had left, or drained.
const maxTurns = 3

var errForeign = errors.New("the call is not from this client's Begin")

// Do implements [wire.Caller]. After an error, w may be carried again: its
// request is as it was.
func (cl *Client) Do(w *wire.Call) error {
	c, ok := w.Carrier.(*call)
	if !ok {
		return &wire.CallError{Component: w.Method.Component, Method: w.Method.Name, Outcome: wire.DidNotRun, Cause: errForeign}
	}
	if err := cl.prepare(c); err != nil {
		return c.failure(wire.DidNotRun, err)
	}
	for turn := 0; turn < maxTurns; {
		c.reset()
		cn, err := cl.conn(c)
		if err == nil && cn == nil { // it was lost before this call woke: no turn
			err = c.ended(time.Now())
			if err == nil {
				continue
			}
		}
		if err != nil {
			return c.failure(wire.DidNotRun, err)
		}
		turn++
		if !cn.do(c) || c.again && c.ended(time.Now()) == nil {
			cl.drop(cn)
			continue
		}
		if c.cause != nil {
			return c.failure(c.outcome, c.cause)
		}
		c.Dec.Reset(c.body, c.owned)
		return nil
	}
	return c.failure(wire.DidNotRun, fmt.Errorf("%s closed or drained %d connections before the call was on them", cl.cfg.Peer, maxTurns))
}

// prepare resets c and checks what needs no connection.
func (cl *Client) prepare(c *call) error {
	if len(c.Req) > maxMessage {
		return fmt.Errorf("%d bytes of arguments, more than %d", len(c.Req), maxMessage)
	}
	if err := c.Ctx.Err(); err != nil {
		return err
	}
	deadline, has := c.Ctx.Deadline()
	if c.sweep = !has; c.sweep {
		deadline = time.Now().Add(cl.timeout(c.Method))
	}
	c.deadline = deadline
	c.trace, _ = wire.TraceOf(c.Ctx)
	return nil
}

// timeout is the deadline of a call of m whose context has none.
func (cl *Client) timeout(m *wire.Method) time.Duration {
	if cl.cfg.Timeout != nil {
		if d := cl.cfg.Timeout(m); d > 0 {
			return d
		}
	}
	return DefaultTimeout
}

// reset makes c ready for another connection.
func (c *call) reset() {
	c.over, c.again, c.segment, c.cause = false, false, 0, nil
	select {
	case <-c.done: // the last connection ended c while its caller read
	default:
	}
}

func (c *call) failure(o wire.Outcome, cause error) error {
	return &wire.CallError{Component: c.Method.Component, Method: c.Method.Name, Outcome: o, Cause: cause}
}

// statusCause is what a STATUS means to the caller.
func statusCause(s *Status) error {
	switch s.Code {
	case Expired:
		return context.DeadlineExceeded
	case Cancelled:
		return context.Canceled
	case Panicked:
		return &wire.PanicError{Text: s.Text}
	default:
		return s
	}
}
