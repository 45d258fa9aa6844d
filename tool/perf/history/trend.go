package history

import (
	"cmp"
	"slices"
	"time"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/accept"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

// Line is the trend of one channel of one benchmark on one machine, against one
// release.
type Line struct {
	accept.Bench
	Channel gate.Channel
	Machine Machine
	Points  []Point
}

// Point is one run.
type Point struct {
	Commit
	Time     time.Time
	Effect   float64
	Interval evalue.Interval
	Verdict  gate.Verdict
	Accepted bool
}

// Trend returns the runs against a release, a full hash, in the order of commits,
// such as Store.Commits returns: oldest first, and several runs of a commit by
// their time. Commits that are not among them, such as those of other branches,
// have no points. Lines are in the order of package, name, processors, channel and
// machine.
func Trend(runs []Run, release string, commits []Commit) []Line {
	place := make(map[string]int, len(commits))
	for i, c := range commits {
		place[c.Hash] = i
	}
	var on []Run
	for _, r := range runs {
		if _, ok := place[r.Head]; ok {
			on = append(on, r)
		}
	}
	groups, keys := group(on, release)
	lines := make([]Line, 0, len(keys))
	for _, k := range keys {
		points := groups[k] // by time
		slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(place[a.run.Head], place[b.run.Head]) })
		l := Line{Bench: k.bench, Channel: k.channel, Machine: k.machine}
		for _, p := range points {
			r := p.result
			l.Points = append(l.Points, Point{commits[place[p.run.Head]], p.run.Time, r.Effect, r.Interval, r.Verdict, r.Accepted})
		}
		lines = append(lines, l)
	}
	return lines
}
