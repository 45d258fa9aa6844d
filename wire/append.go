package wire

import (
	"encoding/binary"
	"math"
)

// Version1 is what generated code of this version refers to. A runtime that
// generated code of this version no longer fits has no such name, so that stale
// code fails to compile: run hemilith gen.
const Version1 = 1

// EmptyField is the number of the field, in any message, that lists the fields
// which are present but empty: a slice, map or []byte that is not nil.
const EmptyField = 2047

// The wire types of protobuf that are used here; groups (3, 4) are refused.
const (
	typeVarint  = 0
	typeFixed64 = 1
	typeBytes   = 2
	typeFixed32 = 5
)

// Signed, Unsigned, Float32, Float64 and the like are constraints, so that
// generated code no longer compiles once a type has changed its kind.
type (
	// Signed is any signed integer type.
	Signed interface {
		~int | ~int8 | ~int16 | ~int32 | ~int64
	}
	// Unsigned is any unsigned integer type but uintptr.
	Unsigned interface {
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
	}
)

func appendTag(b []byte, num, typ uint32) []byte {
	return binary.AppendUvarint(b, uint64(num)<<3|uint64(typ))
}

func zigzag(v int64) uint64 { return uint64(v)<<1 ^ uint64(v>>63) }

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// The Append functions append field num to b unless v is the zero value, by
// bits: -0 is not zero. The Put functions always append it; they are for
// elements and for what a pointer points to.

// AppendBool appends a bool.
func AppendBool[T ~bool](b []byte, num uint32, v T) []byte {
	if !v {
		return b
	}
	return append(appendTag(b, num, typeVarint), 1)
}

// PutBool appends a bool, false as well.
func PutBool[T ~bool](b []byte, num uint32, v T) []byte {
	return appendBool(appendTag(b, num, typeVarint), bool(v))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// AppendInt appends a signed integer as a zigzag varint.
func AppendInt[T Signed](b []byte, num uint32, v T) []byte {
	if v == 0 {
		return b
	}
	return PutInt(b, num, v)
}

// PutInt appends a signed integer, zero as well.
func PutInt[T Signed](b []byte, num uint32, v T) []byte {
	return binary.AppendUvarint(appendTag(b, num, typeVarint), zigzag(int64(v)))
}

// AppendUint appends an unsigned integer as a varint.
func AppendUint[T Unsigned](b []byte, num uint32, v T) []byte {
	if v == 0 {
		return b
	}
	return PutUint(b, num, v)
}

// PutUint appends an unsigned integer, zero as well.
func PutUint[T Unsigned](b []byte, num uint32, v T) []byte {
	return binary.AppendUvarint(appendTag(b, num, typeVarint), uint64(v))
}

// AppendFloat32 appends the bits of v.
func AppendFloat32[T ~float32](b []byte, num uint32, v T) []byte {
	if math.Float32bits(float32(v)) == 0 {
		return b
	}
	return PutFloat32(b, num, v)
}

// PutFloat32 appends the bits of v, zero as well.
func PutFloat32[T ~float32](b []byte, num uint32, v T) []byte {
	return binary.LittleEndian.AppendUint32(appendTag(b, num, typeFixed32), math.Float32bits(float32(v)))
}

// AppendFloat64 appends the bits of v.
func AppendFloat64[T ~float64](b []byte, num uint32, v T) []byte {
	if math.Float64bits(float64(v)) == 0 {
		return b
	}
	return PutFloat64(b, num, v)
}

// PutFloat64 appends the bits of v, zero as well.
func PutFloat64[T ~float64](b []byte, num uint32, v T) []byte {
	return binary.LittleEndian.AppendUint64(appendTag(b, num, typeFixed64), math.Float64bits(float64(v)))
}

// AppendComplex64 appends v as a message {1 real, 2 imaginary}.
func AppendComplex64[T ~complex64](b []byte, num uint32, v T) []byte {
	c := complex64(v)
	if math.Float32bits(real(c)) == 0 && math.Float32bits(imag(c)) == 0 {
		return b
	}
	return PutComplex64(b, num, v)
}

// PutComplex64 appends v, zero as well.
func PutComplex64[T ~complex64](b []byte, num uint32, v T) []byte {
	b = Open(b, num)
	at := len(b)
	b = AppendFloat32(b, 1, real(complex64(v)))
	b = AppendFloat32(b, 2, imag(complex64(v)))
	return Close(b, at)
}

// AppendComplex128 appends v as a message {1 real, 2 imaginary}.
func AppendComplex128[T ~complex128](b []byte, num uint32, v T) []byte {
	c := complex128(v)
	if math.Float64bits(real(c)) == 0 && math.Float64bits(imag(c)) == 0 {
		return b
	}
	return PutComplex128(b, num, v)
}

// PutComplex128 appends v, zero as well.
func PutComplex128[T ~complex128](b []byte, num uint32, v T) []byte {
	b = Open(b, num)
	at := len(b)
	b = AppendFloat64(b, 1, real(complex128(v)))
	b = AppendFloat64(b, 2, imag(complex128(v)))
	return Close(b, at)
}

// AppendString appends a string of any bytes.
func AppendString[T ~string](b []byte, num uint32, v T) []byte {
	if v == "" {
		return b
	}
	return PutString(b, num, v)
}

// PutString appends a string, "" as well.
func PutString[T ~string](b []byte, num uint32, v T) []byte {
	b = binary.AppendUvarint(appendTag(b, num, typeBytes), uint64(len(v)))
	return append(b, v...)
}

// AppendBytes appends a []byte: nothing if it is nil, a mark if it is empty.
func AppendBytes[T ~[]byte](b []byte, num uint32, v T) []byte {
	if len(v) == 0 {
		return appendMark(b, num, v != nil)
	}
	return PutFixed(b, num, v)
}

// PutFixed appends the bytes of an array.
func PutFixed(b []byte, num uint32, v []byte) []byte {
	b = binary.AppendUvarint(appendTag(b, num, typeBytes), uint64(len(v)))
	return append(b, v...)
}

// appendMark marks field num as present but empty.
func appendMark(b []byte, num uint32, present bool) []byte {
	if !present {
		return b
	}
	return PutUint(b, EmptyField, num)
}

// MarkSlice marks field num if v is empty but not nil.
func MarkSlice[S ~[]E, E any](b []byte, num uint32, v S) []byte {
	return appendMark(b, num, v != nil && len(v) == 0)
}

// MarkMap marks field num if v is empty but not nil.
func MarkMap[M ~map[K]V, K comparable, V any](b []byte, num uint32, v M) []byte {
	return appendMark(b, num, v != nil && len(v) == 0)
}

// Open begins a nested message as field num. The caller keeps len(b), appends
// the fields, and gives both to [Close] or [CloseOmit].
func Open(b []byte, num uint32) []byte {
	return append(appendTag(b, num, typeBytes), 0)
}

// Close ends the nested message that begins at at: it fills in the length, for
// which [Open] left one byte, and moves the message if that is not enough.
func Close(b []byte, at int) []byte {
	n := len(b) - at
	if n < 0x80 {
		b[at-1] = byte(n)
		return b
	}
	var length [binary.MaxVarintLen64]byte
	w := binary.PutUvarint(length[:], uint64(n))
	b = append(b, length[:w-1]...) // any bytes: they make room
	copy(b[at+w-1:], b[at:at+n])
	copy(b[at-1:], length[:w])
	return b
}

// CloseOmit is [Close] for a value in a struct, from: its length before Open. An
// empty message is taken back, for it reads as the zero value that an absent
// field is.
func CloseOmit(b []byte, at, from int) []byte {
	if len(b) == at {
		return b[:from]
	}
	return Close(b, at)
}
