package traffic

import (
	"strings"
	"testing"
)

func TestFunctionNames(t *testing.T) {
	t.Parallel()
	for symbol, want := range map[string]string{
		"example.com/shop/orders.Place":                            "example.com/shop/orders.Place",
		"example.com/shop/orders.(*Desk).Place":                    "example.com/shop/orders.Desk.Place",
		"example.com/shop/orders.Desk.Place":                       "example.com/shop/orders.Desk.Place",
		"example.com/shop/orders.Place.func1":                      "example.com/shop/orders.Place",
		"example.com/shop/orders.(*Desk).Place.func2.1":            "example.com/shop/orders.Desk.Place",
		"example.com/shop/orders.(*Desk).Place.func1.gowrap2":      "example.com/shop/orders.Desk.Place",
		"example.com/shop/orders.Place.deferwrap1":                 "example.com/shop/orders.Place",
		"example.com/shop/orders.Place-range1":                     "example.com/shop/orders.Place-range1",
		"example.com/shop/orders.(*Desk).Place-fm":                 "example.com/shop/orders.Desk.Place",
		"example.com/shop/set.Map[...]":                            "example.com/shop/set.Map",
		"example.com/shop/set.Map[...].func1":                      "example.com/shop/set.Map",
		"example.com/shop/set.(*Set[...]).Add":                     "example.com/shop/set.Set.Add",
		"example.com/a.(*S[go.shape.struct { x/y.Z; b []int }]).M": "example.com/a.S.M",
		"example.com/shop.init.0":                                  "example.com/shop.init",
		"example.com/shop.init.func1":                              "example.com/shop.init",
		"example.com/shop.glob..func1":                             "example.com/shop.glob",
		"gopkg.in/yaml%2ev3.Unmarshal":                             "gopkg.in/yaml.v3.Unmarshal",
		"example.com/a/v2.F":                                       "example.com/a/v2.F",
		"main.main":                                                "main.main",
		"main.(*app).run.func1":                                    "main.app.run",
		"net/http.HandlerFunc.ServeHTTP":                           "net/http.HandlerFunc.ServeHTTP",
		"type:.eq.example.com/shop.T":                              "",
		"runtime":                                                  "",
		"":                                                         "",
		"a.F[x":                                                    "",
		"a.F]x[":                                                   "",
		"a%zz.F":                                                   "",
		"a.":                                                       "",
		".F":                                                       "",
	} {
		if got := Function(symbol); got != want {
			t.Errorf("Function(%q) = %q, want %q", symbol, got, want)
		}
	}
}

func FuzzFunction(f *testing.F) {
	f.Add("example.com/a.(*T[...]).M.func1")
	f.Add("[].")
	f.Fuzz(func(t *testing.T, symbol string) {
		name := Function(symbol)
		if name != "" && !strings.Contains(name, ".") {
			t.Fatalf("Function(%q) = %q: no package", symbol, name)
		}
	})
}
