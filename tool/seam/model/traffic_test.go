package model

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/search"
)

func TestMoreCallsAreNeverCheaperToCross(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Float64Range(0, 1e9)
		less, more := rate.Draw(t, "less"), rate.Draw(t, "more")
		if less > more {
			less, more = more, less
		}
		if a, b := busy(less), busy(more); !(1 <= a && a <= b && b <= maxBusy) {
			t.Errorf("busy(%v) is %v and busy(%v) is %v, want 1 <= the one <= the other <= %v", less, a, more, b, maxBusy)
		}
	})
	if busy(0) != 1 || maxBusy*costM0 >= costB {
		t.Errorf("got %v for no calls and %v for the busiest one that can be remote, want 1 and less than %v", busy(0), maxBusy*costM0, costB)
	}
}

// anyTraffic draws recorded calls of a program.
func anyTraffic(t *rapid.T, p *facts.Program) []Calls {
	var names []string
	for _, pkg := range p.Packages {
		for _, d := range pkg.Decls {
			names = append(names, pkg.Path+"."+d.Name)
		}
	}
	names = append(names, "main.main", "net/http.Get")
	one := rapid.SampledFrom(names)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Calls {
		return Calls{From: one.Draw(t, "from"), To: one.Draw(t, "to"), Rate: rapid.Float64Range(0, 200).Draw(t, "rate")}
	}), 1, 12).Draw(t, "traffic")
}

// costs are the edges of a problem by what they join, since numbers differ from
// problem to problem.
func costs(m *Model) map[[2]thing]float64 {
	out := map[[2]thing]float64{}
	for _, e := range m.problem.Edges {
		out[[2]thing{m.thing[e.From], m.thing[e.To]}] = e.Cost
	}
	return out
}

func TestMoreTrafficNeverMakesALineCheaper(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := random(t)
		calls := anyTraffic(t, p)
		busier := append([]Calls(nil), calls...)
		busier[rapid.IntRange(0, len(calls)-1).Draw(t, "which")].Rate *= rapid.Float64Range(1, 10).Draw(t, "times")
		var found []map[[2]thing]float64
		for _, c := range [][]Calls{nil, calls, busier} {
			m, err := Link(p, Config{Traffic: c})
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, costs(m))
		}
		for i := 1; i < len(found); i++ {
			for pair, before := range found[i-1] {
				if after, ok := found[i][pair]; !ok || after < before {
					t.Errorf("%v: %v, and %v (there: %v) with more traffic", pair, before, after, ok)
				}
			}
			if len(found[i]) != len(found[i-1]) {
				t.Errorf("%d edges, and %d with more traffic", len(found[i-1]), len(found[i]))
			}
		}
	})
}

func TestWhatTrafficAddsIsKnown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := random(t)
		calls := anyTraffic(t, p)
		m, err := Link(p, Config{Traffic: calls})
		if err != nil {
			t.Fatal(err)
		}
		blind, err := Link(p, Config{Traffic: calls, Blind: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m.Problem(), blind.Problem()); diff != "" {
			t.Fatalf("problem (-sighted +blind):\n%s", diff)
		}
		plain, err := Link(p, Config{})
		if err != nil {
			t.Fatal(err)
		}
		cut := search.Evaluate(m.problem, anyCut(t, m).Label)
		before := costs(plain)
		want := 0.0
		for _, e := range m.problem.Edges {
			if from, to := cut.Label[e.From], cut.Label[e.To]; to != search.Both && from != to && !math.IsInf(e.Cost, 1) {
				want += e.Cost - before[[2]thing{m.thing[e.From], m.thing[e.To]}]
			}
		}
		if got := m.Busy(cut); math.Abs(got-want) > 1e-6 {
			t.Errorf("traffic adds %v, want %v", got, want)
		}
		if got := plain.Busy(anyCut(t, plain)); got != 0 {
			t.Errorf("no traffic adds %v", got)
		}
	})
}

// tie is a program of which the middle is joined to the left as it is to the
// right.
func tie() *facts.Program {
	small := func(d *facts.Decl) { d.Lines = 3 }
	side := func(name string) *facts.Package {
		return pkg(name,
			fn("Serve", access(facts.Writes, name, false)),
			fn("Take", access(facts.Writes, name, false)),
		)
	}
	return module(
		pkg("main", fn("main", entries(handler("/left", "left.Serve"), handler("/middle", "middle.Serve"), handler("/right", "right.Serve")))),
		side("left"), side("right"),
		pkg("middle",
			fn("Serve", small, access(facts.Writes, "middle", false), call("middle.left"), call("middle.right")),
			fn("left", small, access(facts.Writes, "middle", false), call("left.Take")),
			fn("right", small, access(facts.Writes, "middle", false), call("right.Take")),
		),
	)
}

func TestTrafficDecidesBetweenLinesThatTie(t *testing.T) {
	t.Parallel()
	scores := func(m *Model) (left, right float64) {
		var out [2]float64
		for i, name := range []string{"left", "right"} {
			fix, err := m.Fix(name)
			if err != nil {
				t.Fatal(err)
			}
			out[i] = search.Place(m.Problem(), fix).Score
		}
		return out[0], out[1]
	}
	if left, right := scores(link(t, tie(), Config{})); left != right {
		t.Fatalf("without traffic: a line before the left scores %v, before the right %v: want a tie", left, right)
	}
	swap := strings.NewReplacer("left", "right", "right", "left")
	for name, calls := range map[string][]Calls{
		"recorded whole":                  {{"m/middle.Serve", "m/middle.left", 3}, {"m/middle.left", "m/left.Take", 3}},
		"through what was not recorded":   {{"m/middle.Serve", "m/left.Take", 3}},
		"more than over the other line":   {{"m/middle.left", "m/left.Take", 3}, {"m/middle.right", "m/right.Take", 1}},
		"what has no way weighs nothing":  {{"m/middle.left", "m/left.Take", 3}, {"m/left.Serve", "m/right.Take", 90}},
		"what is unknown weighs nothing":  {{"m/middle.left", "m/left.Take", 3}, {"m/middle.right", "n/right.Take", 90}},
		"samples: 30 %, and 10 % of them": {{"m/middle.left", "m/left.Take", 0.3}, {"m/middle.right", "m/right.Take", 0.1}},
	} {
		for _, swapped := range []bool{false, true} {
			near, far := "m/left.Serve", "m/right.Serve"
			if swapped {
				near, far = far, near
				for i := range calls {
					calls[i].From, calls[i].To = swap.Replace(calls[i].From), swap.Replace(calls[i].To)
				}
			}
			m := link(t, tie(), Config{Traffic: calls})
			r, err := search.Search(t.Context(), m.Problem(), search.Options{Nulls: -1})
			if err != nil || len(r.Front) == 0 {
				t.Fatalf("%s: got %+v, %v, want a line", name, r, err)
			}
			if in := m.Labels(r.Front[0]); in["m/middle.Serve"] != in[near] || in[near] == in[far] {
				t.Errorf("%s: the middle is in %v, %s in %v, %s in %v: want it with the former", name, in["m/middle.Serve"], near, in[near], far, in[far])
			}
		}
	}
}
