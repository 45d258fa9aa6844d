// Package carry decides how calls go in this process and keeps what it hosts:
// inprocess, strict or remote. Package hemilith is its face.
package carry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/hemilith/hemilith/internal/link"
	"github.com/hemilith/hemilith/layout"
	"github.com/hemilith/hemilith/wire"
)

// Process is what one process hosts and whom it calls. It is safe for
// concurrent use.
type Process struct {
	env    Env
	envErr error
	layout layout.Layout
	log    *slog.Logger

	mu      sync.Mutex
	running bool
	bound   map[string]*binding
	roles   map[string]role
	lates   map[string][]func(any) bool
	errs    []error // what Late and Role could not return
	links   links
}

// binding is one bound name.
type binding struct {
	site string
	here bool            // hosted in this process
	impl any             // what build returned, where here
	comp *wire.Component // nil without generated code
}

// role is one entry point.
type role struct {
	site  string
	serve func(context.Context) error
}

// Bound is what Bind made.
type Bound struct {
	// Direct says that the caller uses the very value that it built.
	Direct bool
	// Value is a stub of the component otherwise.
	Value any
}

// New returns a process with the environment that getenv returns and layout l.
// A wrong environment is an error of each Bind and of Run. Log may be nil.
func New(getenv func(string) string, l layout.Layout, log *slog.Logger) *Process {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p := &Process{layout: l, log: log}
	p.env, p.envErr = ParseEnv(getenv)
	if p.envErr == nil {
		p.envErr = checkService(p.env, l)
	}
	p.reset()
	return p
}

// reset forgets what was bound. The caller holds p.mu or owns p.
func (p *Process) reset() {
	p.bound = make(map[string]*binding)
	p.roles = make(map[string]role)
	p.lates = make(map[string][]func(any) bool)
	p.errs = nil
}

var current struct {
	mu sync.Mutex
	p  *Process
}

// Current returns the process that package hemilith speaks for, made from the
// operating system's environment and the registered layout at first use.
func Current() *Process {
	current.mu.Lock()
	defer current.mu.Unlock()
	if current.p == nil {
		current.p = New(os.Getenv, layout.Registered(), slog.Default())
	}
	return current.p
}

// Replace makes p the current process, for tests, and returns the former one.
// A nil p makes the next use start afresh.
func Replace(p *Process) *Process {
	current.mu.Lock()
	defer current.mu.Unlock()
	former := current.p
	current.p = p
	return former
}

// Bind binds name at site, a file:line; see hemilith.Bind. Another Bind at the
// same site replaces the former, as when a test builds its program anew.
func (p *Process) Bind(name, site string, build func() (any, error)) (Bound, error) {
	b := &binding{site: site, here: p.hosts(name), comp: wire.Lookup(name)}
	if err := p.reserve(name, b); err != nil {
		return Bound{}, err
	}
	bound, err := p.provide(name, b, build) // user code: never under the lock
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		if p.bound[name] == b {
			delete(p.bound, name)
		}
		return Bound{}, err
	}
	p.bound[name] = b
	return bound, p.fillLates(name, bound)
}

// reserve keeps name for b, unless another site has it.
func (p *Process) reserve(name string, b *binding) error {
	if p.envErr != nil {
		return p.envErr
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	former := p.bound[name]
	switch {
	case p.running:
		return fmt.Errorf("hemilith: Bind(%q) at %s: Run has begun: bind every component before Run", name, b.site)
	case former != nil && former.site != b.site:
		return fmt.Errorf("hemilith: Bind(%q) at %s: the name is bound at %s already: give one of them another name", name, b.site, former.site)
	case former == nil:
		p.bound[name] = b
	}
	return errors.Join(p.errs...)
}

// provide builds the component where it is hosted, and the way to it.
func (p *Process) provide(name string, b *binding, build func() (any, error)) (Bound, error) {
	if b.here {
		var err error
		if b.impl, err = build(); err != nil {
			return Bound{}, err
		}
		if b.impl == nil {
			return Bound{}, fmt.Errorf("hemilith: Bind(%q) at %s: build returned nil and no error: return the component, or why there is none", name, b.site)
		}
	}
	return p.connect(name, b)
}

// connect returns what the consumers of b hold.
func (p *Process) connect(name string, b *binding) (Bound, error) {
	if b.here && p.env.Mode == Inprocess {
		return Bound{Direct: true, Value: b.impl}, nil
	}
	if b.comp == nil {
		return Bound{}, ungenerated("Bind", name)
	}
	var caller wire.Caller
	var err error
	switch {
	case !b.here:
		caller, err = p.peerCaller(name, b.comp)
	case p.env.Mode == Strict:
		caller, err = newStrict(b.comp, b.impl, p.timeout(name))
	default:
		caller, err = p.loopCaller(b)
	}
	if err != nil {
		return Bound{}, err
	}
	return Bound{Value: b.comp.Stub(caller)}, nil
}

// Late returns a forwarding value for name, or nil after an error that Run and
// Bind report. Implements says whether it is of the type that the caller wants.
func (p *Process) Late(name string, implements func(any) bool) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	comp := wire.Lookup(name)
	if comp == nil || comp.Late == nil {
		p.errs = append(p.errs, ungenerated("Late", name))
		return nil
	}
	forward, fill := comp.Late()
	if !implements(forward) {
		p.errs = append(p.errs, ungenerated("Late", name))
		return nil
	}
	p.lates[name] = append(p.lates[name], fill)
	return forward
}

// fillLates points the forwarding values of name at bound. The caller holds
// p.mu.
func (p *Process) fillLates(name string, bound Bound) error {
	for _, fill := range p.lates[name] {
		if !fill(bound.Value) {
			return ungenerated("Late", name)
		}
	}
	delete(p.lates, name)
	return nil
}

// Role records an entry point; see hemilith.Role.
func (p *Process) Role(name, site string, serve func(context.Context) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	former, taken := p.roles[name]
	switch {
	case p.running:
		p.log.Error("hemilith: role comes after Run and is not started", "role", name, "at", site)
	case taken && former.site != site:
		p.errs = append(p.errs, fmt.Errorf("hemilith: Role(%q) at %s: the name is taken at %s: give one of them another name",
			name, site, former.site))
	default:
		p.roles[name] = role{site, serve}
	}
}

// timeout is the deadline of calls to name whose context has none.
func (p *Process) timeout(name string) time.Duration {
	for _, b := range p.layout.Boundaries {
		if b.Component == name && b.TimeoutMillis > 0 {
			return time.Duration(b.TimeoutMillis) * time.Millisecond
		}
	}
	return link.DefaultTimeout
}

func ungenerated(call, name string) error {
	return fmt.Errorf("hemilith: %s(%q): this program has no generated code for it, or stale code: run hemilith gen and build again", call, name)
}

func (p *Process) methodTimeout(m *wire.Method) time.Duration { return p.timeout(m.Component) }
