package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

// schema is what the documented schema uses of JSON Schema 2020-12.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Const      any                `json:"const"`
	Enum       []any              `json:"enum"`
	Required   []string           `json:"required"`
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
	AnyOf      []*schema          `json:"anyOf"`
	Defs       map[string]*schema `json:"$defs"`
}

func documented(t *testing.T) *schema {
	t.Helper()
	data, err := os.ReadFile("../../../docs/perf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// check returns what of v is not as s says.
func (s *schema) check(root *schema, v any, at string) (wrong []string) {
	if s.Ref != "" {
		return root.Defs[strings.TrimPrefix(s.Ref, "#/$defs/")].check(root, v, at)
	}
	if s.AnyOf != nil {
		for _, one := range s.AnyOf {
			if len(one.check(root, v, at)) == 0 {
				return nil
			}
		}
		return s.AnyOf[0].check(root, v, at)
	}
	if s.Const != nil && v != s.Const || s.Enum != nil && !slices.Contains(s.Enum, v) {
		return []string{fmt.Sprintf("%s is %v, not one of %v %v", at, v, s.Const, s.Enum)}
	}
	switch v := v.(type) {
	case map[string]any:
		wrong = s.checkObject(root, v, at)
	case []any:
		for i, x := range v {
			wrong = append(wrong, s.Items.check(root, x, fmt.Sprintf("%s[%d]", at, i))...)
		}
	}
	if s.Type != "" && s.Type != kindOf(v) && (s.Type != "number" || kindOf(v) != "integer") {
		wrong = append(wrong, fmt.Sprintf("%s is %s, want %s", at, kindOf(v), s.Type))
	}
	return wrong
}

func (s *schema) checkObject(root *schema, v map[string]any, at string) (wrong []string) {
	for _, name := range s.Required {
		if _, ok := v[name]; !ok {
			wrong = append(wrong, at+" lacks "+name)
		}
	}
	for name, x := range v {
		if s.Properties[name] == nil {
			wrong = append(wrong, at+" has the unknown "+name)
			continue
		}
		wrong = append(wrong, s.Properties[name].check(root, x, at+"."+name)...)
	}
	return wrong
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

func jsonOf(t *testing.T, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReportsAreAsTheSchemaSays(t *testing.T) {
	t.Parallel()
	s := documented(t)
	for name, r := range shapes() {
		var v any
		if err := json.Unmarshal(jsonOf(t, r), &v); err != nil {
			t.Fatal(err)
		}
		for _, w := range s.check(s, v, "$") {
			t.Errorf("%s: %s", name, w)
		}
	}
}

func TestTheCheckerSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := documented(t)
	r := sample(1)
	r.Benchmarks[0].Tests[0].Verdict, r.Benchmarks[0].Layouts, r.Notes = "maybe", nil, nil
	var v map[string]any
	if err := json.Unmarshal(jsonOf(t, r), &v); err != nil {
		t.Fatal(err)
	}
	delete(v, "machine")
	v["colour"], v["m"] = "red", 0.5
	if wrong := s.check(s, v, "$"); len(wrong) != 6 {
		t.Errorf("got %d findings, want verdict, layouts, notes, machine, colour and m: %s", len(wrong), strings.Join(wrong, "; "))
	}
}

// fields returns the JSON fields of a struct and which of them are always there.
func fields(typ reflect.Type) (all map[string]reflect.Type, required []string) {
	all, required = make(map[string]reflect.Type), []string{}
	for _, f := range reflect.VisibleFields(typ) {
		if f.Anonymous {
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = strings.ToLower(f.Name) // Interval writes itself
		}
		all[name] = f.Type
		if option == "" {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	return all, required
}

// TestTheSchemaIsTheTypes: each field is documented, with its kind, and nothing
// else is.
func TestTheSchemaIsTheTypes(t *testing.T) {
	t.Parallel()
	root := documented(t)
	seen := map[string]bool{}
	var compare func(typ reflect.Type, s *schema)
	compare = func(typ reflect.Type, s *schema) {
		all, required := fields(typ)
		got, want := slices.Sorted(maps.Keys(s.Properties)), slices.Sorted(maps.Keys(all))
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the type %v", typ.Name(), got, want)
			return
		}
		if !slices.Equal(slices.Sorted(slices.Values(s.Required)), required) {
			t.Errorf("%s: the schema requires %v, the type %v", typ.Name(), s.Required, required)
		}
		for name, f := range all {
			compareKind(t, typ.Name()+"."+name, f, s.Properties[name], func(inner reflect.Type) {
				if seen[inner.Name()] {
					return
				}
				seen[inner.Name()] = true
				if root.Defs[inner.Name()] == nil {
					t.Errorf("the schema does not define %s", inner.Name())
					return
				}
				compare(inner, root.Defs[inner.Name()])
			})
		}
	}
	compare(reflect.TypeFor[Report](), root)
	for name := range root.Defs {
		if !seen[name] {
			t.Errorf("the schema defines %s, which no field has", name)
		}
	}
}

func compareKind(t *testing.T, at string, typ reflect.Type, s *schema, inner func(reflect.Type)) {
	t.Helper()
	want := map[reflect.Kind]string{reflect.String: "string", reflect.Int: "integer", reflect.Float64: "number",
		reflect.Bool: "boolean", reflect.Slice: "array"}[typ.Kind()]
	nullable := len(s.AnyOf) == 2 && s.AnyOf[1].Type == "null"
	switch {
	case nullable && typ.Kind() == reflect.Pointer:
		compareKind(t, at, typ.Elem(), s.AnyOf[0], inner)
	case nullable && strings.HasPrefix(at, "Interval."):
		compareKind(t, at, typ, s.AnyOf[0], inner)
	case typ.Kind() == reflect.Struct && s.Ref == "#/$defs/"+typ.Name():
		inner(typ)
	case s.Const != nil || s.Enum != nil:
	case want == "" || s.Type != want:
		t.Errorf("%s: the schema says %q %q, the type is %v", at, s.Type, s.Ref, typ)
	case typ.Kind() == reflect.Slice:
		compareKind(t, at+"[]", typ.Elem(), s.Items, inner)
	}
}

func TestNumbersThatJSONLacksAreReplaced(t *testing.T) {
	t.Parallel()
	r := sample(1)
	x := &r.Benchmarks[0].Tests[0]
	x.EValue, x.Effect, x.Interval = math.Inf(1), math.NaN(), evalue.Interval{Lo: math.NaN(), Hi: math.NaN()}
	r.Complete()
	var got struct {
		Benchmarks []struct {
			Tests []struct {
				Effect   float64
				EValue   float64 `json:"e_value"`
				Interval struct{ Lo, Hi *float64 }
			}
		}
	}
	if err := json.Unmarshal(jsonOf(t, r), &got); err != nil {
		t.Fatal(err)
	}
	g := got.Benchmarks[0].Tests[0]
	if g.EValue != math.MaxFloat64 || g.Effect != 0 || g.Interval.Lo != nil || g.Interval.Hi != nil {
		t.Errorf("got %+v, want the largest number, 0 and an open interval", g)
	}
}

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	for name, r := range shapes() {
		data := jsonOf(t, r)
		got, err := Read(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again := jsonOf(t, got); !bytes.Equal(again, data) {
			t.Errorf("%s: read and written again, the report differs", name)
		}
	}
}

func TestWhatIsNoReportIsRefused(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"":               "read the report: it is not what hemilith perf -json writes: unexpected end of JSON input",
		"[]":             "read the report: it is not what hemilith perf -json writes: json: cannot unmarshal array into Go value of type report.Report",
		`{"schema": 99}`: "read the report: its schema is 99, and this program knows 1: make it anew with hemilith perf -json",
	} {
		if _, err := Read(strings.NewReader(data)); err == nil || err.Error() != want {
			t.Errorf("%q: got the error %v, want %s", data, err, want)
		}
	}
}

// TestResultsOfTheGateAreTaken: a field that the gate adds is either taken or
// named here.
func TestResultsOfTheGateAreTaken(t *testing.T) {
	t.Parallel()
	r := gate.Result{Bench: "B", Channel: gate.CPU, Exact: true, Verdict: gate.Slower, Why: gate.OutOfTime, Suspect: gate.Slower, Effect: 0.2,
		Interval: evalue.Interval{Lo: 0.1, Hi: 0.3}, Slower: evalue.SignTest{Null: evalue.AtMost, Bound: math.Log(1.25), For: 20}, Confirm: evalue.SignTest{Null: evalue.AtMost, For: 9}, Pairs: 20, ConfirmPairs: 9}
	got := Of(r)
	want := Test{Channel: gate.CPU, Exact: true, Verdict: gate.Slower, Why: gate.OutOfTime, Suspect: gate.Slower, Effect: 0.2,
		Interval: evalue.Interval{Lo: 0.1, Hi: 0.3}, Limit: math.Expm1(math.Log(1.25)), EValue: r.Log().E(), FalseAlarm: r.Log().P(), Pairs: 20, ConfirmPairs: 9}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if n := reflect.TypeFor[gate.Result]().NumField(); n != 14 {
		t.Errorf("gate.Result has %d fields: does Of take the new one?", n)
	}
}
