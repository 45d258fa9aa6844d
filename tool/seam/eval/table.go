package main

import (
	"fmt"
	"strings"

	"github.com/hemilith/hemilith/tool/doctable"
)

func (f *findings) tables() []doctable.Table {
	return []doctable.Table{f.programs(), f.cuts(), f.halves(), f.methods(), f.verdicts(), f.plantings(), f.refusals(), f.speeds()}
}

// two shows a share; there may have been nothing to score.
func two(x float64) string {
	if x == nothing {
		return "–"
	}
	return fmt.Sprintf("%.2f", x)
}

// purity shows that of a cut, or that it is void.
func (s score) purity() string {
	if s.Void {
		return "void"
	}
	return two(s.Purity)
}

func (f *findings) programs() doctable.Table {
	var rows [][]string
	for _, r := range f.Results {
		all := r.Spread.One + r.Spread.All + r.Spread.Some + r.Spread.None
		rows = append(rows, []string{
			r.Name + " " + r.Version, fmt.Sprint(r.Lines / 1000), fmt.Sprintf("%.0f", r.Scored/1000), fmt.Sprint(len(r.Services)),
			fmt.Sprintf("%.0f / %.0f / %.0f / %.0f", 100*r.Spread.One/all, 100*r.Spread.All/all, 100*r.Spread.Some/all, 100*r.Spread.None/all),
			fmt.Sprint(r.Nodes), fmt.Sprint(r.Edges), fmt.Sprint(r.Entries),
		})
	}
	return doctable.New("Programs with known parts", "Lines are of the program's files; scored are those in declarations that are neither generated nor test doubles.",
		[]string{"program", "kLOC", "scored kLOC", "services", "run by one / all / some / none, %", "nodes", "edges", "entry points"}, rows)
}

func (f *findings) cuts() doctable.Table {
	var rows [][]string
	for _, r := range f.Results {
		seeds := "–"
		if r.Seeds > 0 {
			seeds = fmt.Sprintf("%d of %d", r.Same, r.Seeds)
		}
		s := r.Score
		rows = append(rows, []string{
			r.Name, fmt.Sprintf("%d : %d", s.A, s.B), "**" + s.purity() + "**", two(s.Raw), two(s.Chance), two(s.Alone), two(s.ARI), two(s.F1),
			"**" + two(s.Recall) + "**", two(s.Precision), two(s.RecallAll), seeds, two(r.Stability), two(r.Ratio),
			r.Grouping.purity(), r.Placement.purity() + ", " + two(r.Placement.Recall),
		})
	}
	return doctable.New("The cut that is proposed", "One set of weights, names hidden. *Grouping* is the purity of entry points alone; *placement* is purity and recall of code if entry points are held in their true halves.",
		[]string{"program", "services", "purity", "raw", "by chance", "of code in one half", "ARI", "F1", "recall on both", "precision", "recall, run by all", "same answer", "stability", "÷ null", "grouping", "placement"}, rows)
}

func (f *findings) halves() doctable.Table {
	var rows [][]string
	for _, r := range f.Results {
		rows = append(rows, []string{r.Name, strings.Join(r.Halves[0], ", "), strings.Join(r.Halves[1], ", ")})
	}
	return doctable.New("Which services are on each side", "", []string{"program", "A", "B"}, rows)
}

func (f *findings) methods() doctable.Table {
	var rows [][]string
	for _, r := range f.Results {
		if len(r.Rows) == 0 {
			continue
		}
		list := append([]row{{Method: "**seam**", Score: r.Score, Groups: 2, ARI: r.Score.Services}}, r.Rows...)
		for _, m := range list {
			rows = append(rows, []string{
				r.Name, m.Method, fmt.Sprintf("%d : %d", m.Score.A, m.Score.B), m.Score.purity(), two(m.Score.ARI), two(m.Score.F1), two(m.Score.Recall), two(m.Score.Agree),
				fmt.Sprint(m.Groups), two(m.ARI),
			})
		}
	}
	return doctable.New("Beside other methods", "Declaration level. Methods that make many groups are scored as the two halves that a minimum cut of the groups gives, and by the groups themselves in the last columns. *Agree* is the share of all scored code whose label of three is right.",
		[]string{"program", "method", "services", "purity", "ARI", "F1", "recall on both", "agree", "groups", "ARI of groups and services"}, rows)
}

func (f *findings) verdicts() doctable.Table {
	var rows [][]string
	for _, v := range f.Verdicts {
		rows = append(rows, []string{v.Name + " " + v.Version, fmt.Sprint(v.Entries), v.Verdict, v.Reason, strings.Join(v.Failed, "; ")})
	}
	return doctable.New("Programs of which nothing is known", "Without history. A low number is no proof of a good seam.", []string{"program", "entry points", "verdict", "why", "tests that failed"}, rows)
}

// outcome says what became of a planted seam.
func (pl planting) outcome() string {
	switch {
	case pl.Found:
		return "found"
	case pl.Refused:
		return "refused"
	case pl.surpassed():
		return "surpassed"
	}
	return "missed"
}

func (f *findings) plantings() doctable.Table {
	count := map[float64]map[string]int{}
	for _, pl := range f.Plantings {
		if count[pl.Glue] == nil {
			count[pl.Glue] = map[string]int{}
		}
		count[pl.Glue][pl.outcome()]++
	}
	var rows [][]string
	for _, glue := range glues() {
		if c := count[glue]; c != nil {
			rows = append(rows, []string{
				fmt.Sprintf("%.0f %%", 100*glue), fmt.Sprint(c["found"] + c["surpassed"] + c["refused"] + c["missed"]),
				fmt.Sprint(c["found"]), fmt.Sprint(c["refused"]), fmt.Sprint(c["surpassed"]), fmt.Sprint(c["missed"]),
			})
		}
	}
	return doctable.New("Planted seams", "Two programs that know nothing of each other, joined by random edges: so many, for each 100 of their own. *Found* is a cut between the two, *refused* that none is proposed. Programs have seams of their own: *surpassed* are planted seams that the glue made dearer than one of these, which was proposed instead. *Missed* is a cut that was proposed and scores worse than the planted one.",
		[]string{"glue", "tried", "found", "refused", "surpassed", "missed"}, rows)
}

func (f *findings) refusals() doctable.Table {
	var rows [][]string
	for _, r := range f.Refusals {
		said := "**proposed**"
		if r.Refused {
			said = "refused"
		}
		rows = append(rows, []string{r.Kind, r.Name, fmt.Sprint(r.Groups), two(r.Ratio), two(r.Stability), said})
	}
	return doctable.New("What has no seam", "*Rewired* is a program's own graph with its edges dealt anew; *one urn* is drawn in one piece. *One service* is a true service asked again: it may have a seam of its own.",
		[]string{"kind", "input", "groups", "÷ null", "stability", "answer"}, rows)
}

func (f *findings) speeds() doctable.Table {
	var rows [][]string
	for _, s := range f.Speeds {
		row := []string{s.Name, fmt.Sprint(s.Lines / 1000)}
		for _, t := range []timing{s.Cold, s.Edited, s.Warm} {
			row = append(row, fmt.Sprintf("%.0f (%.0f)", t.Seconds, t.CPU))
		}
		row = append(row, fmt.Sprintf("%.0f / %.0f", s.Cold.Steps["load"], s.Warm.Steps["load"]), fmt.Sprintf("%.0f", s.Warm.Steps["search"]),
			fmt.Sprintf("%.1f / %.1f", gib(s.Cold.Memory), gib(s.Warm.Memory)))
		rows = append(rows, row)
	}
	return doctable.New("Time and memory", "Seconds of wall time, of processor time in brackets, each run in a process of its own: with an empty cache, after one file was edited, and again.",
		[]string{"program", "kLOC", "cold", "one file edited", "warm", "loading, cold / warm", "searching", "GiB, cold / warm"}, rows)
}
