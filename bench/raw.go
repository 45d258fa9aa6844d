package main

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/hemilith/hemilith/bench/echopb"
	"google.golang.org/protobuf/proto"
)

// rawSizes are the bytes of a request and of its answer. An order is as long as
// its protobuf encoding; nobody encodes it.
func rawSizes(p payload) (request, answer int) {
	if p == tiny {
		return 16, 8
	}
	n := proto.Size(echopb.Sample())
	return n, n
}

// rawServe answers on each connection, whose first byte says the payload.
func rawServe(ctx context.Context, t task) error {
	config, err := t.tls("")
	if err != nil {
		return err
	}
	l, err := tls.Listen("tcp", t.Addr, config)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	var conns sync.WaitGroup
	defer conns.Wait()
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		conns.Go(func() {
			stop := context.AfterFunc(ctx, func() { c.Close() })
			defer stop()
			defer c.Close()
			rawAnswer(c)
		})
	}
}

// rawAnswer answers until c fails, as it does when the other side leaves.
func rawAnswer(c net.Conn) {
	var kind [1]byte
	if _, err := io.ReadFull(c, kind[:]); err != nil {
		return
	}
	p := tiny
	if kind[0] != 0 {
		p = order
	}
	size, _ := rawSizes(p)
	b := make([]byte, size)
	for {
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		out := b
		if p == tiny {
			sum := binary.LittleEndian.Uint64(b) + binary.LittleEndian.Uint64(b[8:])
			binary.LittleEndian.PutUint64(b, sum)
			out = b[:8]
		}
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

func rawClient(ctx context.Context, t task, drive driver) error {
	config, err := t.tls("")
	if err != nil {
		return err
	}
	return drive(ctx, func(ctx context.Context, p payload, _ int) (caller, error) {
		d := tls.Dialer{Config: config}
		c, err := d.DialContext(ctx, "tcp", t.Addr)
		if err != nil {
			return nil, err
		}
		kind := []byte{0}
		if p == order {
			kind[0] = 1
		}
		if _, err := c.Write(kind); err != nil {
			return nil, err
		}
		call := rawCaller(c, p)
		return call, call(ctx, 1)
	})
}

func rawCaller(c net.Conn, p payload) caller {
	request, answer := rawSizes(p)
	out, in := make([]byte, request), make([]byte, answer)
	var a int64
	var deadline time.Time
	return func(ctx context.Context, n int) error {
		if d, ok := ctx.Deadline(); ok && d != deadline { // one for all calls of a measurement
			deadline = d
			if err := c.SetDeadline(d); err != nil {
				return err
			}
		}
		for range n {
			a++
			binary.LittleEndian.PutUint64(out, uint64(a))
			binary.LittleEndian.PutUint64(out[8:], 1_000_003)
			if _, err := c.Write(out); err != nil {
				return err
			}
			if _, err := io.ReadFull(c, in); err != nil {
				return err
			}
			if err := rawCheck(p, a, int64(binary.LittleEndian.Uint64(in))); err != nil {
				return err
			}
		}
		return nil
	}
}

func rawCheck(p payload, a, got int64) error {
	if p == tiny {
		return checkSum(a, got, nil)
	}
	if got != a {
		return fmt.Errorf("raw echo: got %d, want %d", got, a)
	}
	return nil
}
