// Package hemilith lets one Go program run as one process or as several, with
// the same source and the same meaning.
//
// A boundary is an interface that one part of a program offers to another.
// [Bind] goes around the constructor of its implementation, [Role] names the
// entry points, and [Run] serves what this process hosts:
//
//	keep, err := hemilith.Bind("stock", func() (stock.API, error) {
//		return stock.New(openDB(cfg)) // only where "stock" is hosted
//	})
//	if err != nil {
//		return err
//	}
//	sh := shop.New(keep)           // unchanged, like all of shop and stock
//	hemilith.Role("web", sh.Serve) // func(context.Context) error
//	return hemilith.Run(ctx)
//
// With nothing set this is a monolith: Bind returns the very value that the
// constructor returned, and a boundary costs nothing. What else a process may
// be is said by its environment alone:
//
//   - HEMILITH_SERVICE: the service of the layout (hemilith.yaml, compiled in by
//     hemilith gen) that this process is. Unset: the monolith.
//   - HEMILITH_LISTEN: host:port where a service serves its components.
//   - HEMILITH_PEERS: service=host:port,... for the services that it calls.
//   - HEMILITH_CERT, HEMILITH_KEY, HEMILITH_CA: PEM files; they are read again
//     when they change. There is no way to run without TLS.
//   - HEMILITH_MODE: inprocess (the default), strict, remote or remote-memory.
//     The last three are for tests: strict copies what crosses; remote and
//     remote-memory carry each call of a monolith over mutual TLS, by loopback
//     or by memory, inside the process.
//
// # Errors
//
// A call across a boundary returns what the implementation returned, errors
// included: ==, errors.Is and errors.As hold in every mode. Only a call that was
// not answered returns something else, a *[CallError].
//
// # Compatibility
//
// Until version 1 any release may break; the changelog says how to follow.
package hemilith

import "github.com/hemilith/hemilith/wire"

// CallError is the failure of a boundary itself; see [wire.CallError].
type CallError = wire.CallError

// PanicError is a callee's panic as its caller sees it, the Cause of a
// [CallError].
type PanicError = wire.PanicError

// Outcome says what is known of a call that was not answered.
type Outcome = wire.Outcome

// The outcomes of a call that was not answered.
const (
	// Unknown: the method may have run, may be running, or may never run.
	Unknown = wire.Unknown
	// DidNotRun: calling again is safe.
	DidNotRun = wire.DidNotRun
	// Ran: it panicked, or its answer can't be delivered.
	Ran = wire.Ran
)
