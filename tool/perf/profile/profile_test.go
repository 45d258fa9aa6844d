package profile

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pprof "github.com/google/pprof/profile"
)

// golden makes a profile of lines such as
//
//	3 runtime.memmove@memmove.s:10 < a.F@a/a.go:4
//
// which are 3 samples of 10 ms each (or 3 allocations of 10 bytes) and their
// stack, innermost first. With + instead of <, the call before was inlined.
func golden(t *testing.T, kind Kind, text string) *pprof.Profile {
	t.Helper()
	p := &pprof.Profile{
		SampleType: []*pprof.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: 1,
	}
	weight := int64(10_000_000)
	if kind != CPU {
		weight = 10
		p.SampleType = []*pprof.ValueType{{Type: "alloc_objects", Unit: "count"}, {Type: "alloc_space", Unit: "bytes"}}
	}
	functions := map[string]*pprof.Function{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		words := strings.Fields(line)
		var count int64
		if _, err := fmt.Sscan(words[0], &count); err != nil {
			t.Fatal(err)
		}
		s := &pprof.Sample{Value: []int64{count, count * weight}}
		for i := 1; i < len(words); i += 2 {
			name, place, _ := strings.Cut(words[i], "@")
			file, number, _ := strings.Cut(place, ":")
			var at int64
			if _, err := fmt.Sscan(number, &at); err != nil {
				t.Fatal(err)
			}
			f := functions[name]
			if f == nil {
				f = &pprof.Function{ID: uint64(len(functions) + 1), Name: name, SystemName: name, Filename: file}
				functions[name], p.Function = f, append(p.Function, f)
			}
			if i == 1 || words[i-1] == "<" {
				l := &pprof.Location{ID: uint64(len(p.Location) + 1), Address: uint64(len(p.Location) + 1)}
				p.Location, s.Location = append(p.Location, l), append(s.Location, l)
			}
			l := p.Location[len(p.Location)-1]
			l.Line = append(l.Line, pprof.Line{Function: f, Line: at})
		}
		p.Sample = append(p.Sample, s)
	}
	if err := p.CheckValid(); err != nil {
		t.Fatal(err)
	}
	return p
}

const before = `package a

func F(n int) {
	setup()
	g(n)
}

func g(n int) { work(n) }

func caller() {
	F(1)
}
`

// compared compares goldens of 10 operations each.
func compared(t *testing.T, kind Kind, sources map[string]Source, base, head string) *Difference {
	t.Helper()
	d, err := Compare(Side{golden(t, kind, base), 10}, Side{golden(t, kind, head), 10}, kind, NewChanges(sources))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheCulpritIsTheChangedFunctionThatExplainsMost(t *testing.T) {
	t.Parallel()
	edit := func(pairs ...string) map[string]Source {
		return map[string]Source{"m/a/a.go": {[]byte(before), []byte(strings.NewReplacer(pairs...).Replace(before))}}
	}
	for _, c := range []struct {
		name       string
		sources    map[string]Source
		base, head string
		want       string
	}{
		{
			"a line of the library is charged to the changed function that calls it",
			edit("\tg(n)\n", "\tg(n)\n\tlog(n)\n"),
			"100 runtime.memmove@r/m.s:9 < m/a.work@m/w.go:1 < m/a.g@m/a/a.go:8 < m/a.F@m/a/a.go:5 < m/a.caller@m/a/a.go:11",
			`100 runtime.memmove@r/m.s:9 < m/a.work@m/w.go:1 < m/a.g@m/a/a.go:9 < m/a.F@m/a/a.go:5 < m/a.caller@m/a/a.go:12
			 50 runtime.write@r/w.s:9 < log.Print@log/l.go:7 < m/a.F@m/a/a.go:6 < m/a.caller@m/a/a.go:12`,
			"changed m/a.F a.go:6 5.0e+07 share 1.0 sure true",
		},
		{
			"inlined calls are functions of their own",
			edit("work(n)", "work(2*n)"),
			"50 runtime.memmove@r/m.s:9 < m/a.g@m/a/a.go:8 + m/a.F@m/a/a.go:5 < m/a.caller@m/a/a.go:11",
			"99 runtime.memmove@r/m.s:9 < m/a.g@m/a/a.go:8 + m/a.F@m/a/a.go:5 < m/a.caller@m/a/a.go:11",
			"changed m/a.g a.go:8 4.9e+07 share 1.0 sure true",
		},
		{
			"a line that was replaced is compared with what it replaced",
			edit("\tsetup()\n\tg(n)", "\tsetup(1)\n\tg(n+1)"),
			`90 m/a.s@m/s.go:1 < m/a.F@m/a/a.go:4
			 10 m/a.t@m/s.go:2 < m/a.F@m/a/a.go:5`,
			`80 m/a.s@m/s.go:1 < m/a.F@m/a/a.go:4
			 99 m/a.t@m/s.go:2 < m/a.F@m/a/a.go:5`,
			"changed m/a.F a.go:5 7.9e+07 share 1.0 sure true",
		},
		{
			"a function literal belongs to its function, and a new function to its caller",
			edit("\tg(n)\n", "\tfunc() { fresh(n) }()\n", "func g", "func fresh(n int) {}\n\nfunc g"),
			"20 m/a.g@m/a/a.go:8 < m/a.F@m/a/a.go:5",
			"80 m/a.fresh@m/a/a.go:8 < m/a.F.func1@m/a/a.go:5 < m/a.F@m/a/a.go:5",
			"changed m/a.F a.go:5 6.0e+07 share 1.0 sure true",
		},
		{
			"a changed constant leaves the innermost function of the module",
			edit("package a", "package a\n\nconst size = 2"),
			"20 runtime.mapassign@r/m.go:9 < m/a.g@m/a/a.go:8 < m/a.F@m/a/a.go:5",
			"90 runtime.mapassign@r/m.go:9 < m/a.g@m/a/a.go:10 < m/a.F@m/a/a.go:7",
			"own m/a.g a.go:10 7.0e+07 share 1.0 sure true",
		},
		{
			"what no function of the module called is named by itself",
			edit("g(n)", "g(n+1)"),
			"20 runtime.scan@r/gc.go:9 < runtime.gc@r/gc.go:1",
			"90 runtime.scan@r/gc.go:9 < runtime.gc@r/gc.go:1",
			"leaf runtime.scan gc.go:9 7.0e+07 share 1.0 sure true",
		},
		{
			"a changed function that became cheaper is not to blame",
			edit("setup()", "setup(1)"),
			`50 m/a.F@m/a/a.go:4
			 20 m/a.caller@m/a/a.go:11`,
			`40 m/a.F@m/a/a.go:4
			 99 m/a.caller@m/a/a.go:11`,
			"own m/a.caller a.go:11 7.9e+07 share 1.1 sure true",
		},
		{
			"a difference that may be chance is not sure",
			edit("setup()", "setup(1)", "F(1)", "F(2)"),
			"50 m/a.F@m/a/a.go:4\n30 m/a.caller@m/a/a.go:11",
			"60 m/a.F@m/a/a.go:4\n29 m/a.caller@m/a/a.go:11",
			"changed m/a.F a.go:4 1.0e+07 share 1.1 sure false",
		},
		{
			"but where nothing else that runs has changed",
			edit("setup()", "setup(1)"),
			"50 m/a.F@m/a/a.go:4",
			"60 m/a.F@m/a/a.go:4",
			"changed m/a.F a.go:4 1.0e+07 share 1.0 sure true",
		},
	} {
		got, ok := compared(t, CPU, c.sources, c.base, c.head).Culprit()
		text := fmt.Sprintf("%s %s %s %.1e share %.1f sure %v", got.Level, got.Function.Function, got.Line.Short(), got.Function.Delta(), got.Share, got.Sure)
		if !ok || text != c.want {
			t.Errorf("%s:\ngot  %v %s\nwant true %s", c.name, ok, text, c.want)
		}
	}
}

func TestNothingIsToBlameWhereNothingExplainsHalf(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"9 a.A@a.go:1\n9 a.B@a.go:2\n9 a.C@a.go:3", "14 a.A@a.go:1\n14 a.B@a.go:2\n14 a.C@a.go:3"},
		{"9 a.A@a.go:1", "9 a.A@a.go:1"},
		{"9 a.A@a.go:1\n9 a.B@a.go:2", "12 a.A@a.go:1\n2 a.B@a.go:2"},
	} {
		if got, ok := compared(t, CPU, nil, c[0], c[1]).Culprit(); ok {
			t.Errorf("%q: got %+v", c, got)
		}
	}
}

func TestAllocationsAreComparedByCountAndSizeAndAreSure(t *testing.T) {
	t.Parallel()
	for kind, want := range map[Kind]float64{Allocs: 0.1, Bytes: 1} {
		d := compared(t, kind, nil, "10 a.A@a.go:1", "10 a.A@a.go:1\n1 a.A@a.go:2")
		c, ok := d.Culprit()
		if !ok || !c.Sure || math.Abs(c.Function.Delta()-want) > 1e-9 || c.Line.Short() != "a.go:2" {
			t.Errorf("%s: got %v %+v", kind, ok, c)
		}
	}
}

func TestFunctionsAndLinesAreListedDearestFirst(t *testing.T) {
	t.Parallel()
	d := compared(t, CPU, nil,
		"20 a.A@a.go:1\n5 a.B@a.go:9\n7 a.C@a.go:20",
		"15 a.A@a.go:1\n5 a.A@a.go:3\n9 a.A@a.go:2\n15 a.B@a.go:9\n7 a.C@a.go:20")
	functions := d.Functions(Leaf)
	var got []string
	for _, f := range functions {
		got = append(got, fmt.Sprintf("%s %.0e", f.Function, f.Delta()))
	}
	for _, l := range d.Lines(Leaf, functions[1]) {
		got = append(got, fmt.Sprintf("%s %.0e", l.Short(), l.Delta()))
	}
	want := []string{"a.B 1e+07", "a.A 9e+06", "a.go:2 9e+06", "a.go:3 5e+06", "a.go:1 -5e+06"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := d.Lines(Leaf, Place{Function: "unknown"}); got != nil {
		t.Errorf("got %+v", got)
	}
}

func TestProfilesThatCannotBeComparedAreErrors(t *testing.T) {
	t.Parallel()
	cpu := golden(t, CPU, "1 a.A@a.go:1")
	_, err := Compare(Side{cpu, 1}, Side{cpu, 0}, CPU, Changes{})
	if want := "cannot read the cpu profile of head: it is of 0 operations"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = Compare(Side{cpu, 1}, Side{cpu, 1}, Allocs, Changes{})
	if err == nil || !strings.HasPrefix(err.Error(), "cannot read the alloc_objects profile of base: ") {
		t.Errorf("got %v", err)
	}
}

func TestLiteralsHaveTheNameOfTheirFunction(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"example.com/a.F":                    "example.com/a.F",
		"example.com/a.F.func1":              "example.com/a.F",
		"example.com/a.(*T).M.func2.1":       "example.com/a.(*T).M",
		"example.com/a.F[...].func1":         "example.com/a.F[...]",
		"example.com/a.F-range1":             "example.com/a.F",
		"example.com/a.F.gowrap1":            "example.com/a.F",
		"example.com/a.F.deferwrap12":        "example.com/a.F",
		"example.com/my.func1/a.functional":  "example.com/my.func1/a.functional",
		"example.com/a.T.function":           "example.com/a.T.function",
		"example.com/a.init.func3":           "example.com/a.init",
		"example.com/a.(*T).Each-range1.sum": "example.com/a.(*T).Each",
	} {
		if got := outer(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestTheOrderOfSamplesDoesNotMatter(t *testing.T) {
	t.Parallel()
	base := "20 a.A@a.go:1\n20 a.B@b.go:1\n20 a.C@c.go:1"
	head := "30 a.A@a.go:1\n30 a.B@b.go:1\n30 a.C@c.go:1"
	lines := strings.Split(head, "\n")
	want := compared(t, CPU, nil, base, head).Functions(Leaf)
	for range 3 {
		lines = append(lines[1:], lines[0])
		got := compared(t, CPU, nil, base, strings.Join(lines, "\n")).Functions(Leaf)
		if !slices.Equal(want, got) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
