package main

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

// point is one measurement of one system, both processes together.
type point struct {
	P50    float64 // nanoseconds
	P99    float64
	Rate   float64 // calls a second
	CPU    float64 // nanoseconds a call
	Client float64 // allocations a call
	Server float64
}

// pair is a running system: a client and, but for calls within a process, a
// server.
type pair struct {
	system         system
	client, server *process // server may be nil
}

// startPair starts s and waits until it has answered a call of each payload.
func startPair(ctx context.Context, s system, exe string, t task, stderr io.Writer) (*pair, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	t.System, t.Addr = s.name, addr
	environ := func(t task) []string { return nil }
	if s.environ != nil {
		environ = s.environ
	}
	p := &pair{system: s}
	if s.serve != nil {
		t.Serve = true
		if p.server, err = start(ctx, exe, t, environ(t), stderr); err != nil {
			return nil, err
		}
		t.Serve = false
	}
	if p.client, err = start(ctx, exe, t, environ(t), stderr); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	for _, q := range []payload{tiny, order} {
		if _, err := p.client.ask(ask{Payload: q, Callers: 1}); err != nil {
			return nil, errors.Join(err, p.stop())
		}
	}
	return p, nil
}

// freeAddr returns an address on which nobody listens.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// stop ends both processes, the client first.
func (p *pair) stop() error {
	var errs []error
	for _, child := range []*process{p.client, p.server} {
		if child != nil {
			errs = append(errs, child.stop())
		}
	}
	return errors.Join(errs...)
}

// measure measures c for a slice of time after a warm-up.
func (p *pair) measure(c cell, warm, slice time.Duration) (point, error) {
	q := ask{Payload: c.Payload, Callers: c.Callers, Time: warm}
	if _, err := p.client.ask(q); err != nil {
		return point{}, err
	}
	before, err := p.served()
	if err != nil {
		return point{}, err
	}
	q.Time = slice
	a, err := p.client.ask(q)
	if err != nil {
		return point{}, err
	}
	after, err := p.served()
	if err != nil {
		return point{}, err
	}
	return newPoint(a.Result, after.sub(before)), nil
}

// served is what the server has used.
func (p *pair) served() (usage, error) {
	if p.server == nil {
		return usage{}, nil
	}
	a, err := p.server.ask(ask{})
	return a.Used, err
}

func newPoint(r result, server usage) point {
	n := float64(max(r.Calls, 1))
	return point{
		P50: r.P50, P99: r.P99,
		Rate:   n / r.Elapsed.Seconds(),
		CPU:    float64(r.Used.CPU+server.CPU) / n,
		Client: float64(r.Used.Mallocs) / n,
		Server: float64(server.Mallocs) / n,
	}
}
