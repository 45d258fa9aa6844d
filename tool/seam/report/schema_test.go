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
	Additional *schema            `json:"additionalProperties"`
	AnyOf      []*schema          `json:"anyOf"`
	Defs       map[string]*schema `json:"$defs"`
}

func documented(t *testing.T) *schema {
	t.Helper()
	data, err := os.ReadFile("../../../docs/seam.schema.json")
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
		switch {
		case s.Properties[name] != nil:
			wrong = append(wrong, s.Properties[name].check(root, x, at+"."+name)...)
		case s.Additional != nil:
			wrong = append(wrong, s.Additional.check(root, x, at+"."+name)...)
		default:
			wrong = append(wrong, at+" has the unknown "+name)
		}
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
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
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
		var v any
		if err := json.Unmarshal(b.Bytes(), &v); err != nil {
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
	if wrong := s.check(s, v, "$"); len(wrong) != 5 {
		t.Errorf("got %d findings, want verdict, remotable, tests, size and colour: %s", len(wrong), strings.Join(wrong, "; "))
	}
}

// TestTheSchemaIsTheTypes: each field is documented, with its kind, and nothing
// else is.
func TestTheSchemaIsTheTypes(t *testing.T) {
	t.Parallel()
	root := documented(t)
	seen := map[string]bool{}
	var compare func(typ reflect.Type, s *schema)
	compare = func(typ reflect.Type, s *schema) {
		required := []string{}
		fields := map[string]reflect.Type{}
		for _, f := range reflect.VisibleFields(typ) {
			name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous {
				continue
			}
			fields[name] = f.Type
			if option == "" {
				required = append(required, name)
			}
		}
		got, want := slices.Sorted(maps.Keys(s.Properties)), slices.Sorted(maps.Keys(fields))
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the type %v", typ.Name(), got, want)
			return
		}
		if slices.Sort(required); !slices.Equal(slices.Sorted(slices.Values(s.Required)), required) {
			t.Errorf("%s: the schema requires %v, the type %v", typ.Name(), s.Required, required)
		}
		for name, f := range fields {
			compareKind(t, typ.Name()+"."+name, f, s.Properties[name], func(inner reflect.Type) {
				if !seen[inner.Name()] {
					seen[inner.Name()] = true
					if root.Defs[inner.Name()] == nil {
						t.Errorf("the schema does not define %s", inner.Name())
						return
					}
					compare(inner, root.Defs[inner.Name()])
				}
			})
		}
	}
	compare(reflect.TypeFor[Report](), root)
	for name := range root.Defs {
		if !seen[name] && name != "Place" {
			t.Errorf("the schema defines %s, which no field has", name)
		}
	}
}

func compareKind(t *testing.T, at string, typ reflect.Type, s *schema, inner func(reflect.Type)) {
	t.Helper()
	want := map[reflect.Kind]string{reflect.String: "string", reflect.Int: "integer", reflect.Int64: "integer", reflect.Uint64: "integer", reflect.Float64: "number",
		reflect.Bool: "boolean", reflect.Slice: "array", reflect.Map: "object"}[typ.Kind()]
	switch {
	case typ.Kind() == reflect.Pointer && len(s.AnyOf) == 2 && s.AnyOf[1].Type == "null":
		compareKind(t, at, typ.Elem(), s.AnyOf[0], inner)
	case typ.Kind() == reflect.Struct && s.Ref == "#/$defs/"+typ.Name():
		inner(typ)
	case s.Const != nil || s.Enum != nil:
	case want == "" || s.Type != want:
		t.Errorf("%s: the schema says %q %q, the type is %v", at, s.Type, s.Ref, typ)
	case typ.Kind() == reflect.Slice:
		compareKind(t, at+"[]", typ.Elem(), s.Items, inner)
	case typ.Kind() == reflect.Map:
		compareKind(t, at+"{}", typ.Elem(), s.Additional, inner)
	}
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
