package model

import (
	"fmt"
	"slices"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// Service is one process of a program that is cut already, as hemilith.yaml has
// it. Components and Roles are the names given to hemilith.Bind and
// hemilith.Role.
type Service struct {
	Name              string
	Components, Roles []string
}

// Part returns the declarations that a service runs, sorted, and which of them
// other services call: the methods of its components. That is what its components
// and roles reach, together with what makes the values that they work on; not
// what other services answer, nor what the program does beside on its way to
// hemilith.Run. It returns an error, for the user, if the code has no such
// component or role.
func (m *Model) Part(s Service) (part, called []string, err error) {
	w := &hosting{Model: m, has: make([]bool, len(m.nodes)), wires: make([]bool, len(m.nodes)), away: map[int32]bool{}}
	found := map[string]bool{}
	var own []*facts.Host
	var at []int32
	for n := range int32(len(m.nodes)) {
		hosts := m.nodes[n].decl.Hosts
		w.wires[n] = len(hosts) > 0
		for i := range hosts {
			h := &hosts[i]
			if slices.Contains(s.hosts(h.Role), h.Name) {
				found[hostWord(h.Role, h.Name)] = true
				own, at = append(own, h), append(at, n)
			} else if api := m.find(h.API); api >= 0 {
				w.away[api] = true
			}
		}
	}
	for _, role := range []bool{false, true} {
		for _, name := range s.hosts(role) {
			if what := hostWord(role, name); !found[what] {
				return nil, nil, fmt.Errorf("-within %s: nothing in %s defines the %s that it hosts\n  next: hemilith gen  compares hemilith.yaml with the code", s.Name, m.module, what)
			}
		}
	}
	for _, h := range own {
		delete(w.away, m.find(h.API))
	}
	doors := w.walk(own)
	w.climb(at)
	for n := range int32(len(m.nodes)) {
		if w.has[n] {
			part = append(part, m.id(n))
		}
	}
	for _, n := range doors {
		called = append(called, m.id(n))
	}
	slices.Sort(part)
	slices.Sort(called)
	return slices.Compact(part), slices.Compact(called), nil
}

// hosts are the names of roles, or of components.
func (s Service) hosts(role bool) []string {
	if role {
		return s.Roles
	}
	return s.Components
}

func hostWord(role bool, name string) string {
	if role {
		return fmt.Sprintf("role %q", name)
	}
	return fmt.Sprintf("component %q", name)
}

// hosting collects what a service runs.
type hosting struct {
	*Model
	has   []bool
	wires []bool         // binds components or roles: what it names is not what one service runs
	away  map[int32]bool // interfaces that other services answer
	queue []int32
	made  []int32 // types of which values are made
}

func (w *hosting) push(n int32) {
	if n >= 0 && !w.has[n] {
		w.has[n] = true
		w.queue = append(w.queue, n)
	}
}

// walk follows all that hosts use, and returns the methods that answer the
// interfaces of components.
func (w *hosting) walk(hosts []*facts.Host) []int32 {
	for _, h := range hosts {
		for _, s := range h.Uses {
			w.push(w.find(s))
		}
		w.push(w.find(h.API))
	}
	var doors []int32
	for len(w.queue) > 0 { // each node enters once
		w.drain()
		doors = doors[:0]
		for _, h := range hosts {
			doors = append(doors, w.answers(h)...)
		}
		for _, n := range doors {
			w.push(n)
		}
		for _, e := range w.entries {
			if w.has[e.at] && !w.wires[e.at] {
				w.push(e.node)
			}
		}
		w.starts()
	}
	return doors
}

func (w *hosting) drain() {
	for len(w.queue) > 0 {
		n := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		if w.wires[n] {
			continue
		}
		for i := range w.out(n) {
			w.follow(&w.out(n)[i])
		}
		for _, to := range w.wraps[n] {
			w.push(to)
		}
		if t := w.nodes[n].recv; t >= 0 {
			w.push(t)
			for _, loop := range w.tends[t] {
				w.push(loop)
			}
			w.makersOf(t)
		}
	}
}

func (w *hosting) follow(e *edge) {
	if e.via >= 0 {
		w.push(w.vias[e.via].node)
		if w.away[w.vias[e.via].node] {
			return
		}
	}
	w.push(e.to)
	if w.makes(e) && !slices.Contains(w.made, e.to) {
		w.made = append(w.made, e.to)
		for _, method := range w.uncalled[e.to] {
			w.push(method)
		}
	}
}

// makersOf adds the constructors of a type, in its package. Types of package main
// are the program's wiring.
func (w *hosting) makersOf(t int32) {
	if w.pkgs[w.nodes[t].pkg].facts.Name == "main" {
		return
	}
	for _, i := range w.in[t] {
		if e := &w.edges[i]; e.kind == facts.Construct && w.nodes[e.from].pkg == w.nodes[t].pkg && w.nodes[e.from].isFunc() {
			w.push(e.from)
		}
	}
}

// answers are the methods of made types that answer a component's interface.
func (w *hosting) answers(h *facts.Host) []int32 {
	var found []int32
	for _, t := range w.made {
		var methods []int32
		for _, m := range w.nodes[t].decl.Methods {
			if n := w.find(m.Func); n >= 0 && slices.Contains(h.Methods, m.Name) {
				methods = append(methods, n)
			}
		}
		if len(methods) == len(h.Methods) {
			found = append(found, methods...)
		}
	}
	return found
}

// starts adds the init functions of packages that are in.
func (w *hosting) starts() {
	for p := range w.pkgs {
		if w.pkgs[p].facts.Name == "main" || !slices.ContainsFunc(w.pkgs[p].decls, func(n int32) bool { return w.has[n] && w.nodes[n].isFunc() }) {
			continue
		}
		for _, n := range w.pkgs[p].decls {
			if w.isInit(n) {
				w.push(n)
			}
		}
	}
}

// climb adds what leads from main to the code that binds.
func (w *hosting) climb(queue []int32) {
	seen := make([]bool, len(w.nodes))
	for len(queue) > 0 { // each node enters once
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if seen[n] {
			continue
		}
		seen[n], w.has[n] = true, true
		if t := w.nodes[n].recv; t >= 0 {
			w.has[t] = true
		}
		for _, i := range w.in[n] {
			if e := &w.edges[i]; uses(e.kind) {
				queue = append(queue, e.from)
			}
		}
	}
}
