package link

import (
	"encoding/binary"
	"fmt"

	"github.com/hemilith/hemilith/wire"
)

// minor is the minor version of the wire: features that both sides have are
// used, so it is for people to read.
const minor = 0

// hello is the first frame of each side: a tagged message, so that later
// versions can add to it.
type hello struct {
	minor    uint64
	features uint64 // used if both sides have them; none in this version
	message  uint64 // the longest message that this side takes
	calls    uint64 // the most calls at a time that this side takes
	session  [16]byte
	lane     uint64 // 0: the main lane; others are reserved
	methods  []helloMethod
}

// helloMethod is a method that the dialer may call.
type helloMethod struct {
	id          uint32
	name, shape uint64
}

// The fields of the messages.
const (
	helloMinor, helloFeatures, helloMessage, helloCalls = 1, 2, 3, 4
	helloSession, helloLane, helloMethods               = 5, 6, 7
	methodID, methodName, methodShape                   = 1, 2, 3
)

// The wire types of protobuf, in which tagged messages are written.
const (
	typeVarint, typeFixed64, typeBytes, typeFixed32 = 0, 1, 2, 5
)

// newHello returns a HELLO for methods, which may be nil.
func newHello(session [16]byte, methods []*wire.Method) (hello, error) {
	h := hello{minor: minor, message: maxMessage, calls: maxCalls, session: session}
	if len(methods) > maxMethods {
		return h, fmt.Errorf("%d methods to call, more than %d: a client is for one service's components", len(methods), maxMethods)
	}
	for _, m := range methods {
		if m.ID == 0 || m.ID > wire.MaxMethodID {
			return h, fmt.Errorf("%s.%s has number %d, want 1 to %d: run hemilith gen", m.Component, m.Name, m.ID, wire.MaxMethodID)
		}
		h.methods = append(h.methods, helloMethod{m.ID, m.NameHash, m.ShapeHash})
	}
	return h, nil
}

// append appends a whole HELLO frame.
func (h *hello) append(b []byte) []byte {
	var body []byte
	body = appendVarint(body, helloMinor, h.minor)
	body = appendVarint(body, helloFeatures, h.features)
	body = appendVarint(body, helloMessage, h.message)
	body = appendVarint(body, helloCalls, h.calls)
	body = appendBytes(body, helloSession, h.session[:])
	body = appendVarint(body, helloLane, h.lane)
	for _, m := range h.methods {
		one := appendVarint(make([]byte, 0, 24), methodID, uint64(m.id))
		one = appendFixed(one, methodName, m.name)
		one = appendFixed(one, methodShape, m.shape)
		body = appendBytes(body, helloMethods, one)
	}
	return appendFrame(b, kindHello, 0, callID{}, body...)
}

func parseHello(b []byte) (h hello, err error) {
	err = eachField(b, func(f field) error {
		switch f.number {
		case helloMinor:
			h.minor = f.n
		case helloFeatures:
			h.features = f.n
		case helloMessage:
			h.message = f.n
		case helloCalls:
			h.calls = f.n
		case helloSession:
			if copy(h.session[:], f.bytes) != len(h.session) || len(f.bytes) != len(h.session) {
				return fmt.Errorf("session of %d bytes", len(f.bytes))
			}
		case helloLane:
			h.lane = f.n
		case helloMethods:
			return h.addMethod(f.bytes)
		}
		return nil
	})
	switch {
	case err != nil:
		return h, violation("HELLO: %v", err)
	case h.lane != 0:
		return h, violation("HELLO: lane %d is not offered", h.lane)
	case h.message == 0 || h.calls == 0:
		return h, violation("HELLO: no limits in it")
	}
	return h, nil
}

func (h *hello) addMethod(b []byte) error {
	if len(h.methods) == maxMethods {
		return fmt.Errorf("over %d methods", maxMethods)
	}
	var m helloMethod
	var id uint64
	err := eachField(b, func(f field) error {
		switch f.number {
		case methodID:
			id = f.n
		case methodName:
			m.name = f.n
		case methodShape:
			m.shape = f.n
		}
		return nil
	})
	if err == nil && (id == 0 || id > wire.MaxMethodID) {
		err = fmt.Errorf("method %d", id)
	}
	m.id = uint32(id)
	h.methods = append(h.methods, m)
	return err
}

// field is one field of a tagged message: a number, or bytes.
type field struct {
	number uint64
	n      uint64
	bytes  []byte
}

// eachField calls do with the fields of b in their order.
func eachField(b []byte, do func(field) error) error {
	for len(b) > 0 {
		f, rest, err := nextField(b)
		if err == nil {
			err = do(f)
		}
		if err != nil {
			return err
		}
		b = rest
	}
	return nil
}

func nextField(b []byte) (f field, rest []byte, err error) {
	tag, b, err := uvarint(b, 1<<32-1)
	if err != nil {
		return f, nil, err
	}
	f.number = tag >> 3
	switch tag & 7 {
	case typeVarint:
		f.n, b, err = uvarint(b, 1<<64-1)
		return f, b, err
	case typeFixed64:
		if len(b) < 8 {
			return f, nil, errShort
		}
		f.n = binary.LittleEndian.Uint64(b)
		return f, b[8:], nil
	case typeFixed32:
		if len(b) < 4 {
			return f, nil, errShort
		}
		f.n = uint64(binary.LittleEndian.Uint32(b))
		return f, b[4:], nil
	case typeBytes:
		n, b, err := uvarint(b, 1<<31)
		if err != nil || uint64(len(b)) < n {
			return f, nil, errShort
		}
		f.bytes = b[:n]
		return f, b[n:], nil
	default:
		return f, nil, fmt.Errorf("field %d has type %d", f.number, tag&7)
	}
}

func appendVarint(b []byte, number, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, number<<3|typeVarint), v)
}

func appendFixed(b []byte, number, v uint64) []byte {
	return binary.LittleEndian.AppendUint64(binary.AppendUvarint(b, number<<3|typeFixed64), v)
}

func appendBytes(b []byte, number uint64, v []byte) []byte {
	b = binary.AppendUvarint(b, number<<3|typeBytes)
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}
