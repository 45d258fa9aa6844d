// Package doctable keeps tables that a command makes in documents that people write:
// each table stands between two comments, and only what is between them is replaced.
package doctable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Table has a title, which names it in the document, a line of text, and rows of as
// many cells as the head. Cells are Markdown.
type Table struct {
	Title, Text string
	Head        []string
	Rows        [][]string
}

// New makes a table.
func New(title, text string, head []string, rows [][]string) Table {
	return Table{Title: title, Text: text, Head: head, Rows: rows}
}

func (t *Table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n", t.Title)
	if t.Text != "" {
		fmt.Fprintf(&b, "%s\n\n", t.Text)
	}
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(t.Head, " | "), strings.Repeat("---|", len(t.Head)))
	for _, row := range t.Rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	b.WriteString("\n")
	return b.String()
}

// Write puts tables into a Markdown file, each in place of the older one of the same
// title, new ones at the end. What is not between the lines that mark a table stays;
// so do tables of which there are no rows this time.
func Write(file string, tables []Table) error {
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text := string(old)
	for _, t := range tables {
		if len(t.Rows) == 0 {
			continue
		}
		begin := fmt.Sprintf("<!-- table: %s -->\n", t.Title)
		const end = "<!-- end of table -->\n"
		before, rest, ok := strings.Cut(text, begin)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			before, after = text, ""
		}
		text = before + begin + t.markdown() + end + after
	}
	return os.WriteFile(file, []byte(text), 0o644)
}
