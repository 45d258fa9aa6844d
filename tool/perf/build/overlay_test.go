package build

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func benchmarkSource(t *testing.T) string {
	t.Helper()
	tc, err := findToolchain(t.Context(), goTool{dir: "."})
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(tc.root, "src", "testing", "benchmark.go"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

func TestMeterIsAddedToTheInstalledTestingPackage(t *testing.T) {
	t.Parallel()
	source := benchmarkSource(t)
	got, err := meterBenchmark([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	// Without what was added, it is what it was.
	text := strings.Replace(string(got), meterField, "", 1)
	for _, e := range edits {
		if e.before != "" {
			text = strings.Replace(text, e.before+"; "+e.statement, e.statement, 1)
		} else {
			text = strings.Replace(text, e.statement+"; "+e.after, e.statement, 1)
		}
	}
	if text != source {
		t.Error("something else was changed")
	}
}

func TestToolchainOfATreeIsFound(t *testing.T) {
	t.Parallel()
	base, head := goTool{dir: "."}, goTool{dir: ".."}
	tc, err := sameToolchain(t.Context(), &base, &head)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(tc.version, "go1.") || tc.root == "" || tc.os == "" || !strings.Contains(tc.settings, "GOARCH=") {
		t.Errorf("%+v", tc)
	}
	if len(base.env)+len(head.env) > 0 {
		t.Errorf("equal toolchains need no settings: %q, %q", base.env, head.env)
	}
}

// TestUnknownTestingPackageIsRefused takes one statement after the other away.
func TestUnknownTestingPackageIsRefused(t *testing.T) {
	t.Parallel()
	source := benchmarkSource(t)
	for _, e := range edits {
		_, err := meterBenchmark([]byte(strings.ReplaceAll(source, e.statement, "_ = 0")))
		if err == nil || !strings.Contains(err.Error(), " has 0 statements ") {
			t.Errorf("without %s: %v", e.statement, err)
		}
	}
	root := t.TempDir()
	file := filepath.Join(root, "src", "testing", "benchmark.go")
	if err := writeFile(file, []byte("package testing\n")); err != nil {
		t.Fatal(err)
	}
	_, err := writeOverlay(toolchain{root: root, version: "go9.1"}, t.TempDir())
	want := file + ` of go9.1 is not as expected: StartTimer has 0 statements "b.start = highPrecisionTimeNow()", not 1: measure with go1.24, go1.25 or go1.26`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	_, err = writeOverlay(toolchain{root: root, version: "go9.1"}, t.TempDir())
	want = "the source of package testing is needed to measure CPU time in it: open " + file + ": no such file or directory"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
