package serve

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	// target is how much processor time of base one slice shall take, and of a stream
	// that waits how much wall time. It is more than benchmarks have because a pair
	// starts two servers first, which a few more requests pay back.
	target = 200 * time.Millisecond
	// turn is how much of it one side answers at once, and clientTurn the least number
	// of requests in a turn for each client, if there are several: the last ones find
	// the others idle.
	turn       = time.Millisecond
	clientTurn = 8
	// forkingTarget is that of a side that ends processes, whose time is told in
	// steps of 10 ms.
	forkingTarget = 500 * time.Millisecond
	// maxWall bounds the wall time of a slice, but for streams that take longer.
	maxWall = 2 * time.Second
	// maxHead bounds what a slice of head takes, in targets of base: where head is
	// slower than that, fewer requests show it as well.
	maxHead = 8
	// enough is the processor time, and patience the wall time, from which the number
	// of requests is computed.
	enough   = 20 * time.Millisecond
	patience = 400 * time.Millisecond
	// leastCPU is less than any server takes for a request, in seconds: reading and
	// writing on a connection are two system calls.
	leastCPU = 1e-6
	// maxSlice bounds the requests of a slice.
	maxSlice = 1_000_000
	// A stream whose fastest answer takes this many times its processor time, and a
	// millisecond more for the way, waits for something: its wall time is judged, too.
	// The fastest, because other load on the machine makes the others late.
	waitingTimes = 2
	onTheWay     = time.Millisecond
)

// Plan is how a stream is to be measured.
type Plan struct {
	Stream Stream
	// Cycles is how many times a slice has the whole stream, and Turn how many requests
	// one side answers before it is the other's turn.
	Cycles, Turn int
	// Waits is whether wall time is to be judged, too.
	Waits bool
	// Notes say what is odd about it, a sentence each.
	Notes []string
}

// Requests is how many a slice has.
func (p Plan) Requests() int { return p.Cycles * len(p.Stream.Requests) }

// Plan finds out how to measure a stream, on servers of its own: on base, but for the
// bound on what head takes; and whether both sides answer alike.
func (c *Config) Plan(ctx context.Context, base, head Place, stream Stream) (p Plan, err error) {
	var sides [2]*server
	defer func() { err = errors.Join(err, stop(sides[:])) }()
	if err := c.start(ctx, [2]Place{base, head}, []int{0, 1}, &sides, stream.Requests[0]); err != nil {
		return p, err
	}
	notes, err := c.compare(ctx, sides, stream)
	if err != nil {
		return p, err
	}
	ofBase, err := c.trial(ctx, sides[0], stream)
	if err != nil {
		return p, err
	}
	ofHead, err := c.trial(ctx, sides[1], stream)
	if err != nil {
		return p, err
	}
	p = planFor(stream, ofBase, ofHead, c.clients())
	p.Notes = append(notes, p.Notes...)
	return p, nil
}

// trial lets a side answer a stream until the time that takes can be told.
func (c *Config) trial(ctx context.Context, s *server, stream Stream) (Slice, error) {
	for cycles := 1; ; cycles *= 2 {
		m, err := c.slice(ctx, s, stream, cycles)
		if err != nil {
			return m, err
		}
		cpu, wall := m.CPU*float64(m.Requests), m.Wall*float64(m.Requests)/float64(c.clients())
		switch {
		case cpu < enough.Seconds() && wall < patience.Seconds() && m.Requests < maxSlice/2:
		case m.CPU < leastCPU:
			return m, &Failure{Side: s.side, Stream: stream.Name, Kind: Elsewhere}
		default:
			return m, nil
		}
	}
}

// planFor draws the conclusions from trials of base and head.
func planFor(stream Stream, base, head Slice, clients int) Plan {
	p := Plan{Stream: stream}
	want := target
	if base.reaped+head.reaped > 0 {
		want = forkingTarget
		p.Notes = append(p.Notes, "the servers end processes, whose time is told in steps of 10 ms: slices are longer for that")
	}
	p.Waits = base.fastest.Seconds() > waitingTimes*base.CPU+onTheWay.Seconds()
	limit := maxWall
	if p.Waits {
		limit = target
	}
	wall := limit.Seconds() * float64(clients)
	n := min(want.Seconds()/base.CPU, wall/base.Wall, maxHead*wall/head.Wall, maxSlice)
	p.Cycles = max(1, int(math.Round(n/float64(len(stream.Requests)))))
	p.Turn = max(1, int(math.Round(turn.Seconds()/base.CPU)))
	if clients > 1 {
		p.Turn = max(p.Turn, clientTurn*clients)
	}
	return p
}

// compare asks both sides each request once, and refuses, or notes, answers that
// differ: who answers less is not faster.
func (c *Config) compare(ctx context.Context, sides [2]*server, stream Stream) (notes []string, err error) {
	differ, first := 0, ""
	for _, r := range stream.Requests {
		var got [2]answer
		for i, s := range sides {
			a, err := c.one(ctx, s, r)
			if err != nil {
				return nil, err
			}
			got[i] = a
		}
		b, h := got[0], got[1]
		switch {
		case b.status != h.status:
			return nil, &Failure{Side: sides[1].side, Stream: stream.Name, Kind: Differs, Detail: fmt.Sprintf("%s and not %s to %s", statusLine(h.status), statusLine(b.status), r)}
		case b.length != h.length && differ == 0:
			first = fmt.Sprintf("%d and not %d bytes to %s", h.length, b.length, r)
			fallthrough
		case b.length != h.length:
			differ++
		}
	}
	if differ == 0 {
		return nil, nil
	}
	if differ > 1 {
		first += fmt.Sprintf(", and so with %d more", differ-1)
	}
	if c.Same {
		return nil, &Failure{Side: sides[1].side, Stream: stream.Name, Kind: Differs, Detail: first}
	}
	return []string{"head " + string(Differs) + ": " + first + " (-same refuses that)"}, nil
}
