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
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/hemilith/hemilith/tool/perf/run"
)

const (
	// maxAtOnce bounds how many runs there are at a time; each may take
	// memoryLimit.
	maxAtOnce = 4
	// memoryLimit is when the garbage collector works after all.
	memoryLimit = "1GiB"
	// maxLog bounds what is read of what valgrind says.
	maxLog = 1 << 20
	// maxSaid is how many of its lines are shown.
	maxSaid = 4
)

// ErrAbsent says that nothing counts on this machine. All else works without.
var ErrAbsent = errors.New("instructions are not counted: valgrind is not installed")

// errUnfit is of what fails again if it is tried again.
var errUnfit = errors.New("valgrind cannot run it")

// Counter counts with valgrind. It is safe for concurrent use.
type Counter struct {
	// Version is that of valgrind, as "valgrind 3.19.0".
	Version string

	path, dir string
	atOnce    int
	runner    *run.Runner
}

// Find finds valgrind. Dir is an existing directory for the counter alone, on a
// disk that programs can run from. The error is ErrAbsent if there is none, or
// says what is wrong with it.
func Find(ctx context.Context, dir string) (*Counter, error) {
	path, err := exec.LookPath("valgrind")
	if err != nil {
		return nil, ErrAbsent
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	return at(ctx, path, dir)
}

// at returns a counter with the valgrind at a path.
func at(ctx context.Context, path, dir string) (*Counter, error) {
	out, err := exec.CommandContext(ctx, path, "--command-line-only=yes", "--version").Output()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	version, ok := strings.CutPrefix(strings.TrimSpace(string(out)), "valgrind-")
	if err != nil || !ok || strings.ContainsAny(version, " \n") {
		return nil, fmt.Errorf("instructions are not counted: %s --version does not work: install valgrind anew", path)
	}
	return &Counter{
		Version: "valgrind " + version, path: path, dir: dir,
		atOnce: min(runtime.NumCPU(), maxAtOnce), runner: &run.Runner{Dir: dir, Timeout: maxRun},
	}, nil
}

// run runs a job in valgrind.
func (c *Counter) run(ctx context.Context, name string, j *job) {
	own, err := os.MkdirTemp(c.dir, "count-")
	if err != nil {
		j.err = fmt.Errorf("no place to count instructions: %w", err)
		return
	}
	log := filepath.Join(own, "log")
	script := filepath.Join(own, "run")
	if j.err = write(script, c.script(j.bin.Path, log)); j.err == nil {
		_, err = c.runner.Once(ctx, run.Binary{Path: script, Dir: j.bin.Dir}, name, 1, j.n)
		j.count, j.err = c.read(log, name, err)
	}
	j.err = errors.Join(j.err, os.RemoveAll(own))
}

// script starts a binary in valgrind's cachegrind, which counts exactly, without
// its model of caches; of the tools that count it is the fastest. The
// garbage collector rests, since when it works is not the benchmark's doing: 8 ms
// of it seldom allocate more than half the limit. Settings of valgrind that the user
// has elsewhere are not read.
func (c *Counter) script(bin, log string) string {
	args := []string{
		c.path, "--command-line-only=yes", "--tool=cachegrind", "--cache-sim=no",
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
func (c *Counter) read(log, name string, failed error) (float64, error) {
	said, err := readLog(log)
	if err != nil && failed == nil {
		return 0, fmt.Errorf("%s left no count of %s: it wrote no log", c.Version, name)
	}
	unfit := func(why string) error { return fmt.Errorf("%s %s (%w)", c.Version, why, errUnfit) }
	m := counted.FindStringSubmatch(said)
	switch {
	case failed == nil && m != nil:
		return strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
	case strings.Contains(said, "unhandled instruction bytes"):
		return 0, unfit("does not know an instruction of " + name + ": a newer one may")
	case strings.Contains(said, "the 'impossible' happened"):
		return 0, unfit("broke down in " + name + ":" + lines(said, "valgrind: "))
	case failed != nil:
		return 0, fmt.Errorf("in %s, %w", c.Version, failed)
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
