package gate

import (
	"time"

	"github.com/hemilith/hemilith/tool/evalue"
)

// Verdict is what is said of one test.
type Verdict string

// The verdicts. For channels that count, Slower means more and Faster means less.
const (
	// Same: no effect in either direction that would be worth a word.
	Same Verdict = "same"
	// Slower and Faster were suspected, and then confirmed with new binaries.
	Slower Verdict = "slower"
	Faster Verdict = "faster"
	// Undecided: Reason says why.
	Undecided Verdict = "undecided"
)

// Reason says why a test is undecided.
type Reason string

// The reasons.
const (
	// OutOfPairs: after the largest number of pairs neither is clear.
	OutOfPairs Reason = "pairs"
	// OutOfTime: the budget ended. Suspect tells what would have been confirmed.
	OutOfTime Reason = "time"
	// Contradicted: the confirmation found the opposite.
	Contradicted Reason = "contradicted"
	// Failed: the benchmark was dropped.
	Failed Reason = "failed"
)

// Confidence is that of intervals.
const Confidence = 0.99

// Result is what is known of one test. Before the end, Verdict is empty where it
// is not known yet.
type Result struct {
	Bench   string
	Channel Channel
	Exact   bool
	Verdict Verdict
	Why     Reason  // of Undecided
	Suspect Verdict // what the search suspected: Slower, Faster or nothing

	// Effect is the median over all pairs, confirmation included: a share of base
	// for times (0.1 is 10 % more), a difference for counts. Interval has the same
	// unit and holds the median with Confidence, whenever one looks; of exact
	// values it is the range. Both are 0 without pairs.
	Effect   float64
	Interval evalue.Interval

	// Slower and Faster are the tests as the search stopped them, and Confirm that
	// of the confirmation, in the direction of Suspect.
	Slower, Faster, Confirm evalue.SignTest
	Pairs, ConfirmPairs     int
	Elapsed                 time.Duration // of the benchmark, all its channels together
}

// Log returns the e-value of the claim: search and confirmation together if there
// was a suspicion, and of being slower if not. Its P bounds the chance of a false
// alarm for this test by itself; BH has taken care of there being many. For exact
// values it takes no account of their being exact, and is the worse for it.
func (r Result) Log() evalue.Log {
	if r.Suspect == Faster {
		return evalue.Product(r.Faster.Log(), r.Confirm.Log())
	}
	return evalue.Product(r.Slower.Log(), r.Confirm.Log())
}
