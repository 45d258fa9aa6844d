package link

import (
	"bytes"
	"context"
	"testing"
	"time"
)

func TestEchoOverMemory(t *testing.T) {
	t.Parallel()
	r := memoryRig(t)
	defer r.stop()
	for i := range 500 {
		want := bytes.Repeat([]byte{byte(i)}, i+1)
		got, err := call1(within(t, 5*time.Second), r.client, methodEcho, want)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("call %d: got %d bytes, error %v, want %d bytes", i, len(got), err, len(want))
		}
	}
}

func TestEchoOverLoopback(t *testing.T) {
	t.Parallel()
	r, _ := loopRig(t)
	defer r.stop()
	for _, n := range []int{1, 1 << 10, 10 << 10, 60 << 10, 255 << 10, 257 << 10, 1 << 20, maxMessage - 16} {
		want := bytes.Repeat([]byte{byte(n), byte(n >> 8), 3}, n/3+1)[:n]
		got, err := call1(context.Background(), r.client, methodEcho, want)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: got %d bytes, error %v", n, len(got), err)
		}
	}
}
