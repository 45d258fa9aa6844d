package link

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hemilith/hemilith/internal/ident"
	"github.com/hemilith/hemilith/wire"
)

// The methods of the tests.
var (
	methodEcho  = &wire.Method{ID: 1, Component: "test", Name: "Echo", NameHash: 11, ShapeHash: 1}
	methodBlock = &wire.Method{ID: 2, Component: "test", Name: "Block", NameHash: 12, ShapeHash: 2}
	methodPanic = &wire.Method{ID: 3, Component: "test", Name: "Panic", NameHash: 13, ShapeHash: 3}
	methodArgs  = &wire.Method{ID: 4, Component: "test", Name: "Args", NameHash: 14, ShapeHash: 4}
	methodHuge  = &wire.Method{ID: 5, Component: "test", Name: "Huge", NameHash: 15, ShapeHash: 5}
	methodExit  = &wire.Method{ID: 6, Component: "test", Name: "Exit", NameHash: 16, ShapeHash: 6}
	methodSlow  = &wire.Method{ID: 7, Component: "test", Name: "Slow", NameHash: 17, ShapeHash: 7}
	methodNone  = &wire.Method{ID: 8, Component: "test", Name: "None", NameHash: 18, ShapeHash: 8}
	allMethods  = []*wire.Method{methodEcho, methodBlock, methodPanic, methodArgs, methodHuge, methodExit, methodSlow, methodNone}
)

// echo answers with the bytes of its argument.
func echo(_ context.Context, d *wire.Decoder, resp []byte) ([]byte, error) {
	var b []byte
	for d.Next() != 0 {
		wire.ReadBytes(d, &b)
	}
	if err := d.Err(); err != nil {
		return resp, &wire.ArgsError{Cause: err}
	}
	return wire.AppendBytes(resp, 1, b), nil
}

// record is a log that tests read.
type record struct {
	mu    sync.Mutex
	out   strings.Builder
	wrote chan struct{} // closed by the first line
}

func newRecord() *record { return &record{wrote: make(chan struct{})} }

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.out.Len() == 0 {
		close(r.wrote)
	}
	return r.out.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

func (r *record) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "addr" || a.Key == "stack" {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// rig is a server with a client of it.
type rig struct {
	t       testing.TB
	ca      *ident.CA
	clock   atomic.Int64 // how far the CA's clock is ahead
	log     *record
	server  *Server
	client  *Client
	entered chan struct{} // a value for each call of Block that has begun
	release chan struct{} // lets a call of Block return
	ended   chan error    // what Block saw when its context ended
	served  chan error
}

func newRig(t testing.TB, l net.Listener, dial func(context.Context) (net.Conn, error), routes ...Route) *rig {
	t.Helper()
	r := &rig{t: t, log: newRecord(), served: make(chan error, 1)}
	var err error
	r.ca, err = ident.NewCA("test", func() time.Time { return time.Now().Add(time.Duration(r.clock.Load())) })
	if err != nil {
		t.Fatal(err)
	}
	r.entered, r.release, r.ended = make(chan struct{}, 4096), make(chan struct{}), make(chan error, 4096)
	r.server = r.newServer(append(r.routes(), routes...))
	r.client = r.newClient("web", "store", dial)
	go func() { r.served <- r.server.Serve(l) }()
	return r
}

// memoryRig is a rig over a network in memory.
func memoryRig(t testing.TB, routes ...Route) *rig {
	t.Helper()
	m := new(Memory)
	return newRig(t, m, m.Dial, routes...)
}

// loopRig is a rig over loopback.
func loopRig(t testing.TB, routes ...Route) (*rig, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	return newRig(t, l, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}, routes...), addr
}

func (r *rig) source(service string) *ident.Source {
	r.t.Helper()
	s, err := r.ca.Source(service)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *rig) newServer(routes []Route) *Server {
	r.t.Helper()
	s, err := NewServer(ServerConfig{
		Identity: r.source("store"),
		Routes:   routes,
		Known: func(n ident.Name) error {
			if n.Service != "web" {
				return fmt.Errorf("%s calls nothing here", n)
			}
			return nil
		},
		Allow: func(_ ident.Name, m *wire.Method) bool { return m != methodNone },
		Log:   r.log.logger(),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *rig) newClient(service, peer string, dial func(context.Context) (net.Conn, error)) *Client {
	r.t.Helper()
	c, err := NewClient(ClientConfig{
		Identity: r.source(service),
		Peer:     ident.Name{Domain: "test", Service: peer},
		Dial:     dial,
		Methods:  allMethods,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func (r *rig) routes() []Route {
	return []Route{
		{methodEcho, echo},
		{methodBlock, r.block},
		{methodPanic, func(context.Context, *wire.Decoder, []byte) ([]byte, error) { panic("out of stock") }},
		{methodArgs, func(context.Context, *wire.Decoder, []byte) ([]byte, error) {
			return nil, &wire.ArgsError{Cause: errors.New("field 3 is no number")}
		}},
		{methodHuge, func(_ context.Context, _ *wire.Decoder, resp []byte) ([]byte, error) {
			return append(resp, make([]byte, maxMessage+1)...), nil
		}},
		{methodNone, echo},
	}
}

// block waits for release or for the end of its context.
func (r *rig) block(ctx context.Context, _ *wire.Decoder, resp []byte) ([]byte, error) {
	r.entered <- struct{}{}
	select {
	case <-r.release:
		return resp, nil
	case <-ctx.Done():
		r.ended <- ctx.Err()
		<-time.After(time.Second) // so that the caller never gets this answer
		return resp, nil
	}
}

// stop closes both ends and checks that Serve returned in good order.
func (r *rig) stop() {
	r.t.Helper()
	if err := r.client.Close(); err != nil {
		r.t.Errorf("closing the client: %v", err)
	}
	if err := r.server.Close(); err != nil {
		r.t.Errorf("closing the server: %v", err)
	}
	if err := <-r.served; err != nil {
		r.t.Errorf("Serve: got %v, want nil after Close", err)
	}
}

// call carries b and returns the answer.
func call1(ctx context.Context, cl wire.Caller, m *wire.Method, b []byte) ([]byte, error) {
	c := cl.Begin(ctx, m)
	defer cl.End(c)
	c.Req = wire.AppendBytes(c.Req, 1, b)
	if err := cl.Do(c); err != nil {
		return nil, err
	}
	var got []byte
	for c.Dec.Next() != 0 {
		wire.ReadBytes(&c.Dec, &got)
	}
	return got, c.Dec.Err()
}

// wantFailure checks an error's outcome and text.
func wantFailure(t testing.TB, err error, o wire.Outcome, text string) {
	t.Helper()
	var ce *wire.CallError
	if !errors.As(err, &ce) {
		t.Errorf("got error %v, want a CallError", err)
		return
	}
	if ce.Outcome != o || !strings.Contains(ce.Error(), text) {
		t.Errorf("got outcome %v, error %q, want %v and %q", ce.Outcome, ce, o, text)
	}
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
