package main

import "slices"

// findings are all that the tables tell.
type findings struct {
	records   []*record
	outcomes  []outcome
	resampled []resampled
	// turned are those of runs whose sides ran in turn. Nothing else counts them.
	turned *findings
}

// gather makes findings of records.
func gather(records []*record, commits int, seed uint64) (*findings, error) {
	var atOnce, inTurn []*record
	for _, r := range records {
		if r.InTurn {
			inTurn = append(inTurn, r)
		} else {
			atOnce = append(atOnce, r)
		}
	}
	f, err := gatherAlike(atOnce, commits, seed)
	if err != nil {
		return nil, err
	}
	f.turned, err = gatherAlike(inTurn, commits, seed)
	return f, err
}

// gatherAlike makes findings of records of one kind.
func gatherAlike(records []*record, commits int, seed uint64) (f *findings, err error) {
	f = &findings{records: records}
	if f.outcomes, err = outcomes(records); err != nil {
		return nil, err
	}
	f.resampled, err = resample(f.outcomes, commits, seed)
	return f, err
}

// part is one of both kinds of findings.
type part struct {
	*findings
	name string
}

func (f *findings) parts() []part { return []part{{f, "at once"}, {f.turned, "in turn"}} }

// seenBy are the findings that a rule can judge.
func (f *findings) seenBy(r rule) *findings {
	if r.inTurn {
		return f.turned
	}
	return f
}

// of are the outcomes of some records.
func (f *findings) of(which func(*record) bool) []outcome {
	return slices.DeleteFunc(slices.Clone(f.outcomes), func(o outcome) bool { return !which(o.of) })
}
