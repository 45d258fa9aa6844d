package carry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"

	"github.com/hemilith/hemilith/internal/ident"
	"github.com/hemilith/hemilith/internal/link"
	"github.com/hemilith/hemilith/wire"
)

// links are the connections of a process: out to the services that it calls,
// and in from those that call it.
type links struct {
	mu       sync.Mutex
	identity *ident.Source
	clients  map[string]*link.Client // by service
	loops    []loop
}

// peerCaller returns the way to the service that hosts component name.
func (p *Process) peerCaller(name string, comp *wire.Component) (wire.Caller, error) {
	service, err := p.hostOf(name)
	if err != nil {
		return nil, err
	}
	addr := p.env.Peers[service]
	if addr == "" {
		return nil, fmt.Errorf("hemilith: component %q is hosted by service %q, and %s has no address for it: set %s=%s=HOST:PORT",
			name, service, EnvPeers, EnvPeers, service)
	}
	p.links.mu.Lock()
	defer p.links.mu.Unlock()
	if c := p.links.clients[service]; c != nil {
		return c, nil
	}
	c, err := p.dialer(service, addr)
	if err != nil {
		return nil, err
	}
	if p.links.clients == nil {
		p.links.clients = make(map[string]*link.Client)
	}
	p.links.clients[service] = c
	return c, nil
}

// dialer makes the client of one service. It does no network I/O. The caller
// holds p.links.mu.
func (p *Process) dialer(service, addr string) (*link.Client, error) {
	source, err := p.identity()
	if err != nil {
		return nil, err
	}
	self, err := source.Name()
	if err != nil {
		return nil, err
	}
	return link.NewClient(link.ClientConfig{
		Identity: source,
		Peer:     ident.Name{Domain: self.Domain, Service: service},
		Dial: func(ctx context.Context) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", addr)
		},
		Methods: p.methodsOf(service),
		Timeout: p.methodTimeout,
		Log:     p.log,
	})
}

// methodsOf lists the methods of all components that service hosts.
func (p *Process) methodsOf(service string) []*wire.Method {
	s, _ := serviceOf(p.layout, service)
	var methods []*wire.Method
	for _, name := range s.Components {
		if comp := wire.Lookup(name); comp != nil {
			methods = append(methods, methodsOf(comp)...)
		}
	}
	return methods
}

func methodsOf(comp *wire.Component) []*wire.Method {
	methods := make([]*wire.Method, len(comp.Methods))
	for i := range comp.Methods {
		methods[i] = &comp.Methods[i]
	}
	return methods
}

// identity reads who this process is. The caller holds p.links.mu.
func (p *Process) identity() (*ident.Source, error) {
	if p.links.identity != nil {
		return p.links.identity, nil
	}
	var missing []error
	for _, v := range []struct{ name, value string }{{EnvCert, p.env.Cert}, {EnvKey, p.env.Key}, {EnvCA, p.env.CA}} {
		if v.value == "" {
			missing = append(missing, fmt.Errorf("hemilith: service %q needs %s, a PEM file: hemilith run makes one for development",
				p.env.Service, v.name))
		}
	}
	if len(missing) > 0 {
		return nil, errors.Join(missing...)
	}
	source, err := ident.FromFiles(p.env.Cert, p.env.Key, p.env.CA, p.log)
	if err != nil {
		return nil, err
	}
	self, err := source.Name()
	if err != nil {
		return nil, err
	}
	if self.Service != p.env.Service {
		return nil, fmt.Errorf("hemilith: %s names service %q, and %s is %q: use that service's certificate",
			p.env.Cert, self.Service, EnvService, p.env.Service)
	}
	p.links.identity = source
	return source, nil
}

// server makes the server of the components that this process hosts, or nil if
// it serves none.
func (p *Process) server() (*link.Server, net.Listener, error) {
	routes, err := p.routes()
	if err != nil || len(routes) == 0 {
		return nil, nil, err
	}
	if p.env.Listen == "" {
		return nil, nil, fmt.Errorf("hemilith: service %q hosts components, and %s is not set: set it to the HOST:PORT to serve at",
			p.env.Service, EnvListen)
	}
	p.links.mu.Lock()
	source, err := p.identity()
	p.links.mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	s, err := link.NewServer(link.ServerConfig{
		Identity: source,
		Routes:   routes,
		Known:    p.known,
		Allow:    func(ident.Name, *wire.Method) bool { return true },
		Log:      p.log,
	})
	if err != nil {
		return nil, nil, err
	}
	l, err := net.Listen("tcp", p.env.Listen)
	if err != nil {
		return nil, nil, fmt.Errorf("hemilith: service %q can't listen at %s=%s: %w", p.env.Service, EnvListen, p.env.Listen, err)
	}
	return s, l, nil
}

// routes are the methods that other services may call here: none in a monolith.
func (p *Process) routes() ([]link.Route, error) {
	if p.env.Service == "" {
		return nil, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var routes []link.Route
	for name, b := range p.bound {
		if !b.here {
			continue
		}
		if b.comp == nil {
			return nil, ungenerated("Bind", name)
		}
		r, err := routesOf(b)
		if err != nil {
			return nil, err
		}
		routes = append(routes, r...)
	}
	return routes, nil
}

func routesOf(b *binding) ([]link.Route, error) {
	handlers := b.comp.Handlers(b.impl)
	if handlers == nil {
		return nil, ungenerated("Bind", b.comp.Name)
	}
	routes := make([]link.Route, len(handlers))
	for i, h := range handlers {
		routes[i] = link.Route{Method: &b.comp.Methods[i], Handler: h}
	}
	return routes, nil
}

// known reports why peer may not connect: every service of the layout may, and
// nobody else.
func (p *Process) known(peer ident.Name) error {
	if _, ok := serviceOf(p.layout, peer.Service); !ok {
		return fmt.Errorf("%s is not in the layout", peer)
	}
	return nil
}

// loop is a boundary of a monolith that is called over a link, for tests.
type loop struct {
	server *link.Server
	client *link.Client
	served chan error
}

// loopService is the name that both ends of a loop go by.
const loopService = "loop"

// loopCaller serves b in this process and returns the way to it over mutual
// TLS, by loopback or by memory as the mode says.
func (p *Process) loopCaller(b *binding) (wire.Caller, error) {
	routes, err := routesOf(b)
	if err != nil {
		return nil, err
	}
	p.links.mu.Lock()
	defer p.links.mu.Unlock()
	source, err := p.loopIdentity()
	if err != nil {
		return nil, err
	}
	self, err := source.Name()
	if err != nil {
		return nil, err
	}
	l, dial, err := p.loopTransport()
	if err != nil {
		return nil, err
	}
	server, err := link.NewServer(link.ServerConfig{
		Identity: source,
		Routes:   routes,
		Known:    func(ident.Name) error { return nil }, // nobody else has this CA
		Allow:    func(ident.Name, *wire.Method) bool { return true },
		Log:      p.log,
	})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	client, err := link.NewClient(link.ClientConfig{
		Identity: source, Peer: self, Dial: dial, Methods: methodsOf(b.comp), Timeout: p.methodTimeout, Log: p.log,
	})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	p.links.loops = append(p.links.loops, loop{server, client, served})
	return client, nil
}

// loopIdentity makes an authority that lives as long as the process does. The
// caller holds p.links.mu.
func (p *Process) loopIdentity() (*ident.Source, error) {
	if p.links.identity != nil {
		return p.links.identity, nil
	}
	ca, err := ident.NewCA("loop.test", nil)
	if err != nil {
		return nil, err
	}
	p.links.identity, err = ca.Source(loopService)
	return p.links.identity, err
}

func (p *Process) loopTransport() (net.Listener, func(context.Context) (net.Conn, error), error) {
	if p.env.Mode == RemoteMemory {
		m := new(link.Memory)
		return m, m.Dial, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("hemilith: mode remote: %w", err)
	}
	addr := l.Addr().String()
	return l, func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", addr)
	}, nil
}

// close ends every connection and waits for what serves them.
func (l *links) close(ctx context.Context, log *slog.Logger) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for service, c := range l.clients {
		if err := c.Drain(ctx); err != nil {
			log.Warn("hemilith: connection did not drain", "peer", service, "err", err)
		}
	}
	for _, loop := range l.loops {
		err := errors.Join(loop.client.Drain(ctx), loop.server.Drain(ctx), <-loop.served)
		if err != nil {
			log.Warn("hemilith: loop did not drain", "err", err)
		}
	}
	l.clients, l.loops = nil, nil
}
