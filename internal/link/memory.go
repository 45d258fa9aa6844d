package link

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// maxPipe is how many bytes a memory connection holds in each direction before
// its writer waits.
const maxPipe = 64 << 10

// Memory is a network within the process: a listener and the way to dial it.
// Its connections are buffered and obey deadlines. The zero value is ready; it
// is safe for concurrent use.
type Memory struct {
	once   sync.Once
	accept chan net.Conn
	closed chan struct{}
	close  sync.Once
}

func (m *Memory) init() {
	m.once.Do(func() { m.accept, m.closed = make(chan net.Conn), make(chan struct{}) })
}

// Accept implements [net.Listener].
func (m *Memory) Accept() (net.Conn, error) {
	m.init()
	select {
	case c := <-m.accept:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener]. Connections stay.
func (m *Memory) Close() error {
	m.init()
	m.close.Do(func() { close(m.closed) })
	return nil
}

// Addr implements [net.Listener].
func (m *Memory) Addr() net.Addr { return memoryAddr{} }

// Dial connects to whoever accepts.
func (m *Memory) Dial(ctx context.Context) (net.Conn, error) {
	m.init()
	near, far := newPipe()
	select {
	case m.accept <- far:
		return near, nil
	case <-m.closed:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory" }

// pipeConn is one end of a memory connection.
type pipeConn struct{ in, out *stream }

func newPipe() (near, far *pipeConn) {
	a, b := newStream(), newStream()
	return &pipeConn{a, b}, &pipeConn{b, a}
}

func (c *pipeConn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *pipeConn) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *pipeConn) LocalAddr() net.Addr         { return memoryAddr{} }
func (c *pipeConn) RemoteAddr() net.Addr        { return memoryAddr{} }

// Close ends both directions; what was written can still be read.
func (c *pipeConn) Close() error {
	c.out.end(false)
	c.in.end(true)
	return nil
}

func (c *pipeConn) SetReadDeadline(t time.Time) error  { return c.in.reader.set(c.in, t) }
func (c *pipeConn) SetWriteDeadline(t time.Time) error { return c.out.writer.set(c.out, t) }

func (c *pipeConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// stream is one direction: a bounded buffer whose two sides wait with
// deadlines.
type stream struct {
	mu             sync.Mutex
	changed        *sync.Cond
	buf            []byte
	ended          bool // by the writer: then EOF
	dead           bool // by the reader
	reader, writer limit
}

// limit is the deadline of one side of a stream.
type limit struct {
	timer *time.Timer
	over  bool
}

func newStream() *stream {
	s := new(stream)
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (l *limit) set(s *stream, t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead || s.ended && l == &s.writer {
		return net.ErrClosed
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer, l.over = nil, false
	if t.IsZero() {
		return nil
	}
	left := time.Until(t)
	if l.over = left <= 0; l.over {
		s.changed.Broadcast()
		return nil
	}
	var timer *time.Timer
	timer = time.AfterFunc(left, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if l.timer == timer {
			l.over = true
			s.changed.Broadcast()
		}
	})
	l.timer = timer
	return nil
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.dead:
			return 0, net.ErrClosed
		case s.reader.over:
			return 0, os.ErrDeadlineExceeded
		case len(s.buf) > 0:
			n := copy(p, s.buf)
			s.buf = append(s.buf[:0], s.buf[n:]...)
			s.changed.Broadcast()
			return n, nil
		case s.ended:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(p) > 0 {
		switch room := maxPipe - len(s.buf); {
		case s.ended:
			return n, net.ErrClosed
		case s.dead:
			return n, io.ErrClosedPipe
		case s.writer.over:
			return n, os.ErrDeadlineExceeded
		case room > 0:
			some := min(room, len(p))
			s.buf = append(s.buf, p[:some]...)
			n, p = n+some, p[some:]
			s.changed.Broadcast()
		default:
			s.changed.Wait()
		}
	}
	return n, nil
}

// end ends the stream from one side.
func (s *stream) end(byReader bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = s.ended || !byReader
	s.dead = s.dead || byReader
	for _, l := range []*limit{&s.reader, &s.writer} {
		if l.timer != nil && (s.dead || l == &s.writer) {
			l.timer.Stop()
		}
	}
	s.changed.Broadcast()
}
