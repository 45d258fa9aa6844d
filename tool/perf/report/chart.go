package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gate"
)

const (
	maxTrends = 60  // pictures on the page
	maxPoints = 200 // commits of one trend, the latest
)

// chart draws how a benchmark stood against a pinned release, commit by commit.
func (t *Trend) chart() string {
	const left, right, top, bottom = 58.0, 408.0, 12.0, 150.0
	points := t.Points[max(0, len(t.Points)-maxPoints):]
	if len(points) == 0 {
		return ""
	}
	p := &picture{width: 420, height: 178}
	low, high := t.span(points)
	y := func(effect float64) float64 {
		return bottom - (min(max(effect, low), high)-low)/(high-low)*(bottom-top)
	}
	for _, at := range steps(low, high) {
		class := "grid"
		if at == 0 {
			class = "zero"
		}
		p.line(class, left, y(at), right, y(at))
		p.text(left-6, y(at)+4, "tick end", signed(t.Channel, at))
	}
	var path strings.Builder
	each := (right - left - 20) / math.Max(1, float64(len(points)-1))
	for i, point := range points {
		x := left + 10 + each*float64(i)
		p.line("range "+t.state().class(), x, y(point.Interval.Lo), x, y(point.Interval.Hi))
		fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], x, y(point.Effect))
	}
	p.printf("<path class=\"course\" d=\"%s\"/>\n", path.String())
	for i, point := range points {
		x := left + 10 + each*float64(i)
		p.printf("<g><title>%s</title><circle class=\"point %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/></g>\n", escape(cut(point.words(t.Channel))), t.state().class(), x, y(point.Effect))
	}
	first, last := points[0], points[len(points)-1]
	p.text(left, bottom+20, "hash", Revision{Hash: first.Hash}.Short())
	if len(points) > 1 {
		p.text(right, bottom+20, "hash end", Revision{Hash: last.Hash}.Short())
	}
	return p.close(title(t.Name, t.Procs) + ", " + noun(t.Channel) + " against " + t.Release)
}

// words tell one point.
func (p *Point) words(c gate.Channel) string {
	return Revision{Hash: p.Hash}.Short() + " " + p.Subject + ": " + signed(c, p.Effect) + " (" + interval(c, p.Interval, 0) + ")"
}

// span is the range of effects that a chart shows.
func (t *Trend) span(points []Point) (low, high float64) {
	least := 1.0
	if timed(t.Channel) {
		least = 0.02
	}
	const most = 1e12
	low, high = -least, least
	for _, p := range points {
		for _, v := range []float64{p.Effect, p.Interval.Lo, p.Interval.Hi} {
			if !math.IsInf(v, 0) {
				low, high = max(-most, min(low, v)), min(most, max(high, v))
			}
		}
	}
	return low, high
}

// steps are about four round values from low to high, 0 among them.
func steps(low, high float64) []float64 {
	const most = 4
	size := math.Pow(10, math.Floor(math.Log10((high-low)/most)))
	for _, digit := range []float64{1, 2, 5, 10} {
		if (high-low)/(size*digit) <= most+1 {
			size *= digit
			break
		}
	}
	var out []float64
	for at := math.Ceil(low/size) * size; at <= high && len(out) <= 2*most; at += size {
		out = append(out, math.Round(at/size)*size)
	}
	return out
}

// state is that of all points together.
func (t *Trend) state() state {
	x := Test{Verdict: t.Verdict, Fails: t.Verdict == gate.Slower && !t.Accepted, Acceptance: &Acceptance{Covers: t.Accepted}}
	return x.state()
}

// profile is the functions of one benchmark that a profile tells apart, in one
// channel.
type profile struct {
	Channel gate.Channel
	Rows    []bar
	Hidden  int
}

// bar is one function, with what it takes as a share of the largest.
type bar struct {
	Difference
	BeforeShare, AfterShare float64 // 0 to 100
}

const (
	maxProfiles = 50 // benchmarks on the page
	maxBars     = 15 // functions of one
)

// profiles are the differences of one benchmark by channel, the largest first.
func (b *Benchmark) profiles() []profile {
	var out []profile
	for _, d := range b.Profile {
		i := slices.IndexFunc(out, func(p profile) bool { return p.Channel == d.Channel })
		if i < 0 {
			i = len(out)
			out = append(out, profile{Channel: d.Channel})
		}
		out[i].Rows = append(out[i].Rows, bar{Difference: d})
	}
	for i := range out {
		out[i].fill()
	}
	return out
}

func (p *profile) fill() {
	slices.SortStableFunc(p.Rows, func(a, b bar) int {
		return cmp.Compare(math.Abs(b.After-b.Before), math.Abs(a.After-a.Before))
	})
	if len(p.Rows) > maxBars {
		p.Rows, p.Hidden = p.Rows[:maxBars], len(p.Rows)-maxBars
	}
	most := 0.0
	for _, r := range p.Rows {
		most = max(most, r.Before, r.After)
	}
	for i := range p.Rows {
		r := &p.Rows[i]
		if most > 0 {
			r.BeforeShare, r.AfterShare = 100*(max(0, r.Before)/most), 100*(max(0, r.After)/most)
		}
	}
}
