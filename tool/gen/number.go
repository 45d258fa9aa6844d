package gen

import (
	"cmp"
	"fmt"
	"go/types"
	"hash/fnv"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/hemilith/hemilith/wire"
)

// number gives every method, parameter, result, field and error its number, in
// an order that depends on the program alone.
func (g *generator) number() error {
	for _, c := range g.comps {
		for _, m := range c.methods {
			id := c.name + "." + m.fn.Name()
			if m.num = g.lock.number(lockMethod, id); m.num > wire.MaxMethodID {
				return fmt.Errorf("method %s would have number %d, and %d is the last: bind less", id, m.num, wire.MaxMethodID)
			}
			g.numberFields(lockArg, id, m.args)
			g.numberFields(lockResult, id, m.results)
		}
		slices.SortFunc(c.methods, func(a, b *method) int { return cmp.Compare(a.num, b.num) })
	}
	slices.SortFunc(g.walk.messages, func(a, b *message) int {
		return cmp.Or(strings.Compare(a.owner, b.owner), strings.Compare(a.home.PkgPath, b.home.PkgPath))
	})
	for _, m := range g.walk.messages {
		g.numberFields(lockField, m.owner, m.fields)
	}
	for i := range g.faults.list {
		f := &g.faults.list[i]
		f.num = g.lock.number(lockError, f.name)
	}
	return nil
}

func (g *generator) numberFields(kind, owner string, fields []field) {
	for i := range fields {
		fields[i].num = g.lock.number(kind, owner+"."+fields[i].name)
	}
}

// byNumber returns fields in the order in which they are encoded.
func byNumber(fields []field) []field {
	return slices.SortedFunc(slices.Values(fields), func(a, b field) int { return cmp.Compare(a.num, b.num) })
}

// nameHash identifies a method across branches that may have taken one number
// twice.
func nameHash(module string, c *component, m *method) uint64 {
	return hash(module + " " + c.name + "." + m.fn.Name())
}

func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// shapeHash covers what is encoded: numbers, classes and sizes, but no names.
func (g *generator) shapeHash(c *component, m *method) uint64 {
	s := shaper{g: g, seen: map[*message]int{}}
	s.fields(c.home, m.args)
	s.b.WriteString("->")
	s.fields(c.home, m.results)
	return hash(s.b.String())
}

// shaper writes the structure of types in a canonical form. A message met again
// is written as its position, so recursive types end.
type shaper struct {
	g    *generator
	b    strings.Builder
	seen map[*message]int
}

func (s *shaper) fields(home *packages.Package, fields []field) {
	s.b.WriteByte('{')
	for _, f := range byNumber(fields) {
		fmt.Fprintf(&s.b, "%d:", f.num)
		s.typ(home, f.typ, f.anon)
		s.b.WriteByte(',')
	}
	s.b.WriteByte('}')
}

func (s *shaper) typ(home *packages.Package, t types.Type, anon string) {
	c := s.g.classOf(t)
	if c != messageClass {
		s.composite(home, c, t, anon)
		return
	}
	m := s.g.message(t, anon, home)
	if at, ok := s.seen[m]; ok {
		fmt.Fprintf(&s.b, "^%d", at)
		return
	}
	s.seen[m] = len(s.seen)
	if m.isStruct() {
		s.fields(m.home, m.fields)
		return
	}
	s.b.WriteString("{1:")
	s.composite(m.home, underlyingClass(t), t, m.owner)
	s.b.WriteString("}")
}

func (s *shaper) composite(home *packages.Package, c class, t types.Type, anon string) {
	fmt.Fprintf(&s.b, "%d", c)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		fmt.Fprintf(&s.b, "/%d", u.Kind())
	case *types.Pointer:
		s.typ(home, u.Elem(), anon)
	case *types.Slice:
		s.typ(home, u.Elem(), anon+elemStep)
	case *types.Array:
		fmt.Fprintf(&s.b, "/%d", u.Len())
		s.typ(home, u.Elem(), anon+elemStep)
	case *types.Map:
		s.typ(home, u.Key(), anon+keyStep)
		s.typ(home, u.Elem(), anon+elemStep)
	}
}
