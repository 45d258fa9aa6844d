package main

import (
	"context"
	"fmt"
	"net"

	"github.com/hemilith/hemilith/bench/echo"
	"github.com/hemilith/hemilith/bench/echopb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"
)

// grpcService is the component behind generated protobuf types.
type grpcService struct {
	echopb.UnimplementedEchoServer
	impl *echo.Service
}

// Add implements echopb.EchoServer.
func (s grpcService) Add(ctx context.Context, r *echopb.AddRequest) (*echopb.AddResponse, error) {
	sum, err := s.impl.Add(ctx, r.A, r.B)
	return &echopb.AddResponse{Sum: sum}, err
}

// Echo implements echopb.EchoServer. The order stays as protobuf has it, which
// saves the conversions that a program with types of its own would pay for.
func (grpcService) Echo(_ context.Context, o *echopb.Order) (*echopb.Order, error) { return o, nil }

func grpcServe(ctx context.Context, t task) error {
	config, err := t.tls("h2")
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", t.Addr)
	if err != nil {
		return err
	}
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(config)))
	echopb.RegisterEchoServer(s, grpcService{impl: echo.New()})
	stop := context.AfterFunc(ctx, s.Stop)
	defer stop()
	return s.Serve(l)
}

func grpcClient(ctx context.Context, t task, drive driver) error {
	config, err := t.tls("h2")
	if err != nil {
		return err
	}
	conn, err := grpc.NewClient("passthrough:///"+t.Addr, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		return err
	}
	defer conn.Close()
	c := echopb.NewEchoClient(conn)
	return drive(ctx, pbDialer(
		func(ctx context.Context, r *echopb.AddRequest) (*echopb.AddResponse, error) { return c.Add(ctx, r) },
		func(ctx context.Context, o *echopb.Order) (*echopb.Order, error) { return c.Echo(ctx, o) },
	))
}

// pbDialer calls by way of protobuf messages.
func pbDialer(
	add func(context.Context, *echopb.AddRequest) (*echopb.AddResponse, error),
	echoed func(context.Context, *echopb.Order) (*echopb.Order, error),
) dialer {
	return func(ctx context.Context, p payload, _ int) (caller, error) {
		if p == tiny {
			call := pbAddCaller(add)
			return call, call(ctx, 1)
		}
		want := echopb.Sample()
		got, err := echoed(ctx, want)
		if err == nil && !proto.Equal(got, want) {
			err = fmt.Errorf("echo: got %v, want %v", got, want)
		}
		return pbEchoCaller(echoed, want), err
	}
}

func pbAddCaller(add func(context.Context, *echopb.AddRequest) (*echopb.AddResponse, error)) caller {
	r := &echopb.AddRequest{B: 1_000_003}
	return func(ctx context.Context, n int) error {
		for range n {
			r.A++
			sum, err := add(ctx, r)
			if err := checkSum(r.A, sum.GetSum(), err); err != nil {
				return err
			}
		}
		return nil
	}
}

func pbEchoCaller(echoed func(context.Context, *echopb.Order) (*echopb.Order, error), o *echopb.Order) caller {
	return func(ctx context.Context, n int) error {
		for range n {
			o.Id++
			back, err := echoed(ctx, o)
			if err := checkOrder(o.Id, back.GetId(), len(back.GetLines()), err); err != nil {
				return err
			}
		}
		return nil
	}
}
