package build

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBenchmarksSayWhereHeadDeclaresThem(t *testing.T) {
	t.Parallel()
	w := repository(t, `
-- sub/go.mod --
module example.com/sub

go 1.24
-- sub/x/x_test.go --
package x

import "testing"

func BenchmarkGone(b *testing.B) {}

// BenchmarkMoved moves.
func BenchmarkMoved(b *testing.B) {}
-- sub/x/outside_test.go --
package x_test

import "testing"

//line other.y:700
func BenchmarkOutside(b *testing.B) {}
`)
	first := w.git("rev-parse", "HEAD")
	w.edit("sub/x/x_test.go", "func BenchmarkGone(b *testing.B) {}\n", "var a, c int\n\nvar d int\n")
	w.commit("second")
	b, err := w.prepare(Options{Dir: w.dir + "/sub", Base: first, Head: "HEAD"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Place{}
	for _, p := range b.Packages {
		for _, f := range p.Benchmarks {
			got[f.Name] = f.Declared
		}
	}
	want := map[string]Place{
		"BenchmarkGone":    {},
		"BenchmarkMoved":   {"sub/x/x_test.go", 10},
		"BenchmarkOutside": {"sub/x/outside_test.go", 6},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestSubjectsAreOneLineThatIsSafeToPrint(t *testing.T) {
	t.Parallel()
	w := repository(t, module)
	first := w.git("rev-parse", "HEAD")
	r, err := openRepo(t.Context(), w.dir)
	if err != nil {
		t.Fatal(err)
	}
	for message, want := range map[string]string{
		"a: b\n\nbody":           "a: b",
		"two\nlines\n\nbody":     "two lines",
		"\x1b[31mred\u202e\x07 ": "[31mred",
		"größer, 大":              "größer, 大",
		strings.Repeat("é", 200): strings.Repeat("é", 200),
		strings.Repeat("é", 201): strings.Repeat("é", 199) + "…",
		"":                       "",
		"%H %s\n\nwhat looks like a format is none": "%H %s",
	} {
		w.git("commit", "-q", "--allow-empty", "--allow-empty-message", "-m", message)
		b, h, err := r.revisions(t.Context(), first, "")
		if err != nil {
			t.Fatal(err)
		}
		if h.Subject != want || b.Subject != "first" {
			t.Errorf("%q: got %q and of base %q, want %q", message, h.Subject, b.Subject, want)
		}
	}
}
