package run

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/hemilith/hemilith/tool/perf/build"
)

// odd builds the binary of testdata/odd.txtar.
func odd(t *testing.T) Binary {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/odd.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range archive.Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"},
		{"add", "-A"},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "first"},
	} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	b, err := build.Prepare(t.Context(), build.Options{Dir: dir, Cache: t.TempDir(), Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	bin, _, err := b.Binaries(t.Context(), "example.com/odd", 0)
	if err != nil {
		t.Fatal(err)
	}
	return Binary(bin)
}

// TestBenchmarks runs all that needs the binary, which takes seconds to build.
func TestBenchmarks(t *testing.T) {
	t.Parallel()
	bin := odd(t)
	for name, test := range map[string]func(*testing.T, *Runner, Binary){
		"a run has the operations that were asked for": testOnce,
		"time outside the timer does not count":        testTimer,
		"sub-benchmarks are listed and run alone":      testList,
		"what prints is measured":                      testPrints,
		"what waits and what spreads is known":         testPlan,
		"a trial of few operations is corrected":       testSettle,
		"a far slower head runs fewer operations":      testSlowHead,
		"operations that depend on others are seen":    testConsumes,
		"what is left behind is told":                  testNotes,
		"reading files starts no goroutine":            testFiles,
		"temporary files go with the run":              testTemp,
		"own numbers of operations are refused":        testOwnN,
		"failures are told":                            testFailures,
		"one that fails does not hide others":          testPart,
		"pairs run both copies in the order given":     testPair,
		"the sides of a pair share a processor":        testTogether,
		"sides that disturb each other run in turn":    testDisturbed,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, &Runner{Dir: t.TempDir()}, bin)
		})
	}
}

func testOnce(t *testing.T, r *Runner, bin Binary) {
	for _, c := range []struct {
		name  string
		procs int
		want  Measurement
	}{
		// So many that what the runtime allocates for itself does not count.
		{"BenchmarkGood", 1, Measurement{N: 100_000, Allocs: 1, Bytes: 64}},
		{"BenchmarkGood", 2, Measurement{N: 100_000, Allocs: 1, Bytes: 64}},
		{"BenchmarkLoop", 1, Measurement{N: 100_000}},
	} {
		m, err := r.Once(t.Context(), bin, c.name, c.procs, c.want.N)
		if err != nil {
			t.Error(err)
			continue
		}
		if m.CPU <= 0 || m.Wall <= 0 {
			t.Errorf("%s: no time: %s", c.name, m.Line)
		}
		if m.N != c.want.N || m.Allocs != c.want.Allocs || m.Bytes != c.want.Bytes {
			t.Errorf("%s: got %+v, want %+v", c.name, m, c.want)
		}
		name := c.name
		if c.procs == 2 {
			name += "-2"
		}
		if !strings.HasPrefix(m.Line, name+"\t") {
			t.Errorf("line %q does not begin with %s", m.Line, name)
		}
	}
	if _, err := r.Once(t.Context(), bin, "BenchmarkFile", 1, 10); err != nil {
		t.Errorf("not in its own directory: %v", err)
	}
	if left, err := os.ReadDir(r.resultsDir()); len(left) > 0 || err != nil {
		t.Errorf("results left: %v, %v", left, err)
	}
}

func testTimer(t *testing.T, r *Runner, bin Binary) {
	m, err := r.Once(t.Context(), bin, "BenchmarkSetup", 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	// 1000 steps inside the timer, 100 million outside.
	if limit := float64(5 * time.Millisecond); m.CPU > limit {
		t.Errorf("%v ns CPU an operation: more than %v, so the setup counts", m.CPU, limit)
	}
}

func testList(t *testing.T, r *Runner, bin Binary) {
	got, failures := list(t, r, bin, "BenchmarkSub")
	if failures != "" {
		t.Error(failures)
	}
	want := []string{"BenchmarkSub/a+b/c(d)", "BenchmarkSub/two_words", "BenchmarkSub/x-2"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	for _, name := range got {
		if m, err := r.Once(t.Context(), bin, name, 2, 100); err != nil || !strings.HasPrefix(m.Line, name+"-2\t") {
			t.Errorf("%s: %q, %v", name, m.Line, err)
		}
	}
}

func testPrints(t *testing.T, r *Runner, bin Binary) {
	// Far more than is kept of its output.
	m, err := r.Once(t.Context(), bin, "BenchmarkPrints", 1, 20_000)
	if err != nil || m.N != 20_000 {
		t.Errorf("%+v, %v", m, err)
	}
}

func testPlan(t *testing.T, r *Runner, bin Binary) {
	for _, c := range []struct {
		name           string
		spreads, waits bool
	}{
		{"BenchmarkLoop", false, false},
		{"BenchmarkSleeps", false, true},
		{"BenchmarkParallel", true, false},
	} {
		p, err := r.Plan(t.Context(), bin, bin, c.name)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name != c.name || p.Spreads != c.spreads || p.Waits != c.waits || len(p.Notes) > 0 {
			t.Errorf("got %+v, want %+v", p, c)
		}
	}
}

func testSettle(t *testing.T, r *Runner, bin Binary) {
	p, err := r.settle(t.Context(), bin, Plan{Name: "BenchmarkLoop", N: 3})
	if err != nil || p.N < 1000 { // an operation takes about a microsecond
		t.Errorf("%d operations, %v; want tens of thousands", p.N, err)
	}
	if again, err := r.settle(t.Context(), bin, p); err != nil || again.N > 4*p.N { // twice, and noise
		t.Errorf("what takes long enough gets %d operations, %v, where it had %d", again.N, err, p.N)
	}
}

// testConsumes has operations of which only the first works. Both sides are alike, so
// that there is nothing to tell, but the share of each is as small as it can be.
func testConsumes(t *testing.T, r *Runner, bin Binary) {
	plan := Plan{Name: "BenchmarkConsumes", N: 1000}
	share, err := r.besideOthers(t.Context(), bin, plan)
	if err != nil || share <= 0 || share > 0.5 { // a thousandth, and noise
		t.Errorf("an operation of 1000 takes %v of its time alone, %v; want far less", share, err)
	}
	for _, odd := range []Plan{plan, {Name: "BenchmarkConsumes", N: 1}, {Name: "BenchmarkConsumes", N: 10, Waits: true}} {
		// No runs are made, of binaries that are none.
		if note, err := r.Dependence(t.Context(), Binary{}, Binary{}, odd); note != "" || err != nil {
			t.Errorf("%+v: %q, %v; want none", odd, note, err)
		}
	}
	if _, err := r.Dependence(t.Context(), bin, bin, Plan{Name: "BenchmarkFails", N: 10}); err == nil || !strings.HasPrefix(err.Error(), "base: BenchmarkFails fails") {
		t.Errorf("got %v, want that BenchmarkFails fails", err)
	}
}

func TestDependenceIsToldWhereItDiffers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ofBase, ofHead float64
		want           string
	}{
		{1, 0.52, "of 2 operations of BenchmarkX one takes 100 % of its time alone on base, and 52 % on head: they depend on each other, and what is found depends on their number"},
		{0.4, 1, "of 2 operations of BenchmarkX one takes 40 % of its time alone on base, and 100 % on head: they depend on each other, and what is found depends on their number"},
		{0.52, 0.5, ""}, {1, 0.8, ""}, {1, math.NaN(), ""}, {math.NaN(), 1, ""},
	} {
		if got := (Plan{Name: "BenchmarkX", N: 2}).dependence(c.ofBase, c.ofHead); got != c.want {
			t.Errorf("%v and %v: got %q, want %q", c.ofBase, c.ofHead, got, c.want)
		}
	}
}

func testSlowHead(t *testing.T, r *Runner, bin Binary) {
	dear := Binary{Path: bin.Path, Dir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(dear.Dir, "dear"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	const name = "BenchmarkCost"
	even, err := r.Plan(t.Context(), bin, bin, name)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := r.Plan(t.Context(), bin, dear, name)
	if err != nil {
		t.Fatal(err)
	}
	if slow.N > even.N/20 { // it is a thousand times slower, and may take 8 times as long
		t.Errorf("%d operations, where an equal head has %d", slow.N, even.N)
	}
	_, err = r.Plan(t.Context(), bin, dear, "BenchmarkFile")
	if want := "head: BenchmarkFile fails"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// testFiles: the runtime's own goroutines are not the benchmark's.
func testFiles(t *testing.T, r *Runner, bin Binary) {
	p, err := r.Plan(t.Context(), bin, bin, "BenchmarkFile")
	if err != nil || p.Spreads || len(p.Notes) > 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestMostTrialsSayWhetherABenchmarkWaits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		idle  []float64
		waits bool
	}{
		"it works":                   {[]float64{0.02}, false},
		"it works, with calls":       {[]float64{0.3, 0.4, 0.2}, false},
		"it waits":                   {[]float64{0.9, 1, 0.8}, true},
		"it waits, and is disturbed": {[]float64{0.3, 0.9, 0.4, 0.9, 0.9}, true},
		"it works, and is disturbed": {[]float64{0.6, 0.3, 0.7, 0.2, 0.2}, false},
		"beyond doubt at last":       {[]float64{0.6, 0.7, 0.01}, false},
	} {
		var e election
		for i, idle := range c.idle {
			p, ok := e.vote(planFor("BenchmarkX", Measurement{CPU: 1, Wall: 1, Idle: idle}), idle)
			if last := i == len(c.idle)-1; ok != last || ok && p.Waits != c.waits {
				t.Errorf("%s: trial %d gives %v, %v", name, i, p.Waits, ok)
			}
		}
	}
}

func TestTrialGivesTheNumberOfOperations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m    Measurement
		want Plan
	}{
		{Measurement{CPU: 650, Wall: 9000}, Plan{N: 100_000}},
		{Measurement{CPU: 650, Wall: 6500, Idle: 0.9}, Plan{N: 10_000, Waits: true}},
		{Measurement{CPU: 650, Wall: 650, Started: 2}, Plan{N: 100_000, Spreads: true}},
		{Measurement{CPU: 3e9, Wall: 3e9}, Plan{N: 1}},
		{Measurement{CPU: 0.9e9, Wall: 3e9}, Plan{N: 2}},
		{Measurement{CPU: 0.001, Wall: 1}, Plan{N: 1_000_000_000}},
		{Measurement{}, Plan{N: 1_000_000_000}},
	} {
		c.want.Name = "BenchmarkX"
		if d := cmp.Diff(c.want, planFor("BenchmarkX", c.m)); d != "" {
			t.Errorf("%+v: -want +got:\n%s", c.m, d)
		}
	}
}

func testNotes(t *testing.T, r *Runner, bin Binary) {
	for name, want := range map[string][]string{
		"BenchmarkLeavesGoroutines": {"BenchmarkLeavesGoroutines leaves 3 goroutines running: each run has a process of its own, so they end with it"},
		"BenchmarkLeavesFile":       {"BenchmarkLeavesFile leaves 1 file open: with more operations a run may reach the limit of open files"},
		"BenchmarkLeavesProcess":    nil, // whose pipe must not keep us waiting
	} {
		p, err := r.Plan(t.Context(), bin, bin, name)
		if err != nil {
			t.Error(err)
			continue
		}
		if name == "BenchmarkLeavesProcess" {
			p.Notes = nil // how os/exec waits is its own affair
		}
		if d := cmp.Diff(want, p.Notes); d != "" {
			t.Errorf("%s: -want +got:\n%s", name, d)
		}
	}
}

func testFailures(t *testing.T, r *Runner, bin Binary) {
	hasty := &Runner{Dir: r.Dir, Timeout: time.Second}
	for _, c := range []struct {
		name string
		r    *Runner
		want string
	}{
		{"BenchmarkFails", r, "BenchmarkFails fails:\n\todd_test.go:122: no, not this"},
		{"BenchmarkFailsLater", r, "BenchmarkFailsLater fails:\n\todd_test.go:127: only once"},
		{"BenchmarkPanics", r, "BenchmarkPanics panics:\n\tpanic: assignment to entry in nil map"},
		{"BenchmarkNoFile", r, "BenchmarkNoFile fails:\n\todd_test.go:200: open ignored.json: no such file or directory" +
			"\n\t(it runs in a copy of its commit, without files that git ignores)"},
		{"BenchmarkSkips", r, "BenchmarkSkips skips itself:\n\todd_test.go:147: needs a database"},
		{"BenchmarkExits", r, "BenchmarkExits ends its process before it has a result:\n\texit status 3"},
		{"BenchmarkChangesN", r, "BenchmarkChangesN changes b.N, so that its two sides do different work:\n\t7 instead of 50"},
		{"BenchmarkNeverEnds", hasty, "BenchmarkNeverEnds does not end in time:\n\tkilled after 1s; -timeout gives a run more"},
		{"BenchmarkUnknown", r, "BenchmarkUnknown is not in the binary, or runs only under other conditions"},
	} {
		_, err := c.r.Once(t.Context(), bin, c.name, 1, 50)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		if d := cmp.Diff(c.want, err.Error()); d != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, d)
		}
		var f *Failure
		if !errors.As(err, &f) || f.Bench != c.name {
			t.Errorf("%s: %T is no Failure of it", c.name, err)
		}
		if c.name == "BenchmarkFailsLater" || c.name == "BenchmarkChangesN" {
			continue // not in the one operation of a list
		}
		if names, failures := list(t, c.r, bin, c.name); len(names) > 0 || failures != c.want {
			t.Errorf("List(%s): %q, %v", c.name, names, failures)
		}
	}
	_, err := r.Once(t.Context(), Binary{Path: "/nowhere", Dir: "/"}, "BenchmarkX", 1, 1)
	if want := "cannot run /nowhere: fork/exec /nowhere: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// testOwnN: package testing would try for minutes to make such a one last.
func testOwnN(t *testing.T, r *Runner, bin Binary) {
	names, failures := list(t, r, bin, "BenchmarkChangesN")
	want := "BenchmarkChangesN changes b.N, so that its two sides do different work:\n\t7 instead of 100"
	if len(names) > 0 || failures != want {
		t.Errorf("%q, %v\nwant %s", names, failures, want)
	}
	names, failures = list(t, r, bin, "BenchmarkWantsTen")
	if d := cmp.Diff([]string{"BenchmarkWantsTen"}, names); d != "" || failures != "" {
		t.Errorf("%v, -want +got:\n%s", failures, d)
	}
}

func testTemp(t *testing.T, r *Runner, bin Binary) {
	bin.Temp = t.TempDir()
	for range 2 { // it fails where it finds something
		if _, err := r.Once(t.Context(), bin, "BenchmarkLeavesTemp", 1, 1); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(bin.Temp); len(left) > 0 || err != nil {
		t.Errorf("left: %v, %v", left, err)
	}
	bin.Temp = "/nowhere"
	_, err := r.Once(t.Context(), bin, "BenchmarkGood", 1, 1)
	if want := "no place for temporary files: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func testPart(t *testing.T, r *Runner, bin Binary) {
	names, failures := list(t, r, bin, "BenchmarkFailsInPart")
	if d := cmp.Diff([]string{"BenchmarkFailsInPart/good"}, names); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	want := "BenchmarkFailsInPart/idle skips itself:\n\todd_test.go:138: not today\n" +
		"BenchmarkFailsInPart/bad fails:\n\todd_test.go:137: bad"
	if failures != want {
		t.Errorf("got %v\nwant %s", failures, want)
	}
}

// list is what List finds, its failures a paragraph each.
func list(t *testing.T, r *Runner, bin Binary, function string) (names []string, failures string) {
	t.Helper()
	names, failed, err := r.List(t.Context(), bin, function)
	if err != nil {
		t.Fatal(err)
	}
	if failed != nil {
		failures = errors.Join(failed...).Error()
	}
	return names, failures
}

func testTogether(t *testing.T, r *Runner, bin Binary) {
	of := func(r *Runner, p Plan, procs int) string {
		p.Name, p.N = "BenchmarkProcessors", 1000
		pair, err := r.Pair(t.Context(), bin, bin, p, procs, false)
		if err != nil {
			t.Fatal(err)
		}
		base, head := metric(pair.Base.Line, "cpus"), metric(pair.Head.Line, "cpus")
		if base != head {
			t.Errorf("base may run on %s processors, and head on %s", base, head)
		}
		return base
	}
	all := strconv.Itoa(runtime.NumCPU())
	one := all
	if runtime.GOOS == "linux" {
		one = "1"
	}
	for name, c := range map[string]struct{ got, want string }{
		"one processor":  {of(r, Plan{}, 1), one},
		"two processors": {of(r, Plan{}, 2), all},
		"waiting":        {of(r, Plan{Waits: true}, 1), all},
		"asked for":      {of(&Runner{Dir: t.TempDir(), InTurn: true}, Plan{}, 1), all},
	} {
		if c.got != c.want {
			t.Errorf("%s: it may run on %s processors, want %s", name, c.got, c.want)
		}
	}
	if got := runtime.NumCPU(); strconv.Itoa(got) != all {
		t.Errorf("we may run on %d processors ourselves, and had %s", got, all)
	}
	if list := allowed(); runtime.GOOS == "linux" && len(list) != runtime.NumCPU() {
		t.Errorf("the thread of the test may run on %v, want %s", list, all)
	}
}

// metric returns the value of a unit in a line of results.
func metric(line, unit string) string {
	fields := strings.Fields(line)
	if i := slices.Index(fields, unit); i > 0 {
		return strings.TrimSuffix(fields[i-1], ".000")
	}
	return ""
}

// testDisturbed: of two at once one fails, unless the other has ended by then.
func testDisturbed(t *testing.T, r *Runner, bin Binary) {
	for range 3 {
		pair, err := r.Pair(t.Context(), bin, bin, Plan{Name: "BenchmarkLocks", N: 10_000}, 1, false)
		if err != nil || pair.Base.N != 10_000 || pair.Head.N != 10_000 {
			t.Errorf("%+v, %v", pair, err)
		}
	}
	if left, err := os.ReadDir(r.resultsDir()); len(left) > 0 || err != nil {
		t.Errorf("results left: %v, %v", left, err)
	}
}

func testPair(t *testing.T, r *Runner, bin Binary) {
	base, head, err := r.Copies(bin, bin, true)
	if err != nil {
		t.Fatal(err)
	}
	if len(base.Path) != len(head.Path) || base.Path == head.Path || base.Path == bin.Path {
		t.Errorf("copies %s and %s of %s", base.Path, head.Path, bin.Path)
	}
	p := Plan{Name: "BenchmarkGood", N: 1000}
	for _, headFirst := range []bool{false, true} {
		pair, err := r.Pair(t.Context(), base, head, p, 1, headFirst)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []Measurement{pair.Base, pair.Head} {
			if m.N != 1000 || m.Allocs != 1 {
				t.Errorf("%+v", m)
			}
		}
		if d := pair.CPU() - math.Log(pair.Head.CPU/pair.Base.CPU); d != 0 {
			t.Errorf("d is off by %v", d)
		}
	}
	for headFirst, want := range map[bool]string{false: "base", true: "head"} {
		p.Name = "BenchmarkExits"
		_, err := r.Pair(t.Context(), base, head, p, 1, headFirst)
		if want += ": BenchmarkExits ends its process before it has a result:\n\texit status 3"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, _, err := r.Copies(bin, bin, false); err != nil {
		t.Errorf("again: %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(base.Path))
	if err != nil || len(left) != 2 {
		t.Errorf("%v, %v: want two copies", left, err)
	}
}

func TestLongerRunsHaveMoreOperations(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 1, 2: 2, 3: 12, 1000: 4000, maxN / 2: maxN} {
		if got := (Plan{N: n}).Longer(4).N; got != want {
			t.Errorf("four times %d operations: got %d, want %d", n, got, want)
		}
	}
	if got := (Plan{N: 7}).Longer(1).N; got != 7 {
		t.Errorf("got %d operations, want the planned 7", got)
	}
}

func TestKindsHaveWordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	kinds := []Kind{Fails, Panics, Skips, Exits, Absent, Late, ChangesN, Nothing, TooMany}
	slices.Sort(kinds)
	if n := len(slices.Compact(kinds)); n != 9 {
		t.Errorf("%d kinds, want 9", n)
	}
	long := &Failure{Bench: "BenchmarkX", Kind: Panics, Detail: strings.Repeat("line\n", 20)}
	want := "BenchmarkX panics:" + strings.Repeat("\n\tline", 12) + "\n\t(8 more lines)"
	if got := long.Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	nothing := &Failure{Bench: "BenchmarkX", Kind: Nothing, Detail: "BenchmarkX\t1\t0 ns/op"}
	if got, want := nothing.Error(), "BenchmarkX takes no time that can be measured:\n\tBenchmarkX\t1\t0 ns/op"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
