//go:build unix && !linux

package main

import "syscall"

// attributes puts a child into a process group of its own. When this process
// dies, its end of the child's standard input closes, and the child ends.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
