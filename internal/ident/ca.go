package ident

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// The lifetimes of what a CA issues.
const (
	// DefaultLife is the life of a leaf for which none is given.
	DefaultLife = 24 * time.Hour
	// MinLife is the shortest life of a leaf.
	MinLife  = 5 * time.Minute
	backdate = time.Minute // for clocks that lag
	rootLife = 365 * 24 * time.Hour
)

const (
	keyBlock, certBlock = "EC PRIVATE KEY", "CERTIFICATE"
	// caFile holds key and certificate in one file, so that they are made or
	// found together.
	caFile = "authority.pem"
)

// CA is a certificate authority for development and tests: ECDSA P-256, one
// trust domain. It is safe for concurrent use.
type CA struct {
	domain string
	now    func() time.Time
	key    *ecdsa.PrivateKey
	cert   *x509.Certificate
}

// Pair is a leaf certificate with its key.
type Pair struct {
	// Cert and Key are PEM.
	Cert, Key []byte
	// TLS is the same for crypto/tls.
	TLS tls.Certificate
}

// Files are where an identity lies on disk.
type Files struct{ Cert, Key, CA string }

// NewCA makes a CA that lives in memory, for a year. A nil now means time.Now.
func NewCA(domain string, now func() time.Time) (*CA, error) {
	if _, err := NewName(domain, "x"); err != nil {
		return nil, err
	}
	if now == nil {
		now = time.Now
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	ca := &CA{domain: domain, now: now, key: key}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Hemilith development CA", Organization: []string{domain}},
		NotBefore:             now().Add(-backdate),
		NotAfter:              now().Add(rootLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
		URIs:                  []*url.URL{{Scheme: "spiffe", Host: domain}},
	}
	ca.cert, err = sign(template, template, &key.PublicKey, key)
	return ca, err
}

// OpenCA loads the CA of dir, or makes it, and dir with it, where there is none
// or it has less than two leaf lives left. Dir must be accessible to its owner
// only. A nil now means time.Now.
func OpenCA(dir, domain string, now func() time.Time) (*CA, error) {
	if now == nil {
		now = time.Now
	}
	if err := privateDir(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, caFile)
	ca, err := LoadCA(dir, domain, now)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return createCA(path, domain, now)
	case err != nil:
		return nil, err
	case ca.cert.NotAfter.Before(now().Add(2 * DefaultLife)):
		if err := os.Remove(path); err != nil {
			return nil, err
		}
		return createCA(path, domain, now)
	}
	return ca, nil
}

// LoadCA loads the CA of dir as [OpenCA] does, and changes nothing. Where there
// is none, the error is fs.ErrNotExist.
func LoadCA(dir, domain string, now func() time.Time) (*CA, error) {
	if now == nil {
		now = time.Now
	}
	if err := private(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, caFile)
	b, err := readFile(path)
	if err != nil {
		return nil, err
	}
	ca, err := parseCA(b, now)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w: remove it, and a new CA is made", path, err)
	case ca.domain != domain:
		return nil, fmt.Errorf("%s is the CA of %q, not of %q: use another directory", path, ca.domain, domain)
	}
	return ca, nil
}

// privateDir makes dir, or checks that it is its owner's alone.
func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return private(dir)
}

// private checks that dir is its owner's alone.
func private(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s has mode %#o, so that others may read the CA's key: chmod 700 it", dir, mode)
	}
	return nil
}

// createCA makes a CA and stores it, unless another process was faster: then it
// loads that one.
func createCA(path, domain string, now func() time.Time) (*CA, error) {
	ca, err := NewCA(domain, now)
	if err != nil {
		return nil, err
	}
	key, err := keyPEM(ca.key)
	if err != nil {
		return nil, err
	}
	temp, err := writeTemp(filepath.Dir(path), append(key, ca.Root()...), 0o600)
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp)
	err = os.Link(temp, path) // unlike a rename, it never replaces
	if errors.Is(err, fs.ErrExist) {
		b, err := readFile(path)
		if err != nil {
			return nil, err
		}
		return parseCA(b, now)
	}
	if err != nil {
		return nil, err
	}
	return ca, nil
}

// parseCA reads the key and the certificate in b.
func parseCA(b []byte, now func() time.Time) (*CA, error) {
	keyPart, rest := pem.Decode(b)
	if keyPart == nil || keyPart.Type != keyBlock {
		return nil, errors.New("no key in it")
	}
	certPart, _ := pem.Decode(rest)
	if certPart == nil || certPart.Type != certBlock {
		return nil, errors.New("no certificate in it")
	}
	key, err := x509.ParseECPrivateKey(keyPart.Bytes)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(certPart.Bytes)
	if err != nil {
		return nil, err
	}
	if !key.PublicKey.Equal(cert.PublicKey) || !cert.IsCA || len(cert.Subject.Organization) != 1 {
		return nil, errors.New("key and certificate are not those of one CA")
	}
	return &CA{domain: cert.Subject.Organization[0], now: now, key: key, cert: cert}, nil
}

// Root returns the certificate that peers trust, as PEM.
func (ca *CA) Root() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: certBlock, Bytes: ca.cert.Raw})
}

// Issue makes a leaf for service that is valid from one minute ago for life; 0
// means [DefaultLife], and less than [MinLife] is an error.
func (ca *CA) Issue(service string, life time.Duration) (Pair, error) {
	name, err := NewName(ca.domain, service)
	if err != nil {
		return Pair{}, err
	}
	if life == 0 {
		life = DefaultLife
	}
	if life < MinLife {
		return Pair{}, fmt.Errorf("certificate of %s: a life of %v is shorter than %v", name, life, MinLife)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	now := ca.now()
	leaf, err := sign(leafTemplate(name, now.Add(-backdate), now.Add(life)), ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		return Pair{}, err
	}
	keyText, err := keyPEM(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{
		Cert: pem.EncodeToMemory(&pem.Block{Type: certBlock, Bytes: leaf.Raw}),
		Key:  keyText,
		TLS:  tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf},
	}, nil
}

// Write issues a leaf for service and puts it into dir as SERVICE.pem,
// SERVICE.key and ca.pem. Each file is replaced in one step, so that a process
// that uses them may run on; see [FromFiles].
func (ca *CA) Write(dir, service string, life time.Duration) (Files, error) {
	pair, err := ca.Issue(service, life)
	if err != nil {
		return Files{}, err
	}
	if err := privateDir(dir); err != nil {
		return Files{}, err
	}
	f := Files{
		Cert: filepath.Join(dir, service+".pem"),
		Key:  filepath.Join(dir, service+".key"),
		CA:   filepath.Join(dir, "ca.pem"),
	}
	for _, w := range []struct {
		path string
		b    []byte
		mode fs.FileMode
	}{{f.CA, ca.Root(), 0o644}, {f.Key, pair.Key, 0o600}, {f.Cert, pair.Cert, 0o644}} {
		if err := replace(w.path, w.b, w.mode); err != nil {
			return Files{}, err
		}
	}
	return f, nil
}

// Source returns an identity of service that lives in memory and is renewed at
// half of [DefaultLife].
func (ca *CA) Source(service string) (*Source, error) {
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	s := &Source{now: ca.now, log: slog.New(slog.DiscardHandler)}
	s.renew = func(now time.Time, present *identity) (*identity, error) {
		if present != nil && now.Add(DefaultLife/2).Before(present.cert.Leaf.NotAfter) {
			return nil, nil
		}
		pair, err := ca.Issue(service, 0)
		if err != nil {
			return nil, err
		}
		return newIdentity(pair.TLS, roots, now)
	}
	first, err := s.renew(ca.now(), nil)
	s.present, s.looked = first, ca.now()
	return s, err
}

func leafTemplate(name Name, from, to time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name.Service},
		NotBefore:             from,
		NotAfter:              to,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		URIs:                  []*url.URL{name.URL()},
	}
}

// sign makes a certificate with a random serial number of 127 bits.
func sign(template, parent *x509.Certificate, pub *ecdsa.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func keyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}

// replace writes b beside path and renames it.
func replace(path string, b []byte, mode fs.FileMode) error {
	temp, err := writeTemp(filepath.Dir(path), b, mode)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

func writeTemp(dir string, b []byte, mode fs.FileMode) (string, error) {
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return "", err
	}
	_, werr := f.Write(b)
	err = errors.Join(werr, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
