package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/tour"
)

// TestTheShopsOwnTestsPassInEveryMode cuts a copy of the bundled monolith and
// runs its tests, of which no line knows of boundaries, with the boundary in
// each mode.
func TestTheShopsOwnTestsPassInEveryMode(t *testing.T) {
	t.Parallel()
	examples := t.TempDir() // the shop's tests look for its recording beside it
	if err := os.CopyFS(filepath.Join(examples, "cut"), os.DirFS("../../examples/cut")); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(examples, "shop")
	if err := tour.Cut(t.Context(), ".", dir, generateQuietly); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"inprocess", "strict", "remote-memory", "remote"} {
		t.Run(mode, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "go", "test", "-timeout", "8m", "./...")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "HEMILITH_MODE="+mode)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if !strings.Contains(string(out), "ok  \t") {
				t.Errorf("no test ran:\n%s", out)
			}
		})
	}
}
