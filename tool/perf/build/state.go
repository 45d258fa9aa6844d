package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Trees makes the source trees alone, of a repository in any language: Packages is
// empty, and Toolchain is "". Patterns and Flags are not used. Close must be called
// on what it returns.
func Trees(ctx context.Context, o Options) (*Build, error) {
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
	b := &Build{store: store{filepath.Join(cache, "binaries")}, now: o.Now}
	if b.Base, b.Head, err = r.revisions(ctx, o.Base, o.Head); err != nil {
		return nil, err
	}
	if b.room, err = enter(filepath.Join(cache, "rooms"), o.Now); err != nil {
		return nil, err
	}
	err = b.trees(ctx, r, cache, o.Head == "")
	if err == nil {
		err = b.standIn(below)
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

// Differ reports whether any file of the two sides does.
func (b *Build) Differ() bool { return b.Base.tree != b.Head.tree }

// Dirs are the directories of the two trees in which the user stands.
func (b *Build) Dirs() (base, head string) { return b.sides[0].dir, b.sides[1].dir }

// Env is what commands in the trees are to have in their environment, base first:
// no go.work of a directory above, and no git repository around the trees, which
// are none.
func (b *Build) Env() (base, head []string) {
	env := func(s *side) []string {
		return append(s.env[:len(s.env):len(s.env)], "GIT_CEILING_DIRECTORIES="+b.room.dir)
	}
	return env(b.sides[0]), env(b.sides[1])
}
