package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const (
	// maxOutput is how much of what a benchmark prints is kept, of each stream.
	maxOutput = 64 << 10
	// maxResults is how much is read of the results.
	maxResults = 16 << 20
	// killDelay is how long processes that a benchmark left may hold its output
	// open after it ended.
	killDelay = time.Second
)

// outcome is what a process left.
type outcome struct {
	results        string
	stdout, stderr string
	err            error // how it ended, nil for well
	late           bool
}

// start runs the benchmarks that match, in a process group that is gone when it
// returns. It fails only where nothing can be said of the benchmark.
func (r *Runner) start(ctx context.Context, bin Binary, match string, at setting, benchtime string, flags ...string) (*outcome, error) {
	if err := os.MkdirAll(r.resultsDir(), 0o755); err != nil {
		return nil, fmt.Errorf("no place for results: %w", err)
	}
	results, err := os.CreateTemp(r.resultsDir(), "")
	if err != nil {
		return nil, fmt.Errorf("no place for results: %w", err)
	}
	defer os.Remove(results.Name())
	defer results.Close()
	set := []string{"HEMILITH_PERF_RESULTS=" + results.Name()}
	if bin.Temp != "" {
		temp, err := os.MkdirTemp(bin.Temp, "")
		if err != nil {
			return nil, fmt.Errorf("no place for temporary files: %w", err)
		}
		defer os.RemoveAll(temp)
		set = append(set, "TMPDIR="+temp)
	}
	own, cancel := context.WithTimeout(ctx, r.timeout())
	defer cancel()
	p := strconv.Itoa(at.procs)
	cmd := exec.CommandContext(own, bin.Path, append([]string{
		"-test.run=^$", "-test.bench=" + match, "-test.benchtime=" + benchtime,
		"-test.count=1", "-test.benchmem", "-test.cpu=" + p,
		"-test.timeout=" + (2 * r.timeout()).String(), // if we are killed ourselves
	}, flags...)...)
	cmd.Dir = bin.Dir
	cmd.Env = environment(os.Environ(), append(set, "GOMAXPROCS="+p, "PWD="+bin.Dir)...)
	var stdout, stderr head
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = killDelay
	ownGroup(cmd)
	if err := r.begin(cmd, at.cpu); err != nil {
		return nil, fmt.Errorf("cannot run %s: %w", bin.Path, err)
	}
	err = cmd.Wait()
	killGroup(cmd)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it ended well; what it left is dead now
	}
	read, readErr := io.ReadAll(io.LimitReader(results, maxResults))
	if readErr != nil {
		return nil, fmt.Errorf("cannot read results: %w", readErr)
	}
	return &outcome{string(read), stdout.String(), stderr.String(), err, own.Err() != nil}, nil
}

// begin starts a process.
func (r *Runner) begin(cmd *exec.Cmd, cpu int) error {
	switch {
	case cpu != anyCPU:
		return startOn(cmd, cpu)
	case r.Start != nil:
		return r.Start(cmd)
	}
	return cmd.Start()
}

// environment returns env with some variables set anew.
func environment(env []string, set ...string) []string {
	var all []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		keep := true
		for _, s := range set {
			keep = keep && !strings.HasPrefix(s, name+"=")
		}
		if keep {
			all = append(all, v)
		}
	}
	return append(all, set...)
}

// head keeps the first maxOutput bytes that are written to it.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), maxOutput-h.Len())])
	return len(p), nil
}
