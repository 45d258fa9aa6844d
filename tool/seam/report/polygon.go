package report

import "math"

// point is a place in a picture, in pixels; y goes downward.
type point struct{ x, y float64 }

// polygon is convex; its points are in order, either way round.
type polygon []point

// area is that of the polygon, never negative (the shoelace formula).
func (p polygon) area() float64 {
	sum := 0.0
	for i, a := range p {
		b := p[(i+1)%len(p)]
		sum += a.x*b.y - b.x*a.y
	}
	return math.Abs(sum) / 2
}

// centre is the centre of gravity.
func (p polygon) centre() point {
	sum, x, y := 0.0, 0.0, 0.0
	for i, a := range p {
		b := p[(i+1)%len(p)]
		cross := a.x*b.y - b.x*a.y
		sum += cross
		x += (a.x + b.x) * cross
		y += (a.y + b.y) * cross
	}
	if sum == 0 {
		return point{}
	}
	return point{x / (3 * sum), y / (3 * sum)}
}

// span returns the smallest and the largest value of p along a direction.
func (p polygon) span(dir point) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, a := range p {
		d := a.x*dir.x + a.y*dir.y
		low, high = min(low, d), max(high, d)
	}
	return low, high
}

// below is the part of p whose value along dir is at most limit.
func (p polygon) below(dir point, limit float64) polygon {
	var out polygon
	for i, a := range p {
		b := p[(i+1)%len(p)]
		da, db := a.x*dir.x+a.y*dir.y-limit, b.x*dir.x+b.y*dir.y-limit
		if da <= 0 {
			out = append(out, a)
		}
		if da < 0 && db > 0 || da > 0 && db < 0 {
			t := da / (da - db)
			out = append(out, point{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)})
		}
	}
	return out
}

// split cuts p across dir so that the lower part has the given share of the
// area that is left when a band of a width is taken out between the two.
func (p polygon) split(dir point, share, band float64) (lower, upper polygon, at float64) {
	const steps = 50 // halvings: far below a pixel
	low, high := p.span(dir)
	back := point{-dir.x, -dir.y}
	for range steps {
		at = (low + high) / 2
		lower, upper = p.below(dir, at-band/2), p.below(back, -at-band/2)
		below, all := lower.area(), lower.area()+upper.area()
		if below < share*all {
			low = at
		} else {
			high = at
		}
	}
	return lower, upper, at
}

// chord is the width of p at a height, as its two ends; ok is false if p does
// not reach there.
func (p polygon) chord(y float64) (left, right float64, ok bool) {
	left, right = math.Inf(1), math.Inf(-1)
	for i, a := range p {
		b := p[(i+1)%len(p)]
		if (a.y < y) == (b.y < y) {
			continue
		}
		x := a.x + (y-a.y)/(b.y-a.y)*(b.x-a.x)
		left, right = min(left, x), max(right, x)
	}
	return left, right, left <= right
}

// shatter breaks p into pieces whose areas are as the sizes, all above 0, are
// to each other. Cuts go across the longer side and lean a little, as cracks
// do. The first of the sizes end up to the left, or to the right if mirrored.
func (p polygon) shatter(sizes []float64, mirrored bool) []polygon {
	out := make([]polygon, len(sizes))
	p.crack(sizes, mirrored, out, 1)
	return out
}

func (p polygon) crack(sizes []float64, mirrored bool, out []polygon, turn int) {
	if len(sizes) == 0 {
		return
	}
	if len(sizes) == 1 {
		out[0] = p
		return
	}
	// Pieces that are wider than tall have room for a name.
	const wide = 1.7
	left, right := p.span(point{1, 0})
	top, bottom := p.span(point{0, 1})
	k, share := halve(sizes)
	lean := 0.13 * math.Sin(float64(turn)*2.4) // the golden angle: no two alike
	dir := point{math.Sin(lean), math.Cos(lean)}
	upright := right-left > wide*(bottom-top)
	if upright {
		dir = point{math.Cos(lean), math.Sin(lean)}
	}
	if upright && mirrored {
		dir = point{-dir.x, -dir.y}
	}
	first, second, _ := p.split(dir, share, 0)
	first.crack(sizes[:k], mirrored, out[:k], 2*turn)
	second.crack(sizes[k:], mirrored, out[k:], 2*turn+1)
}

// halve returns where to divide sizes in two that are most alike, and the share
// of the first.
func halve(sizes []float64) (k int, share float64) {
	total := 0.0
	for _, s := range sizes {
		total += s
	}
	sum, best := 0.0, math.Inf(1)
	for i, s := range sizes[:len(sizes)-1] {
		sum += s
		if off := math.Abs(total/2 - sum); off < best {
			best, k, share = off, i+1, sum/total
		}
	}
	return k, share
}
