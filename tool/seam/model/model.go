package model

import (
	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// Model is a linked program and the search problem that it poses. It does not
// change after Link, so any number of goroutines may use it.
type Model struct {
	*graph
	cfg     Config
	prog    *facts.Program
	linked  *facts.Program // prog as it was linked: with hashes for names, if blind
	names   namer
	guarded []bool // by type: methods lock its memory
	changes map[int32]*change
	problem *search.Problem
	notes   []string
	place   []int32 // by node: its node in the problem, or -1
	working []bool  // by type: a method of it, not a callback, has a place
	thing   []thing // by node of the problem: what it stands for
	traffic traffic
}

// Link joins the facts of a program's packages to a model. It keeps references
// into p, and doesn't change it. It returns an error, for the user, if cfg names
// what is not there or nothing is left of the program.
func Link(p *facts.Program, cfg Config) (*Model, error) {
	p, err := restrict(p, cfg)
	if err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, prog: p}
	stubs, sealed := findStubs(p), findSealed(p)
	word := func(s string) string { return s }
	if cfg.Blind {
		b := newBlinder(p)
		p, m.names, word = b.program(p), b.namer, b.name
		stubs, sealed = mapped(stubs, b.stub), mapped(sealed, b.symbol)
	}
	m.linked = p
	g := newGraph(p, m.names)
	d := newDispatch(g, stubs, sealed, cfg.Redirect, word)
	g.link(d)
	g.findUncalled()
	g.findEntries(d, stubs)
	if err := g.chooseEntries(cfg.Entry, m.partial()); err != nil {
		return nil, err
	}
	if note := g.chooseProgram(); note != "" {
		m.notes = append(m.notes, note)
	}
	g.findMiddleware()
	g.grade()
	g.findTables(m.names)
	g.settle()
	g.followTx()
	m.graph = g
	m.guarded = g.guardedTypes()
	m.findChanges()
	if err := m.state(); err != nil {
		return nil, err
	}
	return m, nil
}

// Notes say in plain words what was left out.
func (m *Model) Notes() []string { return m.notes }

// Problem is what has to be placed, and what it costs to part or to copy it. It
// must not be changed.
func (m *Model) Problem() *search.Problem { return m.problem }
