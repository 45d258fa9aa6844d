package build

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// code is a package's test binary on both sides.
type code struct {
	path    string
	sides   [2]*program
	digests [2]map[spot]string
	problem error
}

// compareCode reads what two units are linked from.
func compareCode(a *archives, base, head *unit) *code {
	c := &code{path: base.path}
	units := [2]*unit{base, head}
	for i := range c.sides {
		c.digests[i] = make(map[spot]string)
		if c.sides[i], c.problem = a.program(units[i], units[1-i]); c.problem != nil {
			break
		}
	}
	return c
}

// differs reports whether a benchmark reaches code that differs, and which.
func (c *code) differs(benchmark string) (bool, string) {
	unsure := func(why string) (bool, string) {
		return true, "linked from other code, and which it reaches cannot be told: " + why
	}
	if c.problem != nil {
		return unsure(c.problem.Error())
	}
	var reached [2]map[string]string
	for i, p := range c.sides {
		roots, found := c.roots(p, benchmark)
		if !found {
			return unsure("it is not in the object files")
		}
		reached[i] = c.digestAll(i, p.reach(roots))
		if p.odd() {
			return unsure(errObject.Error())
		}
	}
	changed := c.changes(reached)
	switch len(changed) {
	case 0:
		return false, "no code that it reaches differs"
	case 1:
		return true, "reaches " + changed[0] + ", which differs"
	}
	return true, fmt.Sprintf("reaches %s and %d more that differ", changed[0], len(changed)-1)
}

// roots returns the definitions from which a benchmark starts.
func (c *code) roots(p *program, benchmark string) (roots []spot, found bool) {
	add := func(path, name string) bool {
		s, ok := p.symbol(path, symbolPrefix(path)+"."+name)
		if ok {
			roots = append(roots, s)
		}
		return ok
	}
	for _, path := range [...]string{c.path, c.path + "_test"} {
		for _, abi := range [...]string{"<1>", ""} {
			found = add(path, benchmark+abi) || found
			add(path, "TestMain"+abi)
		}
	}
	for i := range p.members {
		if m := &p.members[i]; !m.std && m.task < m.counts[0] {
			roots = append(roots, spot{int32(i), m.task})
		}
	}
	return roots, found
}

// digestAll returns the digests of definitions by their identities. Packages
// that are the same on both sides are left out, and what only others name by its
// content: who refers to it differs with it.
func (c *code) digestAll(side int, spots []spot) map[string]string {
	p := c.sides[side]
	all := make(map[string]string)
	for _, s := range spots {
		m := &p.members[s.m]
		if !m.differs {
			continue
		}
		if m.native != "" {
			all["native code of "+m.path] = m.native
		}
		if id := p.identity(s); id != "" {
			all[id] = c.digest(side, s)
		}
	}
	return all
}

// typeHead is the size of internal/abi.Type on 64-bit systems. What follows it
// in the description of a type that has methods is their number.
const typeHead = 48

// digest sums a definition: its bytes, and what they refer to. Of a type the
// methods are left out: they count where they are called.
func (c *code) digest(side int, s spot) string {
	if d, ok := c.digests[side][s]; ok {
		return d
	}
	c.digests[side][s] = "" // ends a circle of temporaries
	p := c.sides[side]
	m := &p.members[s.m]
	h := sha256.New()
	part := func(b []byte) {
		h.Write(binary.AppendUvarint(nil, uint64(len(b))))
		h.Write(b)
	}
	kind, content := m.kind(s.i), m.content(s.i)
	from, to := m.relocs(s.i)
	end := methodsStart(m.object, from, to)
	if end < uint32(len(content)) {
		kind, content = kind[:min(len(kind), 3)], content[:min(len(content), typeHead)]
	}
	part(kind)
	part(content)
	for n := from; n < to; n++ {
		r := m.reloc(n)
		if r.offset() >= end {
			continue
		}
		part(r.what)
		part([]byte(c.target(side, s.m, r.to)))
	}
	d := string(h.Sum(nil))
	c.digests[side][s] = d
	return d
}

// methodsStart returns the offset at which the methods of a type begin: with the
// name before the first one's code. It is beyond all offsets for what has none.
func methodsStart(o *object, from, to uint32) uint32 {
	for n := from; n < to; n++ {
		if r := o.reloc(n); r.kind() == methodOff && !r.weak() {
			return max(r.offset(), 4) - 4
		}
	}
	return 1<<32 - 1
}

// target says for a digest what a reference means.
func (c *code) target(side int, from int32, r ref) string {
	p := c.sides[side]
	s, ok := p.target(from, r)
	m := &p.members[from]
	switch {
	case ok:
		if id := p.identity(s); id != "" {
			return id
		}
		o := p.members[s.m].object
		if strings.Contains(o.name(s.i), "..stmp_") {
			return c.digest(side, s)
		}
		return o.hash(s.i)
	case int64(r.pkg) < int64(len(m.object.packages)):
		return fmt.Sprint(m.object.packages[r.pkg], " ", r.sym)
	}
	if i, ok := m.find(r); ok {
		return m.name(i) // defined by nobody that we know
	}
	return fmt.Sprint("builtin ", r)
}

// changes returns the names of what differs: functions that both sides have,
// those that one side has, data; initialisers of packages last. Data that only one
// side reaches is left out: a function that refers to it differs, too.
func (c *code) changes(reached [2]map[string]string) []string {
	both := set()
	var named [3][]string
	for i := range reached {
		for _, id := range sortedKeys(reached[i]) {
			digest := reached[i][id]
			other, ok := reached[1-i][id]
			function := strings.HasSuffix(id, "<1>")
			switch {
			case ok && other == digest || both[id]:
			case ok && function:
				named[0] = append(named[0], display(id))
			case function && !c.has(1-i, id, digest):
				named[1] = append(named[1], display(id))
			case ok && !function:
				named[2] = append(named[2], display(id))
			}
			both[id] = true
		}
	}
	all := slices.Concat(named[0], named[1], named[2])
	slices.SortStableFunc(all, func(a, b string) int { return lateness(a) - lateness(b) })
	return all
}

// initialiser is what runs before any benchmark, whether it matters or not.
var initialiser = regexp.MustCompile(`\.init(\.\d+)?$`)

// lateness is 1 for what is told after all else, as it tells less.
func lateness(name string) int {
	if initialiser.MatchString(name) {
		return 1
	}
	return 0
}

// has reports whether a side has an equal definition in some package: of those
// that several have, as instances of generic functions, any may be taken.
func (c *code) has(side int, id, digest string) bool {
	s, ok := c.sides[side].named[id]
	return ok && c.digest(side, s) == digest
}

// display turns a symbol into the name that people use.
func display(id string) string {
	if _, name, ok := strings.Cut(id, "\x00"); ok {
		id = name
	}
	return strings.ReplaceAll(strings.TrimSuffix(id, "<1>"), "%2e", ".")
}

// odd reports whether some file of the program points outside of itself.
func (p *program) odd() bool {
	return slices.ContainsFunc(p.members, func(m member) bool { return m.bad })
}

// symbolPrefix escapes a package path as the compiler does in the names of
// symbols (cmd/internal/objabi.PathToPrefix).
func symbolPrefix(path string) string {
	slash := strings.LastIndexByte(path, '/')
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c <= ' ' || c == '.' && i > slash || c == '%' || c == '"' || c >= 0x7F {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
