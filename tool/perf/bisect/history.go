package bisect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gitenv"
)

// Commit is one of the commits that are searched.
type Commit struct {
	// Hash is its full hash, and Parent that of its first parent: "" where that is not
	// there, as in a shallow clone.
	Hash, Parent string
	// Merge is whether it has several parents. If it is to blame, History from its
	// first parent (Hash^1) to its second (Hash^2) lists what it brought.
	Merge bool
}

// History lists the commits of dir's repository that head has and base lacks,
// oldest first, in the order that a Search numbers them. Of merges it follows the
// first parent, so that each is one step that somebody released; all of them,
// those of side branches included, would not be good first and then bad.
func History(ctx context.Context, dir, base, head string) ([]Commit, error) {
	// One more than is allowed tells that there are too many.
	cmd := gitenv.Command(ctx, dir, "rev-list", "--first-parent", "--parents",
		fmt.Sprintf("--max-count=%d", maxCommits+1), "--end-of-options", base+".."+head, "--")
	var talk bytes.Buffer
	cmd.Stderr = &talk
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("git is needed to list commits, and is not installed: %w", err)
	case err != nil:
		return nil, fmt.Errorf("cannot list the commits from %s to %s: %s", base, head, firstLine(talk.String()))
	}
	list := commits(string(out))
	switch {
	case len(list) == 0:
		return nil, fmt.Errorf("no commits from %s to %s: name a base that lies before head", base, head)
	case len(list) > maxCommits:
		return nil, fmt.Errorf("more than %d commits from %s to %s: choose a nearer base", maxCommits, base, head)
	}
	return list, nil
}

// commits reads the output of git rev-list --parents, and turns it round.
func commits(out string) []Commit {
	var list []Commit
	for line := range strings.Lines(out) {
		hashes := strings.Fields(line)
		c := Commit{Hash: hashes[0], Merge: len(hashes) > 2}
		if len(hashes) > 1 {
			c.Parent = hashes[1]
		}
		list = append(list, c)
	}
	slices.Reverse(list)
	return list
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
