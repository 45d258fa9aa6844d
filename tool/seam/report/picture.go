package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// measure is how large a picture is, in pixels, and how much is in it.
type measure struct {
	width  float64
	margin float64
	rock   float64 // least height of the rock
	band   float64 // between the halves, where the line is
	pieces int     // drawn in each half; more are drawn as folders
	tables int     // named on the line
	small  bool    // without a title, the ground's pieces and the legend
}

func largePicture() measure {
	return measure{width: 1000, margin: 28, rock: 420, band: 190, pieces: 30, tables: 4}
}

func smallPicture() measure {
	return measure{width: 330, margin: 8, rock: 170, band: 84, pieces: 14, small: true}
}

const (
	char     = 0.6  // width of a character over its size, on the safe side
	least    = 0.14 // of the rock: a smaller half has no room for its name
	station  = 38.0 // height on the line of one thing that crosses
	strata   = 58.0 // height of the ground
	maxStory = 4    // reasons under a rock that stays whole
)

// picture is what is drawn, with its places.
type picture struct {
	m      measure
	rock   polygon
	halves [2][]piece
	ground []piece
	whole  bool    // no line goes through; a refused one may be faint
	line   float64 // x of the line, 0 for none
	top    float64 // of the rock
	bottom float64
	left   int // lines in each half, as drawn
	right  int
	shared int
	stands []stand
}

// stand is something on the line: a bridge, a table, a warning.
type stand struct {
	kind    string // bridge, table, note
	class   string
	text    string
	sub     string
	ab, ba  bool // which way a bridge is used
	y       float64
	tooltip string
}

// newPicture chooses what to draw of one seam and gives it places below top.
func newPicture(r *Report, index int, m measure, top float64) *picture {
	p := &picture{m: m, top: top, whole: r.refused() || len(r.Seams) == 0}
	p.choose(r, index)
	if !p.whole {
		p.stands = stands(&r.Seams[index], m)
	}
	const air = 96 // above and below, since the rock is lower where the line is near its end
	height := max(m.rock, standsHeight(p.stands)+air)
	if m.small {
		height = max(m.rock, standsHeight(p.stands)+air/3)
	}
	p.bottom = top + height
	p.rock = outline(m.margin, top, m.width-2*m.margin, height)
	p.place()
	offset := top + (height-standsHeight(p.stands))/2
	for i := range p.stands {
		p.stands[i].y += offset
	}
	return p
}

// outline is a rock that lies on its flat side.
func outline(x, y, w, h float64) polygon {
	rough := polygon{
		{0.03, 1}, {0, 0.78}, {0.008, 0.46}, {0.035, 0.22}, {0.10, 0.075}, {0.24, 0.018}, {0.46, 0},
		{0.70, 0.02}, {0.86, 0.07}, {0.955, 0.19}, {0.99, 0.42}, {1, 0.74}, {0.975, 1},
	}
	for i, p := range rough {
		rough[i] = point{x + p.x*w, y + p.y*h}
	}
	return rough
}

// choose sums the packages of each side.
func (p *picture) choose(r *Report, index int) {
	hot := map[string]int{}
	if len(r.Seams) > 0 {
		for _, b := range r.Seams[index].Between {
			hot[b.From] += b.Across
			hot[b.To] += b.Across
		}
	}
	sides := r.packageSides(index)
	var all [3][]piece
	for _, pkg := range r.Packages {
		lines := sides[pkg.Path]
		if p.whole {
			lines = keep(lines, pkg.Lines)
		}
		for side, n := range lines {
			if n > 0 {
				all[side] = append(all[side], piece{path: pkg.Path, count: 1, lines: n, total: pkg.Lines, hot: hot[pkg.Path]})
			}
		}
	}
	p.left, p.right, p.shared = sumLines(all[0]), sumLines(all[1]), sumLines(all[2])
	for side := range p.halves {
		p.halves[side] = pack(all[side], p.m.pieces)
	}
	p.ground = pack(all[2], p.m.pieces/3)
}

// keep holds a package of a rock that stays whole in one piece, on the side
// of the refused line where most of it is.
func keep(lines [3]int, total int) [3]int {
	if lines[1] > lines[0] {
		return [3]int{0, total, 0}
	}
	return [3]int{total, 0, 0}
}

func sumLines(all []piece) int {
	n := 0
	for _, x := range all {
		n += x.lines
	}
	return n
}

// place breaks the rock.
func (p *picture) place() {
	across := point{1, 0}
	halves := [2]polygon{p.rock, nil}
	if p.left > 0 && p.right > 0 {
		share := float64(p.left) / float64(p.left+p.right)
		band := p.m.band
		if p.whole {
			band = 0
		}
		halves[0], halves[1], p.line = p.rock.split(across, max(least, min(1-least, share)), band)
	} else if p.left == 0 {
		halves = [2]polygon{nil, p.rock}
	}
	for side, half := range halves {
		// What touches the line stands next to it.
		p.setShapes(p.halves[side], half, side == 0)
	}
	left, right, top := p.m.margin, p.m.width-p.m.margin, p.bottom+8
	p.setShapes(p.ground, polygon{{left, top}, {right, top}, {right, top + strata}, {left, top + strata}}, false)
}

// setShapes gives each piece its part of a shape. The smallest are drawn larger
// than they are, so that they can be seen.
func (p *picture) setShapes(pieces []piece, shape polygon, mirrored bool) {
	const visible = 0.004
	if len(pieces) == 0 || len(shape) < 3 {
		return
	}
	sizes := make([]float64, len(pieces))
	floor := visible * float64(sumLines(pieces))
	for i, x := range pieces {
		sizes[i] = max(floor, float64(x.lines), 1)
	}
	for i, s := range shape.shatter(sizes, mirrored) {
		pieces[i].shape = s
	}
}

// stands lists what is on the line, from the top, with heights from 0.
func stands(s *Seam, m measure) []stand {
	var out []stand
	for _, c := range slices.Backward(s.byClass()) {
		if c.Class == "R" {
			continue
		}
		words := c.Short
		if m.small {
			words = c.Tiny
		}
		out = append(out, stand{kind: "bridge", class: c.Class, text: number(c.Count) + " " + words,
			ab: c.FromA > 0, ba: c.FromB > 0, tooltip: fmt.Sprintf("%s: %s", plural(c.Count, "reference"), c.Long)})
	}
	for i, t := range s.Tables {
		if i == m.tables || m.small {
			break
		}
		out = append(out, stand{kind: "table", class: tableClass(t), text: t.Name, sub: "a " + touches(t.A) + ", b " + touches(t.B), tooltip: t.Why})
	}
	if n := len(s.Tables) - m.tables; n > 0 || m.small && len(s.Tables) > 0 {
		words := plural(n, "more table")
		if m.small {
			words = plural(len(s.Tables), "table")
		}
		out = append(out, stand{kind: "note", class: "M2", text: words, tooltip: "tables that both halves touch"})
	}
	if n := len(s.Transactions); n > 0 {
		out = append(out, stand{kind: "note", class: "B", text: transactionWords(n, m), tooltip: "places where a transaction would be cut"})
	}
	if n := len(s.Twice); n > 0 && !m.small {
		out = append(out, stand{kind: "note", class: "M2", text: plural(n, "thing") + " in two copies", tooltip: "process-wide state that would exist once in each half"})
	}
	y := 0.0
	for i := range out {
		out[i].y = y
		y += station
		if out[i].kind == "table" {
			y += 14
		}
	}
	return out
}

func transactionWords(n int, m measure) string {
	if m.small {
		return number(n) + " tx cut"
	}
	return plural(n, "transaction") + " cut"
}

func standsHeight(all []stand) float64 {
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].y + 26
}

func tableClass(t Table) string {
	switch {
	case t.A == "write" && t.B == "write":
		return "B"
	case t.A == "write" || t.B == "write":
		return "M2"
	}
	return "M0"
}

// touches says how a half touches a table.
func touches(verb string) string {
	if verb == "" {
		return "-"
	}
	return verb + "s"
}

// label is what fits onto a piece, in one or two lines: its whole name and how
// large it is, or its name broken at a slash, or the end of its name.
func (x piece) label(size float64) (first, second string, at point) {
	at = x.shape.centre()
	one := int(x.shape.room(at.y, 0.8*size) / (char * size))
	two := int(x.shape.room(at.y, 1.5*size) / (char * size))
	full, below := x.long()
	dir, base := "", x.path
	if i := strings.LastIndex(x.path, "/"); i >= 0 && !x.rest {
		dir, base = x.path[:i+1], x.path[i+1:]
	}
	if x.count > 1 {
		base += "/…"
	}
	switch {
	case fits(full, two) && fits(below, two):
		return full, below, at
	case fits(full, one):
		return full, "", at
	case dir != "" && fits(base, two) && shorten(dir, two) != "":
		return shorten(dir, two), base, at
	}
	return x.name(one), "", at
}

func fits(s string, n int) bool { return utf8.RuneCountInString(s) <= n }

// room is the width of text that reaches some way above and below y.
func (p polygon) room(y, reach float64) float64 {
	const air = 8
	width := math.Inf(1)
	centre := p.centre().x
	for _, at := range []float64{y - reach, y + reach} {
		left, right, ok := p.chord(at)
		if !ok {
			return 0
		}
		// Text is centred on the centre of gravity, not on the chord.
		width = min(width, 2*(centre-left), 2*(right-centre))
	}
	return width - air
}
