package main

import (
	"math/bits"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// services is a set of services, by bit. A case has at most maxServices.
type services uint64

const maxServices = 64

func (s services) count() int { return bits.OnesCount64(uint64(s)) }

// owner is the only service in the set, or -1.
func (s services) owner() int {
	if s.count() != 1 {
		return -1
	}
	return bits.TrailingZeros64(uint64(s))
}

// service is a part of a program that runs as a process of its own.
type service struct {
	name  string
	roots []int // where its work begins
}

// truth is which services run each declaration.
type truth struct {
	services []service
	by       []services // by declaration
}

// findTruth follows each service from its roots. through are types that hold
// the parts of every service, a config or an application object: what they are
// made of is nobody's. What runs before any service does, main and init, is
// nobody's either, but the values that it makes are handed to all.
func findTruth(g *program, list []service, through []int) *truth {
	t := &truth{services: list, by: make([]services, len(g.decls))}
	god := make([]bool, len(g.decls))
	for _, n := range through {
		god[n] = true
	}
	start := newWalk(g, god, make([]bool, len(g.decls)))
	for s := range list {
		for _, n := range list[s].roots {
			start.seen[n] = true // not from here
		}
	}
	for n := range g.decls {
		if g.decls[n].starts() {
			start.reach(n)
		}
	}
	start.run()
	for s := range list {
		w := newWalk(g, god, start.live)
		for _, n := range list[s].roots {
			w.reach(n)
		}
		w.run()
		for n, seen := range w.seen {
			if seen {
				t.by[n] |= 1 << s
			}
		}
	}
	return t
}

// starts reports whether a declaration runs in every process: main of a main
// package, init, and blank variables.
func (d *declared) starts() bool {
	name, _, _ := strings.Cut(d.Symbol.Name, "#")
	return name == "init" && d.Kind == facts.Func || name == "_" && d.Kind == facts.Var || name == "main" && d.mains
}

// walk is the reach of one service: rapid type analysis (Bacon and Sweeney 1996),
// in which a call through an interface leads to the methods of those types of
// which this service makes values.
type walk struct {
	g     *program
	god   []bool
	seen  []bool
	given []bool           // by type: values of it are there before the service starts
	live  []bool           // by type: the service makes values of it
	asked map[int][]string // by interface: its methods that the service calls
	users map[int][]int    // by type: the interfaces of asked that it implements
	wait  map[int][]int    // by type: methods that run if the service makes such a value
	queue []int
}

func newWalk(g *program, god, given []bool) *walk {
	return &walk{
		g: g, god: god, given: given, seen: make([]bool, len(g.decls)), live: make([]bool, len(g.decls)),
		asked: map[int][]string{}, users: map[int][]int{}, wait: map[int][]int{},
	}
}

func (w *walk) reach(n int) {
	if !w.seen[n] {
		w.seen[n] = true
		w.queue = append(w.queue, n)
	}
}

func (w *walk) run() {
	for len(w.queue) > 0 { // each declaration enters once
		n := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		d := &w.g.decls[n]
		if d.recv >= 0 {
			w.reach(d.recv)
		}
		if w.god[n] {
			continue
		}
		fromGod := w.readsGod(d.Decl)
		for i := range d.Refs {
			w.follow(d, &d.Refs[i], fromGod)
		}
		for i := range d.Entries {
			w.register(&d.Entries[i])
		}
	}
}

// readsGod reports whether a declaration takes parts out of an object that has
// those of every service. What such a part does is run only by the services
// that made it.
func (w *walk) readsGod(d *facts.Decl) bool {
	for i := range d.Refs {
		if d.Refs[i].Kind == facts.FieldRef {
			if to, ok := w.g.index[d.Refs[i].To]; ok && w.god[to] {
				return true
			}
		}
	}
	return false
}

func (w *walk) follow(from *declared, r *facts.Ref, fromGod bool) {
	if r.Kind == facts.IfaceCall || r.Kind == facts.IfaceValue {
		if iface, method, ok := w.g.through(r.To); ok {
			w.reach(iface)
			w.ask(iface, method)
		}
		return
	}
	to, ok := w.g.index[r.To]
	if !ok {
		return
	}
	d := &w.g.decls[to]
	switch {
	case d.recv >= 0 && fromGod && from.recv != d.recv && !w.god[d.recv] && !w.has(d.recv):
		w.wait[d.recv] = append(w.wait[d.recv], to)
		return
	case r.Kind == facts.Construct, r.Kind == facts.TypeRef && from.Kind != facts.Type && !w.g.made[to]:
		w.make(to)
	}
	w.reach(to)
}

// has reports whether the service has values of a type.
func (w *walk) has(t int) bool { return w.live[t] || w.given[t] }

// make notes that the service makes values of a type.
func (w *walk) make(t int) {
	d := &w.g.decls[t]
	if w.live[t] || d.Kind != facts.Type || d.Interface {
		return
	}
	w.live[t] = true
	w.reach(t)
	for _, m := range d.Methods {
		fn, ok := w.g.answers[methodOf{t, m.Name}]
		if ok && !w.g.called[fn] && w.g.decls[fn].Exported {
			w.reach(fn) // only others can call it, through an interface of theirs
		}
	}
	for _, fn := range w.wait[t] {
		w.reach(fn)
	}
	delete(w.wait, t)
	for _, iface := range w.users[t] {
		for _, method := range w.asked[iface] {
			w.answer(t, method)
		}
	}
	for _, f := range d.Fields {
		if part, ok := w.g.index[f.Type]; ok && !strings.ContainsAny(f.Text, "*[") {
			w.make(part)
		}
	}
}

// ask notes that the service calls a method of an interface.
func (w *walk) ask(iface int, method string) {
	methods, known := w.asked[iface]
	for _, m := range methods {
		if m == method {
			return
		}
	}
	w.asked[iface] = append(methods, method)
	for _, t := range w.g.impls[iface] {
		if !known {
			w.users[t] = append(w.users[t], iface)
		}
		if w.has(t) {
			w.answer(t, method)
		}
	}
}

func (w *walk) answer(t int, method string) {
	if fn, ok := w.g.answers[methodOf{t, method}]; ok {
		w.reach(fn)
	}
}

// register follows what is handed to a server, a scheduler or a queue.
func (w *walk) register(e *facts.Entry) {
	if n, ok := w.g.index[e.Func]; ok && w.g.decls[n].Kind == facts.Func {
		w.reach(n)
	}
	t, ok := w.g.index[e.Type]
	if !ok {
		return
	}
	types := []int{t}
	if w.g.decls[t].Interface {
		types = w.g.impls[t]
	}
	for _, t := range types {
		for _, m := range e.Methods {
			if fn, ok := w.g.answers[methodOf{t, m}]; ok && w.has(t) {
				w.reach(fn)
			} else if ok {
				w.wait[t] = append(w.wait[t], fn)
			}
		}
	}
}

// spread is how the code of a program divides, in lines: run by one service
// alone, by all, by several, by none.
type spread struct{ One, All, Some, None float64 }

func (t *truth) spread(g *program) spread {
	var s spread
	for n := range g.decls {
		size := g.decls[n].size()
		switch k := t.by[n].count(); {
		case k == 0:
			s.None += size
		case k == 1:
			s.One += size
		case k == len(t.services):
			s.All += size
		default:
			s.Some += size
		}
	}
	return s
}
