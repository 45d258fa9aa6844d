package model

import (
	"fmt"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
)

// class is what it takes to make one reference remote, and why.
type class struct {
	name, why, fix string
}

// classify judges a reference by its kind and the callee's signature.
func (m *Model) classify(e *edge) class {
	switch e.kind {
	case facts.Call, facts.IfaceCall:
		return m.classifyCall(e)
	case facts.Value, facts.IfaceValue:
		return class{classM2, "the function is passed on as a value", "close over the boundary where the value is made"}
	case facts.Read:
		return class{classB, "reads a package variable of the other side: " + m.chain(e.to), "ask through a method of the owner"}
	case facts.Write:
		return class{classB, "writes a package variable of the other side", "let its owner write it, through a method"}
	case facts.FieldRef, facts.FieldWrite:
		return class{classB, "reaches into a value of the other side", "ask through a method of the owner"}
	case facts.TypeRef, facts.Construct:
		if !m.keepsState(e.to) {
			return class{classR, "a type is linked into both halves", ""}
		}
		return class{classM1, "names a type that holds state", "extract an interface of the methods used"}
	}
	return class{classR, "linked into both halves", ""}
}

// classifyCall judges a call. An interface call is judged by the interface's
// method, since callers keep that.
func (m *Model) classifyCall(e *edge) class {
	if m.inTx(e) {
		return class{classB, "called between begin and commit of a transaction: atomicity would be lost",
			"move the call out of the transaction, or record the intent in the same database (outbox)"}
	}
	if e.via >= 0 && m.remote[m.vias[e.via].node] || m.remote[m.nodes[e.to].recv] {
		return class{classM0, "goes through a generated client, which calls over a network already", ""}
	}
	c := m.signature(e)
	if c.name == classB {
		return c
	}
	if at := m.changed(e.to); at != nil {
		return class{classB, fmt.Sprintf("changes its argument %s (%s:%d): the caller would not see it", at.name, m.file(at.node), at.line),
			"return the changed value"}
	}
	c.fix = join(c.fix, m.behind(e))
	return c
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// signature is the class of what is called, by its parameters and results. Open
// payloads make an adapter necessary in any case.
func (m *Model) signature(e *edge) class {
	sig := m.nodes[e.to].decl.Sig
	if e.via >= 0 && m.vias[e.via].method.Sig != nil {
		sig = m.vias[e.via].method.Sig
	}
	if sig == nil {
		return class{classM1, "its signature is not known", "add a context and an error result"}
	}
	c := class{sig.Class, sig.Why, sig.Fix}
	if classCost(c.name) >= costM2 {
		return c
	}
	if open := m.openIn(sig); open != "" {
		return class{classM2, open + " is open: any type may be in it", "declare the types it may hold, or use a typed field"}
	}
	return c
}

// openIn names an open part of the values that travel, or is empty.
func (m *Model) openIn(sig *facts.Sig) string {
	if len(sig.Open) > 0 {
		return sig.Open[0]
	}
	for _, s := range sig.Types {
		if t, ok := m.byName[s]; ok {
			if open := m.openField(t, 0); open != "" {
				return open
			}
		}
	}
	return ""
}

// openField names an open field of a type, looking into the module's own types
// in it.
func (m *Model) openField(t int32, depth int) string {
	const maxDepth = 4
	if depth > maxDepth {
		return ""
	}
	for _, f := range m.nodes[t].decl.Fields {
		if f.Open {
			return m.label(t) + "." + f.Name + " " + f.Text
		}
		if of, ok := m.byName[f.Type]; ok && of != t {
			if open := m.openField(of, depth+1); open != "" {
				return open
			}
		}
	}
	return ""
}

// behind says where the call gets its interface from.
func (m *Model) behind(e *edge) string {
	switch recv := m.nodes[e.to].recv; {
	case e.via >= 0:
		return "" // callers hold an interface already
	case recv < 0:
		return "package function: put it behind an interface, or generate a dispatcher for it"
	default:
		return "callers hold the concrete type " + m.label(recv) + ": extract an interface of the methods used"
	}
}

// viaName is an interface method as people write it: "orders.API.Place".
func (m *Model) viaName(e *edge) string {
	if e.via < 0 {
		return ""
	}
	v := m.vias[e.via]
	return m.label(v.node) + "." + m.names.name(v.method.Name)
}

// keepsState reports whether values of a type hold state.
func (m *Model) keepsState(t int32) bool {
	return m.nodes[t].isType() && (m.nodes[t].decl.Holds || m.guarded[t])
}

// change is where an argument is changed.
type change struct {
	name string
	node int32
	line int
}

// changed says which argument a function changes, by itself or in what it hands
// it on to, or nil. The receiver is not an argument.
func (m *Model) changed(n int32) *change {
	if m.nodes[n].lit {
		return nil
	}
	return m.changes[n]
}

// findChanges follows parameters to where what they refer to is changed.
func (m *Model) findChanges() {
	type param struct {
		node int32
		arg  int
	}
	at := map[param]*change{}
	from := map[param][]param{}
	var queue []param
	for n := range m.nodes {
		if m.nodes[n].lit {
			continue
		}
		for _, p := range m.nodes[n].decl.Params {
			here := param{int32(n), p.Index}
			if p.Writes > 0 {
				at[here] = &change{name: p.Name, node: here.node, line: p.Writes}
				queue = append(queue, here)
			}
			for _, pass := range p.Passes {
				if to, ok := m.byName[pass.To]; ok {
					from[param{to, pass.Arg}] = append(from[param{to, pass.Arg}], here)
				}
			}
		}
	}
	for len(queue) > 0 { // each parameter enters once
		p := queue[0]
		queue = queue[1:]
		for _, up := range from[p] {
			if at[up] == nil {
				at[up] = &change{name: m.paramName(up.node, up.arg), node: at[p].node, line: at[p].line}
				queue = append(queue, up)
			}
		}
	}
	m.changes = map[int32]*change{}
	for n := range m.nodes {
		for _, p := range m.nodes[n].decl.Params {
			c := at[param{int32(n), p.Index}]
			if p.Index >= 0 && c != nil && m.changes[int32(n)] == nil {
				m.changes[int32(n)] = c
			}
		}
	}
}

func (m *Model) paramName(n int32, index int) string {
	for _, p := range m.nodes[n].decl.Params {
		if p.Index == index {
			return p.Name
		}
	}
	return ""
}

// base is the last element of an import path.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
