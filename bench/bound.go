package main

import (
	"context"
	"path/filepath"

	"github.com/hemilith/hemilith"
	"github.com/hemilith/hemilith/bench/echo"
)

// The services of hemilith.yaml.
const (
	front = "front"
	back  = "back"
)

// bind puts the boundary around impl.
func bind(impl *echo.Service) (echo.API, error) {
	return hemilith.Bind("echo", func() (echo.API, error) { return impl, nil })
}

// boundClient is the program that the benchmark takes as one process and as
// two: the environment says which.
func boundClient(ctx context.Context, _ task, drive driver) error {
	api, err := bind(echo.New())
	if err != nil {
		return err
	}
	hemilith.Role("bench", func(ctx context.Context) error { return drive(ctx, apiDialer(api)) })
	return hemilith.Run(ctx)
}

// boundServe is the same program; the service back does not host the role.
func boundServe(ctx context.Context, t task) error { return boundClient(ctx, t, nil) }

func strictEnv(task) []string { return []string{"HEMILITH_MODE=strict"} }

func remoteEnv(t task) []string {
	service := front
	if t.Serve {
		service = back
	}
	env := []string{
		"HEMILITH_SERVICE=" + service,
		"HEMILITH_CERT=" + filepath.Join(t.Certs, service+".pem"),
		"HEMILITH_KEY=" + filepath.Join(t.Certs, service+".key"),
		"HEMILITH_CA=" + filepath.Join(t.Certs, "ca.pem"),
	}
	if t.Serve {
		return append(env, "HEMILITH_LISTEN="+t.Addr)
	}
	return append(env, "HEMILITH_PEERS="+back+"="+t.Addr)
}
