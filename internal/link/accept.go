package link

import (
	"bytes"
	"slices"
	"time"
)

// acceptor is what the accepting side knows of its calls, and its rules: a
// machine without net and clock. It is not safe for concurrent use.
type acceptor struct {
	greeted  bool
	draining bool
	pinged   bool     // a PING is on its way
	grants   []*grant // by method number; nil: refused
	slots    []slot   // grows to the highest one used
	open     int      // calls not answered
	accepted uint64   // requests that are, or will be, answered
	inbox    int      // bytes of requests that are not answered
}

// slot is the acceptor's view of one of the dialer's slots.
type slot struct {
	gen   uint32 // last one used
	early uint32 // a later one, cancelled ahead of its request; 0: none
	state slotState
	// tail says that the request was refused while chunks of it were on their
	// way: they are passed over.
	tail bool
	size int // of the request, counted in inbox
	part *part
	task *task
}

type slotState uint8

const (
	slotFree slotState = iota
	slotPart
	slotTaken
)

// part is a request that has not wholly arrived.
type part struct {
	req   request
	limit time.Time
	buf   []byte
}

// action is what a frame asks of the acceptor's connection.
type action uint8

const (
	actNone action = iota
	actGreet
	actRun
	actRefuse
	actCancel
	actPong
	actHangup
)

// verdict is an action with what it needs.
type verdict struct {
	action action
	id     callID
	hello  hello
	grant  *grant
	req    request
	limit  time.Time // the deadline of a call to run
	owned  bool      // req.body is the call's for good
	status Status
	task   *task
	close  closing
}

// on takes one frame that arrived at now. Its error is a protocol violation,
// after which the connection must be closed.
func (a *acceptor) on(f frame, now time.Time) (v verdict, err error) {
	v.id = f.id
	if !a.greeted {
		if f.kind != kindHello {
			return v, violation("%v before HELLO", f.kind)
		}
		a.greeted = true
		v.action = actGreet
		v.hello, err = parseHello(f.body)
		return v, err
	}
	switch f.kind {
	case kindReq:
		return a.onRequest(f, now)
	case kindChunk:
		return a.onChunk(f, now)
	case kindCancel:
		a.onCancel(&v)
		return v, nil
	case kindPing:
		if len(f.body) != pingSize {
			return v, violation("PING of %d bytes", len(f.body))
		}
		v.action = actPong
		v.req.body = f.body
		return v, nil
	case kindPong:
		if !a.pinged || len(f.body) != pingSize {
			return v, violation("PONG without a PING")
		}
		a.pinged = false
		return v, nil
	case kindClose:
		v.action = actHangup
		v.close, err = parseClose(f.body)
		return v, err
	default:
		return v, violation("%v from a dialer", f.kind)
	}
}

// at returns the slot, which may not have been used yet.
func (a *acceptor) at(n uint16) *slot {
	if int(n) >= len(a.slots) {
		a.slots = slices.Grow(a.slots, int(n)+1-len(a.slots))[:n+1]
	}
	return &a.slots[n]
}

// newer reports whether generation g comes after h; they wrap around.
func newer(g, h uint32) bool { return int32(g-h) > 0 }

func (a *acceptor) onRequest(f frame, now time.Time) (v verdict, err error) {
	v.id = f.id
	s := a.at(f.id.slot)
	if s.state != slotFree || !newer(f.id.gen, s.gen) {
		return v, violation("REQ %v: its slot is taken", f.id)
	}
	req, err := parseRequest(f.flags, f.body)
	if err != nil {
		return v, err
	}
	early := s.early == f.id.gen
	*s = slot{gen: f.id.gen}
	a.accepted++
	a.open++
	more := f.flags&flagMore != 0
	v.req, v.limit, v.owned = req, now.Add(req.remain), f.owned
	if v.grant = a.granted(req.method); early {
		return a.refuse(v, s, Status{Code: Cancelled}), nil
	}
	switch {
	case a.draining:
		return a.refuse(v, s, Status{Code: Draining}), nil
	case v.grant == nil:
		return a.refuse(v, s, Status{Code: Denied, Text: "no such method here, or not for this caller"}), nil
	case req.remain == 0:
		return a.refuse(v, s, Status{Code: Expired}), nil
	case a.inbox+max(req.total, len(req.body)) > maxInbox:
		return a.refuse(v, s, Status{Code: Limited, Text: "too many bytes of requests at a time"}), nil
	}
	s.size = max(req.total, len(req.body))
	a.inbox += s.size
	if !more {
		s.state = slotTaken
		v.action = actRun
		return v, nil
	}
	s.state = slotPart
	s.part = &part{req: req, limit: v.limit, buf: bytes.Clone(req.body)}
	return verdict{}, nil
}

func (a *acceptor) granted(method uint32) *grant {
	if int(method) >= len(a.grants) {
		return nil
	}
	return a.grants[method]
}

// refuse ends the call of s before it ran.
func (a *acceptor) refuse(v verdict, s *slot, why Status) verdict {
	a.inbox -= s.size
	s.tail = s.part != nil || v.req.total > len(v.req.body)
	s.state, s.part, s.size = slotFree, nil, 0
	a.open--
	v.action, v.status = actRefuse, why
	return v
}

func (a *acceptor) onChunk(f frame, now time.Time) (v verdict, err error) {
	v.id = f.id
	s := a.at(f.id.slot)
	last := f.flags&flagMore == 0
	switch {
	case s.gen != f.id.gen || s.state != slotPart && !s.tail:
		return v, violation("CHUNK %v: no such request", f.id)
	case s.tail:
		s.tail = !last
		return v, nil
	}
	p := s.part
	got := len(p.buf) + len(f.body)
	if got > p.req.total || last != (got == p.req.total) || len(f.body) == 0 {
		return v, violation("CHUNK %v: %d bytes of %d, last %t", f.id, got, p.req.total, last)
	}
	p.buf = grow(p.buf, f.body, p.req.total)
	if !last {
		return v, nil
	}
	v.grant, v.req, v.limit, v.owned = a.granted(p.req.method), p.req, p.limit, true
	v.req.body = p.buf
	if !now.Before(p.limit) {
		return a.refuse(v, s, Status{Code: Expired}), nil
	}
	s.state, s.part = slotTaken, nil
	v.action = actRun
	return v, nil
}

// grow appends b and allocates little ahead of what has arrived.
func grow(buf, b []byte, total int) []byte {
	if need := len(buf) + len(b); need > cap(buf) {
		bigger := make([]byte, len(buf), min(total, need+max(aheadSize, len(buf))))
		copy(bigger, buf)
		buf = bigger
	}
	return append(buf, b...)
}

func (a *acceptor) onCancel(v *verdict) {
	s := a.at(v.id.slot)
	switch {
	case newer(v.id.gen, s.gen):
		if s.state == slotFree {
			s.early = v.id.gen
		}
	case v.id.gen != s.gen:
	case s.state == slotPart:
		*v = a.refuse(*v, s, Status{Code: Cancelled})
	case s.state == slotTaken:
		v.action, v.task = actCancel, s.task
	}
}

// begin records the task that runs call id.
func (a *acceptor) begin(id callID, t *task) { a.slots[id.slot].task = t }

// answered frees the slot of a call whose answer is queued.
func (a *acceptor) answered(id callID) {
	s := &a.slots[id.slot]
	a.inbox -= s.size
	s.state, s.task, s.size = slotFree, nil, 0
	a.open--
}
