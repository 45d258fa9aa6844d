package facts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
)

// The code of cache entries: the strings, each once, and then the fields of the
// value in order, numbers as varints, slices with their length before them.
// Facts name the same few symbols again and again, which makes it a third of
// gob's size and several times as fast to read.

var errCode = errors.New("cache entry is cut off or of another shape")

// shape describes a type so that data of two shapes are never mixed up.
func shape(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		return "[]" + shape(t.Elem())
	case reflect.Struct:
		s := "{"
		for i := range t.NumField() {
			s += t.Field(i).Name + " " + shape(t.Field(i).Type) + ";"
		}
		return s + "}"
	}
	return t.Kind().String()
}

type encoder struct {
	strings []byte
	count   uint64
	index   map[string]uint64
	body    []byte
	bad     reflect.Type // has no code
}

// encode writes what v points to: structs, slices, pointers, strings, numbers
// and booleans.
func encode(v any) ([]byte, error) {
	e := &encoder{index: map[string]uint64{}}
	e.value(reflect.ValueOf(v).Elem())
	if e.bad != nil {
		return nil, fmt.Errorf("there is no code for %v", e.bad)
	}
	out := binary.AppendUvarint(nil, e.count)
	out = binary.AppendUvarint(out, uint64(len(e.strings)))
	out = append(out, e.strings...)
	return append(out, e.body...), nil
}

func (e *encoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		n := uint64(0)
		if v.Bool() {
			n = 1
		}
		e.body = binary.AppendUvarint(e.body, n)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.body = binary.AppendVarint(e.body, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		e.body = binary.AppendUvarint(e.body, v.Uint())
	case reflect.String:
		e.body = binary.AppendUvarint(e.body, e.text(v.String()))
	case reflect.Slice:
		e.body = binary.AppendUvarint(e.body, uint64(v.Len()))
		for i := range v.Len() {
			e.value(v.Index(i))
		}
	case reflect.Pointer:
		if v.IsNil() {
			e.body = append(e.body, 0)
		} else {
			e.body = append(e.body, 1)
			e.value(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			e.value(v.Field(i))
		}
	default:
		e.bad = v.Type()
	}
}

func (e *encoder) text(s string) uint64 {
	i, ok := e.index[s]
	if !ok {
		i = e.count
		e.index[s] = i
		e.count++
		e.strings = binary.AppendUvarint(e.strings, uint64(len(s)))
		e.strings = append(e.strings, s...)
	}
	return i
}

type decoder struct {
	strings []string
	data    []byte
	bad     bool
}

// decode reads data into what v points to. Empty slices are read as nil.
func decode(data []byte, v any) error {
	d := &decoder{data: data}
	count, size := d.number(), d.number()
	if d.bad || size > uint64(len(d.data)) || count > size+1 {
		return errCode
	}
	all := string(d.data[:size])
	body := d.data[size:]
	d.strings = make([]string, 0, count)
	for at := 0; uint64(len(d.strings)) < count; {
		n, w := binary.Uvarint([]byte(all[at:min(at+binary.MaxVarintLen64, len(all))]))
		if w <= 0 || n > uint64(len(all)-at-w) {
			return errCode
		}
		d.strings = append(d.strings, all[at+w:at+w+int(n)])
		at += w + int(n)
	}
	d.data = body
	d.value(reflect.ValueOf(v).Elem())
	if d.bad || len(d.data) > 0 {
		return errCode
	}
	return nil
}

func (d *decoder) number() uint64 {
	n, w := binary.Uvarint(d.data)
	if w <= 0 {
		d.bad, d.data = true, nil
		return 0
	}
	d.data = d.data[w:]
	return n
}

func (d *decoder) value(v reflect.Value) {
	if d.bad {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.number() != 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := d.number()
		v.SetInt(int64(n>>1) ^ -int64(n&1))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(d.number())
	case reflect.String:
		if n := d.number(); n < uint64(len(d.strings)) {
			v.SetString(d.strings[n])
		} else {
			d.bad = true
		}
	case reflect.Slice:
		n := d.number()
		if n > uint64(len(d.data)) {
			d.bad = true
		} else if n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), int(n), int(n)))
			for i := range int(n) {
				d.value(v.Index(i))
			}
		}
	case reflect.Pointer:
		if d.number() != 0 {
			v.Set(reflect.New(v.Type().Elem()))
			d.value(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			d.value(v.Field(i))
		}
	default:
		d.bad = true
	}
}
