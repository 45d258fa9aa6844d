package count

import (
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/perf/perftest"
	"github.com/hemilith/hemilith/tool/perf/run"
)

const work = `
-- go.mod --
module example.com/work

go 1.24
-- work_test.go --
package work

import "testing"

const units = 10000

var sink uint64

func BenchmarkWork(b *testing.B) {
	for i := 0; i < b.N; i++ {
		h := uint64(i)
		for range units {
			h = h*1099511628211 ^ h>>7
		}
		sink += h
	}
}
`

// built compiles a benchmark, of which head has a line that base has not.
func built(t *testing.T, text, ofBase, ofHead string) (base, head run.Binary) {
	t.Helper()
	return perftest.Built(t, "example.com/work", text, strings.Replace(text, ofBase, ofHead, 1))
}
