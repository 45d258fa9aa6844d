package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// busyFlag makes this program one of the busy processes.
const busyFlag = "-busy"

// maxBusy bounds the life of a busy process that nobody ends, and maxLoad how
// many there may be.
const (
	maxBusy = 12 * time.Hour
	maxLoad = 64
)

// load is busy processes. They end with it, and with this process, whatever ends
// that: their standard input is a pipe whose other end nobody else has.
type load struct {
	processes []*exec.Cmd
	pipes     []io.Closer
}

// startLoad starts n busy processes. Errors of theirs go to stderr.
func startLoad(n int, stderr io.Writer) (*load, error) {
	if n > maxLoad {
		return nil, fmt.Errorf("-load %d: want at most %d", n, maxLoad)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	l := &load{}
	for range n {
		cmd := exec.Command(self, busyFlag)
		cmd.Stderr = stderr
		pipe, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("cannot start load: %w", err), l.Close())
		}
		l.processes, l.pipes = append(l.processes, cmd), append(l.pipes, pipe)
	}
	return l, nil
}

// Close ends the processes and waits for them.
func (l *load) Close() error {
	var errs []error
	for i, cmd := range l.processes {
		errs = append(errs, l.pipes[i].Close(), cmd.Wait())
	}
	return errors.Join(errs...)
}

// busy works until there is nothing more to read: on numbers, and on more memory
// than caches hold.
func busy(from io.Reader) {
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, from)
		close(done)
	}()
	const size = 8 << 20
	a, b := bytes.Repeat([]byte("busy"), size/4), make([]byte, size)
	for began := time.Now(); time.Since(began) < maxBusy; {
		select {
		case <-done:
			return
		default:
		}
		copy(b, a)
		for i := range b {
			b[i] = b[i]*3 + 1
		}
	}
}

// loadAverage is how many processes wanted a processor in the last minute, as
// Linux says; 0 elsewhere.
func loadAverage() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	x, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return x
}
