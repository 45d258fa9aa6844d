package build

import (
	"fmt"
	"maps"
	"slices"
)

// Package is a package with benchmarks on at least one side.
type Package struct {
	// Path is the import path.
	Path string
	// Benchmarks are the benchmark functions of both sides, by name.
	Benchmarks []Benchmark
	// Err is why the package cannot be measured: a side does not build. It is nil
	// where it can, or need not.
	Err error
}

// Benchmark is a benchmark function, with all its sub-benchmarks.
type Benchmark struct {
	// Name is that of the function, as BenchmarkQuote.
	Name string
	// Run is whether it is to be measured.
	Run bool
	// Why is the reason for that, in words for the user.
	Why string
	// Absent is whether one of the sides lacks it. Otherwise, what is not to be
	// measured is equal on both.
	Absent bool
	// Declared is where head declares it; zero if it does not.
	Declared Place
}

// Place is a line of a source file.
type Place struct {
	// File is relative to the repository's root, with slashes.
	File string
	Line int
}

// choose fills in the packages.
func (b *Build) choose() {
	base, head := b.sides[0].units, b.sides[1].units
	paths := make(map[string]bool)
	for path := range base {
		paths[path] = true
	}
	for path := range head {
		paths[path] = true
	}
	for _, path := range sortedKeys(paths) {
		p := b.choosePackage(path, base[path], head[path])
		if h := head[path]; h != nil {
			for i := range p.Benchmarks {
				p.Benchmarks[i].Declared = h.declared[p.Benchmarks[i].Name]
			}
		}
		b.Packages = append(b.Packages, p)
	}
}

func (b *Build) choosePackage(path string, base, head *unit) Package {
	p := Package{Path: path}
	each := func(u *unit, why string) Package {
		for _, name := range u.benchmarks {
			p.Benchmarks = append(p.Benchmarks, Benchmark{Name: name, Why: why, Absent: base == nil || head == nil})
		}
		return p
	}
	switch {
	case base == nil:
		return each(head, "new: base has no such package, or no benchmark in it")
	case head == nil:
		return each(base, "gone: head has no such package, or no benchmark in it")
	case head.problem != "":
		p.Err = fmt.Errorf("head %s does not build %s:%s", b.Head, path, indented(head.problem))
		return each(head, "head does not build")
	case base.problem != "":
		p.Err = fmt.Errorf("base %s does not build %s:%s", b.Base, path, indented(base.problem))
		return each(head, "base does not build")
	case base.inputs == head.inputs && base.data == head.data && !b.all:
		return each(head, "both sides are built of the same code")
	}
	p.Benchmarks = b.chooseBenchmarks(base, head)
	return p
}

// chooseBenchmarks decides for each benchmark of a package that differs.
func (b *Build) chooseBenchmarks(base, head *unit) []Benchmark {
	code := compareCode(&b.archives, base, head)
	names := slices.Concat(base.benchmarks, head.benchmarks)
	slices.Sort(names)
	var all []Benchmark
	for _, name := range slices.Compact(names) {
		c := Benchmark{Name: name}
		switch {
		case !slices.Contains(base.benchmarks, name):
			c.Why, c.Absent = "new: base has no such benchmark", true
		case !slices.Contains(head.benchmarks, name):
			c.Why, c.Absent = "gone: head has no such benchmark", true
		default:
			c.Run, c.Why = code.differs(name)
			if base.data != head.data {
				c.Run, c.Why = true, "testdata differs"
			}
			if !c.Run && b.all {
				c.Run, c.Why = true, "all are asked for: "+c.Why
			}
		}
		all = append(all, c)
	}
	return all
}

func set(lists ...[]string) map[string]bool {
	m := make(map[string]bool)
	for _, l := range lists {
		for _, s := range l {
			m[s] = true
		}
	}
	return m
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
