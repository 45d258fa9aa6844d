package tour

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	plainMain = "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(1)\n\tfmt.Println(2)\n}\n"
	cutMain   = "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(1)\n\tfmt.Println(3)\n\tfmt.Println(4)\n}\n"
	aPatch    = `diff --git a/hemilith.yaml b/hemilith.yaml
new file mode 100644
--- /dev/null
+++ b/hemilith.yaml
@@ -0,0 +1,2 @@
+version: 1
+services: {}
diff --git a/main.go b/main.go
--- a/main.go
+++ b/main.go
@@ -4,5 +4,6 @@ import "fmt"
 
 func main() {
 	fmt.Println(1)
-	fmt.Println(2)
+	fmt.Println(3)
+	fmt.Println(4)
 }
`
)

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAPatchAppliesAndReverses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := readPatch(write(t, t.TempDir(), "a.patch", aPatch))
	if err != nil {
		t.Fatal(err)
	}
	main := write(t, dir, "main.go", plainMain)
	if p.added != 4 || p.deleted != 1 {
		t.Errorf("added %d, deleted %d; want 4, 1", p.added, p.deleted)
	}
	if err := p.apply(dir); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(main); string(got) != cutMain {
		t.Errorf("applied:\n%s\nwant\n%s", got, cutMain)
	}
	if err := p.reversed().apply(dir); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(main); string(got) != plainMain {
		t.Errorf("reversed:\n%s\nwant\n%s", got, plainMain)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files are left, want main.go alone", len(entries))
	}
}

func TestAPatchThatDoesNotApplyWritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := readPatch(write(t, t.TempDir(), "a.patch", aPatch))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "main.go", strings.Replace(plainMain, "Println(2)", "Println(5)", 1))
	err = p.apply(dir)
	if err == nil || !strings.HasPrefix(err.Error(), "main.go does not apply: conflict") {
		t.Errorf("got %v, want a conflict in main.go", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files, want main.go alone", len(entries))
	}
}

func TestSameTreeNamesTheDifference(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, content, want string }{
		{"equal", "a.go", "x", ""},
		{"changed", "a.go", "y", "a.go differs at byte 0"},
		{"left over", "b.go", "y", "b.go is left over"},
	} {
		want, got := t.TempDir(), t.TempDir()
		write(t, want, "a.go", "x")
		write(t, got, "a.go", "x")
		write(t, got, tc.file, tc.content)
		err := sameTree(want, got)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
	want := t.TempDir()
	write(t, want, "a.go", "x")
	if err := sameTree(want, t.TempDir()); err == nil || !strings.Contains(err.Error(), "a.go is gone") {
		t.Errorf("gone: got %v", err)
	}
}

func TestOutsideACheckoutTheTourSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := findRoot(dir)
	if err == nil || !strings.HasPrefix(err.Error(), dir+": no checkout of hemilith at or above") || !bytes.Contains([]byte(err.Error()), []byte("git clone")) {
		t.Errorf("got %v", err)
	}
}
