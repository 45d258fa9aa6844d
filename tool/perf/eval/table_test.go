package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/perf/report"
)

var update = flag.Bool("update", false, "rewrite the golden tables")

// sample is a record of one kind with benchmarks of which every third is
// undecided, and the others are said to be v.
func sample(task, expect string, effect float64, v gate.Verdict, benches, pairs int) *record {
	r := &record{
		Task: task, Expect: expect, Effect: effect, Began: time.Unix(0, 0).UTC(), Seconds: 90, Busy: 4, Load: [2]float64{4.2, 5.1},
		Report: &report.Report{M: benches, Toolchain: "go1.26.1", Machine: report.Machine{CPU: "ABC 1", Processors: 2}},
	}
	for i := range benches {
		name := fmt.Sprintf("BenchmarkB%d", i)
		t := report.Test{
			Channel: gate.CPU, Verdict: v, Effect: effect, Pairs: pairs - 9, ConfirmPairs: 9,
			Interval: evalue.Interval{Lo: effect - 0.01, Hi: effect + 0.01},
		}
		if v == gate.Slower || v == gate.Faster {
			t.Suspect = v
		}
		if i%3 == 2 {
			t.Verdict, t.Interval = gate.Undecided, evalue.Interval{Lo: math.Inf(-1), Hi: 0}
		}
		counts := report.Test{Channel: gate.Allocs, Verdict: gate.Same, Exact: true, Pairs: 8}
		if expect == hungry {
			counts.Verdict, counts.Effect = gate.Slower, 1
		}
		r.Report.Benchmarks = append(r.Report.Benchmarks, report.Benchmark{
			Package: "p", Name: name, Procs: 1 + i%2, Seconds: float64(i + 1), Tests: []report.Test{t, counts},
		})
		full := name
		if i%2 == 1 {
			full += "-2"
		}
		for _, p := range series(pairs, effect, 0.01, uint64(i)) {
			for side, m := range []measured{p.base, p.head} {
				r.Runs = append(r.Runs, report.Run{
					Package: "p", Head: side == 1,
					Line: fmt.Sprintf("%s\t100\t%v ns/op\t%v cpu-ns/op\t0 B/op\t1 allocs/op", full, m.wall, m.cpu),
				})
			}
		}
	}
	return r
}

func samples() []*record {
	broken := &record{Task: "case/broken", Expect: none, Failed: "does not build"}
	found := sample("history/0", slower, 0.1, gate.Slower, 1, 30)
	found.Bisect = &bisected{Planted: 17, Found: 17, Said: "8 steps"}
	missed := sample("history/1", slower, 0.1, gate.Slower, 1, 30)
	missed.Bisect = &bisected{Planted: 40, Found: 41, Said: "9 steps"}
	turned := sample("plus5/p00", slower, 0.05, gate.Slower, 3, 40)
	turned.InTurn = true
	quiet := sample("plus5/p00", slower, 0.05, gate.Slower, 4, 20)
	quiet.Busy = 2
	return []*record{
		sample("unchanged/0", none, 0, gate.Same, 12, 40), sample("bias/p00", none, 0, gate.Same, 3, 25),
		sample("plus5/p00", slower, 0.05, gate.Slower, 7, 30), sample("minus10/p00", faster, -0.1, gate.Faster, 4, 30),
		sample("alloc/p00", hungry, 0, gate.Same, 4, 20), sample("reached/50", none, 0, gate.Same, 3, 20), found, missed,
		sample("case/one", slower, 0.2, gate.Slower, 2, 30), broken, turned, quiet,
	}
}

// TestTables compares all tables, as -join writes them from results, with golden
// ones. Run with -update to write these anew.
func TestTables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, r := range samples() {
		if err := addRecord(fmt.Sprintf("%s/%d.jsonl", dir, i%2), r); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir+"/doc.md", "# By hand\n\n<!-- table: The commit to blame -->\nold\n<!-- end of table -->\n\nmore by hand\n")
	var stdout, stderr strings.Builder
	args := []string{"-join", dir + "/0.jsonl," + dir + "/1.jsonl", "-o", dir + "/doc.md", "-resample", "0"}
	if code := run(t.Context(), args, &stdout, &stderr); code != 0 {
		t.Fatal(stderr.String())
	}
	got, err := os.ReadFile(dir + "/doc.md")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "tables.md")
	if *update {
		write(t, golden, string(got))
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestSharesMeetTargetsOrNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s      share
		limit  float64
		atMost bool
		want   string
	}{
		{share{0, 0}, 0.5, true, ""},
		{share{0, 5000}, 0.001, true, "shown"},
		{share{0, 100}, 0.001, true, "met here"},
		{share{1, 100}, 0.001, true, "**missed**"},
		{share{1, 500}, 0.001, true, "open"},
		{share{500, 500}, 0.95, false, "shown"},
		{share{20, 20}, 0.95, false, "met here"},
		{share{18, 20}, 0.95, false, "open"},
		{share{10, 20}, 0.95, false, "**missed**"},
		{share{20, 20}, 1, false, "met here"},
		{share{19, 20}, 1, false, "**missed**"},
	} {
		if got := c.s.meets(c.limit, c.atMost); got != c.want {
			t.Errorf("%v, limit %v: got %q, want %q", c.s, c.limit, got, c.want)
		}
	}
}

func TestTablesOfResampledCommits(t *testing.T) {
	t.Parallel()
	r := resampled{
		effect: 0.03, series: 9, commits: share{9, 10}, slower: share{80, 100}, faster: share{0, 100}, suspected: share{90, 100},
		undecided: share{15, 100}, pairs: []float64{20, 30, 40},
	}
	for i := range rules() {
		r.rules, r.opposite = append(r.rules, share{i, 20}), append(r.opposite, share{0, 20})
	}
	f := findings{resampled: []resampled{r}, turned: &findings{}}
	whole, usual := f.resampledGate(), f.resampledRules()
	if got, want := fmt.Sprint(whole.Rows), "[[at once 9 +3 % 9 of 10 (90 %; 60–98) 80 of 100 (80 %; 71–87) 0 of 100 (0 %; 0–3.7) 90 of 100 (90 %; 83–94) 15 of 100 (15 %; 9.3–23) 30 40]]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := fmt.Sprint(usual.Rows[0], usual.Rows[3]), "[**the gate** 80 % – – – –] [medians of 10 pairs, 10 %, CPU time 10 % – – – –]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	inTurn := slices.ContainsFunc(usual.Rows, func(row []string) bool { return strings.HasPrefix(row[0], "in turn") })
	if len(usual.Rows) != 7 || inTurn {
		t.Errorf("got %v, want the gate and the 6 rules that see runs at once", usual.Rows)
	}
}

func TestResultsThatWereCutOffAreReadAndContinued(t *testing.T) {
	t.Parallel()
	name := t.TempDir() + "/r.jsonl"
	if done, err := doneTasks(name); err != nil || len(done) > 0 {
		t.Fatalf("of no file: %v, %v", done, err)
	}
	for _, r := range samples()[:2] {
		if err := addRecord(name, r); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, string(text[:len(text)-100]))
	if err := mend(name); err != nil {
		t.Fatal(err)
	}
	done, err := doneTasks(name)
	if err != nil || len(done) != 1 || !done["unchanged/0"] {
		t.Errorf("done: %v, %v", done, err)
	}
	c := command{output: name, counts: counts{unchanged: 2, histories: 1}, do: "^(unchanged|history)"}
	left, err := c.chosen()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, t := range left {
		names = append(names, t.name)
	}
	if got := strings.Join(names, " "); got != "unchanged/1 history/0" {
		t.Errorf("left: %s", got)
	}
}

func TestCasesAreRead(t *testing.T) {
	t.Parallel()
	name := t.TempDir() + "/cases"
	write(t, name, "# a comment\n\nweb  /dir slower 15.5 abc def ./x ^BenchmarkA$\nweb-parent /dir none - abc abc . .\n")
	list, err := readCases(name)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d cases, %v", len(list), err)
	}
	var got []string
	for _, c := range list {
		got = append(got, fmt.Sprint(c.name, " ", c.dir, " ", c.expect, " ", c.effect, " ", c.base, " ", c.head, " ", c.patterns, " ", c.bench, " ", c.all))
	}
	want := []string{"case/web /dir slower 0.155 abc def [./x] ^BenchmarkA$ false", "case/web-parent /dir none 0 abc abc [.] . true"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	for text, want := range map[string]string{
		"a b c":                 "3 fields: want 8: name, directory, expectation, effect, base, head, package, benchmarks",
		"a b worse - c d . .":   `expectation "worse": want slower, faster or none`,
		"a b slower x% c d . .": `effect: strconv.ParseFloat: parsing "x%": invalid syntax`,
		"a b slower 1 c d . (":  "error parsing regexp: missing closing ): `(`",
	} {
		write(t, name, text)
		if _, err := readCases(name); err == nil || err.Error() != name+":1: "+want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestBisectionsAreReadOff(t *testing.T) {
	t.Parallel()
	at := func(subject string) report.Revision { return report.Revision{Hash: subject, Subject: subject} }
	for _, c := range []struct {
		b    *report.Bisection
		want bisected
	}{
		{nil, bisected{Planted: 7, Said: "nothing is slower"}},
		{&report.Bisection{First: at("commit 7"), Last: at("commit 7"), Steps: make([]report.Step, 8)}, bisected{7, 7, "8 steps"}},
		{&report.Bisection{First: at("commit 7"), Last: at("commit 9"), Why: "time"}, bisected{7, 0, "0 steps, time"}},
	} {
		if got := bisectedTo(c.b, 7); *got != c.want {
			t.Errorf("got %+v, want %+v", *got, c.want)
		}
	}
}
