package build

import (
	"context"
	"fmt"
	"strings"

	"github.com/hemilith/hemilith/tool/plain"
)

// Revision is one of the two states that are compared.
type Revision struct {
	// Commit is the commit's full hash. For the worktree it is the commit that
	// the changes are made to.
	Commit string
	// Subject is the first line of its message, of printable characters, and cut
	// after 200 of them.
	Subject string
	// Dirty is whether it is the worktree, with changes that are in no commit.
	Dirty bool
	// Why says how the revision was chosen, in words for the user, such as
	// "merge base of HEAD and origin/main".
	Why string

	tree string // the tree object
}

// String names the revision as people do: 12 digits of the commit, and
// "+changes" for a worktree that has some.
func (r Revision) String() string {
	s := r.Commit[:min(12, len(r.Commit))]
	if r.Dirty {
		s += "+changes"
	}
	return s
}

// commit finds the commit that a user means by rev.
func (r *repo) commit(ctx context.Context, rev string) (string, error) {
	if strings.HasPrefix(rev, "-") {
		return "", fmt.Errorf("%q is no revision: name a commit, tag or branch", rev)
	}
	hash, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err == nil {
		return hash, nil
	}
	if ctx.Err() != nil {
		return "", err
	}
	if r.shallow(ctx) {
		return "", fmt.Errorf("revision %q is not in this clone, which is shallow: git fetch --deepen=100 (or --unshallow), then try again", rev)
	}
	return "", fmt.Errorf("revision %q is not in this repository: git fetch, or name another", rev)
}

func (r *repo) shallow(ctx context.Context) bool {
	s, err := r.git(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && s == "true"
}

// trunks are the branches that work is taken to start from, best first. They are named
// in full: a tag or a branch of the name origin/main would come before that of origin.
var trunks = [...]string{
	"refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main", "refs/heads/master",
}

// shortName is how people call a reference.
func shortName(ref string) string {
	return strings.TrimPrefix(strings.TrimPrefix(ref, "refs/remotes/"), "refs/heads/")
}

// mergeBase finds the commit at which the work at head left the trunk. Where
// head is on the trunk itself, the base is the trunk as others have it, which
// is head when all is pushed.
func (r *repo) mergeBase(ctx context.Context, head string) (Revision, error) {
	for _, trunk := range trunks {
		tip, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", trunk+"^{commit}")
		if err != nil {
			continue
		}
		base, err := r.git(ctx, "merge-base", head, tip)
		if err == nil {
			return Revision{Commit: base, Why: "merge base of HEAD and " + shortName(trunk)}, nil
		}
		if ctx.Err() != nil {
			return Revision{}, err
		}
		if r.shallow(ctx) {
			return Revision{}, fmt.Errorf("HEAD and %s have no common commit in this clone, which is shallow: git fetch --deepen=100 (or --unshallow), then try again", shortName(trunk))
		}
		return Revision{}, fmt.Errorf("HEAD and %s have no common commit: name the base with -base", shortName(trunk))
	}
	var names []string
	for _, trunk := range trunks {
		names = append(names, shortName(trunk))
	}
	return Revision{}, fmt.Errorf("there is no branch %s to compare with: name the base with -base", strings.Join(names, ", "))
}

// revisions finds both revisions. An empty head is the worktree and an empty
// base the merge base of head and the trunk.
func (r *repo) revisions(ctx context.Context, base, head string) (b, h Revision, err error) {
	h = Revision{Why: "the worktree"}
	name := "HEAD"
	if head != "" {
		h.Why, name = head, head
	}
	if h.Commit, err = r.commit(ctx, name); err != nil {
		if head == "" && ctx.Err() == nil && !r.shallow(ctx) {
			err = fmt.Errorf("the repository in %s has no commit yet: there is nothing to compare with", r.root)
		}
		return b, h, err
	}
	if base == "" {
		b, err = r.mergeBase(ctx, h.Commit)
	} else {
		b.Why = base
		b.Commit, err = r.commit(ctx, base)
	}
	if err == nil {
		b.Subject, err = r.subject(ctx, b.Commit)
	}
	if err == nil {
		h.Subject, err = r.subject(ctx, h.Commit)
	}
	return b, h, err
}

// maxSubject bounds the characters of a subject that are kept.
const maxSubject = 200

// subject is what a commit says of itself in a line, safe to print.
func (r *repo) subject(ctx context.Context, commit string) (string, error) {
	said, err := r.git(ctx, "log", "-1", "--no-show-signature", "--encoding=UTF-8", "--format=%s", commit, "--")
	if err != nil {
		return "", err
	}
	line := []rune(plain.Line(said))
	if len(line) > maxSubject {
		line = append(line[:maxSubject-1], '…')
	}
	return strings.TrimSpace(string(line)), nil
}
