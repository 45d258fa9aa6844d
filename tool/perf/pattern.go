package perf

import (
	"regexp"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/run"
)

// Pattern chooses benchmarks by name, as go test -bench does: an expression for each
// level of the name, between slashes, of which each must match somewhere in its
// level; alternatives are apart at "|". What slashes and bars in brackets stand for
// is part of an expression. The nil pattern chooses all.
type Pattern struct {
	text         string
	alternatives [][]*regexp.Regexp // by level
}

// ParsePattern reads a pattern.
func ParsePattern(text string) (*Pattern, error) {
	p := &Pattern{text: text}
	for _, alternative := range split(text, '|') {
		var levels []*regexp.Regexp
		for _, level := range split(alternative, '/') {
			r, err := regexp.Compile(strings.ReplaceAll(level, " ", "_")) // as package testing names them
			if err != nil {
				return nil, err
			}
			levels = append(levels, r)
		}
		p.alternatives = append(p.alternatives, levels)
	}
	return p, nil
}

// MustParsePattern reads a pattern of which it is known that it is one, and panics
// otherwise.
func MustParsePattern(text string) *Pattern {
	p, err := ParsePattern(text)
	if err != nil {
		panic(err)
	}
	return p
}

// bare are words that no POSIX shell reads anything into.
var bare = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=^-]+$`)

// quoted is a word as a shell takes it (POSIX 2.2.2). What a repository names, such as a
// branch or a sub-benchmark, may hold what a shell would run.
func quoted(word string) string {
	if bare.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// exactly is the pattern of one name, and what is below.
func exactly(name string) *Pattern { return MustParsePattern(run.Pattern(name)) }

// String returns the text that was parsed.
func (p *Pattern) String() string { return p.text }

// Match tells whether a benchmark is chosen.
func (p *Pattern) Match(name string) bool {
	levels := strings.Split(name, "/")
	return p.any(levels, func(a []*regexp.Regexp) bool { return len(a) <= len(levels) })
}

// mayMatch tells whether a benchmark, or what is below, may be chosen.
func (p *Pattern) mayMatch(name string) bool {
	return p.any(strings.Split(name, "/"), func([]*regexp.Regexp) bool { return true })
}

// any tells whether an alternative that is apt matches, as far as there are levels.
func (p *Pattern) any(levels []string, apt func([]*regexp.Regexp) bool) bool {
	if p == nil {
		return true
	}
	for _, a := range p.alternatives {
		matches := apt(a)
		for i := 0; matches && i < min(len(a), len(levels)); i++ {
			matches = a[i].MatchString(levels[i])
		}
		if matches {
			return true
		}
	}
	return false
}

// split cuts at a character outside of brackets.
func split(text string, at byte) []string {
	var parts []string
	round, square, start := 0, 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '[':
			square++
		case c == ']':
			square = max(0, square-1)
		case c == '(' && square == 0:
			round++
		case c == ')' && square == 0:
			round--
		case c == at && round == 0 && square == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}
