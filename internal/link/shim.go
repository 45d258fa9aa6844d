package link

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// maxHeld bounds the ciphertext that a shim keeps. What we write ourselves is
// far less; a peer that makes crypto/tls answer without end is cut off.
const maxHeld = 1 << 20

// errHeld ends a connection whose peer doesn't read what it asks for.
var errHeld = errors.New("the peer does not read")

// shim lies between crypto/tls and the network. It gathers the records of one
// flush into one write, and keeps what the network has not taken when a write
// runs out of time: crypto/tls survives a read that timed out, not a write.
type shim struct {
	net.Conn

	mu     sync.Mutex
	held   []byte // written by crypto/tls, not yet taken by push
	gather bool

	// The rest belongs to the one that flushes.
	out   []byte // being written
	limit time.Time
}

// Write passes p on during the handshake and gathers it afterwards.
func (s *shim) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.gather {
		return s.Conn.Write(p)
	}
	if len(s.held)+len(p) > maxHeld {
		return 0, errHeld
	}
	s.held = append(s.held, p...)
	return len(p), nil
}

// start ends the handshake: from now on, writes wait for push.
func (s *shim) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gather = true
}

// push writes what is gathered, for about wait at most. It reports whether
// nothing is left; what is left stays for another push. One goroutine at a time.
func (s *shim) push(wait time.Duration) (done bool, err error) {
	s.mu.Lock()
	if len(s.out) == 0 {
		s.out, s.held = s.held, s.out[:0]
	} else {
		s.out = append(s.out, s.held...)
		s.held = s.held[:0]
	}
	s.mu.Unlock()
	if len(s.out) == 0 {
		return true, nil
	}
	// Setting a deadline costs as much as the rest of push: one is good for
	// several writes.
	if now := time.Now(); s.limit.Sub(now) < wait/2 || s.limit.Sub(now) > wait || wait > time.Second {
		s.limit = now.Add(wait)
		if err := s.Conn.SetWriteDeadline(s.limit); err != nil {
			return false, err
		}
	}
	n, err := s.Conn.Write(s.out)
	if n < len(s.out) {
		s.out = append(s.out[:0], s.out[n:]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return false, nil
		}
		return false, err
	}
	s.out = keep(s.out)
	return true, nil
}

// keep empties a buffer for reuse and drops one that grew large.
func keep(b []byte) []byte {
	if cap(b) > keepSize {
		return nil
	}
	return b[:0]
}
