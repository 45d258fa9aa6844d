package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// maxNamed is how many users of one thing a report names; the first by name say
// as much as all.
const maxNamed = 12

var verbNames = [...]string{facts.Reads: "read", facts.Writes: "write", facts.Defines: "schema"}

// tables lists the tables that both halves touch.
func (t *teller) tables() {
	t.s.Tables = []report.Table{}
	for at, users := range t.tableUsers() {
		one := report.Table{Name: t.Model.tables[at].name, Users: []report.TableUse{}}
		var does [inBoth + 1]string
		for _, u := range users {
			if u.verb == facts.Defines || t.nodes[u.by].role == idle {
				continue
			}
			in := t.in[u.by]
			place := t.placeOf(spot{u.names, int(u.line)})
			one.Users = append(one.Users, report.TableUse{Place: place, Verb: verbNames[u.verb], Side: sides[in.label()]})
			for _, h := range []half{inA, inB} {
				if in&h != 0 && t.nodes[u.by].role == work && does[h] != "write" {
					does[h] = verbNames[u.verb]
				}
			}
		}
		one.A, one.B = does[inA], does[inB]
		if one.A == "" || one.B == "" {
			continue
		}
		switch {
		case one.A == "write" && one.B == "write":
			one.Cost, one.Why = costTable, "written by both halves: name one owner, and let the other ask it"
		case one.A == "write" || one.B == "write":
			one.Cost, one.Why = costRead, "written by one half and read by the other: the reader depends on its columns"
		default:
			one.Why = "only read: each half can have a copy"
		}
		t.s.Tables = append(t.s.Tables, one)
	}
	slices.SortFunc(t.s.Tables, func(a, b report.Table) int {
		return cmp.Or(cmp.Compare(b.Cost, a.Cost), cmp.Compare(a.Name, b.Name))
	})
}

// transactions lists the crossings that happen, or may happen, while a
// transaction is open, and the transactions that write what belongs to both.
func (t *teller) transactions() {
	t.s.Transactions = []report.Transaction{}
	seen := map[[2]int32]bool{}
	for _, x := range t.across {
		e := x.e
		call := e.kind == facts.Call || e.kind == facts.IfaceCall
		if !call || e.spawn || !e.tx && t.nodes[e.from].under == txNever || seen[[2]int32{e.from, e.to}] {
			continue
		}
		seen[[2]int32{e.from, e.to}] = true
		path := t.txPath(e)
		one := report.Transaction{Place: t.at(path[0]), To: t.id(e.to), Direct: len(path) == 1, Path: []string{}}
		for _, n := range path {
			one.Path = append(one.Path, t.id(n))
		}
		one.Path = append(one.Path, t.id(e.to))
		switch {
		case one.Direct:
			one.Why = fmt.Sprintf("calls across (%s:%d) between begin and commit", t.file(e.from), e.line)
		case t.inTx(e):
			one.Why = fmt.Sprintf("%s calls across (%s:%d) and always runs in this transaction", t.label(e.from), t.file(e.from), e.line)
		default:
			one.Why = fmt.Sprintf("%s calls across (%s:%d) and runs in this transaction on some ways", t.label(e.from), t.file(e.from), e.line)
		}
		t.s.Transactions = append(t.s.Transactions, one)
	}
	t.spanning()
	slices.SortStableFunc(t.s.Transactions, func(a, b report.Transaction) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.To, b.To))
	})
}

// txPath is a shortest known way from where a transaction begins to the caller
// of e.
func (t *teller) txPath(e *edge) []int32 {
	const maxPath = 64
	path := []int32{e.from}
	for !e.tx && len(path) < maxPath {
		by := t.nodes[e.from].txBy
		if by < 0 {
			break // it is handed the transaction
		}
		e = &t.edges[by]
		path = append(path, e.from)
	}
	slices.Reverse(path)
	return path
}

// spanning adds transactions that write tables which belong to both halves.
func (t *teller) spanning() {
	owner := t.tableOwners()
	for n := range int32(len(t.nodes)) {
		if t.nodes[n].lit || t.nodes[n].role != work {
			continue
		}
		var own, other []string
		for _, u := range t.txWrites(n) {
			switch o := owner[u.table]; {
			case o == 0:
			case o&t.in[n] != 0 && o != inBoth:
				own = append(own, t.Model.tables[u.table].name)
			case o != inBoth && t.in[u.by]&t.in[n] != 0: // else the call that crosses says it
				other = append(other, t.Model.tables[u.table].name)
			}
		}
		if len(own) == 0 || len(other) == 0 {
			continue
		}
		t.s.Transactions = append(t.s.Transactions, report.Transaction{
			Place: t.at(n), To: strings.Join(other, ", "), Direct: true, Path: []string{t.id(n)},
			Why: fmt.Sprintf("writes %s, which the other half writes mostly, in one transaction with %s", strings.Join(other, ", "), strings.Join(own, ", ")),
		})
	}
}

// tableOwners says which half most of the writers of each table are in.
func (t *teller) tableOwners() []half {
	owner := make([]half, len(t.Model.tables))
	for at, users := range t.tableUsers() {
		var writers [inBoth + 1]int
		for _, u := range users {
			if u.verb == facts.Writes && t.nodes[u.by].role != idle {
				writers[t.in[u.by]]++
			}
		}
		switch a, b := writers[inA], writers[inB]; {
		case a > b:
			owner[at] = inA
		case b > a:
			owner[at] = inB
		case a > 0:
			owner[at] = inBoth
		}
	}
	return owner
}

// txWrites are the tables that are written in transactions which n begins, each
// once: by n itself, and by what it calls while one is open.
func (m *Model) txWrites(n int32) []use {
	begins := m.nodes[n].decl.Traits&facts.Begins != 0
	seen := map[int32]bool{n: true}
	var queue []int32
	for _, e := range m.out(n) {
		if e.tx && carriesTx(&e) && !seen[e.to] {
			seen[e.to] = true
			queue = append(queue, e.to)
		}
	}
	if m.handed(n) || !begins && len(queue) == 0 {
		return nil
	}
	var found []use
	add := func(u use) {
		if u.verb == facts.Writes && !slices.ContainsFunc(found, func(o use) bool { return o.table == u.table }) {
			found = append(found, u)
		}
	}
	for _, u := range m.access[n] {
		add(u)
	}
	for len(queue) > 0 { // each node enters once
		at := queue[0]
		queue = queue[1:]
		for _, u := range m.access[at] {
			add(u)
		}
		for _, e := range m.out(at) {
			if carriesTx(&e) && !seen[e.to] {
				seen[e.to] = true
				queue = append(queue, e.to)
			}
		}
	}
	return found
}

// twice lists process-wide state that would exist once in each half.
func (t *teller) twice() {
	t.s.Twice = []report.Twice{}
	for at, what := range t.thing {
		n := what.at
		if what.kind != thingMemory && t.cut.Label[at] != search.Both || what.kind == thingMemory && t.in[n] != inBoth {
			continue
		}
		one := report.Twice{}
		switch {
		case what.kind == thingMemory && t.memoryCost(n) >= costField:
			one.What, one.Why = "memory", "values of this type keep memory that their users share; each half would have its own"
			if t.guarded[n] {
				one.What = "guarded memory"
			}
			one.Fix = "let one half own it and the other ask, or accept that each has its own and invalidate what is cached"
		case what.kind == thingCode && t.nodes[n].isVar() && t.nodes[n].own == facts.Stateful && !(t.nodes[n].decl.Holds && t.nodes[n].decl.Handle):
			one.What, one.Why = "package variable", t.chain(n)+"; one half does not see what the other sets"
			one.Fix = "keep it in one half behind a method, or in a table"
		case what.kind == thingCode && t.nodes[n].isFunc() && t.nodes[n].decl.Traits&facts.Loops != 0:
			one.What, one.Why = "background loop", "it would run in both processes"
			one.Fix = "start it in one half only"
		default:
			continue
		}
		one.Place = t.at(n)
		one.Users = t.users(n)
		t.s.Twice = append(t.s.Twice, one)
	}
	slices.SortFunc(t.s.Twice, func(a, b report.Twice) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
}

// users names who uses a declaration, or the methods of a type, from outside.
func (t *teller) users(n int32) []string {
	found := []string{}
	add := func(of int32) {
		for _, i := range t.Model.in[of] {
			e := &t.edges[i]
			if from := &t.nodes[e.from]; uses(e.kind) && from.role != idle && (from.recv != n || !t.nodes[n].isType()) {
				found = append(found, t.id(e.from))
			}
		}
	}
	add(n)
	if t.nodes[n].isType() {
		for _, m := range t.pkgs[t.nodes[n].pkg].decls {
			if t.nodes[m].recv == n {
				add(m)
			}
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return found[:min(len(found), maxNamed)]
}
