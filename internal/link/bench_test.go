package link

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/hemilith/hemilith/internal/ident"
)

// BenchmarkTiny carries calls with a few bytes over loopback; compare with
// BenchmarkRaw, the same bytes as a bare TLS ping-pong.
func BenchmarkTiny(b *testing.B) {
	for _, c := range []int{1, 8, 64} {
		b.Run("c="+strconv.Itoa(c), func(b *testing.B) {
			r, _ := loopRig(b)
			defer r.stop()
			arg := []byte("0123456789abcdef")
			if _, err := call1(context.Background(), r.client, methodEcho, arg); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			parallel(b, c, func() error {
				cl := r.client
				w := cl.Begin(context.Background(), methodEcho)
				w.Req = append(w.Req, 10, 16)
				w.Req = append(w.Req, arg...)
				err := cl.Do(w)
				cl.End(w)
				return err
			})
		})
	}
}

// parallel shares b.N calls out to c goroutines.
func parallel(b *testing.B, c int, call func() error) {
	var group sync.WaitGroup
	work := make(chan int, c)
	for i := range c {
		n := b.N / c
		if i < b.N%c {
			n++
		}
		work <- n
	}
	b.ResetTimer()
	for range c {
		group.Go(func() {
			for range <-work {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkRaw is a TLS connection on which each side waits for the other.
func BenchmarkRaw(b *testing.B) {
	ca, err := ident.NewCA("test", nil)
	if err != nil {
		b.Fatal(err)
	}
	server, err := ca.Source("store")
	if err != nil {
		b.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", server.Server(func(ident.Name) error { return nil }))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buf := make([]byte, 64)
		for {
			if _, err := io.ReadFull(conn, buf[:33]); err != nil {
				return
			}
			if _, err := conn.Write(buf[:29]); err != nil {
				return
			}
		}
	}()
	raw, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	conn := tls.Client(raw, server.Client(ident.Name{Domain: "test", Service: "store"}))
	defer conn.Close()
	buf := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(buf[:33]); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, buf[:29]); err != nil {
			b.Fatal(err)
		}
	}
}
