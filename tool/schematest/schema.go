// Package schematest holds documented JSON schemas against what they document: the
// JSON that is written, and the Go types that write it.
package schematest

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// Schema is what our schemas use of JSON Schema 2020-12.
type Schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Const      any                `json:"const"`
	Enum       []any              `json:"enum"`
	Required   []string           `json:"required"`
	Properties map[string]*Schema `json:"properties"`
	Items      *Schema            `json:"items"`
	Additional *Schema            `json:"additionalProperties"`
	AnyOf      []*Schema          `json:"anyOf"`
	Defs       map[string]*Schema `json:"$defs"`
}

// Read reads the schema in a file.
func Read(t testing.TB, file string) *Schema {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s Schema
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// Check returns what of a document is not as the schema says, a finding each.
func (s *Schema) Check(t testing.TB, document []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	return s.check(s, v, "$")
}

func (s *Schema) check(root *Schema, v any, at string) (wrong []string) {
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

func (s *Schema) checkObject(root *Schema, v map[string]any, at string) (wrong []string) {
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
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}
