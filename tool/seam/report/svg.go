package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	_ "embed" // the style

	"github.com/hemilith/hemilith/tool/plain"
)

// pictureStyle has light and dark. Colours of the halves differ in lightness as
// well, and all that a colour says is also written, so that nothing hangs on
// hue.
//
//go:embed picture.css
var pictureStyle string

// SVG draws the program with the line through it, as one self-contained file
// for light and dark screens and for print. The same report gives the same
// bytes.
func (r *Report) SVG(w io.Writer) error {
	_, err := io.WriteString(w, r.drawing(0, largePicture(), true))
	return err
}

// drawing draws one seam. A file of its own brings its style.
func (r *Report) drawing(index int, m measure, file bool) string {
	d := &drawing{r: r, m: m}
	if len(r.Seams) > 0 {
		d.seam = &r.Seams[index]
	}
	d.head(file)
	d.p = newPicture(r, index, m, d.y)
	d.rock()
	d.line()
	d.ground()
	d.foot(file)
	return d.close(index, file)
}

// drawing is a picture being written, from the top.
type drawing struct {
	r    *Report
	m    measure
	seam *Seam // nil if there is none
	p    *picture
	b    strings.Builder
	y    float64 // how far it got
}

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(&d.b, format, args...) }

func (d *drawing) text(x, y float64, class, s string) {
	d.printf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, escape(s))
}

// escape makes any text safe between tags and in attributes.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(plain.Line(s))) // a Builder does not fail
	return b.String()
}

// fit cuts a text to a width in pixels.
func fit(s string, width, size float64) string {
	n := int(width / (char * size))
	all := []rune(s)
	if len(all) <= n {
		return s
	}
	return string(all[:max(0, n-1)]) + "…"
}

// head writes the title, the verdict and the names of the halves.
func (d *drawing) head(file bool) {
	d.y = d.m.margin
	if file {
		d.text(d.m.margin, d.y+18, "h1", fit(d.r.Module, d.m.width-2*d.m.margin, 20))
		d.text(d.m.margin, d.y+42, "h2", d.r.verdictLine())
		d.y += 62
	}
	if d.seam == nil || d.r.refused() {
		d.text(d.m.margin, d.y+16, "h2", "one piece")
		d.text(d.m.margin, d.y+34, "dim", fit(d.wholeSize(), d.m.width-2*d.m.margin, 12))
		d.y += 78
		return
	}
	half := d.m.width/2 - d.m.margin - 4
	for side, h := range []Half{d.seam.A, d.seam.B} {
		x, class := d.m.margin, ""
		if side == 1 {
			x, class = d.m.width-d.m.margin, " end"
		}
		size := 17.0
		if d.m.small {
			size = 14
		}
		d.text(x, d.y+16, "h3 t"+"ab"[side:side+1]+class, fit("ab"[side:side+1]+": "+root(h.Name), half, size))
		for i, words := range d.halfWords(side, h) {
			d.text(x, d.y+34+16*float64(i), "dim"+class, fit(words, half, 12))
		}
	}
	d.y += 34 + 16*float64(len(d.halfWords(0, d.seam.A)))
}

// verdictLine is the verdict with the halves that it is about.
func (r *Report) verdictLine() string {
	line := r.headline()
	if s := r.proposal(); s != nil && !r.refused() {
		line += ": " + root(s.A.Name) + " | " + root(s.B.Name)
	}
	return line
}

func (d *drawing) wholeSize() string {
	words := plural(d.r.Size.Lines, "line") + " in " + plural(d.r.Size.Packages, "package")
	if kinds := d.r.kinds(""); kinds != "" {
		words += "; entry points: " + kinds
	}
	return words
}

// halfWords are the lines below the name of a half.
func (d *drawing) halfWords(side int, h Half) []string {
	if d.m.small {
		return []string{plural(h.Lines, "line"), some(h.Entries, "entry point")}
	}
	words := []string{plural(h.Lines, "line") + ", " + some(h.Entries, "entry point")}
	kinds := d.r.kinds("ab"[side : side+1])
	if h.Entries == 0 {
		kinds = ""
	}
	words = append(words, kinds)
	if people := d.seam.People; d.seam.anybody() {
		n := len(people.AuthorsA)
		if side == 1 {
			n = len(people.AuthorsB)
		}
		words = append(words, persons(n)+" here alone, "+persons(len(people.AuthorsBoth))+" on both sides")
	}
	return words
}

// rock draws the outline and the pieces.
func (d *drawing) rock() {
	d.shape("rock", d.p.rock)
	for side, pieces := range d.p.halves {
		class := "ab"[side : side+1]
		if d.p.whole {
			class = "n"
		}
		for _, x := range pieces {
			d.piece(class, x)
		}
	}
	d.shape("edge", d.p.rock)
	d.y = d.p.bottom
}

func (d *drawing) shape(class string, p polygon) {
	d.printf("<path class=\"%s\" d=\"", class)
	for i, at := range p {
		d.printf("%c%.1f %.1f", "ML"[min(i, 1)], at.x, at.y)
	}
	d.b.WriteString("Z\"/>\n")
}

func (d *drawing) piece(class string, x piece) {
	if len(x.shape) < 3 {
		return
	}
	d.printf("<g><title>%s</title>", escape(x.tip()))
	d.shape("piece "+class, x.shape)
	first, second, at := x.label(12)
	switch {
	case second != "" && strings.HasSuffix(first, "/"):
		d.text(at.x, at.y-2, "mid dim small", first)
		d.text(at.x, at.y+12, "mid", second)
	case second != "":
		d.text(at.x, at.y-1, "mid", first)
		d.text(at.x, at.y+13, "mid dim small", second)
	case first != "":
		d.text(at.x, at.y+4, "mid", first)
	}
	d.b.WriteString("</g>\n")
}

// line draws the line and what stands on it; a refused line is faint.
func (d *drawing) line() {
	if d.p.line == 0 {
		return
	}
	const over, step, jag = 16.0, 14.0, 4.0
	class := "seam"
	switch {
	case d.p.whole:
		class = "seam faint"
	case d.r.Weak:
		class = "seam weak"
	}
	d.printf("<path class=\"%s\" d=\"M%.1f %.1f", class, d.p.line, d.p.top-over)
	for i, y := 0, d.p.top-over+step; y <= d.p.bottom; i, y = i+1, y+step {
		d.printf("L%.1f %.1f", d.p.line+jag*float64(1-2*(i%2)), y)
	}
	d.printf("L%.1f %.1f\"/>\n", d.p.line, d.p.bottom)
	if d.p.whole {
		label := "the best line, refused"
		if d.seam != d.r.proposal() {
			label = "refused too"
		}
		const size = 12
		room := char * size * float64(len(label)) / 2
		d.text(min(max(d.p.line, room), d.p.m.width-room), d.p.top-over-4, "mid dim", label)
	}
	d.caption()
	for _, s := range d.p.stands {
		d.printf("<g><title>%s</title>", escape(s.tooltip))
		switch s.kind {
		case "bridge":
			d.bridge(s)
		case "table":
			d.table(s)
		default:
			d.note(s)
		}
		d.b.WriteString("</g>\n")
	}
}

// caption says what the bridges are, or that there are none.
func (d *drawing) caption() {
	if d.p.whole || d.m.small {
		return
	}
	words := "what crosses the line"
	if len(d.p.stands) == 0 || d.p.stands[0].kind != "bridge" {
		words = "nothing crosses the line"
	}
	y := (d.p.top + d.p.bottom) / 2
	if len(d.p.stands) > 0 {
		y = d.p.stands[0].y - 9
	}
	d.printf("<rect class=\"under\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"16\"/>", d.p.line-d.m.band/2+4, y-12, d.m.band-8)
	d.text(d.p.line, y, "mid small", words)
}

// bridge lies over the gap, with a tip on the side that is called.
func (d *drawing) bridge(s stand) {
	const h, tip, hold = 26.0, 9.0, 3.0
	left, right := d.p.line-d.m.band/2-hold, d.p.line+d.m.band/2+hold
	var p polygon
	if s.ba {
		p = append(p, point{left, s.y + h}, point{left - tip, s.y + h/2}, point{left, s.y})
	} else {
		p = append(p, point{left, s.y + h}, point{left, s.y})
	}
	if s.ab {
		p = append(p, point{right, s.y}, point{right + tip, s.y + h/2}, point{right, s.y + h})
	} else {
		p = append(p, point{right, s.y}, point{right, s.y + h})
	}
	d.shape("bridge "+s.class, p)
	d.text(d.p.line, s.y+h/2+4.5, "mid bold", fit(s.text, right-left, 12.5))
}

// table is a drum that stands on the line.
func (d *drawing) table(s stand) {
	const h, rim = 44.0, 5.0
	w := min(d.m.band-16, max(110, char*12*float64(max(len([]rune(s.text)), len(s.sub)))+20))
	x := d.p.line - w/2
	d.printf("<path class=\"drum %s\" d=\"M%.1f %.1fa%.1f %.1f 0 0 1 %.1f 0v%.1fa%.1f %.1f 0 0 1 %.1f 0z\"/>", s.class, x, s.y+rim, w/2, rim, w, h-2*rim, w/2, rim, -w)
	d.printf("<path class=\"drum %s open\" d=\"M%.1f %.1fa%.1f %.1f 0 0 0 %.1f 0\"/>\n", s.class, x, s.y+rim, w/2, rim, w)
	d.text(d.p.line, s.y+25, "mid bold", fit(s.text, w-10, 12))
	d.text(d.p.line, s.y+38, "mid small", fit(s.sub, w-8, 11))
}

func (d *drawing) note(s stand) {
	w := char*12*float64(len([]rune(s.text))) + 16
	d.printf("<rect class=\"note %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"24\" rx=\"4\"/>", s.class, d.p.line-w/2, s.y+1, w)
	d.text(d.p.line, s.y+17, "mid", s.text)
}

// ground is the code under both halves.
func (d *drawing) ground() {
	if d.p.whole || d.seam == nil {
		return
	}
	lines := d.seam.Both.Lines
	words := "shared ground: " + plural(lines, "line") + ", linked into each half"
	if d.m.small {
		words = "shared: " + plural(lines, "line")
		d.printf("<rect class=\"strata\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"24\"/>\n", d.m.margin, d.y+6, d.m.width-2*d.m.margin)
		d.text(d.m.width/2, d.y+22, "mid small", words)
		d.y += 36
		return
	}
	d.y += 8
	if len(d.p.ground) == 0 {
		d.printf("<rect class=\"strata\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"10\"/>\n", d.m.margin, d.y, d.m.width-2*d.m.margin)
		d.y += 10
	} else {
		for _, x := range d.p.ground {
			d.piece("s", x)
		}
		d.y += strata
	}
	d.text(d.m.margin, d.y+18, "bold", words)
	d.y += 28
}

// foot says why a rock stays whole, and how to read the picture.
func (d *drawing) foot(file bool) {
	d.y += 6
	if d.p.whole && file {
		d.reasons()
	}
	if d.m.small {
		return
	}
	words := "Each piece is a package, or a folder of them (…); its area is its lines of code, within a half."
	if !d.p.whole {
		words += " A name in both halves is a package that the line splits. A bridge counts references; its tips point to what is called. Drums are tables that both halves touch."
	}
	for _, line := range fold(words, int((d.m.width-2*d.m.margin)/(char*11))) {
		d.text(d.m.margin, d.y+12, "dim small", line)
		d.y += 15
	}
	if file {
		words := number(d.r.Size.Lines) + " lines, " + plural(d.r.Size.Packages, "package") + ", " + plural(d.r.Size.Declarations, "declaration")
		if d.r.Basis != "" {
			words += "; judged by " + d.r.Basis
		}
		d.text(d.m.margin, d.y+12, "dim small", words)
		d.y += 15
	}
}

func (d *drawing) reasons() {
	const maxLines = 8
	n := 0
	for _, why := range d.r.Reasons[:min(len(d.r.Reasons), maxStory)] {
		for i, line := range fold(why, int((d.m.width-2*d.m.margin-16)/(char*13))) {
			if n++; n > maxLines {
				return
			}
			if i == 0 {
				d.text(d.m.margin, d.y+14, "", "–")
			}
			d.text(d.m.margin+16, d.y+14, "", line)
			d.y += 18
		}
	}
	d.y += 8
}

// close puts the frame around what was written.
func (d *drawing) close(index int, file bool) string {
	height := d.y + 14
	title, desc := d.r.Module+": "+d.r.verdictLine(), d.describe()
	if d.seam != nil && index > 0 {
		title = d.r.Module + ": " + d.seam.title()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg class=\"rockpicture\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\" aria-labelledby=\"t%d d%d\"", d.m.width, height, d.m.width, height, index, index)
	if file {
		b.WriteString(" xmlns=\"http://www.w3.org/2000/svg\"")
	}
	fmt.Fprintf(&b, ">\n<title id=\"t%d\">%s</title>\n<desc id=\"d%d\">%s</desc>\n", index, escape(title), index, escape(desc))
	if file {
		fmt.Fprintf(&b, "<style>\n%s</style>\n<rect class=\"bg\" width=\"100%%\" height=\"100%%\"/>\n", pictureStyle)
	}
	b.WriteString(d.b.String())
	b.WriteString("</svg>\n")
	return b.String()
}

// describe says the picture in words, for those who don't see it.
func (d *drawing) describe() string {
	if d.p.whole || d.seam == nil {
		return d.wholeSize() + ". " + strings.Join(d.r.Reasons[:min(len(d.r.Reasons), maxStory)], ". ")
	}
	words := fmt.Sprintf("Half a, %s: %s, %s. Half b, %s: %s, %s. Both: %s.",
		d.seam.A.Name, plural(d.seam.A.Lines, "line"), plural(d.seam.A.Entries, "entry point"),
		d.seam.B.Name, plural(d.seam.B.Lines, "line"), plural(d.seam.B.Entries, "entry point"), plural(d.seam.Both.Lines, "line"))
	for _, s := range d.p.stands {
		words += " On the line: " + strings.TrimSuffix(s.text+", "+s.sub, ", ") + "."
	}
	return words
}
