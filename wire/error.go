package wire

import (
	"errors"
	"hash/fnv"
	"reflect"
)

// errorKind is one error that keeps its identity: a sentinel, or a type.
type errorKind struct {
	num, check uint32
	sentinel   error
	append     func(b []byte, err error, s *Scope) ([]byte, bool) // false: typed nil
	read       func(d *Decoder) error
	null       error // the typed nil
}

// RegisterSentinel records err, the value of the package variable name, under
// the number that hemilith.lock gives it. Generated code calls it from init. Of
// two names of one value the one with the lower number stands for both. A nil
// error or one that can't be compared is left out: == does not hold for it in
// one process either.
func RegisterSentinel(num uint32, name string, err error) {
	if err == nil || !reflect.ValueOf(err).Comparable() {
		return
	}
	k := &errorKind{num: num, check: check(name), sentinel: err}
	registry.mu.Lock()
	defer registry.mu.Unlock()
	if registry.sentinels == nil {
		registry.sentinels = make(map[error]*errorKind)
	}
	if was := registry.sentinels[err]; was == nil || num < was.num {
		registry.sentinels[err] = k
	}
	registerKind(k)
}

// RegisterError records *T as an error type; name is "*pkgpath.Name".
func RegisterError[T any, P interface {
	*T
	error
}](num uint32, name string, c Codec[T]) {
	registerType(reflect.TypeFor[P](), &errorKind{
		num: num, check: check(name), null: P(nil),
		append: func(b []byte, err error, s *Scope) ([]byte, bool) {
			p := err.(P)
			if p == nil {
				return b, false
			}
			return c.Append(b, *p, s), true
		},
		read: func(d *Decoder) error {
			v := c.Read(d)
			return P(&v)
		},
	})
}

// RegisterErrorValue records T as an error type; name is "pkgpath.Name".
func RegisterErrorValue[T error](num uint32, name string, c Codec[T]) {
	registerType(reflect.TypeFor[T](), &errorKind{
		num: num, check: check(name),
		append: func(b []byte, err error, s *Scope) ([]byte, bool) {
			return c.Append(b, err.(T), s), true
		},
		read: func(d *Decoder) error { return c.Read(d) },
	})
}

func registerType(t reflect.Type, k *errorKind) {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	if registry.types == nil {
		registry.types = make(map[reflect.Type]*errorKind)
	}
	registry.types[t] = k
	registerKind(k)
}

// registerKind is called with the mutex held.
func registerKind(k *errorKind) {
	if registry.kinds == nil {
		registry.kinds = make(map[uint32]*errorKind)
	}
	registry.kinds[k.num] = k
}

// check is what goes with a number on the wire, for branches of a program may
// have given one number to two names.
func check(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32()
}

func kindOf(err error) *errorKind {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	if reflect.ValueOf(err).Comparable() {
		if k := registry.sentinels[err]; k != nil {
			return k
		}
	}
	return registry.types[reflect.TypeOf(err)]
}

func kindAt(num, check uint32) *errorKind {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	if k := registry.kinds[num]; k != nil && k.check == check {
		return k
	}
	return nil
}

// The fields of an error's message.
const (
	errorNum       = 1  // the number of a sentinel or type
	errorCheck     = 2  // the check of its name
	errorText      = 3  // what Error returns
	errorWraps     = 4  // the one error that Unwrap returns
	errorJoins     = 5  // each of the errors that Unwrap returns
	errorBody      = 6  // the fields of a type
	errorNil       = 7  // a typed nil
	errorComponent = 8  // of a CallError, whose Cause is errorWraps
	errorMethod    = 9  // of a CallError
	errorOutcome   = 10 // of a CallError, plus one
	errorPanic     = 11 // a PanicError, whose Text is errorText
)

// maxErrorNodes and maxErrorDepth bound the errors in one message, whose tree may
// share nodes: beyond them an error is its text. A reader counts nodes as the
// writer does, for a node takes two bytes of a message.
const (
	maxErrorNodes = 1000
	maxErrorDepth = MaxDepth - 20 // what an error type holds needs room too
)

// AppendError appends an error and all that it wraps; nothing if it is nil. What
// is registered keeps its identity, and all else keeps its text.
func AppendError(b []byte, num uint32, err error, s *Scope) []byte {
	if err == nil {
		return b
	}
	b = Open(b, num)
	at := len(b)
	return Close(appendError(b, err, s), at)
}

func appendError(b []byte, err error, s *Scope) []byte {
	if s.nodes++; s.nodes > maxErrorNodes || s.depth > maxErrorDepth {
		return AppendString(b, errorText, err.Error())
	}
	s.depth++
	defer func() { s.depth-- }()
	if ce, ok := err.(*CallError); ok && ce != nil {
		b = AppendString(b, errorComponent, ce.Component)
		b = AppendString(b, errorMethod, ce.Method)
		b = PutUint(b, errorOutcome, uint8(ce.Outcome)+1)
		return AppendError(b, errorWraps, ce.Cause, s)
	}
	if pe, ok := err.(*PanicError); ok && pe != nil {
		return AppendString(PutBool(b, errorPanic, true), errorText, pe.Text)
	}
	k := kindOf(err)
	if k == nil {
		b = AppendString(b, errorText, err.Error())
		return appendWrapped(b, err, s)
	}
	b = AppendUint(b, errorNum, k.num)
	b = PutUint(b, errorCheck, k.check)
	if k.sentinel != nil {
		return AppendString(b, errorText, k.sentinel.Error())
	}
	from := len(b)
	b = Open(b, errorBody)
	at := len(b)
	s.depth++
	b, full := k.append(b, err, s)
	s.depth--
	if !full {
		return PutBool(b[:from], errorNil, true)
	}
	return AppendString(Close(b, at), errorText, err.Error())
}

func appendWrapped(b []byte, err error, s *Scope) []byte {
	switch w := err.(type) {
	case interface{ Unwrap() error }:
		b = AppendError(b, errorWraps, w.Unwrap(), s)
	case interface{ Unwrap() []error }:
		for _, in := range w.Unwrap() {
			if s.nodes >= maxErrorNodes {
				break
			}
			b = AppendError(b, errorJoins, in, s)
		}
	}
	return b
}

// errorNode is an error's message as it is read.
type errorNode struct {
	num, check        uint32
	text              string
	wraps             error
	joins             []error
	typed             error
	null, panicked    bool
	component, method string
	outcome           uint8
}

// ReadError reads an error. Of those beyond the first 1,000 of a message it reads
// the text alone, for no more is written.
func ReadError(d *Decoder, v *error) {
	var n errorNode
	d.nodes++
	whole := d.nodes <= maxErrorNodes
	end := d.Open()
	for f := d.Next(); f != 0; f = d.Next() {
		if whole || f == errorText {
			n.read(d, f)
		} else {
			d.Skip()
		}
	}
	d.Close(end)
	if d.err == nil {
		*v = n.error()
	}
}

func (n *errorNode) read(d *Decoder, field uint32) {
	switch field {
	case errorNum:
		ReadUint(d, &n.num)
	case errorCheck:
		ReadUint(d, &n.check)
	case errorText:
		ReadString(d, &n.text)
	case errorWraps:
		ReadError(d, &n.wraps)
	case errorJoins:
		if d.nodes >= maxErrorNodes {
			d.Skip()
			return
		}
		var e error
		ReadError(d, &e)
		n.joins = append(n.joins, e) // not Grow, which makes room for all that follow
	case errorBody:
		n.readBody(d)
	case errorNil:
		ReadBool(d, &n.null)
	case errorComponent:
		ReadString(d, &n.component)
	case errorMethod:
		ReadString(d, &n.method)
	case errorOutcome:
		ReadUint(d, &n.outcome)
	case errorPanic:
		ReadBool(d, &n.panicked)
	default:
		d.Skip()
	}
}

// readBody reads the fields of an error type, which follow its number.
func (n *errorNode) readBody(d *Decoder) {
	k := kindAt(n.num, n.check)
	if k == nil || k.read == nil {
		d.Skip()
		return
	}
	end := d.Open()
	n.typed = k.read(d)
	d.Close(end)
}

// error builds the error that the message stands for.
func (n *errorNode) error() error {
	if n.typed != nil {
		return n.typed
	}
	if k := kindAt(n.num, n.check); k != nil && n.num != 0 {
		switch {
		case k.sentinel != nil:
			return k.sentinel
		case n.null && k.null != nil:
			return k.null
		}
	}
	switch {
	case n.outcome > 0 && n.outcome <= uint8(Ran)+1:
		if n.wraps == nil {
			n.wraps = errors.New("unknown cause")
		}
		return &CallError{n.component, n.method, Outcome(n.outcome - 1), n.wraps}
	case n.panicked:
		return &PanicError{n.text}
	case n.wraps != nil:
		return &wrapError{n.text, n.wraps}
	case n.joins != nil:
		return &joinError{n.text, n.joins}
	default:
		return errors.New(n.text)
	}
}

// wrapError stands for an error of a type that does not travel.
type wrapError struct {
	text string
	in   error
}

func (e *wrapError) Error() string { return e.text }
func (e *wrapError) Unwrap() error { return e.in }

// joinError is a wrapError that wraps several errors.
type joinError struct {
	text string
	in   []error
}

func (e *joinError) Error() string   { return e.text }
func (e *joinError) Unwrap() []error { return e.in }
