package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/hemilith/hemilith/tool/perf"
)

// What is right to say of a comparison.
const (
	slower = "slower"
	faster = "faster"
	none   = "none"
	hungry = "hungrier" // more allocations
)

// task is one run of the gate, or one bisection.
type task struct {
	name       string
	expect     string
	effect     float64
	dir        string // "" is the corpus
	base, head string
	patterns   []string
	bench      *perf.Pattern
	// all measures what no difference reaches, too; warm builds both sides before
	// the clock starts, by measuring one benchmark of each package.
	all, warm bool
	// bad is the commit of a history that is planted, from 1 on.
	bad int
}

// counts is how many tasks there are of those that can be repeated.
type counts struct{ unchanged, histories int }

// tasks are all of them. Those of one kind stand together.
func tasks(n counts, seed uint64, cases []task) []task {
	var list []task
	for i := range n.unchanged {
		list = append(list, task{name: fmt.Sprintf("unchanged/%d", i), expect: none, base: "main", head: "main", all: true, patterns: hundredBenchmarks(i)})
	}
	for pkg := range packages {
		for _, v := range variants() {
			if v.most == packages {
				list = append(list, task{
					name: v.name + "/" + packageName(pkg), expect: v.expect(), effect: v.effect,
					base: "main", head: v.name, patterns: []string{"./" + packageName(pkg)},
				})
			}
		}
	}
	list = append(list,
		task{name: "reached/none", expect: none, base: "main", head: "comment", warm: true},
		task{name: "reached/50", expect: none, base: "main", head: "some", warm: true},
		task{name: "reached/50+5", expect: slower, effect: 0.05, base: "main", head: "some5", warm: true})
	_, names := units()
	few := dealt(names, 0)
	for i, h := range histories(n.histories, seed) {
		list = append(list, task{
			name: fmt.Sprintf("history/%d", i), expect: slower, effect: 0.10, base: "main", head: h.name, bad: h.bad,
			patterns: []string{"./" + packageName(0)}, bench: perf.MustParsePattern("^Benchmark" + few[i%len(few)] + "$"),
		})
	}
	return append(list, cases...)
}

// hundredBenchmarks are packages that have about as many: other ones each time.
func hundredBenchmarks(i int) []string {
	var list []string
	for k := range hundred {
		list = append(list, "./"+packageName((i*hundred+k)%packages))
	}
	slices.Sort(list)
	return list
}

// onePerPackage chooses one benchmark of each package of the corpus.
func onePerPackage() *perf.Pattern {
	_, names := units()
	return perf.MustParsePattern("^Benchmark(" + strings.Join(names[:packages], "|") + ")$")
}

// expect is what is right to say of what a variant changes.
func (v *variant) expect() string {
	switch {
	case v.effect > 0:
		return slower
	case v.effect < 0:
		return faster
	case v.state.extra > 0:
		return hungry
	}
	return none
}

// readCases reads comparisons of public projects: a line each, with blanks
// between
//
//	name  directory of a clone  expectation  effect  base  head  package  benchmarks
//
// Expectation is slower, faster or none; effect is what was published, in percent,
// or "-"; benchmarks is a pattern as for -bench, without blanks. Where base and head
// are the same revision, what no difference reaches runs, too. Lines that begin with
// # are skipped.
func readCases(name string) ([]task, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []task
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "#") || strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		t, err := parseCase(strings.Fields(lines.Text()))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		list = append(list, t)
	}
	return list, lines.Err()
}

func parseCase(f []string) (t task, err error) {
	const fields = 8
	if len(f) != fields {
		return t, fmt.Errorf("%d fields: want %d: name, directory, expectation, effect, base, head, package, benchmarks", len(f), fields)
	}
	t = task{name: "case/" + f[0], dir: f[1], expect: f[2], base: f[4], head: f[5], all: f[4] == f[5], patterns: []string{f[6]}}
	if t.expect != slower && t.expect != faster && t.expect != none {
		return t, fmt.Errorf("expectation %q: want slower, faster or none", t.expect)
	}
	if f[3] != "-" {
		if t.effect, err = strconv.ParseFloat(f[3], 64); err != nil {
			return t, fmt.Errorf("effect: %w", err)
		}
		t.effect /= 100
	}
	t.bench, err = perf.ParsePattern(f[7])
	return t, err
}
