package count

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/hemilith/hemilith/tool/perf/run"
)

const (
	// maxLog bounds what is read of what valgrind says.
	maxLog = 1 << 20
	// maxSaid is how many of its lines are shown.
	maxSaid = 4
)

// valgrind counts in valgrind.
type valgrind struct {
	version   string // as "valgrind 3.19.0"
	path, dir string
	runner    *run.Runner
}

// findValgrind finds valgrind, as Find does.
func findValgrind(ctx context.Context, dir string) (*valgrind, error) {
	path, err := exec.LookPath("valgrind")
	if err != nil {
		return nil, ErrAbsent
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	return valgrindAt(ctx, path, dir)
}

// valgrindAt is the valgrind at a path.
func valgrindAt(ctx context.Context, path, dir string) (*valgrind, error) {
	out, err := exec.CommandContext(ctx, path, "--command-line-only=yes", "--version").Output()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	version, ok := strings.CutPrefix(strings.TrimSpace(string(out)), "valgrind-")
	if err != nil || !ok || strings.ContainsAny(version, " \n") {
		return nil, fmt.Errorf("instructions are not counted: %s --version does not work: install valgrind anew", path)
	}
	return &valgrind{version: "valgrind " + version, path: path, dir: dir, runner: &run.Runner{Dir: dir, Timeout: maxRun}}, nil
}

// count implements tool.
func (v *valgrind) count(ctx context.Context, name string, bin run.Binary, n int) (count float64, err error) {
	own, err := os.MkdirTemp(v.dir, "count-")
	if err != nil {
		return 0, fmt.Errorf("no place to count instructions: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(own)) }()
	log := filepath.Join(own, "log")
	script := filepath.Join(own, "run")
	if err := write(script, v.script(bin.Path, log)); err != nil {
		return 0, err
	}
	_, err = v.runner.Once(ctx, run.Binary{Path: script, Dir: bin.Dir}, name, 1, n)
	return v.read(log, name, err)
}

// script starts a binary in valgrind's cachegrind, which counts exactly, without
// its model of caches; of the tools that count it is the fastest. The
// garbage collector rests, since when it works is not the benchmark's doing: 8 ms
// of it seldom allocate more than half the limit. Settings of valgrind that the user
// has elsewhere are not read.
func (v *valgrind) script(bin, log string) string {
	args := []string{
		v.path, "--command-line-only=yes", "--tool=cachegrind", "--cache-sim=no",
		"--cachegrind-out-file=/dev/null", "--vgdb=no", "--log-file=" + strings.ReplaceAll(log, "%", "%%"), bin,
	}
	for i, a := range args {
		args[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return "#!/bin/sh\nexport GOGC=off GOMEMLIMIT=" + memoryLimit + "\nexec " + strings.Join(args, " ") + " \"$@\"\n"
}

// write writes a program. No process that another goroutine starts may inherit it
// while it is open: it could not be run ("text file busy").
func write(path, text string) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(path, []byte(text), 0o755)
}

var (
	// counted is cachegrind's sum, as all its versions write it.
	counted = regexp.MustCompile(`(?m)^==\d+== I +refs: +([\d,]+)$`)
	// spoken is the start of valgrind's lines, and not of those of one that runs in it.
	spoken = regexp.MustCompile(`^(==\d+== ?|--\d+-- ?)`)
)

// read takes the count out of valgrind's log; failed is how the benchmark ended.
func (v *valgrind) read(log, name string, failed error) (float64, error) {
	said, err := readLog(log)
	if err != nil && failed == nil {
		return 0, fmt.Errorf("%s left no count of %s: it wrote no log", v.version, name)
	}
	unfit := func(why string) error { return fmt.Errorf("%s %s (%w)", v.version, why, errUnfit) }
	m := counted.FindStringSubmatch(said)
	switch {
	case failed == nil && m != nil:
		return strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
	case strings.Contains(said, "unhandled instruction bytes"):
		return 0, unfit("does not know an instruction of " + name + ": a newer one may")
	case strings.Contains(said, "the 'impossible' happened"):
		return 0, unfit("broke down in " + name + ":" + lines(said, "valgrind: "))
	case failed != nil:
		return 0, fmt.Errorf("in %s, %w", v.version, failed)
	}
	return 0, unfit("gave no count of " + name + ":" + lines(said, ""))
}

func readLog(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxLog))
	return string(data), err
}

// lines are the first lines that hold a word, each below what they explain.
func lines(said, word string) string {
	text, n := "", 0
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(spoken.ReplaceAllString(line, ""))
		if line != "" && strings.Contains(line, word) && n < maxSaid {
			text += "\n\t" + line
			n++
		}
	}
	return text
}
