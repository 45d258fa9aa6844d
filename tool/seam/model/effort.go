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
)

// effort estimates edited lines, mechanical ones and those by hand apart.
func (t *teller) effort() {
	effort := report.Effort{How: []string{}}
	say := func(mechanical, hand int, how string) {
		if mechanical+hand > 0 {
			effort.Mechanical += mechanical
			effort.Hand += hand
			effort.How = append(effort.How, fmt.Sprintf("%s: %d mechanical, %d by hand", how, mechanical, hand))
		}
	}
	ifaces, types, funcs := map[int32]bool{}, map[int32]bool{}, map[int32]bool{}
	callees := map[int32]string{}
	variables := map[int32]bool{}
	for _, x := range t.across {
		to := &t.nodes[x.e.to]
		switch {
		case to.isVar():
			variables[x.e.to] = true
			continue
		case !to.isFunc():
			continue
		case x.e.via >= 0:
			ifaces[t.vias[x.e.via].node] = true
		case to.recv >= 0:
			types[to.recv] = true
		default:
			funcs[x.e.to] = true
		}
		if !t.inTx(x.e) && classCost(x.class.name) > classCost(callees[x.e.to]) {
			callees[x.e.to] = x.class.name
		}
	}
	methods := 0
	promoted, adapted, blocked, sites := 0, 0, 0, 0
	for n, class := range callees {
		if t.nodes[n].recv >= 0 && types[t.nodes[n].recv] {
			methods++
		}
		switch class {
		case classM1:
			promoted++
			sites += t.sites(n)
		case classM2:
			adapted++
		case classB:
			blocked++
		}
	}
	say(0, linesBind*(len(ifaces)+len(types)), plural(len(ifaces)+len(types), "boundary object")+" to bind where it is made")
	say(linesInterface*len(types)+methods, 0, plural(len(types), "interface")+" to extract from concrete types")
	say(linesDispatcher*len(funcs), 0, plural(len(funcs), "package function")+" behind a dispatcher")
	say(promoted+sites, 0, plural(promoted, "signature")+" that gains a context or an error, with "+plural(sites, "call site"))
	say(linesAdapter*adapted, linesNarrow*adapted, plural(adapted, "callee")+" that needs an adapter")
	say(0, linesBlocked*blocked, plural(blocked, "callee")+" blocked by signature")
	say(0, linesVariable*len(variables), plural(len(variables), "variable")+" reached across")
	say(0, linesTx*len(t.s.Transactions), plural(len(t.s.Transactions), "transaction")+" to part")
	say(0, linesTable*t.twoWriters(), plural(t.twoWriters(), "table")+" with two writers")
	say(0, linesTwice*len(t.s.Twice), plural(len(t.s.Twice), "piece")+" of state that would exist twice")
	t.s.Effort = effort
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
