package local

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// attributes give a process a group of its own, so that a Ctrl-C at the
// terminal reaches it by way of us alone, and end it if we die.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// began tells a process from others that had its number: the clock ticks from
// the start of the system to its own, field 22 of proc_pid_stat(5), or "0".
func began(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "0"
	}
	const skipped = 19                                // from field 3, the first after the name
	rest := string(b[bytes.LastIndexByte(b, ')')+1:]) // the name may hold anything
	if fields := strings.Fields(rest); len(fields) > skipped {
		return fields[skipped]
	}
	return "0"
}
