package history

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// maxStuck is how often a push may be rejected without anybody else's having
// succeeded: somebody may be in the middle of one.
const maxStuck = 10

// Fetch adds the runs of a remote, by name or URL, to those here. Nothing here is
// lost, whatever has happened to the remote's.
func (s *Store) Fetch(ctx context.Context, remote string) error {
	theirs, err := s.fetch(ctx, remote)
	if err == nil {
		err = s.merge(ctx, theirs)
	}
	if err != nil {
		return fmt.Errorf("fetch the history of perf: %w", err)
	}
	return nil
}

// Sync does what Fetch does, and then gives the remote what it has not. If several
// do so at once, all succeed. Without the right to push, the fetch was made all the
// same.
func (s *Store) Sync(ctx context.Context, remote string) error {
	last, stuck := "none", 0
	for range maxTries {
		theirs, err := s.fetch(ctx, remote)
		if err == nil {
			err = s.merge(ctx, theirs)
		}
		if err != nil {
			return fmt.Errorf("fetch the history of perf: %w", err)
		}
		ours, err := s.tip(ctx)
		if err != nil || ours == theirs {
			return err
		}
		_, err = s.git.run(ctx, "", "push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--end-of-options", remote, ours+":"+Ref)
		if err == nil {
			return nil
		}
		if theirs != last {
			last, stuck = theirs, 0
		}
		if stuck++; stuck == maxStuck || !answersNo(err) {
			return fmt.Errorf("share the history of perf (the right to push %s is needed): %w", Ref, err)
		}
	}
	return fmt.Errorf("share the history of perf: %s of %s was moved by others %d times: try again", Ref, remote, maxTries)
}

// answersNo tells whether git has done what it could: a push was refused by the
// remote, or two commits have no merge base. Any other failure is one of its own.
func answersNo(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.ExitCode() == 1
}

// fetch gets the remote's notes, and returns the commit they are at: "" if there are
// none. No ref is set and no refspec of the user's applies, as that could overwrite
// notes that were not shared yet.
func (s *Store) fetch(ctx context.Context, remote string) (string, error) {
	out, err := s.git.run(ctx, "", "ls-remote", "--refs", "--end-of-options", remote, Ref)
	if err != nil {
		return "", err
	}
	tip := ""
	for l := range strings.Lines(out) {
		if at, ref, _ := strings.Cut(strings.TrimSpace(l), "\t"); ref == Ref { // others may end like it
			tip = at
		}
	}
	if tip == "" {
		return "", nil
	}
	_, err = s.git.run(ctx, "", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-prune",
		"--refmap=", "--end-of-options", remote, Ref)
	return tip, err
}

// merge joins the notes of another commit with ours. A line is a run, so the union
// of the lines is right, in whatever order. What they have removed stays removed.
func (s *Store) merge(ctx context.Context, theirs string) error {
	if theirs == "" {
		return nil
	}
	return s.update(ctx, func(ours string) (string, error) {
		if ours == "" {
			return theirs, nil
		}
		base, err := s.git.run(ctx, "", "merge-base", ours, theirs)
		switch {
		case base == theirs:
			return ours, nil
		case base == ours:
			return theirs, nil
		case err != nil && !answersNo(err):
			return "", err
		}
		a, err := s.missing(ctx, ours, theirs, base)
		if err != nil {
			return "", err
		}
		return s.write(ctx, a, "perf: join the runs of two clones", theirs, ours)
	})
}
