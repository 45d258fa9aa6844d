package run

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// MaxPairs is how many pairs should be run with the same copies: where in memory
// a file lies is a bias of its own, which new copies turn into noise.
const MaxPairs = 10

// Copies makes canonical copies of both binaries: the bytes written anew, by the
// same means, under names of equal length. Of two equal binaries of which only
// one is a copy, one was 2 to 3 % slower (perf-gate.md section 4). headFirst says
// which is written first; who calls it alternates. The copies that were made
// before are removed, and must not be in use.
func (r *Runner) Copies(base, head Binary, headFirst bool) (b, h Binary, err error) {
	dir := filepath.Join(r.Dir, "copies")
	if err := os.RemoveAll(dir); err != nil {
		return base, head, fmt.Errorf("cannot copy the test binaries: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return base, head, fmt.Errorf("cannot copy the test binaries: %w", err)
	}
	b, h = base, head
	b.Path, h.Path = filepath.Join(dir, "base.test"), filepath.Join(dir, "head.test")
	list := [2][2]string{{base.Path, b.Path}, {head.Path, h.Path}}
	if headFirst {
		list[0], list[1] = list[1], list[0]
	}
	for _, c := range list {
		err := write(c[0], c[1])
		if errors.Is(err, syscall.ENOSPC) {
			err = fmt.Errorf("%w (HEMILITH_CACHE moves what perf writes to another disk)", err)
		}
		if err != nil {
			return base, head, fmt.Errorf("cannot copy the test binaries: %w", err)
		}
	}
	return b, h, nil
}

// write copies bytes through our own memory: a file system that would let both
// files share blocks is not asked.
func write(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	// A process that another goroutine starts now would inherit the file open for
	// writing, and then it could not be run ("text file busy").
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(struct{ io.Writer }{out}, struct{ io.Reader }{in})
	return errors.Join(err, out.Close())
}
