package carry

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/hemilith/hemilith/internal/ident"
	"github.com/hemilith/hemilith/wire"
)

// machine is a CA and an address for service back.
type machine struct {
	t    *testing.T
	ca   *ident.CA
	addr string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	ca, err := ident.NewCA("machine.test", nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return &machine{t, ca, l.Addr().String()}
}

// service is a process of that name, with its certificates.
func (m *machine) service(name string, more ...string) *Process {
	m.t.Helper()
	f, err := m.ca.Write(filepath.Join(m.t.TempDir(), "certs"), name, time.Hour)
	if err != nil {
		m.t.Fatal(err)
	}
	vars := append([]string{
		EnvService + "=" + name, EnvListen + "=" + m.addr, EnvPeers + "=back=" + m.addr,
		EnvCert + "=" + f.Cert, EnvKey + "=" + f.Key, EnvCA + "=" + f.CA,
	}, more...)
	p := New(env(vars...), twoServices, nil)
	m.t.Cleanup(p.Close)
	return p
}

// serve runs service back with f until the returned function is called.
func (m *machine) serve(f addFunc) (stop func()) {
	m.t.Helper()
	p := m.service("back")
	bindAdder(m.t, p, f)
	role1(p, "work", func(ctx context.Context) error { <-ctx.Done(); return nil })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	var stopped bool
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			m.t.Errorf("back: %v", err)
		}
	}
	m.t.Cleanup(stop)
	return stop
}

// eventually calls until the call succeeds; failures until then must be calls
// that did not run.
func eventually(t *testing.T, a adder) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := a.Add(ctx, 40, 2)
		if err == nil && got == 42 {
			return
		}
		call, ok := errors.AsType[*wire.CallError](err)
		if !ok || call.Outcome != wire.DidNotRun || ctx.Err() != nil {
			t.Fatalf("got %d, %v; want calls that did not run, and then 42", got, err)
		}
		<-tick.C
	}
}

func TestAPeerThatIsAbsentAtStartIsFoundWhenItComes(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	a := bindAdder(t, m.service("web"), nil)
	_, err := a.Add(t.Context(), 1, 1)
	call, ok := errors.AsType[*wire.CallError](err)
	if !ok || call.Outcome != wire.DidNotRun || call.Component != "adder" || call.Method != "Add" {
		t.Fatalf("without a peer: got %v, want did not run", err)
	}
	stop := m.serve(plus)
	eventually(t, a)
	stop()
	if _, err := a.Add(t.Context(), 1, 1); err == nil {
		t.Error("after the peer has gone: got no error")
	}
	m.serve(plus)
	eventually(t, a)
}

func TestASharedErrorCrossesServices(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.serve(func(context.Context, int, int) (int, error) { return 7, context.Canceled })
	a := bindAdder(t, m.service("web"), nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		got, err := a.Add(ctx, 1, 1)
		if call, ok := errors.AsType[*wire.CallError](err); ok && call.Outcome == wire.DidNotRun {
			continue // not there yet
		}
		if got != 7 || err != context.Canceled {
			t.Errorf("got %d, %v; want 7 and the very context.Canceled", got, err)
		}
		return
	}
}

func TestAForeignCertificateIsNoStart(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	f, err := m.ca.Write(filepath.Join(t.TempDir(), "certs"), "back", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	p := m.service("web", EnvCert+"="+f.Cert, EnvKey+"="+f.Key)
	_, err = p.Bind("adder", "main.go:1", nil)
	want := "hemilith: " + f.Cert + ` names service "back", and HEMILITH_SERVICE is "web": use that service's certificate`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestAServiceOutsideTheLayoutIsRefused(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	p := m.service("back")
	err := p.known(ident.Name{Domain: "machine.test", Service: "mallory"})
	if err == nil || err.Error() != "spiffe://machine.test/svc/mallory is not in the layout" {
		t.Errorf("got %v", err)
	}
	if err := p.known(ident.Name{Domain: "machine.test", Service: "web"}); err != nil {
		t.Errorf("web: got %v", err)
	}
}
