package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheModuleAroundADirectoryIsFoundInAnySpelling(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"module example.com/a\n":                          "example.com/a",
		"// module no\n\n\tmodule \"example.com/b\" // x": "example.com/b",
		"go 1.24\nmodule (\n\t`example.com/c`\n)\n":       "example.com/c",
		"module example.com/d//comment\n":                 "example.com/d",
	} {
		root := t.TempDir()
		dir := filepath.Join(root, "x", "y")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		gotRoot, got, err := Module(dir)
		if gotRoot != root || got != want || err != nil {
			t.Errorf("%q: got %s %s %v, want %s %s", text, gotRoot, got, err, root, want)
		}
	}
}

func TestSourcesWithoutAModuleAreAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("go 1.24\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := "cannot compare the sources: no module around " + dir + ": go.mod names none"
	if _, err := ReadChanges(dir, dir); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := ReadChanges("/", "/"); err == nil || !strings.HasPrefix(err.Error(), "cannot compare the sources: no module around /: ") {
		t.Errorf("got %v", err)
	}
}
