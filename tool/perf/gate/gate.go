// Package gate decides, one pair of runs after the other, which benchmarks a
// commit made slower or faster. It is a pure machine: [Gate.Next] says what to run,
// [Gate.Add] takes what came out, until Next has nothing more; [Gate.Results] says
// what is known. It knows no processes, no clock and no chance but the seed.
//
// A test is one channel of one benchmark. Each pair runs base and head once, in
// random order. The search ends as soon as sequential tests know (package evalue):
// suspected of being slower or faster by more than 1 % (CPU), the same to within
// 3 %, or neither after 120 pairs. What is suspected is confirmed with other
// binaries, in which the linker has placed all functions elsewhere and the two
// sides have changed places, before anybody hears of it.
//
// False alarms: if no benchmark is slower by more than 1 %, the chance that any of m
// sequential tests suspects so is at most Alpha, however often one looks; as much
// for faster. If some are, at most the share Alpha of the suspects is false, in
// expectation (e-BH). The confirmation comes on top.
package gate

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/hemilith/hemilith/tool/evalue"
)

// The numbers of the design, chosen on recorded pairs.
const (
	suspectAt    = 1000 // the least e-value of a suspicion, however few tests there are
	confirmAt    = 100  // e-value of a confirmation
	maxPairs     = 120  // of a search, and of a confirmation
	maxPairsMany = 200  // the same if there are more than manyTests, which raise the threshold
	manyTests    = 10
	freshEvery   = 10 // pairs with the same copies of the binaries
	doubledAfter = 24 // pairs of a stage that did not decide: then runs take twice as long,
	againAfter   = 60 // and after these four times
	layouts      = 4  // link seeds in a search, and others in a confirmation
	defaultAlpha = 0.01
)

// Config is how to judge.
type Config struct {
	Seed   uint64        // of the random order of each pair
	Budget time.Duration // all pairs together; 0: no limit. One pair may go beyond it.
	Alpha  float64       // false alarms among all tests, above 0 and up to 1; 0: 0.01
	Effort int           // how many times the usual number of pairs may be run; 0: once
}

// Bench is a benchmark in one setting, such as one GOMAXPROCS: what one pair runs.
type Bench struct {
	Name  string
	Tests []Test
}

// Test is one channel of a benchmark.
type Test struct {
	Channel Channel
	// Exact is for channels that count whose base runs Agree. It decides after 8
	// pairs; if the values vary after all, their signs decide, as elsewhere.
	Exact bool
}

// Step is a pair to run.
type Step struct {
	Bench     string
	HeadFirst bool // head runs first, then base
	// Fresh asks for new copies of the binaries, or new processes of servers, if
	// they are kept from pair to pair: each has its luck with memory pages.
	Fresh bool
	// Confirm: base lies and is called as head was in the search, and the other way
	// round.
	Confirm bool
	// Layout is the seed for the linker's -randlayout on both sides, of which 0 is the
	// linker's own order: 0 to 3 in turn in the search, 4 to 7 in the confirmation. Where
	// the linker happens to place unchanged code moves its time by a percent and more;
	// so that is noise from pair to pair, and not a difference that more pairs make
	// certain. Where both sides have the same functions, one seed gives them the same
	// order, and there is no such noise (docs/adr/0012).
	Layout int
	// Longer is how many times as long as planned both runs shall take: 1 at first, 2
	// and then 4 where many pairs have not decided. Most benchmarks need few pairs,
	// which should be short; of those that vary much, +3 % is found in pairs that vary
	// half as much (docs/adr/0014). It depends on earlier pairs only, so that e-values
	// stay what they are. It may be left alone, as where a pair starts whole programs.
	Longer int
}

// Sample is what one run measured, in the units of the channels.
type Sample map[Channel]float64

// Gate is the machine. It belongs to one goroutine.
type Gate struct {
	config  Config
	benches []*bench
	m       int
	spent   time.Duration
}

// New starts with the tests fixed: their number sets the threshold.
func New(c Config, benches []Bench) (*Gate, error) {
	if c.Alpha == 0 {
		c.Alpha = defaultAlpha
	}
	if !(c.Alpha > 0 && c.Alpha <= 1) {
		return nil, fmt.Errorf("alpha is %v: want above 0 and up to 1", c.Alpha)
	}
	if err := check(benches); err != nil {
		return nil, err
	}
	g := &Gate{config: c}
	all := 0
	for _, b := range benches {
		for _, t := range b.Tests {
			all++
			if !t.Exact {
				g.m++
			}
		}
	}
	for i, b := range benches {
		g.benches = append(g.benches, g.begin(b, uint64(i), all))
	}
	return g, nil
}

// check refuses benchmarks that cannot be told apart, and tests that cannot be.
func check(benches []Bench) error {
	type key struct {
		bench   string
		channel Channel
	}
	names, seen := make(map[string]bool), make(map[key]bool)
	for _, b := range benches {
		if names[b.Name] {
			return fmt.Errorf("%s is there twice: each benchmark needs a name of its own", b.Name)
		}
		names[b.Name] = true
		if len(b.Tests) == 0 {
			return fmt.Errorf("%s has no tests: name at least one channel", b.Name)
		}
		for _, t := range b.Tests {
			r, ok := t.Channel.rule()
			switch {
			case !ok:
				return fmt.Errorf("%s: unknown channel %q: want cpu, wall, allocs or bytes", b.Name, t.Channel)
			case seen[key{b.Name, t.Channel}]:
				return fmt.Errorf("%s: channel %s is there twice", b.Name, t.Channel)
			case t.Exact && r.ratio:
				return fmt.Errorf("%s: channel %s cannot be exact: only counts can", b.Name, t.Channel)
			}
			seen[key{b.Name, t.Channel}] = true
		}
	}
	return nil
}

// begin sets up a benchmark. Sequential tests share Alpha among each other. An
// exact one that comes to be judged by signs was not counted among them, so that
// its threshold is that of all tests.
func (g *Gate) begin(spec Bench, number uint64, all int) *bench {
	b := &bench{name: spec.Name, chance: rand.New(rand.NewPCG(g.config.Seed, number))}
	b.toss()
	most := maxPairs
	if g.m > manyTests {
		most = maxPairsMany
	}
	most *= max(1, g.config.Effort)
	for _, t := range spec.Tests {
		family := g.m
		if t.Exact {
			family = all
		}
		threshold := max(suspectAt, float64(family)/g.config.Alpha)
		b.trials = append(b.trials, newTrial(t, evalue.Of(threshold), most))
	}
	return b
}

// M returns the number of sequential tests, by which the threshold was set.
func (g *Gate) M() int { return g.m }

// Open returns how many benchmarks have tests that are not decided.
func (g *Gate) Open() int {
	n := 0
	for _, b := range g.benches {
		if slices.ContainsFunc(b.trials, func(t *trial) bool { return t.stage != ended }) {
			n++
		}
	}
	return n
}

// Next returns the pair to run, and false at the end. It says the same until Add
// or Drop. What is suspected is confirmed first; otherwise it is the turn of the
// benchmark that has had the least time, so that all share it fairly, and what
// ends early leaves its share to the others.
func (g *Gate) Next() (Step, bool) {
	b := g.next()
	if b == nil {
		return Step{}, false
	}
	return b.step(), true
}

func (g *Gate) next() *bench {
	var least *bench
	for _, b := range g.benches {
		if b.confirming() {
			return b
		}
		if b.has(searching) && (least == nil || b.spent < least.spent) {
			least = b
		}
	}
	return least
}

// Add takes the two runs that Next asked for, and how long the pair took with all
// that belongs to it. After an error nothing has changed: run the pair again, or
// Drop the benchmark.
func (g *Gate) Add(base, head Sample, elapsed time.Duration) error {
	b := g.next()
	if b == nil {
		return errors.New("no pair is due: the gate has decided")
	}
	if err := b.check("base", base); err != nil {
		return err
	}
	if err := b.check("head", head); err != nil {
		return err
	}
	if elapsed < 0 {
		return fmt.Errorf("%s: the pair took %v: want 0 or more", b.name, elapsed)
	}
	b.add(base, head, elapsed)
	g.spent += elapsed
	g.settle()
	return nil
}

// Drop ends a benchmark that cannot be run; what it has not decided stays
// undecided. A name that is unknown, or has ended, changes nothing.
func (g *Gate) Drop(name string) {
	for _, b := range g.benches {
		if b.name == name {
			b.abandon(Failed)
		}
	}
	g.settle()
}

// settle ends what the budget ends, and decides about those that wait once no
// search is open.
func (g *Gate) settle() {
	if g.config.Budget > 0 && g.spent >= g.config.Budget {
		for _, b := range g.benches {
			b.giveUp()
			b.abandon(OutOfTime)
		}
		return
	}
	for _, b := range g.benches {
		if b.has(searching) {
			return
		}
	}
	g.choose(Slower)
	g.choose(Faster)
	for _, b := range g.benches {
		b.giveUp()
	}
}

// choose makes suspects of those that e-BH reports, though their search ended
// below the threshold at which it would have stopped: each carries the others, and
// the floor of that threshold is for those who stop early.
func (g *Gate) choose(v Verdict) {
	var values []evalue.Named
	byName := make(map[string]*trial)
	for _, b := range g.benches {
		for _, t := range b.trials {
			if !t.Exact && t.why != Failed {
				name := b.name + "\x00" + string(t.Channel)
				byName[name] = t
				values = append(values, evalue.Named{Name: name, Log: t.search.toward(v).Log()})
			}
		}
	}
	for _, found := range evalue.BH(g.config.Alpha, g.m, values) {
		if t := byName[found.Name]; t.stage == waiting {
			t.stage, t.suspect = suspected, v
		}
	}
}

// Results returns all tests, in the order in which New got them.
func (g *Gate) Results() []Result {
	var out []Result
	for _, b := range g.benches {
		for _, t := range b.trials {
			r := t.result()
			r.Bench, r.Elapsed = b.name, b.spent
			out = append(out, r)
		}
	}
	return out
}
