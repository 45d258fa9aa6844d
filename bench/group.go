package main

import "syscall"

// killGroup kills the child of that number and what it has started.
func killGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGKILL) }
