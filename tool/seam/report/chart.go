package report

import (
	"fmt"
	"strings"
)

// chart draws the front: cost to the right, and upward what people change
// together that a line parts, or balance where nothing is known of people. The
// lines of the report have their numbers.
func (r *Report) chart() string {
	if len(r.Front) == 0 {
		return ""
	}
	const w, h, left, bottom, top, right, most = 420.0, 260.0, 46.0, 40.0, 14.0, 20.0, 60
	people := false
	cost, parted := 0.0, 0.0
	front := r.Front[:min(len(r.Front), most)]
	for _, p := range front {
		people = people || p.Parted > 0
		cost, parted = max(cost, p.Cost), max(parted, p.Parted)
	}
	label, highest := "balance", 1.0
	up := func(p Point) float64 { return p.Balance }
	if people {
		label, highest = "parted", parted
		up = func(p Point) float64 { return p.Parted }
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"lines by cost and %s\">\n", w, h, label)
	fmt.Fprintf(&b, "<path class=\"axis\" d=\"M%.0f %.0fV%.0fH%.0f\"/>\n", left, top, h-bottom, w-right)
	fmt.Fprintf(&b, "<text x=\"%.0f\" y=\"%.0f\">cost, up to %s</text>\n", left, h-12, amount(cost, ""))
	fmt.Fprintf(&b, "<text transform=\"translate(20 %.0f) rotate(-90)\">%s, up to %s</text>\n", h-bottom, label, percent(highest))
	for _, p := range front {
		x := left + 14 + (w-right-left-28)*share(p.Cost, cost)
		y := h - bottom - 14 - (h-bottom-top-28)*share(up(p), highest)
		class, text := "dot", ""
		if p.Seam >= 0 {
			class, text = "dot named", fmt.Sprintf("<text x=\"%.1f\" y=\"%.1f\">%d</text>", x+9, y+4, p.Seam)
		}
		fmt.Fprintf(&b, "<g><title>%s: cost %s, parted %s, balance %.2f</title><circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>%s</g>\n",
			escape(p.Name), amount(p.Cost, ""), percent(p.Parted), p.Balance, class, x, y, text)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}
