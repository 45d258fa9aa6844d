package layoutfile

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/layout"
)

const shop = `version: 1
services:
  web:
    roles: [web]
  back:
    components: [stock, orders]
    roles:
    - mail
boundaries:
  stock:
    timeout: 2s
  orders: {timeout: 1m30s}
`

func TestReadSortsWhatItReads(t *testing.T) {
	t.Parallel()
	f, err := Read("hemilith.yaml", []byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	want := layout.Layout{
		Version: 1,
		Services: []layout.Service{
			{Name: "back", Components: []string{"orders", "stock"}, Roles: []string{"mail"}},
			{Name: "web", Roles: []string{"web"}},
		},
		Boundaries: []layout.Boundary{
			{Component: "orders", TimeoutMillis: 90_000},
			{Component: "stock", TimeoutMillis: 2_000},
		},
	}
	if diff := cmp.Diff(want, f.Layout); diff != "" {
		t.Errorf("layout (-want +got):\n%s", diff)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	services := "version: 1\nservices:\n"
	for name, c := range map[string]struct{ in, want string }{
		"nothing at all": {"", `1: the file is empty: begin it with "version: 1", or delete it for a monolith`},
		"comments only":  {"# later\n", `1: the file is empty: begin it with "version: 1", or delete it for a monolith`},
		"a list":         {"- a\n", `1: the layout: want keys and values, not a list`},
		"a word":         {"monolith\n", `1: the layout: want keys and values, not "monolith"`},
		"broken YAML":    {"version: 1\nservices: [\n", `2: not YAML: did not find expected node content`},
		"two documents":  {shop + "---\nversion: 1\n", `13: a second document begins here: a layout is one document`},
		"unknown key with a near one": {
			services + "  back:\n    componets: [orders]\n",
			`4: unknown key "componets": did you mean "components"?`,
		},
		"unknown key without": {
			services + "  back: {roles: [r]}\nreplicas: 3\n",
			`4: unknown key "replicas": there are boundaries, seam, services, version`,
		},
		"unknown setting": {
			services + "  back: {components: [o]}\nboundaries:\n  o:\n    timout: 2s\n",
			`6: unknown key "timout": did you mean "timeout"?`,
		},
		"duplicate key": {
			services + "  back: {roles: [a]}\n  back: {roles: [b]}\n",
			`4: services: "back" is given twice, first on line 3: merge the two`,
		},
		"no version": {
			"services:\n  back: {roles: [a]}\n",
			`1: version is missing: begin the file with "version: 1"`,
		},
		"later version": {
			"version: 2\nservices:\n  back: {roles: [a]}\n",
			`1: version is 2: this hemilith reads version 1`,
		},
		"no services":    {"version: 1\n", `1: services is missing: name at least one service, or delete the file for a monolith`},
		"empty services": {services, `2: services is empty: name at least one service, or delete the file for a monolith`},
		"services as list": {
			services + "  - back\n",
			`3: services: want keys and values, not a list`,
		},
		"bad service name": {
			services + "  Back_1: {roles: [a]}\n",
			`3: service name "Back_1" is not a DNS label: use up to 63 of a-z, 0-9 and -, with a letter or digit at both ends`,
		},
		"service with nothing": {
			services + "  back:\n  web: {roles: []}\n",
			"3: service \"back\" hosts nothing: give it components or roles, or delete it\n" +
				"hemilith.yaml:4: service \"web\" hosts nothing: give it components or roles, or delete it",
		},
		"name in place of a list": {
			services + "  back:\n    components: orders\n",
			`4: components of service "back": want a list like [orders], not "orders"`,
		},
		"number as name": {
			services + "  back:\n    components: [7, true]\n",
			"4: components of service \"back\": want a name, not 7: put it in quotes\n" +
				"hemilith.yaml:4: components of service \"back\": want a name, not true: put it in quotes",
		},
		"component in two services": {
			services + "  back:\n    components: [orders]\n  web:\n    components: [orders]\n",
			`6: component "orders" is in two services, "web" and, on line 4, "back": keep it in one`,
		},
		"role in two services": {
			services + "  back: {roles: [mail]}\n  web: {roles: [mail]}\n",
			`4: role "mail" is in two services, "web" and, on line 3, "back": keep it in one`,
		},
		"component twice in one service": {
			services + "  back:\n    components:\n    - orders\n    - orders\n",
			`6: component "orders" is listed twice in service "back", first on line 5: delete one`,
		},
		"timeout without unit": {
			services + "  back: {components: [o]}\nboundaries: {o: {timeout: 2}}\n",
			`4: boundary "o": timeout is 2: want a duration like 500ms or 2s`,
		},
		"negative timeout": {
			services + "  back: {components: [o]}\nboundaries: {o: {timeout: -1s}}\n",
			`4: boundary "o": timeout is -1s: want 1ms to 24h0m0s`,
		},
		"alias": {
			services + "  back: &b {roles: [a]}\n  web: *b\n",
			"3: service \"back\": anchors and aliases (& and *) have no meaning here: write it out\n" +
				"hemilith.yaml:4: service \"web\": anchors and aliases (& and *) have no meaning here: write it out",
		},
		"all at once": {
			"version: 9\nservice:\n  back: {}\nservices:\n  web:\n    role: [web]\n",
			"1: version is 9: this hemilith reads version 1\n" +
				"hemilith.yaml:2: unknown key \"service\": did you mean \"services\"?\n" +
				"hemilith.yaml:6: unknown key \"role\": did you mean \"roles\"?",
		},
		"far too large": {strings.Repeat("#", maxFile+1), `1: the file is larger than 256 KiB: that is no layout`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read("hemilith.yaml", []byte(c.in))
			if err == nil {
				t.Fatalf("got no error, want\n%s", c.want)
			}
			if diff := cmp.Diff("hemilith.yaml:"+c.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckComparesWithTheCode(t *testing.T) {
	t.Parallel()
	f, err := Read("hemilith.yaml", []byte(shop))
	if err != nil {
		t.Fatal(err)
	}
	code := func(components, roles string) Code {
		defs := func(s string) (defs []Def) {
			for i, n := range strings.Fields(s) {
				defs = append(defs, Def{n, "main.go:" + string(rune('1'+i))})
			}
			return defs
		}
		return Code{defs(components), defs(roles)}
	}
	for name, c := range map[string]struct {
		code Code
		want string
	}{
		"all there":         {code("orders stock", "web mail"), ""},
		"component in none": {code("orders stock pay", "web mail"), `main.go:3: component "pay" is in no service: add it to the components of one in hemilith.yaml`},
		"role in none":      {code("orders stock", "web mail cron"), `main.go:3: role "cron" is in no service: add it to the roles of one in hemilith.yaml`},
		"component that nothing defines": {
			code("orders", "web mail"),
			"hemilith.yaml:6: component \"stock\" is in service \"back\", and hemilith.Bind defines it nowhere: there are orders\n" +
				"hemilith.yaml:10: boundary \"stock\" is of no component: hemilith.Bind defines it nowhere: there are orders",
		},
		"role that nothing defines": {
			code("orders stock", "wbe mail"),
			"hemilith.yaml:4: role \"web\" is in service \"web\", and hemilith.Role defines it nowhere: did you mean \"wbe\"?\n" +
				"main.go:1: role \"wbe\" is in no service: add it to the roles of one in hemilith.yaml",
		},
		"a program without roles": {
			code("orders stock", ""),
			"hemilith.yaml:4: role \"web\" is in service \"web\", and hemilith.Role defines it nowhere: there are none\n" +
				"hemilith.yaml:8: role \"mail\" is in service \"back\", and hemilith.Role defines it nowhere: there are none",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := f.Check(c.code); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoFileIsTheMonolith(t *testing.T) {
	t.Parallel()
	f, err := Load(t.TempDir())
	if err != nil || len(f.Layout.Services) != 0 {
		t.Fatalf("got %+v, %v, want no services and no error", f, err)
	}
	if err := f.Check(Code{Components: []Def{{"orders", "main.go:3"}}}); err != nil {
		t.Errorf("check without a file: got %v, want nil", err)
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, Name), []byte("version: 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Load(dir)
	var all Errors
	if !errors.As(err, &all) || len(all) != 2 || all[0].File != "hemilith.yaml" {
		t.Errorf("got %v, want two Errors in hemilith.yaml", err)
	}
}

func TestManyErrorsAreCut(t *testing.T) {
	t.Parallel()
	_, err := Read("f", []byte("version: 1\nservices:\n  a:\n"+strings.Repeat("    x: 1\n", 60)))
	if err == nil || strings.Count(err.Error(), "\n") != 50 || !strings.HasSuffix(err.Error(), "\nand 10 more") {
		t.Errorf("got %v, want 50 lines and \"and 10 more\"", err)
	}
}

// TestSchemaKnowsTheSameKeys keeps the schema that editors use beside the
// reader.
func TestSchemaKnowsTheSameKeys(t *testing.T) {
	t.Parallel()
	type object struct {
		Properties           map[string]json.RawMessage
		AdditionalProperties json.RawMessage
	}
	parse := func(data []byte) (o object) {
		if err := json.Unmarshal(data, &o); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		return o
	}
	data, err := os.ReadFile("../../docs/layout.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	top := parse(data)
	for name, c := range map[string]struct {
		schema object
		want   []string
	}{
		"layout":   {top, topKeys},
		"service":  {parse(parse(top.Properties["services"]).AdditionalProperties), serviceKeys},
		"boundary": {parse(parse(top.Properties["boundaries"]).AdditionalProperties), boundaryKeys},
		"seam":     {parse(top.Properties["seam"]), seamKeys},
	} {
		got := slices.Sorted(maps.Keys(c.schema.Properties))
		if want := slices.Sorted(slices.Values(c.want)); !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the reader %v", name, got, want)
		}
	}
	if !strings.Contains(string(data), `"pattern": "`+dnsLabel.String()+`"`) {
		t.Errorf("the schema has another pattern for services than %s", dnsLabel)
	}
}

// FuzzRead: whatever the bytes, Read returns a layout that keeps its promises
// or errors with lines inside the file.
func FuzzRead(f *testing.F) {
	for _, s := range []string{shop, "", "a: &a [*a]\n", "version: 1\nservices: {a: {roles: [b]}}\n", "? [a]\n: b\n", "<<: {a: b}\n", "version: 1\nseam: {keep: [[a, b]], thresholds: {c: 1}}\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read("f", data)
		if err != nil {
			var all Errors
			if !errors.As(err, &all) || len(all) == 0 {
				t.Fatalf("got %T %v, want Errors", err, err)
			}
			for _, e := range all {
				if e.Line < 1 || e.Text == "" {
					t.Fatalf("got %+v, want a line and a text", e)
				}
			}
			return
		}
		hosts := make(map[string]bool)
		for _, s := range file.Layout.Services {
			for _, c := range s.Components {
				if hosts[c] {
					t.Fatalf("component %q is in two places", c)
				}
				hosts[c] = true
			}
		}
		if !slices.IsSortedFunc(file.Layout.Services, func(a, b layout.Service) int { return strings.Compare(a.Name, b.Name) }) {
			t.Fatalf("services are not sorted: %+v", file.Layout.Services)
		}
	})
}
