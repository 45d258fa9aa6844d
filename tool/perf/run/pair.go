package run

import (
	"context"
	"errors"
	"math"
	"sync"
)

// Pair is one run of each side.
type Pair struct{ Base, Head Measurement }

// CPU returns ln(head/base) of the CPU time per operation.
func (p Pair) CPU() float64 { return math.Log(p.Head.CPU / p.Base.CPU) }

// Wall returns ln(head/base) of the wall time per operation.
func (p Pair) Wall() float64 { return math.Log(p.Head.Wall / p.Base.Wall) }

// Pair runs a benchmark once on each side, head first if headFirst. Who calls it
// draws that at random.
//
// Where it can, it runs both at the same time on the same processor, which the
// kernel gives them in turns of a few milliseconds (docs/adr/0013): whatever else
// the machine does then meets both alike. That is so for benchmarks that run on one
// processor and do not wait, on systems where a process can be bound to a processor.
// A benchmark that fails so, but not alone, as two of them want the same port, is
// run in turn from then on, as all others are: one directly after the other.
func (r *Runner) Pair(ctx context.Context, base, head Binary, p Plan, procs int, headFirst bool) (Pair, error) {
	if procs != 1 || p.Waits || r.InTurn || r.disturbed.has(p.Name) {
		return r.inTurn(ctx, base, head, p, procs, headFirst)
	}
	cpu, ok := r.processors.next()
	if !ok {
		return r.inTurn(ctx, base, head, p, procs, headFirst)
	}
	pair, err := r.together(ctx, base, head, p, cpu, headFirst)
	var failure *Failure
	if !errors.As(err, &failure) {
		return pair, err
	}
	pair, err = r.inTurn(ctx, base, head, p, procs, headFirst)
	if err == nil {
		r.disturbed.add(p.Name)
	}
	return pair, err
}

// side is one of the two runs of a pair.
type side struct {
	name string
	bin  Binary
	to   *Measurement
	err  error
}

// order returns the runs of a pair in their order.
func order(pair *Pair, base, head Binary, headFirst bool) [2]side {
	sides := [2]side{{name: "base", bin: base, to: &pair.Base}, {name: "head", bin: head, to: &pair.Head}}
	if headFirst {
		sides[0], sides[1] = sides[1], sides[0]
	}
	return sides
}

// measure makes the run of a side. A cpu that is below 0 is any.
func (r *Runner) measure(ctx context.Context, s *side, p Plan, procs, cpu int) {
	m, err := r.fixed(ctx, s.bin, p.Name, setting{procs: procs, cpu: cpu}, p.N)
	if err == nil && (m.CPU <= 0 || m.Wall <= 0) {
		err = &Failure{Bench: p.Name, Kind: Nothing, Detail: m.Line}
	}
	if err != nil {
		s.err = &SideError{s.name, err}
	}
	*s.to = m
}

func (r *Runner) inTurn(ctx context.Context, base, head Binary, p Plan, procs int, headFirst bool) (Pair, error) {
	var pair Pair
	for _, s := range order(&pair, base, head, headFirst) {
		if r.measure(ctx, &s, p, procs, anyCPU); s.err != nil {
			return pair, s.err
		}
	}
	return pair, nil
}

func (r *Runner) together(ctx context.Context, base, head Binary, p Plan, cpu int, headFirst bool) (Pair, error) {
	var pair Pair
	sides := order(&pair, base, head, headFirst)
	var both sync.WaitGroup
	for i := range sides {
		both.Go(func() { r.measure(ctx, &sides[i], p, 1, cpu) })
	}
	both.Wait()
	for _, s := range sides {
		if s.err != nil {
			return pair, s.err
		}
	}
	return pair, nil
}

// names are those of benchmarks, safe for concurrent use. The zero value has none.
type names struct {
	mu  sync.Mutex
	set map[string]bool
}

func (n *names) has(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.set[name]
}

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.set == nil {
		n.set = map[string]bool{}
	}
	n.set[name] = true
}

// processors deals out the processors that we may run on, in turn. The zero value
// finds them.
type processors struct {
	mu   sync.Mutex
	all  []int
	last int
}

// next returns a processor, and false where none can be asked for.
func (p *processors) next() (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = allowed()
	}
	if len(p.all) == 0 {
		return 0, false
	}
	p.last = (p.last + 1) % len(p.all)
	return p.all[p.last], true
}
