package wire

import (
	"context"
	"errors"
	"fmt"
)

// Outcome says what is known of a call that was not answered.
type Outcome uint8

const (
	// Unknown: the method may have run, may be running, or may never run.
	Unknown Outcome = iota
	// DidNotRun: no byte of the request was written, or the other side refused
	// before the method was called. Calling again is safe.
	DidNotRun
	// Ran: the method was called. It panicked, or its answer can't be delivered.
	Ran
)

// String returns "unknown", "did not run" or "ran".
func (o Outcome) String() string {
	switch o {
	case DidNotRun:
		return "did not run"
	case Ran:
		return "ran"
	default:
		return "unknown"
	}
}

// CallError is the failure of a boundary itself: the one error that a call can
// return in two processes and never in one. Check Component before acting on
// Outcome: a callee's own CallError passes through and names a boundary further
// down. It is [context.DeadlineExceeded] or [context.Canceled], by errors.Is,
// where its Cause is.
type CallError struct {
	// Component and Method name the boundary that failed.
	Component, Method string
	// Outcome says whether the method ran.
	Outcome Outcome
	// Cause is the reason; never nil. A panic of the callee is a *[PanicError].
	Cause error
}

// Error returns "stock.Reserve did not run: cause".
func (e *CallError) Error() string {
	verb := e.Outcome.String()
	if e.Outcome == Unknown {
		verb = "has an unknown outcome"
	}
	return fmt.Sprintf("%s.%s %s: %v", e.Component, e.Method, verb, e.Cause)
}

// Unwrap returns the cause.
func (e *CallError) Unwrap() error { return e.Cause }

// Timeout reports whether the deadline was the cause, as net.Error does.
func (e *CallError) Timeout() bool { return errors.Is(e.Cause, context.DeadlineExceeded) }

// PanicError is a callee's panic as its caller sees it.
type PanicError struct {
	// Text is the panic value, formatted; at most 256 bytes of it come from a
	// peer.
	Text string
}

// Error returns "panic: " and the text.
func (e *PanicError) Error() string { return "panic: " + e.Text }

// ArgsError says that the arguments of a call could not be decoded, so that the
// method did not run.
type ArgsError struct{ Cause error }

// Error returns "arguments: " and the cause.
func (e *ArgsError) Error() string { return "arguments: " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *ArgsError) Unwrap() error { return e.Cause }

// ResultError says that a method ran and that its results can't be delivered.
type ResultError struct{ Cause error }

// Error returns "results: " and the cause.
func (e *ResultError) Error() string { return "results: " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *ResultError) Unwrap() error { return e.Cause }
