package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gitenv"
)

// repo is a git repository that is only read: what git writes for us goes to an
// index and an object store of our own.
type repo struct {
	root string   // of the user's worktree
	env  []string // on top
}

// openRepo finds the repository that dir is in.
func openRepo(ctx context.Context, dir string) (*repo, error) {
	r := &repo{root: dir}
	root, err := r.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return nil, fmt.Errorf("git is needed to compare two commits: %w", err)
		}
		return nil, refused(dir, err)
	}
	r.root = root
	return r, nil
}

// refused says why git finds no worktree around dir.
func refused(dir string, err error) error {
	switch said := err.Error(); {
	case strings.Contains(said, "dubious ownership"):
		return fmt.Errorf("git refuses %[1]s, which belongs to another user: git config --global --add safe.directory %[1]s, then try again", dir)
	case strings.Contains(said, "must be run in a work tree"):
		return fmt.Errorf("%s is a git repository without worktree: clone it, and run perf in the clone", dir)
	case strings.Contains(said, "not a git repository"):
		return fmt.Errorf("%s is not in the worktree of a git repository: perf compares two of its commits", dir)
	}
	return fmt.Errorf("%s cannot be compared: %w", dir, err)
}

// with returns the repository with more environment.
func (r *repo) with(env ...string) *repo {
	return &repo{root: r.root, env: append(append([]string(nil), r.env...), env...)}
}

// git runs a command in the worktree's root and returns its output without the
// last newline.
func (r *repo) git(ctx context.Context, args ...string) (string, error) {
	cmd := gitenv.Command(ctx, r.root, args...)
	cmd.Env = append(cmd.Env, r.env...)
	var talk bytes.Buffer
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("git %s: %w%s", args[0], err, indented(fullDisk(talk.String())))
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// DiskHint is how to take another disk than the one that is full.
const DiskHint = "(perf writes below HEMILITH_CACHE, and the go command below GOCACHE: move one to another disk)"

// FullDisk tells whether words are about a full disk, be they ours or another program's.
func FullDisk(words string) bool {
	return strings.Contains(strings.ToLower(words), "no space left on device")
}

// fullDisk adds to what another program says of a full disk how to take another.
func fullDisk(talk string) string {
	if !FullDisk(talk) {
		return talk
	}
	return strings.TrimSpace(talk) + "\n" + DiskHint
}

// maxErrorLines is how much of another program's complaint is shown.
const maxErrorLines = 12

// indented returns the first lines of text, each on a line of its own below
// what it explains, or "".
func indented(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if lines[0] == "" {
		return ""
	}
	if more := len(lines) - maxErrorLines; more > 0 {
		lines = append(lines[:maxErrorLines], fmt.Sprintf("(%d more lines)", more))
	}
	return "\n\t" + strings.Join(lines, "\n\t")
}
