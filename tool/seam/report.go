package seam

import (
	"path"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/history"
	"github.com/hemilith/hemilith/tool/seam/judge"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
	"github.com/hemilith/hemilith/tool/seam/traffic"
)

// report writes down what was found. The order matters: the verdict needs the
// people, and the next command needs the verdict.
func (s *session) report(f *found, prog *facts.Program, past *history.History, calls *traffic.Traffic) (*Report, error) {
	m := f.model
	r := &Report{
		Schema: report.Schema, Module: prog.Module, Within: s.cfg.Within, Blind: s.cfg.Blind, Basis: "structure",
		Size: m.Size(), Ownership: m.Owners(),
	}
	for _, c := range f.cuts {
		one := m.Seam(c.cut)
		one.Default = c.standard
		r.Seams = append(r.Seams, one)
	}
	if len(f.cuts) > 0 {
		best := f.cuts[0].cut
		r.Packages, r.Entries, r.Nouns = m.Packages(best), m.Entries(best), m.Nouns(best)
	} else {
		whole := f.whole()
		r.Packages, r.Entries, r.Nouns = m.Packages(whole), m.Entries(whole), m.Nouns(whole)
	}
	s.describe(r, f)
	s.traffic(r, f, calls, path.Join(prog.Module, m.Main()))
	s.people(r, f, past)
	if err := s.when(r, past); err != nil {
		return nil, err
	}
	s.judge(r, f, past)
	r.Notes = append(r.Notes, prog.Notes...)
	for _, b := range prog.Broken {
		r.Notes = append(r.Notes, "does not type-check, analysed as far as it goes: "+b)
	}
	r.Notes = append(append(r.Notes, m.Notes()...), s.notes...)
	r.Next = next(r)
	return r, nil
}

// whole is the cut that is none: all in half a.
func (f *found) whole() search.Cut {
	return search.Evaluate(f.model.Problem(), make([]search.Label, len(f.model.Problem().Nodes)))
}

// describe adds how the search went.
func (s *session) describe(r *Report, f *found) {
	p := f.model.Problem()
	r.Search = report.SearchInfo{Seed: s.cfg.Seed, Nodes: len(p.Nodes), Edges: len(p.Edges)}
	if f.result == nil {
		return
	}
	r.Search.Restarts, r.Search.Tried, r.Search.Groups = f.result.Restarts, f.result.Tried, len(f.result.Groups)
	r.Search.Nulls = len(f.result.Null.Scores)
	shown := map[int]int{}
	for i, c := range f.cuts {
		if c.front < 0 {
			continue
		}
		shown[c.front] = i
		r.Seams[i].Stability, r.Seams[i].NullRatio = f.result.Stability, f.ratio(c.cut)
	}
	for i, c := range f.result.Front {
		point := report.Point{Cost: c.Cost, Parted: c.Parted, Balance: c.Balance, Score: c.Score, Seam: -1}
		if at, ok := shown[i]; ok {
			point.Seam, point.Name = at, r.Seams[at].Name
		}
		r.Front = append(r.Front, point)
	}
}

// ratio compares a cut with chance; 0 if that was not done.
func (f *found) ratio(c search.Cut) float64 {
	if f.result == nil || f.result.Null.P5 <= 0 {
		return 0
	}
	return c.Score / f.result.Null.P5
}

// judge decides, and writes the verdict into r.
func (s *session) judge(r *Report, f *found, past *history.History) {
	counts := f.model.Counts()
	c := judge.Case{Mains: counts.Mains, Serving: counts.Serving, Groups: 2, Given: len(s.cfg.Cut) > 0, Ratio: -1, Stability: -1, Team: -1}
	if f.result != nil {
		c.Groups = len(f.result.Groups)
	}
	if len(f.cuts) > 0 && !f.cuts[0].standard {
		cut := f.cuts[0].cut
		c.Seam, c.Programs = &r.Seams[0], f.model.Programs(cut)
		c.Share, c.Together, c.Weight = share(cut), together(f.model.Problem(), cut), weight(f.model.Problem(), cut)
		if f.result != nil {
			c.Stability = f.result.Stability
			if len(f.result.Null.Scores) > 0 {
				c.Ratio = f.ratio(cut)
			}
		}
	}
	if past != nil {
		c.Team = team(past)
		c.History = c.Seam != nil && c.Seam.People != nil && c.Seam.People.Judged
	}
	v := judge.Judge(c, s.limits)
	r.Verdict, r.Weak, r.Reasons, r.Weakest, r.Tests = v.Verdict, v.Weak, v.Reasons, v.Weakest, v.Tests
	if r.Verdict == VerdictNone && len(r.Seams) > 0 && r.Seams[len(r.Seams)-1].Default {
		r.Notes = append(r.Notes, "where a cut is wanted all the same, the frontend/backend line is the default, never a finding: it is the last of the lines")
	}
}

// next is the command to run next.
func next(r *Report) string {
	switch {
	case r.Verdict == VerdictUnknown:
		return "hemilith seam ./...   in the module of a program"
	case r.Verdict == VerdictCut && r.Within == "":
		return "hemilith seam -o seam.html   the report to show to the team, then hemilith seam -within a"
	case r.Verdict == VerdictCut:
		return "hemilith seam -within " + r.Within + " -o seam.html   the report to show to the team"
	case r.Verdict == VerdictGiven:
		return "hemilith seam   the line that is best by itself"
	}
	return "hemilith seam -o seam.html   leave it whole for now; the page has all that would be in the way of a cut"
}
