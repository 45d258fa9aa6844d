package report

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

// Complete makes the report what the schema promises: it sets Schema and Fails,
// sorts the benchmarks, replaces lists that are null by empty ones, and numbers
// that JSON can't write: infinity by the largest number, what is none by 0; an
// interval stays open. Call it when the report is made, and after changes.
func (r *Report) Complete() {
	r.Schema = Schema
	complete(reflect.ValueOf(r))
	for i := range r.Benchmarks {
		for k := range r.Benchmarks[i].Tests {
			t := &r.Benchmarks[i].Tests[k]
			t.Fails = t.Verdict == gate.Slower && t.Channel.Fails() && !t.accepted()
		}
	}
	slices.SortStableFunc(r.Benchmarks, func(a, b Benchmark) int {
		return cmp.Or(cmp.Compare(a.state(), b.state()), cmp.Compare(b.size(), a.size()),
			strings.Compare(a.Name, b.Name), strings.Compare(a.Package, b.Package), cmp.Compare(a.Procs, b.Procs))
	})
}

// accepted tells whether somebody wanted what was found.
func (t *Test) accepted() bool {
	return t.Verdict == gate.Slower && t.Acceptance != nil && t.Acceptance.Covers
}

func complete(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			complete(v.Elem())
		}
	case reflect.Struct:
		if i, ok := v.Addr().Interface().(*evalue.Interval); ok {
			*i = open(*i)
			return
		}
		for i := range v.NumField() {
			complete(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			complete(v.Index(i))
		}
	case reflect.Float64:
		switch f := v.Float(); {
		case math.IsNaN(f):
			v.SetFloat(0)
		case math.IsInf(f, 0):
			v.SetFloat(math.Copysign(math.MaxFloat64, f))
		}
	}
}

// open opens the sides of an interval that are no numbers.
func open(i evalue.Interval) evalue.Interval {
	if math.IsNaN(i.Lo) {
		i.Lo = math.Inf(-1)
	}
	if math.IsNaN(i.Hi) {
		i.Hi = math.Inf(1)
	}
	return i
}

// state is what a benchmark is to its reader. The order is that of the report.
type state int

const (
	slower    state = iota // fails the commit
	hungrier               // slower on a channel that does not fail
	accepted               // slower, and meant to be
	faster                 //
	undecided              //
	same                   //
	states                 // how many there are
)

// state is the worst of a benchmark's tests.
func (b *Benchmark) state() state {
	worst := same
	for i := range b.Tests {
		worst = min(worst, b.Tests[i].state())
	}
	return worst
}

func (t *Test) state() state {
	switch {
	case t.Fails:
		return slower
	case t.accepted():
		return accepted
	case t.Verdict == gate.Slower:
		return hungrier
	case t.Verdict == gate.Faster:
		return faster
	case t.Verdict == gate.Same:
		return same
	}
	return undecided
}

// size says how far a benchmark is from where it was, by the tests that make its
// state: times before counts, as a share of base for both where base is known.
func (b *Benchmark) size() float64 {
	most, state := 0.0, b.state()
	for i := range b.Tests {
		t := &b.Tests[i]
		if t.state() != state {
			continue
		}
		size := math.Abs(t.Effect)
		if !timed(t.Channel) {
			size /= max(1, t.Base)
		}
		most = max(most, size)
	}
	return most
}

// Exit returns the exit status: 1 if a benchmark is slower, or hungrier, and that
// is not accepted; else 2 if nothing could be measured though something should;
// else 0. If strict, what is undecided or could not be measured is 1, too.
func (r *Report) Exit(strict bool) int {
	pairs, open := 0, len(r.Failed)
	for i := range r.Benchmarks {
		b := &r.Benchmarks[i]
		if b.state() == slower {
			return 1
		}
		for _, t := range b.Tests {
			pairs += t.Pairs
			if t.Verdict != gate.Slower && t.Verdict != gate.Faster && t.Verdict != gate.Same {
				open++
			}
		}
	}
	switch {
	case pairs == 0 && open > 0:
		return 2
	case strict && open > 0:
		return 1
	}
	return 0
}
