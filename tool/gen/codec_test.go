package gen_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/gen/testdata/corpus"
	"github.com/hemilith/hemilith/tool/gen/testdata/corpus/other"
	"github.com/hemilith/hemilith/wire"
)

const corpusPath = "github.com/hemilith/hemilith/tool/gen/testdata/corpus"

var namedErrors = []struct {
	name string
	err  error
}{
	{corpusPath + ".ErrBase", corpus.ErrBase},
	{corpusPath + "/other.errHidden", other.Hidden()},
	{corpusPath + "/other.ErrFar", other.ErrFar},
	{"io.EOF", io.EOF},
	{"context.DeadlineExceeded", context.DeadlineExceeded},
}

// direct carries calls to handlers in the same goroutine.
type direct struct {
	handlers map[uint32]wire.Handler
	owned    bool   // requests belong to the decoder
	request  []byte // the last one
	result   []byte // the last one
	call     wire.Call
	dec      wire.Decoder
}

func newDirect(t testing.TB, owned bool) (*direct, corpus.API) {
	t.Helper()
	c := wire.Lookup("corpus")
	if c == nil {
		t.Fatal("the corpus is not registered")
	}
	d := &direct{handlers: map[uint32]wire.Handler{}, owned: owned}
	for i, h := range c.Handlers(corpus.New()) {
		d.handlers[c.Methods[i].ID] = h
	}
	return d, c.Stub(d).(corpus.API)
}

func (d *direct) Begin(ctx context.Context, m *wire.Method) *wire.Call {
	d.call = wire.Call{Ctx: ctx, Method: m, Req: d.request[:0]}
	if d.owned {
		d.call.Req = nil
	}
	return &d.call
}

func (d *direct) Do(c *wire.Call) error {
	d.request = c.Req
	d.dec.Reset(c.Req, d.owned)
	out, err := d.handlers[c.Method.ID](c.Ctx, &d.dec, d.result[:0])
	if err != nil {
		return &wire.CallError{Component: c.Method.Component, Method: c.Method.Name, Outcome: wire.Unknown, Cause: err}
	}
	d.result = out
	c.Dec.Reset(out, d.owned)
	if d.owned {
		d.result = nil
	}
	return nil
}

func (d *direct) End(*wire.Call) {}

// checkEcho sends the value that data makes, and compares what comes back and,
// if the value has no map of several entries, the bytes on the way.
func checkEcho(t testing.TB, r reference, data []byte, owned bool) string {
	const maxData = 3000 // the types fan out
	var v corpus.All
	f := filler{bytes: data[:min(len(data), maxData)]}
	f.fillSome(reflect.ValueOf(&v).Elem())
	d, api := newDirect(t, owned)
	got, err := api.Echo(context.Background(), v)
	if err != nil {
		return "error: " + err.Error()
	}
	if diff := differ("v", reflect.ValueOf(&v).Elem(), reflect.ValueOf(&got).Elem()); diff != "" {
		return diff
	}
	want := r.value(nil, 1, reflect.ValueOf(&v).Elem(), "", false)
	if len(want) != len(d.request) && d.request != nil {
		return "encoded " + show(d.request) + "\nreference " + show(want)
	}
	if oneOrder(reflect.ValueOf(&v).Elem()) && !bytes.Equal(want, d.request) {
		return "encoded " + show(d.request) + "\nreference " + show(want)
	}
	return ""
}

func show(b []byte) string { return hex.EncodeToString(b) }

// oneOrder reports whether no map in v has several entries, whose order varies.
func oneOrder(v reflect.Value) bool {
	v = open(v)
	switch v.Kind() {
	case reflect.Map:
		if v.Len() > 1 {
			return false
		}
		for it := v.MapRange(); it.Next(); {
			if !oneOrder(addressable(it.Value())) {
				return false
			}
		}
	case reflect.Pointer:
		return v.IsNil() || oneOrder(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !oneOrder(v.Index(i)) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !oneOrder(v.Field(i)) {
				return false
			}
		}
	}
	return true
}

func TestEveryTypeComesBackAsItWas(t *testing.T) {
	t.Parallel()
	r := newReference(t, "testdata/corpus/hemilith.lock")
	rapid.Check(t, func(t2 *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 300, 2000).Draw(t2, "data")
		if diff := checkEcho(t, r, data, rapid.Bool().Draw(t2, "owned")); diff != "" {
			t2.Fatal(diff)
		}
	})
}

func FuzzCodec(f *testing.F) {
	r := newReference(f, "testdata/corpus/hemilith.lock")
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{1, 2, 3, 4, 5, 250, 7, 40}, 400))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, owned := range []bool{false, true} {
			if diff := checkEcho(t, r, data, owned); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// FuzzDecode gives handlers any bytes: they refuse them, or what they answer
// reads as what they were given.
func FuzzDecode(f *testing.F) {
	d, api := newDirect(f, false)
	for _, seed := range [][]byte{nil, bytes.Repeat([]byte{9, 1, 200, 3}, 300)} {
		var v corpus.All
		fill := filler{bytes: seed}
		fill.fillSome(reflect.ValueOf(&v).Elem())
		if _, err := api.Echo(context.Background(), v); err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(d.request))
	}
	c := wire.Lookup("corpus")
	f.Fuzz(func(t *testing.T, data []byte) {
		for i, h := range c.Handlers(corpus.New()) {
			var dec wire.Decoder
			dec.Reset(data, false)
			out, err := h(context.Background(), &dec, nil)
			var args *wire.ArgsError
			var results *wire.ResultError
			if err != nil {
				if !errors.As(err, &args) && !errors.As(err, &results) {
					t.Fatalf("%s: got %T %v, want an ArgsError or ResultError", c.Methods[i].Name, err, err)
				}
				continue
			}
			if c.Methods[i].Name != "Echo" {
				continue
			}
			dec.Reset(out, true)
			again, err := h(context.Background(), &dec, nil)
			if err != nil || len(again) != len(out) {
				t.Fatalf("its own answer: got %d bytes, %v; want %d", len(again), err, len(out))
			}
		}
	})
}
