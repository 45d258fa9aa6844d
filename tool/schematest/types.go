package schematest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// types holds a schema against types.
type types struct {
	t    testing.TB
	root *Schema
	seen map[string]bool
	free []string
}

// Types fails the test unless the schema documents each field of a type, with its
// kind, those of the types that it holds, and nothing else. Free are definitions that
// no field names: those of unnamed types, or of types that write themselves.
func Types(t testing.TB, root *Schema, typ reflect.Type, free ...string) {
	t.Helper()
	c := &types{t, root, map[string]bool{}, free}
	c.compare(typ, root)
	for name := range root.Defs {
		if !c.seen[name] && !slices.Contains(free, name) {
			t.Errorf("the schema defines %s, which no field has", name)
		}
	}
}

func (c *types) compare(typ reflect.Type, s *Schema) {
	all, required := fields(typ)
	got, want := slices.Sorted(maps.Keys(s.Properties)), slices.Sorted(maps.Keys(all))
	if !slices.Equal(got, want) {
		c.t.Errorf("%s: the schema has %v, the type %v", typ.Name(), got, want)
		return
	}
	if !slices.Equal(slices.Sorted(slices.Values(s.Required)), required) {
		c.t.Errorf("%s: the schema requires %v, the type %v", typ.Name(), s.Required, required)
	}
	for name, f := range all {
		s := s.Properties[name]
		if f.Kind() == reflect.Float64 && nullable(s) && typ.Implements(marshaler) {
			s = s.AnyOf[0]
		}
		c.kind(typ.Name()+"."+name, f, s)
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
			name = strings.ToLower(f.Name) // of a type that writes itself
		}
		all[name] = f.Type
		if option == "" {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	return all, required
}

// kinds are the types of JSON.
var kinds = map[reflect.Kind]string{
	reflect.String: "string", reflect.Int: "integer", reflect.Int64: "integer", reflect.Uint64: "integer", reflect.Float64: "number",
	reflect.Bool: "boolean", reflect.Slice: "array", reflect.Map: "object",
}

// nullable tells whether something may be null.
func nullable(s *Schema) bool { return len(s.AnyOf) == 2 && s.AnyOf[1].Type == "null" }

// marshaler is of types that write themselves: their numbers may be null, as JSON has
// no infinity.
var marshaler = reflect.TypeFor[json.Marshaler]()

// kind holds one field, or what is in it, against its schema. Pointers may be null.
func (c *types) kind(at string, typ reflect.Type, s *Schema) {
	c.t.Helper()
	switch {
	case nullable(s) && typ.Kind() == reflect.Pointer:
		c.kind(at, typ.Elem(), s.AnyOf[0])
	case typ.Kind() == reflect.Struct && s.Ref == "#/$defs/"+typ.Name():
		c.inner(typ)
	case s.Const != nil || s.Enum != nil:
	case kinds[typ.Kind()] == "" || s.Type != kinds[typ.Kind()]:
		c.t.Errorf("%s: the schema says %q %q, the type is %v", at, s.Type, s.Ref, typ)
	case typ.Kind() == reflect.Slice:
		c.kind(at+"[]", typ.Elem(), s.Items)
	case typ.Kind() == reflect.Map:
		c.kind(at+"{}", typ.Elem(), s.Additional)
	}
}

// inner compares the type of a field, once.
func (c *types) inner(typ reflect.Type) {
	c.t.Helper()
	if c.seen[typ.Name()] {
		return
	}
	c.seen[typ.Name()] = true
	if c.root.Defs[typ.Name()] == nil {
		c.t.Errorf("the schema does not define %s", typ.Name())
		return
	}
	c.compare(typ, c.root.Defs[typ.Name()])
}
