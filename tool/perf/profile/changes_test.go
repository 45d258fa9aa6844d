package profile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestChangedFunctionsAreThoseWithOtherCodeOnBothSides(t *testing.T) {
	t.Parallel()
	c := NewChanges(map[string]Source{
		"m/a.go": {
			Base: []byte(`package m
func Same() { f(); g() }
func (t *T[K]) Changed() { f(1) }
func Gone() {}
func Small() {}
func Moved() { f() }
func init() { f() }
`),
			Head: []byte(`package m
// Same has another layout, and a word more.
func Same() {
	f() // a comment
	g(
	)
}
func (t *T[K]) Changed() { f(2) }
func Fresh() {}
// Small is not inlined any more.
//
//go:noinline
func Small() {}
func init() { f() }
`),
		},
		"m/b.go":      {Head: []byte("package m\n\nfunc Moved() { f(2) }\n")},
		"m/broken.go": {Base: []byte("package"), Head: []byte("not Go")},
	})
	var got []string
	for _, file := range []string{"m/a.go", "m/b.go", "m/broken.go"} {
		for side := range 2 {
			for line := range 20 {
				d := c.find(side, frame{file: file, line: line})
				if d != nil && d.start[side] == line {
					got = append(got, fmt.Sprintf("%s side %d: %s changed %v single %v", file, side, d.name, d.changed(), d.single()))
				}
			}
		}
	}
	want := []string{
		"m/a.go side 0: Same changed false single false",
		"m/a.go side 0: T.Changed changed true single false",
		"m/a.go side 0: Gone changed false single true",
		"m/a.go side 0: Small changed true single false",
		"m/a.go side 0: Moved changed true single false",
		"m/a.go side 0: init changed false single false",
		"m/a.go side 1: Same changed false single false",
		"m/a.go side 1: T.Changed changed true single false",
		"m/a.go side 1: Fresh changed false single true",
		"m/a.go side 1: Small changed true single false",
		"m/a.go side 1: init changed false single false",
		"m/b.go side 1: Moved changed true single false",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAlignedLinesAreEqualAndNoneIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "}"}), 0, 30)
		base, head := lines.Draw(rt, "base"), lines.Draw(rt, "head")
		at := [2]int{}
		for i, s := range align(base, head) {
			if s.from != at || s.to == s.from {
				rt.Fatalf("segment %d is %+v after %v", i, s, at)
			}
			b, h := base[s.from[0]:s.to[0]], head[s.from[1]:s.to[1]]
			if s.equal != slices.Equal(b, h) {
				rt.Fatalf("segment %d is %+v: %q and %q", i, s, b, h)
			}
			for _, l := range b {
				if !s.equal && slices.Contains(h, l) {
					rt.Fatalf("segment %d: %q and %q share %q", i, b, h, l)
				}
			}
			at = s.to
		}
		if at != [2]int{len(base), len(head)} {
			rt.Fatalf("aligned up to %v of %d and %d", at, len(base), len(head))
		}
	})
}

func TestFunctionsTooLongToAlignAreAlignedAtTheirEnds(t *testing.T) {
	t.Parallel()
	long := func(word string) []string {
		list := []string{"first"}
		for i := range 1100 {
			list = append(list, fmt.Sprint(word, i))
		}
		return append(list, "last")
	}
	got := align(long("a"), long("b"))
	want := []segment{
		{[2]int{0, 0}, [2]int{1, 1}, true},
		{[2]int{1, 1}, [2]int{1101, 1101}, false},
		{[2]int{1101, 1101}, [2]int{1102, 1102}, true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzNewChanges(f *testing.F) {
	f.Add(before, strings.ReplaceAll(before, "g(n)", "//line x.go:1\n\tg(n)"))
	f.Add("package p; func _(){}; func _(){}", "package p; func (a.b) x(){}")
	f.Fuzz(func(t *testing.T, base, head string) {
		c := NewChanges(map[string]Source{"a.go": {[]byte(base), []byte(head)}})
		for side, text := range [...]string{base, head} {
			for line := range strings.Count(text, "\n") + 3 {
				d := c.find(side, frame{file: "a.go", line: line})
				if d == nil {
					continue
				}
				if row := d.row(side, line, nil); row == 0 || side == 1 && row < 0 {
					t.Errorf("line %d of side %d is at %d in %+v", line, side, row, d)
				}
			}
		}
	})
}
