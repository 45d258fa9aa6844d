package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

//go:embed testdata/units
var embedded embed.FS

// packages is how many packages the benchmarks are dealt to: each has eight or
// nine, so that most runs of one package have at most ten tests. The change that
// reaches some benchmarks reaches the 50 of the affected packages; unchanged code is
// compared in so many as have a hundred.
const (
	packages = 20
	affected = 6
	hundred  = 13
)

// state is how much work each operation of a package's benchmarks is.
type state struct {
	reps  int // units of work
	extra int // allocations beside them
	bias  int // another number is other machine code of the same cost
}

// original is the state that all others are compared with.
var original = state{reps: 100}

// variant is a commit on top of the original one: a branch.
type variant struct {
	name  string
	state state
	// most is how many packages it changes.
	most int
	// effect is what it does to the time of these, as a share.
	effect float64
}

func variants() []variant {
	return []variant{
		{"plus3", state{reps: 103}, packages, 0.03},
		{"plus5", state{reps: 105}, packages, 0.05},
		{"plus10", state{reps: 110}, packages, 0.10},
		{"minus10", state{reps: 90}, packages, -0.10},
		{"alloc", state{reps: 100, extra: 1}, packages, 0},
		{"bias", state{reps: 100, bias: 1}, packages, 0},
		{"some", state{reps: 100, bias: 1}, affected, 0},
		{"some5", state{reps: 105}, affected, 0.05},
	}
}

// history is a branch of commits, each with other machine code in the first
// package, of which one and all after it are slower by a tenth.
type history struct {
	name string
	bad  int // number of the first slow commit, from 1 on
}

// commits is how many a history has.
const commits = 64

// histories are n of them, slow from random places on.
func histories(n int, seed uint64) []history {
	r := rand.New(rand.NewPCG(seed, 0))
	var list []history
	for i := range n {
		list = append(list, history{fmt.Sprintf("history%d", i), 1 + r.IntN(commits)})
	}
	return list
}

// file is one file of the corpus.
type file struct{ name, text string }

// units returns the files with the units of work, and the names of all units.
func units() (files []file, names []string) {
	constructor := regexp.MustCompile(`(?m)^func New(\w+)\(\) func\(\) int`)
	list, err := fs.ReadDir(embedded, "testdata/units")
	if err != nil {
		panic(err) // it is embedded
	}
	for _, f := range list {
		text, err := embedded.ReadFile(path.Join("testdata/units", f.Name()))
		if err != nil {
			panic(err)
		}
		files = append(files, file{"units/" + f.Name(), string(text)})
		for _, m := range constructor.FindAllSubmatch(text, -1) {
			names = append(names, string(m[1]))
		}
	}
	return files, names
}

// dealt are the units of one package: neighbours, which are of one kind, go to
// different packages.
func dealt(names []string, pkg int) []string {
	var list []string
	for i := pkg; i < len(names); i += packages {
		list = append(list, names[i])
	}
	return list
}

func packageName(pkg int) string { return fmt.Sprintf("p%02d", pkg) }

// workFile is the part of a package that variants change.
func workFile(pkg int, s state) file {
	name := packageName(pkg)
	return file{name + "/work.go", fmt.Sprintf(`// Package %s does units of work.
package %s

const (
	reps  = %d // units of work in one operation
	extra = %d // allocations beside them
	bias  = %d // another number is other machine code of the same cost
)

var kept *[4]int

// Work does one operation.
func Work(unit func() int) int {
	sum := bias
	for range reps {
		sum += unit()
	}
	for range extra {
		kept = new([4]int)
	}
	return sum
}
`, name, name, s.reps, s.extra, s.bias)}
}

// benchFile has the benchmarks of a package.
func benchFile(pkg int, names []string) file {
	var b strings.Builder
	name := packageName(pkg)
	fmt.Fprintf(&b, "package %s\n\nimport (\n\t\"testing\"\n\n\t\"corpus.test/units\"\n)\n\nvar sink int\n", name)
	for _, unit := range names {
		fmt.Fprintf(&b, `
func Benchmark%s(b *testing.B) {
	unit := units.New%s()
	b.ResetTimer()
	for range b.N {
		sink += Work(unit)
	}
}
`, unit, unit)
	}
	return file{name + "/work_test.go", b.String()}
}

// originalFiles are those of the first commit.
func originalFiles() []file {
	files, names := units()
	files = append(files, file{"go.mod", "module corpus.test\n\ngo 1.26\n"})
	for pkg := range packages {
		files = append(files, workFile(pkg, original), benchFile(pkg, dealt(names, pkg)))
	}
	return files
}

// stream is the whole repository as git fast-import reads it. It is always the
// same, hashes included.
func stream(hs []history) string {
	var b strings.Builder
	mark := 0
	commit := func(branch, from, message string, files []file) {
		mark++
		fmt.Fprintf(&b, "commit refs/heads/%s\nmark :%d\ncommitter Corpus <corpus@example.com> %d +0000\n", branch, mark, 1_700_000_000+mark)
		fmt.Fprintf(&b, "data %d\n%s\n", len(message), message)
		if from != "" {
			fmt.Fprintf(&b, "from %s\n", from)
		}
		for _, f := range files {
			fmt.Fprintf(&b, "M 100644 inline %s\ndata %d\n%s\n", f.name, len(f.text), f.text)
		}
	}
	commit("main", "", "original", originalFiles())
	for _, v := range variants() {
		var files []file
		for pkg := range v.most {
			files = append(files, workFile(pkg, v.state))
		}
		commit(v.name, ":1", v.name, files)
	}
	said := workFile(0, original)
	said.text += "\n// Nothing but a comment.\n"
	commit("comment", ":1", "comment", []file{said})
	for _, h := range hs {
		from := ":1"
		for i := 1; i <= commits; i++ {
			s := state{reps: original.reps, bias: i}
			if i >= h.bad {
				s.reps = 110
			}
			commit(h.name, from, fmt.Sprintf("commit %d", i), []file{workFile(0, s)})
			from = fmt.Sprintf(":%d", mark)
		}
	}
	return b.String()
}

// plant writes the repository of the corpus to a directory, in place of an older
// one.
func plant(ctx context.Context, dir string, hs []history) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, step := range []struct{ args, input string }{
		{"init -q -b main", ""},
		{"fast-import --quiet", stream(hs)},
		{"reset -q --hard main", ""},
	} {
		cmd := exec.CommandContext(ctx, "git", strings.Fields(step.args)...)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(step.input)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s in %s: %w: %s", step.args, filepath.Base(dir), err, out)
		}
	}
	return nil
}
