// Package build makes, of two states of a repository, test binaries that differ
// in nothing but the code: one toolchain, the same flags, source trees of equal
// path length, and says which benchmarks could tell them apart.
//
// Nothing of the user's is touched: no worktree is registered, no index, branch
// or object of the repository is written. All lies below the cache directory,
// where each run has a room that it removes at its end; the next run removes
// the rooms of those that were killed.
package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options say what is compared. Of the zero value that is the worktree around
// the current directory with the merge base of HEAD and the trunk.
type Options struct {
	// Dir is where the user stands; "" is the current directory. Patterns are
	// relative to it.
	Dir string
	// Base is the revision to compare with; "" is the merge base of head and the
	// first that exists of origin/HEAD, origin/main, origin/master, main, master.
	Base string
	// Head is the revision to judge; "" is the worktree: HEAD with the user's
	// changes, files that git does not track yet included, ignored ones not.
	Head string
	// Patterns name the packages as the go command does; none is "./...".
	Patterns []string
	// All chooses benchmarks that no difference reaches, too: to see what the noise
	// of a machine does.
	All bool
	// Flags go to the go command, as -tags=x. They must not move its output.
	Flags []string
	// Cache is the directory of trees and binaries; "" is
	// $HEMILITH_CACHE/perf, or hemilith/perf in the user's cache directory.
	Cache string
	// Now is the time, for the order of what is kept.
	Now time.Time
}

// Build is two source trees, and the test binaries that were made of them. It
// is safe for concurrent use until Close.
type Build struct {
	// Base and Head are the revisions that are compared.
	Base, Head Revision
	// Toolchain is the version that builds both, as "go1.26.1".
	Toolchain string
	// Packages are those with benchmarks on at least one side, by path.
	Packages []Package
	// Notes say what the user should know and what is no error, a sentence each.
	Notes []string

	repo  *repo // with an object store of our own
	room  *room
	store store
	tools toolchain

	all      bool
	archives archives
	sides    [2]*side
	now      time.Time
}

// side is one of the two source trees.
type side struct {
	goTool
	rev     Revision
	name    string // base or head
	tree    string
	flags   []string // of the go command
	missing []string // what go list says of patterns that it finds nothing for
	units   map[string]*unit
}

// wrong adds to an error of which side it is, and takes the place of the tree out of
// it: what is named so far is at the same place in the user's.
func (s *side) wrong(err error) error {
	if err == nil {
		return nil
	}
	return &sideError{fmt.Sprintf("%s %s: %s", s.name, s.rev, s.inTree(err.Error())), err}
}

// sideError is an error in other words.
type sideError struct {
	text string
	err  error
}

func (e *sideError) Error() string { return e.text }
func (e *sideError) Unwrap() error { return e.err }

// inTree makes the paths of the tree in another program's words relative to it.
func (s *side) inTree(text string) string {
	text = strings.ReplaceAll(text, s.tree+string(filepath.Separator), "")
	return strings.ReplaceAll(text, s.tree, ".")
}

// cacheDir is where the cache is if nobody says otherwise.
func cacheDir() (string, error) {
	if dir := os.Getenv("HEMILITH_CACHE"); dir != "" {
		return filepath.Join(dir, "perf"), nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "hemilith", "perf"), err
}

// Prepare makes the trees, compiles both sides, and selects. Close must be
// called on what it returns. It fails where nothing can be compared; a package
// that one side does not build is an error of that package only.
func Prepare(ctx context.Context, o Options) (*Build, error) {
	g, err := o.ground(ctx)
	if err != nil {
		return nil, err
	}
	b, err := g.trees(ctx, o)
	if err != nil {
		return nil, err
	}
	if err = b.tool(ctx, g, o.Flags); err == nil {
		err = b.compare(ctx, o.Patterns)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Tree returns the root of head's source tree.
func (b *Build) Tree() string { return b.sides[1].tree }

// Close removes the trees. The binaries that were linked are kept for later
// runs, up to a bound.
func (b *Build) Close() error {
	b.store.trim(maxStoreBytes)
	return b.room.leave()
}

// places returns the directory that the user stands in and that of the cache.
func (o *Options) places() (dir, cache string, err error) {
	for _, p := range o.Patterns {
		if filepath.IsAbs(p) || strings.HasPrefix(p, "..") || strings.HasSuffix(p, ".go") {
			return "", "", fmt.Errorf("%q names files of the worktree, and base has others: name packages as ./... or by import path", p)
		}
	}
	if dir, err = filepath.Abs(o.Dir); err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", "", err
	}
	cache = o.Cache
	if cache == "" {
		if cache, err = cacheDir(); err != nil {
			return "", "", fmt.Errorf("no place for the source trees (set HEMILITH_CACHE): %w", err)
		}
	}
	if err = os.MkdirAll(cache, 0o755); err == nil {
		cache, err = filepath.Abs(cache)
	}
	if err == nil {
		cache, err = filepath.EvalSymlinks(cache)
	}
	if err != nil {
		err = fmt.Errorf("no place for the source trees (HEMILITH_CACHE moves it): %w", err)
	}
	return dir, cache, err
}

// trees writes the source trees.
func (b *Build) trees(ctx context.Context, r *repo, cache string, worktree bool) error {
	store, err := r.withStore(ctx, filepath.Join(b.room.dir, "objects"))
	if err != nil {
		return err
	}
	b.repo = store
	if err := store.snapshot(ctx, b.room.dir, cache, &b.Head, worktree); err != nil {
		return err
	}
	if err := store.snapshot(ctx, b.room.dir, cache, &b.Base, false); err != nil {
		return err
	}
	b.sides = [2]*side{{name: "base", rev: b.Base}, {name: "head", rev: b.Head}}
	var absent [2][]string
	group, ctx := errgroup.WithContext(ctx)
	for i, s := range b.sides {
		s.tree = filepath.Join(b.room.dir, s.name)
		group.Go(func() (err error) {
			absent[i], err = store.export(ctx, s.rev.tree, s.tree, filepath.Join(b.room.dir, s.name+".index"))
			return s.wrong(err)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if len(absent[0])+len(absent[1]) > 0 {
		b.Notes = append(b.Notes, "submodules that are not checked out are empty on both sides: "+
			strings.Join(sortedKeys(set(absent[0], absent[1])), ", "))
	}
	return nil
}

// tool prepares the go command for both sides.
func (b *Build) tool(ctx context.Context, g *ground, flags []string) error {
	for _, s := range b.sides {
		s.env = append(s.env, "TMPDIR="+b.room.goTemp(), "GOTMPDIR="+b.room.goTemp())
	}
	base, head := b.sides[0], b.sides[1]
	for _, s := range b.sides {
		if err := s.checkModule(); err != nil {
			return err
		}
	}
	if err := checkWorkspace(ctx, g.repo, g.dir, head.goTool); err != nil {
		return err
	}
	tools, err := sameToolchain(ctx, &base.goTool, &head.goTool)
	if err != nil {
		return err
	}
	if err := tools.nameElsewhere(g.cache, b.sides); err != nil {
		return err
	}
	for _, f := range append(strings.Fields(tools.flags), flags...) {
		if strings.HasPrefix(strings.TrimLeft(f, "-"), "overlay") {
			return fmt.Errorf("flag %s: perf needs -overlay itself, to measure CPU time in package testing", f)
		}
	}
	b.tools, b.Toolchain = tools, tools.version
	overlay, err := writeOverlay(tools, g.cache)
	if err != nil {
		return err
	}
	for _, s := range b.sides {
		s.flags = append([]string{"-trimpath", "-overlay=" + overlay}, flags...)
	}
	return nil
}

// compare lists and compiles both sides, one after the other because the second
// gets from the go command's cache what they share.
func (b *Build) compare(ctx context.Context, patterns []string) error {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	for _, s := range b.sides {
		if err := checkReplaced(ctx, s.goTool, s.tree); err != nil {
			return s.wrong(err)
		}
		units, err := s.list(ctx, patterns)
		if err == nil {
			err = s.testdata(ctx, b.repo, units)
		}
		if err == nil {
			err = s.compile(ctx, units)
		}
		if err != nil {
			return s.wrong(err)
		}
		s.units = units
	}
	missing := b.sides[1].missing
	if len(b.sides[0].units)+len(b.sides[1].units) == 0 {
		return b.nothing(patterns)
	}
	for _, m := range missing {
		b.Notes = append(b.Notes, "head has no such packages: "+m)
	}
	b.choose()
	b.archives = archives{} // they are large
	return nil
}

// nothing says why there is nothing to compare.
func (b *Build) nothing(patterns []string) error {
	if missing := b.sides[1].missing; len(missing) > 0 {
		return fmt.Errorf("no packages for %s in head %s:%s", strings.Join(patterns, " "), b.Head, indented(missing[0]))
	}
	err := fmt.Errorf("no benchmarks in %s, neither in base %s nor in head %s", strings.Join(patterns, " "), b.Base, b.Head)
	if others := modulesBelow(b.sides[1].dir); len(others) > 0 {
		err = fmt.Errorf("%w; other modules are in %s: run perf there", err, some(others))
	}
	return err
}
