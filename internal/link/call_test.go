package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hemilith/hemilith/wire"
)

// inBubble runs f with a rig over memory and virtual time. The bubble also fails
// the test when a goroutine of either side is left.
func inBubble(t *testing.T, f func(t *testing.T, r *rig), routes ...Route) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := memoryRig(t, routes...)
		f(t, r)
		r.stop()
	})
}

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		method  *wire.Method
		arg     int
		outcome wire.Outcome
		text    string
		logged  string
	}{
		{"panic", methodPanic, 1, wire.Ran, "test.Panic ran: panic: out of stock", "a method panicked"},
		{"arguments", methodArgs, 1, wire.DidNotRun, `test.Args did not run: arguments undecodable: "arguments: field 3 is no number"`, ""},
		{"huge answer", methodHuge, 1, wire.Ran, "results undeliverable: \"4194305 bytes of results, more than 4194304\"", ""},
		{"huge argument", methodEcho, maxMessage, wire.DidNotRun, "4194309 bytes of arguments, more than 4194304", ""},
		{"not allowed", methodNone, 1, wire.DidNotRun, `test.None did not run: denied: "no such method here, or not for this caller"`, ""},
		{"not served", methodSlow, 1, wire.DidNotRun, "denied", ""},
		{"exit", methodExit, 1, wire.Ran, "panic: runtime.Goexit", "runtime.Goexit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			exit := Route{methodExit, func(context.Context, *wire.Decoder, []byte) ([]byte, error) {
				runtime.Goexit()
				return nil, nil
			}}
			inBubble(t, func(t *testing.T, r *rig) {
				for range 2 * minSamples { // inline at last, where it is fast
					_, err := call1(within(t, time.Second), r.client, c.method, make([]byte, c.arg))
					wantFailure(t, err, c.outcome, c.text)
				}
				if got := r.log.String(); !strings.Contains(got, c.logged) {
					t.Errorf("got log %q, want %q in it", got, c.logged)
				}
				if _, err := call1(within(t, time.Second), r.client, methodEcho, []byte("x")); err != nil {
					t.Errorf("the connection does not serve the next call: %v", err)
				}
			}, exit)
		})
	}
}

func TestPanicReachesTheCallerAsPanicError(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		_, err := call1(within(t, time.Second), r.client, methodPanic, nil)
		var p *wire.PanicError
		if !errors.As(err, &p) || p.Text != "out of stock" {
			t.Errorf("got %v, want a PanicError with the panic's text", err)
		}
	})
}

func TestAContextThatEndsEndsTheCallOnBothSides(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		ctx   func(context.Context) (context.Context, func())
		cause error
		after time.Duration
	}{
		{"deadline", func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			return ctx, cancel
		}, context.DeadlineExceeded, 100 * time.Millisecond},
		{"cancel", func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(30*time.Millisecond, cancel)
			return ctx, cancel
		}, context.Canceled, 30 * time.Millisecond},
		{"default deadline", func(ctx context.Context) (context.Context, func()) { return ctx, func() {} },
			context.DeadlineExceeded, DefaultTimeout},
	} {
		for _, callers := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s/%d", c.name, callers), func(t *testing.T) {
				t.Parallel()
				inBubble(t, func(t *testing.T, r *rig) {
					begin := time.Now()
					var group sync.WaitGroup
					for range callers {
						group.Go(func() {
							ctx, cancel := c.ctx(context.Background())
							defer cancel()
							_, err := call1(ctx, r.client, methodBlock, nil)
							wantFailure(t, err, wire.Unknown, "")
							if !errors.Is(err, c.cause) {
								t.Errorf("got %v, want %v", err, c.cause)
							}
						})
					}
					group.Wait()
					if late := time.Since(begin) - c.after; late < 0 || late > spareSlice+leadSlice {
						t.Errorf("the call ended %v after its time", late)
					}
					for range callers {
						if err := <-r.ended; err == nil {
							t.Error("the handler's context has no error")
						}
					}
					if late := time.Since(begin) - c.after; late > spareSlice+leadSlice {
						t.Errorf("the handler's context ended %v late", late)
					}
				})
			})
		}
	}
}

func TestAContextThatIsOverSendsNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := call1(ctx, r.client, methodEcho, nil)
		wantFailure(t, err, wire.DidNotRun, "test.Echo did not run: context canceled")
	})
}

func TestTheHandlersContextCarriesDeadlineAndTraceOnly(t *testing.T) {
	t.Parallel()
	type key struct{}
	want := wire.Trace{ID: [16]byte{1, 2}, Span: [8]byte{3}, Flags: 1}
	var seen chan string // of the bubble
	look := Route{methodSlow, func(ctx context.Context, _ *wire.Decoder, resp []byte) ([]byte, error) {
		got, ok := wire.TraceOf(ctx)
		deadline, has := ctx.Deadline()
		child, cancel := context.WithCancel(ctx)
		cancel()
		seen <- fmt.Sprint(ok && got == want, has, time.Until(deadline) <= 3*time.Second, time.Until(deadline) > 2*time.Second,
			ctx.Value(key{}), ctx.Err(), child.Err())
		return resp, nil
	}}
	inBubble(t, func(t *testing.T, r *rig) {
		seen = make(chan string, 1)
		ctx := context.WithValue(wire.WithTrace(within(t, 3*time.Second), want), key{}, "local")
		if _, err := call1(ctx, r.client, methodSlow, nil); err != nil {
			t.Fatal(err)
		}
		if got := <-seen; got != "true true true true <nil> <nil> context canceled" {
			t.Errorf("got %s", got)
		}
	}, look)
}

func TestDrainFinishesCallsInFlightAndRefusesLaterOnes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		answer := make(chan error, 1)
		go func() {
			_, err := call1(within(t, time.Minute), r.client, methodBlock, nil)
			answer <- err
		}()
		<-r.entered
		drained := make(chan error, 1)
		go func() { drained <- r.server.Drain(within(t, 30*time.Second)) }()
		synctest.Wait()
		_, err := call1(within(t, time.Second), r.client, methodEcho, nil)
		wantFailure(t, err, wire.DidNotRun, "connecting to spiffe://test/svc/store")
		select {
		case err := <-drained:
			t.Fatalf("Drain returned %v with a call in flight", err)
		default:
		}
		close(r.release)
		if err := <-answer; err != nil {
			t.Errorf("the call in flight: %v", err)
		}
		if err := <-drained; err != nil {
			t.Errorf("Drain: %v", err)
		}
	})
}

func TestDrainGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		answer := make(chan error, 1)
		go func() {
			_, err := call1(within(t, time.Minute), r.client, methodBlock, nil)
			answer <- err
		}()
		<-r.entered
		if err := r.server.Drain(within(t, time.Second)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Drain: got %v, want the context's error", err)
		}
		wantFailure(t, <-answer, wire.Unknown, "connection to spiffe://test/svc/store lost")
		if err := <-r.ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the handler's context: %v", err)
		}
	})
}

func TestClientDrainWaitsForItsCalls(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		answer := make(chan error, 1)
		go func() {
			_, err := call1(within(t, time.Minute), r.client, methodBlock, nil)
			answer <- err
		}()
		<-r.entered
		time.AfterFunc(time.Second, func() { close(r.release) })
		if err := r.client.Drain(within(t, 10*time.Second)); err != nil {
			t.Errorf("Drain: %v", err)
		}
		if err := <-answer; err != nil {
			t.Errorf("the call in flight: %v", err)
		}
		_, err := call1(within(t, time.Second), r.client, methodEcho, nil)
		wantFailure(t, err, wire.DidNotRun, "link is closed")
	})
}

func TestALostConnectionLeavesTheOutcomeUnknown(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		answers := make(chan error, 3)
		for range cap(answers) {
			go func() {
				_, err := call1(within(t, time.Minute), r.client, methodBlock, nil)
				answers <- err
			}()
			<-r.entered
		}
		r.client.cur.Load().raw.Close()
		for range cap(answers) {
			wantFailure(t, <-answers, wire.Unknown, "connection to spiffe://test/svc/store lost")
		}
		for range cap(answers) {
			<-r.ended // the handlers are told
		}
		if _, err := call1(within(t, time.Second), r.client, methodEcho, []byte("x")); err != nil {
			wantFailure(t, err, wire.DidNotRun, "lost") // the backoff of a connection that lived shortly
		}
	})
}

func TestAPeerThatIsAbsentComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := new(Memory)
		var up atomic.Bool
		var dials atomic.Int32
		r := newRig(t, m, func(ctx context.Context) (net.Conn, error) {
			dials.Add(1)
			if !up.Load() {
				return nil, errors.New("connection refused")
			}
			return m.Dial(ctx)
		})
		defer r.stop()
		for begin := time.Now(); time.Since(begin) < 10*time.Second; <-time.After(time.Millisecond) {
			_, err := call1(within(t, time.Second), r.client, methodEcho, nil)
			wantFailure(t, err, wire.DidNotRun, "connecting to spiffe://test/svc/store: connection refused")
		}
		if n := dials.Load(); n < 15 || n > 30 {
			t.Errorf("got %d dials in 10 s, want one in 500 ms after the first few", n)
		}
		up.Store(true)
		<-time.After(maxBackoff)
		if _, err := call1(within(t, time.Second), r.client, methodEcho, []byte("x")); err != nil {
			t.Errorf("the peer is back and the call fails: %v", err)
		}
	})
}

func TestAllSlotsTakenMeansWaiting(t *testing.T) {
	t.Parallel()
	const extra = 200
	inBubble(t, func(t *testing.T, r *rig) {
		answers := make(chan error, maxCalls+extra)
		for range maxCalls + extra {
			go func() {
				_, err := call1(within(t, time.Minute), r.client, methodBlock, nil)
				answers <- err
			}()
		}
		<-time.After(10 * robAfter) // the first one runs inline and is robbed
		synctest.Wait()
		if n := len(r.entered); n != maxWorkers {
			t.Errorf("got %d handlers at a time, want %d", n, maxWorkers)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		_, err := call1(ctx, r.client, methodEcho, nil)
		wantFailure(t, err, wire.DidNotRun, "deadline exceeded")
		close(r.release)
		for range maxCalls + extra {
			if err := <-answers; err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestManyCallersManySizes(t *testing.T) {
	t.Parallel()
	r, _ := loopRig(t)
	defer r.stop()
	var group sync.WaitGroup
	for g := range 64 {
		group.Go(func() {
			for i := range 12 {
				n := 1 + (g*7919+i*104729)%3000
				if i == 5 {
					n = 1 + (g*7919+i*104729)%(600<<10)
				}
				want := bytes.Repeat([]byte{byte(g), byte(i), byte(n)}, n/3+1)
				got, err := call1(within(t, 20*time.Second), r.client, methodEcho, want)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("caller %d, call %d, %d bytes: got %d bytes, error %v", g, i, n, len(got), err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestABlockedHandlerHoldsUpNobody(t *testing.T) {
	t.Parallel()
	var blocks atomic.Bool
	var release chan struct{} // of the bubble
	fickle := Route{methodSlow, func(_ context.Context, _ *wire.Decoder, resp []byte) ([]byte, error) {
		if blocks.Load() {
			<-release
		}
		return resp, nil
	}}
	inBubble(t, func(t *testing.T, r *rig) {
		release = make(chan struct{})
		for range 4 * minSamples { // it becomes a fast method, run on the reader
			if _, err := call1(within(t, time.Second), r.client, methodSlow, nil); err != nil {
				t.Fatal(err)
			}
		}
		if !r.server.grants[methodSlow.ID].inline() {
			t.Fatal("the method is not inline, so that this test shows nothing")
		}
		blocks.Store(true)
		answer := make(chan error, 1)
		go func() {
			_, err := call1(within(t, time.Minute), r.client, methodSlow, nil)
			answer <- err
		}()
		synctest.Wait()
		begin := time.Now()
		if _, err := call1(within(t, time.Second), r.client, methodEcho, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 3*robAfter {
			t.Errorf("a call behind the blocked one took %v, want at most %v", took, 3*robAfter)
		}
		if r.server.grants[methodSlow.ID].inline() {
			t.Error("the robbed method is still inline")
		}
		close(release)
		if err := <-answer; err != nil {
			t.Errorf("the robbed call: %v", err)
		}
	}, fickle)
}

func TestASilentPeerIsFoundDead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := new(Memory)
		var dead atomic.Bool
		r := newRig(t, m, func(ctx context.Context) (net.Conn, error) {
			conn, err := m.Dial(ctx)
			return &mute{Conn: conn, dead: &dead}, err
		})
		defer r.stop()
		answer := make(chan error, 1)
		go func() {
			_, err := call1(within(t, time.Minute), r.client, methodBlock, nil)
			answer <- err
		}()
		<-r.entered
		// A peer that answers pings may think for as long as it likes.
		select {
		case err := <-answer:
			t.Fatalf("the call ended while the peer lived: %v", err)
		case <-time.After(3 * (silence + pongLimit)):
		}
		dead.Store(true)
		begin := time.Now()
		wantFailure(t, <-answer, wire.Unknown, "silent for 7s, and no answer to a ping")
		if took := time.Since(begin); took > silence+pongLimit+time.Second {
			t.Errorf("the dead peer was found after %v", took)
		}
		begin = time.Now()
		<-r.ended
		if took := time.Since(begin); took > silence+pongLimit+time.Second {
			t.Errorf("the server found its dead peer %v later", took)
		}
	})
}

// mute is a connection that, once dead, swallows all that is written and hides
// all that comes, the end too, like a network that was cut.
type mute struct {
	net.Conn
	dead  *atomic.Bool
	until atomic.Int64 // the read deadline
}

func (m *mute) Write(p []byte) (int, error) {
	if m.dead.Load() {
		return len(p), nil
	}
	return m.Conn.Write(p)
}

func (m *mute) SetReadDeadline(t time.Time) error {
	m.until.Store(t.UnixNano())
	return m.Conn.SetReadDeadline(t)
}

func (m *mute) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if m.dead.Load() {
		<-time.After(time.Until(time.Unix(0, m.until.Load())))
		return 0, os.ErrDeadlineExceeded
	}
	return n, err
}

func TestAStuckPeerDelaysNoDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := new(Memory)
		stuck := make(chan net.Conn, 1)
		r := newRig(t, m, func(ctx context.Context) (net.Conn, error) {
			conn, err := m.Dial(ctx)
			select {
			case stuck <- conn:
			default:
			}
			return conn, err
		})
		defer r.stop()
		// A server whose reader is held up: a connection that nobody reads.
		if _, err := call1(within(t, time.Second), r.client, methodEcho, []byte("x")); err != nil {
			t.Fatal(err)
		}
		far := r.host()
		far.mu.Lock()
		far.open = append(far.open, make([]byte, 2*maxQueue)...) // the reader waits for room
		far.flushing = true
		far.mu.Unlock()
		begin := time.Now()
		var group sync.WaitGroup
		var never atomic.Int32
		for range 40 {
			group.Go(func() {
				_, err := call1(within(t, 200*time.Millisecond), r.client, methodEcho, make([]byte, 200<<10))
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the deadline", err)
				}
				var ce *wire.CallError
				if errors.As(err, &ce) && ce.Outcome == wire.DidNotRun {
					never.Add(1)
				}
			})
		}
		group.Wait()
		if late := time.Since(begin) - 200*time.Millisecond; late > 2*patience+leadSlice {
			t.Errorf("the last call ended %v after its deadline", late)
		}
		if n := never.Load(); n < 30 {
			t.Errorf("got %d of 40 calls that did not run, want nearly all: nothing of them left", n)
		}
	})
}

// hosts returns the connections of the server.
func (r *rig) hosts() []*host {
	r.server.mu.Lock()
	defer r.server.mu.Unlock()
	return slices.Collect(maps.Keys(r.server.conns))
}

// host returns the only connection of the server.
func (r *rig) host() *host {
	r.t.Helper()
	hosts := r.hosts()
	if len(hosts) != 1 {
		r.t.Fatalf("the server has %d connections, want 1", len(hosts))
	}
	return hosts[0]
}

func TestAnOldConnectionIsReplacedWithoutAFailure(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		var first *conn
		for hour := range 16 {
			if _, err := call1(within(t, time.Second), r.client, methodEcho, []byte("x")); err != nil {
				t.Fatalf("hour %d: %v", hour, err)
			}
			switch now := r.client.cur.Load(); {
			case hour == 0:
				first = now
			case hour == 10 && now != first:
				t.Error("the connection was replaced before half of the certificate's life, less a tenth")
			case hour == 15 && now == first:
				t.Error("the connection outlived half of the certificate's life and a tenth")
			}
			<-time.After(time.Hour)
		}
		if got := r.log.String(); got != "" {
			t.Errorf("got log %q, want none", got)
		}
	})
}

func TestCallsThatADrainRefusesGoElsewhere(t *testing.T) {
	t.Parallel()
	r, _ := loopRig(t)
	defer r.stop()
	var group sync.WaitGroup
	answered, over := make(chan struct{}), make(chan struct{})
	for range 8 {
		group.Go(func() {
			for {
				if _, err := call1(within(t, 20*time.Second), r.client, methodEcho, []byte("x")); err != nil {
					t.Error(err)
					return
				}
				select {
				case answered <- struct{}{}:
				case <-over:
					return
				}
			}
		})
	}
	drained := 0
	for range 10 { // each connection drains, as an old one does, once it is in use
		for range 64 {
			select {
			case <-answered:
			case <-t.Context().Done():
			}
		}
		for _, h := range r.hosts() {
			h.mu.Lock()
			greeted := h.acceptor.greeted
			h.mu.Unlock()
			if greeted && h.spawn(func() { h.drain(time.Minute) }) {
				drained++
			}
		}
	}
	close(over)
	group.Wait()
	if drained < 5 {
		t.Errorf("only %d connections were drained", drained)
	}
}
