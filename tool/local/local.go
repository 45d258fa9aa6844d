// Package local runs the services of a layout as processes on this machine, the
// way production has them: each its own process, with its own certificate, over
// mutual TLS. It starts again what dies, and what it started does not outlive
// it.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hemilith/hemilith/layout"
)

// DefaultGrace is how long services may drain before they are killed.
const DefaultGrace = 15 * time.Second

// Config says what to run. Dir and Binary are required.
type Config struct {
	// Dir is the directory of the processes: as a rule the root of the user's
	// module.
	Dir string
	// Binary is the built program, and Args are its arguments.
	Binary string
	Args   []string
	// Layout says which services there are; without any, the program runs as one
	// process named [Monolith].
	Layout layout.Layout
	// Only names the services to start; none means all. The others keep their
	// addresses, so that they may run elsewhere on this machine.
	Only []string
	// Env is the environment; nil means that of this process.
	Env []string
	// State is the directory of CA and certificates; "" means [StateDir] of Dir.
	State string
	// Log gets the lines of all processes, each with its service's name; nil
	// discards them. Colour gives each name a colour.
	Log    io.Writer
	Colour bool
	// Grace is how long services may drain once the context of [Start] has ended;
	// 0 means [DefaultGrace].
	Grace time.Duration
	// Event, if set, is told what happens to processes, one event at a time. It
	// must not block, nor call Stop or Wait of the group.
	Event func(Event)
}

// Event is something that happened to a process.
type Event struct {
	Time time.Time
	// Service is "" for what concerns all.
	Service string
	Kind    Kind
	// PID is that of the process; 0 where none was started.
	PID int
	// Delay is the time before the next start, and Deaths how often the service
	// has died since it last lived for long, of [Exited].
	Delay  time.Duration
	Deaths int
	// Text is how the process ended, like "exit status 1", or why something
	// failed.
	Text string
}

// Kind is what happened.
type Kind string

// The kinds of events.
const (
	// Started: a process runs.
	Started Kind = "started"
	// Exited: it died, or could not be started, and will be started again.
	Exited Kind = "exited"
	// Draining: all processes are asked to end; Text names those that run.
	Draining Kind = "draining"
	// Ended: it returned 0 by itself, or was stopped, and stays away.
	Ended Kind = "ended"
	// Killed: it did not drain within the grace and was killed.
	Killed Kind = "killed"
	// Trouble: something failed that stops no process, such as a renewal of
	// certificates.
	Trouble Kind = "trouble"
)

// Info is what is known of a service.
type Info struct {
	// Name is the service's name, or [Monolith].
	Name string
	// PID is that of its process, 0 while there is none.
	PID int
	// Addr is the host:port where it serves components, "" if it has none.
	Addr string
	// Restarts counts the starts after the first, and Started is the time of the
	// latest.
	Restarts int
	Started  time.Time
}

// Group is a running layout. It is safe for concurrent use.
type Group struct {
	cfg      Config
	services []*service
	certs    *certs // nil for a monolith
	sink     *sink
	events   sync.Mutex
	drain    func()        // asks the processes to end
	draining chan struct{} // closed by drain
	kill     func()        // ends those that have not
	killing  chan struct{} // closed by kill
	done     chan struct{} // closed when all have ended and nothing is left
	err      error         // what Wait returns; set before done is closed
}

// Start starts the services and keeps them running until ctx ends or
// [Group.Stop] is called. It returns an error if nothing could be started: the
// binary is missing, there are no ports, or the certificates can't be made.
// Always call Stop or end ctx, and Wait.
func Start(ctx context.Context, cfg Config) (*Group, error) {
	g, plan, err := prepare(cfg)
	if err != nil {
		return nil, err
	}
	var running sync.WaitGroup
	for i, p := range plan {
		s := &service{group: g, number: i, process: p}
		g.services = append(g.services, s)
		running.Go(s.run)
	}
	go g.finish(ctx, &running)
	return g, nil
}

// prepare does all that can fail before the first process starts.
func prepare(cfg Config) (*Group, []Process, error) {
	if err := cfg.complete(); err != nil {
		return nil, nil, err
	}
	g := &Group{cfg: cfg, draining: make(chan struct{}), killing: make(chan struct{}), done: make(chan struct{})}
	g.drain = sync.OnceFunc(g.beginDrain)
	g.kill = sync.OnceFunc(func() { close(g.killing) })
	dir := ""
	if names := serviceNames(cfg.Layout); len(names) > 0 {
		var err error
		if g.certs, err = newCerts(cfg.State, names, time.Now); err != nil {
			return nil, nil, err
		}
		dir = g.certs.dir
	}
	plan, err := Plan(cfg.Layout, cfg.State, dir, cfg.Only...)
	if err != nil {
		return nil, nil, errors.Join(err, g.clean())
	}
	g.sink = &sink{out: cfg.Log, colour: cfg.Colour}
	for _, p := range plan {
		g.sink.width = max(g.sink.width, len(p.Service))
	}
	return g, plan, nil
}

// complete fills in what is not given.
func (c *Config) complete() error {
	if c.Log == nil {
		c.Log = io.Discard
	}
	if c.Grace == 0 {
		c.Grace = DefaultGrace
	}
	if c.Event == nil {
		c.Event = func(Event) {}
	}
	if c.Env == nil {
		c.Env = os.Environ()
	}
	var err error
	if c.Dir, err = filepath.Abs(c.Dir); err != nil {
		return err
	}
	if c.State == "" {
		if c.State, err = StateDir(c.Dir); err != nil {
			return err
		}
	}
	if c.Binary, err = exec.LookPath(c.Binary); err != nil {
		return fmt.Errorf("the program to run: %w", err)
	}
	c.Binary, err = filepath.Abs(c.Binary)
	return err
}

func serviceNames(l layout.Layout) []string {
	names := make([]string, len(l.Services))
	for i, s := range l.Services {
		names[i] = s.Name
	}
	return names
}

// finish owns what belongs to the whole group: the end of ctx, the renewal of
// certificates, and what is left when all processes have ended.
func (g *Group) finish(ctx context.Context, running *sync.WaitGroup) {
	stopped := context.AfterFunc(ctx, func() {
		g.drain()
		select {
		case <-time.After(g.cfg.Grace):
			g.kill()
		case <-g.done:
		}
	})
	keeping, cancel := context.WithCancel(ctx)
	var keeper sync.WaitGroup
	if g.certs != nil {
		keeper.Go(func() {
			g.certs.keep(keeping, func(err error) { g.event(Event{Kind: Trouble, Text: err.Error()}) })
		})
	}
	running.Wait()
	stopped()
	cancel()
	keeper.Wait()
	for _, s := range g.services {
		g.err = errors.Join(g.err, s.err)
	}
	g.err = errors.Join(g.err, g.clean())
	close(g.done)
}

// beginDrain says who is awaited, and then asks them to end.
func (g *Group) beginDrain() {
	var names []string
	for _, i := range g.Services() {
		if i.PID != 0 {
			names = append(names, i.Name)
		}
	}
	if len(names) > 0 {
		g.event(Event{Kind: Draining, Text: strings.Join(names, ", ")})
	}
	close(g.draining)
}

// clean removes the certificates of this run.
func (g *Group) clean() error {
	if g.certs == nil {
		return nil
	}
	return g.certs.remove()
}

func (g *Group) event(e Event) {
	g.events.Lock()
	defer g.events.Unlock()
	e.Time = time.Now()
	g.cfg.Event(e)
}

// Services returns what is known of each service, in the order of the layout.
func (g *Group) Services() []Info {
	infos := make([]Info, len(g.services))
	for i, s := range g.services {
		infos[i] = s.info()
	}
	return infos
}

// Stop asks all processes to drain, waits for them, and kills the process
// groups of those that still run when ctx ends. It returns what [Group.Wait]
// returns, and may be called more than once.
func (g *Group) Stop(ctx context.Context) error {
	g.drain()
	select {
	case <-g.done:
	case <-ctx.Done():
		g.kill()
	}
	return g.Wait()
}

// Wait waits until all processes have ended: because they were stopped, or
// returned 0 by themselves. Its error names those that had to be killed.
func (g *Group) Wait() error {
	<-g.done
	return g.err
}
