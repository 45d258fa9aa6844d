package traffic

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"
	"pgregory.net/rapid"
)

// one writes a span; attributes are key=value.
func one(trace, id, parent, name string, attributes ...string) string {
	var list []string
	for _, a := range attributes {
		k, v, _ := strings.Cut(a, "=")
		list = append(list, fmt.Sprintf(`{"key":%q,"value":{"stringValue":%q}}`, k, v))
	}
	return fmt.Sprintf(`{"traceId":%q,"spanId":%q,"parentSpanId":%q,"name":%q,"kind":2,"attributes":[%s]}`, trace, id, parent, name, strings.Join(list, ","))
}

func exported(service string, spans ...string) string {
	return fmt.Sprintf(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%q}},{"key":"pid","value":{"intValue":"7"}}]},"scopeSpans":[{"scope":{"name":"s"},"spans":[%s]}],"schemaUrl":"x"}]}`,
		service, strings.Join(spans, ","))
}

func fn(name string) string { return "code.function.name=example.com/shop/" + name }

// order is a request: web.Serve calls orders.Place, which calls stock.Take twice,
// and mail.Send through a span without a function.
func order(trace string) []string {
	return []string{
		one(trace, "4", "2", "take", fn("stock.(*Store).Take")),
		one(trace, "1", "", "POST", "http.request.method=POST", "http.route=/order", fn("web.Serve.func1")),
		one(trace, "2", "1", "place", "code.namespace=example.com/shop/orders.Desk", "code.function=Place"),
		one(trace, "3", "2", "take", fn("stock.(*Store).Take")),
		one(trace, "5", "2", "SELECT"),
		one(trace, "6", "5", "example.com/shop/mail.Send"),
	}
}

func show(t *Traffic) string {
	var b strings.Builder
	for _, r := range t.Routes {
		fmt.Fprintf(&b, "%s %d\n", r.Name, r.Requests)
		depth := make([]int, len(r.Calls))
		for i, c := range r.Calls {
			if c.Caller >= 0 {
				depth[i] = depth[c.Caller] + 1
			}
			fmt.Fprintf(&b, "  %s%s %v\n", strings.Repeat("  ", depth[i]), strings.TrimPrefix(c.Function, "example.com/shop/"), c.Count)
		}
	}
	return b.String()
}

func read(t *testing.T, in string) *Traffic {
	t.Helper()
	got, err := Read("f.json", strings.NewReader(in))
	if err != nil {
		t.Fatalf("%v in\n%.300s", err, in)
	}
	return got
}

const ordered = `POST /order 2
  web.Serve 2
    orders.Desk.Place 2
      stock.Store.Take 4
      mail.Send 2
GET / 1
  web.Serve 1
`

func TestSpansBecomeTrees(t *testing.T) {
	t.Parallel()
	home := one("t3", "1", "0000000000000000", "GET", "http.method=GET", "http.route=/", fn("web.Serve"))
	all := append(append(order("t1"), order("t2")...), home)
	inLines := exported("shop", order("t1")[:2]...) + "\n" + exported("shop", order("t1")[2:]...) + "\n\n" +
		`{"resourceMetrics":[]}` + "\n" + exported("shop", append(order("t2"), home)...) + "\n"
	older := strings.ReplaceAll(exported("shop", all...), "scopeSpans", "instrumentationLibrarySpans")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(inLines))
	z.Close()
	for name, in := range map[string]string{
		"one export": exported("shop", all...), "lines": inLines, "an older exporter": older, "packed": packed.String(),
		"exported twice": exported("shop", all...) + exported("shop", all...), "indented": strings.ReplaceAll(exported("shop", all...), "{", "{\n "),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(ordered, show(read(t, in))); diff != "" {
				t.Errorf("trees (-want +got):\n%s", diff)
			}
		})
	}
	notes := strings.Join(read(t, inLines).Notes, "; ")
	want := "2 of 13 spans do not say which function they are in (code.function.name): they are counted with their caller; 1 values of metrics or logs are left out"
	if notes != want {
		t.Errorf("notes %q, want %q", notes, want)
	}
}

func TestEdgesAddUpAllRoutesPerRequest(t *testing.T) {
	t.Parallel()
	in := read(t, exported("shop", append(append(order("t1"), order("t2")...), one("t3", "1", "", "GET /", fn("example.com/shop/web.Serve")))...))
	all := func(string) bool { return true }
	for name, tt := range map[string]struct {
		known func(string) bool
		want  string
	}{
		"all known": {all, "[{example.com/shop/web.Serve example.com/shop/orders.Desk.Place 0.667}" +
			" {example.com/shop/orders.Desk.Place example.com/shop/stock.Store.Take 1.333} {example.com/shop/orders.Desk.Place example.com/shop/mail.Send 0.667}]"},
		"one in between is not": {func(f string) bool { return f != "example.com/shop/orders.Desk.Place" },
			"[{example.com/shop/web.Serve example.com/shop/stock.Store.Take 1.333} {example.com/shop/web.Serve example.com/shop/mail.Send 0.667}]"},
	} {
		edges := in.Edges(tt.known)
		for i := range edges {
			edges[i].Rate = math.Round(edges[i].Rate*1000) / 1000
		}
		if got := fmt.Sprint(edges); got != tt.want {
			t.Errorf("%s: edges %s, want %s", name, got, tt.want)
		}
	}
}

func TestRequestsStartWhereAServiceIsEntered(t *testing.T) {
	t.Parallel()
	in := exported("gate", one("t", "1", "", "in", fn("gate.In"))) +
		exported("shop",
			one("t", "2", "1", "x", "rpc.service=shop.Orders", "rpc.method=Place", fn("orders.Place")),
			one("t", "3", "77", "lost parent", fn("web.Serve")),
			one("t", "4", "4", "own parent", fn("web.Serve")),
			one("u", "5", "6", "round", fn("a.A")), one("u", "6", "5", "round", fn("b.B")))
	want := `in 1
  gate.In 1
lost parent 1
  web.Serve 1
own parent 1
  web.Serve 1
round 1
  b.B 1
    a.A 1
shop.Orders/Place 1
  orders.Place 1
`
	if diff := cmp.Diff(want, show(read(t, in))); diff != "" {
		t.Errorf("trees (-want +got):\n%s", diff)
	}
}

func TestWeighCountsCallsOverTheLine(t *testing.T) {
	t.Parallel()
	in := exported("shop", append(append(order("t1"), order("t2")...), one("t3", "1", "", "GET /", fn("web.Serve")))...)
	side := map[string]string{"web.Serve": "a", "orders.Desk.Place": "both", "stock.Store.Take": "b"}
	w := read(t, in).Weigh(func(f string) string { return side[strings.TrimPrefix(f, "example.com/shop/")] }, 0)
	// Place runs in a, as it is called from there; both calls of Take cross.
	want := Weight{Source: Spans, PerCallMicros: 30, Matched: 9.0 / 11, Routes: []Crossed{
		{Name: "POST /order", Requests: 2, PerRequest: 2, AddedMillis: 0.06},
		{Name: "GET /", Requests: 1},
	}}
	if diff := cmp.Diff(want, w); diff != "" {
		t.Errorf("weight (-want +got):\n%s", diff)
	}
}

func TestWeighCountsTheWayBackToo(t *testing.T) {
	t.Parallel()
	in := exported("shop", one("t", "1", "", "r", fn("web.A")), one("t", "2", "1", "x", fn("b.B")), one("t", "3", "2", "y", fn("lib.L")), one("t", "4", "3", "z", fn("web.A")))
	sides := func(f string) string {
		return map[string]string{"example.com/shop/web.A": "a", "example.com/shop/b.B": "b"}[f]
	}
	if got := read(t, in).Weigh(sides, 100).Routes[0]; got.PerRequest != 2 || got.AddedMillis != 0.2 {
		t.Errorf("got %+v, want 2 calls and 0.2 ms", got)
	}
}

// profileOf makes a profile of stacks, the outermost function first; "+" joins
// frames that were inlined into one.
func profileOf(t *testing.T, kind string, stacks map[string]int64) *bytes.Buffer {
	t.Helper()
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: kind, Unit: "count"}, {Type: "other", Unit: "x"}}}
	functions := make(map[string]*profile.Function)
	for stack, n := range stacks {
		s := &profile.Sample{Value: []int64{n, 1}}
		for frame := range strings.FieldsSeq(stack) {
			l := &profile.Location{ID: uint64(len(p.Location) + 1)}
			for name := range strings.SplitSeq(frame, "+") {
				f := functions[name]
				if f == nil {
					f = &profile.Function{ID: uint64(len(p.Function) + 1), Name: name}
					functions[name] = f
					p.Function = append(p.Function, f)
				}
				l.Line = append([]profile.Line{{Function: f}}, l.Line...)
			}
			p.Location = append(p.Location, l)
			s.Location = append([]*profile.Location{l}, s.Location...)
		}
		p.Sample = append(p.Sample, s)
	}
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func TestProfileIsWeighedBySamples(t *testing.T) {
	t.Parallel()
	in := profileOf(t, "samples", map[string]int64{
		"runtime.main m/web.Serve+m/web.Serve.func1 net/http.F m/b.(*T).B m/lib.L m/web.Serve": 30,
		"runtime.main m/web.Serve m/web.Other":                                                 50,
		"runtime.gcBgMarkWorker":                                                               20,
	})
	p, err := Read("cpu.pprof", in)
	if err != nil {
		t.Fatal(err)
	}
	side := map[string]string{"m/web.Serve": "a", "m/web.Other": "a", "m/b.T.B": "b", "m/lib.L": "both"}
	w := p.Weigh(func(f string) string { return side[f] }, 0)
	want := Weight{Source: Profile, PerCallMicros: 30, Matched: 0.8, Routes: []Crossed{{Name: "all samples", Behind: 0.3}}}
	if diff := cmp.Diff(want, w); diff != "" {
		t.Errorf("weight (-want +got):\n%s", diff)
	}
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "no numbers of calls") {
		t.Errorf("notes %q", p.Notes)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	good := exported("shop", order("t")...)
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "the file is empty"},
		{"no JSON in line 3", good + "\n" + good + "\n{\"resourceSpans\": oops}\n", "line 3: not OTLP JSON: invalid character 'o' looking for beginning of value"},
		{"cut in line 2", good + "\n" + good[:50], "line 2: not OTLP JSON: the file ends within a value"},
		{"another object", "\n\n{\"spans\": []}", "line 3: not OTLP JSON: an object without resourceSpans"},
		{"a list", "[1]", "line 1: not OTLP JSON: json: cannot unmarshal array into Go value of type traffic.export"},
		{"a stray bracket", good + "\n]", "line 2: not OTLP JSON: invalid character ']' looking for beginning of value"},
		{"a number for a name", `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":7}]}]}]}`, "line 1: not OTLP JSON: json: cannot unmarshal number into Go struct field jsonSpan.resourceSpans.scopeSpans.spans.name of type string"},
		{"no spans", `{"resourceSpans":[]}`, "no spans in it"},
		{"text", "hello", "neither OTLP JSON nor a CPU profile: "},
		{"broken gzip", "\x1f\x8b\x01", "not a gzip file: "},
		{"gzip of text", packed("hello"), "neither OTLP JSON nor a CPU profile: "},
		{"lines without end", strings.Repeat("\n", maxLines+100_000), "line 1: not OTLP JSON: one value has more than 8000000 lines"},
		{"a heap profile", profileOf(t, "inuse_space", map[string]int64{"m/a.F": 1}).String(), "not a CPU profile, but one of inuse_space"},
		{"an empty profile", profileOf(t, "samples", nil).String(), "a profile without samples of Go functions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read("f.json", strings.NewReader(c.in))
			got := fmt.Sprint(err)
			if !strings.HasPrefix(got, "traffic f.json: "+c.want) || !strings.HasSuffix(got, "; "+next) {
				t.Errorf("got  %s\nwant traffic f.json: %s...; %s", got, c.want, next)
			}
		})
	}
	file := filepath.Join(t.TempDir(), "spans.json")
	if err := os.WriteFile(file, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadFile(file); err != nil || len(got.Routes) != 1 {
		t.Errorf("a good file: %+v, %v", got, err)
	}
	_, err := ReadFile(filepath.Join(t.TempDir(), "gone"))
	if err == nil || !os.IsNotExist(unwrapAll(err)) || !strings.HasPrefix(err.Error(), "traffic open ") {
		t.Errorf("no file: %v", err)
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		if _, ok := err.(*os.PathError); ok {
			return err
		}
		err = u.Unwrap()
	}
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.String()
}

func TestRoutesAreNamedByWhatIsKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		attributes []string
		want       string
	}{
		{"GET", []string{"http.request.method=GET", "http.route=/a"}, "GET /a"},
		{"GET", []string{"http.method=GET", "http.route=GET /a"}, "GET /a"},
		{"x", []string{"http.route=/a"}, "/a"},
		{"x", []string{"rpc.service=s.S", "rpc.method=M"}, "s.S/M"},
		{"x", []string{"rpc.method=M"}, "M"},
		{"job", []string{"http.request.method=GET"}, "job"},
		{"", nil, "(no name)"},
	} {
		if got := read(t, exported("s", one("t", "1", "", c.name, c.attributes...))).Routes[0].Name; got != c.want {
			t.Errorf("span %q with %q: route %q, want %q", c.name, c.attributes, got, c.want)
		}
	}
}

func TestDeepStacksAreCut(t *testing.T) {
	t.Parallel()
	var stack []string
	for i := range maxDepth + 100 {
		stack = append(stack, fmt.Sprintf("m/p.F%dx", i))
	}
	got, err := Read("cpu.pprof", profileOf(t, "cpu", map[string]int64{strings.Join(stack, " "): 5}))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Routes[0].Calls); n != maxDepth || len(got.Notes) != 2 {
		t.Errorf("%d calls deep, notes %q; want %d and a second note", n, got.Notes, maxDepth)
	}
}

func TestManyRoutesAreJoined(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range maxRoutes + 50 {
		all = append(all, one("t", fmt.Sprint("p", i), "", fmt.Sprintf("r%05d", i), fn("a.A")), one("t", fmt.Sprint("x", i), fmt.Sprint("p", i), "x", fn("b.B")))
	}
	got := read(t, exported("shop", all...))
	last := got.Routes[len(got.Routes)-1]
	if len(got.Routes) != maxRoutes || last.Name != otherRoutes || last.Requests != 51 {
		t.Errorf("%d routes, the last %q with %d requests; want %d, %q, 51", len(got.Routes), last.Name, last.Requests, maxRoutes, otherRoutes)
	}
	w := got.Weigh(func(f string) string { return map[bool]string{true: "a", false: "b"}[strings.HasSuffix(f, "A")] }, 0)
	if got := w.Routes[len(w.Routes)-1].PerRequest; got != 1 {
		t.Errorf("%v calls per request of other routes, want 1", got)
	}
}

// TestAnySpansAreCountedOnce: whatever points to whatever, each span with a
// function is counted once, and each request starts once.
func TestAnySpansAreCountedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		var all []string
		for i := range n {
			parent := rapid.IntRange(-1, n).Draw(t, "parent")
			all = append(all, one("t", fmt.Sprint(i), fmt.Sprint(parent), "r", fn(rapid.SampledFrom([]string{"a.A", "b.B", "c.C"}).Draw(t, "f"))))
		}
		got, err := Read("f", strings.NewReader(exported("s", all...)))
		if err != nil {
			t.Fatal(err)
		}
		var count float64
		for _, c := range got.Routes[0].Calls {
			if c.Caller >= 0 && got.Routes[0].Calls[c.Caller].Count == 0 {
				t.Fatalf("a caller that was never called in\n%s", show(got))
			}
			count += c.Count
		}
		if count != float64(n) || got.Routes[0].Requests < 1 {
			t.Fatalf("%v calls in %d requests of %d spans", count, got.Routes[0].Requests, n)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(exported("shop", order("t")...) + "\n{"))
	f.Add([]byte(packed(exported("shop", order("t")...))))
	f.Add([]byte("\x0a\x04\x08\x01\x10\x02\x32\x00"))
	f.Add([]byte(`{"resourceSpans":[null,{"scopeSpans":null}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := Read("f", bytes.NewReader(in))
		if err != nil {
			return
		}
		for _, r := range got.Routes {
			for i, c := range r.Calls {
				if c.Caller >= i || c.Function == "" {
					t.Fatalf("call %d is %+v", i, c)
				}
			}
		}
		got.Weigh(func(f string) string { return f[:1] }, 1)
		for _, e := range got.Edges(func(f string) bool { return len(f)%2 == 0 }) {
			if e.From == e.To || e.From == "" || !(e.Rate >= 0) || math.IsInf(e.Rate, 0) {
				t.Fatalf("edge %+v", e)
			}
		}
	})
}
