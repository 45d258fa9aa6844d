package gate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// bench is one benchmark under way.
type bench struct {
	name      string
	trials    []*trial
	chance    *rand.Rand
	headFirst bool // in the next pair
	pairs     int  // of the search
	confirms  int  // pairs of the confirmation
	spent     time.Duration
}

func (b *bench) toss() { b.headFirst = b.chance.Uint64()>>63 == 1 }

func (b *bench) has(s stage) bool {
	for _, t := range b.trials {
		if t.stage == s {
			return true
		}
	}
	return false
}

// confirming: all of its searches are over, and one of them has found something.
func (b *bench) confirming() bool { return !b.has(searching) && b.has(suspected) }

func (b *bench) step() Step {
	s := Step{Bench: b.name, HeadFirst: b.headFirst, Confirm: b.confirming()}
	pairs, first := b.pairs, 0
	if s.Confirm {
		pairs, first = b.confirms, layouts
	}
	s.Fresh = pairs%freshEvery == 0
	s.Longer = longer(pairs)
	s.Layout = first + pairs%layouts
	return s
}

// longer is how many times as long as planned runs take after so many pairs.
func longer(pairs int) int {
	switch {
	case pairs < doubledAfter:
		return 1
	case pairs < againAfter:
		return 2
	}
	return 4
}

func (b *bench) add(base, head Sample, elapsed time.Duration) {
	confirming := b.confirming()
	for _, t := range b.trials {
		t.add(confirming, base[t.Channel], head[t.Channel])
	}
	b.release()
	if confirming {
		b.confirms++
	} else {
		b.pairs++
	}
	b.spent += elapsed
	b.toss()
}

// release ends the searches of channels that only report once those that fail a
// commit have ended: bytes vary a little in many benchmarks, and would cost all of
// them the largest number of pairs.
func (b *bench) release() {
	judged := false
	for _, t := range b.trials {
		if t.Channel.Fails() {
			judged = true
			if t.stage == searching {
				return
			}
		}
	}
	if !judged {
		return // it is all there is
	}
	for _, t := range b.trials {
		if t.stage == searching {
			t.stage = waiting
		}
	}
}

// check refuses a sample from which nothing can be judged.
func (b *bench) check(side string, s Sample) error {
	for _, t := range b.trials {
		x, ok := s[t.Channel]
		switch {
		case !ok:
			return fmt.Errorf("%s: %s was not measured on %s: measure every channel of the benchmark", b.name, t.Channel, side)
		case t.search.rule.ratio && x == 0:
			return fmt.Errorf("%s: %s is 0 on %s: raise the number of iterations", b.name, t.Channel, side)
		case x < 0 || math.IsNaN(x) || math.IsInf(x, 0):
			return fmt.Errorf("%s: %s is %v on %s: want a finite number, not below 0", b.name, t.Channel, x, side)
		}
	}
	return nil
}

// abandon ends all tests that have not ended.
func (b *bench) abandon(why Reason) {
	for _, t := range b.trials {
		if t.stage != ended {
			t.end(Undecided, why)
		}
	}
}

// giveUp ends the tests that wait in vain.
func (b *bench) giveUp() {
	for _, t := range b.trials {
		if t.stage == waiting {
			t.end(Undecided, OutOfPairs)
		}
	}
}
