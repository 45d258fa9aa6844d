package gen_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"time"
	"unsafe"

	"github.com/hemilith/hemilith/tool/gen/testdata/corpus"
	"github.com/hemilith/hemilith/tool/gen/testdata/corpus/other"
)

// filler makes values of bytes, so that a fuzzer and rapid can both drive it.
// Once the bytes are used up everything is zero, nil or empty.
type filler struct {
	bytes []byte
	depth int
}

// open returns v such that an unexported field of it can be set.
func open(v reflect.Value) reflect.Value {
	if v.CanSet() || !v.CanAddr() {
		return v
	}
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

func (f *filler) byte() byte {
	if len(f.bytes) == 0 {
		return 0
	}
	b := f.bytes[0]
	f.bytes = f.bytes[1:]
	return b
}

// word returns 64 bits, often the odd ones.
func (f *filler) word() uint64 {
	odd := []uint64{0, 1, math.MaxUint64, math.MaxInt64, 1 << 63, 127, 128, 1 << 32,
		math.Float64bits(math.NaN()), 0x7ff0000000000001, math.Float64bits(math.Inf(-1)), 0x80000000, 0x7f800001}
	if b := int(f.byte()); b < len(odd) {
		return odd[b]
	}
	var w [8]byte
	for i := range w {
		w[i] = f.byte()
	}
	return binary.LittleEndian.Uint64(w[:])
}

func (f *filler) string() string {
	n := int(f.byte()) % 40
	s := make([]byte, n)
	for i := range s {
		s[i] = f.byte()
	}
	return string(s)
}

func (f *filler) time() time.Time {
	t := time.Unix(int64(f.word()%(1<<36)), int64(f.word()%1_000_000_000))
	switch f.byte() % 6 {
	case 0:
		return time.Time{}
	case 1:
		return t
	case 2:
		return t.In(time.FixedZone(f.string(), int(int32(f.word())%86400)))
	case 3:
		return time.Unix(0, 0).UTC()
	case 4:
		return time.Time{}.In(time.FixedZone("", 0))
	default:
		return t.UTC()
	}
}

func (f *filler) error() error {
	const maxDepth = 30 // the codec's own bound has a test of its own
	if f.depth++; f.depth > maxDepth {
		f.bytes = nil
	}
	defer func() { f.depth-- }()
	switch f.byte() % 12 {
	case 1:
		return corpus.ErrBase
	case 2:
		return other.Hidden()
	case 3:
		return io.EOF
	case 4:
		return errors.New(f.string())
	case 5:
		return fmt.Errorf("wrap %s: %w", f.string(), f.error())
	case 6:
		return errors.Join(f.error(), io.EOF, f.error())
	case 7:
		return other.Deny(f.string(), f.error())
	case 8:
		return (*corpus.Fault)(nil)
	case 9:
		return other.Code(f.word())
	case 10:
		return context.DeadlineExceeded
	case 11:
		return &corpus.Fault{At: f.string()}
	default:
		return nil
	}
}

// fillSome sets some of the fields of v, a struct: as many as there are bytes for.
func (f *filler) fillSome(v reflect.Value) {
	const maxFields = 6
	for n := 0; len(f.bytes) > 0 && n < maxFields; n++ {
		f.fill(v.Field(int(f.byte()) % v.NumField()))
	}
}

// fill sets v, which is addressable.
func (f *filler) fill(v reflect.Value) {
	v = open(v)
	const maxDepth = 12
	if f.depth++; f.depth > maxDepth {
		f.depth--
		return
	}
	defer func() { f.depth-- }()
	if v.Type().ConvertibleTo(reflect.TypeFor[time.Time]()) && v.Kind() == reflect.Struct {
		v.Set(reflect.ValueOf(f.time()).Convert(v.Type()))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.byte()&1 == 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.word()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(f.word())
	case reflect.Float32:
		*(*uint32)(v.Addr().UnsafePointer()) = uint32(f.word())
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(f.word()))
	case reflect.Complex64:
		p := (*[2]uint32)(v.Addr().UnsafePointer())
		p[0], p[1] = uint32(f.word()), uint32(f.word())
	case reflect.Complex128:
		v.SetComplex(complex(math.Float64frombits(f.word()), math.Float64frombits(f.word())))
	case reflect.String:
		v.SetString(f.string())
	case reflect.Interface:
		if err := f.error(); err != nil {
			v.Set(reflect.ValueOf(err))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "_" {
				f.fill(v.Field(i))
			}
		}
	default:
		f.fillComposite(v)
	}
}

func (f *filler) fillComposite(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if f.byte()%3 != 0 {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem())
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Slice:
		if n := int(f.byte()) % 5; n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range n - 1 {
				f.fill(v.Index(i))
			}
		}
	case reflect.Map:
		n := int(f.byte()) % 4
		if n == 0 {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range n - 1 {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(k)
			f.fill(e)
			v.SetMapIndex(k, e)
		}
	}
}

// differ returns the path of the first difference between a and b, or "". Floats
// are compared by bits, times by instant, offset and name of zone, errors by
// identity, type and text, maps as sets of entries.
func differ(path string, a, b reflect.Value) string {
	a, b = open(a), open(b)
	if a.Type().ConvertibleTo(reflect.TypeFor[time.Time]()) && a.Kind() == reflect.Struct {
		return differTime(path, a, b)
	}
	ok := true
	switch a.Kind() {
	case reflect.Float32, reflect.Complex64, reflect.Float64, reflect.Complex128:
		ok = bits(a) == bits(b)
	case reflect.Struct:
		for i := range a.NumField() {
			name := a.Type().Field(i).Name
			if name == "_" {
				continue
			}
			if d := differ(path+"."+name, a.Field(i), b.Field(i)); d != "" {
				return d
			}
		}
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			ok = a.IsNil() == b.IsNil()
			break
		}
		return differ(path, a.Elem(), b.Elem())
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() || a.Kind() == reflect.Slice && a.IsNil() != b.IsNil() {
			return fmt.Sprintf("%s: %d elements, nil %t; want %d", path, b.Len(), b.IsZero(), a.Len())
		}
		for i := range a.Len() {
			if d := differ(fmt.Sprintf("%s[%d]", path, i), a.Index(i), b.Index(i)); d != "" {
				return d
			}
		}
	case reflect.Map:
		return differMap(path, a, b)
	case reflect.Interface:
		return differError(path, a, b)
	default:
		ok = a.Equal(b)
	}
	if !ok {
		return fmt.Sprintf("%s: got %v, want %v", path, b, a)
	}
	return ""
}

func bits(v reflect.Value) string {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return string(unsafe.Slice((*byte)(p.UnsafePointer()), v.Type().Size()))
}

func differTime(path string, a, b reflect.Value) string {
	x := a.Convert(reflect.TypeFor[time.Time]()).Interface().(time.Time)
	y := b.Convert(reflect.TypeFor[time.Time]()).Interface().(time.Time)
	xn, xo := x.Zone()
	yn, yo := y.Zone()
	if x.Equal(y) && xn == yn && xo == yo && x.IsZero() == y.IsZero() && (x.Location() == time.UTC) == (y.Location() == time.UTC) {
		return ""
	}
	return fmt.Sprintf("%s: got %v, want %v", path, y, x)
}

func differMap(path string, a, b reflect.Value) string {
	if a.Len() != b.Len() || a.IsNil() != b.IsNil() {
		return fmt.Sprintf("%s: got %v, want %v", path, b, a)
	}
	used := map[int]bool{}
	for ai := a.MapRange(); ai.Next(); {
		found := false
		n := 0
		for bi := b.MapRange(); bi.Next() && !found; n++ {
			if !used[n] && differ("", addressable(ai.Key()), addressable(bi.Key())) == "" &&
				differ("", addressable(ai.Value()), addressable(bi.Value())) == "" {
				found = true
			}
		}
		if !found {
			return fmt.Sprintf("%s: got %v, want it to have %v: %v", path, b, ai.Key(), ai.Value())
		}
	}
	return ""
}

func addressable(v reflect.Value) reflect.Value {
	p := reflect.New(v.Type()).Elem()
	p.Set(v)
	return p
}

func differError(path string, a, b reflect.Value) string {
	if a.IsNil() || b.IsNil() {
		if a.IsNil() != b.IsNil() {
			return fmt.Sprintf("%s: got %v, want %v", path, b, a)
		}
		return ""
	}
	if x, y := a.Interface().(error), b.Interface().(error); !sameError(x, y) {
		return fmt.Sprintf("%s: got %#v, want %#v", path, y, x)
	}
	return ""
}

func sameError(x, y error) bool {
	if x == nil || y == nil {
		return x == y
	}
	if f, ok := x.(*corpus.Fault); ok {
		g, ok := y.(*corpus.Fault)
		return ok && (f == nil) == (g == nil) && (f == nil || f.At == g.At)
	}
	if c, ok := x.(other.Code); ok {
		return error(c) == y
	}
	if x.Error() != y.Error() {
		return false
	}
	for _, s := range []error{corpus.ErrBase, other.ErrFar, other.Hidden(), io.EOF, context.DeadlineExceeded} {
		if errors.Is(x, s) != errors.Is(y, s) || (x == s) != (y == s) {
			return false
		}
	}
	var xd, yd *other.Denied
	var xf, yf *corpus.Fault
	var xc, yc other.Code
	return errors.As(x, &xd) == errors.As(y, &yd) && errors.As(x, &xf) == errors.As(y, &yf) &&
		errors.As(x, &xc) == errors.As(y, &yc) && xc == yc
}
