package main

import (
	"math/rand/v2"
	"time"

	"github.com/hemilith/hemilith/tool/perf/gate"
)

// resampledBenches is how many benchmarks a resampled commit has.
const resampledBenches = 100

// minSeries is the length of a series of pairs from which may be resampled.
const minSeries = 20

// effects are multiplied into resampled pairs.
func effects() []float64 { return []float64{0, 0.01, 0.03, 0.05, 0.10} }

// resampled is what came of commits that were put together from the recorded
// pairs of unchanged benchmarks.
type resampled struct {
	effect float64
	series int // how many there were to draw from
	// commits are those with an alert, benches the benchmarks that are said to be
	// slower or faster; the others are shares of benchmarks.
	commits                              share
	slower, faster, suspected, undecided share
	pairs                                []float64 // of each benchmark
	rules                                []share   // slower, in the order of rules
	opposite                             []share   // faster
}

// resample puts commits of a hundred benchmarks together. Each benchmark is a
// recorded series of pairs of unchanged code, taken up at a random place and in
// the order in which it was recorded, as noise comes in bursts, and from its
// beginning again after its end. Each time, the sides of a pair change places at
// random, as its order is random; then head is multiplied.
func resample(all []outcome, commits int, seed uint64) ([]resampled, error) {
	var pool [][]pair
	for i := range all {
		if all[i].of.unchanged() && len(all[i].pairs) >= minSeries {
			pool = append(pool, all[i].pairs)
		}
	}
	if len(pool) == 0 || commits == 0 {
		return nil, nil
	}
	var list []resampled
	for i, effect := range effects() {
		r := resampled{effect: effect, series: len(pool), rules: make([]share, len(rules())), opposite: make([]share, len(rules()))}
		n := commits
		if effect != 0 {
			n = max(1, commits/10) // power needs fewer than rare alarms
		}
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		for range n {
			if err := r.commit(pool, random); err != nil {
				return nil, err
			}
		}
		list = append(list, r)
	}
	return list, nil
}

// commit resamples one.
func (r *resampled) commit(pool [][]pair, random *rand.Rand) error {
	var benches []gate.Bench
	drawn, lengths := map[string][]pair{}, map[string]int{}
	for i := range resampledBenches {
		name := string(rune('a'+i%26)) + string(rune('a'+i/26))
		benches = append(benches, gate.Bench{Name: name, Tests: []gate.Test{{Channel: gate.CPU}}})
		from := pool[random.IntN(len(pool))]
		drawn[name], lengths[name] = redraw(from, r.effect, random), len(from)
	}
	g, err := gate.New(gate.Config{Seed: random.Uint64()}, benches)
	if err != nil {
		return err
	}
	at := map[string]int{}
	for step, more := g.Next(); more; step, more = g.Next() {
		series := drawn[step.Bench]
		p := series[at[step.Bench]]
		at[step.Bench]++
		if err := g.Add(gate.Sample{gate.CPU: p.base.cpu}, gate.Sample{gate.CPU: p.head.cpu}, time.Millisecond); err != nil {
			return err
		}
	}
	alert := false
	for _, found := range g.Results() {
		alert = alert || found.Verdict == gate.Slower
		r.count(found, drawn[found.Bench], lengths[found.Bench])
	}
	r.commits.add(alert)
	return nil
}

// count adds one benchmark, as the gate and as the rules see it. Of runs at
// different times, half of what was recorded lies between the two.
func (r *resampled) count(found gate.Result, series []pair, recorded int) {
	r.slower.add(found.Verdict == gate.Slower)
	r.faster.add(found.Verdict == gate.Faster)
	r.suspected.add(found.Suspect == gate.Slower)
	r.undecided.add(found.Verdict == gate.Undecided)
	used := found.Pairs + found.ConfirmPairs
	r.pairs = append(r.pairs, float64(used))
	for i, rule := range rules() {
		pairs := series[:used]
		if rule.most > 0 {
			pairs = series[:recorded/2+rule.most]
		}
		if says, ok := rule.judge(pairs); ok {
			r.rules[i].add(says == slower)
			r.opposite[i].add(says == faster)
		}
	}
}

// maxRedrawn is how many pairs the gate may ask for, in search and confirmation.
const maxRedrawn = 2 * 200

// redraw takes up a series at a random place, exchanges sides at random and
// multiplies head.
func redraw(from []pair, effect float64, random *rand.Rand) []pair {
	start := random.IntN(len(from))
	to := make([]pair, max(maxRedrawn, len(from)+ten))
	for i := range to {
		p := from[(start+i)%len(from)]
		if random.Uint64()>>63 == 1 {
			p.base, p.head = p.head, p.base
		}
		p.head.cpu *= 1 + effect
		p.head.wall *= 1 + effect
		to[i] = p
	}
	return to
}
