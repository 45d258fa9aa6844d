package history

import (
	"fmt"
	"strings"
	"testing"
)

func TestBots(t *testing.T) {
	t.Parallel()
	for who, want := range map[string]bool{
		"dependabot[bot]|49699333+dependabot[bot]@users.noreply.github.com": true,
		"Dependabot|support@x":                      true,
		"renovate|r@x":                              true,
		"Release Bot|r@x":                           true,
		"deploy|deploy-bot@x":                       true,
		"k8s|k8s-ci-robot@users.noreply.github.com": true,
		"GitHub|github-actions@x":                   true,
		"Anna Abbott|abbott@x":                      false,
		"Bottom|bottom@x":                           false,
		"Talbot|talbot@x":                           false,
		"Noreply Person|noreply@x":                  false,
	} {
		name, mail, _ := strings.Cut(who, "|")
		if got := bot(name, mail); got != want {
			t.Errorf("%s: bot %v, want %v", who, got, want)
		}
	}
}

// TestPeopleAreJoined: each line is a spelling and how often it is used; the
// people are what is wanted.
func TestPeopleAreJoined(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, spellings, want string
	}{
		{"the same address", "Ada|A@x|3, Ada Moss|a@X|2", "Ada:5"},
		{"the same full name", "Ada Moss|a@x|1, ada  moss|b@x|2", "ada moss:3"},
		{"over both", "Ada Moss|a@x|1, Ada Moss|b@x|1, Moss|b@x|1", "Ada Moss:3"},
		{"a first name is not enough", "David|a@x|2, David|b@x|1", "David:2 David:1"},
		{"an account of the forge", "amoss|a@x|2, Ada Moss|17+amoss@users.noreply.github.com|1", "amoss:3"},
		{"old and new address of the forge", "A|amoss@users.noreply.github.com|2, B|17+AMoss@users.noreply.github.com|1", "A:3"},
		{"no address", "Ada Moss||1, Bob Reed||1, Carl|root@localhost|1, Dora|none@localhost|1", "Ada Moss:1 Bob Reed:1 Carl:1 Dora:1"},
		{"once on another's machine", "Ada Moss|a@x|40, Bob Reed|b@x|40, Ada Moss|b@x|2", "Ada Moss:42 Bob Reed:40"},
		{"a new name", "Ada Moss|a@x|40, Ada Reed|a@x|40", "Ada Moss:80"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ids := newIdentities()
			var commits []Commit
			for s := range strings.SplitSeq(c.spellings, ", ") {
				f := strings.Split(s, "|")
				var n int
				fmt.Sscan(f[2], &n)
				for range n {
					commits = append(commits, Commit{Author: ids.see(f[0], f[1])})
				}
			}
			authors := ids.join(commits)
			count := make([]int, len(authors))
			for _, c := range commits {
				count[c.Author]++
			}
			var got []string
			for i, a := range authors {
				got = append(got, fmt.Sprintf("%s:%d", a.Name, count[i]))
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("people %q, want %q", got, c.want)
			}
		})
	}
}
