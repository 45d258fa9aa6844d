package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// points are the measurements of one system in one cell, one per repeat.
type points map[string]map[cell][]point

// measureAll starts every system of p and measures them in turn, so that what
// else the machine does meets them all alike. What it has started is gone when
// it returns.
func measureAll(ctx context.Context, p plan, exe, profile string, progress io.Writer) (_ points, err error) {
	ctx, cancel := context.WithTimeout(ctx, p.limit())
	defer cancel()
	certs, err := os.MkdirTemp("", "hemilith-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(certs)) }()
	if err := writeCerts(certs, time.Now()); err != nil {
		return nil, err
	}
	var pairs []*pair
	defer func() {
		for _, pair := range pairs {
			err = errors.Join(err, pair.stop())
		}
	}()
	for _, s := range p.systems {
		pair, err := startPair(ctx, s, exe, task{Certs: certs, Profile: profile}, progress)
		if err != nil {
			return nil, because(ctx, err)
		}
		pairs = append(pairs, pair)
	}
	got, err := repeat(p, pairs, progress)
	return got, because(ctx, err)
}

// because prefers the reason that everything ended to its consequences.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
	return err
}

// repeat measures all pairs in every cell, again and again. Each repeat begins
// with another system.
func repeat(p plan, pairs []*pair, progress io.Writer) (points, error) {
	got := make(points)
	for _, pair := range pairs {
		got[pair.system.name] = make(map[cell][]point)
	}
	began := time.Now()
	n := max(p.alone, p.many)
	for r := range n {
		for _, c := range p.cells {
			if r >= p.repeats(c) {
				continue
			}
			if err := rotate(got, p, c, r, pairs); err != nil {
				return nil, err
			}
		}
		fmt.Fprintf(progress, "repeat %d of %d: %.0f s of about %.0f s\n",
			r+1, n, time.Since(began).Seconds(), p.takes().Seconds())
	}
	return got, nil
}

// rotate measures c once with each pair, the r-th first and every other time
// backwards, so that nobody follows the same one always.
func rotate(got points, p plan, c cell, r int, pairs []*pair) error {
	for i := range pairs {
		if r%2 == 1 {
			i = len(pairs) - 1 - i
		}
		pair := pairs[(i+r)%len(pairs)]
		at, err := pair.measure(c, p.warm, p.slice)
		if err != nil {
			return fmt.Errorf("%v: %w", c, err)
		}
		of := got[pair.system.name]
		of[c] = append(of[c], at)
	}
	return nil
}
