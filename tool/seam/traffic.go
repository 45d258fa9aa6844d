package seam

import (
	"strings"

	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/traffic"
)

// traffic adds what each cut costs per request, if calls were recorded.
//
// Spans and profiles call the functions of a main package main.X; the program
// has them by import path.
func (s *session) traffic(r *Report, main string) error {
	if s.cfg.Traffic == "" {
		return nil
	}
	t, err := traffic.ReadFile(s.cfg.Traffic)
	if err != nil {
		return err
	}
	s.notes = append(s.notes, t.Notes...)
	for i := range r.Seams {
		assign := r.Seams[i].Assign
		w := t.Weigh(func(function string) string {
			if name, ok := strings.CutPrefix(function, "main."); ok {
				function = main + "." + name
			}
			return assign[function]
		}, 0)
		one := &report.Traffic{PerCallMicros: w.PerCallMicros, Source: w.Source, Matched: w.Matched}
		for _, c := range w.Routes {
			one.Routes = append(one.Routes, report.Route{
				Name: c.Name, Requests: c.Requests, Crossings: c.PerRequest, AddedMillis: c.AddedMillis, Behind: c.Behind,
			})
		}
		r.Seams[i].Traffic = one
	}
	return nil
}
