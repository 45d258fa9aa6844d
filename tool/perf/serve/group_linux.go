package serve

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// group is a process group: all commands of one side, and what they start. Its
// leader is a shell that waits for the end of a pipe which nobody but this process
// has open. However this process ends, kill -9 included, the pipe ends with it, and
// the shell kills the group. While the leader is there no other group can get its
// number.
type group struct {
	leader *exec.Cmd
	hold   *os.File // the pipe
}

// guard ignores the signals by which the others are asked to end.
const guard = `trap "" HUP INT TERM; read -r _; kill -9 0`

func newGroup() (*group, error) {
	end, hold, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer end.Close()
	leader := exec.Command("/bin/sh", "-c", guard)
	leader.Stdin = end
	leader.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := leader.Start(); err != nil {
		_ = hold.Close()
		return nil, fmt.Errorf("a shell is needed to run commands: %w", err)
	}
	return &group{leader, hold}, nil
}

// join makes a command start in the group.
func (g *group) join(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: g.leader.Process.Pid}
}

// ask asks all of the group to end. There may be none.
func (g *group) ask() { _ = syscall.Kill(-g.leader.Process.Pid, syscall.SIGTERM) }

// kill kills all of the group, and gives up its number.
func (g *group) kill() error {
	err := syscall.Kill(-g.leader.Process.Pid, syscall.SIGKILL)
	_ = g.leader.Wait() // it was killed, and says so
	return errors.Join(err, g.hold.Close())
}

// tick is the unit of times in /proc: USER_HZ is 100 on all architectures.
const tick = 10 * time.Millisecond

// cpu returns the processor time that the processes of the group have taken, and
// what of it is of processes that have ended and were waited for by another of the
// group. That of processes that run is from their processor clocks, in nanoseconds
// and with all threads, ended ones included (clock_getcpuclockid(3), as
// linux/posix-timers.h numbers them: the number's complement, three bits further,
// and 2 for the scheduler's clock). /proc/PID/schedstat has the same precision but of
// one thread, and /proc/PID/task loses threads that have ended. Only for processes
// that have ended the kernel tells no more than ticks.
func (g *group) cpu() (all, reaped time.Duration, err error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return 0, 0, err
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		ended, ok := g.children(name)
		if !ok {
			continue
		}
		var t unix.Timespec
		switch err := unix.ClockGettime(int32(^pid<<3|2), &t); err {
		case nil:
			all += time.Duration(t.Nano()) + ended
			reaped += ended
		case unix.ESRCH, unix.EINVAL: // it has ended meanwhile
		default:
			return 0, 0, fmt.Errorf("cannot read the processor time of process %d: %w", pid, err)
		}
	}
	return all, reaped, nil
}

// The fields of /proc/PID/stat after the name, by proc_pid_stat(5).
const (
	fieldGroup    = 2  // pgrp
	fieldUser     = 13 // cutime
	fieldSystem   = 14 // cstime
	enoughOfThese = 15
)

// children returns the time of ended children of a process, and whether it is one
// of the group.
func (g *group) children(pid string) (time.Duration, bool) {
	data, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, false // it has ended meanwhile
	}
	text := string(data)
	f := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(f) < enoughOfThese || f[fieldGroup] != strconv.Itoa(g.leader.Process.Pid) {
		return 0, false
	}
	user, _ := strconv.ParseInt(f[fieldUser], 10, 64) // the kernel's own numbers
	system, _ := strconv.ParseInt(f[fieldSystem], 10, 64)
	return time.Duration(user+system) * tick, true
}
