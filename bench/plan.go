package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cell is what is called and by how many callers at once.
type cell struct {
	Payload payload `json:"payload"`
	Callers int     `json:"callers"`
}

func (c cell) String() string { return fmt.Sprintf("%s-%d", c.Payload, c.Callers) }

// plan says how much is measured.
type plan struct {
	systems []system
	cells   []cell
	// alone and many are the repeats with one caller and with more.
	alone, many int
	// warm is called for and thrown away before each slice of time.
	warm, slice time.Duration
}

// full is what the committed table is made with: under four minutes.
func full() plan {
	return plan{
		systems: systems(), cells: cells(), alone: 25, many: 15,
		warm: 40 * time.Millisecond, slice: 160 * time.Millisecond,
	}
}

// quick is for a look: about 40 seconds, and noisier.
func quick() plan {
	p := full()
	p.alone, p.many = 5, 5
	p.warm, p.slice = 20*time.Millisecond, 100*time.Millisecond
	return p
}

func cells() []cell {
	var all []cell
	for _, p := range []payload{tiny, order} {
		for _, n := range []int{1, 8, 64} {
			all = append(all, cell{p, n})
		}
	}
	return all
}

// repeats is how often c is measured.
func (p plan) repeats(c cell) int {
	if c.Callers == 1 {
		return p.alone
	}
	return p.many
}

// takes is the time that all measurements take, without starts and sums.
func (p plan) takes() time.Duration {
	n := 0
	for _, c := range p.cells {
		n += p.repeats(c) * len(p.systems)
	}
	return time.Duration(n) * (p.warm + p.slice)
}

// limit bounds the whole run on a busy machine.
func (p plan) limit() time.Duration { return 2*p.takes() + time.Minute }

// parseCells reads "tiny-1,order-64".
func parseCells(words string) ([]cell, error) {
	if words == "" {
		return cells(), nil
	}
	var chosen []cell
	for w := range strings.SplitSeq(words, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(w), "-")
		n, err := strconv.Atoi(number)
		if !slices.Contains([]payload{tiny, order}, payload(name)) || err != nil || n < 1 || n > maxCallers {
			return nil, fmt.Errorf("cell %q: want tiny-N or order-N, N from 1 to %d", w, maxCallers)
		}
		chosen = append(chosen, cell{payload(name), n})
	}
	return chosen, nil
}
