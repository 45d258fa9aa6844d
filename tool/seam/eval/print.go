package main

import (
	"fmt"
	"io"
	"strings"
)

// print writes what was measured on one program as plain text.
func (r *result) print(w io.Writer) {
	fmt.Fprintf(w, "%s %s  %d lines, %.0f scored; %d services\n", r.Name, r.Version, r.Lines, r.Scored, len(r.Services))
	all := r.Spread.One + r.Spread.All + r.Spread.Some + r.Spread.None
	fmt.Fprintf(w, "  truth: %.0f %% one service, %.0f all, %.0f some, %.0f none\n", 100*r.Spread.One/all, 100*r.Spread.All/all, 100*r.Spread.Some/all, 100*r.Spread.None/all)
	fmt.Fprintf(w, "  problem: %d nodes, %d edges, %d entry points; load %.1f s, link %.1f s, search %.1f s\n", r.Nodes, r.Edges, r.Entries, r.Load, r.Link, r.Seconds)
	if r.Cut.Label == nil {
		fmt.Fprintf(w, "  no cut found\n")
		return
	}
	fmt.Fprintf(w, "  cut: cost %.0f (crossing %.0f, copies %.0f), balance %.2f, score %.1f; mass %.0f : %.0f, both %.0f; entries %.1f : %.1f; stability %.2f, null ratio %.2f\n",
		r.Cut.Cost, r.Cut.Crossing, r.Cut.Copies, r.Cut.Balance, r.Cut.Score, r.Cut.Mass[0], r.Cut.Mass[1], r.Cut.Mass[2], r.Cut.Entry[0], r.Cut.Entry[1], r.Stability, r.Ratio)
	for k, half := range r.Halves {
		fmt.Fprintf(w, "  %c: %s\n", 'A'+k, strings.Join(half, " "))
	}
	r.Score.print(w, "  found")
	r.Grouping.print(w, "  entry points alone")
	r.Placement.print(w, "  code with entry points in their true halves")
	fmt.Fprintf(w, "  score of the cut %.1f, with true halves %.1f; best along true services: %s: cost %.0f, balance %.2f, score %.1f; purity %.3f, both recall %.3f\n",
		r.Cut.Score, r.Held, strings.Join(r.Best.Services, " "), r.Best.Cost, r.Best.Balance, r.Best.Found, r.Best.Score.Purity, r.Best.Score.Recall)
	for _, d := range r.Divisions {
		fmt.Fprintf(w, "  %-22s alone: cost %6.0f, balance %.2f, score %8.1f; purity %.2f, both recall %.2f\n", strings.Join(d.Services, " "), d.Cost, d.Balance, d.Found, d.Score.Purity, d.Score.Recall)
	}
	for _, p := range r.Parts {
		fmt.Fprintf(w, "  %-22s %3d entry points, %6.0f lines: A %.0f, B %.0f, both %.0f\n", p.Name, p.Entries, p.Lines, p.In[0], p.In[1], p.In[2])
	}
	for _, name := range r.Stray {
		fmt.Fprintf(w, "  stray entry point: %s\n", name)
	}
	for _, m := range r.StrayCode {
		fmt.Fprintf(w, "  stray in the cut: %5.0f lines %s: %s: %s\n", m.Lines, m.What, m.Package, strings.Join(m.Decls, " "))
	}
	for _, m := range r.Wrong {
		fmt.Fprintf(w, "  astray: %5.0f lines %s: %s: %s\n", m.Lines, m.What, m.Package, strings.Join(m.Decls, " "))
	}
	for _, m := range r.Unshared {
		fmt.Fprintf(w, "  unshared: %5.0f lines %s: %s: %s\n", m.Lines, m.What, m.Package, strings.Join(m.Decls, " "))
	}
	for _, c := range r.Crossings {
		fmt.Fprintf(w, "  crossing: %s\n", c)
	}
	for _, c := range r.BestCrossings {
		fmt.Fprintf(w, "  crossing of the best along true services: %s\n", c)
	}
	for _, row := range r.Rows {
		fmt.Fprintf(w, "  %d groups, ARI with services %.2f; ", row.Groups, row.ARI)
		row.Score.print(w, row.Method)
	}
	if r.Seeds > 0 {
		fmt.Fprintf(w, "  the same answer for %d of %d seeds\n", r.Same, r.Seeds)
	}
}

func (s score) print(w io.Writer, name string) {
	void := ""
	if s.Void {
		void = " VOID"
	}
	fmt.Fprintf(w, "%s: services %d:%d%s, purity %.3f (raw %.3f, chance %.3f, of code in one half %.3f), ARI %.3f (services %.3f), F1 %.3f, both recall %.3f precision %.3f, of all %.3f, agree %.3f\n",
		name, s.A, s.B, void, s.Purity, s.Raw, s.Chance, s.Alone, s.ARI, s.Services, s.F1, s.Recall, s.Precision, s.RecallAll, s.Agree)
}
