package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/hemilith/hemilith/wire"
)

const (
	pingSize  = 8
	traceSize = 26 // version 0, trace id, span id, flags
	// policySize is class 2 bits, user level 7, attempt 2, hops 5; all zero in
	// this version.
	policySize = 2
)

var errShort = errors.New("too short")

// request is the head of a REQ, and what of its body is in the frame.
type request struct {
	method uint32
	policy uint16
	remain time.Duration // until the deadline; 0: it is over
	trace  wire.Trace
	total  int // of the message; more than len(body) if chunks follow
	body   []byte
}

// maxReqHead bounds the encoding of a request without its body.
const maxReqHead = 5 + policySize + binary.MaxVarintLen64 + traceSize + binary.MaxVarintLen32

// appendHead appends r without its body; more says that chunks follow.
func (r *request) appendHead(b []byte, more bool) []byte {
	b = binary.AppendUvarint(b, uint64(r.method))
	b = binary.LittleEndian.AppendUint16(b, r.policy)
	b = binary.AppendUvarint(b, uint64(max(r.remain, 0)/time.Microsecond))
	if r.trace.ID != [16]byte{} {
		b = append(b, 0)
		b = append(b, r.trace.ID[:]...)
		b = append(b, r.trace.Span[:]...)
		b = append(b, r.trace.Flags)
	}
	if more {
		b = binary.AppendUvarint(b, uint64(r.total))
	}
	return b
}

// parseRequest reads the body of a REQ.
func parseRequest(flags uint8, b []byte) (r request, err error) {
	method, b, err := uvarint(b, wire.MaxMethodID)
	if err != nil {
		return r, violation("REQ: method: %v", err)
	}
	r.method = uint32(method)
	if len(b) < policySize {
		return r, violation("REQ: policy: %v", errShort)
	}
	r.policy, b = binary.LittleEndian.Uint16(b), b[policySize:]
	remain, b, err := uvarint(b, 1<<63)
	if err != nil {
		return r, violation("REQ: remaining time: %v", err)
	}
	r.remain = time.Duration(min(remain, uint64(maxRemain/time.Microsecond))) * time.Microsecond
	if flags&flagTrace != 0 {
		if len(b) < traceSize || b[0] != 0 {
			return r, violation("REQ: trace: want %d bytes of version 0", traceSize)
		}
		copy(r.trace.ID[:], b[1:])
		copy(r.trace.Span[:], b[17:])
		r.trace.Flags, b = b[25], b[traceSize:]
	}
	r.total, r.body, err = parseTotal(kindReq, flags, b)
	return r, err
}

// parseTotal reads the total size, where the flag says that chunks follow, and
// returns it with the rest.
func parseTotal(k kind, flags uint8, b []byte) (int, []byte, error) {
	if flags&flagMore == 0 {
		return len(b), b, nil
	}
	total, b, err := uvarint(b, maxMessage)
	if err != nil {
		return 0, nil, violation("%v: total size: %v", k, err)
	}
	if uint64(len(b)) >= total {
		return 0, nil, violation("%v: %d bytes of %d, and more announced", k, len(b), total)
	}
	return int(total), b, nil
}

// response is the head of a RESP, and what of its body is in the frame.
type response struct {
	pressure uint8 // how busy the server is; 0 in this version
	total    int
	body     []byte
}

func parseResponse(flags uint8, b []byte) (r response, err error) {
	if len(b) == 0 {
		return r, violation("RESP: %v", errShort)
	}
	r.pressure = b[0]
	r.total, r.body, err = parseTotal(kindResp, flags, b[1:])
	return r, err
}

// appendResponse appends a RESP frame with the first part of a message of total
// bytes, or, without flagMore, all of it.
func appendResponse(b []byte, id callID, flags uint8, total int, first []byte) []byte {
	var head [1 + binary.MaxVarintLen32]byte // the first byte is the pressure
	n := 1
	if flags&flagMore != 0 {
		n += binary.PutUvarint(head[1:], uint64(total))
	}
	b = appendHeader(b, kindResp, flags, id, n+len(first))
	b = append(b, head[:n]...)
	return append(b, first...)
}

// appendRequest appends a REQ frame whose body is the first part of the message.
func appendRequest(b []byte, id callID, flags uint8, r *request) []byte {
	var room [maxReqHead]byte
	head := r.appendHead(room[:0], flags&flagMore != 0)
	b = appendHeader(b, kindReq, flags, id, len(head)+len(r.body))
	b = append(b, head...)
	return append(b, r.body...)
}

// appendChunk appends a CHUNK frame.
func appendChunk(b []byte, id callID, piece []byte, more bool) []byte {
	flags := uint8(0)
	if more {
		flags = flagMore
	}
	return append(appendHeader(b, kindChunk, flags, id, len(piece)), piece...)
}

// Code says why a call was refused or an answer withheld.
type Code uint8

// The codes of a STATUS. A call that ended with one up to Cancelled did not
// run; the others did.
const (
	Denied Code = iota + 1 // no such method here, or not for this caller
	Draining
	Limited     // a bound on calls or bytes was reached
	Expired     // the deadline was over before the method was called
	Undecodable // the arguments could not be read
	Cancelled   // the caller left before the method was called
	Panicked
	Undeliverable // the results could not be written
)

var codeNames = [...]string{
	Denied: "denied", Draining: "draining", Limited: "over a limit", Expired: "deadline exceeded before the call began",
	Undecodable: "arguments undecodable", Cancelled: "cancelled before the call began",
	Panicked: "panic", Undeliverable: "results undeliverable",
}

// String returns the code in words.
func (c Code) String() string {
	if int(c) < len(codeNames) && codeNames[c] != "" {
		return codeNames[c]
	}
	return fmt.Sprintf("status %d", uint8(c))
}

// ran reports whether a call that ended with c ran.
func (c Code) ran() bool { return c >= Panicked }

// Status is the other side's refusal, or its report that an answer can't be
// delivered, as the cause of a [wire.CallError].
type Status struct {
	// Code is the reason.
	Code Code
	// After is how long to wait before another try; 0 says nothing.
	After time.Duration
	// Text is the other side's explanation, at most 256 bytes.
	Text string
}

// Error returns the code in words and the text, quoted as a peer's.
func (s *Status) Error() string {
	if s.Text == "" {
		return s.Code.String()
	}
	return fmt.Sprintf("%v: %q", s.Code, s.Text)
}

const (
	bitRan  = 1
	bitStop = 2 // reserved: the caller should not try again
)

// appendStatus appends a whole STATUS frame.
func appendStatus(b []byte, id callID, s Status) []byte {
	body := make([]byte, 0, 16+len(s.Text))
	bits := byte(0)
	if s.Code.ran() {
		bits = bitRan
	}
	body = append(body, byte(s.Code), bits)
	body = binary.AppendUvarint(body, uint64(s.After/time.Millisecond))
	body = append(body, clip(s.Text)...)
	return appendFrame(b, kindStatus, 0, id, body...)
}

func parseStatus(b []byte) (s Status, ran bool, err error) {
	if len(b) < 2 {
		return s, false, violation("STATUS: %v", errShort)
	}
	s.Code, ran = Code(b[0]), b[1]&bitRan != 0
	after, text, err := uvarint(b[2:], uint64(maxRemain/time.Millisecond))
	if err != nil || len(text) > maxText {
		return s, false, violation("STATUS: malformed")
	}
	s.After, s.Text = time.Duration(after)*time.Millisecond, string(text)
	return s, ran, nil
}

// appendDrain appends a whole DRAIN frame.
func appendDrain(b []byte, grace time.Duration, accepted uint64) []byte {
	body := binary.AppendUvarint(nil, uint64(max(grace, 0)/time.Millisecond))
	body = binary.AppendUvarint(body, accepted)
	return appendFrame(b, kindDrain, 0, callID{}, body...)
}

func parseDrain(b []byte) (accepted uint64, err error) {
	_, b, err = uvarint(b, 1<<63)
	if err != nil {
		return 0, violation("DRAIN: grace: %v", err)
	}
	accepted, b, err = uvarint(b, 1<<63)
	if err != nil || len(b) > 0 {
		return 0, violation("DRAIN: malformed")
	}
	return accepted, nil
}

// closing is the content of a CLOSE.
type closing struct {
	code     closeCode
	accepted uint64 // requests; those sent later did not run
	text     string
}

type closeCode uint8

const (
	closeDone closeCode = iota
	closeProtocol
	closeTimeout
)

// appendClose appends a whole CLOSE frame.
func appendClose(b []byte, c closing) []byte {
	body := binary.AppendUvarint([]byte{byte(c.code)}, c.accepted)
	return appendFrame(b, kindClose, 0, callID{}, append(body, clip(c.text)...)...)
}

func parseClose(b []byte) (c closing, err error) {
	if len(b) == 0 {
		return c, violation("CLOSE: %v", errShort)
	}
	c.code = closeCode(b[0])
	var text []byte
	c.accepted, text, err = uvarint(b[1:], 1<<63)
	if err != nil || len(text) > maxText {
		return c, violation("CLOSE: malformed")
	}
	c.text = string(text)
	return c, nil
}

func (c closing) Error() string {
	if c.text == "" {
		return "the other side closed the connection"
	}
	return fmt.Sprintf("the other side closed the connection: %q", c.text)
}

// uvarint reads a number up to most from the start of b and returns the rest.
func uvarint(b []byte, most uint64) (uint64, []byte, error) {
	n, used := binary.Uvarint(b)
	if used <= 0 {
		return 0, nil, errShort
	}
	if n > most {
		return 0, nil, fmt.Errorf("%d is over %d", n, most)
	}
	return n, b[used:], nil
}

// clip cuts s to maxText bytes, between two runes.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > maxText-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
