package main

import (
	"os"
	"strings"
	"testing"
)

// holdFlag makes the test binary start load and then wait for its own end.
const holdFlag = "-hold"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case busyFlag:
			main()
			return
		case holdFlag:
			hold()
			return
		}
	}
	os.Exit(m.Run())
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/cases", "one two\n")
	write(t, dir+"/broken", "{}\n{\n")
	for _, c := range []struct{ args, want string }{
		{"", "eval: -o is missing: name the file for the results\n"},
		{"-o " + dir + "/x -load 65", "eval: -load 65: want at most 64\n"},
		{"-o " + dir + "/x -do (", "eval: -do: error parsing regexp: missing closing ): `(`\n"},
		{"-o " + dir + "/x -cases " + dir + "/cases", "eval: " + dir + "/cases:1: 2 fields: want 8: name, directory, expectation, effect, base, head, package, benchmarks\n"},
		{"-o " + dir + "/x -join " + dir + "/broken", "eval: " + dir + "/broken: line 2: unexpected end of JSON input\n"},
	} {
		var stdout, stderr strings.Builder
		code := run(t.Context(), strings.Fields(c.args), &stdout, &stderr)
		if code != 2 || stderr.String() != c.want {
			t.Errorf("%s: code %d, said %q, want %q", c.args, code, stderr.String(), c.want)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
