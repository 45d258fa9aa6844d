//go:build !linux

package serve

import (
	"errors"
	"os/exec"
	"time"
)

// group is there on Linux only: elsewhere the processor time of other processes,
// with those that they start, cannot be had without cgo.
type group struct{}

func newGroup() (*group, error) {
	return nil, errors.New("-cmd needs Linux, which tells the processor time of other processes: run it there, or in a Linux container")
}

func (*group) join(*exec.Cmd) {}

func (*group) ask() {}

func (*group) kill() error { return nil }

func (*group) cpu() (all, reaped time.Duration, err error) { return 0, 0, nil }
