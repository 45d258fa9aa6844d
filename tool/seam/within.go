package seam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/model"
	"github.com/hemilith/hemilith/tool/seam/report"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// service leaves in cfg what the service runs that Within begins with, if it does,
// and returns the rest of the path. What other services call are entry points.
func (s *session) service(prog *facts.Program, cfg *model.Config) (rest string, err error) {
	name, rest, _ := strings.Cut(s.cfg.Within, "/")
	at := slices.IndexFunc(s.cfg.Services, func(one Service) bool { return one.Name == name })
	if at < 0 || name == "a" || name == "b" {
		return s.cfg.Within, nil
	}
	return rest, s.step("service", func() error {
		whole := *cfg
		whole.Blind = false // names are asked for
		m, err := model.Link(prog, whole)
		if err != nil {
			return err
		}
		part, called, err := m.Part(s.cfg.Services[at])
		cfg.Only, cfg.Entry = part, slices.Clone(cfg.Entry)
		for _, id := range called {
			cfg.Entry = append(cfg.Entry, "+"+id)
		}
		return err
	})
}

// services says which services -within could name, if path is all of it: they
// come first.
func (s *session) services(path string) string {
	if len(s.cfg.Services) == 0 || path != s.cfg.Within {
		return ""
	}
	var names []string
	for _, one := range s.cfg.Services {
		names = append(names, one.Name)
	}
	return "; the services of hemilith.yaml are " + strings.Join(names, ", ")
}

// inside returns the declarations of the half of f that the first part of path
// names, and the rest of the path.
func (s *session) inside(f *found, path string) (only []string, rest string, err error) {
	if len(f.cuts) == 0 || f.cuts[0].standard {
		return nil, "", fmt.Errorf("-within %s: no line divides this piece, so it has no halves%s\n  next: hemilith seam  to see why", s.cfg.Within, s.services(path))
	}
	seam := f.model.Seam(f.cuts[0].cut)
	for label, h := range []report.Half{seam.A, seam.B} {
		side := "ab"[label : label+1]
		for _, name := range []string{side, h.Name} {
			after, ok := strings.CutPrefix(path, name)
			if ok && name != "" && (after == "" || after[0] == '/') {
				return f.members(search.Label(label)), strings.TrimPrefix(after, "/"), nil
			}
		}
	}
	return nil, "", fmt.Errorf("-within %s: the halves are %s (a) and %s (b)%s\n  next: hemilith seam -within %sa", s.cfg.Within, seam.A.Name, seam.B.Name, s.services(path), strings.TrimSuffix(s.cfg.Within, path))
}

// members lists the declarations in one half, what both halves link included.
func (f *found) members(half search.Label) []string {
	var ids []string
	for id, l := range f.model.Labels(f.cuts[0].cut) {
		if l == half || l == search.Both {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
