package link

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hemilith/hemilith/internal/ident"
	"github.com/hemilith/hemilith/wire"
)

// TestOutsidersAreRefused: each is refused before a byte reaches user code, and
// the log has one line that says why.
func TestOutsidersAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config func(t *testing.T, r *rig) *tls.Config
		reason string
	}{
		{"no certificate", func(*testing.T, *rig) *tls.Config {
			return &tls.Config{InsecureSkipVerify: true, NextProtos: []string{ident.ALPN}}
		}, "tls: client didn't provide a certificate"},
		{"another CA", func(t *testing.T, _ *rig) *tls.Config {
			ca, err := ident.NewCA("test", nil)
			must(t, err)
			return leaf(t, ca, func(*tls.Config) {})
		}, "certificate of spiffe://test/svc/web: x509: certificate signed by unknown authority"},
		{"expired", func(t *testing.T, r *rig) *tls.Config {
			r.clock.Store(int64(-2 * time.Hour))
			defer r.clock.Store(0)
			return leaf(t, r.ca, func(*tls.Config) {})
		}, "certificate of spiffe://test/svc/web: x509: certificate has expired or is not yet valid"},
		{"another service", func(t *testing.T, r *rig) *tls.Config {
			return r.source("mail").Client(ident.Name{Domain: "test", Service: "store"})
		}, "spiffe://test/svc/mail calls nothing here"},
		{"wrong protocol", func(t *testing.T, r *rig) *tls.Config {
			return leaf(t, r.ca, func(c *tls.Config) { c.NextProtos = []string{"h2"} })
		}, "tls: client requested unsupported application protocols"},
		{"no protocol", func(t *testing.T, r *rig) *tls.Config {
			return leaf(t, r.ca, func(c *tls.Config) { c.NextProtos = nil })
		}, `peer speaks protocol \"\", want \"hemilith/1\"`},
		{"TLS 1.2", func(t *testing.T, r *rig) *tls.Config {
			return leaf(t, r.ca, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 })
		}, "tls: client offered only unsupported versions: [303]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var ran atomic.Int32
			r, addr := loopRig(t, Route{methodSlow, func(_ context.Context, _ *wire.Decoder, resp []byte) ([]byte, error) {
				ran.Add(1)
				return resp, nil
			}})
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			knock(t, tls.Client(conn, c.config(t, r)))
			select {
			case <-r.log.wrote: // the peer hears of its refusal before the log does
			case <-time.After(10 * time.Second):
			}
			r.stop()
			want := `level=WARN msg="hemilith: refused a peer" reason="` + c.reason
			got := r.log.String()
			if !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 1 {
				t.Errorf("got log %q, want one line that begins with %q", got, want)
			}
			if n := ran.Load(); n != 0 {
				t.Errorf("user code ran %d times", n)
			}
		})
	}
}

// knock does all that a client does to call, and waits for the end.
func knock(t *testing.T, conn *tls.Conn) {
	t.Helper()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	h, err := newHello([16]byte{1}, allMethods)
	if err != nil {
		t.Fatal(err)
	}
	b := h.append(nil)
	b = appendRequest(b, callID{0, 1}, 0, &request{method: methodSlow.ID, remain: time.Second})
	if _, err := conn.Write(b); err != nil {
		return // refused in the handshake
	}
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the connection is open after 10 s: %v", err)
	}
}

// leaf is a client with a fresh certificate of ca for "web", which checks
// nothing.
func leaf(t *testing.T, ca *ident.CA, change func(*tls.Config)) *tls.Config {
	t.Helper()
	pair, err := ca.Issue("web", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c := &tls.Config{
		Certificates:       []tls.Certificate{pair.TLS},
		InsecureSkipVerify: true,
		NextProtos:         []string{ident.ALPN},
	}
	change(c)
	return c
}

func TestAClientRefusesAServerOfAnotherName(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		cl := r.newClient("web", "payment", r.client.cfg.Dial)
		defer cl.Close()
		_, err := call1(within(t, time.Second), cl, methodEcho, nil)
		wantFailure(t, err, wire.DidNotRun, "connecting to spiffe://test/svc/payment: "+
			"peer is spiffe://test/svc/store, want spiffe://test/svc/payment: the address belongs to another service")
	})
}

func TestAClientThatIsRefusedHearsOfIt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, r *rig) {
		cl := r.newClient("mail", "store", r.client.cfg.Dial)
		defer cl.Close()
		_, err := call1(within(t, time.Second), cl, methodEcho, nil)
		wantFailure(t, err, wire.DidNotRun, "connecting to spiffe://test/svc/store: remote error: tls: bad certificate")
	})
}

func TestRandomBytesCloseTheConnection(t *testing.T) { // alone: it measures the heap
	r, addr := loopRig(t)
	seed := uint64(time.Now().UnixNano())
	rnd := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 100 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 64<<10)
		_, _ = rnd.Read(b)
		_, _ = conn.Write(b) // the server may be faster
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		var ne net.Error
		if _, err := io.Copy(io.Discard, conn); errors.As(err, &ne) && ne.Timeout() {
			t.Fatalf("the connection is open (seed %d)", seed)
		}
		conn.Close()
	}
	if _, err := call1(within(t, 10*time.Second), r.client, methodEcho, []byte("x")); err != nil {
		t.Errorf("an honest client: %v", err)
	}
	r.stop()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes (seed %d)", grown, seed)
	}
	if n := strings.Count(r.log.String(), "refused a peer"); n < 1 || n > maxRefusals*10 {
		t.Errorf("got %d lines for 100 peers, want at most %d a second", n, maxRefusals)
	}
}

// TestSlowPeersAreCutOff: each does nothing, or too little, at one stage.
func TestSlowPeersAreCutOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		act    func(t *testing.T, raw net.Conn, conn *tls.Conn)
		limit  time.Duration
		reason string
	}{
		{"no handshake", func(*testing.T, net.Conn, *tls.Conn) {}, handshakeLimit, "no handshake in 5s"},
		{"no HELLO", func(t *testing.T, _ net.Conn, conn *tls.Conn) {
			must(t, conn.Handshake())
		}, helloLimit, "too slow: no HELLO in 5s"},
		{"a frame byte by byte", func(t *testing.T, _ net.Conn, conn *tls.Conn) {
			h, err := newHello([16]byte{1}, allMethods)
			must(t, err)
			write(t, conn, h.append(nil))
			for range 60 {
				if _, err := conn.Write([]byte{byte(kindReq) << 4}); err != nil {
					return
				}
				<-time.After(time.Second)
			}
		}, frameLimit + time.Second, "a frame of 10 bytes is not whole after 6s"},
		{"half a frame", func(t *testing.T, _ net.Conn, conn *tls.Conn) {
			h, err := newHello([16]byte{1}, allMethods)
			must(t, err)
			write(t, conn, append(h.append(nil), byte(kindReq)<<4))
		}, 2*frameLimit + time.Second, "a frame of 10 bytes is not whole after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, r *rig) {
				raw, err := r.client.cfg.Dial(t.Context())
				must(t, err)
				begin := time.Now()
				conn := tls.Client(raw, r.source("web").Client(ident.Name{Domain: "test", Service: "store"}))
				acted := make(chan struct{})
				go func() {
					defer close(acted)
					c.act(t, raw, conn)
				}()
				synctest.Wait()
				h := r.host()
				<-h.down
				if took := time.Since(begin); took > c.limit+time.Second {
					t.Errorf("cut off after %v, want %v", took, c.limit)
				}
				raw.Close()
				<-acted
				synctest.Wait()
				if got := r.log.String(); !strings.Contains(got, c.reason) {
					t.Errorf("got log %q, want %q in it", got, c.reason)
				}
			})
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, conn net.Conn, b []byte) {
	t.Helper()
	_, err := conn.Write(b)
	must(t, err)
}

// TestBrokenRulesCloseTheConnection sends one wrong frame after a good start and
// reads the CLOSE.
func TestBrokenRulesCloseTheConnection(t *testing.T) {
	t.Parallel()
	one := callID{0, 1}
	req := func(id callID, m uint32) []byte {
		return appendRequest(nil, id, 0, &request{method: m, remain: time.Minute})
	}
	for _, c := range []struct {
		name, text string
		frames     []byte
	}{
		{"unknown type", "unknown frame type 14", appendFrame(nil, 14, 0, callID{})},
		{"unknown flag", "CANCEL: unknown flags 0x1", appendFrame(nil, kindCancel, 1, one)},
		{"metadata", "REQ: unknown flags 0x2", appendFrame(nil, kindReq, flagMeta, one)},
		{"stream", "DATA: streams are not offered", appendFrame(nil, kindData, 0, one)},
		{"second HELLO", "HELLO from a dialer", appendFrame(nil, kindHello, 0, callID{})},
		{"answer from a dialer", "RESP from a dialer", appendFrame(nil, kindResp, 0, one, 0)},
		{"slot taken", "REQ 0.2: its slot is taken", append(req(one, methodBlock.ID), req(callID{0, 2}, methodBlock.ID)...)},
		{"generation used", "REQ 0.1: its slot is taken", append(req(one, methodNone.ID), req(one, methodNone.ID)...)},
		{"slot too high", "REQ: slot 1024 is not below 1024", req(callID{1024, 1}, methodEcho.ID)},
		{"stray chunk", "CHUNK 0.1: no such request", appendChunk(nil, one, []byte{1}, false)},
		{"long frame", "REQ: length over 262144", appendHeader(nil, kindReq, 0, one, maxFrame+1)},
		{"long total", "REQ: total size: 4194305 is over 4194304",
			appendRequest(nil, one, flagMore, &request{method: 1, remain: time.Second, total: maxMessage + 1})},
		{"stray PONG", "PONG without a PING", appendFrame(nil, kindPong, 0, callID{}, make([]byte, 8)...)},
		{"short request", "REQ: policy: too short", appendFrame(nil, kindReq, 0, one, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, r *rig) {
				raw, err := r.client.cfg.Dial(t.Context())
				must(t, err)
				defer raw.Close()
				conn := tls.Client(raw, r.source("web").Client(ident.Name{Domain: "test", Service: "store"}))
				h, err := newHello([16]byte{1}, allMethods)
				must(t, err)
				write(t, conn, append(h.append(nil), c.frames...))
				var got bytes.Buffer
				_, _ = io.Copy(&got, conn) // ends without a farewell of TLS
				if text := lastClose(t, got.Bytes()); text != "protocol: "+c.text {
					t.Errorf("got CLOSE %q, want %q", text, "protocol: "+c.text)
				}
				if got := r.log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "spiffe://test/svc/web: protocol: ") {
					t.Errorf("got log %q, want one line with the peer and the reason", got)
				}
			})
		})
	}
}

// lastClose returns the text of the CLOSE that ends b.
func lastClose(t *testing.T, b []byte) string {
	t.Helper()
	for len(b) > 0 {
		h, ok, err := parseHeader(b)
		if !ok || err != nil {
			t.Fatalf("got %v, whole %t in what the server sent", err, ok)
		}
		body := b[h.size : h.size+h.length]
		if b = b[h.size+h.length:]; h.kind == kindClose && len(b) == 0 {
			c, err := parseClose(body)
			must(t, err)
			return c.text
		}
	}
	return "no CLOSE"
}

// FuzzServer sends arbitrary bytes as frames to a real server, after a good
// handshake and HELLO. It must not panic, and must serve others afterwards.
func FuzzServer(f *testing.F) {
	r := memoryRig(f)
	f.Cleanup(r.stop)
	one := callID{0, 1}
	f.Add(appendRequest(nil, one, 0, &request{method: methodEcho.ID, remain: time.Second, body: []byte{10, 1, 'x'}}))
	f.Add(appendFrame(appendRequest(nil, one, 0, &request{method: methodPanic.ID, remain: time.Second}), kindCancel, 0, one))
	f.Add(appendChunk(appendRequest(nil, one, flagMore, &request{method: methodEcho.ID, remain: time.Second, total: 3, body: []byte{10}}),
		one, []byte{1, 'x'}, false))
	f.Add(appendClose(nil, closing{text: "bye"}))
	config := r.source("web").Client(ident.Name{Domain: "test", Service: "store"})
	h, err := newHello([16]byte{1}, []*wire.Method{methodEcho, methodPanic, methodArgs})
	if err != nil {
		f.Fatal(err)
	}
	start := h.append(nil)
	f.Fuzz(func(t *testing.T, b []byte) {
		raw, err := r.client.cfg.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer raw.Close()
		conn := tls.Client(raw, config)
		_, _ = conn.Write(append(bytes.Clone(start), b...)) // the server may hang up first
		_ = conn.CloseWrite()
		if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the connection is open after 5 s")
		}
		if got, err := call1(within(t, 5*time.Second), r.client, methodEcho, []byte("x")); err != nil || string(got) != "x" {
			t.Fatalf("an honest client: got %q, %v", got, err)
		}
	})
}
