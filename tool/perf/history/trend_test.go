package history

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hemilith/hemilith/tool/perf/gate"
)

func TestTrendFollowsCommits(t *testing.T) {
	t.Parallel()
	runs := []Run{flat(3, 9, 1, 0.03), flat(1, 9, 1, 0.01), flat(2, 9, 1, 0.02), flat(9, 9, 1, 0.09), flat(4, 9, 1, 0.04)}
	runs[1].Time = runs[0].Time.AddDate(0, 0, 1) // measured late
	runs[4].Head = commit(3)                     // measured again
	runs[4].Results[0].Accepted = true
	other := flat(2, 9, 1, 0.2)
	other.Machine.CPU = "Another"
	wall := flat(2, 9, 1, 0.5)
	wall.Results[0].Channel = gate.Wall
	elsewhere := flat(2, 9, 1, 0.7)
	elsewhere.Base = commit(50)
	runs = append(runs, other, wall, elsewhere)

	lines := Trend(runs, release, []Commit{{commit(0), "zero"}, {commit(1), "one"}, {commit(2), "two"}, {commit(3), "three"}, {commit(4), "four"}})
	type short struct {
		Channel  gate.Channel
		CPU      string
		Commits  []string
		Effects  []float64
		Accepted []bool
	}
	var got []short
	for _, l := range lines {
		s := short{Channel: l.Channel, CPU: l.Machine.CPU}
		for _, p := range l.Points {
			s.Commits, s.Effects, s.Accepted = append(s.Commits, p.Hash), append(s.Effects, p.Effect), append(s.Accepted, p.Accepted)
			if p.Interval.Lo >= p.Effect || p.Interval.Hi <= p.Effect || p.Time.IsZero() || p.Verdict == "" || p.Subject == "" {
				t.Errorf("point %+v is not complete", p)
			}
		}
		got = append(got, s)
	}
	want := []short{
		{gate.CPU, "Another", []string{commit(2)}, []float64{0.2}, []bool{false}},
		{gate.CPU, "Example 3000", []string{commit(1), commit(2), commit(3), commit(3)}, []float64{0.01, 0.02, 0.03, 0.04}, []bool{false, false, false, true}},
		{gate.Wall, "Example 3000", []string{commit(2)}, []float64{0.5}, []bool{false}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
