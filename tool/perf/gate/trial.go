package gate

import (
	"slices"

	"github.com/hemilith/hemilith/tool/evalue"
)

// stage is how far one test has come.
type stage int

const (
	searching stage = iota
	waiting         // it had its pairs and is inconclusive, unless e-BH says otherwise
	suspected       // to be confirmed
	ended
)

// trial is one test under way.
type trial struct {
	Test
	threshold evalue.Log // at which it is suspected
	maxPairs  int        // for each of search and confirmation
	stage     stage
	suspect   Verdict // Slower, Faster, or nothing
	verdict   Verdict
	why       Reason
	search    evidence
	confirm   evidence
}

func newTrial(t Test, threshold evalue.Log, most int) *trial {
	r, _ := t.Channel.rule()
	return &trial{
		Test: t, threshold: threshold, maxPairs: most,
		search: newEvidence(r, t.Exact), confirm: newEvidence(r, t.Exact),
	}
}

// add takes a pair of the stage that the benchmark is in. A test that waits for
// others of its benchmark has stopped: what it knows is an e-value only as of the
// moment when it stopped.
func (t *trial) add(confirming bool, base, head float64) {
	switch {
	case t.stage == searching && !confirming:
		t.search.add(base, head)
		t.afterSearch()
	case t.stage == suspected && confirming:
		t.confirm.add(base, head)
		t.afterConfirm()
	}
}

func (t *trial) afterSearch() {
	switch v := t.search.outcome(t.threshold); {
	case v == Same:
		t.end(Same, "")
	case v != "":
		t.stage, t.suspect = suspected, v
	case len(t.search.d) >= t.maxPairs:
		t.stage = waiting
	}
}

func (t *trial) afterConfirm() {
	switch v := t.confirm.outcome(evalue.Of(confirmAt)); {
	case v == Same || v == t.suspect:
		t.end(v, "")
	case v != "":
		t.end(Undecided, Contradicted)
	case len(t.confirm.d) >= t.maxPairs:
		t.end(Undecided, OutOfPairs)
	}
}

func (t *trial) end(v Verdict, why Reason) {
	t.stage, t.verdict, t.why = ended, v, why
}

// result tells what is known now.
func (t *trial) result() Result {
	r := t.search.rule
	d := slices.Concat(t.search.d, t.confirm.d)
	out := Result{
		Channel: t.Channel, Exact: t.Exact, Verdict: t.verdict, Why: t.why, Suspect: t.suspect,
		Slower: t.search.slower, Faster: t.search.faster, Confirm: t.confirm.toward(t.suspect),
		Pairs: len(t.search.d), ConfirmPairs: len(t.confirm.d),
	}
	if len(d) == 0 {
		return out
	}
	out.Effect = r.effect(evalue.Median(d))
	known := evalue.MedianInterval(d, 1-Confidence)
	if t.search.apart() != "" && (len(t.confirm.d) == 0 || t.confirm.apart() != "") {
		known = evalue.Interval{Lo: slices.Min(d), Hi: slices.Max(d)}
	}
	out.Interval = evalue.Interval{Lo: r.effect(known.Lo), Hi: r.effect(known.Hi)}
	return out
}
