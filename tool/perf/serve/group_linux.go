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

// kill kills all members, and gives up the group's number.
func (g *group) kill() error {
	members, err := g.members()
	for _, m := range members {
		_ = syscall.Kill(m.pid, syscall.SIGKILL) // it may have ended meanwhile
	}
	err = errors.Join(err, syscall.Kill(-g.leader.Process.Pid, syscall.SIGKILL))
	_ = g.leader.Wait() // it was killed, and says so
	return errors.Join(err, g.hold.Close())
}

// member is a process of the group, or a descendant of one, which may have made a
// group of its own.
type member struct {
	pid   int
	ended time.Duration // what children took that have ended and were waited for
}

// members lists them. A process that left its parents and the group, as daemons do,
// is none.
func (g *group) members() ([]member, error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	children := make(map[int][]status)
	var all []member
	var add func(s status)
	add = func(s status) {
		all = append(all, s.member)
		for _, c := range children[s.pid] {
			add(c)
		}
	}
	var own []status
	for _, name := range names {
		s, ok := readStatus(name)
		switch {
		case !ok:
		case s.group == g.leader.Process.Pid:
			own = append(own, s)
		default:
			children[s.parent] = append(children[s.parent], s)
		}
	}
	for _, s := range own {
		add(s)
	}
	return all, nil
}

// status is what /proc tells of a process.
type status struct {
	member
	parent, group int
}

// The fields of /proc/PID/stat after the name, by proc_pid_stat(5).
const (
	fieldParent   = 1  // ppid
	fieldGroup    = 2  // pgrp
	fieldUser     = 13 // cutime
	fieldSystem   = 14 // cstime
	enoughOfThese = 15
)

// tick is the unit of times in /proc: USER_HZ is 100 on all architectures.
const tick = 10 * time.Millisecond

// readStatus reads that of a process, unless the name is of something else in /proc
// or it has ended meanwhile.
func readStatus(name string) (s status, ok bool) {
	pid, err := strconv.Atoi(name)
	if err != nil {
		return s, false
	}
	data, err := os.ReadFile("/proc/" + name + "/stat")
	if err != nil {
		return s, false
	}
	text := string(data)
	f := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(f) < enoughOfThese {
		return s, false
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(f[i]) // the kernel's own numbers
		return n
	}
	ended := time.Duration(number(fieldUser)+number(fieldSystem)) * tick
	return status{member{pid, ended}, number(fieldParent), number(fieldGroup)}, true
}

// cpu returns the processor time that the members have taken, and what of it is of
// processes that have ended and were waited for by a member. That of processes that
// run is from their processor clocks, in nanoseconds and with all threads, ended ones
// included (clock_getcpuclockid(3), as linux/posix-timers.h numbers them: the number's
// complement, three bits further, and 2 for the scheduler's clock). /proc/PID/schedstat
// has the same precision but of one thread, and /proc/PID/task loses threads that have
// ended. Only for processes that have ended the kernel tells no more than ticks.
func (g *group) cpu() (all, reaped time.Duration, err error) {
	members, err := g.members()
	if err != nil {
		return 0, 0, err
	}
	for _, m := range members {
		var t unix.Timespec
		switch err := unix.ClockGettime(int32(^m.pid<<3|2), &t); err {
		case nil:
			all += time.Duration(t.Nano()) + m.ended
			reaped += m.ended
		case unix.ESRCH, unix.EINVAL: // it has ended meanwhile
		default:
			return 0, 0, fmt.Errorf("cannot read the processor time of process %d: %w", m.pid, err)
		}
	}
	return all, reaped, nil
}
