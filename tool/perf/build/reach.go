package build

import "strings"

// What a benchmark can reach is found as the linker finds what a program needs
// (cmd/link/internal/ld/deadcode.go): all that is referred to, and of types that
// are converted to interfaces the methods that somebody calls by interface.
// Two things differ, each towards too much: methods are told apart by name only,
// and the initialisation of every package counts as reached, since it may
// register what the benchmark finds there; that of the standard library's only
// if something else of the package is reached, since those know none of ours.

// What a walk knows of a definition.
const (
	seen = 1 << iota
	converted
)

// walk finds what can be reached in a program.
type walk struct {
	*program
	state    []byte
	todo     []spot
	reached  []spot
	called   map[string]bool // names of methods called by interface
	reflects bool            // any exported method may be called
	waiting  []method
}

// method is one that is reached when somebody calls its name.
type method struct {
	name string
	code [2]spot
	has  [2]bool
}

// reach returns the definitions that can be reached from the roots.
func (p *program) reach(roots []spot) []spot {
	w := &walk{program: p, state: make([]byte, p.size), called: make(map[string]bool)}
	for _, s := range roots {
		w.mark(s, seen)
	}
	for len(w.todo) > 0 { // bounded: a definition is put there once for each flag
		s := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		w.visit(s)
		if len(w.todo) == 0 {
			w.wake()
		}
	}
	return w.reached
}

// mark notes what is known of a definition. One that is reached and then found
// to be converted is visited again.
func (w *walk) mark(s spot, what byte) {
	at := w.members[s.m].first + s.i
	old := w.state[at]
	w.state[at] |= what
	if w.state[at] == old || w.state[at]&seen == 0 {
		return
	}
	w.todo = append(w.todo, s)
	if old&seen != 0 {
		return
	}
	w.reached = append(w.reached, s)
	if m := &w.members[s.m]; s.i < m.counts[0] && m.task < m.counts[0] && !m.flag(s.i, flagType) {
		w.mark(spot{s.m, m.task}, seen)
	}
}

// visit follows a definition's references.
func (w *walk) visit(s spot) {
	m := &w.members[s.m]
	w.reflects = w.reflects || m.flag(s.i, flagReflects)
	isType := m.flag(s.i, flagType)
	used := isType && w.state[m.first+s.i]&converted != 0
	order := strings.HasSuffix(m.name(s.i), "..inittask")
	from, to := m.relocs(s.i)
	for n := from; n < to; n++ {
		r := m.reloc(n)
		if r.weak() || r.kind() == useType || order && r.what[4] == 0 {
			continue // keeps nothing alive
		}
		if r.kind() == methodOff {
			if used && n+2 < to {
				w.method(s.m, r, m.reloc(n+1), m.reloc(n+2))
			}
			n += 2
			continue
		}
		w.follow(s.m, r, used)
	}
}

// follow follows one reference; used is whether it is of a type that is
// converted to an interface.
func (w *walk) follow(from int32, r reloc, used bool) {
	t, ok := w.target(from, r.to)
	if !ok {
		return
	}
	switch r.kind() {
	case useIface:
		w.mark(w.concrete(t), converted)
	case useIfaceMethod:
		// The runtime calls Error and String of what a program dies of, and
		// nothing else of ours.
		if w.members[from].path != "runtime" {
			w.call(w.ifaceMethod(t, r.add()))
		}
	case useNamedMethod:
		w.call(string(w.members[t.m].content(t.i)))
	default:
		what := byte(seen)
		if used && w.members[t.m].flag(t.i, flagType) {
			what |= converted // reflection gets from a type to its parts
		}
		w.mark(t, what)
	}
}

// concrete returns the type that is meant by a type or an itab.
func (w *walk) concrete(t spot) spot {
	m := &w.members[t.m]
	if m.flag(t.i, flagType) {
		return t
	}
	from, to := m.relocs(t.i)
	if to-from >= 2 { // the interface, then the type
		if c, ok := w.target(t.m, m.reloc(from+1).to); ok {
			return c
		}
	}
	return t
}

// ifaceMethod returns the name of the method at an offset of an interface type,
// "" if it cannot be found.
func (w *walk) ifaceMethod(t spot, offset uint32) string {
	m := &w.members[t.m]
	from, to := m.relocs(t.i)
	for n := from; n < to; n++ {
		if r := m.reloc(n); r.offset() == offset {
			if name, ok := w.target(t.m, r.to); ok {
				return typeName(w.members[name.m].content(name.i))
			}
		}
	}
	return ""
}

// typeName reads a name as types have it: a byte of flags, the length as a
// varint, the bytes (internal/abi.Name).
func typeName(data []byte) string {
	n, at := 0, 1
	for shift := 0; at < len(data) && shift < 28; shift += 7 {
		b := data[at]
		at++
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	if at > len(data) || n > len(data)-at {
		return ""
	}
	return string(data[at : at+n])
}

// call notes that a method is called by interface. If it is not known which,
// each may be.
func (w *walk) call(name string) {
	if name == "" {
		w.reflects = true
		return
	}
	w.called[name] = true
}

// method notes a method of a type that is converted to an interface.
func (w *walk) method(from int32, of, iface, direct reloc) {
	var m method
	if t, ok := w.target(from, of.to); ok {
		w.mark(t, seen|converted)
	}
	for i, r := range [...]reloc{iface, direct} {
		if m.code[i], m.has[i] = w.target(from, r.to); m.has[i] {
			name := strings.TrimSuffix(w.members[m.code[i].m].name(m.code[i].i), "<1>")
			m.name = name[strings.LastIndexByte(name, '.')+1:]
		}
	}
	w.waiting = append(w.waiting, m)
}

// wake reaches the methods that are called by now.
func (w *walk) wake() {
	left := w.waiting[:0]
	for _, m := range w.waiting {
		if !w.reflects && !w.called[m.name] {
			left = append(left, m)
			continue
		}
		for i, ok := range m.has {
			if ok {
				w.mark(m.code[i], seen)
			}
		}
	}
	w.waiting = left
}
