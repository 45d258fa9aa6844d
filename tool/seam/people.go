package seam

import (
	"slices"
	"strings"
	"time"

	"github.com/hemilith/hemilith/tool/seam/history"
	"github.com/hemilith/hemilith/tool/seam/model"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
)

const year = 365 * 24 * time.Hour

// ties are the files of the program that people change together.
func ties(past *history.History) []model.FileTie {
	known := past.Ties(func(file string) bool { return strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go") })
	all := make([]model.FileTie, 0, len(known))
	for _, t := range known {
		all = append(all, model.FileTie{A: t.A, B: t.B, Weight: t.Weight})
	}
	return all
}

// people adds what each cut does to lines of communication, and who is on which
// side.
func (s *session) people(r *Report, f *found, past *history.History) {
	if past == nil {
		s.notes = append(s.notes, "structure only: no history was read, so nothing is said of people")
		return
	}
	s.notes = append(s.notes, past.Notes...)
	if !past.Known() {
		return
	}
	r.Basis = "structure and history"
	for i, c := range f.cuts {
		r.Seams[i].People = s.effect(f, c.cut, past)
		r.Seams[i].A.Authors = slices.Concat(r.Seams[i].People.AuthorsA, r.Seams[i].People.AuthorsBoth)
		r.Seams[i].B.Authors = slices.Concat(r.Seams[i].People.AuthorsB, r.Seams[i].People.AuthorsBoth)
	}
}

func (s *session) effect(f *found, cut search.Cut, past *history.History) *report.People {
	files := f.model.Files(cut)
	sides := history.Sides(func(file string) (a, b float64) {
		share, ok := files[file]
		if !ok {
			return -1, 0 // not part of the program
		}
		return share[search.A], share[search.B]
	})
	e := past.Effect(sides.WithTests(), history.Options{Seed: s.cfg.Seed})
	p := &report.People{
		AuthorsA: e.AuthorsA, AuthorsB: e.AuthorsB, AuthorsBoth: e.AuthorsBoth,
		PairsToday: e.PairsToday, PairsStill: e.PairsWithin + e.PairsStill, PairsFreed: e.PairsFreed,
		CommitsBoth: e.Both, CoChange: e.Parted, CoChangeFreed: e.CoChangeFreed, Passing: e.Passing,
		Saving: e.Saving, SavingLow: e.SavingLow, Judged: e.Judged, Why: e.Why,
	}
	for _, x := range e.Still {
		p.Still = append(p.Still, report.AuthorPair{A: x.A, B: x.B, Commits: x.Times, Through: x.Through})
	}
	return p
}

// team is how many people changed the program in the last twelve months, more
// than now and then; -1 if nothing is known.
func team(past *history.History) int {
	if past == nil || !past.Known() {
		return -1
	}
	regulars, _ := past.Team(year)
	return regulars
}
