package main

import (
	"testing"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

func TestDoublesAreToldFromWordsThatEndInTest(t *testing.T) {
	t.Parallel()
	known := packageNames(&facts.Program{Packages: []*facts.Package{
		{Path: "m/store", Imports: []string{"net/http", "m/api"}}, {Path: "m/api/latest"}, {Path: "m/rpc/v2"},
	}})
	for file, want := range map[string]bool{
		"store/store.go":            false,
		"store/store_mock.go":       true,
		"store/mock_store.go":       true,
		"store/mocks/s.go":          true,
		"testutil/a.go":             true,
		"store/storetest/s.go":      true, // after a package
		"store/storetest/in/s.go":   true,
		"web/httptest/server.go":    true, // after one that is imported
		"e2e-test/run.go":           true,
		"api/latest/latest.go":      false,
		"contest/rank.go":           false,
		"admission/ctbattest/a.go":  false,
		"test/integration/start.go": false,
		"store.go":                  false,
	} {
		if got := double(file, []string{"net/http"}, known); got != want {
			t.Errorf("%s: got %v, want %v", file, got, want)
		}
	}
	if !double("models/unittest/a.go", []string{"testing"}, known) || double("models/unittest/in/a.go", []string{"testing"}, known) {
		t.Error("what imports testing, in a directory that ends in test, is for tests; what is below is not for that")
	}
}
