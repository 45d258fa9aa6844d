package main

import (
	"fmt"
	"strings"
	"testing"
)

// sampled returns points of all systems of small in which hemilith remote is
// slower than raw by a factor, and all others are as fast as raw, in three
// repeats on a machine that slows down.
func sampled(factor float64) points {
	got := make(points)
	for _, s := range systems() {
		got[s.name] = make(map[cell][]point)
		for _, c := range small().cells {
			for r := range 3 {
				ns := 1000 * float64(1+r)
				if s.name == "hemilith remote" {
					ns *= factor
				}
				got[s.name][c] = append(got[s.name][c], point{P50: ns, P99: 2 * ns, Rate: 1e9 / ns, CPU: ns})
			}
		}
	}
	return got
}

func TestSpreads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   spread
		text   string
	}{
		{nil, spread{}, "-"},
		{[]float64{2}, spread{2, 2, 2}, "2.00 (2.00-2.00)"},
		{[]float64{3, 1, 2}, spread{2, 1.5, 2.5}, "2.00 (1.50-2.50)"},
		{[]float64{4, 1, 2, 3}, spread{2.5, 1.75, 3.25}, "2.50 (1.75-3.25)"},
	} {
		got := spreadOf(c.values)
		if got != c.want || got.String() != c.text {
			t.Errorf("%v: got %+v, %s, want %+v, %s", c.values, got, got, c.want, c.text)
		}
	}
}

func TestRatiosAreTakenRepeatByRepeat(t *testing.T) {
	t.Parallel()
	got := metric(p50).ratio(sampled(1.5)["hemilith remote"][cell{tiny, 1}], sampled(1.5)[floorName][cell{tiny, 1}])
	if want := (spread{1.5, 1.5, 1.5}); got != want {
		t.Errorf("got %v, want %v although the machine slowed down by 3", got, want)
	}
}

func TestTheControlVoidsARun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		factor float64
		void   bool
		where  string
	}{
		{1, false, ""}, {1.029, false, "p50 of order-3"}, {1.031, true, "p50 of order-3"}, {0.9, true, "p50 of order-3"},
	} {
		got := sampled(1)
		points := got[controlName][cell{order, 3}]
		for i := range points {
			points[i].P50 *= c.factor
		}
		r := compareControl(got, small().cells)
		if r.Void != c.void || (c.where != "" && r.Where != c.where) {
			t.Errorf("factor %v: got %+v, want void %v, %s", c.factor, r, c.void, c.where)
		}
	}
	if r := compareControl(points{}, small().cells); !r.Void {
		t.Errorf("without a control: got %+v, want void", r)
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		factor float64
		met    string
	}{{1.4, "true true"}, {1.6, "true false"}} {
		var met []string
		for _, g := range newReport(small(), sampled(c.factor), host{}).Goals {
			met = append(met, fmt.Sprint(g.Met))
		}
		if got := strings.Join(met, " "); got != c.met {
			t.Errorf("factor %v: got %s, want %s", c.factor, got, c.met)
		}
	}
}

func TestTheTableSaysWhatIsVoid(t *testing.T) {
	t.Parallel()
	r := newReport(small(), sampled(2), host{Command: "go run ./bench"})
	for _, c := range []struct {
		control control
		want    string
	}{
		{control{Worst: 0.012, Where: "p50 of tiny-1"}, "Control: raw against raw is off by at most 1.2 % (p50 of tiny-1)."},
		{control{Worst: 0.05, Where: "p50 of tiny-1", Void: true}, "**This run is void**: raw against raw is off by 5.0 % (p50 of tiny-1), more than 3 %."},
		{control{Void: true}, "**No control was run"},
	} {
		r.Control = c.control
		var b strings.Builder
		if err := writeTable(&b, r); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{c.want, "| tiny | 1 | hemilith remote | 2.00 (2.00-2.00) | 0.50 (0.50-0.50) |", "at most 1.5: 2.00, missed"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%+v: got\n%s\nwant %s in it", c.control, b.String(), want)
			}
		}
	}
}
