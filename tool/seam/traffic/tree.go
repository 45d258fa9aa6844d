package traffic

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// forest grows the trees of all routes.
type forest struct {
	nodes []node
	index map[node]int32
	full  bool
}

// node is a function below a caller; the caller of a tree's top is ^route.
type node struct{ caller, function int32 }

func newForest() *forest { return &forest{index: make(map[node]int32)} }

// at returns the node of a function below another. When the forest is full, that
// is the caller's.
func (f *forest) at(caller, function int32) int32 {
	n := node{caller, function}
	i, ok := f.index[n]
	if !ok {
		if len(f.nodes) >= maxNodes {
			f.full = true
			return caller
		}
		i = int32(len(f.nodes))
		f.index[n] = i
		f.nodes = append(f.nodes, n)
	}
	return i
}

// calls returns the trees by route. Nodes come after their callers.
func (f *forest) calls(count []float64, names []string, routes int) [][]Call {
	trees := make([][]Call, routes)
	route, place := make([]int32, len(f.nodes)), make([]int, len(f.nodes))
	for i, n := range f.nodes {
		caller := -1
		if n.caller < 0 {
			route[i] = ^n.caller
		} else {
			route[i], caller = route[n.caller], place[n.caller]
		}
		place[i] = len(trees[route[i]])
		trees[route[i]] = append(trees[route[i]], Call{Function: names[n.function], Caller: caller, Count: count[i]})
	}
	return trees
}

// traffic makes trees of the spans.
func (s *spans) traffic() (*Traffic, error) {
	if len(s.all) == 0 {
		return nil, errors.New("no spans in it")
	}
	for i, l := range s.links {
		if p, ok := s.byID[l.parent]; ok && l.parent != "" && s.links[p].service == l.service {
			s.all[i].parent = p
		}
	}
	f := newForest()
	requests := make([]int, len(s.routes.names))
	for i := range s.all {
		s.place(f, requests, int32(i))
	}
	count := make([]float64, len(f.nodes))
	for _, x := range s.all {
		if x.function >= 0 && x.node >= 0 {
			count[x.node]++
		}
	}
	t := &Traffic{Source: Spans}
	for r, calls := range f.calls(count, s.names.names, len(requests)) {
		if requests[r] > 0 {
			t.Routes = append(t.Routes, Route{Name: s.routes.names[r], Requests: requests[r], Calls: calls})
		}
	}
	t.sort()
	t.Notes = s.notes(f.full)
	return t, nil
}

// What is known of a span's place.
const (
	unseen uint8 = iota
	open
	placed
)

// place finds the node of a span, and of those above it that have none yet. A span
// that calls itself over others starts a request.
func (s *spans) place(f *forest, requests []int, i int32) {
	var path []int32
	for i >= 0 && s.all[i].state == unseen {
		s.all[i].state = open
		path = append(path, i)
		i = s.all[i].parent
	}
	for _, i := range slices.Backward(path) {
		x := &s.all[i]
		at := ^x.route
		if x.parent >= 0 && s.all[x.parent].state == placed {
			at = s.all[x.parent].node
		} else {
			requests[x.route]++
		}
		if x.function >= 0 {
			at = f.at(at, x.function)
		}
		x.node, x.state = at, placed
	}
}

func (s *spans) notes(full bool) []string {
	var notes []string
	say := func(yes bool, format string, args ...any) {
		if yes {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	all := len(s.all)
	say(s.nameless > 0, "%d of %d spans do not say which function they are in (code.function.name): they are counted with their caller", s.nameless, all)
	say(s.left > 0, "the file has more than %d spans: %d are left out", maxSpans, s.left)
	say(full, "the calls have more than %d different stacks: deeper calls are left out", maxNodes)
	say(s.others > 0, "%d values of metrics or logs are left out", s.others)
	return notes
}

// sort puts busy routes first, and joins those that are beyond maxRoutes.
func (t *Traffic) sort() {
	slices.SortFunc(t.Routes, func(x, y Route) int {
		return cmp.Or(cmp.Compare(y.Requests, x.Requests), cmp.Compare(x.Name, y.Name))
	})
	if len(t.Routes) <= maxRoutes {
		return
	}
	rest := Route{Name: otherRoutes}
	for _, r := range t.Routes[maxRoutes-1:] {
		rest.Requests += r.Requests
		first := len(rest.Calls)
		for _, c := range r.Calls {
			if c.Caller >= 0 {
				c.Caller += first
			}
			rest.Calls = append(rest.Calls, c)
		}
	}
	t.Routes = append(t.Routes[:maxRoutes-1], rest)
}
