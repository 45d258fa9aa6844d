package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ground is where a comparison is made: the user's repository and directory, and
// the cache.
type ground struct {
	repo  *repo
	dir   string // that the user stands in
	below string // the same, relative to the repository's root
	cache string
}

// ground finds it.
func (o *Options) ground(ctx context.Context) (*ground, error) {
	dir, cache, err := o.places()
	if err != nil {
		return nil, err
	}
	r, err := openRepo(ctx, dir)
	if err != nil {
		return nil, err
	}
	below, err := filepath.Rel(r.root, dir)
	if err != nil || !filepath.IsLocal(below) {
		return nil, fmt.Errorf("%s is not in the worktree %s", dir, r.root)
	}
	return &ground{repo: r, dir: dir, below: below, cache: cache}, nil
}

// trees makes the source trees.
func (g *ground) trees(ctx context.Context, o Options) (*Build, error) {
	b := &Build{store: store{filepath.Join(g.cache, "binaries")}, all: o.All, now: o.Now}
	var err error
	if b.Base, b.Head, err = g.repo.revisions(ctx, o.Base, o.Head); err != nil {
		return nil, err
	}
	if b.room, err = enter(filepath.Join(g.cache, "rooms"), o.Now); err != nil {
		return nil, err
	}
	err = b.trees(ctx, g.repo, g.cache, o.Head == "")
	if err == nil {
		err = b.standIn(g.below)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// standIn finds where in both trees the user stands.
func (b *Build) standIn(below string) error {
	for _, s := range b.sides {
		s.dir = filepath.Join(s.tree, below)
		if info, err := os.Stat(s.dir); err != nil || !info.IsDir() {
			return fmt.Errorf("%s %s has no directory %s: run perf in one that both sides have", s.name, s.rev, below)
		}
		s.env = []string{"GOWORK=" + workspace(s.tree, s.dir)}
	}
	return nil
}

// Keep returns a directory for what is to be remembered about the worktree that
// the options name. It is in the cache, which may be deleted at any time.
func (o *Options) Keep(ctx context.Context) (string, error) {
	g, err := o.ground(ctx)
	if err != nil {
		return "", err
	}
	kept := filepath.Join(g.cache, "kept", hashOf(g.repo.root))
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return "", fmt.Errorf("no place to remember things about %s (set HEMILITH_CACHE): %w", g.repo.root, err)
	}
	return kept, nil
}
