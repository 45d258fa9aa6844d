package report

import (
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/plain"
)

func golden(t *testing.T, file, got string) {
	t.Helper()
	file = "testdata/" + file
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got), UPDATE_GOLDEN=1 to accept:\n%s", file, diff)
	}
}

func text(t *testing.T, r *Report, colour bool) string {
	t.Helper()
	var b strings.Builder
	if err := r.Text(&b, colour); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// evil is a name that a file, a commit or a benchmark may have.
const evil = `</title><script>alert(1)</script><img src=x onerror=alert(2)>'"&{{.}}` + "\x1b[31m\u202e\r\n::error::x"

// hostile is a report whose names attack its readers.
func hostile() *Report {
	r := sample(20)
	long := strings.Repeat("very/long/", 2000)
	r.Base.Subject, r.Head.Subject, r.Toolchain, r.Next, r.Machine.CPU = evil, evil+long, evil, evil, evil
	r.Base.Hash, r.Notes = evil, []string{evil, long}
	for i := range r.Benchmarks {
		b := &r.Benchmarks[i]
		b.Name, b.Package = b.Name+evil, evil
		b.Instructions = &Instructions{Counter: evil + long, Verdict: More}
		b.Cause, b.Culprit, b.Notes = &Cause{Place: Place{evil + long, evil + long, -1}}, &Revision{Hash: evil}, []string{evil}
		b.Profile = append(b.Profile, Difference{Place{evil + long, evil, 1}, "evil" + evil, -1, 1e300})
		for k := range b.Tests {
			b.Tests[k].Acceptance = &Acceptance{9, k == 0, []Trailer{{evil, 9, evil}}}
		}
	}
	r.Planned = []Unmeasured{{Package: evil, Name: evil, Why: evil}, {Package: evil + long, Name: evil + long, Why: evil + long}}
	r.Skipped[0], r.Failed[0] = Unmeasured{Package: evil, Why: evil + long}, Unmeasured{Package: evil, Name: evil, Why: evil}
	r.Trends[0].Name, r.Trends[0].Release, r.Trends[0].Points[0].Subject = evil, evil, evil+long
	r.Complete()
	return r
}

// shapes are reports of all sizes and kinds, complete.
func shapes() map[string]*Report {
	nothing, broken, all := &Report{Base: Revision{Hash: "71be0c4d5a0f"}}, sample(2), sample(20)
	broken.Benchmarks = nil
	all.Head.Dirty = true
	for i := range all.Benchmarks {
		if all.Benchmarks[i].Culprit != nil {
			all.Benchmarks[i].Culprit.Dirty = true
		}
	}
	many := sample(1)
	for range 60 {
		many.Benchmarks = append(many.Benchmarks, many.Benchmarks[0])
	}
	planned := &Report{Base: nothing.Base, Planned: plan(2, 400), Next: "hemilith perf   measure that"}
	out := map[string]*Report{"nothing": nothing, "planned": planned, "1": sample(1), "2": sample(2), "20": sample(20), "300": sample(300), "worktree": all,
		"broken": broken, "many": many, "hostile": hostile(), "bisected": bisected()}
	for _, r := range out {
		r.Complete()
	}
	return out
}

func TestTexts(t *testing.T) {
	t.Parallel()
	all := shapes()
	for _, name := range []string{"nothing", "1", "20", "broken", "worktree"} {
		golden(t, name+".txt", text(t, all[name], false))
	}
}

// TestTheSentenceOfTheManual is the one that the documentation promises.
func TestTheSentenceOfTheManual(t *testing.T) {
	t.Parallel()
	r := sample(1)
	r.Benchmarks[0].Cause.File, r.Benchmarks[0].Instructions = "pricing.go", nil
	got, want := r.sentence(&r.Benchmarks[0]), "BenchmarkQuote: 12.6 % more CPU (99 % interval 11 to 14), +1 alloc/op since 3f9c2ab; pricing.go:88; 1.7 s; false-alarm chance < 0.1 %"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What an interval is, is said once.
func TestTwoTimesHaveOneConfidence(t *testing.T) {
	t.Parallel()
	r := sample(1)
	b := &r.Benchmarks[0]
	b.Tests[1] = Test{Channel: gate.Wall, Verdict: gate.Faster, Effect: -0.3, Interval: evalue.Interval{Lo: -0.4, Hi: -0.2}, FalseAlarm: 0.004}
	b.Cause.Sure, b.Instructions = false, nil
	got, want := r.sentence(b), "BenchmarkQuote: 12.6 % more CPU (99 % interval 11 to 14), 30 % less wall time (20 to 40) since 3f9c2ab; perhaps pricing/pricing.go:88; 1.7 s; false-alarm chance ≤ 0.4 %"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTextCountsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	got, want := text(t, shapes()["many"], false), "  and 41 more: -json or hemilith perf report -o perf.html\n"
	if !strings.Contains(got, want) || strings.Count(got, "BenchmarkQuote:") != maxFindings {
		t.Errorf("of 61 findings the text has %d, and does not say %q", strings.Count(got, "BenchmarkQuote:"), want)
	}
}

func TestTextFitsATerminal(t *testing.T) {
	t.Parallel()
	for name, r := range shapes() {
		got := text(t, r, false)
		for line := range strings.Lines(got) {
			line = strings.TrimSuffix(line, "\n")
			long := strings.HasPrefix(line, "next: ")   // to be copied
			for word := range strings.FieldsSeq(line) { // which may be longer than the line
				long = long || utf8.RuneCountInString(word) > 40
			}
			if n := utf8.RuneCountInString(line); n > maxColumns && !long {
				t.Errorf("%s: a line has %d columns, want at most %d: %s", name, n, maxColumns, line)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("%s: a line ends in a space: %q", name, line)
			}
			if regexp.MustCompile(`^\s*(%|ms|s|µs|ns)[ ,;)]`).MatchString(line) {
				t.Errorf("%s: a unit is parted from its number: %q", name, line)
			}
		}
		if strings.Contains(got, "%!") || strings.Contains(got, "\x1b") || strings.Contains(got, "\u202e") {
			t.Errorf("%s: the text has a broken format or an escape:\n%q", name, got)
		}
	}
}

// Colour adds nothing but colour.
func TestColourIsAllThatColourAdds(t *testing.T) {
	t.Parallel()
	sgr := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for name, r := range shapes() {
		coloured, without := text(t, r, true), text(t, r, false)
		if got := sgr.ReplaceAllString(coloured, ""); got != without {
			t.Errorf("%s: with colours taken away the text differs:\n%s\nwant\n%s", name, got, without)
		}
		if !strings.Contains(coloured, "\x1b[") {
			t.Errorf("%s: no colour where colour was asked for", name)
		}
	}
}

func TestNoneOneAndManyAreInWords(t *testing.T) {
	t.Parallel()
	b := func(v gate.Verdict) Benchmark {
		return Benchmark{Name: "BenchmarkX", Tests: []Test{{Channel: gate.CPU, Verdict: v, Pairs: 9}}}
	}
	more := func(v gate.Verdict) Benchmark {
		return Benchmark{Name: "BenchmarkX", Tests: []Test{{Channel: gate.CPU, Verdict: gate.Same, Pairs: 9}, {Channel: gate.Allocs, Verdict: v, Effect: 1, Pairs: 8}}}
	}
	for _, tt := range []struct {
		benchmarks []Benchmark
		failed     int
		want       string
	}{
		{nil, 0, "nothing to measure: no benchmark reaches code that differs from 71be0c4"},
		{nil, 1, "nothing could be measured"},
		{[]Benchmark{b(gate.Same)}, 0, "no benchmark is slower than 71be0c4"},
		{[]Benchmark{b(gate.Slower)}, 0, "1 benchmark is slower than 71be0c4"},
		{[]Benchmark{b(gate.Slower), b(gate.Slower), b(gate.Faster)}, 1, "2 benchmarks are slower than 71be0c4, 1 is faster, 1 could not be measured"},
		{[]Benchmark{more(gate.Slower), b(gate.Slower)}, 0, "2 benchmarks are slower or hungrier than 71be0c4"},
		{[]Benchmark{more(gate.Slower)}, 0, "1 benchmark is hungrier than 71be0c4"},
		{[]Benchmark{more(gate.Faster), b(gate.Faster)}, 0, "no benchmark is slower than 71be0c4, 2 are faster or leaner"},
		{[]Benchmark{b(gate.Faster), b(gate.Faster), b(gate.Undecided), b("")}, 0, "no benchmark is slower than 71be0c4, 2 are faster, 2 are undecided"},
	} {
		r := &Report{Base: Revision{Hash: "71be0c4d5a0f"}, Benchmarks: tt.benchmarks, Failed: make([]Unmeasured, tt.failed)}
		r.Complete()
		if got := r.headline(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestWhatIsUndecidedSaysWhy(t *testing.T) {
	t.Parallel()
	for why, want := range map[gate.Reason]string{
		gate.OutOfPairs:   "CPU undecided after 30 pairs (+2 %, 99 % interval -1 to 4)",
		gate.OutOfTime:    "CPU undecided after 30 pairs, as the time was up (+2 %, 99 % interval -1 to 4)",
		gate.Contradicted: "CPU undecided, as newly linked binaries contradict what was suspected (+2 %, 99 % interval -1 to 4)",
		gate.Failed:       "CPU undecided, as it could not be run to the end (+2 %, 99 % interval -1 to 4)",
		"":                "CPU undecided (+2 %, 99 % interval -1 to 4)",
	} {
		x := Test{Channel: gate.CPU, Verdict: gate.Undecided, Why: why, Pairs: 30, Effect: 0.02, Interval: evalue.Interval{Lo: -0.01, Hi: 0.04}}
		if got := x.question("99 % interval "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	accept := func(bound float64, covers bool, reasons ...string) *Acceptance {
		a := &Acceptance{Bound: bound, Covers: covers}
		for _, reason := range reasons {
			a.Trailers = append(a.Trailers, Trailer{Reason: reason})
		}
		return a
	}
	for _, tt := range []struct {
		name  string
		test  Test
		words string
		fails bool
	}{
		{"covered", Test{Channel: gate.CPU, Verdict: gate.Slower, Effect: 0.1, Acceptance: accept(0.1, true, "safe")}, "accepted up to +10 %: safe", false},
		{"covered by two", Test{Channel: gate.CPU, Verdict: gate.Slower, Effect: 0.1, Acceptance: accept(0.155, true, "safe", "exact")}, "accepted up to +15.5 %: safe, exact", false},
		{"exceeded", Test{Channel: gate.CPU, Verdict: gate.Slower, Effect: 0.11, Acceptance: accept(0.1, false, "safe")}, "more than the accepted +10 %", true},
		{"counts", Test{Channel: gate.Allocs, Verdict: gate.Slower, Effect: 1, Acceptance: accept(1, true, "one map")}, "accepted up to +1 alloc/op: one map", false},
		{"none", Test{Channel: gate.CPU, Verdict: gate.Slower, Effect: 0.05}, "", true},
		{"not needed", Test{Channel: gate.CPU, Verdict: gate.Same, Acceptance: accept(0.1, true, "safe")}, "", false},
		{"bytes fail nothing", Test{Channel: gate.Bytes, Verdict: gate.Slower, Effect: 64}, "", false},
	} {
		r := &Report{Benchmarks: []Benchmark{{Tests: []Test{tt.test}}}}
		r.Complete()
		x := r.Benchmarks[0].Tests[0]
		if got := x.acceptance(); got != tt.words || x.Fails != tt.fails {
			t.Errorf("%s: got %q, fails %t; want %q, %t", tt.name, got, x.Fails, tt.words, tt.fails)
		}
	}
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	one := func(c gate.Channel, v gate.Verdict, pairs int) []Benchmark {
		return []Benchmark{{Tests: []Test{{Channel: c, Verdict: v, Pairs: pairs, Effect: 0.1}}}}
	}
	meant := one(gate.CPU, gate.Slower, 20)
	meant[0].Tests[0].Acceptance = &Acceptance{0.15, true, []Trailer{{"3f9c2ab", 0.15, "safe"}}}
	for _, tt := range []struct {
		name           string
		r              Report
		exit, ifStrict int
	}{
		{"nothing to do", Report{Skipped: make([]Unmeasured, 3)}, 0, 0},
		{"the same", Report{Benchmarks: one(gate.CPU, gate.Same, 20)}, 0, 0},
		{"faster", Report{Benchmarks: one(gate.CPU, gate.Faster, 20)}, 0, 0},
		{"slower", Report{Benchmarks: one(gate.CPU, gate.Slower, 20)}, 1, 1},
		{"more allocations", Report{Benchmarks: one(gate.Allocs, gate.Slower, 8)}, 1, 1},
		{"more bytes", Report{Benchmarks: one(gate.Bytes, gate.Slower, 8)}, 0, 0},
		{"accepted", Report{Benchmarks: meant}, 0, 0},
		{"undecided", Report{Benchmarks: one(gate.CPU, gate.Undecided, 120)}, 0, 1},
		{"some could not be measured", Report{Benchmarks: one(gate.CPU, gate.Same, 20), Failed: make([]Unmeasured, 1)}, 0, 1},
		{"slower, and some could not be measured", Report{Benchmarks: one(gate.CPU, gate.Slower, 20), Failed: make([]Unmeasured, 1)}, 1, 1},
		{"none could be measured", Report{Failed: make([]Unmeasured, 1)}, 2, 2},
		{"no pair was run", Report{Benchmarks: one(gate.CPU, gate.Undecided, 0)}, 2, 2},
	} {
		tt.r.Complete()
		if got, strict := tt.r.Exit(false), tt.r.Exit(true); got != tt.exit || strict != tt.ifStrict {
			t.Errorf("%s: got %d, strict %d; want %d and %d", tt.name, got, strict, tt.exit, tt.ifStrict)
		}
	}
}

func TestWhatMattersMostIsFirst(t *testing.T) {
	t.Parallel()
	r := sample(20)
	var got []string
	for i := range 12 {
		name, _, _ := strings.Cut(strings.TrimPrefix(r.Benchmarks[i].Name, "Benchmark"), "/")
		got = append(got, name)
	}
	want := "Body Lookup Fetch Quote Encode Copy Sign Total Route Search Parse Parse"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	inf := evalue.MedianInterval(nil, 0.01)
	for _, c := range []struct{ got, want string }{
		{number(0), "0"}, {number(999), "999"}, {number(1000), "1,000"}, {number(-1234567), "-1,234,567"},
		{digits(0), "0"}, {digits(-0.0001), "0"}, {digits(0.94), "0.94"}, {digits(0.96), "1"}, {digits(12.64), "12.6"}, {digits(246.8), "247"}, {digits(12345), "12,345"}, {digits(1.5e9), "1.5e+09"},
		{claim(gate.CPU, 0.126), "12.6 % more CPU"}, {claim(gate.Wall, -0.31), "31 % less wall time"}, {claim(gate.Allocs, 1), "+1 alloc/op"}, {claim(gate.Allocs, -2), "-2 allocs/op"}, {claim(gate.Bytes, 1024), "+1,024 B/op"},
		{interval(gate.CPU, evalue.Interval{Lo: -0.03, Hi: -0.02}, -0.025), "2 to 3"}, {interval(gate.CPU, evalue.Interval{Lo: -0.03, Hi: 0.02}, -0.01), "-3 to 2"}, {interval(gate.CPU, inf, 0), "open"},
		{interval(gate.Allocs, evalue.Interval{Lo: 1, Hi: inf.Hi}, 2), "above 1"}, {interval(gate.CPU, evalue.Interval{Lo: inf.Lo, Hi: 0.5}, 0), "below 50"}, {interval(gate.CPU, evalue.Interval{Lo: inf.Lo, Hi: -0.5}, -0.6), "above 50"},
		{amount(gate.CPU, 1.26e-9), "1.3 ns"}, {amount(gate.CPU, 2.2e-6), "2.2 µs"}, {amount(gate.Wall, 0.0123), "12.3 ms"}, {amount(gate.Wall, 3), "3 s"}, {amount(gate.Allocs, 12), "12"},
		{chance(0.0009), "< 0.1 %"}, {chance(0.001), "≤ 0.1 %"}, {chance(0.0011), "≤ 0.2 %"}, {chance(1), "≤ 100 %"}, {seconds(0.02), "< 0.1 s"}, {seconds(74.31), "74.3 s"},
		{short("example.com/a/b.(*T[example.com/c.D]).M"), "b.(*T[example.com/c.D]).M"}, {short("main"), "main"},
		{Revision{Hash: "3f9c2ab81d7e"}.Short(), "3f9c2ab"}, {Revision{Hash: "3f9", Dirty: true}.Short(), "3f9+changes"},
		{title("BenchmarkX/a", 4), "BenchmarkX/a-4"}, {title("BenchmarkX", 1), "BenchmarkX"},
		{list([]string{"a", "b"}), "a, b"}, {list(strings.Split("a b c d e f g h", " ")), "a, b, c, d, e, f and 2 more"},
		{plain.Line("a\x1b[31m\nb\u202ec"), "a [31m b c"}, {strings.Join(fold("one 12 %, two  three", 9), "|"), "one 12 %,|two three"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Two packages may have a benchmark of one name.
func TestNamesTellPackagesApart(t *testing.T) {
	t.Parallel()
	r := &Report{Benchmarks: []Benchmark{{Package: "example.com/a", Name: "BenchmarkX"}, {Package: "example.com/b", Name: "BenchmarkX"}, {Package: "example.com/b", Name: "BenchmarkX", Procs: 2}}}
	var got []string
	for i := range r.Benchmarks {
		got = append(got, r.name(&r.Benchmarks[i]))
	}
	if s, want := strings.Join(got, "; "), "BenchmarkX of example.com/a; BenchmarkX of example.com/b; BenchmarkX-2"; s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

func TestCreep(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		change func(*Trend)
		want   string
	}{
		{func(*Trend) {}, "BenchmarkQuote: 5 % more CPU (99 % interval 4 to 6) than v1.4.0, over 2 commits, about since 3f04493; false-alarm chance < 0.1 %"},
		{func(x *Trend) { x.Accepted = true }, "BenchmarkQuote: 5 % more CPU (99 % interval 4 to 6) than v1.4.0, over 2 commits, about since 3f04493; accepted; false-alarm chance < 0.1 %"},
		{func(x *Trend) { x.Since, x.Points = "", x.Points[1:] }, ""}, // that commit's own report says it
		{func(x *Trend) { x.Verdict = gate.Same }, ""},
		{func(x *Trend) { x.Points = nil }, ""},
	} {
		x := trend("BenchmarkQuote", gate.Slower, 0.01, 2)
		x.Points[1].Effect, x.Points[1].Interval = 0.05, evalue.Interval{Lo: 0.04, Hi: 0.06}
		tt.change(&x)
		if got := (&Report{Confidence: 0.99}).creep(&x); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestUnmeasuredBenchmarksOfOneNameTellTheirPackage(t *testing.T) {
	t.Parallel()
	got := byReason([]Unmeasured{
		{Package: "a", Name: "BenchmarkX", Why: "w"}, {Package: "b", Name: "BenchmarkX", Why: "w"}, {Package: "b", Name: "BenchmarkY", Why: "w"}, {Package: "c", Why: "v"},
	})
	want := []reason{{"w", []string{"BenchmarkX of a", "BenchmarkX of b", "BenchmarkY"}}, {"v", []string{"c"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestAnIntervalThatHoldsEverythingIsNotTold(t *testing.T) {
	t.Parallel()
	x := Test{Channel: gate.CPU, Verdict: gate.Undecided, Why: gate.OutOfTime, Pairs: 2, Effect: 0.02, Interval: evalue.Interval{Lo: -1, Hi: math.Inf(1)}}
	if got, want := x.question("99 % interval "), "CPU undecided after 2 pairs, as the time was up (+2 %)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
