package link

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"testing/iotest"
	"time"

	"github.com/hemilith/hemilith/wire"
)

func TestFramesSurviveAnyCut(t *testing.T) {
	t.Parallel()
	var stream []byte
	var want []frame
	for i, n := range []int{0, 1, 100, readSize / 2, readSize, 3 * readSize, maxFrame, 5} {
		f := frame{kind: kindReq, id: callID{uint16(i), uint32(i + 1)}, body: bytes.Repeat([]byte{byte(i)}, n)}
		want = append(want, f)
		stream = appendFrame(stream, f.kind, 0, f.id, f.body...)
	}
	for name, src := range map[string]func() io.Reader{
		"whole":        func() io.Reader { return bytes.NewReader(stream) },
		"halves":       func() io.Reader { return iotest.HalfReader(bytes.NewReader(stream)) },
		"byte by byte": func() io.Reader { return iotest.OneByteReader(bytes.NewReader(stream)) },
		"with error":   func() io.Reader { return iotest.DataErrReader(bytes.NewReader(stream)) },
	} {
		rd := newReader(src())
		for i, w := range want {
			f, err := nextFrame(rd)
			if err != nil || f.kind != w.kind || f.id != w.id || !bytes.Equal(f.body, w.body) {
				t.Fatalf("%s: frame %d: got %v %v, %d bytes, error %v, want %d bytes", name, i, f.kind, f.id, len(f.body), err, len(w.body))
			}
		}
		if _, err := nextFrame(rd); !errors.Is(err, io.EOF) {
			t.Errorf("%s: got %v at the end, want EOF", name, err)
		}
	}
}

func nextFrame(rd *reader) (frame, error) {
	for {
		f, ok, err := rd.next()
		if ok || err != nil {
			return f, err
		}
		if err := rd.fill(); err != nil {
			return f, err
		}
	}
}

// FuzzFrame reads arbitrary bytes as frames, cut at arbitrary places: both ways
// of reading agree, nothing is held that has not arrived, and what is read, when
// written again, is what was read.
func FuzzFrame(f *testing.F) {
	h, err := newHello([16]byte{7}, allMethods)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(h.append(nil), uint8(3))
	f.Add(appendRequest(nil, callID{3, 9}, flagTrace, &request{method: 1, remain: time.Second, trace: wire.Trace{ID: [16]byte{1}}, body: []byte("x")}), uint8(1))
	f.Add(appendStatus(nil, callID{1, 1}, Status{Code: Limited, After: time.Second, Text: "later"}), uint8(9))
	f.Add(appendClose(appendDrain(nil, time.Second, 3), closing{code: closeTimeout, accepted: 7, text: "bye"}), uint8(2))
	f.Add(appendHeader(nil, kindChunk, flagMore, callID{1, 1}, maxFrame), uint8(4))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, half := newReader(bytes.NewReader(b)), newReader(&pieces{b: b, n: int(cut) + 1})
		at := 0
		for {
			one, err := nextFrame(whole)
			two, err2 := nextFrame(half)
			if (err == nil) != (err2 == nil) || one.kind != two.kind || one.id != two.id || !bytes.Equal(one.body, two.body) {
				t.Fatalf("cut by %d: got %v and %v, errors %v and %v", int(cut)+1, one, two, err, err2)
			}
			if cap(half.own) > len(b)+aheadSize || cap(half.buf) > readSize {
				t.Fatalf("%d bytes held for %d that came", cap(half.own), len(b))
			}
			if err != nil {
				return
			}
			again := appendFrame(nil, one.kind, one.flags, one.id, one.body...)
			if !bytes.HasPrefix(b[at:], again) {
				t.Fatalf("frame at %d: got %x, want what was read", at, again)
			}
			at += len(again)
			parseAll(one)
		}
	})
}

// parseAll reads a body by the rules of each kind.
func parseAll(f frame) {
	_, _ = parseHello(f.body)
	_, _ = parseRequest(f.flags, f.body)
	_, _ = parseResponse(f.flags, f.body)
	_, _, _ = parseStatus(f.body)
	_, _ = parseDrain(f.body)
	_, _ = parseClose(f.body)
}

// pieces yields n bytes a read.
type pieces struct {
	b []byte
	n int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.b[:min(p.n, len(p.b))])
	p.b = p.b[n:]
	return n, nil
}

func TestMessagesRoundTrip(t *testing.T) {
	t.Parallel()
	r := request{method: 77, policy: 0, remain: 3 * time.Millisecond, trace: wire.Trace{ID: [16]byte{1}, Span: [8]byte{2}, Flags: 1}, total: 4, body: []byte("body")}
	b := appendRequest(nil, callID{5, 6}, flagTrace, &r)
	h, ok, err := parseHeader(b)
	if err != nil || !ok || h.id != (callID{5, 6}) || h.flags != flagTrace {
		t.Fatalf("got header %+v, %t, %v", h, ok, err)
	}
	got, err := parseRequest(h.flags, b[h.size:])
	if err != nil || got.method != r.method || got.remain != r.remain || got.trace != r.trace || string(got.body) != "body" || got.total != 4 {
		t.Errorf("got %+v, %v, want %+v", got, err, r)
	}
	b = appendStatus(nil, callID{1, 1}, Status{Code: Panicked, After: time.Second, Text: string(bytes.Repeat([]byte("ü"), 200))})
	h, _, _ = parseHeader(b)
	s, ran, err := parseStatus(b[h.size:])
	if err != nil || !ran || s.Code != Panicked || s.After != time.Second || len(s.Text) != maxText {
		t.Errorf("got %+v, %t, %v", s, ran, err)
	}
	hi, err := newHello([16]byte{9}, allMethods)
	must(t, err)
	b = hi.append(nil)
	h, _, _ = parseHeader(b)
	back, err := parseHello(b[h.size:])
	if err != nil || back.session != hi.session || len(back.methods) != len(allMethods) || back.methods[1].name != methodBlock.NameHash {
		t.Errorf("got %+v, %v", back, err)
	}
}

// TestFullHelloFits: the bound on methods is one that a HELLO can carry.
func TestFullHelloFits(t *testing.T) {
	t.Parallel()
	methods := make([]*wire.Method, maxMethods)
	for i := range methods {
		methods[i] = &wire.Method{ID: wire.MaxMethodID, NameHash: 1 << 63, ShapeHash: 1 << 63}
	}
	h, err := newHello([16]byte{1}, methods)
	must(t, err)
	if n := len(h.append(nil)); n > maxHello {
		t.Errorf("got %d bytes, over %d", n, maxHello)
	}
	if _, err := newHello([16]byte{1}, append(methods, methods[0])); err == nil {
		t.Error("got no error for one method more")
	}
}

// FuzzConn plays a dialer's frames, each a byte of script, to the acceptor's
// machine and keeps books beside it: what runs was allowed, each request ends at
// most once, the counts agree, and memory stays within the bounds.
func FuzzConn(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Add([]byte{0x10, 0x20, 0x11, 0x21, 0x30, 0x40, 0x50})
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 16 {
		b := make([]byte, 200)
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		script = script[:min(len(script), 2048)]
		p := play{t: t, now: time.Unix(1000, 0), running: make(map[callID]bool), sizes: make(map[callID]int), ended: make(map[callID]bool)}
		p.a.grants = []*grant{nil, {}, {}, {}}
		if _, err := p.a.on(frame{kind: kindReq}, p.now); err == nil {
			t.Fatal("a REQ before HELLO is taken")
		}
		h, err := newHello([16]byte{1}, allMethods)
		if err != nil {
			t.Fatal(err)
		}
		b := h.append(nil)
		hd, _, _ := parseHeader(b)
		hd.body = b[hd.size:]
		if v, err := p.a.on(hd.frame, p.now); err != nil || v.action != actGreet {
			t.Fatalf("HELLO: %v %v", v.action, err)
		}
		for i, s := range script {
			if !p.step(s, i) {
				return
			}
			p.check()
		}
	})
}

// play is one run of FuzzConn.
type play struct {
	t       *testing.T
	a       acceptor
	now     time.Time
	running map[callID]bool
	sizes   map[callID]int // of the requests that ran
	ended   map[callID]bool
	sent    uint64
	gens    [4]uint32
}

// step plays one frame; false: the connection is closed.
func (p *play) step(s byte, i int) bool {
	slot := uint16(s >> 4 & 3)
	id := callID{slot, p.gens[slot]}
	p.now = p.now.Add(time.Duration(s) * time.Millisecond)
	fr := frame{id: id}
	switch s & 15 {
	case 0, 1, 2, 3:
		p.gens[slot]++
		id.gen = p.gens[slot]
		fr = bodyOf(appendRequest(nil, id, 0, &request{method: uint32(s & 3), remain: time.Duration(i%3) * time.Second, body: []byte("x")}))
	case 4, 5:
		p.gens[slot]++
		id.gen = p.gens[slot]
		fr = bodyOf(appendRequest(nil, id, flagMore, &request{method: 1, remain: time.Second, total: 10 + int(s)<<14, body: []byte("x")}))
	case 6, 7:
		fr.kind, fr.flags, fr.body = kindChunk, flagMore, []byte("abc")
	case 8:
		fr.kind, fr.body = kindChunk, make([]byte, 9)
	case 9, 10:
		fr.kind = kindCancel
	case 11:
		fr.kind, fr.id.gen = kindCancel, id.gen+1
	case 12:
		fr.kind, fr.id, fr.body = kindPing, callID{}, make([]byte, pingSize)
	case 13:
		for id := range p.running { // a handler returns
			p.a.answered(id)
			delete(p.running, id)
			p.ended[id] = true
			break
		}
		return true
	case 14:
		p.a.draining = i > 100
		return true
	default:
		fr.kind, fr.id, fr.body = kind(i%16), callID{slot, uint32(i)}, make([]byte, i%40)
	}
	if fr.kind == kindReq && fr.valid() == nil {
		p.sent++
	}
	v, err := p.a.on(fr, p.now)
	return err == nil && p.apply(v)
}

func bodyOf(b []byte) frame {
	h, _, _ := parseHeader(b)
	h.body = bytes.Clone(b[h.size:])
	return h.frame
}

func (p *play) apply(v verdict) bool {
	switch v.action {
	case actRun:
		if p.running[v.id] || p.ended[v.id] {
			p.t.Fatalf("%v runs twice", v.id)
		}
		if v.grant == nil || p.a.draining {
			p.t.Fatalf("%v runs without a grant, or while draining", v.id)
		}
		p.running[v.id] = true
		p.sizes[v.id] = len(v.req.body)
		p.a.begin(v.id, &task{id: v.id})
	case actRefuse:
		if p.running[v.id] || p.ended[v.id] {
			p.t.Fatalf("%v is refused after it ran or ended", v.id)
		}
		if v.status.Code.ran() {
			p.t.Fatalf("%v is refused with %v, which means that it ran", v.id, v.status.Code)
		}
		p.ended[v.id] = true
	case actCancel:
		if v.task == nil || !p.running[v.task.id] {
			p.t.Fatalf("%v is cancelled and does not run", v.id)
		}
	case actHangup:
		return false
	}
	return true
}

// check compares the machine's counts with the books.
func (p *play) check() {
	parts, held := 0, 0
	for _, s := range p.a.slots {
		if s.part != nil {
			parts++
			held += s.part.req.total
			if cap(s.part.buf) > len(s.part.buf)+aheadSize+len(s.part.buf) {
				p.t.Fatalf("%d bytes held for %d", cap(s.part.buf), len(s.part.buf))
			}
		}
	}
	for id := range p.running {
		held += p.sizes[id]
	}
	if p.a.open != parts+len(p.running) || p.a.inbox != held || held > maxInbox || p.a.accepted > p.sent {
		p.t.Fatalf("got %d open, %d bytes, %d accepted, want %d, %d, at most %d",
			p.a.open, p.a.inbox, p.a.accepted, parts+len(p.running), held, p.sent)
	}
}

var update = flag.Bool("update", false, "write the test vectors anew")

// TestVectors keeps the frames that docs/WIRE.md points to.
func TestVectors(t *testing.T) {
	t.Parallel()
	one := callID{1, 2}
	h, err := newHello([16]byte{0xaa, 15: 0xbb}, allMethods[:1])
	must(t, err)
	trace := wire.Trace{ID: [16]byte{0x11, 15: 0x22}, Span: [8]byte{0x33, 7: 0x44}, Flags: 1}
	var got bytes.Buffer
	for _, v := range []struct {
		text  string
		frame []byte
	}{
		{"HELLO: session aa...bb, method 1 with hashes 11 and 1", h.append(nil)},
		{"REQ 1.2: method 1, 1 s left, body 0a0178",
			appendRequest(nil, one, 0, &request{method: 1, remain: time.Second, body: []byte{10, 1, 'x'}})},
		{"REQ 1.2: the same with a trace",
			appendRequest(nil, one, flagTrace, &request{method: 1, remain: time.Second, trace: trace, body: []byte{10, 1, 'x'}})},
		{"REQ 1.2: the first 2 of 300000 bytes",
			appendRequest(nil, one, flagMore, &request{method: 1, remain: time.Second, total: 300000, body: []byte{10, 1}})},
		{"CHUNK 1.2: 1 byte, more follows", appendChunk(nil, one, []byte{7}, true)},
		{"CHUNK 1.2: 1 byte, the last", appendChunk(nil, one, []byte{7}, false)},
		{"CANCEL 1.2", appendFrame(nil, kindCancel, 0, one)},
		{"RESP 1.2: body 0a0178", appendResponse(nil, one, 0, 0, []byte{10, 1, 'x'})},
		{"RESP 1.2: the first 2 of 300000 bytes", appendResponse(nil, one, flagMore, 300000, []byte{10, 1})},
		{"STATUS 1.2: limited, retry after 250 ms, text busy",
			appendStatus(nil, one, Status{Code: Limited, After: 250 * time.Millisecond, Text: "busy"})},
		{"STATUS 1.2: panicked, text out of stock", appendStatus(nil, one, Status{Code: Panicked, Text: "out of stock"})},
		{"PING", appendFrame(nil, kindPing, 0, callID{}, 1, 2, 3, 4, 5, 6, 7, 8)},
		{"PONG", appendFrame(nil, kindPong, 0, callID{}, 1, 2, 3, 4, 5, 6, 7, 8)},
		{"DRAIN: 10 s of grace, 3 accepted", appendDrain(nil, 10*time.Second, 3)},
		{"CLOSE: protocol, 3 accepted, text why", appendClose(nil, closing{closeProtocol, 3, "why"})},
	} {
		fmt.Fprintf(&got, "%x  %s\n", v.frame, v.text)
	}
	const path = "testdata/frames.txt"
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(path, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got:\n%s\nwant what %s says (error %v)", got.Bytes(), path, err)
	}
}
