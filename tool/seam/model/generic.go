package model

import (
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// methodKey is a method's name and signature.
type methodKey struct{ name, sig string }

// haves says which types have a method.
type haves struct {
	exact map[methodKey][]int32
	// sigs are the signatures of each name, in the order in which they came.
	sigs map[string][]string
}

// add notes a method of a type. Types come in order.
func (h haves) add(t int32, m *facts.Method) {
	key := methodKey{m.Name, m.Type}
	if len(h.exact[key]) == 0 {
		h.sigs[m.Name] = append(h.sigs[m.Name], m.Type)
	}
	h.exact[key] = append(h.exact[key], t)
}

// of are the types with a method, sorted. With type parameters it may be any of
// several signatures; a type that fits by accident is found, too.
func (h haves) of(m *facts.Method) []int32 {
	var lists [][]int32
	for _, sig := range h.sigs[m.Name] {
		if fits(sig, m.Type) {
			lists = append(lists, h.exact[methodKey{m.Name, sig}])
		}
	}
	if len(lists) < 2 {
		return slices.Concat(lists...)
	}
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// fits reports whether two signatures may be of the same method, where either
// has type parameters.
func fits(a, b string) bool {
	return a == b || instantiates(a, b) || instantiates(b, a)
}

// instantiates reports whether a signature is another one with something in
// place of its type parameters.
func instantiates(sig, generic string) bool {
	parts := strings.Split(generic, facts.AnyType)
	last := len(parts) - 1
	rest, ok := strings.CutPrefix(sig, parts[0])
	if !ok || last == 0 {
		return false
	}
	for _, part := range parts[1:last] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[last])
}
