package report

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/plain"
)

// told is every way in which a report may write its numbers, and its texts.
type told struct {
	numbers map[string]bool
	texts   []string
}

// teach collects from JSON: numbers as they are, in percent, in smaller units; how
// many a list has; texts.
func (o *told) teach(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			o.teach(x)
		}
	case []any:
		o.learn(float64(len(v)))
		o.learn(float64(len(v) - maxNames))
		for _, x := range v {
			o.teach(x)
		}
	case string:
		o.texts = append(o.texts, v, plain.Line(v), Revision{Hash: v}.Short(), short(v))
	case float64:
		for _, unit := range []float64{1, 100, 1e3, 1e6, 1e9} {
			o.learn(v * unit)
		}
		o.numbers[strings.TrimSuffix(strings.TrimPrefix(chance(v), "≤ "), " %")] = true
	}
}

func (o *told) learn(v float64) {
	o.numbers[digits(math.Abs(v))] = true
	if math.Abs(v) < 1e15 && v == math.Trunc(v) {
		o.numbers[number(int(math.Abs(v)))] = true
	}
}

// unknown returns the numbers of a text that no field has.
func (o *told) unknown(text string) []string {
	text = strings.Join(strings.Fields(text), " ") // lines end anywhere
	for _, s := range o.texts {
		if strings.ContainsAny(s, "0123456789") {
			text = strings.ReplaceAll(text, s, " ")
		}
	}
	text = strings.NewReplacer("< 0.1 ", "", "<\u00a00.1\u00a0", "", "Far from 0", "").Replace(text) // less than what is told
	var out []string
	for _, n := range regexp.MustCompile(`\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?`).FindAllString(text, -1) {
		if n = strings.TrimSuffix(n, ","); !o.numbers[n] {
			out = append(out, n)
		}
	}
	return out
}

// readable is what people read of a page; what is written at an axis is no finding.
func readable(page string) string {
	for _, gone := range []string{`(?s)<style>.*?</style>`, `<text [^>]*class="tick[^>]*>[^<]*</text>`, `<text [^>]*class="hash[^>]*>[^<]*</text>`, `<[^>]*>`} {
		page = regexp.MustCompile(gone).ReplaceAllString(page, " ")
	}
	return html.UnescapeString(page)
}

func learned(t interface{ Fatal(...any) }, r *Report) *told {
	var b bytes.Buffer
	var v any
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	o := &told{numbers: make(map[string]bool)}
	o.teach(v)
	for _, n := range r.counts() {
		o.learn(float64(n)) // how many of a list
	}
	slices.SortFunc(o.texts, func(a, b string) int { return len(b) - len(a) }) // a name before what is part of it
	return o
}

// invented is a report on one benchmark with any numbers.
func invented(t *rapid.T) *Report {
	r := sample(1)
	some := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
	b := &r.Benchmarks[0]
	for i := range b.Tests {
		x := &b.Tests[i]
		x.Effect = some("effect", -0.9, 40)
		x.Interval = evalue.Interval{Lo: x.Effect - some("below", 0, 1), Hi: x.Effect + some("above", 0, 1)}
		x.Base, x.Head = some("base", 0, 1e-3), some("head", 0, 1e-3)
		x.EValue, x.FalseAlarm = some("e-value", 0, 1e7), some("false alarm", 0, 1)
		x.Pairs, x.ConfirmPairs = rapid.IntRange(1, 200).Draw(t, "pairs"), rapid.IntRange(0, 40).Draw(t, "confirm")
		x.Verdict = rapid.SampledFrom([]gate.Verdict{gate.Slower, gate.Faster, gate.Same, gate.Undecided}).Draw(t, "verdict")
		x.Exact = x.Exact && rapid.Bool().Draw(t, "exact")
		if rapid.Bool().Draw(t, "accepted") {
			bound := some("bound", 0, 2)
			x.Acceptance = &Acceptance{bound, x.Effect <= bound, []Trailer{{"3f9c2ab81d7e", bound, "on purpose"}}}
		}
	}
	b.Cause.Share = some("share", 0, 2)
	for i := range b.Profile {
		b.Profile[i].Before, b.Profile[i].After = some("before", 0, 1e-3), some("after", 0, 1e-3)
	}
	n := b.Instructions
	n.Effect, n.Base, n.Head = some("more instructions", -0.9, 40), some("instructions", 0, 1e9), some("instructions of head", 0, 1e9)
	n.Interval = evalue.Interval{Lo: n.Effect - some("under", 0, 1), Hi: n.Effect + some("over", 0, 1)}
	n.Verdict, n.Repeats = rapid.SampledFrom([]Change{More, Less, Unchanged, Unclear}).Draw(t, "change"), rapid.IntRange(1, 9).Draw(t, "repeats")
	b.Seconds, r.Seconds, r.Alpha = some("seconds", 0, 100), some("all seconds", 0, 1000), some("alpha", 0.001, 0.1)
	r.M, r.Machine.Processors = rapid.IntRange(1, 1000).Draw(t, "m"), rapid.IntRange(1, 256).Draw(t, "processors")
	x := trend("BenchmarkQuote", gate.Slower, some("step", 0, 0.01), rapid.IntRange(1, 20).Draw(t, "points"))
	r.Trends = []Trend{x}
	r.Complete()
	return r
}

// All that is told is in the JSON.
func TestEveryNumberIsInTheJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := invented(t)
		o := learned(t, r)
		for name, write := range map[string]func(io.Writer) error{
			"text": func(w io.Writer) error { return r.Text(w, false) }, "page": r.HTML, "GitHub": r.GitHub,
		} {
			var b strings.Builder
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			text := b.String()
			switch name {
			case "page":
				text = readable(text)
			case "GitHub":
				text = strings.NewReplacer("%25", "%", "%3A", ":").Replace(text)
			}
			if unknown := o.unknown(text); len(unknown) > 0 {
				t.Fatalf("%s: the JSON has no %s:\n%s", name, strings.Join(unknown, ", no "), text)
			}
		}
	})
}

// A number that is told and was changed in the JSON is found.
func TestTheNumberCheckerSees(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Report){
		"12.6":  func(r *Report) { r.Benchmarks[0].Tests[0].Effect = 0.127 },
		"11":    func(r *Report) { r.Benchmarks[0].Tests[0].Interval.Lo = 0.112 },
		"1.7":   func(r *Report) { r.Benchmarks[0].Seconds, r.Seconds = 1.8, 1.8 },
		"344":   func(r *Report) { r.Benchmarks[0].Profile[0].After = 345e-9 },
		"99 %":  func(r *Report) { r.Confidence = 0.95 },
		"at 88": func(r *Report) { r.Benchmarks[0].Cause.Line, r.Benchmarks[0].Profile[0].Line = 87, 87 },
	} {
		r := sample(1)
		told := text(t, r, false)
		change(r)
		if unknown := learned(t, r).unknown(told); len(unknown) == 0 {
			t.Errorf("%s is told and not in the JSON, and nobody sees it", name)
		}
	}
}

// Whatever is read is told without breaking.
func FuzzRead(f *testing.F) {
	for _, r := range []*Report{sample(1), {}} {
		r.Complete()
		var b bytes.Buffer
		if err := r.JSON(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{"schema":1,"benchmarks":[{"tests":[{"channel":"cpu","effect":-1e308,"interval":{"lo":1e308,"hi":-1e308},"pairs":-9}],"profile":[{"before":-1e308,"after":1e308}]}],"trends":[{"points":[{"effect":1e308},{"effect":-1e308}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		page := htmlOf(t, r)
		if strings.Contains(page, `"NaN`) || strings.Contains(page, "MNaN") || strings.Contains(page, `"+Inf`) || strings.Contains(page, "%!") {
			t.Errorf("the page has broken numbers: %s", page)
		}
		if got := text(t, r, false); strings.ContainsAny(got, "\x1b\r\x00") {
			t.Errorf("the text has control characters: %q", got)
		}
		if got, want := strings.Count(gitHub(t, r), "\n"), len(r.annotations()); got != want {
			t.Errorf("%d commands, want %d", got, want)
		}
		if !json.Valid([]byte(gitLab(t, r))) {
			t.Error("the code quality report is no JSON")
		}
		r.Exit(true)
	})
}
