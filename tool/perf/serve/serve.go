// Package serve measures whole programs: servers of two sides, side by side on one
// machine, answer the same requests, and what counts is the processor time of all
// their processes.
//
// Each pair of measurements has servers of its own. A process has its luck for as
// long as it lives: with memory pages, hash seeds, the phase of its collector. Pairs
// that share one are not independent, and ten that agree are no more than one.
package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Config is how servers are started and asked. Commands and Ready must be set. It
// is not changed, so that it may be used from several goroutines; but only one
// measurement at a time should run on a machine.
type Config struct {
	// Commands are lines for sh, each of a process that keeps running. All of them
	// are one side.
	Commands []string
	// Ports are the variables that the commands and requests use, as Ports finds them.
	Ports []string
	// Ready is how long a side may take until it answers.
	Ready time.Duration
	// Status are the answers that are meant; none is 200 to 299.
	Status []int
	// Clients is how many requests are under way at once; 0 is 1.
	Clients int
	// Warm is how many times as many requests as are measured each server answers
	// before; 0 is 0.25. Programs that compile while they run want more.
	Warm float64
	// Same refuses streams whose answers differ in length between the sides.
	Same bool
}

// Place is where one side runs.
type Place struct {
	// Side names it in messages: base or head.
	Side string
	// Dir is the working directory, and Temp an empty one, TMPDIR.
	Dir, Temp string
	// Env is for the commands, beyond the ports and TMPDIR, as NAME=value.
	Env []string
}

// Slice is what the measured requests of one side took, each.
type Slice struct {
	// Requests is their number.
	Requests int
	// CPU is the processor time, user and system, of all processes of the side, and
	// Wall the time from request to answer, in seconds for a request.
	CPU, Wall float64

	reaped  time.Duration // of CPU: that of processes that have ended
	fastest time.Duration // answer
}

// Pair is one slice of each side.
type Pair struct{ Base, Head Slice }

// Pair starts both sides, lets them answer what the plan says, and stops them; head
// comes first if headFirst. Who calls it draws that at random.
func (c *Config) Pair(ctx context.Context, base, head Place, p Plan, headFirst bool) (pair Pair, err error) {
	var sides [2]*server
	defer func() { err = errors.Join(err, stop(sides[:])) }()
	places := [2]Place{base, head}
	order := []int{0, 1}
	if headFirst {
		slices.Reverse(order)
	}
	if err := c.start(ctx, places, order, &sides, p.Stream.Requests[0]); err != nil {
		return pair, err
	}
	warm := p
	warm.Cycles = c.warming(p)
	if _, err := c.turns(ctx, sides, warm, order); err != nil {
		return pair, err
	}
	taken, err := c.turns(ctx, sides, p, order)
	for i, s := range taken {
		if err == nil && s.CPU < leastCPU {
			err = &Failure{Side: places[i].Side, Stream: p.Stream.Name, Kind: Elsewhere}
		}
	}
	return Pair{Base: taken[0], Head: taken[1]}, err
}

// turns lets both sides answer a plan's requests in turns of about a millisecond:
// base, head, head, base and so on. What is short is met by both sides alike, and on
// a busy machine the difference of the two varies a third as much as with turns of
// 20 ms. That each finds the caches cold more often makes both somewhat slower.
func (c *Config) turns(ctx context.Context, sides [2]*server, p Plan, order []int) (taken [2]Slice, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration((1+c.Warm)*float64(sliceTimeout)))
	defer cancel()
	var before, after [2]time.Duration
	var total [2]time.Duration
	for i, s := range sides {
		if before[i], _, err = s.group.cpu(); err != nil {
			return taken, err
		}
	}
	n := p.Requests()
	order = []int{order[0], order[1]}
	for from := 0; from < n; from += p.Turn {
		for _, i := range order {
			took, _, err := c.answers(ctx, sides[i], p.Stream, from, min(from+p.Turn, n))
			if err != nil {
				return taken, err
			}
			total[i] += took
		}
		order[0], order[1] = order[1], order[0]
	}
	for i, s := range sides {
		if after[i], _, err = s.group.cpu(); err != nil {
			return taken, err
		}
		taken[i] = Slice{Requests: n, CPU: (after[i] - before[i]).Seconds() / float64(n), Wall: total[i].Seconds() / float64(n)}
	}
	return taken, nil
}

// warming is how many times a stream is answered before it counts.
func (c *Config) warming(p Plan) int {
	const share = 0.25
	return max(1, int(math.Ceil(cmp.Or(c.Warm, share)*float64(p.Cycles))))
}

// start starts both sides, and waits until they answer a request.
func (c *Config) start(ctx context.Context, places [2]Place, order []int, sides *[2]*server, first Request) (err error) {
	for _, i := range order {
		if sides[i], err = c.launch(places[i]); err != nil {
			return err
		}
	}
	for _, i := range order {
		for tries := 1; ; tries++ {
			err := c.await(ctx, sides[i], first)
			if err == nil {
				break
			}
			if tries == maxStarts || !sides[i].robbed() {
				return err
			}
			if err := sides[i].stop(); err != nil {
				return err
			}
			if sides[i], err = c.launch(places[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxStarts is how often a side is started whose port another program took in the
// moment between our choice and its start.
const maxStarts = 3

func stop(sides []*server) error {
	var errs []error
	for _, s := range sides {
		if s != nil {
			s.group.ask() // all at once, so that they end at the same time
		}
	}
	for _, s := range sides {
		if s != nil {
			errs = append(errs, s.stop())
		}
	}
	return errors.Join(errs...)
}

// means tells whether a status is one that is meant.
func (c *Config) means(status int) bool {
	if len(c.Status) == 0 {
		return status/100 == 2
	}
	return slices.Contains(c.Status, status)
}

// meant says which are.
func (c *Config) meant() string {
	if len(c.Status) == 0 {
		return "200 to 299 (-status names others)"
	}
	return "one of " + fmt.Sprint(c.Status)
}
