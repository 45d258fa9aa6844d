package link

import (
	"syscall"
	"time"
)

// naps says that nap is there.
const naps = true

// nap sleeps in the operating system. A timer of the Go runtime, as short as the
// thief's, keeps its own monitor awake and costs each call 5 us and more
// (measured, tiny calls of one caller).
func nap(d time.Duration) {
	ts := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&ts, nil) // cut short by a signal, it is a shorter tick
}
