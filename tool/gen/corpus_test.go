package gen

import (
	"path/filepath"
	"testing"

	"github.com/hemilith/hemilith/tool/source"
)

// TestCorpusIsFresh keeps the generated code of testdata/corpus fresh, which the
// other tests of the corpus are compiled with; -update writes it.
func TestCorpusIsFresh(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs("testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	p, err := source.Load(t.Context(), source.Config{Dir: dir, Skip: Skip, Patterns: []string{"./..."}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Generate(p, Options{LockDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := r.Write(); err != nil {
			t.Fatal(err)
		}
	}
	if stale := r.Check(); len(stale) > 0 {
		t.Errorf("run go test -update: %q", stale)
	}
}
