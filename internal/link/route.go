package link

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hemilith/hemilith/wire"
)

// Route is a method and what serves it.
type Route struct {
	Method  *wire.Method
	Handler wire.Handler
}

// grant is a route that one connection may use. All connections share it and
// what it learns of the method's duration.
type grant struct {
	Route
	calls   atomic.Uint32
	samples atomic.Uint32
	mean    atomic.Int64 // nanoseconds
	slow    atomic.Int32 // calls for which a robbed method stays slow
}

// newGrants indexes routes by method number.
func newGrants(routes []Route) ([]*grant, error) {
	var most uint32
	for _, r := range routes {
		if r.Method == nil || r.Handler == nil || r.Method.ID == 0 || r.Method.ID > wire.MaxMethodID {
			return nil, fmt.Errorf("a route lacks method, number or handler: run hemilith gen")
		}
		most = max(most, r.Method.ID)
	}
	grants := make([]*grant, most+1)
	for _, r := range routes {
		if was := grants[r.Method.ID]; was != nil {
			return nil, fmt.Errorf("methods %s.%s and %s.%s share number %d: run hemilith gen",
				was.Method.Component, was.Method.Name, r.Method.Component, r.Method.Name, r.Method.ID)
		}
		grants[r.Method.ID] = &grant{Route: r}
	}
	return grants, nil
}

// inline reports whether the method is fast enough to run on the goroutine that
// reads. Unknown methods are not.
func (g *grant) inline() bool {
	if s := g.slow.Load(); s > 0 {
		g.slow.Store(s - 1)
		return false
	}
	return g.samples.Load() >= minSamples && g.mean.Load() < int64(inlineMean)
}

// sampled reports whether this call is to be timed: one in sampleEvery, or each
// one while the method is unknown or not fast.
func (g *grant) sampled() bool {
	return g.calls.Add(1)%sampleEvery == 0 || g.samples.Load() < minSamples || g.mean.Load() > int64(inlineMean/2)
}

// sample records that a call took d. Races between samples lose one of them.
func (g *grant) sample(d time.Duration) {
	d = min(d, maxSample) // one preempted call must not make a fast method slow
	mean := g.mean.Load()
	if g.samples.Load() == 0 {
		mean = int64(d)
	}
	g.mean.Store(mean + (int64(d)-mean)/8)
	if g.samples.Load() < minSamples {
		g.samples.Add(1)
	}
}

// robbed makes the method slow for a while: one of its calls blocked a reader.
func (g *grant) robbed() { g.slow.Store(slowCalls) }
