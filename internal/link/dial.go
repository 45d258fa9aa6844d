package link

// dialer is what the dialing side knows of its calls, and its rules: a machine
// without net and clock. It is not safe for concurrent use.
type dialer struct {
	greeted  bool
	draining bool // the acceptor wants no more requests
	pinged   bool // a PING is on its way
	slots    []seat
	free     []uint16 // slots to use, the last one first: low ones stay warm
	limit    int      // calls that the acceptor takes
	open     int
	ordinal  uint64 // of the last request
	message  int    // the longest message that the acceptor takes
}

// seat is the dialer's view of one of its slots.
type seat struct {
	gen  uint32
	open bool
	// call is who waits; nil once it has left: the answer is passed over.
	call *call
	// left is how much of a long answer is to come.
	left, total int
	part        []byte
}

// reply is what a frame means to the dialer's connection.
type reply struct {
	action action
	call   *call // who gets the answer; nil: nobody
	body   []byte
	owned  bool
	status *Status
	ran    bool
	close  closing
}

const (
	actAnswer action = actHangup + 1 + iota
	actStatus
	actDrain
)

// crowded reports whether all slots are taken.
func (d *dialer) crowded() bool { return d.open >= min(d.limit, maxCalls) }

// stuck reports whether all slots are taken by calls that nobody waits for any
// more: the acceptor answers none of them.
func (d *dialer) stuck() bool {
	if !d.crowded() {
		return false
	}
	for i := range d.slots {
		if d.slots[i].call != nil {
			return false
		}
	}
	return true
}

// take opens a call. There is a slot: see crowded.
func (d *dialer) take(c *call) callID {
	var n uint16
	if last := len(d.free) - 1; last >= 0 {
		n, d.free = d.free[last], d.free[:last]
	} else {
		n = uint16(len(d.slots))
		d.slots = append(d.slots, seat{})
	}
	s := &d.slots[n]
	if s.gen++; s.gen == 0 {
		s.gen = 1 // 0 is no call's generation
	}
	s.open, s.call = true, c
	d.open++
	d.ordinal++
	c.ordinal = d.ordinal
	return callID{n, s.gen}
}

// leave makes call id nobody's. Its slot stays taken until the answer.
func (d *dialer) leave(id callID) {
	s := &d.slots[id.slot]
	s.call, s.part = nil, nil
}

// retract undoes the last step of take for a request that was never sent:
// requests after it are counted one lower.
func (d *dialer) retract(id callID, ordinal uint64) {
	for i := range d.slots {
		if c := d.slots[i].call; c != nil && c.ordinal > ordinal {
			c.ordinal--
		}
	}
	d.ordinal--
	d.release(id)
}

func (d *dialer) release(id callID) {
	s := &d.slots[id.slot]
	*s = seat{gen: s.gen}
	d.free = append(d.free, id.slot)
	d.open--
}

// on takes one frame. Its error is a protocol violation, after which the
// connection must be closed.
func (d *dialer) on(f frame) (r reply, err error) {
	if !d.greeted {
		return d.onHello(f)
	}
	switch f.kind {
	case kindResp:
		return d.onResponse(f)
	case kindChunk:
		return d.onChunk(f)
	case kindStatus:
		return d.onStatus(f)
	case kindPing:
		if len(f.body) != pingSize {
			return r, violation("PING of %d bytes", len(f.body))
		}
		return reply{action: actPong, body: f.body}, nil
	case kindPong:
		if !d.pinged || len(f.body) != pingSize {
			return r, violation("PONG without a PING")
		}
		d.pinged = false
		return r, nil
	case kindDrain:
		d.draining = true
		_, err := parseDrain(f.body)
		return reply{action: actDrain}, err
	case kindClose:
		r.action = actHangup
		r.close, err = parseClose(f.body)
		return r, err
	default:
		return r, violation("%v from an acceptor", f.kind)
	}
}

func (d *dialer) onHello(f frame) (r reply, err error) {
	switch f.kind {
	case kindClose:
		r.action = actHangup
		r.close, err = parseClose(f.body)
		return r, err
	case kindHello:
	default:
		return r, violation("%v before HELLO", f.kind)
	}
	h, err := parseHello(f.body)
	if err != nil {
		return r, err
	}
	d.greeted = true
	d.limit = int(min(h.calls, maxCalls))
	d.message = int(min(h.message, maxMessage))
	return reply{action: actGreet}, nil
}

// seat returns the seat of an open call.
func (d *dialer) seat(f frame) (*seat, error) {
	if int(f.id.slot) < len(d.slots) {
		if s := &d.slots[f.id.slot]; s.open && s.gen == f.id.gen {
			return s, nil
		}
	}
	return nil, violation("%v %v: no such call", f.kind, f.id)
}

func (d *dialer) onResponse(f frame) (r reply, err error) {
	s, err := d.seat(f)
	if err != nil {
		return r, err
	}
	resp, err := parseResponse(f.flags, f.body)
	if err != nil {
		return r, err
	}
	if s.left > 0 {
		return r, violation("RESP %v: a second one", f.id)
	}
	if f.flags&flagMore == 0 {
		r = reply{action: actAnswer, call: s.call, body: resp.body, owned: f.owned}
		d.release(f.id)
		return r, nil
	}
	s.total, s.left = resp.total, resp.total-len(resp.body)
	if s.call != nil {
		s.part = append(s.part, resp.body...)
	}
	return r, nil
}

func (d *dialer) onChunk(f frame) (r reply, err error) {
	s, err := d.seat(f)
	if err != nil {
		return r, err
	}
	last := f.flags&flagMore == 0
	if len(f.body) == 0 || len(f.body) > s.left || last != (len(f.body) == s.left) {
		return r, violation("CHUNK %v: %d bytes where %d are to come, last %t", f.id, len(f.body), s.left, last)
	}
	s.left -= len(f.body)
	if s.call != nil {
		s.part = grow(s.part, f.body, s.total)
	}
	if last {
		r = reply{action: actAnswer, call: s.call, body: s.part, owned: true}
		d.release(f.id)
	}
	return r, nil
}

func (d *dialer) onStatus(f frame) (r reply, err error) {
	s, err := d.seat(f)
	if err != nil {
		return r, err
	}
	if s.left > 0 {
		return r, violation("STATUS %v: after a RESP", f.id)
	}
	status, ran, err := parseStatus(f.body)
	if err != nil {
		return r, err
	}
	r = reply{action: actStatus, call: s.call, status: &status, ran: ran}
	d.release(f.id)
	return r, nil
}
