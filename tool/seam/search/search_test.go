package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// quick is enough for small problems.
func quick(seed uint64) Options { return Options{Seed: seed, Restarts: 8, Nulls: 20} }

func halves(glue float64, seed uint64) plan {
	return plan{parts: 2, entries: 8, code: 80, tables: 5, library: 15, calls: 3, glue: glue, seed: seed}
}

func search(t *testing.T, p *Problem, o Options) *Result {
	t.Helper()
	r, err := Search(t.Context(), p, o)
	if err != nil {
		t.Fatalf("seed %d: %v", o.Seed, err)
	}
	return r
}

func masses(p *Problem) []float64 {
	mass := make([]float64, len(p.Nodes))
	for v, n := range p.Nodes {
		mass[v] = n.Mass
	}
	return mass
}

func TestSearchFindsPlantedHalves(t *testing.T) {
	t.Parallel()
	for _, glue := range []float64{0, 0.01, 0.02} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("glue %v seed %d", glue, seed), func(t *testing.T) {
				t.Parallel()
				p, part := planted(halves(glue, seed))
				r := search(t, p, quick(seed))
				if len(r.Front) == 0 {
					t.Fatal("no cut was found")
				}
				truth := make([]Label, len(part))
				for v, k := range part {
					truth[v] = Both
					if k >= 0 {
						truth[v] = Label(k)
					}
				}
				if got := ARI(truth, r.Front[0].Label, masses(p)); got < 0.85 {
					t.Errorf("ARI %.2f, want at least 0.85", got)
				}
				if r.Null.Ratio == 0 || r.Null.Ratio > 0.7 || r.Stability < 0.6 {
					t.Errorf("ratio %.2f, stability %.2f: it would be refused", r.Null.Ratio, r.Stability)
				}
			})
		}
	}
}

func TestSearchKeepsPlantedCommunitiesWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		p, part := planted(plan{parts: 4, entries: 5, code: 50, tables: 4, library: 15, calls: 3, glue: 0.01, seed: seed})
		r := search(t, p, Options{Seed: seed, Restarts: 8, Nulls: -1})
		if len(r.Front) == 0 {
			t.Fatalf("seed %d: no cut was found", seed)
		}
		for k := range 4 {
			var lines [3]float64
			for v, x := range r.Front[0].Label {
				if part[v] == k {
					lines[x] += p.Nodes[v].Mass
				}
			}
			if most := max(lines[A], lines[B]); most < 0.85*(lines[A]+lines[B]+lines[Both]) {
				t.Errorf("seed %d: community %d is parted: %v", seed, k, lines)
			}
		}
	}
}

func TestNullRatioGrowsWithGlue(t *testing.T) {
	t.Parallel()
	var got []float64
	for _, glue := range []float64{0, 0.02, 0.5} {
		p, _ := planted(halves(glue, 1))
		o := quick(1)
		o.Floor = 0.01 // so that there is a cut even where there is no seam
		got = append(got, search(t, p, o).Null.Ratio)
	}
	if !slices.IsSorted(got) {
		t.Errorf("ratios %.2f, want them to grow", got)
	}
}

func TestNothingIsAdvisedWhereThereIsNoSeam(t *testing.T) {
	t.Parallel()
	refused := func(t *testing.T, p *Problem, seed uint64) {
		t.Helper()
		r := search(t, p, quick(seed))
		if len(r.Front) > 0 && r.Null.Ratio <= 0.7 {
			t.Errorf("seed %d: ratio %.2f, stability %.2f, want no cut or above 0.7", seed, r.Null.Ratio, r.Stability)
		}
	}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			p, _ := planted(halves(0, seed))
			refused(t, Rewire(p, rand.New(rand.NewPCG(seed, 1))), seed)
			p, _ = planted(plan{parts: 1, entries: 16, code: 160, tables: 10, library: 15, calls: 3, seed: seed})
			refused(t, p, seed)
		})
	}
}

func TestCutsOfTheFrontCostNoMoreThanTheirEntryPointsNeed(t *testing.T) {
	t.Parallel()
	p, _ := planted(halves(0.05, 2))
	o := quick(2)
	o.Nulls, o.Floor = -1, 0.01
	front := search(t, p, o).Front
	for _, c := range front {
		fix := make([]Label, len(p.Nodes))
		for v, n := range p.Nodes {
			fix[v] = None
			if n.Entry > 0 {
				fix[v] = c.Label[v]
			}
		}
		if want := Place(p, fix).Cost; math.Abs(c.Cost-want) > 1e-6 {
			t.Errorf("cost %v, want %v", c.Cost, want)
		}
	}
	better := func(x, y Cut) int { return int(math.Copysign(1, x.Score-y.Score)) }
	if len(front) == 0 || !slices.IsSortedFunc(front, better) {
		t.Errorf("a front of %d is empty or not sorted by score", len(front))
	}
}

func TestSameSeedSameResult(t *testing.T) {
	t.Parallel()
	p, _ := planted(halves(0.02, 3))
	x, y := search(t, p, quick(5)), search(t, p, quick(5))
	if diff := cmp.Diff(x, y); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

func TestNumberOfWorkersDoesNotMatter(t *testing.T) {
	p, _ := planted(halves(0.02, 4))
	two := search(t, p, quick(5))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if diff := cmp.Diff(two, search(t, p, quick(5))); diff != "" {
		t.Errorf("one worker finds something else:\n%s", diff)
	}
}

func TestNumberingDoesNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		p, _ := planted(halves(0.01, seed))
		rng := rand.New(rand.NewPCG(seed, 2))
		to := rng.Perm(len(p.Nodes))
		q := &Problem{Nodes: make([]Node, len(p.Nodes))}
		for v, n := range p.Nodes {
			q.Nodes[to[v]] = n
		}
		for _, e := range p.Edges {
			q.Edges = append(q.Edges, Edge{From: int32(to[e.From]), To: int32(to[e.To]), Cost: e.Cost})
		}
		rng.Shuffle(len(q.Edges), func(i, j int) { q.Edges[i], q.Edges[j] = q.Edges[j], q.Edges[i] })
		o := quick(seed)
		o.Nulls = -1
		x, y := search(t, p, o).Front[0], search(t, q, o).Front[0]
		back := make([]Label, len(to))
		for v := range back {
			back[v] = y.Label[to[v]]
		}
		if got := ARI(x.Label, back, masses(p)); got < 0.999 || math.Abs(x.Cost-y.Cost) > 1e-9 {
			t.Errorf("seed %d: ARI %.3f, costs %v and %v", seed, got, x.Cost, y.Cost)
		}
	}
}

func TestConstraintsAreKept(t *testing.T) {
	t.Parallel()
	p, part := planted(halves(0.01, 1))
	var of [2][]int32
	for v, n := range p.Nodes {
		if n.Entry > 0 {
			of[part[v]] = append(of[part[v]], int32(v))
		}
	}
	p.Together = [][]int32{{of[0][0], of[1][0]}}
	p.Apart = [][2]int32{{of[0][1], of[0][2]}}
	o := quick(1)
	o.Fix = make([]Label, len(p.Nodes))
	for v := range o.Fix {
		o.Fix[v] = None
	}
	o.Fix[of[1][3]] = A
	for _, c := range search(t, p, o).Front {
		if got := Evaluate(p, c.Label).Cost; got != c.Cost || c.Label[of[1][3]] != A {
			t.Errorf("cost %v of %v, %d is in %v", got, c.Cost, of[1][3], c.Label[of[1][3]])
		}
	}
	p.Apart = [][2]int32{{of[0][0], of[1][0]}}
	if _, err := Search(t.Context(), p, o); !errors.Is(err, ErrBroken) {
		t.Errorf("error %v, want ErrBroken", err)
	}
}

func TestSearchStopsWithItsContext(t *testing.T) {
	t.Parallel()
	p, _ := planted(halves(0.02, 1))
	ctx, cancel := context.WithCancel(t.Context())
	o := quick(1)
	o.Progress = func(step string, done, all int) {
		if step == "nulls" {
			cancel()
		}
	}
	if r, err := Search(ctx, p, o); !errors.Is(err, context.Canceled) {
		t.Errorf("result %v, error %v, want context.Canceled", r, err)
	}
}

func TestNothingToDivide(t *testing.T) {
	t.Parallel()
	for _, p := range []*Problem{
		{},
		{Nodes: []Node{{Mass: 5, Both: 1}}},
		{Nodes: []Node{{Mass: 5, Entry: 1}}},
	} {
		if r := search(t, p, Options{}); len(r.Front) != 0 {
			t.Errorf("front %v of %v, want none", r.Front, p)
		}
	}
}

func TestRewireKeepsDegrees(t *testing.T) {
	t.Parallel()
	p, _ := planted(halves(0.1, 1))
	forbidden := Edge{From: 1, To: 2, Cost: math.Inf(1)}
	p.Edges = append(p.Edges, forbidden, Edge{From: 3, To: 4, Cost: math.Inf(1)})
	q := Rewire(p, rand.New(rand.NewPCG(1, 1)))
	type degree struct {
		node int32
		out  bool
		cost float64
	}
	count := func(p *Problem) map[degree]int {
		m := map[degree]int{}
		for _, e := range p.Edges {
			m[degree{e.From, true, e.Cost}]++
			m[degree{e.To, false, e.Cost}]++
		}
		return m
	}
	if diff := cmp.Diff(count(p), count(q)); diff != "" {
		t.Errorf("degrees differ:\n%s", diff)
	}
	same := 0
	old := map[Edge]bool{}
	for _, e := range p.Edges {
		old[e] = true
	}
	for _, e := range q.Edges {
		if old[e] {
			same++
		}
	}
	if !slices.Contains(q.Edges, forbidden) {
		t.Error("an edge that forbids a crossing was rewired")
	}
	if same > len(p.Edges)/5 {
		t.Errorf("%d of %d edges are where they were", same, len(p.Edges))
	}
}

func TestARI(t *testing.T) {
	t.Parallel()
	even := []float64{1, 1, 1, 1}
	for _, c := range []struct {
		x, y []Label
		want float64
	}{
		{[]Label{A, A, B, B}, []Label{A, A, B, B}, 1},
		{[]Label{A, A, B, B}, []Label{B, B, A, A}, 1},
		{[]Label{A, A, B, B}, []Label{A, B, A, B}, 0},
		{[]Label{A, A, B, B}, []Label{A, A, Both, B}, 1},
		{[]Label{A, A, A, A}, []Label{A, A, B, B}, 0},
		{[]Label{Both, Both, Both, Both}, []Label{A, A, B, B}, 1},
	} {
		if got := ARI(c.x, c.y, even); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("ARI of %v and %v is %v, want %v", c.x, c.y, got, c.want)
		}
	}
}

func BenchmarkPlace(b *testing.B) {
	p, part := planted(plan{parts: 8, entries: 120, code: 7000, tables: 60, library: 2000, calls: 4, glue: 0.05, seed: 1})
	fix := make([]Label, len(part))
	for v, n := range p.Nodes {
		fix[v] = None
		if n.Entry > 0 {
			fix[v] = Label(part[v] % 2)
		}
	}
	b.Logf("%d nodes, %d edges", len(p.Nodes), len(p.Edges))
	for b.Loop() {
		Place(p, fix)
	}
}
