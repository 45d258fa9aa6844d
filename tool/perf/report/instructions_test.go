package report

import (
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/perf/gate"
)

func TestInstructionsAreARemark(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		counted          *Instructions
		remark, alone    string
		annotated, title int
	}{
		{nil, "", "", 0, 0},
		{counts(More, 0.03, 0.002), "3 % more instructions (2.8 to 3.2)", "BenchmarkParse: 3 % more instructions (2.8 to 3.2)", 1, 1},
		{counts(Less, -0.03, 0.002), "3 % less instructions (2.8 to 3.2)", "BenchmarkParse: 3 % less instructions (2.8 to 3.2)", 0, 1},
		{counts(Unchanged, 0.001, 0.002), "as many instructions", "", 0, 0},
		{counts(Unclear, 0.03, 0.1), "", "", 0, 0},
	} {
		r := sample(1)
		r.Benchmarks[0].Instructions = c.counted
		if got := r.sentence(&r.Benchmarks[0]); strings.Contains(got, "instructions") != (c.remark != "") || !strings.Contains(got, c.remark) {
			t.Errorf("got %q, want the remark %q in it", got, c.remark)
		}
		// A benchmark that is the same otherwise.
		r.Benchmarks[0] = Benchmark{Name: "BenchmarkParse", Procs: 1, Tests: []Test{{Channel: gate.CPU, Verdict: gate.Same, Pairs: 9}}, Instructions: c.counted}
		r.Complete()
		got := text(t, r, false)
		if n := strings.Count(got, "other instructions\n"); n != c.title || !strings.Contains(got, c.alone) {
			t.Errorf("want %q, got %s", c.alone, got)
		}
		if n := strings.Count(gitHub(t, r), "::notice title=hemilith perf%3A more instructions::"+strings.ReplaceAll(c.alone, "%", "%25")+"; valgrind 3.19.0\n"); n != c.annotated {
			t.Errorf("%q: got %q, want %d notices", c.alone, gitHub(t, r), c.annotated)
		}
		if r.Exit(true) != 0 {
			t.Errorf("%q fails the commit", c.alone)
		}
	}
}

func TestPagesHaveEveryCount(t *testing.T) {
	t.Parallel()
	page := htmlOf(t, sample(20))
	for _, want := range []string{
		`<td data-l="verdict">more</td>`, `<td data-l="verdict">less</td>`,
		`<td data-l="verdict">undecided</td>`, `<td data-l="verdict">same</td>`,
		`<td class="num" data-l="effect">&#43;12.8 %</td>`, `<td class="num" data-l="interval">-7.6 to 8.4</td>`, `counted by valgrind 3.19.0`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestPagesShowWhatWouldBeMeasured(t *testing.T) {
	t.Parallel()
	one, two := htmlOf(t, &Report{Planned: plan(1, 3)}), htmlOf(t, &Report{Planned: plan(2, 400)})
	for page, want := range map[string][]string{
		one: {
			`<li><a href="#planned">Would be measured</a></li>`,
			`<li><code>BenchmarkPage0</code> <code>BenchmarkPage2</code> <br><span class="note">it reaches pricing.Quote, which differs</span></li>`,
			`<li><code>BenchmarkPage1</code> <br><span class="note">testdata differs</span></li>`,
		},
		two: {
			`<h3>example.com/shop/p0 <span class="note">400 benchmarks</span></h3>`,
			`<h3>example.com/shop/p1 <span class="note">400 benchmarks</span></h3>`,
			`<code>BenchmarkPage300</code> and 99 more in the JSON <br>`,
		},
	} {
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("the page lacks %s", w)
			}
		}
	}
	if strings.Contains(one, "<h3>example.com") {
		t.Error("a plan for one package names it")
	}
	if strings.Contains(htmlOf(t, sample(1)), `id="planned"`) {
		t.Error("what was measured is planned, too")
	}
}
