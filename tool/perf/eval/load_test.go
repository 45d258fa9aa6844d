package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// hold starts load and ends when it is killed.
func hold() {
	if _, err := startLoad(2, os.Stderr); err != nil {
		panic(err)
	}
	fmt.Println("started")
	select {}
}

// TestLoadEndsWhenItsParentIsKilled: what the busy processes share with the test
// is a pipe, of which the end is seen when none of them is left.
func TestLoadEndsWhenItsParentIsKilled(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	parent := exec.Command(os.Args[0], holdFlag)
	parent.Stderr = write
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if _, err := io.ReadFull(stdout, make([]byte, len("started"))); err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(read); err != nil || len(said) > 0 {
		t.Errorf("said %q, %v", said, err)
	}
	_ = parent.Wait() // killed
}

func TestLoadEndsWhenItIsClosed(t *testing.T) {
	t.Parallel()
	l, err := startLoad(2, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	for _, p := range l.processes {
		if p.ProcessState == nil {
			t.Errorf("process %d was not waited for", p.Process.Pid)
		}
	}
}

func TestBusyEndsWithItsInput(t *testing.T) {
	t.Parallel()
	busy(strings.NewReader("")) // or the test never ends
}
