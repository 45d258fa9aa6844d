package build

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxStoreBytes bounds the kept binaries; those used longest ago go first.
const maxStoreBytes = 4 << 30

// store keeps binaries by what they were linked from. An entry is whole or
// absent: it is made in a room and renamed. Any number of processes may use one
// at once, and it may be deleted at any time: nobody runs an entry in place.
type store struct{ dir string }

// hashOf sums parts so that no two lists of parts give the same.
func hashOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// take makes the entry appear at path, and reports whether there is one.
func (s store) take(key, path string, now time.Time) bool {
	entry := filepath.Join(s.dir, key)
	if os.Chtimes(entry, now, now) != nil {
		return false
	}
	return sameFile(entry, path) == nil
}

// put keeps the file at path.
func (s store) put(key, path, room string) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	beside := filepath.Join(room, "put-"+key)
	if err := sameFile(path, beside); err != nil {
		return err
	}
	return os.Rename(beside, filepath.Join(s.dir, key))
}

// trim removes what was used longest ago until the rest has at most so many bytes.
func (s store) trim(bytes int64) {
	list, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	var infos []fs.FileInfo
	var total int64
	for _, e := range list {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			infos = append(infos, info)
			total += info.Size()
		}
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, info := range infos {
		if total <= bytes {
			return
		}
		_ = os.Remove(filepath.Join(s.dir, info.Name()))
		total -= info.Size()
	}
}

// sameFile makes a file appear under another name: a second name of it, or a copy
// where the file system has no such thing.
func sameFile(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// writeFile writes a file that others may read at the same time: never a half.
func writeFile(path string, data []byte) error {
	if old, err := os.ReadFile(path); err == nil && string(old) == string(data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "tmp-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
