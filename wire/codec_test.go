package wire

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestBytesAreThoseOfTheSpecification checks the examples of docs/CODEC.md.
func TestBytesAreThoseOfTheSpecification(t *testing.T) {
	t.Parallel()
	s := &Scope{}
	for _, c := range []struct {
		what, want string
		got        []byte
	}{
		{"int 0", "", AppendInt(nil, 1, 0)},
		{"int -1", "0801", AppendInt(nil, 1, -1)},
		{"int 150", "08ac02", AppendInt(nil, 1, 150)},
		{"present int 0", "0800", PutInt(nil, 1, 0)},
		{"uint 150", "089601", AppendUint(nil, 1, uint8(150))},
		{"bool true", "1001", AppendBool(nil, 2, true)},
		{"float64 -0", "090000000000000080", AppendFloat64(nil, 1, math.Copysign(0, -1))},
		{"float32 1.5", "0d0000c03f", AppendFloat32(nil, 1, float32(1.5))},
		{"complex128 2i", "0a09110000000000000040", AppendComplex128(nil, 1, 2i)},
		{"string", "0a026869", AppendString(nil, 1, "hi")},
		{"nil []byte", "", AppendBytes(nil, 3, []byte(nil))},
		{"empty []byte", "f87f03", AppendBytes(nil, 3, []byte{})},
		{"ints", "0a03020103", AppendInts(nil, 1, []int{1, -1, -2})},
		{"empty ints", "f87f01", AppendInts(nil, 1, []int{})},
		{"the zero time", "", AppendTime(nil, 1, time.Time{})},
		{"1970 in UTC", "0a020800", AppendTime(nil, 1, time.Unix(0, 0).UTC())},
		{"a time in a zone", "0a0d0801100218a038220443455354", AppendTime(nil, 1, time.Unix(1, 2).In(time.FixedZone("CEST", 3600)))},
		{"an error of text only", "0a051a03626164", AppendError(nil, 1, errors.New("bad"), s)},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, got, c.want)
		}
	}
}

func TestCloseMovesALongMessage(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 127, 128, 129, 16383, 16384, 1 << 21} {
		b := Open([]byte("x"), 1)
		at := len(b)
		body := bytes.Repeat([]byte{'y'}, n)
		b = Close(append(b, body...), at)
		var d Decoder
		d.Reset(b[1:], false)
		var got []byte
		d.Next()
		ReadBytes(&d, &got)
		if d.Err() != nil || !bytes.Equal(got, body) || d.Next() != 0 {
			t.Errorf("%d bytes: got %d, %v", n, len(got), d.Err())
		}
	}
}

func TestDecoderRefuses(t *testing.T) {
	t.Parallel()
	var (
		i8  int8
		u8  uint8
		ok  bool
		str string
		arr [2]int
		tm  time.Time
		f   float64
		is  []int
		fs  []float32
	)
	for _, c := range []struct {
		in, want string
		read     func(d *Decoder)
	}{
		{"08", "field 1 at byte 1: a varint that is cut short or too long", func(d *Decoder) { ReadInt(d, &i8) }},
		{"08ffffffffffffffffffff01", "field 1 at byte 1: a varint that is cut short or too long", func(d *Decoder) { ReadInt(d, &i8) }},
		{"088002", "field 1 at byte 3: 128 overflows int8", func(d *Decoder) { ReadInt(d, &i8) }},
		{"088002", "field 1 at byte 3: 256 overflows uint8", func(d *Decoder) { ReadUint(d, &u8) }},
		{"0802", "field 1 at byte 2: 2 is no bool", func(d *Decoder) { ReadBool(d, &ok) }},
		{"0801", "field 1 at byte 1: wire type 0, want 2", func(d *Decoder) { ReadString(d, &str) }},
		{"0aff7f61", "field 1 at byte 3: 16383 bytes long, and 1 are left", func(d *Decoder) { ReadString(d, &str) }},
		{"0aff7f61", "field 1 at byte 3: 16383 bytes long, and 1 are left", func(d *Decoder) { ReadInts(d, &is) }},
		{"0900000000", "field 1 at byte 1: cut short", func(d *Decoder) { ReadFloat64(d, &f) }},
		{"0a0180", "field 1 at byte 2: cut short", func(d *Decoder) { ReadInts(d, &is) }},
		{"0a03000000", "field 1 at byte 2: cut short", func(d *Decoder) { ReadFloat32s(d, &fs) }},
		{"0a03020202", "field 1 at byte 2: 3 elements for an array of 2", func(d *Decoder) { ReadIntArray(d, arr[:]) }},
		{"0a03616263", "field 1 at byte 5: 3 elements for an array of 2", func(d *Decoder) { ReadFixed(d, make([]byte, 2)) }},
		{"0a06108094ebdc03", "field 2 at byte 8: 1000000000 nanoseconds", func(d *Decoder) { ReadTime(d, &tm) }},
		{"00", "field 0 at byte 1: tag 0 is out of range", nil},
		{"ffffffffff01", "field 0 at byte 6: tag 68719476735 is out of range", nil},
	} {
		in, err := hex.DecodeString(c.in)
		if err != nil {
			t.Fatal(err)
		}
		var d Decoder
		d.Reset(in, true)
		if d.Next() != 0 && c.read != nil {
			c.read(&d)
		}
		if d.Err() == nil || d.Err().Error() != c.want {
			t.Errorf("%s: got %v, want %s", c.in, d.Err(), c.want)
		}
		if d.Next() != 0 {
			t.Errorf("%s: Next goes on after an error", c.in)
		}
	}
}

func TestUnknownFieldsAreSkipped(t *testing.T) {
	t.Parallel()
	b := PutInt(nil, 9, 1)
	b = PutString(b, 10, "x")
	b = PutFloat32(b, 11, float32(1))
	b = PutFloat64(b, 12, 1.0)
	var body []byte
	body = appendTime(append(body, b...), time.Unix(5, 0).UTC())
	var d Decoder
	d.Reset(message(append(body, b...)), true)
	var got time.Time
	d.Next()
	ReadTime(&d, &got)
	if d.Err() != nil || got.Unix() != 5 {
		t.Errorf("got %v, %v; want 5 s", got, d.Err())
	}
	for _, group := range []string{"0a014b", "0a014c"} { // wire types 3 and 4
		in, _ := hex.DecodeString(group)
		d.Reset(in, true)
		d.Next()
		ReadTime(&d, &got)
		if d.Err() == nil || !strings.HasPrefix(d.Err().Error(), "field 9 at byte 3: wire type ") {
			t.Errorf("group: got %v", d.Err())
		}
	}
}

func message(body []byte) []byte {
	b := Open(nil, 1)
	at := len(b)
	return Close(append(b, body...), at)
}

func TestNestingIsBounded(t *testing.T) {
	t.Parallel()
	nested := func(n int) error {
		b := AppendString(nil, errorText, "x")
		for range n - 1 {
			b = append(Open(nil, errorWraps), b...)
			b = Close(b, len(Open(nil, errorWraps)))
		}
		var d Decoder
		d.Reset(message(b), true)
		var err error
		d.Next()
		ReadError(&d, &err)
		return d.Err()
	}
	if err := nested(MaxDepth); err != nil {
		t.Errorf("%d deep: %v", MaxDepth, err)
	}
	if err := nested(MaxDepth + 1); err == nil || !strings.HasSuffix(err.Error(), "nested deeper than 100") {
		t.Errorf("%d deep: got %v", MaxDepth+1, err)
	}
}

func TestALargeMessageDecodesWithinABound(t *testing.T) {
	t.Parallel()
	type wide struct{ _ [100]byte }
	b := bytes.Repeat([]byte{0x0a, 0}, MaxMessage/2)
	var d Decoder
	d.Reset(b, true)
	var got []wide
	for n := d.Next(); n != 0; n = d.Next() {
		if e := Grow(&d, &got); e != nil {
			d.Close(d.Open())
		}
	}
	if d.Err() == nil || !strings.HasSuffix(d.Err().Error(), "the decoded message is larger than 64 MiB") || got != nil {
		t.Errorf("got %d elements, %v; want that it is too large before anything is allocated", len(got), d.Err())
	}
}

func TestInterleavedElementsCostNoCopyEach(t *testing.T) {
	t.Parallel()
	const n = 1 << 16
	b := bytes.Repeat([]byte{0x0a, 0, 0x12, 0}, n)
	var d Decoder
	d.Reset(b, true)
	var lists [2][]string
	grown, caps := 0, [2]int{}
	for f := d.Next(); f != 0; f = d.Next() {
		l := &lists[f-1]
		if e := Grow(&d, l); e != nil {
			ReadString(&d, e)
		}
		if cap(*l) != caps[f-1] {
			grown++
			caps[f-1] = cap(*l)
		}
	}
	if d.Err() != nil || len(lists[0]) != n || len(lists[1]) != n || grown > 40 {
		t.Errorf("got %d and %d elements in %d allocations, %v; want %d in at most 40", len(lists[0]), len(lists[1]), grown, d.Err(), n)
	}
}

func TestStringsPinNoLargeMessage(t *testing.T) {
	read := func(b []byte, owned bool) (first, second string, d *Decoder) {
		d = &Decoder{}
		d.Reset(b, owned)
		d.Next()
		ReadString(d, &first)
		d.Next()
		ReadString(d, &second)
		return first, second, d
	}
	small := PutString(PutString(nil, 1, "one"), 2, "two")
	if n := testing.AllocsPerRun(10, func() { read(small, true) }); n > 1 { // the decoder
		t.Errorf("owned: %v allocations, want the decoder alone", n)
	}
	if n := testing.AllocsPerRun(10, func() { read(small, false) }); n > 2 {
		t.Errorf("not owned: %v allocations, want one copy for both strings", n)
	}
	large := PutString(PutString(nil, 1, "one"), 2, strings.Repeat("x", maxPinned))
	first, second, d := read(large, true)
	if first != "one" || len(second) != maxPinned || d.Err() != nil {
		t.Fatalf("got %q and %d bytes, %v", first, len(second), d.Err())
	}
	large[2] = 'X' // as if the buffer were used again
	if first != "one" {
		t.Errorf("got %q: a short string of a large message shares its buffer", first)
	}
}

func TestTimesComeBack(t *testing.T) {
	t.Parallel()
	for _, want := range []time.Time{
		{}, time.Unix(0, 0).UTC(), time.Unix(-1<<40, 999_999_999).UTC(), time.Unix(1<<40, 1),
		time.Time{}.In(time.FixedZone("", 0)), time.Unix(5, 0).In(time.FixedZone("UTC", 0)),
		time.Date(2024, 2, 29, 1, 2, 3, 4, time.FixedZone("X\xff", -12345)),
	} {
		var d Decoder
		d.Reset(PutTime(nil, 1, want), false)
		var got time.Time
		d.Next()
		ReadTime(&d, &got)
		if d.Err() != nil || !got.Equal(want) || got.String() != want.String() || (got.Location() == time.UTC) != (want.Location() == time.UTC) {
			t.Errorf("got %v, %v; want %v", got, d.Err(), want)
		}
	}
}

// everything is read by FuzzDecoder: a field of each kind.
type everything struct {
	flag    bool
	i       int16
	u       uint32
	f32     float32
	f64     float64
	c       complex128
	s       string
	b       []byte
	fixed   [4]byte
	t       time.Time
	err     error
	is      []int64
	fs      []float64
	bs      []bool
	ia      [3]int
	strs    []string
	m       map[string]int
	in      *everything
	ins     []everything
	pointer *int
}

func (v *everything) read(d *Decoder) {
	for n := d.Next(); n != 0; n = d.Next() {
		if read := v.reader(d, n); read != nil {
			read()
			continue
		}
		var drop []byte
		ReadBytes(d, &drop)
	}
}

func (v *everything) reader(d *Decoder, n uint32) func() {
	readers := []func(){
		func() { ReadBool(d, &v.flag) }, func() { ReadInt(d, &v.i) }, func() { ReadUint(d, &v.u) },
		func() { ReadFloat32(d, &v.f32) }, func() { ReadFloat64(d, &v.f64) }, func() { ReadComplex128(d, &v.c) },
		func() { ReadString(d, &v.s) }, func() { ReadBytes(d, &v.b) }, func() { ReadFixed(d, v.fixed[:]) },
		func() { ReadTime(d, &v.t) }, func() { ReadError(d, &v.err) }, func() { ReadInts(d, &v.is) },
		func() { ReadFloat64s(d, &v.fs) }, func() { ReadBools(d, &v.bs) }, func() { ReadIntArray(d, v.ia[:]) },
		func() {
			if e := Grow(d, &v.strs); e != nil {
				ReadString(d, e)
			}
		},
		func() { v.readEntry(d) },
		func() { New(d, &v.in); v.in.nested(d) },
		func() {
			if e := Grow(d, &v.ins); e != nil {
				e.nested(d)
			}
		},
		func() { New(d, &v.pointer); ReadInt(d, v.pointer) },
		func() { d.Mark(); EmptySlice(&v.is); EmptyMap(&v.m) },
	}
	if n > uint32(len(readers)) {
		return nil
	}
	return readers[n-1]
}

func (v *everything) nested(d *Decoder) {
	end := d.Open()
	v.read(d)
	d.Close(end)
}

func (v *everything) readEntry(d *Decoder) {
	var k string
	var e int
	end := d.Open()
	for n := d.Next(); n != 0; n = d.Next() {
		if n == 1 {
			ReadString(d, &k)
		} else {
			ReadInt(d, &e)
		}
	}
	d.Close(end)
	SetMap(d, &v.m, k, e)
}

// FuzzDecoder: any bytes are read or refused without a panic, and make room for
// no more elements than twice the bytes.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte{}, true)
	f.Add([]byte{0x08, 1, 0x10, 2, 0x3a, 1, 'a', 0x62, 2, 1, 2, 0x92, 1, 2, 8, 1, 0x9a, 1, 0}, false)
	f.Add(AppendError(nil, 11, errors.Join(errors.New("a"), context.Canceled, &CallError{"c", "M", Ran, &PanicError{"x"}}), &Scope{}), true)
	f.Add(PutTime(nil, 10, time.Unix(1, 2)), true)
	f.Fuzz(func(t *testing.T, data []byte, owned bool) {
		before := slices.Clone(data)
		var d Decoder
		d.Reset(data, owned)
		var v everything
		v.read(&d)
		if !bytes.Equal(before, data) {
			t.Fatal("the message was written to")
		}
		if d.Err() == nil && d.pos != len(data) {
			t.Fatalf("read %d of %d bytes without an error", d.pos, len(data))
		}
		for _, room := range []int{cap(v.is), cap(v.fs), cap(v.bs), cap(v.strs), cap(v.ins), cap(v.b), len(v.m)} {
			if room > 2*len(data)+16 {
				t.Fatalf("room for %d elements from %d bytes", room, len(data))
			}
		}
		if d.decoded > maxDecoded {
			t.Fatalf("%d bytes allocated, more than %d", d.decoded, maxDecoded)
		}
	})
}
