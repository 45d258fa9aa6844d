package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// writeCerts writes ca.pem and a certificate and key for both services to dir.
// The systems that know no names of services are checked by address.
func writeCerts(dir string, now time.Time) error {
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench CA"},
		NotBefore: now.Add(-time.Minute), NotAfter: now.Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, "ca.pem"), "CERTIFICATE", der); err != nil {
		return err
	}
	for i, service := range []string{front, back} {
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(int64(2 + i)), NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
			KeyUsage:    x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
			URIs:        []*url.URL{{Scheme: "spiffe", Host: "bench", Path: "/svc/" + service}},
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		}
		if err := writeLeaf(filepath.Join(dir, service), leaf, ca, caKey); err != nil {
			return err
		}
	}
	return nil
}

// writeLeaf writes base.pem and base.key.
func writeLeaf(base string, leaf, ca *x509.Certificate, caKey *ecdsa.PrivateKey) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePEM(base+".pem", "CERTIFICATE", der); err != nil {
		return err
	}
	return writePEM(base+".key", "PRIVATE KEY", keyDER)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

// tls returns the configuration of this side for the systems that are not
// Hemilith: the same versions, certificates, checks and records. Proto is the
// ALPN name.
func (t task) tls(proto string) (*tls.Config, error) {
	service := front
	if t.Serve {
		service = back
	}
	base := filepath.Join(t.Certs, service)
	cert, err := tls.LoadX509KeyPair(base+".pem", base+".key")
	if err != nil {
		return nil, err
	}
	pemCA, err := os.ReadFile(filepath.Join(t.Certs, "ca.pem"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pemCA) {
		return nil, fmt.Errorf("%s: no certificate in ca.pem", t.Certs)
	}
	config := &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert},
		RootCAs: roots, ClientCAs: roots, ClientAuth: tls.RequireAndVerifyClientCert,
		ServerName: "127.0.0.1", SessionTicketsDisabled: true, DynamicRecordSizingDisabled: true,
	}
	if proto != "" {
		config.NextProtos = []string{proto}
	}
	return config, nil
}
