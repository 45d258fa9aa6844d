package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"
)

// childArg is the first argument of a process that this program starts of
// itself; the second is a task.
const childArg = "child"

const (
	// startDeadline is how long a client tries to make its first calls, since
	// its server starts at the same time; retryPause is between tries.
	startDeadline = 20 * time.Second
	retryPause    = 20 * time.Millisecond
)

// task says what a child is.
type task struct {
	System string `json:"system"`
	Serve  bool   `json:"serve"`
	// Addr is where the server listens.
	Addr string `json:"addr"`
	// Certs is the directory of the certificates.
	Certs string `json:"certs"`
	// Profile is the directory for CPU profiles, or empty.
	Profile string `json:"profile,omitempty"`
}

// ask is a question of the parent; the child answers each with an answer. Both
// are lines of JSON on the child's standard input and output.
type ask struct {
	// Payload to measure; empty asks for the usage only.
	Payload payload       `json:"payload,omitempty"`
	Callers int           `json:"callers,omitempty"`
	Time    time.Duration `json:"time,omitempty"`
}

type answer struct {
	Error  string `json:"error,omitempty"`
	Used   usage  `json:"used"`
	Result result `json:"result"`
}

// child is the program in a process that it has started: it serves or calls
// until its standard input ends, as it does when the parent dies.
func child(ctx context.Context, arg string, in io.Reader, out io.Writer) error {
	var t task
	if err := json.Unmarshal([]byte(arg), &t); err != nil {
		return fmt.Errorf("task %.200q: %w", arg, err)
	}
	s, ok := named(t.System)
	if !ok {
		return fmt.Errorf("no system %q", t.System)
	}
	stop, err := profile(t)
	if err != nil {
		return err
	}
	defer stop()
	if !t.Serve {
		return s.client(ctx, t, func(ctx context.Context, dial dialer) error {
			return respond(ctx, newBencher(dial, s.batch), in, out)
		})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	asked := make(chan error, 1)
	go func() { served <- s.serve(ctx, t) }()
	go func() { asked <- respond(ctx, nil, in, out) }()
	select {
	case err := <-served: // before its time; the process ends, and the other goroutine with it
		return errors.Join(errors.New("server ended"), err)
	case err := <-asked:
		cancel()
		return errors.Join(err, <-served)
	}
}

// profile writes a CPU profile of t's process until stop is called.
func profile(t task) (stop func(), err error) {
	if t.Profile == "" {
		return func() {}, nil
	}
	side := "client"
	if t.Serve {
		side = "server"
	}
	name := strings.ReplaceAll(t.System, " ", "-") + "." + side + ".pprof"
	f, err := os.Create(filepath.Join(t.Profile, name))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}

// respond answers the parent until in ends. A server has no bencher.
func respond(ctx context.Context, b *bencher, in io.Reader, out io.Writer) error {
	asks, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var q ask
		err := asks.Decode(&q)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := answers.Encode(reply(ctx, b, q)); err != nil {
			return err
		}
	}
}

func reply(ctx context.Context, b *bencher, q ask) answer {
	if q.Payload == "" {
		return answer{Used: used()}
	}
	if b == nil || q.Callers < 1 || q.Callers > maxCallers {
		return answer{Error: fmt.Sprintf("can't measure %d callers here", q.Callers)}
	}
	if q.Time == 0 {
		return failure(connected(ctx, b, q.Payload))
	}
	r, err := b.measure(ctx, q.Payload, q.Callers, q.Time)
	a := failure(err)
	a.Result = r
	return a
}

func failure(err error) answer {
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{}
}

// connected returns once a call has been answered.
func connected(ctx context.Context, b *bencher, p payload) error {
	ctx, cancel := context.WithTimeout(ctx, startDeadline)
	defer cancel()
	for {
		_, err := b.ready(ctx, p, 1)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer in %v: %w", startDeadline, err)
		case <-time.After(retryPause):
		}
	}
}
