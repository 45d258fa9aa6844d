package build

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// python is a program without Go.
const python = `
-- app/main.py --
print("one")
`

func TestTreesNeedNoGo(t *testing.T) {
	t.Parallel()
	w := repository(t, python)
	w.write("-- app/main.py --\nprint(\"two\")\n")
	before := w.sum()
	b, err := Trees(t.Context(), Options{Dir: filepath.Join(w.dir, "app"), Base: "HEAD", Cache: t.TempDir(), Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	base, head := b.Dirs()
	for dir, want := range map[string]string{base: "print(\"one\")\n", head: "print(\"two\")\n"} {
		got, err := os.ReadFile(filepath.Join(dir, "main.py"))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v; want %q", dir, got, err, want)
		}
	}
	if len(base) != len(head) {
		t.Errorf("paths of different length: %s and %s", base, head)
	}
	if !b.Differ() || !b.Head.Dirty {
		t.Errorf("differ %t, dirty %t, want both", b.Differ(), b.Head.Dirty)
	}
	ofBase, ofHead := b.Env()
	for _, env := range [][]string{ofBase, ofHead} {
		if !slices.Contains(env, "GOWORK=off") || !slices.Contains(env, "GIT_CEILING_DIRECTORIES="+filepath.Dir(filepath.Dir(base))) {
			t.Errorf("environment %q", env)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(base); !os.IsNotExist(err) {
		t.Errorf("the tree is left: %v", err)
	}
	if after := w.sum(); after != before {
		t.Error("the repository is another")
	}
}

func TestEqualTreesDoNotDiffer(t *testing.T) {
	t.Parallel()
	w := repository(t, python)
	b, err := Trees(t.Context(), Options{Dir: w.dir, Base: "HEAD", Cache: t.TempDir(), Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if b.Differ() {
		t.Error("they differ")
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestADirectoryThatBaseHasNot(t *testing.T) {
	t.Parallel()
	w := repository(t, python)
	w.write("-- new/main.py --\n")
	_, err := Trees(t.Context(), Options{Dir: filepath.Join(w.dir, "new"), Base: "HEAD", Cache: t.TempDir(), Now: time.Now()})
	const want = " has no directory new: run perf in one that both sides have"
	if err == nil || !strings.HasPrefix(err.Error(), "base ") || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want base …%s", err, want)
	}
}

// TestAChangeInTheSameInstantIsSeen: the file has the size and the time that it was
// added with.
func TestAChangeInTheSameInstantIsSeen(t *testing.T) {
	t.Parallel()
	w := repository(t, python)
	w.git("config", "core.trustctime", "false") // no test can set that time
	file, index := filepath.Join(w.dir, "app", "main.py"), filepath.Join(w.dir, ".git", "index")
	then := time.Now().Add(-time.Hour).Truncate(time.Second)
	at := func(name string) {
		t.Helper()
		if err := os.Chtimes(name, then, then); err != nil {
			t.Fatal(err)
		}
	}
	at(file)
	w.git("update-index", "--refresh")
	at(index)
	w.write("-- app/main.py --\nprint(\"two\")\n")
	at(file)
	b, err := Trees(t.Context(), Options{Dir: w.dir, Base: "HEAD", Cache: t.TempDir(), Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if !b.Differ() || !b.Head.Dirty {
		t.Errorf("differ %t, dirty %t, want both", b.Differ(), b.Head.Dirty)
	}
}
