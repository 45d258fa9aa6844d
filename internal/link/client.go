package link

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hemilith/hemilith/internal/ident"
	"github.com/hemilith/hemilith/wire"
)

// ClientConfig says whom a client calls, and what.
type ClientConfig struct {
	// Identity is the client's own; required.
	Identity *ident.Source
	// Peer is the only service that the client talks to; required.
	Peer ident.Name
	// Dial connects to it; required.
	Dial func(context.Context) (net.Conn, error)
	// Methods are those that are called. Others are refused.
	Methods []*wire.Method
	// Timeout returns the deadline of calls of m whose context has none; nil, or
	// a result of 0, means [DefaultTimeout]. It is asked at every such call.
	Timeout func(m *wire.Method) time.Duration
	// Log gets lost and regained peers; nil is silent.
	Log *slog.Logger
}

// Client carries calls to one service over one connection, which it makes when
// it is needed and again when it was lost. It implements [wire.Caller] and is
// safe for concurrent use.
type Client struct {
	cfg   ClientConfig
	log   *slog.Logger
	tls   *tls.Config
	base  context.Context // ends with Close
	stop  context.CancelFunc
	calls sync.Pool // of *call
	cur   atomic.Pointer[conn]

	mu      sync.Mutex
	conns   map[*conn]struct{}
	dialing *dialing // under way; nil: none
	closed  bool
	lost    error         // why the last dial or connection failed; nil: it did not
	wait    time.Duration // the backoff in force
	retry   time.Time     // calls fail fast until then
	group   sync.WaitGroup
}

// dialing is an attempt to connect, for which any number of calls wait.
type dialing struct {
	done chan struct{}
	err  error // valid once done is closed
}

// NewClient returns a client. It does no I/O: the first call dials.
func NewClient(cfg ClientConfig) (*Client, error) {
	if cfg.Identity == nil || cfg.Peer == (ident.Name{}) || cfg.Dial == nil {
		return nil, errors.New("link: a client needs Identity, Peer and Dial")
	}
	if _, err := newHello([16]byte{}, cfg.Methods); err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	cl := &Client{cfg: cfg, log: cfg.Log, tls: cfg.Identity.Client(cfg.Peer), conns: make(map[*conn]struct{})}
	if cl.log == nil {
		cl.log = slog.New(slog.DiscardHandler)
	}
	cl.base, cl.stop = context.WithCancel(context.Background())
	return cl, nil
}

// conn returns the connection, or the reason why there is none: the client is
// closed, the peer can't be reached, or c's context has ended. Without either,
// the connection was lost as soon as it was made.
func (cl *Client) conn(c *call) (*conn, error) {
	if cn := cl.cur.Load(); cn != nil {
		return cn, nil
	}
	d, cn, err := cl.dial()
	if d == nil {
		return cn, err
	}
	ctx, cancel := context.WithDeadline(c.Ctx, c.deadline)
	defer cancel()
	select {
	case <-d.done:
		return cl.cur.Load(), d.err
	case <-ctx.Done():
		return nil, fmt.Errorf("connecting to %s: %w", cl.cfg.Peer, ctx.Err())
	}
}

// dial returns the attempt to wait for, a connection, or an error.
func (cl *Client) dial() (*dialing, *conn, error) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	if cl.closed {
		return nil, nil, ErrClosed
	}
	if cn := cl.cur.Load(); cn != nil {
		return nil, cn, nil
	}
	if cl.dialing == nil {
		if cl.lost != nil && time.Now().Before(cl.retry) {
			return nil, nil, cl.lost
		}
		d := &dialing{done: make(chan struct{})}
		cl.dialing = d
		cl.group.Go(func() { cl.attempt(d) })
	}
	return cl.dialing, nil, nil
}

// attempt connects once and keeps the result.
func (cl *Client) attempt(d *dialing) {
	ctx, cancel := context.WithTimeout(cl.base, handshakeLimit+helloLimit)
	defer cancel()
	cn, err := cl.connect(ctx)
	switch news := cl.settle(d, cn, err); {
	case news && err != nil:
		cl.log.Warn("hemilith: peer can't be reached", "peer", cl.cfg.Peer.String(), "err", err)
	case news:
		cl.log.Info("hemilith: peer is back", "peer", cl.cfg.Peer.String())
	}
}

// settle keeps the result of an attempt. News is whether it differs from the
// last one.
func (cl *Client) settle(d *dialing, cn *conn, err error) (news bool) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	defer close(d.done)
	cl.dialing = nil
	news = (err == nil) == (cl.lost != nil) && !cl.closed
	if err == nil && cl.closed {
		cn.fail(ErrClosed)
		err = ErrClosed
	}
	if err != nil {
		d.err = fmt.Errorf("connecting to %s: %w", cl.cfg.Peer, err)
		cl.backOff(d.err)
		return news
	}
	cl.lost = nil
	cl.conns[cn] = struct{}{}
	cl.cur.Store(cn)
	cl.group.Go(func() {
		cn.watch()
		cl.mu.Lock()
		defer cl.mu.Unlock()
		delete(cl.conns, cn)
	})
	return news
}

// backOff makes calls fail fast for a while. The caller holds cl.mu.
func (cl *Client) backOff(err error) {
	cl.wait = min(max(2*cl.wait, minBackoff), maxBackoff)
	cl.lost, cl.retry = err, time.Now().Add(cl.wait)
}

// connect dials, proves both sides and waits for the server's HELLO, so that a
// server that refuses this client fails the dial and not a call.
func (cl *Client) connect(ctx context.Context) (*conn, error) {
	raw, err := cl.cfg.Dial(ctx)
	if err != nil {
		return nil, err
	}
	sh := &shim{Conn: raw}
	cn := &conn{client: cl, raw: raw, spare: make(chan struct{}, 1), ended: make(chan struct{}), born: time.Now()}
	cn.init(tls.Client(sh, cl.tls), sh)
	cn.dialer.limit = maxCalls
	cn.rd = newReader(cn.tls)
	// A deadline that is over wakes whatever the connection waits for.
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	err = cn.greet(ctx)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		cn.fail(err)
		if ended := ctx.Err(); ended != nil {
			err = fmt.Errorf("%w: %v", ended, err)
		}
		return nil, err
	}
	return cn, nil
}

// greet shakes hands and exchanges HELLOs.
func (cn *conn) greet(ctx context.Context) error {
	if err := cn.tls.HandshakeContext(ctx); err != nil {
		return err
	}
	cn.shim.start()
	var session [16]byte
	if _, err := rand.Read(session[:]); err != nil {
		return err
	}
	ours, err := newHello(session, cn.client.cfg.Methods)
	if err != nil {
		return err
	}
	cn.control(ours.append(nil))
	for {
		f, ok, err := cn.rd.next()
		if err != nil {
			return err
		}
		if !ok {
			if err := cn.rd.fill(); err != nil {
				return err
			}
			continue
		}
		r, err := cn.dialer.on(f)
		if err == nil && r.action == actHangup {
			err = r.close
		}
		return err
	}
}

// drop forgets a connection that takes no calls any more. One that was lost soon
// after it was made counts as a failed dial.
func (cl *Client) drop(cn *conn) {
	if !cl.cur.CompareAndSwap(cn, nil) {
		return
	}
	cn.mu.Lock()
	failure := cn.failure
	cn.mu.Unlock()
	cl.mu.Lock()
	defer cl.mu.Unlock()
	if failure != nil && !errors.Is(failure, errGone) && time.Since(cn.born) < maxBackoff {
		cl.backOff(fmt.Errorf("connection to %s lost: %w", cl.cfg.Peer, failure))
		return
	}
	cl.wait = 0
}

// Drain lets the calls in flight finish and closes the client; new calls fail as
// not run. When ctx ends first, Drain cuts off what is left and returns the
// context's error.
func (cl *Client) Drain(ctx context.Context) error {
	for _, cn := range cl.shutdown() {
		cn.mu.Lock()
		cn.dialer.draining = true
		if cn.dialer.open == 0 {
			cn.goodbye()
		}
		lead := cn.lead()
		cn.mu.Unlock()
		if lead {
			cn.flush(false)
		}
		select {
		case <-cn.ended:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), cl.Close())
		}
	}
	return cl.Close()
}

// shutdown lets no new calls in and returns the connections.
func (cl *Client) shutdown() []*conn {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.closed = true
	cl.cur.Store(nil)
	conns := make([]*conn, 0, len(cl.conns))
	for cn := range cl.conns {
		conns = append(conns, cn)
	}
	return conns
}

// Close cuts the connection, fails the calls in flight and waits for the
// client's goroutines.
func (cl *Client) Close() error {
	cl.stop()
	for _, cn := range cl.shutdown() {
		cn.fail(ErrClosed)
	}
	cl.group.Wait()
	return nil
}
