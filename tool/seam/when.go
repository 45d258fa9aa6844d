package seam

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/history"
	"github.com/hemilith/hemilith/tool/seam/judge"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/when"
)

// Thresholds are the names that Config.Thresholds may have: those of signs, and of
// tests with a limit that can be set.
func Thresholds() []string {
	known := when.Names()
	for _, n := range judge.Names() {
		known = append(known, n[0])
	}
	return known
}

// setLimits applies the thresholds of the user to the tests and the signs.
func (s *session) setLimits() error {
	for _, name := range slices.Sorted(maps.Keys(s.cfg.Thresholds)) {
		value := s.cfg.Thresholds[name]
		if !s.limits.Set(name, value) && !s.signs.Set(name, value) {
			return fmt.Errorf("threshold %q: no test or sign has that name\n  next: one of %s", name, strings.Join(Thresholds(), ", "))
		}
	}
	return nil
}

// when adds the signs that one program no longer works for those who work on
// it.
func (s *session) when(r *Report, past *history.History) error {
	m := when.Measures{Size: &when.Size{Lines: r.Size.Lines, Packages: r.Size.Packages}}
	limits := s.signs.OrDefaults()
	if past != nil && past.Known() {
		crowd := past.Crowded(limits.Crowd)
		team, passing := past.Team(year)
		m.People = &when.People{Team: team, Passing: passing, Months: crowd.Months, CrowdedFiles: crowd.Files, Most: crowd.People, File: crowd.File}
		m.Merges = &when.Merges{Looked: past.Merges.Looked, Mended: past.Merges.Mended}
	}
	if s.cfg.TestsJSON != "" {
		var err error
		if m.Tests, err = when.ReadTestsFile(s.cfg.TestsJSON); err != nil {
			return err
		}
	}
	signs := when.Signs(m, limits)
	for _, sign := range signs {
		r.When = append(r.When, report.Sign(sign))
	}
	r.WhenText = when.Text(signs)
	return nil
}
