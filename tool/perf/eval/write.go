package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// findings are all that the tables tell.
type findings struct {
	records   []*record
	outcomes  []outcome
	resampled []resampled
}

// table has a title, a line of text, and rows of as many cells as the head.
type table struct {
	title, text string
	head        []string
	rows        [][]string
}

func (t *table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n", t.title)
	if t.text != "" {
		fmt.Fprintf(&b, "%s\n\n", t.text)
	}
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(t.head, " | "), strings.Repeat("---|", len(t.head)))
	for _, row := range t.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteString("\n")
	return b.String()
}

// write puts the tables into a Markdown file, each in place of the older one of
// the same title. What is not between the lines that mark a table is written by
// hand, and stays; so do tables without rows.
func (f *findings) write(name string) error {
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text := string(old)
	for _, t := range f.tables() {
		if len(t.rows) == 0 {
			continue
		}
		begin := fmt.Sprintf("<!-- table: %s -->\n", t.title)
		const end = "<!-- end of table -->\n"
		before, rest, ok := strings.Cut(text, begin)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			before, after = text, ""
		}
		text = before + begin + t.markdown() + end + after
	}
	return os.WriteFile(name, []byte(text), 0o644)
}
