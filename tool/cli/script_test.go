package cli_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"
)

// TestScripts runs every command as users do, by the binary that they get: each
// script of testdata/script in a module of its own, in a workspace with the
// runtime of this tree.
func TestScripts(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	base, err := txtar.ParseFile("../testdata/shop.txtar")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	goRun(t, "build", "-o", bin, "../cmd/hemilith")
	work := "go 1.26.0\n\nuse (\n\t.\n\t" + root + "\n)\n\nreplace github.com/hemilith/hemilith v0.0.0 => " + root + "\n"
	files := append(base.Files, txtar.File{Name: "go.work", Data: []byte(work)})
	vars := append(goEnv(t, "GOCACHE", "GOMODCACHE", "GOROOT"), "GOPROXY=off", "GOFLAGS=", "GOTOOLCHAIN=local")
	testscript.Run(t, testscript.Params{
		Dir:                 "../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Vars = slices.Concat(e.Vars, vars)
			e.Setenv("PATH", bin+string(filepath.ListSeparator)+e.Getenv("PATH"))
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache"))
			for _, f := range files {
				if err := writeNew(filepath.Join(e.WorkDir, f.Name), f.Data); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

// writeNew writes a file that a script has not given itself.
func writeNew(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// goEnv returns variables of the go command as NAME=value.
func goEnv(t *testing.T, names ...string) []string {
	t.Helper()
	values := strings.Split(strings.TrimSpace(goRun(t, append([]string{"env"}, names...)...)), "\n")
	for i := range values {
		values[i] = names[i] + "=" + values[i]
	}
	return values
}

func goRun(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, exit.Stderr)
		}
		t.Fatal(err)
	}
	return string(out)
}
