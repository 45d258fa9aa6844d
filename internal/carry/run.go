package carry

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/hemilith/hemilith/internal/link"
)

// Run serves and runs what this process hosts; see hemilith.Run.
func (p *Process) Run(ctx context.Context) error {
	roles, err := p.begin()
	if err != nil {
		return err
	}
	defer p.finish()
	server, listener, err := p.server()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// The second signal is not ours: it ends the process.
	context.AfterFunc(ctx, stop)

	g := newGroup(ctx)
	for name, serve := range roles {
		g.start(func(ctx context.Context) error {
			if err := serve(ctx); err != nil && !(ctx.Err() != nil && errors.Is(err, context.Canceled)) {
				return fmt.Errorf("role %s: %w", name, err)
			}
			return nil
		})
	}
	if server != nil {
		p.log.Info("hemilith: serving", "service", p.env.Service, "at", listener.Addr().String())
		g.start(func(ctx context.Context) error {
			served := make(chan error, 1)
			go func() { served <- server.Serve(listener) }()
			return p.serve(ctx, server, served)
		})
	}
	return g.wait()
}

// serve waits for the end of ctx or of the server, and drains.
func (p *Process) serve(ctx context.Context, server *link.Server, served <-chan error) error {
	select {
	case err := <-served:
		return fmt.Errorf("hemilith: serving at %s ended: %w", p.env.Listen, err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.grace())
	defer cancel()
	if err := server.Drain(grace); err != nil {
		p.log.Warn("hemilith: calls were cut off at the end of the grace", "err", err)
	}
	return <-served
}

// begin marks p running and returns the roles that it hosts.
func (p *Process) begin() (map[string]func(context.Context) error, error) {
	if p.envErr != nil {
		return nil, p.envErr
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running {
		return nil, errors.New("hemilith: Run is running already: call it once")
	}
	errs := slices.Clone(p.errs)
	hosted := make(map[string]func(context.Context) error)
	for name, r := range p.roles {
		if p.runs(name) {
			hosted[name] = r.serve
		} else if !p.placed(name) {
			errs = append(errs, fmt.Errorf("hemilith: role %q at %s is in no service of the compiled layout: add it to hemilith.yaml, run hemilith gen and build again", name, r.site))
		}
	}
	errs = append(errs, p.absent()...)
	for name := range p.lates {
		errs = append(errs, fmt.Errorf("hemilith: Late(%q) was never bound: add its Bind", name))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	p.running = true
	return hosted, nil
}

// absent names what the layout gives this service and the program did not
// define before Run. The caller holds p.mu.
func (p *Process) absent() []error {
	s, _ := serviceOf(p.layout, p.env.Service)
	var errs []error
	for _, name := range s.Components {
		if p.bound[name] == nil {
			errs = append(errs, fmt.Errorf("hemilith: service %q hosts component %q, and no Bind of that name came before Run: bind it, or take it out of hemilith.yaml",
				s.Name, name))
		}
	}
	for _, name := range s.Roles {
		if p.roles[name].serve == nil {
			errs = append(errs, fmt.Errorf("hemilith: service %q runs role %q, and no Role of that name came before Run: define it, or take it out of hemilith.yaml",
				s.Name, name))
		}
	}
	return errs
}

// placed reports whether any service of the layout runs role name.
func (p *Process) placed(name string) bool {
	for _, s := range p.layout.Services {
		if slices.Contains(s.Roles, name) {
			return true
		}
	}
	return false
}

// finish closes what Bind opened and makes p as new, so that a test may build
// its program again.
func (p *Process) finish() {
	ctx, cancel := context.WithTimeout(context.Background(), p.grace())
	defer cancel()
	p.links.close(ctx, p.log)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reset()
	p.running = false
}

// Close drops what was bound and closes its connections; for tests that build a
// program and never run it.
func (p *Process) Close() {
	p.mu.Lock()
	running := p.running
	p.mu.Unlock()
	if !running { // a running process closes itself
		p.finish()
	}
}

// grace is how long a drain may take: the longest deadline that a call gets by
// default.
func (p *Process) grace() time.Duration {
	longest := link.DefaultTimeout
	for _, b := range p.layout.Boundaries {
		longest = max(longest, p.timeout(b.Component))
	}
	return longest
}

// group runs functions until all have returned; the first error, or the end of
// the context, ends the context of the others.
type group struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	err    error
}

func newGroup(ctx context.Context) *group {
	g := &group{}
	g.ctx, g.cancel = context.WithCancel(ctx)
	return g
}

func (g *group) start(f func(context.Context) error) {
	g.wg.Go(func() {
		if err := f(g.ctx); err != nil {
			g.mu.Lock()
			if g.err == nil {
				g.err = err
			}
			g.mu.Unlock()
			g.cancel()
		}
	})
}

func (g *group) wait() error {
	g.wg.Wait()
	g.cancel()
	return g.err
}
