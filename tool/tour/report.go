package tour

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what the tour found. Its JSON form only ever gains fields.
type Report struct {
	// Requests is how many recorded requests each form was asked.
	Requests int `json:"requests"`
	// Seam is the verdict of the seam analysis and its proposal, in words.
	Seam string `json:"seam"`
	// EditedLines were written by hand to cut the program: lines added in main
	// and in the layout. RemovedLines were taken out.
	EditedLines  int `json:"edited_lines"`
	RemovedLines int `json:"removed_lines"`
	// GeneratedLines and GeneratedFiles are what hemilith gen wrote.
	GeneratedLines int `json:"generated_lines"`
	GeneratedFiles int `json:"generated_files"`
	// Forms are the ways in which the program ran, the plain one first.
	Forms []Form `json:"forms"`
	// Crashes are the services that were killed.
	Crashes []Crash `json:"crashes"`
	// Orders counts the writes of the crash load against the database.
	Orders Orders `json:"orders"`
	// Joined says that the copy without the cut is byte for byte the original.
	Joined bool `json:"joined"`
	// Seconds is how long it all took.
	Seconds float64 `json:"seconds"`
}

// Form is one way to run the program.
type Form struct {
	// Name is plain, "plain again" (the floor of the measurement), inprocess,
	// strict or remote; Processes is how many.
	Name      string `json:"name"`
	Processes int    `json:"processes"`
	// Equal says that every answer equals the plain form's, byte for byte.
	Equal bool `json:"equal"`
	// RequestMicros is the median time of the probe, a request that makes one
	// boundary call, in µs.
	RequestMicros float64 `json:"request_us"`
	// CallMicros is the median over rounds of the difference to the plain form
	// in the same round, in µs: what the boundary costs in this form. Noise can
	// make it negative.
	CallMicros float64 `json:"call_us"`
	// Ratio is the median over rounds of the ratio to the plain form.
	Ratio float64 `json:"ratio"`
}

// Crash is one kill -9 under load.
type Crash struct {
	// Service was killed; BackMillis later the program answered again by way of
	// it.
	Service    string `json:"service"`
	BackMillis int64  `json:"back_ms"`
	// Calls were made from the kill until a second after the recovery; Failed of
	// them failed, each in the way that Failures counts. Slowest is in ms.
	Calls         int            `json:"calls"`
	Failed        int            `json:"failed"`
	Failures      map[string]int `json:"failures,omitempty"`
	SlowestMillis int64          `json:"slowest_ms"`
}

// Orders holds the writes of the crash load against the database.
type Orders struct {
	// Acknowledged writes got an answer; Unsure ones never did; Stored are in
	// the database.
	Acknowledged int `json:"acknowledged"`
	Unsure       int `json:"unsure"`
	Stored       int `json:"stored"`
	// Lost were acknowledged and are not stored; Doubled are stored twice.
	Lost    int `json:"lost"`
	Doubled int `json:"doubled"`
}

// Text writes the summary for people.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nThe seam      %s\n", r.Seam)
	fmt.Fprintf(&b, "The cut       %d lines written and %d removed by hand, in main and the layout; %d lines generated in %d files\n",
		r.EditedLines, r.RemovedLines, r.GeneratedLines, r.GeneratedFiles)
	fmt.Fprintf(&b, "The answers   %d requests in each form, compared byte for byte\n\n", r.Requests)
	t := tabwriter.NewWriter(&b, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "form\tprocesses\tanswers\trequest\tratio\ta call costs\t")
	for _, f := range r.Forms {
		answers := "differ"
		if f.Equal {
			answers = "equal"
		}
		fmt.Fprintf(t, "%s\t%d\t%s\t%.0f µs\t%.2f\t%+.0f µs\t\n", f.Name, f.Processes, answers, f.RequestMicros, f.Ratio, f.CallMicros)
	}
	_ = t.Flush() // into memory
	b.WriteString("a call's cost is the median difference to plain, round by round; plain again is the noise\n\n")
	t = tabwriter.NewWriter(&b, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "kill -9 of\tback after\trequests meanwhile\tfailed\tslowest\t")
	for _, c := range r.Crashes {
		fmt.Fprintf(t, "%s\t%d ms\t%d\t%d\t%d ms\t\n", c.Service, c.BackMillis, c.Calls, c.Failed, c.SlowestMillis)
	}
	_ = t.Flush()
	for _, c := range r.Crashes {
		for what, n := range c.Failures {
			fmt.Fprintf(&b, "  %s killed: %d x %s\n", c.Service, n, what)
		}
	}
	fmt.Fprintf(&b, "\nOrders under that load: %d acknowledged, %d unsure, %d stored, %d lost, %d doubled\n",
		r.Orders.Acknowledged, r.Orders.Unsure, r.Orders.Stored, r.Orders.Lost, r.Orders.Doubled)
	if r.Joined {
		b.WriteString("Joined again: every file as it was, every answer too\n")
	}
	fmt.Fprintf(&b, "%s in all; nothing is left behind\n", time.Duration(r.Seconds*float64(time.Second)).Round(100*time.Millisecond))
	_, err := io.WriteString(w, b.String())
	return err
}
