package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// writeTable writes r as Markdown, ratios first.
func writeTable(w io.Writer, r report) error {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\n")
	writeHost(&b, r.Host)
	writeVerdict(&b, r)
	remote := slices.DeleteFunc(slices.Clone(r.Rows), func(r row) bool { return r.Local })
	local := slices.DeleteFunc(slices.Clone(r.Rows), func(r row) bool { return !r.Local })
	if len(remote) > 0 {
		b.WriteString("\n## Two processes: ratios\n\nMedians of the ratios of each repeat, quartiles in parentheses. raw is TLS ping-pong, a connection\nper caller, without a codec. A p50 and CPU below 1 and a throughput above 1 are better than the base.\n\n")
		grid(&b, remote, ratioColumns())
		b.WriteString("\n## Two processes: numbers\n\nMedians over the repeats. CPU is that of both processes.\n\n")
		grid(&b, remote, numberColumns())
	}
	if len(local) > 0 {
		b.WriteString("\n## One process\n\nA call is timed with many others, and p50 is that of their means.\n\n")
		grid(&b, local, localColumns())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeHost(b *strings.Builder, h host) {
	fmt.Fprintf(b, "    %s\n\n", h.Command)
	fmt.Fprintf(b, "%s, %s, %s, %d x %s, GOGC=%s in all processes, loopback, TLS 1.3 with\n", h.Date, h.Go, h.OS, h.CPUs, h.CPU, h.GOGC)
	b.WriteString("certificates on both sides, a deadline of 60 s on every call. Client and server are two processes.\n")
	b.WriteString("tiny: two int64 there, one back; order: about 1 KB of nested values there and back.\n")
	for _, path := range slices.Sorted(maps.Keys(h.Versions)) {
		fmt.Fprintf(b, "%s %s; ", path, h.Versions[path])
	}
	fmt.Fprintf(b, "load average %s before, %s after.\n\n", h.Before, h.After)
}

func writeVerdict(b *strings.Builder, r report) {
	switch c := r.Control; {
	case c.Where == "":
		b.WriteString("**No control was run (raw against raw), so this run proves nothing.**\n")
	case c.Void:
		fmt.Fprintf(b, "**This run is void**: raw against raw is off by %.1f %% (%s), more than %.0f %%. Run it on a quiet machine.\n",
			100*c.Worst, c.Where, 100*maxDeviation)
	default:
		fmt.Fprintf(b, "Control: raw against raw is off by at most %.1f %% (%s).\n", 100*c.Worst, c.Where)
	}
	if len(r.Goals) > 0 {
		b.WriteString("\n")
	}
	for _, g := range r.Goals {
		verdict := "missed"
		if g.Met {
			verdict = "met"
		}
		fmt.Fprintf(b, "- Goal %s: %.2f, %s\n", g.Text, g.Median, verdict)
	}
}

// column is a heading and what stands below it.
type column struct {
	head string
	text func(row) string
}

func ratioColumns() []column {
	ratio := func(of func(row) spread) func(row) string {
		return func(r row) string { return of(r).String() }
	}
	return []column{
		{"p50 / raw", ratio(func(r row) spread { return r.P50ToRaw })},
		{"throughput / raw", ratio(func(r row) spread { return r.RateToRaw })},
		{"CPU / raw", ratio(func(r row) spread { return r.CPUToRaw })},
		{"p50 / grpc-go", ratio(func(r row) spread { return r.P50ToPeer })},
		{"throughput / grpc-go", ratio(func(r row) spread { return r.RateToPeer })},
		{"CPU / grpc-go", ratio(func(r row) spread { return r.CPUToPeer })},
	}
}

func numberColumns() []column {
	return []column{
		{"p50 us", func(r row) string { return number(r.P50.Median / 1e3) }},
		{"p99 us", func(r row) string { return number(r.P99.Median / 1e3) }},
		{"calls/s", func(r row) string { return number(r.Rate.Median) }},
		{"CPU us/call", func(r row) string { return number(r.CPU.Median / 1e3) }},
		{"allocs/call client", func(r row) string { return number(r.Client.Median) }},
		{"server", func(r row) string { return number(r.Server.Median) }},
		{"repeats", func(r row) string { return fmt.Sprint(r.Repeats) }},
	}
}

func localColumns() []column {
	return []column{
		{"p50 / plain", func(r row) string { return r.P50ToPlain.String() }},
		{"p50 ns", func(r row) string { return number(r.P50.Median) }},
		{"CPU ns/call", func(r row) string { return number(r.CPU.Median) }},
		{"allocs/call", func(r row) string { return number(r.Client.Median) }},
		{"repeats", func(r row) string { return fmt.Sprint(r.Repeats) }},
	}
}

// String returns "1.23 (1.20-1.31)", or "-" if nothing was measured.
func (s spread) String() string {
	if s == (spread{}) {
		return "-"
	}
	return fmt.Sprintf("%.2f (%.2f-%.2f)", s.Median, s.Low, s.High)
}

// number writes three digits, or all those before the point.
func number(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	default:
		return fmt.Sprintf("%.2f", x)
	}
}

// grid writes rows as a Markdown table.
func grid(b *strings.Builder, rows []row, columns []column) {
	heads, rule := []string{"payload", "callers", "system"}, []string{"---", "---:", "---"}
	for _, c := range columns {
		heads, rule = append(heads, c.head), append(rule, "---:")
	}
	line := func(fields []string) { fmt.Fprintf(b, "| %s |\n", strings.Join(fields, " | ")) }
	line(heads)
	line(rule)
	for _, r := range rows {
		fields := []string{string(r.Payload), fmt.Sprint(r.Callers), r.System}
		for _, c := range columns {
			fields = append(fields, c.text(r))
		}
		line(fields)
	}
}
