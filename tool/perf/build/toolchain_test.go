package build

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDownloadedToolchainIsUsedUnderAnotherName(t *testing.T) {
	t.Parallel()
	modules, cache := t.TempDir(), t.TempDir()
	root := filepath.Join(modules, "toolchain@v1")
	if err := writeFile(filepath.Join(root, "VERSION"), []byte("go1.25.1\n")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds the name there
		sides := [2]*side{{}, {}}
		tc := toolchain{version: "go1.25.1", root: root, modules: modules}
		if err := tc.nameElsewhere(cache, sides); err != nil {
			t.Fatal(err)
		}
		if filepath.Dir(tc.root) != cache {
			t.Errorf("root is %s, want it in %s", tc.root, cache)
		}
		if data, err := os.ReadFile(filepath.Join(tc.root, "VERSION")); string(data) != "go1.25.1\n" {
			t.Errorf("got %q, %v", data, err)
		}
		for _, s := range sides {
			if want := filepath.Join(tc.root, "bin", "go"); s.command != want {
				t.Errorf("command %s, want %s", s.command, want)
			}
			if d := cmp.Diff([]string{"GOROOT=" + tc.root, "GOTOOLCHAIN=local"}, s.env); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		}
	}
	own := toolchain{root: "/usr/local/go", modules: modules}
	sides := [2]*side{{}, {}}
	if err := own.nameElsewhere(cache, sides); err != nil || own.root != "/usr/local/go" || sides[0].command != "" {
		t.Errorf("an installed toolchain was renamed: %+v, %v", own, err)
	}
}

func TestComplaintsOfTheGoCommandGetANextStep(t *testing.T) {
	t.Parallel()
	failed := errors.New("exit status 1")
	for _, c := range []struct {
		err        error
		talk, want string
	}{
		{exec.ErrNotFound, "", "the go command is needed to build both sides: executable file not found in $PATH"},
		{failed, "go: x", "go list: exit status 1\n\tgo: x"},
		{
			failed, "go: go.mod requires go >= 1.99 (running go 1.26.1)",
			"go list: exit status 1 (install that version of Go; GOTOOLCHAIN=auto downloads it)\n" +
				"\tgo: go.mod requires go >= 1.99 (running go 1.26.1)",
		},
		{
			failed, "go: download go1.99.0 for linux/amd64: toolchain not available\n",
			"go list: exit status 1 (install that version of Go; GOTOOLCHAIN=auto downloads it)\n" +
				"\tgo: download go1.99.0 for linux/amd64: toolchain not available",
		},
		{
			failed, "go: cannot load module ../x listed in go.work file: open ../x/go.mod: no such file or directory\n",
			"go list: exit status 1 (no commit has modules outside of the repository: set GOWORK=off, or move them into it)" +
				"\n\tgo: cannot load module ../x listed in go.work file: open ../x/go.mod: no such file or directory",
		},
		{
			failed, "write $WORK/b1/_pkg_.a: no space left on device\n",
			"go list: exit status 1\n\twrite $WORK/b1/_pkg_.a: no space left on device\n" +
				"\t(perf writes below HEMILITH_CACHE, and the go command below GOCACHE: move one to another disk)",
		},
	} {
		err := goError("go list", c.err, c.talk)
		if d := cmp.Diff(c.want, err.Error()); d != "" || !errors.Is(err, c.err) {
			t.Errorf("%v, %q: -want +got:\n%s", c.err, c.talk, d)
		}
	}
}

func TestLinkerFlagsOfTheEnvironmentAreKept(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]string{
		"": "", "-mod=mod -ldflags=-s": "-s", "--ldflags=-X=a=b -v": "-X=a=b",
	} {
		if got := (toolchain{flags: flags}).ldflags(); got != want {
			t.Errorf("%q: got %q, want %q", flags, got, want)
		}
	}
}
