// Package accept reads what people have said about a benchmark that got slower on
// purpose. It stands in the message of a commit, as a trailer:
//
//	Perf-Accept: BenchmarkQuote +15% prices are now exact
//	Perf-Accept: pricing.BenchmarkQuote/large allocs+1 the cache key is a string
//	Perf-Accept: BenchmarkQuote-2 bytes+64 one lock a customer
//
// A percentage is of time, CPU and wall; allocs and bytes are per operation. The
// name is a benchmark's and covers its sub-benchmarks, as -bench does, with every
// number of processors unless it ends in one; before it may stand a package, by
// the end of its import path. There are no patterns: what is accepted is named.
// Without a reason nothing is accepted.
package accept

import (
	"math"
	"strconv"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gate"
)

// Kind is what an acceptance is about.
type Kind string

// The kinds.
const (
	Time   Kind = "time"   // CPU and wall time
	Allocs Kind = "allocs" // allocations per operation
	Bytes  Kind = "bytes"  // bytes allocated per operation
)

// kind returns what an acceptance must be about to cover a channel.
func kind(c gate.Channel) Kind {
	switch c {
	case gate.Allocs:
		return Allocs
	case gate.Bytes:
		return Bytes
	}
	return Time
}

// Acceptance is one trailer.
type Acceptance struct {
	Commit  string  // full hash
	Package string  // the end of an import path, in whole elements; "" is any
	Bench   string  // as it was written, with what stands after slashes and "-2"
	Kind    Kind    // of More
	More    float64 // above 0: 0.15 is 15 % more time; a difference of counts otherwise
	Reason  string  // one line
}

// Bench is a benchmark in one setting.
type Bench struct {
	Package string `json:"package"` // import path
	Name    string `json:"bench"`   // with sub-benchmarks and without processors, as BenchmarkQuote/large
	Procs   int    `json:"procs"`   // GOMAXPROCS
}

func (a Acceptance) names(b Bench) bool {
	if a.Package != "" && a.Package != b.Package && !strings.HasSuffix(b.Package, "/"+a.Package) {
		return false
	}
	return a.Bench == b.Name || strings.HasPrefix(b.Name, a.Bench+"/") || a.Bench == b.Name+"-"+strconv.Itoa(b.Procs)
}

// Grant is how much slower one channel of one benchmark may be. The zero value
// allows nothing.
type Grant struct {
	More float64 // in the unit of Acceptance.More
	By   []Acceptance

	fraction float64 // what a count may be above More and still be that number
}

// For joins the acceptances that name a benchmark and are about a channel. Each
// is for one commit, so those of a range add up: 5 % and 10 % are 15.5 %. The same
// words twice, as a cherry-pick leaves them, count once.
func For(all []Acceptance, b Bench, c gate.Channel) Grant {
	g := Grant{fraction: map[Kind]float64{Allocs: 0.5, Bytes: 4}[kind(c)]} // as gate tells one from none
	seen := make(map[Acceptance]bool)
	for _, a := range all {
		words := a
		words.Commit = ""
		if a.Kind != kind(c) || !a.names(b) || seen[words] {
			continue
		}
		seen[words] = true
		g.By = append(g.By, a)
		if a.Kind == Time {
			g.More += a.More + g.More*a.More // (1+x)(1+y)-1
		} else {
			g.More += a.More
		}
	}
	return g
}

// Covers tells whether what was found is within the grant: not shown, by its
// interval, to be beyond it. Otherwise who accepts the 15 % that were measured
// would fail every second time it is measured again. With an open interval the
// effect itself must be within.
func (g Grant) Covers(r gate.Result) bool {
	low := r.Interval.Lo
	if math.IsInf(low, 0) {
		low = r.Effect
	}
	if g.fraction > 0 {
		return len(g.By) > 0 && low < g.More+g.fraction
	}
	return len(g.By) > 0 && low <= g.More
}
