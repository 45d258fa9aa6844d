package cli_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"

	"github.com/hemilith/hemilith/tool/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"hemilith": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs every command as users do: each script of testdata/script
// in a module of its own, in a workspace with the runtime of this tree.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	base, err := txtar.ParseFile("../testdata/shop.txtar")
	if err != nil {
		t.Fatal(err)
	}
	caches := goEnv(t, "GOCACHE", "GOMODCACHE", "GOROOT")
	testscript.Run(t, testscript.Params{
		Dir:                 "../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, caches...)
			e.Vars = append(e.Vars, "GOPROXY=off", "GOFLAGS=", "GOTOOLCHAIN=local", "XDG_CACHE_HOME="+filepath.Join(e.WorkDir, ".cache"))
			work := "go 1.26.0\n\nuse (\n\t.\n\t" + root + "\n)\n\nreplace github.com/hemilith/hemilith v0.0.0 => " + root + "\n"
			for _, f := range append(base.Files, txtar.File{Name: "go.work", Data: []byte(work)}) {
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
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	values := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i := range values {
		values[i] = names[i] + "=" + values[i]
	}
	return values
}
