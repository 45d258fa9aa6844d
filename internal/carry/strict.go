package carry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hemilith/hemilith/wire"
)

// strictCaller carries calls within the process as if they crossed: arguments,
// results and errors are encoded and decoded, the context is rebuilt, a panic
// becomes an error. It is safe for concurrent use.
type strictCaller struct {
	handlers map[uint32]wire.Handler
	timeout  time.Duration
	calls    sync.Pool
}

func newStrict(c *wire.Component, impl any, timeout time.Duration) (*strictCaller, error) {
	handlers := c.Handlers(impl)
	if handlers == nil {
		return nil, fmt.Errorf("hemilith: component %q: the generated code does not know %T: run hemilith gen and build again", c.Name, impl)
	}
	s := &strictCaller{handlers: make(map[uint32]wire.Handler, len(handlers)), timeout: timeout}
	for i := range c.Methods {
		s.handlers[c.Methods[i].ID] = handlers[i]
	}
	return s, nil
}

// strictScratch is the callee's side of a call, pooled with it.
type strictScratch struct{ dec wire.Decoder }

// Begin implements [wire.Caller].
func (s *strictCaller) Begin(ctx context.Context, m *wire.Method) *wire.Call {
	c, _ := s.calls.Get().(*wire.Call)
	if c == nil {
		c = &wire.Call{Carrier: new(strictScratch)}
	}
	c.Ctx, c.Method, c.Req = ctx, m, c.Req[:0]
	return c
}

// End implements [wire.Caller].
func (s *strictCaller) End(c *wire.Call) {
	c.Ctx, c.Method = nil, nil
	c.Dec.Reset(nil, false)
	s.calls.Put(c)
}

// Do implements [wire.Caller]. It runs the method on the caller's goroutine, so
// that it returns when the method does, not when the context ends.
func (s *strictCaller) Do(c *wire.Call) error {
	if err := c.Ctx.Err(); err != nil {
		return callError(c.Method, wire.DidNotRun, err)
	}
	ctx, cancel := s.calleeContext(c.Ctx)
	defer cancel()
	dec := &c.Carrier.(*strictScratch).dec
	dec.Reset(c.Req, false)
	resp, err := runHandler(ctx, s.handlers[c.Method.ID], dec)
	if err != nil {
		return callError(c.Method, outcomeOf(err), err)
	}
	c.Dec.Reset(resp, true)
	return nil
}

// calleeContext is what a callee in another process would see of ctx: its
// deadline (or the default), its end, its trace.
func (s *strictCaller) calleeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	narrow := narrowContext{ctx}
	if _, ok := ctx.Deadline(); ok {
		return narrow, func() {}
	}
	return context.WithTimeout(narrow, s.timeout)
}

func runHandler(ctx context.Context, h wire.Handler, d *wire.Decoder) (resp []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			resp, err = nil, &wire.PanicError{Text: fmt.Sprintf("%.256s", fmt.Sprint(v))}
		}
	}()
	return h(ctx, d, nil)
}

func outcomeOf(err error) wire.Outcome {
	if _, ok := errors.AsType[*wire.ArgsError](err); ok {
		return wire.DidNotRun
	}
	return wire.Ran
}

func callError(m *wire.Method, o wire.Outcome, cause error) *wire.CallError {
	return &wire.CallError{Component: m.Component, Method: m.Name, Outcome: o, Cause: cause}
}

// narrowContext lets through a context's deadline, end and trace, and no value.
type narrowContext struct{ context.Context }

// Value returns the trace and nothing else.
func (n narrowContext) Value(key any) any {
	if wire.TraceKey(key) {
		return n.Context.Value(key)
	}
	return nil
}

// AfterFunc spares children of n a goroutine each; package context looks for it.
func (n narrowContext) AfterFunc(f func()) func() bool {
	return context.AfterFunc(n.Context, f)
}
