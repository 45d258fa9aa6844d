package seam

import (
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/model"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/traffic"
)

// mainName begins the names of functions of a main package in spans and
// profiles, which know it by no other path.
const mainName = "main."

// recorded reads what was recorded while the program served, if the user gives
// it, and makes the model weigh it.
func (s *session) recorded(prog *facts.Program, cfg *model.Config) (*traffic.Traffic, error) {
	if s.cfg.Traffic == "" {
		return nil, nil
	}
	t, err := traffic.ReadFile(s.cfg.Traffic)
	if err != nil {
		return nil, err
	}
	s.notes = append(s.notes, t.Notes...)
	known := map[string]bool{}
	for _, p := range prog.Packages {
		path := p.Path + "."
		if p.Name == "main" {
			path = mainName
		}
		for i := range p.Decls {
			known[path+p.Decls[i].Name] = true
		}
	}
	for _, e := range t.Edges(func(function string) bool { return known[function] }) {
		cfg.Traffic = append(cfg.Traffic, model.Calls(e))
	}
	return t, nil
}

// traffic adds what each cut costs per request. Functions of package main are
// those of the main package, main.
func (s *session) traffic(r *Report, f *found, t *traffic.Traffic, main string) {
	if t == nil {
		return
	}
	if !f.model.Weighs() {
		s.notes = append(s.notes, "the recorded calls weigh nothing: none is between functions of which one uses the other")
	}
	for i, c := range f.cuts {
		assign := r.Seams[i].Assign
		w := t.Weigh(func(function string) string {
			if name, ok := strings.CutPrefix(function, mainName); ok {
				function = main + "." + name
			}
			return assign[function]
		}, 0)
		one := &report.Traffic{PerCallMicros: w.PerCallMicros, Source: w.Source, Matched: w.Matched}
		if c.cut.Cost > 0 {
			one.CostShare = f.model.Busy(c.cut) / c.cut.Cost
		}
		for _, c := range w.Routes {
			one.Routes = append(one.Routes, report.Route{
				Name: c.Name, Requests: c.Requests, Crossings: c.PerRequest, AddedMillis: c.AddedMillis, Behind: c.Behind,
			})
		}
		r.Seams[i].Traffic = one
	}
}
