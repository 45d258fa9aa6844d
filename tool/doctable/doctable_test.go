package doctable

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTablesReplaceOnlyThemselves(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "doc.md")
	first := []Table{New("One", "About.", []string{"a", "b"}, [][]string{{"1", "2"}}), New("Two", "", []string{"c"}, [][]string{{"3"}})}
	if err := Write(file, first); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append([]byte("by hand\n"), append(text, "and below\n"...)...), 0o644); err != nil {
		t.Fatal(err)
	}
	again := []Table{New("One", "", []string{"a"}, [][]string{{"5"}}), New("Two", "", []string{"c"}, nil)}
	if err := Write(file, again); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := "by hand\n" +
		"<!-- table: One -->\n\n### One\n\n| a |\n|---|\n| 5 |\n\n<!-- end of table -->\n" +
		"<!-- table: Two -->\n\n### Two\n\n| c |\n|---|\n| 3 |\n\n<!-- end of table -->\n" +
		"and below\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
