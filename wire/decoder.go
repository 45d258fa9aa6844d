package wire

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// Limits of a message, whoever sent it.
const (
	// MaxMessage bounds an encoded message, in bytes.
	MaxMessage = 4 << 20
	// MaxDepth bounds how deep messages nest, in either direction.
	MaxDepth = 100
	// maxDecoded bounds the memory, in bytes, of the slices, maps and pointers
	// that one message can make its reader allocate: a struct of any size may
	// take two bytes of a message.
	maxDecoded = 64 << 20
	// maxPinned bounds the message, in bytes, that a decoded string may keep
	// alive: strings of larger messages are copied one by one.
	maxPinned = 4 << 10
)

// Decoder reads one message. The zero value reads an empty one. It is not safe
// for concurrent use.
//
// Generated code reads a message as: for n := d.Next(); n != 0; n = d.Next(),
// with one Read function or Skip for each field. The first error sticks: all
// later reads give zero values and Next gives 0.
type Decoder struct {
	buf      []byte
	pos, lim int    // the rest of the current message is buf[pos:lim]
	str      string // a copy of buf that strings are cut from, made when needed
	err      error
	num      uint32 // the current field
	typ      uint8  // its wire type
	owned    bool
	depth    int
	decoded  int // bytes allocated so far; see maxDecoded
	nodes    int // errors read so far; see maxErrorNodes
	scope    Scope
}

// Reset makes d read b. Owned says that b is the decoder's for good, so that
// decoded strings and byte slices may refer to it; else they are copies.
func (d *Decoder) Reset(b []byte, owned bool) {
	*d = Decoder{buf: b, lim: len(b), owned: owned}
}

// Scope returns a fresh scope to encode a message with, before d is reset or
// after it is read. It lives in d so that a call need not allocate one.
func (d *Decoder) Scope() *Scope {
	d.scope = Scope{}
	return &d.scope
}

// Err returns the first error.
func (d *Decoder) Err() error { return d.err }

// fail records an error of the current field and ends the message.
func (d *Decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("field %d at byte %d: %s", d.num, d.pos, fmt.Sprintf(format, args...))
	}
	d.pos, d.lim = len(d.buf), len(d.buf)
}

// Next steps to the next field and returns its number, or 0 at the end of the
// message or after an error.
func (d *Decoder) Next() uint32 {
	if d.pos < d.lim {
		if c := d.buf[d.pos]; c >= 1<<3 && c < 0x80 { // a tag of one byte
			d.pos++
			d.num, d.typ = uint32(c>>3), c&7
			return d.num
		}
	}
	return d.nextLong()
}

func (d *Decoder) nextLong() uint32 {
	if d.pos >= d.lim {
		return 0
	}
	tag := d.uvarint()
	if tag>>3 == 0 || tag>>3 > math.MaxInt32>>2 {
		d.fail("tag %d is out of range", tag)
		return 0
	}
	d.num, d.typ = uint32(tag>>3), uint8(tag&7)
	return d.num
}

// Skip skips the current field.
func (d *Decoder) Skip() {
	switch d.typ {
	case typeVarint:
		d.uvarint()
	case typeFixed64:
		d.take(8)
	case typeFixed32:
		d.take(4)
	case typeBytes:
		d.bytes()
	default:
		d.fail("wire type %d", d.typ)
	}
}

// Open steps into the current field, a message, and returns what [Decoder.Close]
// needs to step out of it.
func (d *Decoder) Open() (end int) {
	end = d.lim
	if d.want(typeBytes) {
		if d.depth++; d.depth > MaxDepth {
			d.fail("nested deeper than %d", MaxDepth)
		}
		n := d.length()
		d.lim = d.pos + n
	}
	if d.err != nil {
		end = len(d.buf)
	}
	return end
}

// Close steps out of a message that was read to its end.
func (d *Decoder) Close(end int) {
	if d.err == nil {
		d.pos, d.lim = d.lim, end
		d.depth--
	}
}

func (d *Decoder) want(typ uint8) bool {
	if d.typ != typ && d.err == nil {
		d.fail("wire type %d, want %d", d.typ, typ)
	}
	return d.err == nil
}

func (d *Decoder) uvarint() uint64 {
	if d.pos < d.lim && d.buf[d.pos] < 0x80 {
		d.pos++
		return uint64(d.buf[d.pos-1])
	}
	return d.longUvarint()
}

func (d *Decoder) longUvarint() uint64 {
	v, n := binary.Uvarint(d.buf[d.pos:d.lim])
	if n <= 0 {
		d.fail("a varint that is cut short or too long")
		return 0
	}
	d.pos += n
	return v
}

// length reads the length of a field; it is within the message.
func (d *Decoder) length() int {
	n := d.uvarint()
	if n > uint64(d.lim-d.pos) {
		d.fail("%d bytes long, and %d are left", n, d.lim-d.pos)
		return 0
	}
	return int(n)
}

// take returns the next n bytes, or nil after an error.
func (d *Decoder) take(n int) []byte {
	if n > d.lim-d.pos {
		d.fail("cut short")
		return nil
	}
	d.pos += n
	return d.buf[d.pos-n : d.pos : d.pos]
}

// bytes returns the bytes of the current field, within buf.
func (d *Decoder) bytes() []byte {
	if !d.want(typeBytes) {
		return nil
	}
	return d.take(d.length())
}

// ReadBool reads a bool.
func ReadBool[T ~bool](d *Decoder, v *T) {
	if !d.want(typeVarint) {
		return
	}
	u := d.uvarint()
	if u > 1 {
		d.fail("%d is no bool", u)
	}
	*v = u == 1
}

// ReadInt reads a signed integer; one that T can't hold is an error.
func ReadInt[T Signed](d *Decoder, v *T) {
	if !d.want(typeVarint) {
		return
	}
	i := unzigzag(d.uvarint())
	if *v = T(i); int64(*v) != i {
		d.fail("%d overflows %T", i, *v)
	}
}

// ReadUint reads an unsigned integer; one that T can't hold is an error.
func ReadUint[T Unsigned](d *Decoder, v *T) {
	if !d.want(typeVarint) {
		return
	}
	u := d.uvarint()
	if *v = T(u); uint64(*v) != u {
		d.fail("%d overflows %T", u, *v)
	}
}

// ReadFloat32 reads a float.
func ReadFloat32[T ~float32](d *Decoder, v *T) {
	if !d.want(typeFixed32) {
		return
	}
	if p := d.take(4); p != nil {
		*v = T(math.Float32frombits(binary.LittleEndian.Uint32(p)))
	}
}

// ReadFloat64 reads a float.
func ReadFloat64[T ~float64](d *Decoder, v *T) {
	if !d.want(typeFixed64) {
		return
	}
	if p := d.take(8); p != nil {
		*v = T(math.Float64frombits(binary.LittleEndian.Uint64(p)))
	}
}

// ReadComplex64 reads a complex number.
func ReadComplex64[T ~complex64](d *Decoder, v *T) {
	var part [2]float32
	end := d.Open()
	for n := d.Next(); n != 0; n = d.Next() {
		if n > 2 {
			d.Skip()
			continue
		}
		ReadFloat32(d, &part[n-1])
	}
	d.Close(end)
	*v = T(complex(part[0], part[1]))
}

// ReadComplex128 reads a complex number.
func ReadComplex128[T ~complex128](d *Decoder, v *T) {
	var part [2]float64
	end := d.Open()
	for n := d.Next(); n != 0; n = d.Next() {
		if n > 2 {
			d.Skip()
			continue
		}
		ReadFloat64(d, &part[n-1])
	}
	d.Close(end)
	*v = T(complex(part[0], part[1]))
}

// ReadString reads a string. Strings of a message of at most 4 KiB share one
// copy of it, or the decoder's own buffer.
func ReadString[T ~string](d *Decoder, v *T) { *v = T(d.string()) }

func (d *Decoder) string() string {
	p := d.bytes()
	if len(p) == 0 {
		return ""
	}
	if len(d.buf) > maxPinned && len(p) < len(d.buf)/2 {
		return string(p)
	}
	if d.owned {
		return unsafe.String(&p[0], len(p)) // nobody writes to an owned buffer
	}
	if d.str == "" {
		d.str = string(d.buf)
	}
	return d.str[d.pos-len(p) : d.pos]
}

// ReadBytes reads a []byte. From an owned buffer it is no copy; its capacity
// ends where it ends.
func ReadBytes[T ~[]byte](d *Decoder, v *T) {
	p := d.bytes()
	switch {
	case d.err != nil:
	case len(p) == 0:
		*v = T{}
	case d.owned:
		*v = T(p)
	default:
		*v = append(T(nil), p...)
	}
}

// ReadFixed reads into an array of bytes; more than it holds are an error.
func ReadFixed(d *Decoder, v []byte) {
	p := d.bytes()
	if len(p) > len(v) {
		d.fail("%d elements for an array of %d", len(p), len(v))
		return
	}
	copy(v, p)
}

// spend counts n values of size bytes against maxDecoded.
func (d *Decoder) spend(n int, size uintptr) bool {
	if d.err == nil && n > 0 && size > 0 {
		if uint64(n) > uint64(maxDecoded-d.decoded)/uint64(size) {
			d.fail("the decoded message is larger than %d MiB", maxDecoded>>20)
		} else {
			d.decoded += n * int(size)
		}
	}
	return d.err == nil
}

// New makes *v point to a zero value. It does so even after an error.
func New[P ~*E, E any](d *Decoder, v *P) {
	var zero E
	d.spend(1, unsafe.Sizeof(zero))
	*v = new(E)
}

// Grow adds a zero element to *v and returns its address, or nil after an
// error. The first time it counts how many elements follow.
func Grow[S ~[]E, E any](d *Decoder, v *S) *E {
	if d.err != nil || len(*v) == cap(*v) && !reserve(d, v, d.count()) {
		return nil
	}
	*v = (*v)[:len(*v)+1]
	return &(*v)[len(*v)-1]
}

// reserve makes room for n more elements, and for twice as many as there are if
// that is more, so that interleaved fields don't cost a copy each.
func reserve[S ~[]E, E any](d *Decoder, v *S, n int) bool {
	have := len(*v)
	if n <= cap(*v)-have && *v != nil {
		return d.err == nil
	}
	room := max(have+n, min(2*have, have+maxDecoded))
	var zero E
	if !d.spend(room-have, unsafe.Sizeof(zero)) {
		return false
	}
	bigger := make([]E, have, room)
	copy(bigger, *v)
	*v = bigger
	return true
}

// count returns how many fields of the current number come one after another,
// the current one included. It reads ahead and takes nothing.
func (d *Decoder) count() int {
	ahead := Decoder{buf: d.buf, pos: d.pos, lim: d.lim, num: d.num, typ: d.typ}
	n := 0
	for ahead.num == d.num {
		ahead.Skip()
		if ahead.err != nil {
			break
		}
		n++
		if ahead.Next() == 0 {
			break
		}
	}
	return max(n, 1)
}

// Index steps *i to the next element of an array of n and returns whether there
// is one; if not, that is an error.
func Index(d *Decoder, i *int, n int) bool {
	if d.err != nil {
		return false
	}
	if *i++; *i > n {
		d.fail("more than %d elements for an array of %d", n, n)
	}
	return d.err == nil
}

// SetMap sets key k of *v, and makes the map if need be.
func SetMap[M ~map[K]V, K comparable, V any](d *Decoder, v *M, k K, e V) {
	if !spendEntry[K, V](d, len(*v)) {
		return
	}
	if *v == nil {
		*v = M{}
	}
	(*v)[k] = e
}

// spendEntry counts an entry of a map that has n of them, as Go allocates: the
// first makes room for eight, and beyond those a table is doubled when it is 7/8
// full, so that there are about two slots for each entry.
func spendEntry[K comparable, V any](d *Decoder, n int) bool {
	const (
		first  = 8  // slots of a small map
		header = 64 // what a map takes beside its slots, rounded up
		inline = 128
	)
	var entry struct {
		k K
		v V
	}
	slot := unsafe.Sizeof(entry)
	// What is larger than inline is allocated for each entry, and its slot is a
	// pointer.
	outside := uintptr(0)
	for _, size := range []uintptr{unsafe.Sizeof(entry.k), unsafe.Sizeof(entry.v)} {
		if size > inline {
			outside += size
			slot -= size - unsafe.Sizeof(uintptr(0))
		}
	}
	slot++ // a byte of control
	switch {
	case n == 0:
		return d.spend(1, header+first*slot+outside)
	case n < first:
		return d.spend(1, outside)
	default:
		return d.spend(1, 2*slot+outside)
	}
}

// Mark reads an entry of [EmptyField]: the number of a field that is present but
// empty, or 0 after an error.
func (d *Decoder) Mark() (num uint32) {
	ReadUint(d, &num)
	return num
}

// EmptySlice makes *v present, unless it has elements already.
func EmptySlice[S ~[]E, E any](v *S) {
	if *v == nil {
		*v = S{}
	}
}

// EmptyMap makes *v present, unless it has entries already.
func EmptyMap[M ~map[K]V, K comparable, V any](v *M) {
	if *v == nil {
		*v = M{}
	}
}
