// Package profile says where the difference between two runs of a benchmark
// comes from: it takes CPU or allocation profiles of base and head, subtracts
// them per function and line, and names the place that explains most of it,
// where the code changed if that can be.
//
// A profile names leaves, such as runtime.memmove; people want to know which of
// their lines calls it more. So each sample is charged to the innermost function
// on its stack whose code changed. Where that does not explain the difference,
// it is charged to the innermost function of the module, and at last to the leaf.
package profile

import (
	"fmt"
	"math"
	"slices"
	"strings"

	pprof "github.com/google/pprof/profile"
)

// Kind is what a profile counts.
type Kind string

// The kinds. Of objects below 16 bytes without pointers, of which the runtime puts
// several into one block, it records the blocks: one more such object per operation
// is less than one more allocation here.
const (
	CPU    Kind = "cpu"           // nanoseconds of processor time
	Allocs Kind = "alloc_objects" // allocations
	Bytes  Kind = "alloc_space"   // bytes allocated
)

// Side is what one side gave.
type Side struct {
	// Profile is the sum of its profiles.
	Profile *pprof.Profile
	// Ops is how many operations ran in all of them.
	Ops int
}

// Place is a function, or a line of one, and what it costs: per operation, in the
// unit of the Kind.
type Place struct {
	// Function is its full name, such as example.com/shop/price.(*Book).Quote; a
	// function literal has that of the function that it stands in.
	Function string
	// File is as the compiler names it, with -trimpath that is import path and file.
	File string
	// Line is that of head; it is 0 for a function as a whole, and for what is in
	// base only.
	Line int
	// Base and Head are the costs.
	Base, Head float64
	// samples are the measured events behind it.
	samples int64
}

// Delta returns what head costs more.
func (p Place) Delta() float64 { return p.Head - p.Base }

// Short returns the line as people say it: the file without its directory, and
// the line, as pricing.go:88.
func (p Place) Short() string {
	return fmt.Sprintf("%s:%d", p.File[strings.LastIndexByte(p.File, '/')+1:], p.Line)
}

// Level is how samples are charged to functions.
type Level string

// The levels, in the order in which they are tried.
const (
	Changed Level = "changed" // the innermost function whose code changed
	Own     Level = "own"     // the innermost function of the module
	Leaf    Level = "leaf"    // the function that ran
)

// Culprit is what explains most of a difference.
type Culprit struct {
	// Function is the function as a whole; Line is its line that grew most.
	Function, Line Place
	Level          Level
	// Share is how much of the whole difference the function explains; it is above
	// 1 if others became cheaper.
	Share float64
	// Sure is whether the function's difference is three times what chance makes
	// of sampled profiles, or no other function that ran has changed.
	Sure bool
}

const (
	// majority is the least share of the difference that explains it.
	majority = 0.5
	// deviations is how many standard deviations are no chance.
	deviations = 3
	// maxFrames bounds how much of a stack is looked at, from the leaf on.
	maxFrames = 1000
)

// Difference is a comparison of two profiles. It is not changed after Compare,
// and safe for concurrent use.
type Difference struct {
	// Base and Head are the costs of all samples per operation.
	Base, Head float64

	tables map[Level]*table
	exact  bool
}

// Compare subtracts base from head. It fails where a profile is not of the kind.
func Compare(base, head Side, kind Kind, c Changes) (*Difference, error) {
	d := &Difference{tables: map[Level]*table{}, exact: kind != CPU}
	for _, level := range levels {
		d.tables[level] = &table{changes: c, functions: map[string]*function{}}
	}
	for i, side := range [...]Side{base, head} {
		total, err := d.charge(side, kind, i, c)
		if err != nil {
			return nil, fmt.Errorf("cannot read the %s profile of %s: %w", kind, [...]string{"base", "head"}[i], err)
		}
		if i == 0 {
			d.Base = total
		} else {
			d.Head = total
		}
	}
	return d, nil
}

var levels = [...]Level{Changed, Own, Leaf}

// charge adds the samples of one side to all tables, and returns their sum.
func (d *Difference) charge(s Side, kind Kind, side int, c Changes) (float64, error) {
	if s.Ops < 1 {
		return 0, fmt.Errorf("it is of %d operations", s.Ops)
	}
	value, err := s.Profile.SampleIndexByName(string(kind))
	if err != nil {
		return 0, err
	}
	var total float64
	for _, sample := range s.Profile.Sample {
		cost := float64(sample.Value[value]) / float64(s.Ops)
		stack := frames(sample)
		if cost == 0 || len(stack) == 0 {
			continue
		}
		total += cost
		count := sample.Value[0] // of both kinds of profile: how many events
		for _, level := range levels {
			if f, ok := c.owner(level, side, stack); ok {
				d.tables[level].add(side, f, cost, count)
			}
		}
	}
	return total, nil
}

// frame is one call on a stack.
type frame struct {
	function, file string
	line           int
}

// frames returns a sample's calls, innermost first, inlined ones included.
func frames(s *pprof.Sample) []frame {
	var list []frame
	for _, l := range s.Location {
		for _, line := range l.Line {
			if line.Function == nil || len(list) == maxFrames {
				continue
			}
			list = append(list, frame{line.Function.Name, line.Function.Filename, int(line.Line)})
		}
	}
	return list
}

// Functions returns the functions at a level whose cost differs, those that
// became dearer most first.
func (d *Difference) Functions(level Level) []Place {
	var list []Place
	for _, f := range d.tables[level].functions {
		if p := f.place(); p.Delta() != 0 {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, dearer)
	return list
}

// Lines returns the lines of a function that Functions gave for the level, in
// the same order. Lines that were replaced count together, as the dearest of
// those of head.
func (d *Difference) Lines(level Level, function Place) []Place {
	f := d.tables[level].functions[key(function.File, function.Function)]
	if f == nil {
		return nil
	}
	return f.lines()
}

// Culprit returns what explains most of the difference, and false where nothing
// explains half of it, or head is not dearer.
func (d *Difference) Culprit() (Culprit, bool) {
	whole := d.Head - d.Base
	if whole <= 0 {
		return Culprit{}, false
	}
	for _, level := range levels {
		list := d.Functions(level)
		if len(list) == 0 || list[0].Delta() < majority*whole {
			continue
		}
		c := Culprit{Function: list[0], Line: list[0], Level: level, Share: list[0].Delta() / whole}
		if lines := d.Lines(level, list[0]); len(lines) > 0 && lines[0].Line > 0 {
			c.Line = lines[0]
		}
		c.Sure = d.exact || sure(list[0]) || level == Changed && len(list) == 1
		return c, true
	}
	return Culprit{}, false
}

// sure takes samples as events that come by chance (Poisson): with n of them on
// both sides together, their difference deviates by the root of n.
func sure(p Place) bool {
	if p.samples == 0 || p.Base+p.Head == 0 {
		return false
	}
	perSample := (p.Base + p.Head) / float64(p.samples)
	return p.Delta() > deviations*perSample*math.Sqrt(float64(p.samples))
}

// dearer sorts by what was added, then by name and line.
func dearer(a, b Place) int {
	switch {
	case a.Delta() > b.Delta():
		return -1
	case a.Delta() < b.Delta():
		return 1
	case a.Function != b.Function:
		return strings.Compare(a.Function, b.Function)
	case a.File != b.File:
		return strings.Compare(a.File, b.File)
	}
	return a.Line - b.Line
}
