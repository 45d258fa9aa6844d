package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hemilith/hemilith/wire"
)

// gate holds up the reads of accepted connections while it is shut.
type gate struct {
	*Memory
	mu   sync.Mutex
	shut chan struct{} // nil: open
}

func (g *gate) Accept() (net.Conn, error) {
	c, err := g.Memory.Accept()
	return gated{c, g}, err
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = make(chan struct{})
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.shut)
	g.shut = nil
}

type gated struct {
	net.Conn
	g *gate
}

func (c gated) Read(p []byte) (int, error) {
	c.g.mu.Lock()
	shut := c.g.shut
	c.g.mu.Unlock()
	if shut != nil {
		<-shut
	}
	return c.Conn.Read(p)
}

// TestALongCallThatIsSaidNotToHaveRunHasNot: its REQ has left and the rest waits
// when its caller goes.
func TestALongCallThatIsSaidNotToHaveRunHasNot(t *testing.T) {
	t.Parallel()
	for _, size := range []int{200 << 10, 300 << 10, 480 << 10, 1 << 20} {
		synctest.Test(t, func(t *testing.T) {
			var ran atomic.Int32
			g := &gate{Memory: new(Memory)}
			r := newRig(t, g, g.Dial, Route{methodSlow, func(_ context.Context, _ *wire.Decoder, resp []byte) ([]byte, error) {
				ran.Add(1)
				return resp, nil
			}})
			defer r.stop()
			if _, err := call1(within(t, time.Second), r.client, methodEcho, []byte("x")); err != nil {
				t.Fatal(err)
			}
			g.close()
			innocent := make(chan error, 1)
			go func() {
				_, err := call1(within(t, time.Minute), r.client, methodEcho, []byte("y"))
				innocent <- err
			}()
			_, err := call1(within(t, 300*time.Millisecond), r.client, methodSlow, make([]byte, size))
			g.open()
			if err := <-innocent; err != nil {
				t.Errorf("%d bytes: another call on the connection: %v", size, err)
			}
			if _, err := call1(within(t, time.Second), r.client, methodEcho, []byte("x")); err != nil {
				t.Errorf("%d bytes: the next call: %v", size, err)
			}
			call, ok := errors.AsType[*wire.CallError](err)
			if !ok || call.Outcome == wire.DidNotRun && ran.Load() > 0 {
				t.Errorf("%d bytes: got %v, and the method ran %d times", size, err, ran.Load())
			}
		})
	}
}

func TestCutTakesBackAllFramesOfACall(t *testing.T) {
	t.Parallel()
	mine, other := callID{3, 7}, callID{4, 7}
	var open, want []byte
	for _, f := range []struct {
		kind kind
		id   callID
	}{{kindChunk, other}, {kindReq, mine}, {kindCancel, other}, {kindChunk, mine}, {kindReq, other}, {kindChunk, mine}, {kindPing, callID{}}} {
		body := []byte("8 bytes.")
		if f.kind == kindCancel {
			body = nil
		}
		b := appendFrame(nil, f.kind, 0, f.id, body...)
		open = append(open, b...)
		if f.id != mine {
			want = append(want, b...)
		}
	}
	chunks := bytes.Clone(want)
	if !cut(&open, mine) || !bytes.Equal(open, want) {
		t.Errorf("got %x, want %x", open, want)
	}
	chunks = append(chunks, appendFrame(nil, kindChunk, 0, mine, 'x')...)
	if cut(&chunks, mine) || !bytes.Equal(chunks, want) {
		t.Errorf("without its REQ: got %x, want %x and false", chunks, want)
	}
}

// TestCloseCountsWhatWasAccepted: what the client is told has not run is looked
// up in what ran, while the server closes.
func TestCloseCountsWhatWasAccepted(t *testing.T) {
	t.Parallel()
	var ran sync.Map
	var number atomic.Uint64
	for range 20 {
		r, _ := loopRig(t, Route{methodSlow, func(ctx context.Context, d *wire.Decoder, resp []byte) ([]byte, error) {
			resp, err := echo(ctx, d, resp)
			ran.Store(string(resp), true)
			return resp, err
		}})
		var group sync.WaitGroup
		busy := make(chan struct{}, 1024)
		for range 32 {
			group.Go(func() {
				for {
					arg := fmt.Appendf(nil, "%08d", number.Add(1))
					_, err := call1(context.Background(), r.client, methodSlow, arg)
					if err == nil {
						select {
						case busy <- struct{}{}:
						default:
						}
						continue
					}
					call, ok := errors.AsType[*wire.CallError](err)
					if _, did := ran.Load(string(wire.AppendBytes(nil, 1, arg))); did && ok && call.Outcome == wire.DidNotRun {
						t.Errorf("it ran: %v", err)
					}
					return
				}
			})
		}
		for range 256 {
			<-busy
		}
		if err := r.server.Close(); err != nil {
			t.Error(err)
		}
		group.Wait()
		r.stop()
	}
}

func TestAHandlerThatExitsInlineEndsNothingElse(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	inBubble(t, func(t *testing.T, r *rig) {
		for range 42 {
			_, err := call1(within(t, time.Second), r.client, methodSlow, nil)
			if calls.Load() <= 40 && err != nil {
				t.Fatal(err)
			}
			if calls.Load() > 40 {
				wantFailure(t, err, wire.Ran, "panic: runtime.Goexit")
			}
		}
		if _, err := call1(within(t, time.Second), r.client, methodEcho, []byte("x")); err != nil {
			t.Errorf("the next call: %v", err)
		}
		r.client.Close()
		synctest.Wait()
		if n := len(r.hosts()); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	}, Route{methodSlow, func(_ context.Context, _ *wire.Decoder, resp []byte) ([]byte, error) {
		if calls.Add(1) > 40 {
			runtime.Goexit()
		}
		return resp, nil
	}})
}

// TestALostPeerEndsAllItsHandlers, the inline one that blocks included.
func TestALostPeerEndsAllItsHandlers(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	inBubble(t, func(t *testing.T, r *rig) {
		go func() { _, _ = call1(within(t, time.Hour), r.client, methodSlow, nil) }()
		go func() { _, _ = call1(within(t, time.Hour), r.client, methodBlock, nil) }()
		<-r.entered
		<-time.After(10 * robAfter)
		begin := time.Now()
		r.client.Close()
		<-ended
		<-r.ended
		if took := time.Since(begin); took > time.Second {
			t.Errorf("their contexts ended after %v", took)
		}
	}, Route{methodSlow, func(ctx context.Context, _ *wire.Decoder, resp []byte) ([]byte, error) {
		<-ctx.Done()
		close(ended)
		return resp, nil
	}})
}

func TestSilentSocketsShutNobodyOut(t *testing.T) {
	t.Parallel()
	r, addr := loopRig(t)
	defer r.stop()
	for range maxUnproven + 100 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	// A place may be lost to chance once or twice; the client dials again.
	var err error
	for range 20 {
		if _, err = call1(within(t, 3*time.Second), r.client, methodEcho, []byte("x")); err == nil {
			return
		}
		<-time.After(maxBackoff / 10)
	}
	t.Errorf("an honest client: %v", err)
}

func TestRequestsCountUntilTheyAreAnswered(t *testing.T) {
	t.Parallel()
	const size = 2 << 20
	inBubble(t, func(t *testing.T, r *rig) {
		answers := make(chan error, 20)
		for range cap(answers) {
			go func() {
				_, err := call1(within(t, time.Minute), r.client, methodBlock, make([]byte, size))
				answers <- err
			}()
		}
		<-time.After(10 * robAfter)
		synctest.Wait()
		if n := len(r.entered); n < 2 || n*size > maxInbox {
			t.Errorf("%d requests of %d bytes run, want at most %d", n, size, maxInbox/size)
		}
		close(r.release)
		refused := 0
		for range cap(answers) {
			if err := <-answers; err != nil {
				refused++
				wantFailure(t, err, wire.DidNotRun, "too many bytes of requests at a time")
			}
		}
		if refused == 0 {
			t.Error("none was refused")
		}
	})
}

func TestOneServiceHasABoundOfConnections(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		var last error
		for range maxPeerConns + 1 {
			cl := r.newClient("web", "store", r.client.cfg.Dial)
			defer cl.Close()
			if _, last = call1(within(t, time.Minute), cl, methodEcho, []byte("x")); last != nil {
				break
			}
		}
		wantFailure(t, last, wire.DidNotRun, "connecting to spiffe://test/svc/store")
		if n := len(r.hosts()); n > maxPeerConns {
			t.Errorf("%d connections", n)
		}
	})
}
