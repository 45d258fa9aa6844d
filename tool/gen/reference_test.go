package gen_test

import (
	"hash/fnv"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/hemilith/hemilith/tool/gen/testdata/corpus"
	"github.com/hemilith/hemilith/tool/gen/testdata/corpus/other"
)

// reference encodes by reflection what docs/CODEC.md says, with the numbers of a
// lock file. It shares no code with the generator or package wire.
type reference struct{ numbers map[string]protowire.Number }

func newReference(t testing.TB, lock string) reference {
	t.Helper()
	text, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	r := reference{map[string]protowire.Number{}}
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Fields(line); len(f) == 3 {
			n, err := strconv.Atoi(f[2])
			if err != nil {
				continue // the header
			}
			r.numbers[f[0]+" "+f[1]] = protowire.Number(n)
		}
	}
	return r
}

const empties = 2047

// value appends v as field num; always says to do so if it is zero, too.
func (r reference) value(b []byte, num protowire.Number, v reflect.Value, owner string, always bool) []byte {
	v = open(v)
	if r.isMessage(v.Type()) {
		body := r.message(nil, v, owner)
		if len(body) == 0 && !always {
			return b
		}
		return message(b, num, body)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array, reflect.Interface:
		return r.composite(b, num, v, owner)
	}
	if v.Kind() == reflect.String {
		if v.Len() == 0 && !always {
			return b
		}
		return protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), v.String())
	}
	if zeroBits(v) && !always {
		return b
	}
	typ, body := scalar(v)
	return append(protowire.AppendTag(b, num, typ), body...)
}

func message(b []byte, num protowire.Number, body []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), body)
}

func zeroBits(v reflect.Value) bool { return strings.Trim(bits(v), "\x00") == "" }

func scalar(v reflect.Value) (protowire.Type, []byte) {
	switch v.Kind() {
	case reflect.Bool:
		return protowire.VarintType, protowire.AppendVarint(nil, protowire.EncodeBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return protowire.VarintType, protowire.AppendVarint(nil, protowire.EncodeZigZag(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return protowire.VarintType, protowire.AppendVarint(nil, v.Uint())
	case reflect.Float32:
		return protowire.Fixed32Type, []byte(bits(v)) // this machine is little-endian
	case reflect.Float64:
		return protowire.Fixed64Type, []byte(bits(v))
	}
	return protowire.BytesType, protowire.AppendBytes(nil, complexBody(v)) // complex
}

func complexBody(v reflect.Value) []byte {
	var b []byte
	half := bits(v)
	n := len(half) / 2
	for i, part := range []string{half[:n], half[n:]} {
		if strings.Trim(part, "\x00") == "" {
			continue
		}
		typ := protowire.Fixed64Type
		if n == 4 {
			typ = protowire.Fixed32Type
		}
		b = append(protowire.AppendTag(b, protowire.Number(i+1), typ), part...)
	}
	return b
}

// isMessage reports whether values of t are messages of their own.
func (r reference) isMessage(t reflect.Type) bool {
	return t.Kind() == reflect.Struct || t.Name() != "" && reaches(t, t, 0)
}

// reaches reports whether t is made of target without a struct between.
func reaches(t, target reflect.Type, depth int) bool {
	if depth > 0 && t == target {
		return true
	}
	if depth > 10 {
		return false
	}
	switch t.Kind() {
	case reflect.Map:
		return reaches(t.Key(), target, depth+1) || reaches(t.Elem(), target, depth+1)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return reaches(t.Elem(), target, depth+1)
	}
	return false
}

func (r reference) message(b []byte, v reflect.Value, owner string) []byte {
	t := v.Type()
	if t.Kind() == reflect.Struct && t.ConvertibleTo(reflect.TypeFor[time.Time]()) {
		return timeBody(v.Convert(reflect.TypeFor[time.Time]()).Interface().(time.Time))
	}
	if t.Name() != "" {
		owner = t.PkgPath() + "." + t.Name()
	}
	if t.Kind() != reflect.Struct {
		return r.composite(b, 1, v, owner)
	}
	type numbered struct {
		num protowire.Number
		i   int
	}
	var fields []numbered
	for i := range t.NumField() {
		if name := t.Field(i).Name; name != "_" {
			fields = append(fields, numbered{r.numbers["field "+owner+"."+name], i})
		}
	}
	slices.SortFunc(fields, func(a, b numbered) int { return int(a.num - b.num) })
	for _, f := range fields {
		b = r.value(b, f.num, v.Field(f.i), owner+"."+t.Field(f.i).Name, false)
	}
	return b
}

func timeBody(t time.Time) []byte {
	if t == (time.Time{}) {
		return nil
	}
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(t.Unix()))
	if t.Nanosecond() != 0 {
		b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), uint64(t.Nanosecond()))
	}
	if t.Location() != time.UTC {
		name, offset := t.Zone()
		b = protowire.AppendVarint(protowire.AppendTag(b, 3, protowire.VarintType), protowire.EncodeZigZag(int64(offset)))
		if name != "" {
			b = protowire.AppendString(protowire.AppendTag(b, 4, protowire.BytesType), name)
		}
	}
	return b
}

func (r reference) composite(b []byte, num protowire.Number, v reflect.Value, owner string) []byte {
	if k := v.Kind(); k != reflect.Array && v.IsNil() {
		return b
	}
	if (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0 {
		return protowire.AppendVarint(protowire.AppendTag(b, empties, protowire.VarintType), uint64(num))
	}
	switch v.Kind() {
	case reflect.Interface:
		return message(b, num, r.error(v.Interface().(error)))
	case reflect.Pointer:
		return r.element(b, num, v.Elem(), owner)
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			entry := r.value(nil, 1, addressable(it.Key()), owner+"[key]", false)
			entry = r.value(entry, 2, addressable(it.Value()), owner+"[]", false)
			b = message(b, num, entry)
		}
		return b
	}
	if v.Type().Elem() == reflect.TypeFor[byte]() {
		body := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(body), v)
		return message(b, num, body)
	}
	if k := v.Type().Elem().Kind(); k >= reflect.Bool && k <= reflect.Float64 {
		var body []byte
		for i := range v.Len() {
			_, one := scalar(v.Index(i))
			body = append(body, one...)
		}
		if v.Len() == 0 {
			return b
		}
		return message(b, num, body)
	}
	for i := range v.Len() {
		b = r.element(b, num, v.Index(i), owner+"[]")
	}
	return b
}

// element appends an element, boxed if it can be nil or takes several fields.
func (r reference) element(b []byte, num protowire.Number, v reflect.Value, owner string) []byte {
	boxed := false
	switch t := v.Type(); {
	case r.isMessage(t):
	case t.Kind() == reflect.Array:
		boxed = t.Elem() != reflect.TypeFor[byte]()
	default:
		boxed = slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface}, t.Kind())
	}
	if boxed {
		return message(b, num, r.value(nil, 1, v, owner, false))
	}
	return r.value(b, num, v, owner, true)
}

func (r reference) error(err error) []byte {
	text := func(b []byte) []byte {
		if err.Error() == "" {
			return b
		}
		return protowire.AppendString(protowire.AppendTag(b, 3, protowire.BytesType), err.Error())
	}
	switch e := err.(type) {
	case other.Code:
		return text(message(r.kind("", e), 6, r.value(nil, 1, addressable(reflect.ValueOf(e)), "", false)))
	case *other.Denied:
		return text(message(r.kind("*", *e), 6, r.message(nil, addressable(reflect.ValueOf(*e)), "")))
	case *corpus.Fault:
		if e == nil {
			return protowire.AppendVarint(protowire.AppendTag(r.kind("*", corpus.Fault{}), 7, protowire.VarintType), 1)
		}
		return text(message(r.kind("*", *e), 6, r.message(nil, addressable(reflect.ValueOf(*e)), "")))
	}
	if name := sentinelName(err); name != "" {
		return text(r.numbered(name))
	}
	b := text(nil)
	switch w := err.(type) {
	case interface{ Unwrap() error }:
		if w.Unwrap() != nil {
			b = message(b, 4, r.error(w.Unwrap()))
		}
	case interface{ Unwrap() []error }:
		for _, in := range w.Unwrap() {
			b = message(b, 5, r.error(in))
		}
	}
	return b
}

func sentinelName(err error) string {
	for _, v := range namedErrors {
		if v.err == err {
			return v.name
		}
	}
	return ""
}

func (r reference) kind(star string, of any) []byte {
	t := reflect.TypeOf(of)
	return r.numbered(star + t.PkgPath() + "." + t.Name())
}

// numbered returns the fields 1 and 2 of an error: a number, and a check of the
// name.
func (r reference) numbered(name string) []byte {
	h := fnv.New32a()
	h.Write([]byte(name))
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(r.numbers["error "+name]))
	return protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), uint64(h.Sum32()))
}
