package main

import (
	"context"
	"slices"
	"strings"
)

// payload is what a call carries.
type payload string

const (
	tiny  payload = "tiny"  // two int64 there, one back
	order payload = "order" // echo.Sample there and back
)

// caller makes n calls, one after the other, and checks each answer. It belongs
// to one goroutine.
type caller func(ctx context.Context, n int) error

// dialer returns a caller of p for worker i; the callers that it returns run
// concurrently. It has checked a whole answer.
type dialer func(ctx context.Context, p payload, i int) (caller, error)

// driver measures by way of a dialer until its parent has had enough.
type driver func(ctx context.Context, dial dialer) error

// system is one way of calling.
type system struct {
	name  string
	about string
	// batch is the number of calls that are timed together: more than one where
	// a call costs less than reading the clock.
	batch int
	// environ is added to the environment of both processes.
	environ func(t task) []string
	// serve serves until ctx ends; nil where there is no second process.
	serve func(ctx context.Context, t task) error
	// client runs drive.
	client func(ctx context.Context, t task, drive driver) error
}

// The systems that others are compared with, and the one that shows how far
// apart two runs of the same code are.
const (
	floorName   = "raw"
	controlName = "raw again"
	peerName    = "grpc-go"
	plainName   = "plain"
)

// systems are all systems, in the order of the tables.
func systems() []system {
	raw := system{
		name: floorName, about: "TLS ping-pong: a connection per caller, fixed sizes, no codec",
		batch: 1, serve: rawServe, client: rawClient,
	}
	control := raw
	control.name, control.about = controlName, "the same, in two more processes: the control"
	return []system{
		{name: plainName, about: "an interface call", batch: 1000, client: plainClient},
		{name: "hemilith inprocess", about: "by Bind", batch: 1000, client: boundClient},
		{name: "hemilith strict", about: "by Bind, values copied", batch: 100, client: boundClient, environ: strictEnv},
		{name: "hemilith remote", about: "by Bind, two services", batch: 1, serve: boundServe, client: boundClient, environ: remoteEnv},
		raw,
		control,
		{name: peerName, about: "unary, protobuf", batch: 1, serve: grpcServe, client: grpcClient},
		{name: "connect-go", about: "unary, binary protobuf, HTTP/2", batch: 1, serve: connectServe, client: connectClient},
	}
}

// choose returns the systems whose names begin with one of the comma-separated
// words, or all of them.
func choose(all []system, words string) []system {
	if words == "" {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(s system) bool {
		return !slices.ContainsFunc(strings.Split(words, ","), func(w string) bool {
			return strings.HasPrefix(s.name, strings.TrimSpace(w))
		})
	})
}

// named returns the system of that name.
func named(name string) (system, bool) {
	all := systems()
	i := slices.IndexFunc(all, func(s system) bool { return s.name == name })
	if i < 0 {
		return system{}, false
	}
	return all[i], true
}
