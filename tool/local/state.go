package local

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/hemilith/hemilith/internal/ident"
	"github.com/hemilith/hemilith/layout"
)

// StateDir returns the directory where the development CA and the binary of the
// module with its root at dir are kept, below the user's cache directory. It
// does not make it. It is also the seed of [Plan].
func StateDir(dir string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", stateError(err)
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(cache, "hemilith", hex.EncodeToString(sum[:8])), nil
}

// CheckState returns what would stop a run of the layout at its state directory:
// a place where nothing can be written, or a CA that can't be used. It leaves
// nothing behind.
func CheckState(state string, l layout.Layout) error {
	near := state
	for {
		if _, err := os.Stat(near); !errors.Is(err, fs.ErrNotExist) || near == filepath.Dir(near) {
			break
		}
		near = filepath.Dir(near)
	}
	probe, err := os.MkdirTemp(near, "probe-")
	if err == nil {
		err = os.Remove(probe)
	}
	if err != nil {
		return stateError(err)
	}
	if len(l.Services) == 0 || near != state {
		return nil
	}
	if _, err := ident.LoadCA(state, domain, time.Now); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("development CA: %w", err)
	}
	return nil
}

func stateError(err error) error {
	return fmt.Errorf("state directory for binary and certificates: %w: set XDG_CACHE_HOME to a writable directory", err)
}
