package ident

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// recheck is how long a source trusts what it looked up: files are looked at
// no more often than that, and then only when a handshake needs them.
const recheck = time.Second

// maxFile bounds a PEM file.
const maxFile = 1 << 20

// identity is one consistent set of certificate and roots; it is never changed.
type identity struct {
	cert  tls.Certificate
	roots *x509.CertPool
	name  Name
}

// Source is a live identity: a certificate with its key, and the roots that
// peers are verified against. It is safe for concurrent use.
type Source struct {
	log  *slog.Logger
	now  func() time.Time
	file string // the certificate's, "" where it is in memory
	// renew returns the identity to use from now on, or nil where the present
	// one stands.
	renew func(now time.Time, present *identity) (*identity, error)

	mu      sync.Mutex
	present *identity
	looked  time.Time
	aged    age
	failing string // the last failure of renew
	logged  bool
}

// FromFiles returns the identity in PEM files: the certificate (with
// intermediates), its key and the roots. The files are looked at again when a
// handshake needs them, at most once a second, and read when their size or time
// has changed; where the new ones are bad, the old identity stays and log says
// so once. Errors name the file and what to do. Log may be nil.
func FromFiles(certFile, keyFile, caFile string, log *slog.Logger) (*Source, error) {
	return fromFiles(certFile, keyFile, caFile, log, time.Now)
}

func fromFiles(certFile, keyFile, caFile string, log *slog.Logger, now func() time.Time) (*Source, error) {
	f := &files{names: [3]string{certFile, keyFile, caFile}}
	s := &Source{log: log, now: now, file: certFile, renew: f.renew}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	first, err := f.renew(now(), nil)
	if err != nil {
		return nil, err
	}
	s.present, s.looked = first, now()
	return s, nil
}

// Name returns the source's own name.
func (s *Source) Name() (Name, error) {
	if s == nil {
		return Name{}, errors.New("no identity: a source comes from FromFiles or CA.Source")
	}
	return s.current().name, nil
}

// Life returns how long the present certificate is valid from its beginning to
// its end.
func (s *Source) Life() time.Duration {
	leaf := s.current().cert.Leaf
	return leaf.NotAfter.Sub(leaf.NotBefore)
}

// current returns the identity for a handshake that begins now.
func (s *Source) current() *identity {
	now := s.now()
	present, complaint := s.look(now)
	s.warn(now, present)
	if complaint != nil {
		s.log.Error("hemilith: new certificate files are bad, the old identity stays", "err", complaint)
	}
	return present
}

// look returns the identity, renewed if it is time, and what is to be logged.
func (s *Source) look(now time.Time) (present *identity, complaint error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if since := now.Sub(s.looked); 0 <= since && since < recheck {
		return s.present, nil
	}
	s.looked = now
	next, err := s.renew(now, s.present)
	if err != nil {
		if s.worth(err) {
			complaint = err
		}
		return s.present, complaint
	}
	if next != nil {
		s.present = next
	}
	s.failing, s.logged = "", false
	return s.present, nil
}

// worth reports whether err is to be logged: once, and only if it stands for two
// looks, as a writer that replaces several files is between two of them for a
// moment.
func (s *Source) worth(err error) bool {
	if err.Error() != s.failing {
		s.failing, s.logged = err.Error(), false
		return false
	}
	first := !s.logged
	s.logged = true
	return first
}

// age is how near a certificate is to its end.
type age int

const (
	fresh   age = iota
	old         // less than a quarter of its life is left
	expired     // peers refuse it
)

func ageOf(leaf *x509.Certificate, now time.Time) age {
	switch left := leaf.NotAfter.Sub(now); {
	case left < 0:
		return expired
	case left < leaf.NotAfter.Sub(leaf.NotBefore)/4:
		return old
	}
	return fresh
}

// warn logs once when a certificate file is old, and once when it has expired:
// whoever renews it has failed, and nobody else would notice before all
// connections are refused.
func (s *Source) warn(now time.Time, present *identity) {
	if s.file == "" {
		return
	}
	end := present.cert.Leaf.NotAfter
	switch s.grown(ageOf(present.cert.Leaf, now)) {
	case old:
		s.log.Warn("hemilith: the certificate has not been renewed: see why, or peers will refuse it",
			"file", s.file, "expires", end, "left", end.Sub(now).Round(time.Second))
	case expired:
		s.log.Error("hemilith: the certificate has expired and peers refuse it: put a new one in its file, a restart is not needed",
			"file", s.file, "expired", end)
	}
}

// grown notes the age, and returns it where it is worth a line: it has grown.
func (s *Source) grown(a age) age {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.aged
	s.aged = a
	if a > before {
		return a
	}
	return fresh
}

// files reads an identity from three files.
type files struct {
	names  [3]string // certificate, key, roots
	stamps [3]stamp
}

// stamp tells whether a file has changed.
type stamp struct {
	size int64
	time time.Time
}

func (f *files) renew(now time.Time, present *identity) (*identity, error) {
	var stamps [3]stamp
	for i, name := range f.names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("%w: set HEMILITH_CERT, HEMILITH_KEY and HEMILITH_CA to files that exist", err)
		}
		stamps[i] = stamp{info.Size(), info.ModTime()}
	}
	if present != nil && stamps == f.stamps {
		return nil, nil
	}
	next, err := f.load(now)
	if err != nil {
		return nil, err
	}
	if present != nil && next.name != present.name {
		return nil, fmt.Errorf("%s names %s, and this process is %s: issue a certificate for it", f.names[0], next.name, present.name)
	}
	f.stamps = stamps
	return next, nil
}

func (f *files) load(now time.Time) (*identity, error) {
	var pem [3][]byte
	for i, name := range f.names {
		b, err := readFile(name)
		if err != nil {
			return nil, err
		}
		pem[i] = b
	}
	cert, err := tls.X509KeyPair(pem[0], pem[1])
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w: both must be PEM, and the key the certificate's", f.names[0], f.names[1], err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem[2]) {
		return nil, fmt.Errorf("%s: no PEM certificate in it: put the roots that peers are verified against there", f.names[2])
	}
	id, err := newIdentity(cert, roots, now)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: issue a new one", f.names[0], err)
	}
	return id, nil
}

// readFile reads at most maxFile bytes.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: %d bytes, more than %d: this is no certificate", name, info.Size(), maxFile)
	}
	return os.ReadFile(name)
}

// newIdentity checks that cert is what peers will accept.
func newIdentity(cert tls.Certificate, roots *x509.CertPool, now time.Time) (*identity, error) {
	chain := make([]*x509.Certificate, 0, len(cert.Certificate))
	for _, der := range cert.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		chain = append(chain, c)
	}
	var name Name
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		var err error
		if name, err = verifyChain(chain, roots, usage, now); err != nil {
			return nil, err
		}
	}
	cert.Leaf = chain[0]
	return &identity{cert: cert, roots: roots, name: name}, nil
}
