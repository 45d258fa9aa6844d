// Package plain makes text that others wrote safe to print: names, messages of commits,
// words of other programs.
//
// What is not printable becomes a space, so that nothing moves a terminal's cursor or
// sets its clipboard. What the runners of GitHub and its kin take for a workflow command
// ("::error::" at the start of a line, "##[error]" anywhere in it) is broken by a space;
// see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
package plain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns a text as one line. Where that may come to stand at the start of one, use
// Start, too.
func Line(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) && c != utf8.RuneError {
			return c
		}
		return ' '
	}, s)
	return strings.ReplaceAll(s, "##[", "## [")
}

// Start returns a text that is safe at the start of a line, and as long.
func Start(line string) string {
	words := strings.TrimLeft(line, " ")
	if rest, ok := strings.CutPrefix(words, "::"); ok {
		return line[:len(line)-len(words)] + ": " + rest
	}
	return line
}

// Text returns a text of several lines. Tabs at the start of a line stay.
func Text(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		words := strings.TrimLeft(l, "\t")
		lines[i] = l[:len(l)-len(words)] + Start(Line(words))
	}
	return strings.Join(lines, "\n")
}
