package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Binary is a test binary, ready to run.
type Binary struct {
	// Path is the file. It is the caller's until Close: nobody else writes it.
	Path string
	// Dir is the package's directory in its source tree, where `go test` would
	// run it.
	Dir string
	// Temp is a directory for what it writes to the directory for temporary files.
	// It goes with the trees.
	Temp string
}

// Binaries links the test binaries of a package, base first. Seed 0 leaves the
// order of functions to the linker; another one shuffles it (-randlayout), alike
// for equal seeds. What was linked before, in this run or another, is taken from
// the cache.
func (b *Build) Binaries(ctx context.Context, path string, seed uint64) (base, head Binary, err error) {
	if base, err = b.binary(ctx, b.sides[0], path, seed); err == nil {
		head, err = b.binary(ctx, b.sides[1], path, seed)
	}
	return base, head, err
}

func (b *Build) binary(ctx context.Context, s *side, path string, seed uint64) (Binary, error) {
	u := s.units[path]
	if u == nil || u.problem != "" {
		return Binary{}, fmt.Errorf("%s %s has no test binary of %s", s.name, s.rev, path)
	}
	key := hashOf(u.path, u.inputs, b.tools.settings, strings.Join(s.flags, "\n"), strconv.FormatUint(seed, 10))
	bin := Binary{
		Path: filepath.Join(b.room.dir, s.name+"-"+key+".test"),
		Dir:  filepath.Join(s.tree, u.dir),
		Temp: b.room.temp,
	}
	if _, err := os.Stat(bin.Path); err == nil || b.store.take(key, bin.Path, b.now) {
		return bin, nil
	}
	// A name that no other goroutine uses: two may want the same binary at once.
	own, err := os.MkdirTemp(b.room.dir, "link-")
	if err != nil {
		return bin, err
	}
	linked := filepath.Join(own, "test")
	args := append([]string{"test", "-c", "-vet=off", "-o", linked}, s.flags...)
	if seed != 0 {
		args = append(args, "-ldflags="+strings.TrimSpace(b.tools.ldflags()+" -randlayout="+strconv.FormatUint(seed, 10)))
	}
	if _, talk, err := s.run(ctx, append(args, path)...); err != nil {
		if ctx.Err() != nil {
			return bin, err
		}
		return bin, fmt.Errorf("%s %s does not link %s:%s", s.name, s.rev, path, indented(talk))
	}
	if err := os.Rename(linked, bin.Path); err != nil {
		return bin, err
	}
	// A full or read-only cache costs time only.
	_ = b.store.put(key, bin.Path, own)
	return bin, os.RemoveAll(own)
}

// ldflags returns the linker flags in GOFLAGS, which those of the command line
// replace.
func (t toolchain) ldflags() string {
	for _, f := range strings.Fields(t.flags) {
		if v, ok := strings.CutPrefix(strings.TrimLeft(f, "-"), "ldflags="); ok {
			return v
		}
	}
	return ""
}
