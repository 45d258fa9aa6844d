package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The trees are written with an index of our own and no worktree is registered:
// nothing below the user's .git changes, so that nothing is left there when we
// are killed, and a repository that may only be read is enough.

// snapshot gives the revision its tree object. That of the worktree holds what
// `git add -A` would add; it is written to an object store in the room dir.
func (r *repo) snapshot(ctx context.Context, dir, cache string, rev *Revision, worktree bool) error {
	committed, err := r.git(ctx, "rev-parse", "--verify", rev.Commit+"^{tree}")
	rev.tree = committed
	if err != nil || !worktree {
		return err
	}
	index := filepath.Join(dir, "worktree.index")
	if err := r.copyIndex(ctx, index); err != nil {
		return err
	}
	own := r.with("GIT_INDEX_FILE=" + index)
	if err := own.checkUntracked(ctx); err != nil {
		return err
	}
	add := []string{"-c", "advice.addEmbeddedRepo=false", "-c", "core.fsmonitor=false", "add", "--all", "--", "."}
	if rel, err := filepath.Rel(r.root, cache); err == nil && filepath.IsLocal(rel) {
		add = append(add, ":(exclude,top,literal)"+rel) // our own trees
	}
	if _, err := own.git(ctx, add...); err != nil {
		return fmt.Errorf("cannot read the changes in the worktree: %w", err)
	}
	rev.tree, err = own.git(ctx, "write-tree")
	rev.Dirty = rev.tree != committed
	return err
}

// maxUntracked bounds the bytes of the files that git does not track yet: they
// are copied.
const maxUntracked = 1 << 30

// checkUntracked refuses a worktree in which something large lies about.
func (r *repo) checkUntracked(ctx context.Context) error {
	out, err := r.git(ctx, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return fmt.Errorf("cannot read the changes in the worktree: %w", err)
	}
	var total, most int64
	var largest string
	for _, path := range strings.Split(out, "\x00") {
		info, err := os.Lstat(filepath.Join(r.root, path))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if total += info.Size(); info.Size() > most {
			most, largest = info.Size(), path
		}
	}
	if total > maxUntracked {
		return fmt.Errorf("files that git does not track have %d MB in all, more than %d: name them in .gitignore, %s first", total>>20, maxUntracked>>20, largest)
	}
	return nil
}

// copyIndex copies the user's index: it knows which files are unchanged, so
// that not all have to be read. Its time goes with it: of files that changed no later
// than that git reads the content (Documentation/technical/racy-git of git).
func (r *repo) copyIndex(ctx context.Context, to string) error {
	from, err := r.git(ctx, "rev-parse", "--path-format=absolute", "--git-path", "index")
	if err != nil {
		return err
	}
	info, err := os.Stat(from) // before it is read: an older time costs time only
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing was ever added; git starts from an empty one
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(from)
	}
	if err != nil {
		return fmt.Errorf("cannot read the changes in the worktree: %w", err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// withStore returns the repository with new objects going to dir.
func (r *repo) withStore(ctx context.Context, dir string) (*repo, error) {
	objects, err := r.git(ctx, "rev-parse", "--path-format=absolute", "--git-path", "objects")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return r.with("GIT_OBJECT_DIRECTORY="+dir, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+objects), nil
}

// export writes the files of a tree object below dir, with those of its
// submodules that the user has checked out. It returns the paths of the others.
func (r *repo) export(ctx context.Context, tree, dir, index string) (absent []string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	own := r.with("GIT_INDEX_FILE=" + index)
	if _, err := own.git(ctx, "read-tree", tree); err != nil {
		return nil, fmt.Errorf("cannot write the source tree: %w", err)
	}
	_, err = own.git(ctx, "checkout-index", "--all", "--force", "--prefix="+dir+"/")
	if err != nil && strings.Contains(err.Error(), "unable to read sha1 file") {
		return nil, fmt.Errorf("cannot write the source tree, this clone lacks files: git fetch --refetch, or clone it anew: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write the source tree: %w", err)
	}
	links, err := own.git(ctx, "ls-files", "--stage", "-z")
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(links, "\x00") {
		what, path, _ := strings.Cut(line, "\t")
		if !strings.HasPrefix(what, "160000 ") {
			continue
		}
		hash := strings.Fields(what)[1]
		left, err := r.exportModule(ctx, path, hash, filepath.Join(dir, path), index)
		if err != nil {
			return nil, err
		}
		absent = append(absent, left...)
	}
	return absent, nil
}

// exportModule writes the files of the submodule at path.
func (r *repo) exportModule(ctx context.Context, path, hash, dir, index string) ([]string, error) {
	sub, err := r.module(ctx, path)
	if err != nil {
		return nil, err
	}
	if sub == nil {
		return []string{path}, os.MkdirAll(dir, 0o755)
	}
	if _, err := sub.git(ctx, "cat-file", "-e", hash+"^{tree}"); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("submodule %s does not have commit %.12s: git -C %s fetch origin %s, then try again", path, hash, path, hash)
	}
	left, err := sub.export(ctx, hash, dir, index+"-"+strings.ReplaceAll(path, "/", "_"))
	for i := range left {
		left[i] = path + "/" + left[i]
	}
	return left, err
}

// module returns the repository of the submodule at path: the one checked out
// there, or the one that git kept of it. It is nil where there is none.
func (r *repo) module(ctx context.Context, path string) (*repo, error) {
	sub := &repo{root: filepath.Join(r.root, path)}
	if _, err := os.Lstat(filepath.Join(sub.root, ".git")); err == nil {
		return sub, nil
	}
	kept, err := r.git(ctx, "rev-parse", "--path-format=absolute", "--git-path", "modules/"+path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(kept, "HEAD")); err != nil {
		return nil, nil // no submodule is no error
	}
	// Its configuration names a worktree that is gone; any other will do.
	sub.root = kept
	return sub.with("GIT_DIR="+kept, "GIT_WORK_TREE="+kept), nil
}
