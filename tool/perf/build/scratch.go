package build

import (
	"fmt"
	"os"
	"path/filepath"
)

// Scratch returns a directory for the caller's own files. It goes with the trees:
// at Close, or, of a run that was killed, at the beginning of the next one.
func (b *Build) Scratch() (string, error) {
	dir := filepath.Join(b.room.dir, "scratch")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("no place to run benchmarks (HEMILITH_CACHE moves it): %w", err)
	}
	return dir, nil
}
