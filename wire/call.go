// Package wire turns values into bytes and back, and is what generated code
// imports. It is pure: it does no I/O and reads no clock.
package wire

import "context"

// Call is one call on its way through a stub. A [Caller] hands it out and takes
// it back, so that a small call needs no allocation. It belongs to one
// goroutine from Begin to End.
type Call struct {
	// Ctx is the caller's context: its deadline, its cancellation and its trace
	// travel with the call.
	Ctx context.Context
	// Method is the method called; it points into a registered [Component].
	Method *Method
	// Req is the encoded argument message; the stub appends to it.
	Req []byte
	// Dec reads the encoded result message once Do has returned nil.
	Dec Decoder
	// Carrier is the caller's own state; generated code leaves it alone.
	Carrier any
}

// Caller carries calls from a stub to the implementation. It is safe for
// concurrent use; each [Call] is not.
type Caller interface {
	// Begin returns a Call for m with an empty Req. It never blocks.
	Begin(ctx context.Context, m *Method) *Call
	// Do carries c and waits for its answer or for the end of its context.
	// An error is always a *[CallError] with its Outcome; after nil, c.Dec holds
	// the results.
	Do(c *Call) error
	// End gives c back. Neither c nor what c.Req and c.Dec refer to may be used
	// afterwards, but for values that the Decoder returned.
	End(c *Call)
}

// Handler serves one method: it decodes the arguments from d, calls the
// implementation, appends the result message to resp and returns it. Its error
// is an *[ArgsError] (the method did not run) or a *[ResultError] (it ran and
// its answer can't be delivered); an error that the method returned is part of
// the result message. It does not recover panics: its caller does.
type Handler func(ctx context.Context, d *Decoder, resp []byte) ([]byte, error)
