package build

import "syscall"

// dieWithUs makes the kernel kill a command when we end, however that is: killed
// ourselves we could not.
func dieWithUs(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
