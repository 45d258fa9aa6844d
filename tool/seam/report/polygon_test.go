package report

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Areas are what a reader compares, so they are as the sizes are.
func TestPiecesHaveTheAreasOfTheirSizes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shape := outline(rapid.Float64Range(-50, 50).Draw(t, "x"), 10, rapid.Float64Range(50, 900).Draw(t, "w"), rapid.Float64Range(50, 900).Draw(t, "h"))
		sizes := rapid.SliceOfN(rapid.Float64Range(1, 1000), 1, 60).Draw(t, "sizes")
		total := 0.0
		for _, s := range sizes {
			total += s
		}
		for i, p := range shape.shatter(sizes, rapid.Bool().Draw(t, "mirrored")) {
			got, want := p.area()/shape.area(), sizes[i]/total
			if math.Abs(got-want) > 1e-6 {
				t.Fatalf("piece %d of %d has %.8f of the area, want %.8f", i, len(sizes), got, want)
			}
		}
	})
}

func TestSplitLeavesTheBandOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		share, band := rapid.Float64Range(0.14, 0.86).Draw(t, "share"), rapid.Float64Range(0, 200).Draw(t, "band")
		left, right, at := outline(28, 0, 944, 400).split(point{1, 0}, share, band)
		if got := left.area() / (left.area() + right.area()); math.Abs(got-share) > 1e-6 {
			t.Errorf("the left half has %.6f of the area, want %.6f", got, share)
		}
		_, end := left.span(point{1, 0})
		begin, _ := right.span(point{1, 0})
		if math.Abs(begin-end-band) > 1e-6 || math.Abs((begin+end)/2-at) > 1e-6 {
			t.Errorf("the halves end at %f and begin at %f around %f, want a band of %f", end, begin, at, band)
		}
	})
}

func TestTheRockIsConvex(t *testing.T) {
	t.Parallel()
	rock := outline(0, 0, 1, 1)
	for i := range rock {
		a, b, c := rock[i], rock[(i+1)%len(rock)], rock[(i+2)%len(rock)]
		if turn := (b.x-a.x)*(c.y-b.y) - (b.y-a.y)*(c.x-b.x); turn <= 0 {
			t.Errorf("the outline turns inward at %v: cuts of it would not be pieces", b)
		}
	}
}
