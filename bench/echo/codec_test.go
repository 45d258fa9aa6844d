package echo

import (
	"context"
	"reflect"
	"testing"

	"github.com/hemilith/hemilith/wire"
)

func encoded(o *Order) []byte {
	var s wire.Scope
	return hemilithAppendOrder(nil, o, &s)
}

func decoded(t testing.TB, data []byte) Order {
	t.Helper()
	var d wire.Decoder
	var o Order
	d.Reset(data, false)
	hemilithReadOrder(&d, &o)
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestTheSampleSurvivesTheCodec(t *testing.T) {
	t.Parallel()
	want := Sample()
	if got := decoded(t, encoded(&want)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func BenchmarkEncodeOrder(b *testing.B) {
	o := Sample()
	var s wire.Scope
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		buffer = hemilithAppendOrder(buffer[:0], &o, &s)
	}
	b.SetBytes(int64(len(buffer)))
}

func BenchmarkDecodeOrder(b *testing.B) {
	o := Sample()
	data := encoded(&o)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		decoded(b, data)
	}
}

// BenchmarkHandleEcho is all that the other side of a boundary does for a call.
func BenchmarkHandleEcho(b *testing.B) {
	handle := hemilithEchoEchoHandler(New())
	o := Sample()
	var s wire.Scope
	request := wire.Open(nil, 1)
	at := len(request)
	request = wire.Close(hemilithAppendOrder(request, &o, &s), at)
	ctx := context.Background()
	var d wire.Decoder
	var answer []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		d.Reset(request, false)
		if answer, err = handle(ctx, &d, answer[:0]); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(request) + len(answer)))
}
