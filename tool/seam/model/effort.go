package model

import (
	"fmt"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/report"
)

// Lines of an estimate, after the tiers of split.md, section 3: judgements, to
// be replaced by counts once splits are measured.
const (
	linesBind       = 1  // hemilith.Bind around a constructor, by hand
	linesInterface  = 2  // an interface's frame; each of its methods is one more
	linesDispatcher = 3  // a package function behind a dispatcher
	linesAdapter    = 10 // a stream or callback adapter, generated
	linesNarrow     = 3  // an open type to declare, by hand
	linesBlocked    = 15 // a blocked callee, by hand
	linesVariable   = 5  // a variable behind a method, by hand
	linesTx         = 20 // a call taken out of a transaction, or an outbox, by hand
	linesTable      = 10 // a second writer turned into a caller, by hand
	linesTwice      = 3  // a decision on state that exists twice, by hand
	linesValue      = 5  // a context value turned into an argument, by hand
)

// boundary is what of a program a cut makes remote, each once.
type boundary struct {
	ifaces, types, funcs, vars map[int32]bool
	callees                    map[int32]string // the hardest class of each
}

func (t *teller) boundary() boundary {
	b := boundary{map[int32]bool{}, map[int32]bool{}, map[int32]bool{}, map[int32]bool{}, map[int32]string{}}
	for _, x := range t.across {
		to := &t.nodes[x.e.to]
		switch {
		case to.isVar():
			b.vars[x.e.to] = true
			continue
		case !to.isFunc():
			continue
		case x.e.via >= 0:
			b.ifaces[t.vias[x.e.via].node] = true
		case to.recv >= 0:
			b.types[to.recv] = true
		default:
			b.funcs[x.e.to] = true
		}
		if !t.inTx(x.e) && classCost(x.class.name) > classCost(b.callees[x.e.to]) {
			b.callees[x.e.to] = x.class.name
		}
	}
	return b
}

// effort estimates edited lines, mechanical ones and those by hand apart.
func (t *teller) effort() {
	b := t.boundary()
	classes, methods, sites := map[string]int{}, 0, 0
	for n, class := range b.callees {
		classes[class]++
		if b.types[t.nodes[n].recv] {
			methods++
		}
		if class == classM1 {
			sites += t.sites(n)
		}
	}
	effort := report.Effort{How: []string{}}
	say := func(count, mechanical, hand int, noun, rest string) {
		if count == 0 {
			return
		}
		effort.Mechanical += mechanical
		effort.Hand += hand
		effort.How = append(effort.How, fmt.Sprintf("%s %s: %d mechanical, %d by hand", plural(count, noun), rest, mechanical, hand))
	}
	objects, promoted, txs, tables, twice, values := len(b.ifaces)+len(b.types), classes[classM1], len(t.s.Transactions), t.twoWriters(), len(t.s.Twice), t.values()
	say(objects, 0, linesBind*objects, "boundary object", "to bind where "+verb(objects, "it is", "they are")+" made")
	say(len(b.types), linesInterface*len(b.types)+methods, 0, "interface", "to extract from a concrete type")
	say(len(b.funcs), linesDispatcher*len(b.funcs), 0, "package function", "to put behind a dispatcher")
	say(promoted, promoted+sites, 0, "signature", verb(promoted, "that gains", "that gain")+" a context or an error, with "+plural(sites, "call site"))
	say(classes[classM2], linesAdapter*classes[classM2], linesNarrow*classes[classM2], "callee", verb(classes[classM2], "that needs", "that need")+" an adapter")
	say(classes[classB], 0, linesBlocked*classes[classB], "callee", "blocked by signature, or by changing an argument")
	say(len(b.vars), 0, linesVariable*len(b.vars), "variable", "to reach through a method")
	say(txs, 0, linesTx*txs, "transaction", "to part")
	say(tables, 0, linesTable*tables, "table", "with two writers")
	say(twice, 0, linesTwice*twice, "piece", "of state that would exist twice, to decide on")
	say(values, 0, linesValue*values, "context value", "to pass as an argument")
	t.s.Effort = effort
}

// values counts the context values that calls would have to take along.
func (t *teller) values() int {
	count := 0
	for _, c := range t.s.Carried {
		if c.What == cargoValue {
			count++
		}
	}
	return count
}

// sites counts the places where a function is called.
func (t *teller) sites(n int32) int {
	count := 0
	for _, i := range t.Model.in[n] {
		if e := &t.edges[i]; e.kind == facts.Call || e.kind == facts.IfaceCall {
			count += int(e.count)
		}
	}
	return count
}

func (t *teller) twoWriters() int {
	count := 0
	for _, table := range t.s.Tables {
		if table.A == "write" && table.B == "write" {
			count++
		}
	}
	return count
}
