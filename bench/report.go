package main

import "slices"

// report is the answer of a run; with -json it is printed as it is.
type report struct {
	Host    host    `json:"host"`
	Control control `json:"control"`
	Goals   []goal  `json:"goals"`
	Rows    []row   `json:"rows"`
}

// row is one system in one cell. Ratios are medians of the ratios of each
// repeat; other numbers are medians over the repeats.
type row struct {
	cell
	System  string `json:"system"`
	Local   bool   `json:"local"` // within one process
	Repeats int    `json:"repeats"`

	P50ToPlain spread `json:"p50_to_plain"`
	P50ToRaw   spread `json:"p50_to_raw"`
	P50ToPeer  spread `json:"p50_to_grpc"`
	RateToRaw  spread `json:"rate_to_raw"`
	RateToPeer spread `json:"rate_to_grpc"`
	CPUToRaw   spread `json:"cpu_to_raw"`
	CPUToPeer  spread `json:"cpu_to_grpc"`

	P50    spread `json:"p50_ns"`
	P99    spread `json:"p99_ns"`
	Rate   spread `json:"rate"`
	CPU    spread `json:"cpu_ns"`
	Client spread `json:"client_allocs"`
	Server spread `json:"server_allocs"`
}

// goal is what the design promises, and what was measured.
type goal struct {
	Text   string  `json:"text"`
	Median float64 `json:"median"`
	Met    bool    `json:"met"`
}

func newReport(p plan, got points, h host) report {
	r := report{Host: h, Control: compareControl(got, p.cells)}
	for _, c := range p.cells {
		for _, s := range p.systems {
			r.Rows = append(r.Rows, newRow(s, c, got))
		}
	}
	r.Goals = goals(r.Rows)
	return r
}

func newRow(s system, c cell, got points) row {
	own := got[s.name][c]
	plain, floor, peer := got[plainName][c], got[floorName][c], got[peerName][c]
	return row{
		cell: c, System: s.name, Local: s.serve == nil, Repeats: len(own),

		P50ToPlain: metric(p50).ratio(own, plain),
		P50ToRaw:   metric(p50).ratio(own, floor),
		P50ToPeer:  metric(p50).ratio(own, peer),
		RateToRaw:  metric(rate).ratio(own, floor),
		RateToPeer: metric(rate).ratio(own, peer),
		CPUToRaw:   metric(cpu).ratio(own, floor),
		CPUToPeer:  metric(cpu).ratio(own, peer),

		P50: metric(p50).of(own), P99: metric(p99).of(own), Rate: metric(rate).of(own),
		CPU: metric(cpu).of(own), Client: metric(client).of(own), Server: metric(server).of(own),
	}
}

// goals compares rows with what was promised. A goal whose systems were not
// measured is left out.
func goals(rows []row) []goal {
	all := []struct {
		system string
		cell   cell
		text   string
		value  func(row) spread
		most   bool
		limit  float64
	}{
		{"hemilith inprocess", cell{tiny, 1}, "inprocess, tiny, 1 caller: time / plain call, at most 1.05",
			func(r row) spread { return r.P50ToPlain }, true, 1.05},
		{"hemilith remote", cell{tiny, 1}, "remote, tiny, 1 caller: p50 / raw, at most 1.5",
			func(r row) spread { return r.P50ToRaw }, true, 1.5},
		{"hemilith remote", cell{tiny, 64}, "remote, tiny, 64 callers: throughput / grpc-go, at least 5",
			func(r row) spread { return r.RateToPeer }, false, 5},
	}
	var found []goal
	for _, g := range all {
		i := slices.IndexFunc(rows, func(r row) bool { return r.System == g.system && r.cell == g.cell })
		if i < 0 || g.value(rows[i]) == (spread{}) {
			continue
		}
		median := g.value(rows[i]).Median
		found = append(found, goal{Text: g.text, Median: median, Met: (median <= g.limit) == g.most})
	}
	return found
}
