package link

import (
	"context"
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

// ServerConfig says what a server serves, and to whom.
type ServerConfig struct {
	// Identity is the server's own; required.
	Identity *ident.Source
	// Routes are the methods that are served. Their numbers differ.
	Routes []Route
	// Known returns why a peer, whose certificate is good, may not connect, or
	// nil; required.
	Known func(peer ident.Name) error
	// Allow says whether a peer may call a method; required. It is asked once
	// for each method that the peer names when it connects.
	Allow func(peer ident.Name, m *wire.Method) bool
	// Log gets refused peers, panics and broken connections; nil is silent.
	Log *slog.Logger
}

// Server accepts connections and runs the handlers of the calls that arrive. It
// is safe for concurrent use.
type Server struct {
	cfg     ServerConfig
	log     *slog.Logger
	tls     *tls.Config
	grants  []*grant
	base    context.Context // ends with Close
	stop    context.CancelFunc
	refused refusals // peers
	faults  refusals // calls
	thief   thief
	buffers sync.Pool // of *buffer

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*host]struct{}
	peers     map[ident.Name]int // connections of each that is proven
	unproven  int
	closing   bool // no new connections
	draining  bool
	group     sync.WaitGroup // a member for each connection and listener
	skewed    atomic.Uint64
}

// ErrClosed is the reason for which a closed client or server does nothing.
var ErrClosed = errors.New("link is closed")

// NewServer returns a server. Broken configuration is an error here, never at
// the first call.
func NewServer(cfg ServerConfig) (*Server, error) {
	if cfg.Identity == nil || cfg.Known == nil || cfg.Allow == nil {
		return nil, errors.New("link: a server needs Identity, Known and Allow")
	}
	grants, err := newGrants(cfg.Routes)
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	s := &Server{
		cfg:       cfg,
		log:       cfg.Log,
		grants:    grants,
		tls:       cfg.Identity.Server(cfg.Known),
		listeners: make(map[net.Listener]struct{}),
		conns:     make(map[*host]struct{}),
		peers:     make(map[ident.Name]int),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.base, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Serve accepts connections of l until Drain or Close, and then returns nil. It
// closes l.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return nil
	}
	s.listeners[l] = struct{}{}
	s.group.Add(1)
	s.mu.Unlock()
	defer s.group.Done()
	for pause := time.Duration(0); ; {
		conn, err := l.Accept()
		if err == nil {
			pause = 0
			s.welcome(conn)
			continue
		}
		if s.isClosing() {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("link: %w", err)
		}
		// Out of file descriptors, most likely; they come back.
		pause = min(max(2*pause, minBackoff), maxBackoff)
		s.log.Warn("hemilith: cannot accept connections for a moment", "err", err)
		select {
		case <-time.After(pause):
		case <-s.base.Done():
			return nil
		}
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// welcome gives an accepted connection its goroutine.
func (s *Server) welcome(conn net.Conn) {
	h := newHost(s, conn)
	s.mu.Lock()
	if s.closing || len(s.conns) >= maxConns {
		full := !s.closing
		s.mu.Unlock()
		conn.Close()
		if full {
			s.refuse(conn.RemoteAddr(), fmt.Errorf("there are %d connections", maxConns))
		}
		return
	}
	defer s.mu.Unlock()
	if s.unproven >= maxUnproven {
		s.evict()
	}
	s.unproven++
	s.conns[h] = struct{}{}
	h.acceptor.draining = s.draining
	s.group.Go(func() {
		h.serve()
		s.leave(h)
	})
}

// evict hangs up on one of the connections that have not proved who they are,
// whichever the map yields: one that takes milliseconds for it is hardly hit by
// it, and a silent one holds its place no longer (random early drop, as OpenSSH
// does it). The caller holds s.mu.
func (s *Server) evict() {
	for h := range s.conns {
		if !h.proven {
			h.raw.Close()
			h.proven, s.unproven = true, s.unproven-1 // it counts no more
			return
		}
	}
}

// enter counts h as a connection of its peer, who is proven now.
func (s *Server) enter(h *host) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.peers[h.peer] >= maxPeerConns {
		return fmt.Errorf("%s has %d connections already", h.peer, maxPeerConns)
	}
	if !h.proven {
		h.proven, s.unproven = true, s.unproven-1
	}
	s.peers[h.peer]++
	h.counted = true
	return nil
}

// leave forgets h.
func (s *Server) leave(h *host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, h)
	if !h.proven {
		s.unproven--
	}
	if !h.counted {
		return
	}
	if s.peers[h.peer]--; s.peers[h.peer] == 0 {
		delete(s.peers, h.peer)
	}
}

// stopAccepting closes the listeners and returns the connections.
func (s *Server) stopAccepting(drain bool) []*host {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	s.draining = s.draining || drain
	for l := range s.listeners {
		l.Close()
	}
	hosts := make([]*host, 0, len(s.conns))
	for h := range s.conns {
		hosts = append(hosts, h)
	}
	return hosts
}

// Drain ends the server in good order: it accepts no more connections, tells
// dialers that it drains, refuses new calls as not run, lets the calls in
// flight finish and waits until the connections are closed. When ctx ends
// first, it cuts off what is left and returns the context's error; handlers may
// then still be running, and Close waits for them.
func (s *Server) Drain(ctx context.Context) error {
	grace := maxRemain
	if d, ok := ctx.Deadline(); ok {
		grace = time.Until(d)
	}
	for _, h := range s.stopAccepting(true) {
		h.drain(grace)
	}
	done := make(chan struct{})
	go func() {
		s.group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return s.Close()
	case <-ctx.Done():
		s.cut()
		return ctx.Err()
	}
}

// Close cuts all connections, ends the contexts of the calls in flight and
// waits until their handlers have returned.
func (s *Server) Close() error {
	s.cut()
	s.group.Wait()
	s.thief.close()
	return nil
}

func (s *Server) cut() {
	s.stop()
	for _, h := range s.stopAccepting(false) {
		h.bye(closing{}, ErrClosed)
		h.fail(ErrClosed)
	}
}

// Skewed returns how often a peer that connected had another structure for a
// method than this program: version skew, which the encoding bridges.
func (s *Server) Skewed() uint64 { return s.skewed.Load() }

// refusals limits how much peers can make us log.
type refusals struct {
	mu         sync.Mutex
	since      time.Time
	n, dropped int
}

// refuse logs why a peer was not let in, once for each connection.
func (s *Server) refuse(addr net.Addr, why error) {
	logged, dropped := s.refused.count(time.Now())
	if dropped > 0 {
		s.log.Warn("hemilith: refused more peers than were logged", "count", dropped)
	}
	if logged {
		reason := why.Error() // may quote what the peer sent
		s.log.Warn("hemilith: refused a peer", "addr", addr.String(), "reason", reason[:min(len(reason), maxReason)])
	}
}

// count reports whether one more refusal is to be logged, and how many were not
// since the last time that any was.
func (r *refusals) count(now time.Time) (logged bool, dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.since) >= time.Second {
		dropped = r.dropped
		r.since, r.n, r.dropped = now, 0, 0
	}
	r.n++
	if logged = r.n <= maxRefusals; !logged {
		r.dropped++
	}
	return logged, dropped
}
