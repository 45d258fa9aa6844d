package run

import (
	"errors"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// allowed are the processors that we may run on, not nil.
func allowed() []int {
	list := []int{}
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return list
	}
	for cpu := 0; len(list) < set.Count(); cpu++ {
		if set.IsSet(cpu) {
			list = append(list, cpu)
		}
	}
	return list
}

// startOn starts a command that stays on one processor. A process inherits that from
// the thread that starts it; the Go runtime makes no other thread from one that is
// locked.
func startOn(cmd *exec.Cmd, cpu int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var old, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &old); err != nil {
		return err
	}
	one.Set(cpu)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return err
	}
	err := cmd.Start()
	if back := unix.SchedSetaffinity(0, &old); back != nil && err == nil {
		killGroup(cmd)
		err = errors.Join(back, cmd.Wait())
	}
	return err
}
