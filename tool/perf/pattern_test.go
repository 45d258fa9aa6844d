package perf

import (
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/perf/run"
)

func TestPatternsChooseAsGoTestDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want, may     bool // may: of the function alone
	}{
		{"Sum", "BenchmarkSum", true, true},
		{"Sum", "BenchmarkSums/small", true, true},
		{"^BenchmarkSum$", "BenchmarkSums", false, false},
		{"small", "BenchmarkSum/small", false, false},
		{"Sum/small", "BenchmarkSum/smaller/x", true, true},
		{"Sum/small", "BenchmarkSum", false, true},
		{"Sum/^small$", "BenchmarkSum/smaller", false, true},
		{"/small", "BenchmarkAny/small", true, true},
		{"Fill|Sum/a", "BenchmarkFill/b", true, true},
		{"Fill|Sum/a", "BenchmarkSum/b", false, true},
		{"(Fill|Sum)/a", "BenchmarkSum/a", true, true},
		{"Sum/[a/]b", "BenchmarkSum/ab", true, true},
		{`Sum/a\/`, "BenchmarkSum/a/", false, true},
		{"Sum/two words", "BenchmarkSum/two_words", true, true},
		{".", "BenchmarkX", true, true},
	} {
		p, err := ParsePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Match(c.name); got != c.want {
			t.Errorf("%s matches %s: got %v, want %v", c.pattern, c.name, got, c.want)
		}
		function, _, _ := strings.Cut(c.name, "/")
		if got := p.mayMatch(function); got != c.may {
			t.Errorf("%s may match %s: got %v, want %v", c.pattern, function, got, c.may)
		}
	}
	if _, err := ParsePattern("Sum/("); err == nil {
		t.Error("no error for Sum/(")
	}
	var all *Pattern
	if !all.Match("BenchmarkX") || !all.mayMatch("BenchmarkX") {
		t.Error("no pattern does not choose all")
	}
	if p := exactly("BenchmarkX/a.b"); !p.Match("BenchmarkX/a.b") || p.Match("BenchmarkX/aab") || p.Match("BenchmarkX") {
		t.Error("an exact name chooses something else")
	}
}

// TestNextCommandsSayWhatTheyMean: a name in a command that is printed means that
// benchmark alone, and no shell runs a part of it.
func TestNextCommandsSayWhatTheyMean(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"BenchmarkA":            `'^BenchmarkA$'`,
		"BenchmarkA/x":          `'^BenchmarkA$/^x$'`,
		"BenchmarkA/f(1)|[;`x`": "'^BenchmarkA$/^f\\(1\\)\\|\\[;`x`$'",
		"BenchmarkA/it's":       `'^BenchmarkA$/^it'\''s$'`,
	} {
		if got := quoted(run.Pattern(name)); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if p, err := ParsePattern(run.Pattern(name)); err != nil || !p.Match(name) || p.Match(name+"x") || p.Match("x"+name) {
			t.Errorf("%s does not match itself alone: %v", run.Pattern(name), err)
		}
	}
	for word, want := range map[string]string{"v1.4.0": "v1.4.0", "origin/main": "origin/main", "a;b": "'a;b'", "$(x)": "'$(x)'", "HEAD^": "HEAD^", "": "''"} {
		if got := quoted(word); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestWhatFailsAboveWhatIsAskedForIsTold(t *testing.T) {
	t.Parallel()
	p := MustParsePattern("Part/sub/x")
	for name, want := range map[string]bool{
		"BenchmarkPart": true, "BenchmarkPart/sub": true, "BenchmarkPart/sub/x": true, "BenchmarkPart/sub/x/y": true,
		"BenchmarkPart/other": false, "BenchmarkPart/sub/z": false, "BenchmarkAll": false,
	} {
		if got := p.mayMatch(name); got != want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
