package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gate"
)

// maxForest bounds the rows of one picture; what matters most is first.
const maxForest = 500

// forest is the intervals of one channel, one below the other.
type forest struct {
	Channel      gate.Channel
	Large, Small string // for wide screens and narrow ones
	Hidden       int    // benchmarks that are left out
	Equal        int    // those of a count without any difference, which are not drawn
}

// row is one benchmark in a forest.
type row struct {
	b *Benchmark
	t *Test
}

// forests draws the channels that were measured, times first.
func (r *Report) forests() []forest {
	var out []forest
	for _, c := range r.channels() {
		f := forest{Channel: c}
		var rows []row
		for i := range r.Benchmarks {
			b := &r.Benchmarks[i]
			for k := range b.Tests {
				t := &b.Tests[k]
				switch {
				case t.Channel != c || t.Pairs == 0:
				case !timed(c) && t.Effect == 0 && t.state() == same:
					f.Equal++
				case len(rows) == maxForest:
					f.Hidden++
				default:
					rows = append(rows, row{b, t})
				}
			}
		}
		slices.SortStableFunc(rows, func(a, b row) int {
			return cmp.Or(cmp.Compare(a.t.state(), b.t.state()), cmp.Compare(math.Abs(b.t.Effect), math.Abs(a.t.Effect)))
		})
		if len(rows) > 0 {
			f.Large, f.Small = r.forest(c, rows, false), r.forest(c, rows, true)
		}
		if len(rows)+f.Equal > 0 {
			out = append(out, f)
		}
	}
	return out
}

// channels are those that occur, in the order in which people read them.
func (r *Report) channels() []gate.Channel {
	out := []gate.Channel{gate.CPU, gate.Wall, gate.Allocs, gate.Bytes}
	known := make(map[gate.Channel]bool)
	for _, c := range out {
		known[c] = true
	}
	for i := range r.Benchmarks {
		for _, t := range r.Benchmarks[i].Tests {
			if !known[t.Channel] {
				known[t.Channel] = true
				out = append(out, t.Channel)
			}
		}
	}
	return out
}

// forest draws one channel.
func (r *Report) forest(c gate.Channel, rows []row, small bool) string {
	const axis = 26.0
	p := &picture{width: 960}
	left, right, step := 330.0, 690.0, 20.0
	if small {
		p.width, left, right, step = 360, 12, 348, 38
	}
	var effects []float64
	for _, x := range rows {
		effects = append(effects, x.t.Effect, x.t.Interval.Lo, x.t.Interval.Hi, x.t.Limit, x.t.mirror())
	}
	s := newScale(c, effects, left+14, right-14)
	p.height = axis + step*float64(len(rows)) + 8
	p.axis(&s, rows[0].t, axis)
	for i, x := range rows {
		top := axis + step*float64(i)
		if small {
			r.label(p, x, left, right, top+15)
			p.interval(&s, x.t, top+27)
			continue
		}
		r.label(p, x, 8, p.width-8, top+14)
		p.interval(&s, x.t, top+step/2)
	}
	return p.close("intervals of all benchmarks: " + noun(c))
}

// label writes the name to the left and what was found to the right.
func (r *Report) label(p *picture, x row, left, right, y float64) {
	const size, found = 13.0, 170.0
	class := x.t.state().class()
	width := 312.0
	if right-left < 400 {
		width = right - left - found
	}
	p.printf("<g><title>%s</title>\n", escape(cut(r.sentence(x.b))))
	p.text(left, y, "name", fit(r.name(x.b), width, size))
	p.b.WriteString("</g>\n")
	words := signed(x.t.Channel, x.t.Effect) + " (" + x.t.within() + ")"
	if word := x.t.Word(); right-left > 400 && word != "same" && word != "more" && word != "less" {
		words += " " + word
	}
	p.text(right, y, "end "+class, words)
}

// Word is the state of a test for people: what takes no time is not slower.
func (t *Test) Word() string {
	word := t.state().class()
	if !timed(t.Channel) {
		word = strings.NewReplacer("slower", "more", "hungrier", "more", "faster", "less").Replace(word)
	}
	return word
}

// mirror is the limit of being faster.
func (t *Test) mirror() float64 {
	if timed(t.Channel) {
		return 1/(1+t.Limit) - 1
	}
	return -t.Limit
}

// axis draws the scale above the rows, and the band of what is not worth a word.
func (p *picture) axis(s *scale, t *Test, top float64) {
	const gap = 46
	if t.Limit > 0 {
		p.printf("<path class=\"band\" d=\"M%.1f %.1fH%.1fV%.1fH%.1fZ\"/>\n", s.x(t.mirror()), top, s.x(t.Limit), p.height-4, s.x(t.mirror()))
	}
	for _, at := range s.ticks(gap) {
		class := "grid"
		if at == 0 {
			class = "zero"
		}
		p.line(class, s.x(at), top-4, s.x(at), p.height-4)
		p.text(s.x(at), top-9, "tick mid", signed(s.channel, at))
	}
}

// interval draws one, with its median.
func (p *picture) interval(s *scale, t *Test, y float64) {
	class := "range " + t.state().class()
	lo, hi := s.x(t.Interval.Lo), s.x(t.Interval.Hi)
	p.line(class, lo, y, hi, y)
	p.end(class, lo, y, 6, math.IsInf(t.Interval.Lo, -1))
	p.end(class, hi, y, -6, math.IsInf(t.Interval.Hi, 1))
	p.mark(t.state(), s.x(t.Effect), y)
}

// end closes an interval, or shows by an arrow that it is open.
func (p *picture) end(class string, x, y, inward float64, open bool) {
	if !open {
		inward = 0
	}
	p.printf("<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1f\"/>\n", class, x+inward, y-4, x, y, x+inward, y+4)
}
