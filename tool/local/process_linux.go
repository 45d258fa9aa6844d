package local

import "syscall"

// attributes give a process a group of its own, so that a Ctrl-C at the
// terminal reaches it by way of us alone, and end it if we die.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
