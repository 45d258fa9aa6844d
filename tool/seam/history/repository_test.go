package history

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newest is when the last commit of each test repository is made.
var newest = time.Date(2030, 6, 30, 12, 0, 0, 0, time.UTC)

// change is a commit to make. Each line of edits is "+ path text", "- path" or
// "> old new".
type change struct {
	who   string // Name <address>
	ago   int    // days before newest
	edits string
	merge string // a branch to merge, whose changes edits repeats
	on    string // branch, main if ""
	from  string // branch that on starts at
}

// repositoryOf makes a repository of changes, oldest first.
func repositoryOf(t *testing.T, changes ...change) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, nil, "init", "-q", "-b", "main")
	var in bytes.Buffer
	for _, c := range changes {
		branch := "main"
		if c.on != "" {
			branch = c.on
		}
		at := newest.AddDate(0, 0, -c.ago).Unix()
		fmt.Fprintf(&in, "commit refs/heads/%s\nauthor %s %d +0000\ncommitter C <c@c> %d +0000\ndata 1\nx\n", branch, c.who, at, at)
		if c.from != "" {
			fmt.Fprintf(&in, "from refs/heads/%s\n", c.from)
		}
		if c.merge != "" {
			fmt.Fprintf(&in, "merge refs/heads/%s\n", c.merge)
		}
		for line := range strings.Lines(c.edits) {
			f := strings.Fields(line)
			switch f[0] {
			case "+":
				text := strings.ReplaceAll(strings.Join(f[2:], "\n"), "~", " ") + "\n"
				fmt.Fprintf(&in, "M 100644 inline %s\ndata %d\n%s\n", f[1], len(text), text)
			case "-":
				fmt.Fprintf(&in, "D %s\n", f[1])
			case ">":
				fmt.Fprintf(&in, "R %s %s\n", f[1], f[2])
			}
		}
		in.WriteByte('\n')
	}
	git(t, dir, &in, "fast-import", "--quiet")
	if len(changes) > 0 {
		git(t, dir, nil, "reset", "-q", "--hard")
	}
	return dir
}

func git(t *testing.T, dir string, in *bytes.Buffer, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if in != nil {
		cmd.Stdin = in
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func read(t *testing.T, c Config) *History {
	t.Helper()
	h, err := Read(context.Background(), c)
	if err != nil {
		t.Fatalf("Read(%+v): %v", c, err)
	}
	return h
}

// show writes commits as "author: files", newest first.
func show(h *History) string {
	var b strings.Builder
	for _, c := range h.Commits {
		fmt.Fprintf(&b, "%s:", h.Authors[c.Author].Name)
		for _, f := range c.Files {
			b.WriteString(" " + h.Files[f])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const (
	ada  = "Ada Moss <ada@x>"
	bob  = "Bob Reed <bob@x>"
	carl = "Carl Stone <carl@x>"
	dora = "Dora Hill <dora@x>"
)

func output(t *testing.T, dir, in string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// lose removes the object of a text from a repository.
func lose(t *testing.T, dir, text string) {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range packs {
		moved := filepath.Join(t.TempDir(), "p")
		if err := os.Rename(pack, moved); err != nil {
			t.Fatal(err)
		}
		packed, err := os.ReadFile(moved)
		if err != nil {
			t.Fatal(err)
		}
		git(t, dir, bytes.NewBuffer(packed), "unpack-objects", "-q")
		if err := os.Remove(strings.TrimSuffix(pack, ".pack") + ".idx"); err != nil {
			t.Fatal(err)
		}
	}
	hash := output(t, dir, text, "hash-object", "--stdin")
	if err := os.Remove(filepath.Join(dir, ".git/objects", hash[:2], hash[2:])); err != nil {
		t.Fatal(err)
	}
}
