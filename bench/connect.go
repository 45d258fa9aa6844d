package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"github.com/hemilith/hemilith/bench/echo"
	"github.com/hemilith/hemilith/bench/echopb"
)

// The paths of the methods.
const (
	addPath  = "/bench.echo.v1.Echo/Add"
	echoPath = "/bench.echo.v1.Echo/Echo"
)

func connectServe(ctx context.Context, t task) error {
	config, err := t.tls("h2")
	if err != nil {
		return err
	}
	impl := grpcService{impl: echo.New()}
	mux := http.NewServeMux()
	mux.Handle(addPath, connect.NewUnaryHandler(addPath,
		func(ctx context.Context, r *connect.Request[echopb.AddRequest]) (*connect.Response[echopb.AddResponse], error) {
			sum, err := impl.Add(ctx, r.Msg)
			return connect.NewResponse(sum), err
		}))
	mux.Handle(echoPath, connect.NewUnaryHandler(echoPath,
		func(ctx context.Context, r *connect.Request[echopb.Order]) (*connect.Response[echopb.Order], error) {
			o, err := impl.Echo(ctx, r.Msg)
			return connect.NewResponse(o), err
		}))
	l, err := net.Listen("tcp", t.Addr)
	if err != nil {
		return err
	}
	s := &http.Server{Handler: mux, TLSConfig: config, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	if err := s.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func connectClient(ctx context.Context, t task, drive driver) error {
	config, err := t.tls("h2")
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	hc := &http.Client{Transport: transport}
	add := connect.NewClient[echopb.AddRequest, echopb.AddResponse](hc, "https://"+t.Addr+addPath)
	echoed := connect.NewClient[echopb.Order, echopb.Order](hc, "https://"+t.Addr+echoPath)
	return drive(ctx, pbDialer(
		func(ctx context.Context, r *echopb.AddRequest) (*echopb.AddResponse, error) {
			return message(add.CallUnary(ctx, connect.NewRequest(r)))
		},
		func(ctx context.Context, o *echopb.Order) (*echopb.Order, error) {
			return message(echoed.CallUnary(ctx, connect.NewRequest(o)))
		},
	))
}

func message[T any](r *connect.Response[T], err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return r.Msg, nil
}
