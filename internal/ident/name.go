// Package ident says who is calling: names of SPIFFE shape, the certificates
// that carry them, and TLS configurations that accept nothing else.
//
// The rules are those of the SPIFFE X.509 identity document
// (https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md).
package ident

import (
	"fmt"
	"net/url"
	"strings"
)

// The bounds of a name, in bytes; the whole is far below SPIFFE's 2,048.
const (
	maxDomain  = 255
	maxService = 63
)

// Name is the identity of a service. The zero value names nobody.
type Name struct {
	// Domain is the trust domain: lower case letters, digits, dot, dash,
	// underscore.
	Domain string
	// Service is the name in the layout: letters, digits, dot, dash, underscore.
	Service string
}

const (
	scheme = "spiffe://"
	svc    = "/svc/"
)

// String returns spiffe://DOMAIN/svc/SERVICE, or "nobody" for the zero value.
func (n Name) String() string {
	if n == (Name{}) {
		return "nobody"
	}
	return scheme + n.Domain + svc + n.Service
}

// URL returns the name as it stands in a certificate.
func (n Name) URL() *url.URL {
	return &url.URL{Scheme: "spiffe", Host: n.Domain, Path: svc + n.Service}
}

// NewName returns the name of service in domain, or an error that says which of
// the two is malformed.
func NewName(domain, service string) (Name, error) {
	switch {
	case domain == "" || len(domain) > maxDomain || !made(domain, false):
		return Name{}, fmt.Errorf("trust domain %.80q: want 1 to %d of a-z 0-9 . - _", domain, maxDomain)
	case service == "" || len(service) > maxService || !made(service, true) || strings.Trim(service, ".") == "":
		return Name{}, fmt.Errorf("service %.80q: want 1 to %d of a-z A-Z 0-9 . - _, not only dots", service, maxService)
	}
	return Name{domain, service}, nil
}

// ParseName reads what [Name.String] returns and nothing else: no other case of
// the scheme, no port, user, query, escape or trailing slash.
func ParseName(s string) (Name, error) {
	rest, ok := strings.CutPrefix(s, scheme)
	domain, service, cut := strings.Cut(rest, svc)
	if !ok || !cut {
		return Name{}, fmt.Errorf("identity %.80q: want spiffe://DOMAIN/svc/SERVICE", s)
	}
	n, err := NewName(domain, service)
	if err != nil {
		return Name{}, fmt.Errorf("identity %.80q: %w", s, err)
	}
	return n, nil
}

// made reports whether s is made of the characters of a name.
func made(s string, upper bool) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		case upper && 'A' <= c && c <= 'Z':
		default:
			return false
		}
	}
	return true
}
