package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Keep returns a directory for what is to be remembered about the worktree that
// the options name. It is in the cache, which may be deleted at any time.
func (o *Options) Keep(ctx context.Context) (string, error) {
	dir, cache, err := o.places()
	if err != nil {
		return "", err
	}
	r, err := openRepo(ctx, dir)
	if err != nil {
		return "", err
	}
	kept := filepath.Join(cache, "kept", hashOf(r.root))
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return "", fmt.Errorf("no place to remember things about %s (set HEMILITH_CACHE): %w", r.root, err)
	}
	return kept, nil
}
