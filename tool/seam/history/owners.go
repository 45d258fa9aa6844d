package history

import (
	"bufio"
	"bytes"
	"context"
	"path"
	"strings"
)

// Bounds of a CODEOWNERS file.
const (
	maxRules  = 20_000
	maxPieces = 64 // of one pattern, between slashes
)

// places are where CODEOWNERS may be, in GitHub's order, then GitLab's.
func places() []string {
	return []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"}
}

// readOwners looks up the owners of today's Go files. Outside git, nobody knows
// where the root is, and nobody owns anything.
func (h *History) readOwners(ctx context.Context, dir string, repo *repository) {
	if repo == nil {
		return
	}
	for _, place := range places() {
		text, err := repo.blob(ctx, place)
		if err != nil {
			continue
		}
		rules := ParseOwners(text)
		h.OwnersFile = place
		for file := range h.paths.alive {
			if who := rules.Of(repo.prefix + file); len(who) > 0 {
				h.Owners[file] = who
			}
		}
		return
	}
}

// OwnerRules are the lines of a CODEOWNERS file.
type OwnerRules []ownerRule

type ownerRule struct {
	pieces []string
	below  bool // what matches may be a directory above the file
	owners []string
}

// ParseOwners reads a CODEOWNERS file. Lines that GitHub would skip are skipped:
// comments, and patterns with "!" or "["; so are headings of GitLab's sections.
func ParseOwners(text []byte) OwnerRules {
	var rules OwnerRules
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() && len(rules) < maxRules {
		line, _, _ := strings.Cut(lines.Text(), " #")
		fields := strings.Fields(strings.ReplaceAll(line, `\ `, "\x00"))
		if len(fields) == 0 || strings.ContainsAny(fields[0][:1], "#!") || strings.Contains(fields[0], "[") {
			continue
		}
		pattern := strings.ReplaceAll(fields[0], "\x00", " ")
		if r, ok := newRule(pattern); ok {
			r.owners = fields[1:]
			rules = append(rules, r)
		}
	}
	return rules
}

// newRule reads a pattern as gitignore does: a slash at the start or within
// anchors it at the root, one at the end asks for a directory.
func newRule(pattern string) (ownerRule, bool) {
	var r ownerRule
	pattern, directory := strings.CutSuffix(pattern, "/")
	anchored := strings.Contains(pattern, "/")
	pattern = strings.TrimPrefix(pattern, "/")
	if pattern == "" {
		pattern = "**" // "/" alone is the root
	}
	r.pieces = strings.Split(pattern, "/")
	if !anchored {
		r.pieces = append([]string{"**"}, r.pieces...)
	}
	if directory {
		r.pieces = append(r.pieces, "**")
	}
	// GitHub: docs/* owns the files in docs, not those further down.
	r.below = !(anchored && r.pieces[len(r.pieces)-1] == "*")
	if len(r.pieces) > maxPieces {
		return r, false
	}
	for _, p := range r.pieces {
		if _, err := path.Match(p, ""); err != nil {
			return r, false
		}
	}
	return r, true
}

// Of returns the owners of a file, which is relative to the repository: those of
// the last line that matches. None is an answer: a line without owners takes
// them away.
func (rules OwnerRules) Of(file string) []string {
	parts := strings.Split(file, "/")
	for i := len(rules) - 1; i >= 0; i-- {
		if rules[i].match(parts) {
			return rules[i].owners
		}
	}
	return nil
}

// match runs over the parts with all states of the pattern at once, so no
// pattern takes long.
func (r ownerRule) match(parts []string) bool {
	n := len(r.pieces)
	states := make([]bool, n+1)
	states[0] = true
	skip(states, r.pieces)
	for i, part := range parts {
		next := make([]bool, n+1)
		for s := range n {
			if !states[s] {
				continue
			}
			if r.pieces[s] == "**" {
				next[s] = true
				next[s+1] = next[s+1] || s == n-1
			} else if ok, _ := path.Match(r.pieces[s], part); ok {
				next[s+1] = true
			}
		}
		states = next
		skip(states, r.pieces)
		last := i == len(parts)-1
		if states[n] && (last || r.below) {
			return true
		}
	}
	return false
}

// skip lets "**" stand for nothing, but not at the end of a pattern.
func skip(states []bool, pieces []string) {
	for s, p := range pieces {
		if states[s] && p == "**" && s < len(pieces)-1 {
			states[s+1] = true
		}
	}
}
