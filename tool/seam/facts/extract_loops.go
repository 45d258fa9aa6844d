package facts

import "go/types"

// noLoop is the depth of what leads back to no type that is being looked at.
const noLoop = 1 << 30

// typeMemo remembers what is found out about types by looking at their parts.
// Types lead back to themselves, so an answer is final only when all that leads
// back to it is known: the strong components of Tarjan (1972), in one pass.
type typeMemo[V any] struct {
	final   map[types.Type]V
	open    map[types.Type]int // depth of those being looked at
	partial map[types.Type]partialAnswer[V]
	stack   []types.Type // of partial
}

type partialAnswer[V any] struct {
	value V
	low   int
}

func newTypeMemo[V any]() typeMemo[V] {
	return typeMemo[V]{final: map[types.Type]V{}, open: map[types.Type]int{}, partial: map[types.Type]partialAnswer[V]{}}
}

// visit returns the answer for t, with look to find it from its parts. low is
// the depth of the outermost type being looked at that t leads back to; look
// passes on the least of those of its parts. The answer for what is being looked
// at is the zero V, and must not outweigh others.
func (m *typeMemo[V]) visit(t types.Type, look func(types.Type) (V, int)) (value V, low int) {
	t = types.Unalias(t)
	if v, ok := m.final[t]; ok {
		return v, noLoop
	}
	if p, ok := m.partial[t]; ok {
		return p.value, p.low
	}
	if d, ok := m.open[t]; ok {
		return value, d
	}
	depth, mark := len(m.open), len(m.stack)
	m.open[t] = depth
	value, low = look(t)
	delete(m.open, t)
	if low < depth {
		// What leads back to t leads back to where t does: its answer is no more
		// final than that of t.
		for _, inner := range m.stack[mark:] {
			if p := m.partial[inner]; p.low > low {
				m.partial[inner] = partialAnswer[V]{p.value, low}
			}
		}
		m.partial[t] = partialAnswer[V]{value, low}
		m.stack = append(m.stack, t)
		return value, low
	}
	for _, inner := range m.stack[mark:] {
		delete(m.partial, inner)
	}
	m.stack = m.stack[:mark]
	m.final[t] = value
	return value, noLoop
}
