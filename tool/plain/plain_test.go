package plain_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/hemilith/hemilith/tool/plain"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"all is well":                 "all is well",
		"a\n\tb\tc\n":                 "a\n\tb c\n",
		"\x1b]52;c;YQ==\x07":          " ]52;c;YQ== ",
		"over\rwritten":               "over written",
		"\u202eright to left":         " right to left",
		"bad \xff byte":               "bad   byte",
		"::error file=a::b":           ": error file=a::b",
		" \t ::add-mask::x":           "   : add-mask::x",
		"\t\t  ::add-mask::x":         "\t\t  : add-mask::x",
		"a::b\n::c":                   "a::b\n: c",
		"x ##[set-output name=a]b":    "x ## [set-output name=a]b",
		"the first\n:::error::second": "the first\n: :error::second",
	} {
		if got := plain.Text(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzText: whatever was written, no line of what comes out is a command or has what is
// not printable, and a second time nothing changes.
func FuzzText(f *testing.F) {
	for _, s := range []string{"a\tb", "::error::", "##[error]", "\x1b[2J", "####[[", "\u00a0::x", "#\x00#["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := plain.Text(s)
		for line := range strings.SplitSeq(got, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
				t.Errorf("%q has a command: %q", s, line)
			}
			for _, c := range strings.TrimLeft(line, "\t") {
				if !unicode.IsPrint(c) {
					t.Errorf("%q: %q is not printable", s, c)
				}
			}
		}
		if again := plain.Text(got); again != got {
			t.Errorf("%q becomes %q, and that %q", s, got, again)
		}
	})
}

func TestJSONIsNoCommand(t *testing.T) {
	t.Parallel()
	in := map[string]string{"a": `\\##[set-output name=a]b & <c> \u0023`}
	var text strings.Builder
	if err := plain.JSON(&text, in); err != nil {
		t.Fatal(err)
	}
	var out map[string]string
	if err := json.Unmarshal([]byte(text.String()), &out); err != nil || out["a"] != in["a"] {
		t.Errorf("%s becomes %q, %v", text.String(), out, err)
	}
	if got := text.String(); strings.Contains(got, "##[") || !strings.Contains(got, "& <c>") {
		t.Errorf("got %s", got)
	}
}
