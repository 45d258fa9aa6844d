package local

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// pipeGrace is how long output is read after the end of a process whose
// children still hold its pipe.
const pipeGrace = time.Second

// service keeps one process running.
type service struct {
	group   *Group
	number  int
	process Process
	err     error // set before run returns

	mu     sync.Mutex
	pid    int
	starts int
	latest time.Time
}

func (s *service) info() Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Info{
		Name: s.process.Service, PID: s.pid, Addr: s.process.Addr,
		Restarts: max(0, s.starts-1), Started: s.latest,
	}
}

// run starts the process, and again whenever it dies, until the group drains or
// the process ends by itself without an error.
func (s *service) run() {
	// The parent-death signal is sent at the end of the thread that started the
	// process (prctl(2)), so that thread is kept.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var b Backoff
	for {
		began := time.Now()
		pid, err := s.once()
		life := time.Since(began)
		select {
		case <-s.group.draining:
			s.drained(pid, err)
			return
		default:
		}
		if err == nil {
			s.report(Ended, pid, nil)
			return
		}
		delay := b.Died(life)
		s.group.event(Event{Service: s.process.Service, Kind: Exited, PID: pid, Delay: delay, Deaths: b.Deaths, Text: err.Error()})
		select {
		case <-s.group.draining:
			s.report(Ended, 0, fmt.Errorf("it was down: %w", err))
			return
		case <-time.After(delay):
		}
	}
}

// drained notes how the process ended after it was asked to.
func (s *service) drained(pid int, err error) {
	s.report(Ended, pid, err)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		s.err = fmt.Errorf("%s ended with %w while it drained", s.process.Service, err)
	}
}

func (s *service) report(kind Kind, pid int, err error) {
	text := "exit status 0"
	if err != nil {
		text = err.Error()
	}
	s.group.event(Event{Service: s.process.Service, Kind: kind, PID: pid, Text: text})
}

// once runs one process to its end.
func (s *service) once() (pid int, err error) {
	out := &liner{sink: s.group.sink, name: s.process.Service, n: s.number}
	cfg := &s.group.cfg
	cmd := exec.Command(cfg.Binary, cfg.Args...)
	cmd.Dir = cfg.Dir
	cmd.Env = environ(cfg.Env, s.process)
	cmd.Stdout, cmd.Stderr = out, out // the same: one pipe, so that the order is kept
	cmd.WaitDelay = pipeGrace
	cmd.SysProcAttr = attributes()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	pid = cmd.Process.Pid
	s.started(pid)
	ended, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		s.watch(pid, ended)
	}()
	err = cmd.Wait()
	close(ended)
	<-watched
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it ended well, and something that it started holds its pipe
	}
	killGroup(pid) // what it has left behind
	out.end()
	s.mu.Lock()
	s.pid = 0
	s.mu.Unlock()
	return pid, err
}

func (s *service) started(pid int) {
	s.mu.Lock()
	s.pid = pid
	s.starts++
	s.latest = time.Now()
	s.mu.Unlock()
	s.group.event(Event{Service: s.process.Service, Kind: Started, PID: pid})
}

// watch asks the process to end when the group drains, and kills it when the
// group has lost patience.
func (s *service) watch(pid int, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-s.group.draining:
	}
	terminate(pid)
	select {
	case <-ended:
	case <-s.group.killing:
		killGroup(pid)
		s.err = fmt.Errorf("%s did not drain in time and was killed", s.process.Service)
		s.report(Killed, pid, s.err)
	}
}
