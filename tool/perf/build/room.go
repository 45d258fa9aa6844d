package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// room is a run's own directory: its trees, index, objects and copies. Whose
// run is dead, its room is removed by the next run.
//
// A room is alive while its lock file is locked (flock). The kernel drops that
// lock with the process, however it ended, and a number that another process
// got since cannot fool it; the pid and time in the file are for people.
type room struct {
	dir  string
	temp string // for the temporary files of benchmarks
	lock *os.File
}

// tempOf is where the temporary files of a room's benchmarks go: in the directory
// where they would go else, since that may be of another kind of memory and the
// names of sockets must be short, under a name that follows from the room's, so
// that it goes with the room.
func tempOf(dir string) string {
	return filepath.Join(os.TempDir(), "hemilith-perf-"+strings.TrimPrefix(filepath.Base(dir), "run-"))
}

// enter makes a room below dir and removes those that dead runs left.
func enter(dir string, now time.Time) (*room, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("no place for the source trees (HEMILITH_CACHE moves it): %w", err)
	}
	sweep(dir, now)
	own, err := os.MkdirTemp(dir, "new-")
	if err != nil {
		return nil, fmt.Errorf("no place for the source trees (HEMILITH_CACHE moves it): %w", err)
	}
	r := &room{}
	r.lock, err = os.OpenFile(filepath.Join(own, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err == nil {
		_, err = fmt.Fprintf(r.lock, "pid %d\nstart %s\n", os.Getpid(), now.UTC().Format(time.RFC3339Nano))
	}
	if err == nil {
		err = lockFile(r.lock)
	}
	// Only a room that is locked gets the name that sweep looks at: there is no
	// moment at which another run could take it for a dead one.
	r.dir = filepath.Join(dir, "run-"+strings.TrimPrefix(filepath.Base(own), "new-"))
	if err == nil {
		err = os.Rename(own, r.dir)
	}
	if err != nil {
		r.dir = own
		return nil, errors.Join(err, r.leave())
	}
	if err = os.Mkdir(tempOf(r.dir), 0o700); err == nil {
		r.temp = tempOf(r.dir)
		err = os.Mkdir(r.goTemp(), 0o700)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("no place for temporary files: %w", err), r.leave())
	}
	return r, nil
}

// abandoned is the age at which a room that was never locked is taken for one
// whose run was killed within its first millisecond.
const abandoned = time.Hour

// sweep removes the rooms below dir whose runs are dead. What it cannot remove
// is left to the next run: it takes space, and nothing else.
func sweep(dir string, now time.Time) {
	rooms, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range rooms {
		path := filepath.Join(dir, e.Name())
		dead := strings.HasPrefix(e.Name(), "run-") && deserted(path)
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), "new-") {
			dead = now.Sub(info.ModTime()) > abandoned
		}
		if dead {
			_ = RemoveAll(tempOf(path)) // first: the name is the room's
			_ = RemoveAll(path)
		}
	}
}

// deserted reports whether no process holds the room's lock.
func deserted(path string) bool {
	f, err := os.OpenFile(filepath.Join(path, "lock"), os.O_RDWR, 0)
	if err != nil {
		// No lock: its run died while it removed the room, lock first.
		return errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	return lockFile(f) == nil
}

// goTemp is where the go command and the compilers have their temporary files,
// which they leave when they are killed.
func (r *room) goTemp() string { return filepath.Join(r.dir, "temp") }

// leave removes the room.
func (r *room) leave() error {
	err := RemoveAll(r.dir)
	if r.temp != "" {
		err = errors.Join(RemoveAll(r.temp), err)
	}
	if r.lock != nil {
		err = errors.Join(err, r.lock.Close())
	}
	return err
}

// RemoveAll removes a directory whose files and directories may be read-only,
// as those of a benchmark's testdata may.
func RemoveAll(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(dir)
}
