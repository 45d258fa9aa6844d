package history

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/accept"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

// placement is what placing functions elsewhere may add to the time of unchanged
// code, as a share: the honest floor of perf-gate.md section 4. It is no noise, so
// no number of runs makes it smaller.
const placement = 0.015

// Finding is a benchmark that has become slower since the release, by however many
// small steps.
type Finding struct {
	accept.Bench
	Channel gate.Channel
	Machine Machine
	// Log is the e-value of all runs together; its P bounds the chance of a false
	// alarm for this series by itself, however often one looks.
	Log evalue.Log
	// Effect and Interval are those of the last run, which says how it is now.
	Effect   float64
	Interval evalue.Interval
	Runs     int // of the series
	// From is the head of the run from which on they say the most: about there it
	// began. Head is that of the last.
	From, Head string
	Time       time.Time // of the last run
	// Accepted is whether commit messages accept as much as the last run found.
	Accepted bool
}

// series is what is compared: only what is equal in all of this.
type series struct {
	bench   accept.Bench
	channel gate.Channel
	machine Machine
	bound   float64
}

// point is a result and the run that it is of.
type point struct {
	run    *Run
	result *Result
}

// Creep finds the benchmarks that are slower than at a release, a full hash, by
// multiplying the e-values of runs with that base: the strongest first. m is the
// number of series that there are, of equal benchmark, channel, machine and bound;
// others are never multiplied.
//
// As nobody knows when a creep began, the e-value after n runs is the mean over
// all starts j of the product of the runs j to n, with weights 1/(j(j+1)); starts
// to come have the rest of the weight, 1/(n+1), and 1 as their product. (Such
// mixtures over start times are in Shin, Ramdas and Rinaldo, "E-detectors", New
// England Journal of Statistics in Data Science 2, 2023.) Each product is an
// e-process, so their mean is one: months without any creep cost a factor of n(n+1)
// at most, and not what their runs have lost.
//
// False alarms: if in no series the median of a pair is beyond the bound (1 % of
// CPU), given all before it, the chance that Creep ever returns anything, whichever
// nights one looks, is at most alpha (above 0 and up to 1), as long as the series
// are the same. If some are beyond, at most the share alpha of what is returned is
// false, in expectation (e-BH, under any dependence of benchmarks). For that, runs
// need not be independent, but none may be left out because of what it found. Runs of
// a machine that is no longer used may: its findings would never end.
//
// A finding is left out if the last run takes it back: its effect is within the
// bound or, of times, within what placement alone may do.
func Creep(runs []Run, release string, alpha float64) (found []Finding, m int) {
	groups, keys := group(runs, release)
	values := make([]evalue.Named, len(keys))
	for i, k := range keys {
		log, _ := multiply(groups[k])
		values[i] = evalue.Named{Name: fmt.Sprintf("%09d", i), Log: log} // names sort as keys do
	}
	for _, v := range evalue.BH(alpha, len(keys), values) {
		i, _ := strconv.Atoi(v.Name)
		if f := keys[i].finding(groups[keys[i]]); f.Effect > keys[i].least() {
			found = append(found, f)
		}
	}
	return found, len(keys)
}

// group sorts the results of runs with a base into series, each in the order of
// time; and the series by all they are.
func group(runs []Run, base string) (map[series][]point, []series) {
	groups := make(map[series][]point)
	for i := range runs {
		if runs[i].Base != base {
			continue
		}
		for j := range runs[i].Results {
			r := &runs[i].Results[j]
			k := series{r.Bench, r.Channel, runs[i].Machine, r.Slower.Bound}
			groups[k] = append(groups[k], point{&runs[i], r})
		}
	}
	for _, points := range groups {
		slices.SortStableFunc(points, func(a, b point) int {
			return cmp.Or(a.run.Time.Compare(b.run.Time), cmp.Compare(a.run.Head, b.run.Head))
		})
	}
	return groups, slices.SortedFunc(maps.Keys(groups), series.compare)
}

func (s series) compare(t series) int {
	a, b := s.machine, t.machine
	return cmp.Or(
		cmp.Compare(s.bench.Package, t.bench.Package), cmp.Compare(s.bench.Name, t.bench.Name),
		cmp.Compare(s.bench.Procs, t.bench.Procs), cmp.Compare(s.channel, t.channel),
		cmp.Compare(a.CPU, b.CPU), cmp.Compare(a.Cores, b.Cores), cmp.Compare(a.OS, b.OS), cmp.Compare(a.Arch, b.Arch),
		cmp.Compare(a.Toolchain, b.Toolchain), cmp.Compare(s.bound, t.bound),
	)
}

// multiply returns the e-value of the points together, and the index of the start
// that has most of it.
func multiply(points []point) (log evalue.Log, from int) {
	n := len(points)
	rest := evalue.Of(1 / float64(n+1)) // the starts to come
	terms := []evalue.Log{rest}
	product, most := evalue.Log(0), evalue.Log(math.Inf(-1))
	for j := n; j >= 1; j-- {
		product = evalue.Product(product, points[j-1].result.log())
		term := evalue.Product(product, -evalue.Log(math.Log(float64(j))+math.Log(float64(j+1))))
		terms = append(terms, term)
		if term >= most {
			most, from = term, j-1
		}
	}
	// Mean divides by their number, and the weights have done that already.
	return evalue.Product(evalue.Mean(terms...), evalue.Of(float64(len(terms)))), from
}

// least is the effect up to which there is nothing to say.
func (s series) least() float64 {
	if s.channel == gate.CPU || s.channel == gate.Wall {
		return max(math.Expm1(s.bound), placement)
	}
	return s.bound
}

func (s series) finding(points []point) Finding {
	log, from := multiply(points)
	last := points[len(points)-1]
	return Finding{
		Bench: s.bench, Channel: s.channel, Machine: s.machine, Log: log,
		Effect: last.result.Effect, Interval: last.result.Interval, Accepted: last.result.Accepted,
		Runs: len(points), From: points[from].run.Head, Head: last.run.Head, Time: last.run.Time,
	}
}
