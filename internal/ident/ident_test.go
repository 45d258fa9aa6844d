package ident

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"spiffe://shop.example/svc/orders", "spiffe://a/svc/Orders_2.x-y", "spiffe://a_b-c.d/svc/..x"} {
		n, err := ParseName(good)
		if err != nil || n.String() != good || n.URL().String() != good {
			t.Errorf("%s: got %v, URL %v, error %v", good, n, n.URL(), err)
		}
	}
	for _, bad := range []string{
		"", "spiffe://", "spiffe:///svc/x", "spiffe://a/svc/", "spiffe://a/svc/x/", "spiffe://a/svc/x/y", "spiffe://a//svc/x",
		"SPIFFE://a/svc/x", "spiffe://A/svc/x", "spiffe://a:1/svc/x", "spiffe://u@a/svc/x", "spiffe://a/svc/x?q", "spiffe://a/svc/x#f",
		"spiffe://a/svc/%78", "spiffe://a/svc/.", "spiffe://a/svc/..", "https://a/svc/x", "spiffe://a/ns/x", "spiffe://a/svc/x y",
		"spiffe://a/svc/" + strings.Repeat("x", 64), "spiffe://" + strings.Repeat("a", 256) + "/svc/x", "spiffe://a/svc/ü",
	} {
		if n, err := ParseName(bad); err == nil {
			t.Errorf("%q: got %v, want an error", bad, n)
		}
	}
}

// FuzzName: what is taken is written the same, and is what net/url reads.
func FuzzName(f *testing.F) {
	f.Add("spiffe://shop.example/svc/orders")
	f.Add("spiffe://a:1/svc/x?y#z")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseName(s)
		if err != nil {
			return
		}
		u, err := url.Parse(s)
		if err != nil || n.String() != s || u.Host != n.Domain || u.Path != "/svc/"+n.Service || u.String() != s {
			t.Errorf("%q: got %+v, and net/url %+v, %v", s, n, u, err)
		}
	})
}

// shake connects two configurations and returns what each side says.
func shake(client, server *tls.Config) (cerr, serr error) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	c, s := tls.Client(near, client), tls.Server(far, server)
	var group sync.WaitGroup
	group.Go(func() {
		serr = s.Handshake()
		if serr == nil {
			_, serr = s.Write([]byte("x"))
		}
		far.Close()
	})
	cerr = c.Handshake()
	if cerr == nil {
		_, cerr = c.Read(make([]byte, 1)) // a refusal comes after the client's handshake
	}
	near.Close()
	group.Wait()
	return cerr, serr
}

func newCA(t *testing.T, now func() time.Time) *CA {
	t.Helper()
	ca, err := NewCA("test", now)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func source(t *testing.T, ca *CA, service string) *Source {
	t.Helper()
	s, err := ca.Source(service)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTwoOfOneDomainMeet(t *testing.T) {
	t.Parallel()
	ca := newCA(t, nil)
	web, store := source(t, ca, "web"), source(t, ca, "store")
	var met Name
	server := store.Server(func(n Name) error { met = n; return nil })
	if cerr, serr := shake(web.Client(Name{"test", "store"}), server); cerr != nil || serr != nil {
		t.Fatalf("client: %v, server: %v", cerr, serr)
	}
	if own, err := web.Name(); err != nil || own != met {
		t.Errorf("the server met %v, want %v, %v", met, own, err)
	}
	if _, serr := shake(web.Client(Name{"test", "store"}), store.Server(nil)); serr == nil || !strings.Contains(serr.Error(), "no rule allows anybody") {
		t.Errorf("nil allow: got %v", serr)
	}
}

// TestMalformedCertificatesAreRefused: each is signed by the right CA and breaks
// one rule of SPIFFE X509-SVID.
func TestMalformedCertificatesAreRefused(t *testing.T) {
	t.Parallel()
	ca := newCA(t, nil)
	other := &url.URL{Scheme: "spiffe", Host: "test", Path: "/svc/other"}
	for _, c := range []struct {
		name   string
		change func(*x509.Certificate)
		reason string
	}{
		{"no name", func(c *x509.Certificate) { c.URIs = nil }, "certificate has 0 URI names, want exactly 1"},
		{"two names", func(c *x509.Certificate) { c.URIs = append(c.URIs, other) }, "certificate has 2 URI names, want exactly 1"},
		{"a CA", func(c *x509.Certificate) { c.IsCA = true }, "certificate is a CA's: a leaf must not sign others"},
		{"may sign", func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCertSign }, "certificate is a CA's: a leaf must not sign others"},
		{"no digital signature", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement }, "certificate lacks key usage digitalSignature"},
		{"servers only", func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[:1] }, "incompatible key usage"},
		{"not yet valid", func(c *x509.Certificate) { c.NotBefore = c.NotAfter.Add(-time.Minute) }, "certificate has expired or is not yet valid"},
		{"expired", func(c *x509.Certificate) { c.NotAfter = c.NotBefore.Add(time.Second) }, "certificate has expired or is not yet valid"},
		{"another domain", func(c *x509.Certificate) {
			c.URIs = []*url.URL{{Scheme: "spiffe", Host: "elsewhere", Path: "/svc/web"}}
		}, "peer spiffe://elsewhere/svc/web is of another trust domain than test"},
		{"not a name of ours", func(c *x509.Certificate) {
			c.URIs = []*url.URL{{Scheme: "spiffe", Host: "test", Path: "/ns/web"}}
		}, `identity "spiffe://test/ns/web": want spiffe://DOMAIN/svc/SERVICE`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			template := leafTemplate(Name{"test", "web"}, time.Now().Add(-backdate), time.Now().Add(time.Hour))
			c.change(template)
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			leaf, err := sign(template, ca.cert, &key.PublicKey, ca.key)
			if err != nil {
				t.Fatal(err)
			}
			client := &tls.Config{
				InsecureSkipVerify: true,
				NextProtos:         []string{ALPN},
				Certificates:       []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}},
			}
			asked := false
			_, serr := shake(client, source(t, ca, "store").Server(func(Name) error { asked = true; return nil }))
			if serr == nil || !strings.Contains(serr.Error(), c.reason) || asked {
				t.Errorf("got %v, rule asked: %t, want %q before it is asked", serr, asked, c.reason)
			}
		})
	}
}

func TestFilesAreReloaded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	clock := func() time.Time { return now }
	ca := newCA(t, clock)
	dir := filepath.Join(t.TempDir(), "store")
	files := writeLeaf(t, ca, dir, "store")
	var log bytes.Buffer
	s, err := fromFiles(files.Cert, files.Key, files.CA, slog.New(slog.NewTextHandler(&log, nil)), clock)
	if err != nil {
		t.Fatal(err)
	}
	first := s.current().cert.Leaf.SerialNumber
	now = now.Add(2 * recheck)
	if s.current().cert.Leaf.SerialNumber != first {
		t.Error("files that did not change were read again")
	}
	writeLeaf(t, ca, dir, "store")
	if s.current().cert.Leaf.SerialNumber != first {
		t.Errorf("the files were looked at again within %v", recheck)
	}
	now = now.Add(2 * recheck)
	second := s.current().cert.Leaf.SerialNumber
	if second == first {
		t.Error("new files are not used")
	}
	// Broken, another service's, gone: the old identity stays, and each is
	// logged once, when it stands for two looks.
	for i, spoil := range []func(){
		func() { overwrite(t, files.Key, "no key") },
		func() { writeFiles(t, ca, files, "mail") },
		func() { os.Remove(files.Cert) },
	} {
		spoil()
		for look := range 3 {
			now = now.Add(2 * recheck)
			if s.current().cert.Leaf.SerialNumber != second {
				t.Errorf("case %d: the old identity is gone", i)
			}
			want := i + 1
			if look == 0 {
				want = i
			}
			if n := strings.Count(log.String(), "\n"); n != want {
				t.Errorf("case %d, look %d: got %d lines, want %d:\n%s", i, look, n, want, log.String())
			}
		}
	}
	for _, want := range []string{"both must be PEM, and the key the certificate's", "names spiffe://test/svc/mail, and this process is spiffe://test/svc/store", "no such file"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("got log %s, want %q in it", log.String(), want)
		}
	}
	writeLeaf(t, ca, dir, "store")
	now = now.Add(2 * recheck)
	if s.current().cert.Leaf.SerialNumber == second {
		t.Error("good files after bad ones are not used")
	}
}

func TestACertificateThatIsNotRenewedIsLogged(t *testing.T) {
	t.Parallel()
	now := time.Now()
	clock := func() time.Time { return now }
	ca := newCA(t, clock)
	dir := filepath.Join(t.TempDir(), "store")
	files := writeLeaf(t, ca, dir, "store")
	var log bytes.Buffer
	s, err := fromFiles(files.Cert, files.Key, files.CA, slog.New(slog.NewTextHandler(&log, nil)), clock)
	if err != nil {
		t.Fatal(err)
	}
	cert := s.current().cert.Leaf
	quarter := cert.NotAfter.Add(-s.Life() / 4)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{quarter.Add(-time.Second), ""},
		{quarter.Add(time.Second), "level=WARN msg=\"hemilith: the certificate has not been renewed: see why, or peers will refuse it\" file=" + files.Cert},
		{quarter.Add(5 * time.Second), ""},
		{cert.NotAfter.Add(time.Second), "level=ERROR msg=\"hemilith: the certificate has expired and peers refuse it: put a new one in its file, a restart is not needed\" file=" + files.Cert},
		{cert.NotAfter.Add(time.Hour), ""},
	} {
		now = c.at
		log.Reset()
		s.current()
		if got := log.String(); (c.want == "") != (got == "") || !strings.Contains(got, c.want) || strings.Count(got, "\n") > 1 {
			t.Errorf("at %v, of a life from %v to %v: got %q, want %q", c.at, cert.NotBefore, cert.NotAfter, got, c.want)
		}
	}
	// A new one ends it, and has an age of its own.
	writeLeaf(t, ca, dir, "store")
	now = now.Add(2 * recheck)
	log.Reset()
	if s.current().cert.Leaf.SerialNumber.Cmp(cert.SerialNumber) == 0 || log.Len() > 0 {
		t.Errorf("got %q, want the new certificate and silence", log.String())
	}
	now = s.current().cert.Leaf.NotAfter.Add(-s.Life() / 5)
	if s.current(); strings.Count(log.String(), "level=WARN") != 1 {
		t.Errorf("the second certificate: got %q, want one warning", log.String())
	}
}

func writeLeaf(t *testing.T, ca *CA, dir, service string) Files {
	t.Helper()
	f, err := ca.Write(dir, service, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// writeFiles puts the certificate of another service into files.
func writeFiles(t *testing.T, ca *CA, f Files, service string) {
	t.Helper()
	pair, err := ca.Issue(service, 0)
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, f.Cert, string(pair.Cert))
	overwrite(t, f.Key, string(pair.Key))
}

func overwrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBadFilesStopTheStart(t *testing.T) {
	t.Parallel()
	ca := newCA(t, nil)
	dir := filepath.Join(t.TempDir(), "pki")
	web, mail := writeLeaf(t, ca, dir, "web"), writeLeaf(t, ca, dir, "mail")
	old := time.Now().Add(-48 * time.Hour)
	past := newCA(t, func() time.Time { return old })
	expired := writeLeaf(t, past, filepath.Join(dir, "old"), "web")
	overwrite(t, filepath.Join(dir, "empty"), "")
	for _, c := range []struct{ name, cert, key, ca, want string }{
		{"missing", filepath.Join(dir, "none"), web.Key, web.CA, "no such file or directory: set HEMILITH_CERT, HEMILITH_KEY and HEMILITH_CA to files that exist"},
		{"another's key", web.Cert, mail.Key, web.CA, "private key does not match public key: both must be PEM, and the key the certificate's"},
		{"no roots", web.Cert, web.Key, filepath.Join(dir, "empty"), "no PEM certificate in it: put the roots that peers are verified against there"},
		{"another CA", web.Cert, web.Key, expired.CA, "certificate signed by unknown authority"},
		{"expired", expired.Cert, expired.Key, expired.CA, "certificate has expired or is not yet valid"},
	} {
		if _, err := FromFiles(c.cert, c.key, c.ca, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestCAIsKeptPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ca")
	var group sync.WaitGroup
	cas := make([]*CA, 4)
	for i := range cas {
		group.Go(func() {
			ca, err := OpenCA(dir, "test", nil)
			if err != nil {
				t.Error(err)
			}
			cas[i] = ca
		})
	}
	group.Wait()
	for _, ca := range cas[1:] {
		if ca == nil || !ca.cert.Equal(cas[0].cert) {
			t.Fatal("several processes at a time made several CAs")
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("got %d files, %v, want the CA's alone", len(entries), err)
	}
	info, err := os.Stat(filepath.Join(dir, caFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	if _, err := OpenCA(dir, "other", nil); err == nil || !strings.Contains(err.Error(), `is the CA of "test", not of "other"`) {
		t.Errorf("another domain: got %v", err)
	}
	renewed, err := OpenCA(dir, "test", func() time.Time { return time.Now().Add(rootLife) })
	if err != nil || renewed.cert.Equal(cas[0].cert) {
		t.Errorf("a CA at its end is not replaced: %v", err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCA(dir, "test", nil); err == nil || !strings.Contains(err.Error(), "has mode 0755, so that others may read the CA's key: chmod 700 it") {
		t.Errorf("wide directory: got %v", err)
	}
}

func TestLeafLives(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ca := newCA(t, func() time.Time { return now })
	if _, err := ca.Issue("web", MinLife-1); err == nil {
		t.Error("a life below the least is granted")
	}
	pair, err := ca.Issue("web", 0)
	if err != nil || !pair.TLS.Leaf.NotAfter.Equal(now.Add(DefaultLife).Truncate(time.Second).UTC()) || pair.TLS.Leaf.NotBefore.After(now.Add(-backdate)) {
		t.Errorf("got %v to %v, error %v", pair.TLS.Leaf.NotBefore, pair.TLS.Leaf.NotAfter, err)
	}
	s := source(t, ca, "web")
	first := s.current().cert.Leaf.SerialNumber
	now = now.Add(DefaultLife/2 + time.Minute)
	if s.current().cert.Leaf.SerialNumber == first {
		t.Error("an identity in memory is not renewed at half of its life")
	}
}
