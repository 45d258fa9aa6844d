package report

import (
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/plain"
)

// picture is an SVG being written, from the top. What a colour or a shape says is
// also written.
type picture struct {
	b             strings.Builder
	width, height float64
}

func (p *picture) printf(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

func (p *picture) text(x, y float64, class, s string) {
	p.printf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, escape(s))
}

func (p *picture) line(class string, x1, y1, x2, y2 float64) {
	p.printf("<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", class, x1, y1, x2, y2)
}

// mark draws the sign of a state, of which the form says as much as the colour.
func (p *picture) mark(s state, x, y float64) {
	switch s {
	case slower, hungrier, accepted:
		p.printf("<path class=\"mark %s\" d=\"M%.1f %.1fl6 6l-6 6l-6 -6Z\"/>\n", s.class(), x, y-6)
	case same:
		p.printf("<path class=\"mark same\" d=\"M%.1f %.1fh6v6h-6Z\"/>\n", x-3, y-3)
	default:
		p.printf("<circle class=\"mark %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n", s.class(), x, y)
	}
}

// class is the state in the style sheet.
func (s state) class() string {
	return [...]string{"slower", "hungrier", "accepted", "faster", "undecided", "same"}[s]
}

// close returns the whole picture.
func (p *picture) close(label string) string {
	return fmt.Sprintf("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n", p.width, math.Ceil(p.height), escape(label)) + p.b.String() + "</svg>\n"
}

// escape makes any text safe between tags and in attributes.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(plain.Line(s))) // a Builder does not fail
	return b.String()
}

// fit cuts a text to a width in pixels, in the middle: names differ at their ends.
func fit(s string, width, size float64) string {
	const char = 0.56 // mean width of a character, as a share of its size
	n := int(width / (char * size))
	all := []rune(s)
	if len(all) <= n {
		return s
	}
	tail := max(0, n/2-1)
	return string(all[:max(0, n-1-tail)]) + "…" + string(all[len(all)-tail:])
}

// scale places effects on an axis. Near 0 it is linear, and far from it logarithmic
// (asinh), so that 1 % and 250 % are seen in one picture.
type scale struct {
	channel          gate.Channel
	from, to         float64 // pixels
	low, high, pixel float64 // bent
}

// newScale is one that has room for all effects.
func newScale(c gate.Channel, effects []float64, from, to float64) scale {
	s := scale{channel: c, from: from, to: to}
	least := 2.0
	if timed(c) {
		least = 0.03
	}
	s.low, s.high = s.bend(-least), s.bend(least)
	for _, e := range effects {
		if !math.IsInf(e, 0) && !math.IsNaN(e) {
			s.low, s.high = min(s.low, s.bend(e)), max(s.high, s.bend(e))
		}
	}
	s.pixel = (to - from) / (s.high - s.low)
	return s
}

// bend makes ratios of times additive first: half is as far as twice.
func (s *scale) bend(effect float64) float64 {
	const linear, least = 0.02, 1e-3
	if timed(s.channel) {
		return math.Asinh(math.Log(max(least, 1+effect)) / linear)
	}
	return math.Asinh(effect)
}

// x is where an effect is; what has no end ends with the axis.
func (s *scale) x(effect float64) float64 {
	switch {
	case math.IsInf(effect, -1):
		return s.from
	case math.IsInf(effect, 1):
		return s.to
	}
	return s.from + (s.bend(effect)-s.low)*s.pixel
}

// ticks are round effects at least gap pixels from each other, 0 among them.
func (s *scale) ticks(gap float64) []float64 {
	const most = 1e12
	unit := 1.0
	if timed(s.channel) {
		unit = 0.01
	}
	out := []float64{0}
	for _, sign := range []float64{1, -1} {
		last := s.x(0)
		for decade := unit; decade < most; decade *= 10 {
			for _, digit := range []float64{1, 2, 5} {
				at := sign * decade * digit
				if timed(s.channel) && at <= -1 {
					break
				}
				if x := s.x(at); math.Abs(x-last) >= gap && x >= s.from && x <= s.to {
					out, last = append(out, at), x
				}
			}
		}
	}
	slices.Sort(out)
	return out
}
