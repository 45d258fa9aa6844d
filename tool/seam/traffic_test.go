package seam

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// spansOf writes traces in which from calls to a number of times in each of ten
// requests.
func spansOf(t *testing.T, from, to string, times int) string {
	t.Helper()
	var spans []string
	span := func(trace int, id, parent, name, function string) {
		spans = append(spans, fmt.Sprintf(`{"traceId":"%d","spanId":"%s","parentSpanId":"%s","name":"%s","attributes":[{"key":"code.function.name","value":{"stringValue":"%s"}}]}`,
			trace, id, parent, name, function))
	}
	for trace := range 10 {
		span(trace, "in", "", "POST /busy", from)
		for i := range times {
			span(trace, fmt.Sprint(i), "in", "call", to)
		}
	}
	file := filepath.Join(t.TempDir(), "spans.json")
	all := `{"resourceSpans":[{"scopeSpans":[{"spans":[` + strings.Join(spans, ",") + `]}]}]}`
	if err := os.WriteFile(file, []byte(all), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTrafficIsWeighedAndTold(t *testing.T) {
	t.Parallel()
	const times = 3
	prog := load(t, "faults")
	cut := []string{"right"}
	plain := analyze(t, prog, Config{Cut: cut})
	var from, to string
	for _, x := range plain.Seams[0].Crossings {
		if x.Remotable == "M0" && x.Kind == "call" {
			from, to = x.From, x.To
		}
	}
	r := analyze(t, prog, Config{Cut: cut, Traffic: spansOf(t, from, to, times)})
	got := r.Seams[0]
	for i, x := range got.Crossings {
		before := plain.Seams[0].Crossings[i].Cost
		want, calls := before, 0.0
		if x.From == from && x.To == to {
			want, calls = 3*before, times // 1 + log2(1 + 3)
		}
		if x.Cost != want || x.Calls != calls {
			t.Errorf("%s -> %s: costs %v with %v calls, want %v with %v", x.From, x.To, x.Cost, x.Calls, want, calls)
		}
	}
	added := got.Cost.Total - plain.Seams[0].Cost.Total
	if added != 2 || math.Abs(got.Traffic.CostShare-added/got.Cost.Total) > 1e-9 {
		t.Errorf("traffic adds %v to %v and is said to be %v of it, want 2", added, got.Cost.Total, got.Traffic.CostShare)
	}
	if x := got.Traffic.Routes[0]; x.Name != "POST /busy" || x.Requests != 10 || x.Crossings != times || math.Abs(x.AddedMillis-0.09) > 1e-9 {
		t.Errorf("route: got %+v, want 3 crossings and 0.09 ms for each of 10 requests", x)
	}
	var text bytes.Buffer
	if err := r.Text(&text, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"POST /busy: +0.09 ms, 3 crossings for each of 10 requests", "of what the cut costs is there because requests use what crosses"} {
		if !strings.Contains(strings.Join(strings.Fields(text.String()), " "), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
}

func TestTrafficOfAnotherProgramWeighsNothing(t *testing.T) {
	t.Parallel()
	prog := load(t, "faults")
	file := spansOf(t, "example.com/other.A", "example.com/other.B", 1)
	cut := []string{"right"}
	plain, r := analyze(t, prog, Config{Cut: cut}), analyze(t, prog, Config{Cut: cut, Traffic: file})
	if got, want := r.Seams[0].Cost, plain.Seams[0].Cost; got != want {
		t.Errorf("cost: got %+v, want %+v", got, want)
	}
	want := "the recorded calls weigh nothing: none is between functions of which one uses the other"
	if !strings.Contains(strings.Join(r.Notes, "\n"), want) {
		t.Errorf("notes: got %q, want among them %q", r.Notes, want)
	}
}
