package seam

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	graphviz "github.com/goccy/go-graphviz"
	"github.com/goccy/go-graphviz/cgraph"
)

const (
	maxBoxes     = 40 // packages drawn for themselves; the smallest others share a box
	maxLinks     = 2  // uses drawn per box within its half, the heaviest
	maxSharedBox = 12 // packages named in the strip of shared code
	perInch      = 72.0
)

// box is one package in the picture, or several small ones.
type box struct {
	name    string // shown
	full    string // for the tooltip
	lines   int
	side    side
	mixed   bool
	crosses bool
	x, y    float64 // centre
	w, h    float64
}

// arrow joins two boxes: within a half, or over the line.
type arrow struct {
	from, to int
	count    int
	hardest  string
	port     float64 // where it crosses the line, from the top
}

// picture is what is drawn, first without places.
type picture struct {
	boxes  []box
	within []arrow
	over   []arrow
	inside int // crossings whose ends are drawn in one half
	shared []Package
	w, h   [2]float64 // of the halves
}

// newPicture chooses what to draw: the packages on each side, the small ones
// collapsed, and the uses between them.
func newPicture(r *Report) *picture {
	p := &picture{}
	across := map[string]int{}
	for _, c := range r.Calls {
		across[c.From] += c.Across
		across[c.To] += c.Across
	}
	var own []Package
	for _, pkg := range r.Packages {
		if pkg.LinesA+pkg.LinesB == 0 || pkg.Side == sideBoth.String() && across[pkg.Path] == 0 {
			p.shared = append(p.shared, pkg)
			continue
		}
		own = append(own, pkg)
	}
	size := func(pkg Package) int { return pkg.LinesA + pkg.LinesB + 200*min(across[pkg.Path], 20) }
	slices.SortStableFunc(own, func(a, b Package) int { return size(b) - size(a) })
	at := map[string]int{}
	var rest [2]int
	for i, pkg := range own {
		s := sideA
		if pkg.Side == sideB.String() || pkg.Side != sideA.String() && pkg.LinesB > pkg.LinesA {
			s = sideB
		}
		if i >= maxBoxes-2 && len(own) > maxBoxes {
			rest[s] = p.collapse(pkg, s, rest[s], at)
			continue
		}
		at[pkg.Path] = len(p.boxes)
		p.boxes = append(p.boxes, box{name: shown(pkg.Path), full: pkg.Path, lines: pkg.LinesA + pkg.LinesB, side: s, mixed: pkg.Side == "mixed"})
	}
	p.connect(r, at)
	for i := range p.boxes {
		p.boxes[i].measure()
	}
	slices.SortStableFunc(p.shared, func(a, b Package) int { return b.LinesBoth - a.LinesBoth })
	return p
}

// shown names a package in the picture.
func shown(path string) string {
	if path == "." {
		return "(root)"
	}
	return path
}

// collapse puts a small package into the box of small packages of its half,
// and returns one more than how many are there.
func (p *picture) collapse(pkg Package, s side, n int, at map[string]int) int {
	i := slices.IndexFunc(p.boxes, func(b box) bool { return b.full == "" && b.side == s })
	if i < 0 {
		i = len(p.boxes)
		p.boxes = append(p.boxes, box{side: s})
	}
	at[pkg.Path] = i
	p.boxes[i].lines += pkg.LinesA + pkg.LinesB
	p.boxes[i].name = plural(n+1, "smaller package")
	return n + 1
}

// connect sums the references between boxes, and keeps the heaviest within the
// halves.
func (p *picture) connect(r *Report, at map[string]int) {
	type pair struct{ from, to int }
	within, over := map[pair]*arrow{}, map[pair]*arrow{}
	add := func(m map[pair]*arrow, k pair, count int, hardest string) {
		if m[k] == nil {
			m[k] = &arrow{from: k.from, to: k.to}
		}
		m[k].count += count
		if m[k].hardest == "" || weights[hardest] > weights[m[k].hardest] {
			m[k].hardest = hardest
		}
	}
	for _, c := range r.Calls {
		from, ok1 := at[c.From]
		to, ok2 := at[c.To]
		if !ok1 || !ok2 {
			continue
		}
		k := pair{from, to}
		switch {
		case p.boxes[from].side == p.boxes[to].side:
			p.inside += c.Across
			if from != to {
				add(within, k, c.Count, "")
			}
		case c.Across > 0:
			add(over, k, c.Across, c.Hardest)
		}
	}
	for _, a := range over {
		p.over = append(p.over, *a)
		p.boxes[a.from].crosses, p.boxes[a.to].crosses = true, true
	}
	for _, a := range within {
		p.within = append(p.within, *a)
	}
	heavier := func(a, b arrow) int {
		if a.count != b.count {
			return b.count - a.count
		}
		if a.from != b.from {
			return a.from - b.from
		}
		return a.to - b.to
	}
	slices.SortFunc(p.over, heavier)
	slices.SortFunc(p.within, heavier)
	drawn := make([]int, len(p.boxes))
	p.within = slices.DeleteFunc(p.within, func(a arrow) bool {
		if p.boxes[a.from].crosses && p.boxes[a.to].crosses {
			return true // in one column, where arrows would run over boxes
		}
		drawn[a.from]++
		return drawn[a.from] > maxLinks
	})
}

// measure sizes a box by its lines, and at least by its name.
func (b *box) measure() {
	const minW, maxW, minH, maxH, mixedH, char = 96, 230, 34, 96, 48, 7.2
	root := math.Sqrt(float64(b.lines))
	b.w = min(maxW, max(minW, 2.2*root, float64(len(b.name))*char+20))
	b.h = min(maxH, max(minH, root))
	if b.mixed {
		b.h = max(b.h, mixedH)
	}
	b.name = shorten(b.name, int((b.w-16)/char))
}

// shorten keeps the end of a path, which tells more than its beginning.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n+1:]
	if i := strings.Index(s, "/"); i >= 0 && i < n/3 {
		s = s[i+1:]
	}
	return "…" + s
}

// place lays out both halves, each by itself, so that the line can be drawn
// between them.
func (p *picture) place(ctx context.Context) error {
	viz, err := graphviz.New(ctx)
	if err != nil {
		return fmt.Errorf("start the layout engine: %w", err)
	}
	defer viz.Close()
	for _, s := range []side{sideA, sideB} {
		if err := p.placeHalf(ctx, viz, s); err != nil {
			return fmt.Errorf("lay out half %v: %w", s, err)
		}
	}
	return nil
}

func (p *picture) placeHalf(ctx context.Context, viz *graphviz.Graphviz, s side) error {
	dot, any := p.dot(s)
	if !any {
		p.w[s], p.h[s] = 120, 60
		return nil
	}
	g, err := cgraph.ParseBytes([]byte(dot))
	if err != nil {
		return err
	}
	defer g.Close()
	var out bytes.Buffer
	if err := viz.Render(ctx, g, "plain", &out); err != nil {
		return err
	}
	return p.read(s, out.String())
}

// dot writes one half as a graph from left to right. What crosses the line
// stands in the column next to it.
func (p *picture) dot(s side) (text string, any bool) {
	var b strings.Builder
	b.WriteString("digraph {\n rankdir=LR; nodesep=0.22; ranksep=0.55; splines=line;\n node [shape=box, fixedsize=true, label=\"\"];\n")
	var border []string
	for i, x := range p.boxes {
		if x.side != s {
			continue
		}
		any = true
		fmt.Fprintf(&b, " n%d [width=%.3f, height=%.3f];\n", i, x.w/perInch, x.h/perInch)
		if x.crosses {
			border = append(border, fmt.Sprintf("n%d", i))
		}
	}
	if len(border) > 0 {
		rank := "sink"
		if s == sideB {
			rank = "source"
		}
		fmt.Fprintf(&b, " { rank=%s; %s; }\n", rank, strings.Join(border, "; "))
	}
	for _, a := range p.within {
		from, to := p.boxes[a.from], p.boxes[a.to]
		if from.side != s {
			continue
		}
		// An edge against the direction of the half would fight the column.
		flip := s == sideA && from.crosses && !to.crosses || s == sideB && to.crosses && !from.crosses
		if flip {
			fmt.Fprintf(&b, " n%d -> n%d;\n", a.to, a.from)
			continue
		}
		fmt.Fprintf(&b, " n%d -> n%d;\n", a.from, a.to)
	}
	b.WriteString("}\n")
	return b.String(), any
}

// read takes the places from graphviz's plain output; its y goes upward, in
// inches.
func (p *picture) read(s side, plain string) error {
	for line := range strings.Lines(plain) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		switch f[0] {
		case "graph":
			p.w[s], p.h[s] = inches(f[2]), inches(f[3])
		case "node":
			i, err := strconv.Atoi(strings.TrimPrefix(f[1], "n"))
			if err != nil || i < 0 || i >= len(p.boxes) {
				return fmt.Errorf("unknown box %q", f[1])
			}
			p.boxes[i].x, p.boxes[i].y = inches(f[2]), p.h[s]-inches(f[3])
		}
	}
	return nil
}

func inches(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64) // graphviz writes numbers
	return v * perInch
}
