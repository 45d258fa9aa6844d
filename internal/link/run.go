package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/hemilith/hemilith/wire"
)

// admit turns a verdict into a task or an answer. It returns a task that is to
// run on the reader's goroutine; others have one of their own, or wait for it.
// The caller holds h.mu.
func (h *host) admit(v *verdict) *task {
	switch v.action {
	case actRefuse:
		h.refuse(v.id, v.status)
	case actRun:
		t := &task{id: v.id, grant: v.grant, deadline: v.limit, trace: v.req.trace, body: v.req.body, owned: v.owned}
		h.acceptor.begin(v.id, t)
		if v.grant.inline() || h.lonely(v.grant) {
			return t
		}
		h.start(t)
	}
	return nil
}

// lonely reports whether a call of g may run on the reader's goroutine for want
// of others: on an idle machine, to wake a thread for a goroutine costs more
// than most handlers do. A call that comes meanwhile waits until this one ends
// or is robbed, and keeps the next ones from being taken for lonely; see more.
// The caller holds h.mu.
func (h *host) lonely(g *grant) bool {
	if h.acceptor.open > 1 {
		h.crowd = crowdCalls
	}
	if h.crowd > 0 {
		h.crowd--
		return false
	}
	h.alone = g.slow.Load() == 0
	return h.alone
}

// refuse queues the STATUS of a call that did not run. The caller holds h.mu.
func (h *host) refuse(id callID, why Status) {
	h.open = appendStatus(h.open, id, why)
	h.checkIdle()
}

// start gives t a goroutine, or a place in the queue for one. The caller holds
// h.mu.
func (h *host) start(t *task) {
	if !t.owned {
		t.body, t.owned = bytes.Clone(t.body), true
	}
	if h.workers < maxWorkers {
		h.workers++
		h.group.Go(func() { h.work(t) })
		return
	}
	h.queue = append(h.queue, t) // at most maxCalls: each has its slot
}

// work runs t and then what waits. The goroutine is one of h.workers.
func (h *host) work(t *task) {
	for t != nil {
		var why Status
		resp := h.srv.buffer()
		if why = t.late(); why.Code == 0 {
			resp.b, why = h.run(t, resp.b)
		}
		h.answer(t, resp.b, why)
		resp.b = keep(resp.b)
		h.srv.buffers.Put(resp)
		t = h.nextTask()
	}
}

// nextTask returns a waiting task, or ends the worker.
func (h *host) nextTask() *task {
	h.mu.Lock()
	lead, others := h.lead(), h.workers > 1
	var t *task
	if len(h.queue) > 0 {
		t, h.queue = h.queue[0], h.queue[1:]
	} else {
		h.workers--
	}
	h.mu.Unlock()
	if lead {
		h.flush(others)
	}
	return t
}

// late refuses a task whose caller has gone while it waited.
func (t *task) late() Status {
	switch err := t.Err(); {
	case err == nil:
		return Status{}
	case errors.Is(err, context.DeadlineExceeded):
		return Status{Code: Expired}
	default:
		return Status{Code: Cancelled}
	}
}

// buffer holds results being written, for reuse.
type buffer struct{ b []byte }

func (s *Server) buffer() *buffer {
	if b, ok := s.buffers.Get().(*buffer); ok {
		return b
	}
	return new(buffer)
}

// run calls the handler. Whatever the handler does, the call gets an answer.
func (h *host) run(t *task, buf []byte) (resp []byte, why Status) {
	returned := false
	defer func() {
		if returned {
			return
		}
		resp = buf
		why = h.panicked(t, recover())
	}()
	t.dec.Reset(t.body, t.owned)
	var err error
	if t.grant.sampled() {
		begin := time.Now()
		resp, err = t.grant.Handler(t, &t.dec, buf[:0])
		t.grant.sample(time.Since(begin))
	} else {
		resp, err = t.grant.Handler(t, &t.dec, buf[:0])
	}
	returned = true
	if err != nil {
		return buf, h.failed(t, err)
	}
	if len(resp) > maxMessage {
		return resp, Status{Code: Undeliverable, Text: fmt.Sprintf("%d bytes of results, more than %d", len(resp), maxMessage)}
	}
	return resp, Status{}
}

// failed turns a handler's error into a STATUS.
func (h *host) failed(t *task, err error) Status {
	var args *wire.ArgsError
	if errors.As(err, &args) {
		return Status{Code: Undecodable, Text: err.Error()}
	}
	h.complain("hemilith: results can't be delivered", "method", t.name(), "peer", h.peer.String(), "err", clip(err.Error()))
	return Status{Code: Undeliverable, Text: err.Error()}
}

// complain logs what went wrong in a call, within a bound for each second: the
// peer decides how often it happens.
func (h *host) complain(msg string, args ...any) {
	logged, dropped := h.srv.faults.count(time.Now())
	if dropped > 0 {
		h.srv.log.Error("hemilith: more calls went wrong than were logged", "count", dropped)
	}
	if logged {
		h.srv.log.Error(msg, args...)
	}
}

// panicked reports a handler's panic to the log and to the caller. A nil value
// is runtime.Goexit: the goroutine is about to end, and its role goes on
// elsewhere.
func (h *host) panicked(t *task, value any) Status {
	text := "runtime.Goexit"
	if value != nil {
		text = fmt.Sprint(value)
	}
	stack := debug.Stack()
	h.complain("hemilith: a method panicked", "method", t.name(), "peer", h.peer.String(),
		"panic", clip(text), "stack", string(stack[:min(len(stack), maxStack)]))
	why := Status{Code: Panicked, Text: text}
	if value == nil {
		h.answer(t, nil, why)
		h.succeed(t)
	}
	return why
}

// succeed starts the successor of a goroutine that a handler ends.
func (h *host) succeed(t *task) {
	if t.reader != nil && h.idled(t) {
		h.spawn(func() { h.read(t.reader.fork()) })
		return
	}
	h.spawn(func() { h.work(h.nextTask()) })
}

func (t *task) name() string { return t.grant.Method.Component + "." + t.grant.Method.Name }

// answer queues the answer of t, which frees its slot, and ends its context.
func (h *host) answer(t *task, resp []byte, why Status) {
	t.cancel(context.Canceled)
	first, flags, total := resp, uint8(0), 0
	if why.Code == 0 && len(resp)+1 > maxFrame {
		first, flags, total = resp[:chunkSize], flagMore, len(resp)
	}
	h.mu.Lock()
	h.room(nil)
	if h.shut() != nil {
		h.mu.Unlock()
		return
	}
	if why.Code != 0 {
		h.open = appendStatus(h.open, t.id, why)
	} else {
		h.open = appendResponse(h.open, t.id, flags, total, first)
	}
	// The slot is free in the step that queues the end of the answer: the peer
	// may have it, and use the slot again, before this goroutine goes on.
	if flags == 0 {
		h.answered(t.id)
	}
	h.mu.Unlock()
	if flags != 0 {
		h.chunks(t.id, resp[chunkSize:])
	}
}

// answered frees the slot of a call. The caller holds h.mu.
func (h *host) answered(id callID) {
	h.acceptor.answered(id)
	h.checkIdle()
}

// chunks queues the rest of a long answer, piece by piece, so that other
// answers go between.
func (h *host) chunks(id callID, rest []byte) {
	for len(rest) > 0 {
		piece := rest[:min(len(rest), chunkSize)]
		rest = rest[len(piece):]
		h.mu.Lock()
		h.room(nil)
		if h.shut() == nil {
			h.open = appendChunk(h.open, id, piece, len(rest) > 0)
		}
		if len(rest) == 0 {
			h.answered(id)
		}
		h.mu.Unlock()
	}
}

// busy is the bit of host.word that says that an inline call runs; the rest is
// its number.
const busy = 1

// runInline runs t on the reader's goroutine. Robbed says that the thief has
// found it too slow and has given the reader's role to another goroutine; then
// this one has finished the call and must end.
func (h *host) runInline(rd *reader, t *task) (robbed bool) {
	h.batch += time.Duration(t.grant.mean.Load())
	buf := h.scratch
	h.scratch = nil // should this goroutine be robbed, buf is its own
	t.reader, t.word = rd, h.word.Load()+2|busy
	h.inline = t
	h.word.Store(t.word)
	if !h.watched.Load() {
		h.srv.thief.watch(h)
	}
	resp, why := h.run(t, buf)
	kept := h.idled(t)
	h.answer(t, resp, why)
	if !kept {
		h.work(h.nextTask())
		return true
	}
	h.scratch = keep(resp)
	if h.batch > inlineBatch {
		h.batch = 0
		h.flushAnswers()
	}
	return false
}

// idled ends the inline call t; false if the goroutine was robbed meanwhile.
func (h *host) idled(t *task) bool {
	return h.word.CompareAndSwap(t.word, t.word&^busy)
}

// rob takes the reader's role from an inline call that is still the one that
// word names, and gives it to a new goroutine.
func (h *host) rob(word uint64) {
	if !h.word.CompareAndSwap(word, word&^busy) {
		return
	}
	t := h.inline // set before word was, and now nobody sets it until read goes on
	t.grant.robbed()
	next := t.reader.fork()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.workers++ // the robbed goroutine is a worker now
	h.group.Go(func() { h.read(next) })
}
