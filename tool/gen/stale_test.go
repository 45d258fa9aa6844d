package gen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestStaleCodeDoesNotCompile changes a program after generating, in ways that
// the generated code no longer fits.
func TestStaleCodeDoesNotCompile(t *testing.T) {
	t.Parallel()
	ar, err := txtar.ParseFile("testdata/simple.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := unpack(t, ar)
	generated(t, dir)
	source := filepath.Join(dir, "stock", "stock.go")
	fresh, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := goRun(t, dir, "build", "./..."); err != nil {
		t.Fatalf("fresh code: %v\n%s", err, out)
	}
	for _, change := range []struct{ what, old, new string }{
		{"a method more", "type API interface {", "type API interface {\n\tMore(ctx context.Context) error"},
		{"a method less", "	Put(ctx context.Context, lines ...Line) error\n", ""},
		{"another parameter", "lines ...Line)", "lines ...*Line)"},
		{"a field more", "	note  string", "	note  string\n\tmore int"},
		{"a field less", "	N   int\n", ""},
		{"a field of another type", "	N   int\n", "	N   int32\n"},
		{"fields in another order", "	SKU string\n	N   int\n", "	N   int\n	SKU string\n"},
		{"a named type of another kind", "type Grade int8", "type Grade uint8"},
		{"a sentinel renamed", "ErrGone", "ErrAway"},
		{"the implementation lacks a method", "(k *Keeper) Put", "(k *Keeper) Push"},
	} {
		text := strings.ReplaceAll(string(fresh), change.old, change.new)
		if text == string(fresh) {
			t.Fatalf("%s: %q is not in the source", change.what, change.old)
		}
		if err := os.WriteFile(source, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := goRun(t, dir, "build", "./stock")
		if err == nil || !strings.Contains(out, FileName+":") {
			t.Errorf("%s: go build: %v\n%swant errors in %s", change.what, err, out, FileName)
		}
	}
}

// TestCodeOfAnotherVersionDoesNotCompile: the runtime that it was made for is
// gone.
func TestCodeOfAnotherVersionDoesNotCompile(t *testing.T) {
	t.Parallel()
	ar, err := txtar.ParseFile("testdata/simple.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := unpack(t, ar)
	generated(t, dir)
	path := filepath.Join(dir, "stock", FileName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(text), "wire.Version1", "wire.Version0", 1)
	if err := os.WriteFile(path, []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := goRun(t, dir, "build", "./stock")
	if want := FileName + ":19:16: undefined: wire.Version0"; err == nil || !strings.Contains(out, want) {
		t.Errorf("got %v\n%swant %s", err, out, want)
	}
}

// TestCheckNamesWhatIsStale goes through missing, stale and needless files.
func TestCheckNamesWhatIsStale(t *testing.T) {
	t.Parallel()
	ar, err := txtar.ParseFile("testdata/simple.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := unpack(t, ar)
	needless := filepath.Join(dir, "extra", FileName)
	for path, text := range map[string]string{
		filepath.Join(dir, "extra", "extra.go"):      "package extra\n",
		needless:                                     "package extra\n",
		filepath.Join(dir, "stock", FileName):        "package stock\n",
		filepath.Join(dir, "stock", "zz_another.go"): "package stock\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Generate(load(t, dir), Options{Layout: shopLayout})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(r.Check(), "\n")
	want := "extra/zz_hemilith_gen.go: no longer needed\nhemilith.lock: missing\nstock/zz_hemilith_gen.go: stale\nzz_hemilith_gen.go: missing"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if err := r.Write(); err != nil {
		t.Fatal(err)
	}
	if got := r.Check(); len(got) > 0 {
		t.Errorf("after Write: got %q, want nothing", got)
	}
	if _, err := os.Stat(needless); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", needless, err)
	}
	if r.Binds[0] != (Name{"stock", "main.go:19"}) || r.Roles[0] != (Name{"web", "main.go:25"}) {
		t.Errorf("got %v and %v", r.Binds, r.Roles)
	}
}
