package main

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	// callDeadline is the deadline of the calls of one measurement.
	callDeadline = time.Minute
	// maxSamples bounds the latencies that one measurement keeps; later ones
	// are counted only.
	maxSamples = 1 << 18
	// maxCallers bounds the callers of one measurement.
	maxCallers = 1024
)

// usage is what a process has used since it began.
type usage struct {
	CPU     time.Duration `json:"cpu"` // user and system
	Mallocs int64         `json:"mallocs"`
}

func (u usage) sub(earlier usage) usage {
	return usage{CPU: u.CPU - earlier.CPU, Mallocs: u.Mallocs - earlier.Mallocs}
}

// used returns the usage of this process.
func used() usage {
	var r syscall.Rusage
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return usage{}
	}
	return usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Mallocs: int64(m.Mallocs)}
}

// result is one measurement as the client sees it.
type result struct {
	Calls   int64         `json:"calls"`
	Elapsed time.Duration `json:"elapsed"`
	P50     float64       `json:"p50"` // nanoseconds
	P99     float64       `json:"p99"`
	Used    usage         `json:"used"`
}

// bencher measures; it keeps its callers and its memory from one measurement to
// the next. It belongs to one goroutine.
type bencher struct {
	dial    dialer
	batch   int
	callers map[payload][]caller
	samples []uint32 // nanoseconds, for batch calls each
}

func newBencher(dial dialer, batch int) *bencher {
	return &bencher{
		dial: dial, batch: batch,
		callers: make(map[payload][]caller), samples: make([]uint32, maxSamples),
	}
}

// ready returns n callers of p, and makes those that are missing.
func (b *bencher) ready(ctx context.Context, p payload, n int) ([]caller, error) {
	for i := len(b.callers[p]); i < n; i++ {
		call, err := b.dial(ctx, p, i)
		if err != nil {
			return nil, err
		}
		b.callers[p] = append(b.callers[p], call)
	}
	return b.callers[p][:n], nil
}

// worker is one caller at work.
type worker struct {
	call    caller
	samples []uint32 // room on the way in, latencies on the way out
	calls   int64
	err     error
}

// run calls without pause for at least d.
func (w *worker) run(ctx context.Context, base time.Time, d time.Duration, batch int) {
	n := 0
	for then := time.Since(base); then < d; {
		if w.err = w.call(ctx, batch); w.err != nil {
			break
		}
		now := time.Since(base)
		if n < len(w.samples) {
			w.samples[n] = uint32(now - then)
			n++
		}
		w.calls += int64(batch)
		then = now
	}
	w.samples = w.samples[:n]
}

// measure has n callers of p call without pause for d.
func (b *bencher) measure(ctx context.Context, p payload, n int, d time.Duration) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	callers, err := b.ready(ctx, p, n)
	if err != nil {
		return result{}, err
	}
	workers := make([]worker, n)
	room := len(b.samples) / n
	var running sync.WaitGroup
	start := make(chan struct{})
	var base time.Time
	for i := range workers {
		w := &workers[i]
		w.call, w.samples = callers[i], b.samples[i*room:(i+1)*room]
		running.Go(func() {
			<-start
			w.run(ctx, base, d, b.batch)
		})
	}
	before := used()
	base = time.Now()
	close(start)
	running.Wait()
	r := result{Elapsed: time.Since(base), Used: used().sub(before)}
	err = b.sum(&r, workers)
	return r, err
}

// sum fills r from what the workers found.
func (b *bencher) sum(r *result, workers []worker) error {
	all := b.samples[:0] // each worker's room is at or after its place here
	for i := range workers {
		if workers[i].err != nil {
			return workers[i].err
		}
		r.Calls += workers[i].calls
		all = append(all, workers[i].samples...)
	}
	slices.Sort(all)
	r.P50 = percentile(all, 50) / float64(b.batch)
	r.P99 = percentile(all, 99) / float64(b.batch)
	return nil
}

// percentile returns the p-th percentile of sorted values by the nearest rank.
func percentile(sorted []uint32, p int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[(len(sorted)-1)*p/100])
}
