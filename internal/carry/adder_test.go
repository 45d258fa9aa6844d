package carry

import (
	"context"
	"errors"

	"github.com/hemilith/hemilith/wire"
)

// adder is the boundary of these tests, and its generated code by hand.
type adder interface {
	Add(ctx context.Context, a, b int) (int, error)
}

type addFunc func(ctx context.Context, a, b int) (int, error)

func (f addFunc) Add(ctx context.Context, a, b int) (int, error) { return f(ctx, a, b) }

var adderComponent = &wire.Component{
	Name:    "adder",
	Module:  "example.com/adder",
	Methods: []wire.Method{{ID: 1, Component: "adder", Name: "Add", NameHash: 0xadd}},
	Stub:    func(c wire.Caller) any { return adderStub{c} },
	Handlers: func(impl any) []wire.Handler {
		a, ok := impl.(adder)
		if !ok {
			return nil
		}
		return []wire.Handler{func(ctx context.Context, d *wire.Decoder, resp []byte) ([]byte, error) {
			return handleAdd(ctx, a, d, resp)
		}}
	},
	Late: func() (any, func(any) bool) {
		l := &adderLate{}
		return l, func(impl any) (ok bool) {
			l.adder, ok = impl.(adder)
			return ok
		}
	},
}

func handleAdd(ctx context.Context, impl adder, d *wire.Decoder, resp []byte) ([]byte, error) {
	var a, b int
	for num := d.Next(); num != 0; num = d.Next() {
		switch num {
		case 1:
			wire.ReadInt(d, &a)
		case 2:
			wire.ReadInt(d, &b)
		default:
			d.Skip()
		}
	}
	if d.Err() != nil {
		return nil, &wire.ArgsError{Cause: d.Err()}
	}
	if a == unencodable {
		return nil, &wire.ResultError{Cause: errors.New("can't be encoded")}
	}
	sum, err := impl.Add(ctx, a, b)
	var s wire.Scope
	resp = wire.AppendError(wire.AppendInt(resp, 1, sum), 2, err, &s)
	return resp, nil
}

// unencodable makes the handler fail to encode its result.
const unencodable = -1

type adderStub struct{ c wire.Caller }

func (s adderStub) Add(ctx context.Context, a, b int) (sum int, err error) {
	m := &adderComponent.Methods[0]
	c := s.c.Begin(ctx, m)
	defer s.c.End(c)
	c.Req = wire.AppendInt(wire.AppendInt(c.Req, 1, a), 2, b)
	if err := s.c.Do(c); err != nil {
		return 0, err
	}
	for num := c.Dec.Next(); num != 0; num = c.Dec.Next() {
		switch num {
		case 1:
			wire.ReadInt(&c.Dec, &sum)
		case 2:
			wire.ReadError(&c.Dec, &err)
		}
	}
	return sum, err
}

type adderLate struct{ adder }

func (l *adderLate) Add(ctx context.Context, a, b int) (int, error) {
	if l.adder == nil {
		return 0, &wire.CallError{Component: "adder", Method: "Add", Outcome: wire.DidNotRun, Cause: errors.New("not bound yet")}
	}
	return l.adder.Add(ctx, a, b)
}
