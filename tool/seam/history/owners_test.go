package history

import (
	"strings"
	"testing"
)

func TestOwnersByGitHubsRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, file, want string }{
		{"*", "a/b/c.go", "yes"},
		{"*.go", "a/b/c.go", "yes"},
		{"*.js", "a/b/c.go", "no"},
		{"/a/", "a/b/c.go", "yes"},
		{"/a/", "x/a/c.go", "no"},
		{"a/", "x/a/c.go", "yes"},
		{"a/", "a", "no"}, // a file, not a directory
		{"a", "x/a/c.go", "yes"},
		{"a", "x/a", "yes"},
		{"docs/*", "docs/c.go", "yes"},
		{"docs/*", "docs/build/c.go", "no"},
		{"docs/*.go", "docs/c.go", "yes"},
		{"a/b", "a/b/c.go", "yes"},
		{"a/b", "x/a/b/c.go", "no"},
		{"/a/b", "a/b", "yes"},
		{"**/logs", "x/y/logs/c.go", "yes"},
		{"**/logs", "logs/c.go", "yes"},
		{"/a/**/z.go", "a/z.go", "yes"},
		{"/a/**/z.go", "a/b/c/z.go", "yes"},
		{"/a/**", "a/b/c.go", "yes"},
		{"/a/**", "a", "no"},
		{"a?.go", "ab.go", "yes"},
		{`with\ space.go`, "with space.go", "yes"},
		{"!a.go", "a.go", "no"},
		{"[ab].go", "a.go", "no"},
		{"# a.go", "a.go", "no"},
		{"/", "a/b.go", "yes"},
	} {
		rules := ParseOwners([]byte(c.pattern + " @who # why\n"))
		if got := strings.Join(rules.Of(c.file), " "); (got == "@who") != (c.want == "yes") {
			t.Errorf("pattern %q, file %q: owners %q, want %s", c.pattern, c.file, got, c.want)
		}
	}
}

func TestLastOwnerLineWins(t *testing.T) {
	t.Parallel()
	rules := ParseOwners([]byte("# all\n* @all\n[Section]\n/api/ @a @b\n\n/api/free.go\n"))
	for file, want := range map[string]string{"x.go": "@all", "api/x.go": "@a @b", "api/free.go": ""} {
		if got := strings.Join(rules.Of(file), " "); got != want {
			t.Errorf("%s: owners %q, want %q", file, got, want)
		}
	}
}

func FuzzOwners(f *testing.F) {
	f.Add("* @all\n/a/**/b/ @x\n", "a/c/b/d.go")
	f.Add("a\\ b [ ! @x", "a b")
	f.Fuzz(func(t *testing.T, text, file string) {
		ParseOwners([]byte(text)).Of(file)
	})
}

func TestHardPatternIsQuick(t *testing.T) {
	t.Parallel()
	pattern := strings.Repeat("**/a/", 30) + "z"
	file := strings.Repeat("a/", 2000) + "y"
	if got := ParseOwners([]byte(pattern + " @x")).Of(file); got != nil {
		t.Errorf("owners %q, want none", got)
	}
}
