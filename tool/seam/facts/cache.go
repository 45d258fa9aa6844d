package facts

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// The bounds of the cache. What was used longest ago goes first.
const (
	maxCacheBytes = 2 << 30
	maxEntryBytes = 256 << 20
	maxEntries    = 200_000
	// entries are said to be used at most so often, to write little
	touchAfter = time.Hour
	// a temporary file older than this is of a run that was killed
	abandoned = time.Hour
)

// magic begins each entry and says how it is written. Each is
// magic, the SHA-256 of name, key and data, and data.
const magic = "hemilith seam 1\n"

const sumSize = sha256.Size

// sum is a SHA-256 as a string of bytes.
type sum string

// hash sums parts so that no two lists of parts give the same.
func hash(parts ...string) sum {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return sum(h.Sum(nil))
}

// hashOf sums data.
func hashOf(data []byte) sum {
	s := sha256.Sum256(data)
	return sum(s[:])
}

// seal is the sum that an entry begins with.
func seal(name string, key sum, data []byte) sum {
	return hash(name, string(key), string(hashOf(data)))
}

// cache keeps data by name in one directory, one file each. Entries are
// complete or absent: they are written beside and renamed, and one whose sum is
// wrong counts as absent. Any number of goroutines and processes may use a
// directory at once, and it may be deleted at any time. A nil cache keeps
// nothing.
type cache struct {
	dir string
	now time.Time
	// step is called between the steps of a write; tests die there.
	step func(string)

	mu     sync.Mutex
	failed error // the first write that failed; none is tried after it
	wrote  bool
}

// cacheDir is where the cache is if nobody says otherwise: $HEMILITH_CACHE/seam,
// or hemilith/seam in the user's cache folder.
func cacheDir() (string, error) {
	if dir := os.Getenv("HEMILITH_CACHE"); dir != "" {
		return filepath.Join(dir, "seam"), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "hemilith", "seam"), nil
}

func entryName(kind string, key sum) string { return kind + "-" + hex.EncodeToString([]byte(key)[:20]) }

// get returns what was put under the key, if it is there and whole.
func (c *cache) get(kind string, key sum) ([]byte, bool) {
	if c == nil {
		return nil, false
	}
	name := entryName(kind, key)
	path := filepath.Join(c.dir, name)
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxEntryBytes+int64(len(magic)+sumSize) {
		return nil, false
	}
	data, err := os.ReadFile(path)
	if err != nil || len(data) < len(magic)+sumSize || string(data[:len(magic)]) != magic {
		return nil, false
	}
	want, body := data[len(magic):len(magic)+sumSize], data[len(magic)+sumSize:]
	if sum(want) != seal(name, key, body) {
		return nil, false
	}
	if c.now.Sub(info.ModTime()) > touchAfter {
		_ = os.Chtimes(path, c.now, c.now) // only makes the entry look old
	}
	return body, true
}

// put keeps data under the key. The first write that fails is remembered for
// problem, and is the last.
func (c *cache) put(kind string, key sum, data []byte) {
	if c == nil || len(data) > maxEntryBytes {
		return
	}
	c.mu.Lock()
	failed := c.failed
	c.wrote = true
	c.mu.Unlock()
	if failed != nil {
		return
	}
	err := c.write(entryName(kind, key), key, data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // that is somebody deleting the cache
		c.mu.Lock()
		c.failed = cmp.Or(c.failed, err)
		c.mu.Unlock()
	}
}

func (c *cache) write(name string, key sum, data []byte) error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(c.dir, "tmp-*")
	if err != nil {
		return err
	}
	c.pause("created")
	_, err = f.WriteString(magic + string(seal(name, key, data)))
	c.pause("begun")
	if err == nil {
		_, err = f.Write(data)
	}
	c.pause("written")
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(c.dir, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	c.pause("renamed")
	return nil
}

func (c *cache) pause(step string) {
	if c.step != nil {
		c.step(step)
	}
}

// problem is why nothing is kept, in words for the user, or "".
func (c *cache) problem() string {
	if c == nil {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		return ""
	}
	return fmt.Sprintf("the cache in %s can't be written, so the next run is as slow as this one: %v", c.dir, c.failed)
}

// trim removes what was used longest ago until the rest is at most so many bytes
// and entries, and what killed runs left. It does nothing if this run wrote
// nothing.
func (c *cache) trim(bytes int64, entries int) {
	if c == nil || !c.wrote {
		return
	}
	list, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var infos []fs.FileInfo
	var total int64
	for _, e := range list {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if strings.HasPrefix(e.Name(), "tmp-") {
			if c.now.Sub(info.ModTime()) > abandoned {
				_ = os.Remove(filepath.Join(c.dir, e.Name()))
			}
			continue
		}
		infos = append(infos, info)
		total += info.Size()
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	for i, info := range infos {
		if total <= bytes && len(infos)-i <= entries {
			return
		}
		_ = os.Remove(filepath.Join(c.dir, info.Name()))
		total -= info.Size()
	}
}
