package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/hemilith/hemilith/tool/seam"
	"github.com/hemilith/hemilith/tool/seam/facts"
	"github.com/hemilith/hemilith/tool/seam/model"
	"github.com/hemilith/hemilith/tool/seam/search"
)

// verdict is what is said of a program whose parts are not known.
type verdict struct {
	Name, Version, Verdict, Reason string
	Entries                        int
	// Failed are the tests of the stop rule that failed.
	Failed []string
	// Halves name the two parts of the cut, or of the least bad one.
	Halves [2]string
}

// ask runs the whole tool on a program, blind and without history, and returns
// its problem too.
func ask(ctx context.Context, d *definition, dir string, o options) (*verdict, *search.Problem, error) {
	p, err := facts.Load(ctx, facts.Config{Dir: dir, Patterns: d.patterns(), Env: environment()})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	m, err := model.Link(p, model.Config{Blind: true})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	r, err := seam.Analyze(ctx, p, nil, seam.Config{Blind: true, Seed: o.seed, Nulls: o.nulls, NoHistory: true})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	v := &verdict{Name: d.Name, Version: d.Version, Verdict: r.Verdict, Entries: entries(m.Problem())}
	if len(r.Reasons) > 0 {
		v.Reason = r.Reasons[0]
	}
	for _, t := range r.Tests {
		if !t.OK {
			v.Failed = append(v.Failed, fmt.Sprintf("%s: %.2f", t.Name, t.Value))
		}
	}
	if len(r.Seams) > 0 {
		v.Halves = [2]string{r.Seams[0].A.Name, r.Seams[0].B.Name}
	}
	return v, m.Problem(), nil
}

func (v *verdict) print(w io.Writer) {
	fmt.Fprintf(w, "%s %s: %s (%s); %d entry points; %s | %s; failed: %v\n", v.Name, v.Version, v.Verdict, v.Reason, v.Entries, v.Halves[0], v.Halves[1], v.Failed)
}

func (pl planting) print(w io.Writer) {
	fmt.Fprintf(w, "planted %s + %s, glue %3.0f %%: %s (purity %.2f, ratio %.2f, stability %.2f; score %.0f, planted %.0f)\n",
		pl.A, pl.B, 100*pl.Glue, pl.outcome(), pl.Purity, pl.Ratio, pl.Stability, pl.Score, pl.Planted)
}

func (r refusal) print(w io.Writer) {
	said := "NOT refused"
	if r.Refused {
		said = "refused"
	}
	fmt.Fprintf(w, "%s, %s: %s (%d groups, ratio %.2f, stability %.2f)\n", r.Kind, r.Name, said, r.Groups, r.Ratio, r.Stability)
}

func sortRefusals(list []refusal) {
	slices.SortStableFunc(list, func(a, b refusal) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
}
