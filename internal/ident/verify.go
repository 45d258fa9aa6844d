package ident

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// ALPN is the protocol that both ends must agree on; its number is the major
// version of the wire.
const ALPN = "hemilith/1"

// maxChain bounds the certificates that a peer may send.
const maxChain = 4

// Server returns the configuration of an acceptor. Each peer must prove a name
// of the own trust domain, and allow decides whether that name may connect; its
// error is the reason that is logged. A nil allow refuses everybody.
func (s *Source) Server(allow func(Name) error) *tls.Config {
	if allow == nil {
		allow = func(n Name) error { return fmt.Errorf("%s is not allowed: no rule allows anybody", n) }
	}
	c := s.config()
	// Any certificate gets as far as VerifyConnection, which verifies all of it:
	// one place for every check, with the roots of the moment.
	c.ClientAuth = tls.RequireAnyClientCert
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		peer, err := s.verify(cs, x509.ExtKeyUsageClientAuth)
		if err != nil {
			return err
		}
		return allow(peer)
	}
	return c
}

// Client returns the configuration of a dialer that talks to peer and to nobody
// else.
func (s *Source) Client(peer Name) *tls.Config {
	c := s.config()
	// The peer is identified by its URI name and not by its host, so crypto/tls
	// has no host to check. This switches its own verification off;
	// VerifyConnection below does all of it, the chain included.
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(cs tls.ConnectionState) error {
		got, err := s.verify(cs, x509.ExtKeyUsageServerAuth)
		if err != nil {
			return err
		}
		if got != peer {
			return fmt.Errorf("peer is %s, want %s: the address belongs to another service", got, peer)
		}
		return nil
	}
	return c
}

// config is what both sides share. Tickets are off so that each connection
// shows its certificates; there is no renegotiation in TLS 1.3.
func (s *Source) config() *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		MaxVersion:             tls.VersionTLS13,
		NextProtos:             []string{ALPN},
		SessionTicketsDisabled: true,
		// A flush is one write of many frames: records of full size at once.
		DynamicRecordSizingDisabled: true,
		Time:                        s.now,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return &s.current().cert, nil
		},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &s.current().cert, nil
		},
	}
}

// PeerName returns the name that the verified peer of a connection proved.
func PeerName(cs tls.ConnectionState) (Name, error) {
	if !cs.HandshakeComplete || len(cs.PeerCertificates) == 0 {
		return Name{}, errors.New("the peer has proved no name")
	}
	return leafName(cs.PeerCertificates[0])
}

// verify checks all that a connection must show and returns the peer's name.
func (s *Source) verify(cs tls.ConnectionState, usage x509.ExtKeyUsage) (Name, error) {
	own := s.current()
	if cs.Version != tls.VersionTLS13 {
		return Name{}, fmt.Errorf("peer speaks %s, want TLS 1.3", tls.VersionName(cs.Version))
	}
	if cs.NegotiatedProtocol != ALPN {
		return Name{}, fmt.Errorf("peer speaks protocol %.40q, want %q", cs.NegotiatedProtocol, ALPN)
	}
	peer, err := verifyChain(cs.PeerCertificates, own.roots, usage, s.now())
	if err != nil {
		return Name{}, err
	}
	if peer.Domain != own.name.Domain {
		return Name{}, fmt.Errorf("peer %s is of another trust domain than %s", peer, own.name.Domain)
	}
	return peer, nil
}

// verifyChain verifies a chain, leaf first, and returns the leaf's name.
func verifyChain(chain []*x509.Certificate, roots *x509.CertPool, usage x509.ExtKeyUsage, now time.Time) (Name, error) {
	if len(chain) == 0 {
		return Name{}, errors.New("no certificate")
	}
	if len(chain) > maxChain {
		return Name{}, fmt.Errorf("%d certificates, more than %d", len(chain), maxChain)
	}
	leaf := chain[0]
	name, err := leafName(leaf)
	if err != nil {
		return Name{}, err
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err = leaf.Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: between,
		CurrentTime:   now,
		KeyUsages:     []x509.ExtKeyUsage{usage},
	})
	if err != nil {
		return Name{}, fmt.Errorf("certificate of %s: %w", name, err)
	}
	return name, nil
}

// leafName returns the one name in a leaf, by the rules of SPIFFE X509-SVID
// sections 2 to 4.
func leafName(leaf *x509.Certificate) (Name, error) {
	switch {
	case leaf.IsCA || leaf.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0:
		return Name{}, errors.New("certificate is a CA's: a leaf must not sign others")
	case leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return Name{}, errors.New("certificate lacks key usage digitalSignature")
	case len(leaf.URIs) != 1:
		return Name{}, fmt.Errorf("certificate has %d URI names, want exactly 1", len(leaf.URIs))
	}
	return ParseName(leaf.URIs[0].String())
}
