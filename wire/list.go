package wire

import (
	"encoding/binary"
	"math"
)

// AppendBools appends a slice, packed: nothing if it is nil, a mark if empty.
func AppendBools[S ~[]E, E ~bool](b []byte, num uint32, v S) []byte {
	if len(v) == 0 {
		return appendMark(b, num, v != nil)
	}
	b = binary.AppendUvarint(appendTag(b, num, typeBytes), uint64(len(v)))
	for _, e := range v {
		b = appendBool(b, bool(e))
	}
	return b
}

// AppendInts appends a slice, packed: nothing if it is nil, a mark if empty.
func AppendInts[S ~[]E, E Signed](b []byte, num uint32, v S) []byte {
	if len(v) == 0 {
		return appendMark(b, num, v != nil)
	}
	b = Open(b, num)
	at := len(b)
	for _, e := range v {
		b = binary.AppendUvarint(b, zigzag(int64(e)))
	}
	return Close(b, at)
}

// AppendUints appends a slice, packed: nothing if it is nil, a mark if empty.
func AppendUints[S ~[]E, E Unsigned](b []byte, num uint32, v S) []byte {
	if len(v) == 0 {
		return appendMark(b, num, v != nil)
	}
	b = Open(b, num)
	at := len(b)
	for _, e := range v {
		b = binary.AppendUvarint(b, uint64(e))
	}
	return Close(b, at)
}

// AppendFloat32s appends a slice, packed: nothing if it is nil, a mark if empty.
func AppendFloat32s[S ~[]E, E ~float32](b []byte, num uint32, v S) []byte {
	if len(v) == 0 {
		return appendMark(b, num, v != nil)
	}
	b = binary.AppendUvarint(appendTag(b, num, typeBytes), 4*uint64(len(v)))
	for _, e := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(e)))
	}
	return b
}

// AppendFloat64s appends a slice, packed: nothing if it is nil, a mark if empty.
func AppendFloat64s[S ~[]E, E ~float64](b []byte, num uint32, v S) []byte {
	if len(v) == 0 {
		return appendMark(b, num, v != nil)
	}
	b = binary.AppendUvarint(appendTag(b, num, typeBytes), 8*uint64(len(v)))
	for _, e := range v {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(e)))
	}
	return b
}

// The Read functions of slices add a packed field, or one element of a field
// that is not packed, to what *v has.

// ReadBools reads a slice.
func ReadBools[S ~[]E, E ~bool](d *Decoder, v *S) {
	end, n := d.openList(typeVarint)
	added := extend(d, v, n)
	for i := range added {
		ReadBool(d, &added[i])
	}
	d.closeList(end)
}

// ReadInts reads a slice.
func ReadInts[S ~[]E, E Signed](d *Decoder, v *S) {
	end, n := d.openList(typeVarint)
	added := extend(d, v, n)
	for i := range added {
		ReadInt(d, &added[i])
	}
	d.closeList(end)
}

// ReadUints reads a slice.
func ReadUints[S ~[]E, E Unsigned](d *Decoder, v *S) {
	end, n := d.openList(typeVarint)
	added := extend(d, v, n)
	for i := range added {
		ReadUint(d, &added[i])
	}
	d.closeList(end)
}

// ReadFloat32s reads a slice.
func ReadFloat32s[S ~[]E, E ~float32](d *Decoder, v *S) {
	end, n := d.openList(typeFixed32)
	added := extend(d, v, n)
	for i := range added {
		ReadFloat32(d, &added[i])
	}
	d.closeList(end)
}

// ReadFloat64s reads a slice.
func ReadFloat64s[S ~[]E, E ~float64](d *Decoder, v *S) {
	end, n := d.openList(typeFixed64)
	added := extend(d, v, n)
	for i := range added {
		ReadFloat64(d, &added[i])
	}
	d.closeList(end)
}

// The Read functions of arrays fill v from one packed field; elements that the
// field lacks stay as they are, and more than v holds are an error.

// ReadBoolArray reads into an array.
func ReadBoolArray[E ~bool](d *Decoder, v []E) {
	end, n := d.openList(typeVarint)
	for i := range d.fit(n, len(v)) {
		ReadBool(d, &v[i])
	}
	d.closeList(end)
}

// ReadIntArray reads into an array.
func ReadIntArray[E Signed](d *Decoder, v []E) {
	end, n := d.openList(typeVarint)
	for i := range d.fit(n, len(v)) {
		ReadInt(d, &v[i])
	}
	d.closeList(end)
}

// ReadUintArray reads into an array.
func ReadUintArray[E Unsigned](d *Decoder, v []E) {
	end, n := d.openList(typeVarint)
	for i := range d.fit(n, len(v)) {
		ReadUint(d, &v[i])
	}
	d.closeList(end)
}

// ReadFloat32Array reads into an array.
func ReadFloat32Array[E ~float32](d *Decoder, v []E) {
	end, n := d.openList(typeFixed32)
	for i := range d.fit(n, len(v)) {
		ReadFloat32(d, &v[i])
	}
	d.closeList(end)
}

// ReadFloat64Array reads into an array.
func ReadFloat64Array[E ~float64](d *Decoder, v []E) {
	end, n := d.openList(typeFixed64)
	for i := range d.fit(n, len(v)) {
		ReadFloat64(d, &v[i])
	}
	d.closeList(end)
}

// openList steps into the current field, packed or one element, and returns how
// many elements of typ it has, and what closeList needs.
func (d *Decoder) openList(typ uint8) (end, n int) {
	if d.typ == typ {
		return -1, 1
	}
	end = d.Open()
	n = d.packed(typ)
	d.typ = typ
	return end, n
}

func (d *Decoder) closeList(end int) {
	if end >= 0 {
		d.Close(end)
	}
}

// extend adds n zero elements to *v and returns them; none after an error.
func extend[S ~[]E, E any](d *Decoder, v *S, n int) []E {
	have := len(*v)
	if !reserve(d, v, n) {
		return nil
	}
	*v = (*v)[:have+n]
	return (*v)[have:]
}

// fit returns n if an array of size elements holds it, else it fails.
func (d *Decoder) fit(n, size int) int {
	if n > size {
		d.fail("%d elements for an array of %d", n, size)
		return 0
	}
	return n
}

// packed returns how many elements of typ are left in the message; none, and an
// error, if the last one is cut short.
func (d *Decoder) packed(typ uint8) int {
	n := 0
	switch rest := d.buf[d.pos:d.lim]; typ {
	case typeVarint:
		for _, c := range rest {
			if c < 0x80 {
				n++
			}
		}
		if len(rest) > 0 && rest[len(rest)-1] >= 0x80 {
			d.fail("cut short")
			return 0
		}
	case typeFixed32:
		n = len(rest) / 4
		if len(rest)%4 != 0 {
			d.fail("cut short")
			return 0
		}
	case typeFixed64:
		n = len(rest) / 8
		if len(rest)%8 != 0 {
			d.fail("cut short")
			return 0
		}
	}
	return n
}
