package main

import (
	"strings"
	"testing"
)

func TestTablesOfSeveralRunsAreJoined(t *testing.T) {
	t.Setenv("HEMILITH_CACHE", t.TempDir())
	dir := t.TempDir()
	var json, text, stderr strings.Builder
	if code := run(t.Context(), []string{"-quick", "-json", "-case", "two=testdata/two"}, &json, &stderr); code != 0 {
		t.Fatal(stderr.String())
	}
	writeFile(t, dir+"/a.json", json.String())
	if code := run(t.Context(), []string{"-join", dir + "/a.json," + dir + "/a.json", "-o", dir + "/doc.md"}, &text, &stderr); code != 0 {
		t.Fatal(stderr.String())
	}
	if got := readFile(t, dir+"/doc.md"); strings.Count(got, "| two  | ") != 2 {
		t.Errorf("got\n%s", got)
	}
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-case", "x"}, {"-join", "none.json"}, {"-none"}} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), args, &stdout, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("%v: code %d, said %q", args, code, stderr.String())
		}
	}
}
