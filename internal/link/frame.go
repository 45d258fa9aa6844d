// Package link carries calls over connections: mutual TLS 1.3, frames, many
// calls at a time. docs/WIRE.md is its specification.
//
// It reads from the bottom: frames and messages (frame.go, message.go,
// hello.go), the rules of each side as machines without net and clock
// (accept.go, dial.go), the halves of a connection (reader.go, line.go,
// shim.go), then the server and the client.
package link

import (
	"encoding/binary"
	"fmt"
)

// kind is the type of a frame.
type kind uint8

const (
	kindHello kind = iota + 1
	kindReq
	kindResp
	kindStatus
	kindCancel
	kindChunk
	kindData   // reserved: streams
	kindCredit // reserved: streams
	kindEnd    // reserved: streams
	kindPing
	kindPong
	kindDrain
	kindClose
)

var kindNames = [...]string{
	kindHello: "HELLO", kindReq: "REQ", kindResp: "RESP", kindStatus: "STATUS", kindCancel: "CANCEL",
	kindChunk: "CHUNK", kindData: "DATA", kindCredit: "CREDIT", kindEnd: "END", kindPing: "PING",
	kindPong: "PONG", kindDrain: "DRAIN", kindClose: "CLOSE",
}

func (k kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return fmt.Sprintf("frame type %d", uint8(k))
}

// The flags of a frame.
const (
	flagTrace = 1 << iota
	flagMeta  // reserved: metadata
	flagMore
	flagStream // reserved: streams
)

// kindFlags are the flags that each kind may carry. Metadata and streams are
// features that this version does not offer in its HELLO.
var kindFlags = [...]uint8{
	kindReq:   flagTrace | flagMore,
	kindResp:  flagMore,
	kindChunk: flagMore,
	kindClose: 0,
}

// callID names a call on its connection: a slot, and how often it was used.
type callID struct {
	slot uint16
	gen  uint32
}

func (id callID) String() string { return fmt.Sprintf("%d.%d", id.slot, id.gen) }

// frame is one frame. Body refers to the reader's buffer unless owned.
type frame struct {
	kind  kind
	flags uint8
	id    callID
	body  []byte
	owned bool
}

const (
	idSize     = 7 // kind and flags, slot, generation
	maxLenSize = 3 // a uvarint up to maxFrame
	maxHeader  = idSize + maxLenSize
)

// header is a parsed frame header: the frame without its body.
type header struct {
	frame
	size   int // of the header
	length int // of the body
}

// parseHeader reads the header at the start of b; !ok means that b is too short
// to tell. It refuses what no state allows: unknown kinds and flags, an id where
// none belongs, a length over the kind's bound.
func parseHeader(b []byte) (h header, ok bool, err error) {
	if len(b) == 0 {
		return h, false, nil
	}
	h.kind, h.flags = kind(b[0]>>4), b[0]&15
	if err := h.frame.valid(); err != nil {
		return h, false, err
	}
	if len(b) <= idSize {
		return h, false, nil
	}
	h.id = callID{binary.LittleEndian.Uint16(b[1:]), binary.LittleEndian.Uint32(b[3:])}
	n, used := binary.Uvarint(b[idSize:min(len(b), maxHeader)])
	switch {
	case used == 0 && len(b) < maxHeader:
		return h, false, nil
	case used <= 0 || n > uint64(h.kind.most()):
		return h, false, violation("%v: length over %d", h.kind, h.kind.most())
	case used > 1 && n>>(7*(used-1)) == 0:
		return h, false, violation("%v: length is not in its shortest form", h.kind)
	case h.kind.ofCall() != (h.id.gen != 0), !h.kind.ofCall() && h.id.slot != 0:
		return h, false, violation("%v: wrong id %v", h.kind, h.id)
	case h.id.slot >= maxCalls:
		return h, false, violation("%v: slot %d is not below %d", h.kind, h.id.slot, maxCalls)
	}
	h.size, h.length = idSize+used, int(n)
	return h, true, nil
}

// valid reports what is wrong with the first byte.
func (f frame) valid() error {
	if f.kind < kindHello || f.kind > kindClose {
		return violation("unknown %v", f.kind)
	}
	if f.kind == kindData || f.kind == kindCredit || f.kind == kindEnd {
		return violation("%v: streams are not offered", f.kind)
	}
	if f.flags&^kindFlags[f.kind] != 0 {
		return violation("%v: unknown flags %#x", f.kind, f.flags)
	}
	return nil
}

// ofCall reports whether the kind belongs to a call; else its id is zero.
func (k kind) ofCall() bool { return kindReq <= k && k <= kindEnd }

// most returns the longest body of the kind.
func (k kind) most() int {
	switch k {
	case kindHello:
		return maxHello
	case kindReq, kindResp, kindChunk:
		return maxFrame
	case kindCancel:
		return 0
	case kindPing, kindPong:
		return pingSize
	default:
		return maxText + 3*binary.MaxVarintLen64
	}
}

// appendHeader appends the header of a frame whose body has n bytes.
func appendHeader(b []byte, k kind, flags uint8, id callID, n int) []byte {
	b = append(b, byte(k)<<4|flags)
	b = binary.LittleEndian.AppendUint16(b, id.slot)
	b = binary.LittleEndian.AppendUint32(b, id.gen)
	return binary.AppendUvarint(b, uint64(n))
}

// appendFrame appends a whole frame.
func appendFrame(b []byte, k kind, flags uint8, id callID, body ...byte) []byte {
	return append(appendHeader(b, k, flags, id, len(body)), body...)
}

// A protocolError ends a connection: the peer broke a rule.
type protocolError struct{ text string }

func (e *protocolError) Error() string { return "protocol: " + e.text }

func violation(format string, args ...any) error {
	return &protocolError{fmt.Sprintf(format, args...)}
}
