//go:build unix && !linux

package build

import "syscall"

// dieWithUs does nothing where the kernel cannot: what runs goes on to its own end.
func dieWithUs(*syscall.SysProcAttr) {}
