// Package hemitest runs a user's test in every mode that a boundary has: as
// plain calls, with everything copied, and over mutual TLS by memory and by
// loopback. The test and the program under it stay as they are.
//
//	func TestShop(t *testing.T) {
//		hemitest.Each(t, func(t *testing.T) {
//			app, err := build(testConfig(t)) // calls hemilith.Bind
//			...
//		})
//	}
//
// A whole test binary runs in one mode without a line changed:
//
//	HEMILITH_MODE=strict go test ./...
package hemitest

import (
	"log/slog"
	"os"
	"testing"

	"github.com/hemilith/hemilith/internal/carry"
	"github.com/hemilith/hemilith/layout"
)

// Each runs test once per mode, as subtests named inprocess, strict,
// remote-memory and remote. Each subtest begins with nothing bound, and what it
// has bound is closed when it ends. A mode belongs to the process, so neither t
// nor the subtests may be parallel: t.Setenv sees to that.
func Each(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	for _, mode := range carry.Modes() {
		t.Run(string(mode), func(t *testing.T) {
			t.Helper()
			use(t, mode)
			test(t)
		})
	}
}

// use makes the current process a fresh monolith in that mode until t ends.
func use(t *testing.T, mode carry.Mode) {
	t.Helper()
	t.Setenv(carry.EnvMode, string(mode))
	t.Setenv(carry.EnvService, "")
	p := carry.New(os.Getenv, layout.Registered(), slog.New(slog.NewTextHandler(t.Output(), nil)))
	former := carry.Replace(p)
	t.Cleanup(func() {
		p.Close()
		carry.Replace(former)
	})
}
