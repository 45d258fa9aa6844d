package seam

import (
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Measures of the picture, in pixels.
const (
	margin   = 28.0
	gap      = 190.0 // between the halves, where the line is
	padding  = 26.0  // within a half
	headH    = 44.0  // heading of a half
	portStep = 19.0  // between two crossings on the line
	maxPorts = 40    // crossings drawn; the lightest others are counted
	minWidth = 860.0
	minHalf  = 215.0 // what the words below its name take
)

// style has light and dark in one file. Colours of the halves differ in
// lightness as well, and blocked crossings are dashed, so that nothing hangs on
// hue alone.
const style = `<style>
text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;font-size:12px;fill:#1f2328}
.bg{fill:#ffffff}.h1{font-size:20px;font-weight:600}.h2{font-size:14px;font-weight:600}.dim{fill:#57606a}
.ra{fill:#eaf2fd;stroke:#9dbfe8}.rb{fill:#fdf1e3;stroke:#e0b983}.rs{fill:#f3f4f6;stroke:#c9ced6}
.a{fill:#bcd7f7;stroke:#3b73b5}.b{fill:#f8d3a4;stroke:#b07218}.s{fill:#ffffff;stroke:#9aa3ad}
.use{stroke:#8b949e;stroke-opacity:.45;fill:none}.tip{fill:#8b949e}
.seam{stroke:#57606a;stroke-width:2;stroke-dasharray:2 6;stroke-linecap:round}
.over{fill:none;stroke-opacity:.8}.e0{stroke:#2da44e}.e1{stroke:#8250df}.e2{stroke:#cf222e;stroke-dasharray:7 4}
.pill{fill:#ffffff;stroke:#57606a}.n{font-size:11px;text-anchor:middle;font-weight:600}.c{text-anchor:middle}
.small{font-size:10.5px}.mix{fill:none;stroke-width:2.5;stroke-dasharray:4 3}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.bg{fill:#0d1117}.dim{fill:#9ea7b3}
.ra{fill:#101d30;stroke:#2f578a}.rb{fill:#2a1d0c;stroke:#7d5a23}.rs{fill:#161b22;stroke:#3d444d}
.a{fill:#1f4373;stroke:#79b0f0}.b{fill:#6b4713;stroke:#e3a650}.s{fill:#21262d;stroke:#6e7681}
.use{stroke:#8b949e}.pill{fill:#0d1117;stroke:#9ea7b3}.seam{stroke:#9ea7b3}
.e0{stroke:#3fb950}.e1{stroke:#b58cff}.e2{stroke:#ff6b63}}
</style>
`

// SVG draws the program with the line through it, as one self-contained file
// for light and dark screens. Starting the layout engine takes about a second.
func (r *Report) SVG(ctx context.Context, w io.Writer) error {
	p := newPicture(r)
	if err := p.place(ctx); err != nil {
		return err
	}
	d := &drawing{r: r, p: p}
	d.arrange()
	_, err := io.WriteString(w, d.draw())
	return err
}

// drawing turns a placed picture into SVG.
type drawing struct {
	r        *Report
	p        *picture
	b        strings.Builder
	head     []string // wrapped lines below the title
	top      float64  // of the halves
	w, h     float64
	line     float64 // x of the line
	tall     float64 // height of the halves
	hidden   int     // crossings not drawn
	stripTop float64
	stripH   float64
}

// arrange puts the halves side by side, and gives each crossing its own place
// on the line, in the order of the boxes that it joins.
func (d *drawing) arrange() {
	p := d.p
	if len(p.over) > maxPorts {
		for _, a := range p.over[maxPorts:] {
			d.hidden += a.count
		}
		p.over = p.over[:maxPorts]
	}
	inner := max(p.h[sideA], p.h[sideB], float64(len(p.over))*portStep)
	d.tall = inner + headH + padding
	for i := range p.w {
		p.w[i] = max(p.w[i], minHalf)
	}
	room := minWidth - 2*margin - gap - 4*padding - p.w[sideA] - p.w[sideB]
	if room > 0 {
		p.w[sideA] += room / 2
		p.w[sideB] += room / 2
	}
	d.w = 2*margin + p.w[sideA] + p.w[sideB] + 4*padding + gap
	d.head = d.heading()
	d.top = margin + 34 + float64(len(d.head))*19 + 14
	d.line = margin + p.w[sideA] + 2*padding + gap/2
	for i := range p.boxes {
		b := &p.boxes[i]
		b.y += d.top + headH + (inner-p.h[b.side])/2
		if b.side == sideA {
			b.x += margin + padding + max(0, room/2)
		} else {
			b.x += d.line + gap/2 + padding
		}
	}
	slices.SortStableFunc(p.over, func(a, b arrow) int {
		return cmp.Compare(p.boxes[a.from].y+p.boxes[a.to].y, p.boxes[b.from].y+p.boxes[b.to].y)
	})
	d.ports(inner)
	d.stripTop = d.top + d.tall + 16
	d.stripH = 0
	if len(p.shared) > 0 || d.r.Shared.Declarations > 0 {
		d.stripH = headH + 34*math.Ceil(float64(min(len(p.shared), maxSharedBox))/float64(d.perRow())) + 12
	}
	d.h = d.stripTop + d.stripH + 92
}

// ports spreads the crossings along the line, each as near as possible to the
// middle between its boxes.
func (d *drawing) ports(inner float64) {
	lowest := d.top + headH
	for i := range d.p.over {
		a := &d.p.over[i]
		a.port = max(lowest, (d.p.boxes[a.from].y+d.p.boxes[a.to].y)/2)
		lowest = a.port + portStep
	}
	highest := d.top + headH + inner
	for i := len(d.p.over) - 1; i >= 0; i-- {
		a := &d.p.over[i]
		a.port = min(highest, a.port)
		highest = a.port - portStep
	}
}

const sharedW = 190.0

func (d *drawing) perRow() int { return max(1, int((d.w-2*margin-2*padding)/(sharedW+8))) }

// heading wraps the verdict and its reasons to the width of the picture.
func (d *drawing) heading() []string {
	text := headlines[d.r.Verdict] + " (" + d.r.Edition + ")"
	if len(d.r.Reasons) > 0 {
		text += ": " + strings.Join(d.r.Reasons, "; ")
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && float64(len(line)+len(word)+1)*6.9 > d.w-2*margin {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(&d.b, format, args...) }

func (d *drawing) text(x, y float64, class, s string) {
	d.printf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, escape(s))
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

func (d *drawing) draw() string {
	title := d.r.Module + ": " + headlines[d.r.Verdict]
	d.printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\">\n", d.w, d.h, d.w, d.h)
	d.printf("<title>%s</title>\n%s<rect class=\"bg\" width=\"100%%\" height=\"100%%\"/>\n", escape(title), style)
	d.text(margin, margin+18, "h1", d.r.Module)
	for i, line := range d.head {
		d.text(margin, margin+42+float64(i)*19, "", line)
	}
	d.half(sideA, margin)
	d.half(sideB, d.line+gap/2)
	d.printf("<line class=\"seam\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", d.line, d.top, d.line, d.top+d.tall)
	for _, a := range d.p.within {
		d.use(a)
	}
	for _, a := range d.p.over {
		d.over(a)
	}
	for _, b := range d.p.boxes {
		d.box(b)
	}
	for _, a := range d.p.over {
		d.pill(a)
	}
	d.strip()
	d.legend()
	d.b.WriteString("</svg>\n")
	return d.b.String()
}

func (d *drawing) half(s side, x float64) {
	w := d.p.w[s] + 2*padding
	d.printf("<rect class=\"r%v\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"14\"/>\n", s, x, d.top, w, d.tall)
	title, sub := "half "+s.String(), ""
	if len(d.r.Cuts) > 0 {
		h := d.r.Cuts[0].A
		if s == sideB {
			h = d.r.Cuts[0].B
		}
		sub = fmt.Sprintf("%d stateful lines, %s", h.Lines, entries(h.Entries))
	}
	d.text(x+padding, d.top+19, "h2", title)
	d.text(x+padding, d.top+35, "dim small", sub)
}

// use draws an arrow within a half, between the borders of its boxes.
func (d *drawing) use(a arrow) {
	from, to := d.p.boxes[a.from], d.p.boxes[a.to]
	x1, y1 := border(from, to.x, to.y)
	x2, y2 := border(to, from.x, from.y)
	length := math.Hypot(x2-x1, y2-y1)
	if length < 1 {
		return
	}
	ux, uy := (x2-x1)/length, (y2-y1)/length
	d.printf("<path class=\"use\" d=\"M%.1f %.1fL%.1f %.1f\" stroke-width=\"%.1f\"/>", x1, y1, x2-6*ux, y2-6*uy, thick(a.count)/4+.6)
	d.printf("<path class=\"tip\" d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fZ\"/>\n", x2, y2, x2-8*ux-4*uy, y2-8*uy+4*ux, x2-8*ux+4*uy, y2-8*uy-4*ux)
}

// border is where the line from the middle of b to (x, y) leaves b.
func border(b box, x, y float64) (float64, float64) {
	dx, dy := x-b.x, y-b.y
	t := math.Inf(1)
	if dx != 0 {
		t = b.w / 2 / math.Abs(dx)
	}
	if dy != 0 {
		t = min(t, b.h/2/math.Abs(dy))
	}
	if t > 1 {
		t = 1
	}
	return b.x + t*dx, b.y + t*dy
}

// thick is the width of an arrow: it grows with the logarithm of the count.
func thick(count int) float64 { return min(9, 1.2+1.5*math.Log2(float64(1+count))/1.5) }

// over draws a crossing through its place on the line, with a tip at the callee.
func (d *drawing) over(a arrow) {
	from, to := d.p.boxes[a.from], d.p.boxes[a.to]
	sign := 1.0 // to the right
	if from.side == sideB {
		sign = -1
	}
	x1, y1 := from.x+sign*from.w/2, from.y
	x2, y2 := to.x-sign*to.w/2, to.y
	k := gap / 3 * sign
	d.printf("<path class=\"over %s\" stroke-width=\"%.1f\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>",
		hardClass(a.hardest), thick(a.count), x1, y1, x1+k, y1, d.line-k, a.port, d.line, a.port, d.line+k, a.port, x2-k, y2, x2-8*sign, y2)
	d.printf("<path class=\"tip\" d=\"M%.1f %.1fl%.1f -5v10z\"/>\n", x2, y2, -10*sign)
}

func hardClass(class string) string {
	switch class {
	case classB:
		return "e2"
	case classM2, classM1:
		return "e1"
	}
	return "e0"
}

func (d *drawing) pill(a arrow) {
	label := fmt.Sprint(a.count)
	w := float64(len(label))*7 + 12
	d.printf("<g><title>%s</title><rect class=\"pill\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"16\" rx=\"8\"/>",
		escape(fmt.Sprintf("%s → %s: %d references, hardest %s", d.p.boxes[a.from].name, d.p.boxes[a.to].name, a.count, a.hardest)),
		d.line-w/2, a.port-8, w)
	d.text(d.line, a.port+4, "n", label)
	d.b.WriteString("</g>\n")
}

func (d *drawing) box(b box) {
	full := b.full
	if full == "" {
		full = b.name
	}
	x, y := b.x-b.w/2, b.y-b.h/2
	d.printf("<g><title>%s: %d lines</title><rect class=\"%v\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"8\"/>", escape(full), b.lines, b.side, x, y, b.w, b.h)
	if b.mixed {
		d.printf("<rect class=\"mix %v\" style=\"fill:none\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"5\"/>", 1-b.side, x+4, y+4, b.w-8, b.h-8)
	}
	d.text(b.x, b.y-1, "c", b.name)
	d.text(b.x, b.y+12, "c dim small", fmt.Sprintf("%d lines", b.lines))
	d.b.WriteString("</g>\n")
}

// strip names the largest packages whose code goes into both halves.
func (d *drawing) strip() {
	if d.stripH == 0 {
		return
	}
	d.printf("<rect class=\"rs\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"14\"/>\n", margin, d.stripTop, d.w-2*margin, d.stripH)
	d.text(margin+padding, d.stripTop+19, "h2", "both")
	more := ""
	if n := len(d.p.shared) - maxSharedBox; n > 0 {
		more = fmt.Sprintf("; %d smaller packages not drawn", n)
	}
	d.text(margin+padding, d.stripTop+35, "dim small", fmt.Sprintf("%s of code that is linked into each half, or used by neither%s", plural(d.r.Shared.Lines, "line"), more))
	for i, pkg := range d.p.shared[:min(len(d.p.shared), maxSharedBox)] {
		x := margin + padding + float64(i%d.perRow())*(sharedW+8)
		y := d.stripTop + headH + float64(i/d.perRow())*34
		d.printf("<g><title>%s</title><rect class=\"s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"26\" rx=\"8\"/>", escape(pkg.Path), x, y, sharedW)
		d.text(x+sharedW/2, y+17, "c", shorten(shown(pkg.Path), 25))
		d.b.WriteString("</g>\n")
	}
}

func (d *drawing) legend() {
	y := d.stripTop + d.stripH + 26
	x := margin
	for _, k := range []struct{ class, text string }{
		{"e0", "can be remote as it is"}, {"e1", "after edits or an adapter"}, {"e2", "blocked"},
	} {
		d.printf("<path class=\"over %s\" stroke-width=\"4\" d=\"M%.1f %.1fh34\"/>\n", k.class, x, y-4)
		d.text(x+42, y, "small", k.text)
		x += 60 + float64(len(k.text))*6.2
	}
	d.printf("<path class=\"use\" stroke-width=\"2\" d=\"M%.1f %.1fh34\"/>\n", x, y-4)
	d.text(x+42, y, "small", "heaviest uses within a half")
	note := "A box is a package: larger means more lines; a dashed inner frame: the other half owns a part. Numbers on the line count references."
	if d.hidden > 0 {
		note += fmt.Sprintf(" %d lighter ones are not drawn.", d.hidden)
	}
	if n := d.p.inside; n > 0 {
		note += fmt.Sprintf(" Not drawn: %s within split packages.", plural(n, "crossing"))
	}
	d.text(margin, y+22, "small dim", note)
	d.text(margin, y+40, "small dim", fmt.Sprintf("%d lines, %s, %s. %s", d.r.Size.Lines, plural(d.r.Size.Packages, "package"),
		plural(d.r.Size.Declarations, "declaration"), "Structure only: no history, no traffic."))
}
