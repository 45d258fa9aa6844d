package report

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/schematest"
)

func documented(t *testing.T) *schematest.Schema {
	t.Helper()
	return schematest.Read(t, "../../../docs/seam.schema.json")
}

func TestReportsAreAsTheSchemaSays(t *testing.T) {
	t.Parallel()
	s := documented(t)
	for name, r := range map[string]*Report{"cut": sample(10), "refused": refusedSample(100), "nothing": {Schema: Schema, Module: "m", Verdict: VerdictUnknown, Basis: "structure"}} {
		r.Complete()
		var b bytes.Buffer
		if err := r.JSON(&b); err != nil {
			t.Fatal(err)
		}
		for _, w := range s.Check(t, b.Bytes()) {
			t.Errorf("%s: %s", name, w)
		}
	}
}

func TestTheCheckerSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := sample(10)
	var b bytes.Buffer
	r.Verdict, r.Seams[0].Crossings[0].Remotable, r.Tests = "maybe", "M9", nil
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(b.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	delete(v, "size")
	v["colour"] = "red"
	document, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := documented(t).Check(t, document); len(wrong) != 5 {
		t.Errorf("got %d findings, want verdict, remotable, tests, size and colour: %s", len(wrong), strings.Join(wrong, "; "))
	}
}

func TestTheSchemaIsTheTypes(t *testing.T) {
	t.Parallel()
	schematest.Types(t, documented(t), reflect.TypeFor[Report](), "Place")
}

func TestNumbersThatJSONLacksAreReplaced(t *testing.T) {
	t.Parallel()
	r := sample(10)
	r.Seams[0].Cost.Score, r.Seams[0].Cost.Balance, r.Front[0].Cost = math.Inf(1), math.NaN(), math.Inf(-1)
	r.Complete()
	var b bytes.Buffer
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	got := []float64{r.Seams[0].Cost.Score, r.Seams[0].Cost.Balance, r.Front[0].Cost}
	if want := []float64{math.MaxFloat64, 0, -math.MaxFloat64}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := text(t, r, false); !strings.Contains(got, "without bound (lower is better)") {
		t.Errorf("the text does not say that the score is without bound:\n%s", got)
	}
}
