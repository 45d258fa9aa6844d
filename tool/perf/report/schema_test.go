package report

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/schematest"
)

func documented(t *testing.T) *schematest.Schema {
	t.Helper()
	return schematest.Read(t, "../../../docs/perf.schema.json")
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
		for _, w := range s.Check(t, jsonOf(t, r)) {
			t.Errorf("%s: %s", name, w)
		}
	}
}

func TestTheCheckerSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := sample(1)
	r.Benchmarks[0].Tests[0].Verdict, r.Benchmarks[0].Layouts, r.Notes = "maybe", nil, nil
	var v map[string]any
	if err := json.Unmarshal(jsonOf(t, r), &v); err != nil {
		t.Fatal(err)
	}
	delete(v, "machine")
	v["colour"], v["m"] = "red", 0.5
	document, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := documented(t).Check(t, document); len(wrong) != 6 {
		t.Errorf("got %d findings, want verdict, layouts, notes, machine, colour and m: %s", len(wrong), strings.Join(wrong, "; "))
	}
}

func TestTheSchemaIsTheTypes(t *testing.T) {
	t.Parallel()
	schematest.Types(t, documented(t), reflect.TypeFor[Report]())
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
