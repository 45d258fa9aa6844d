package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/plain"
)

// timed tells whether a channel's effect is a share of a time.
func timed(c gate.Channel) bool { return c == gate.CPU || c == gate.Wall || c == instructions }

// noun names a channel.
func noun(c gate.Channel) string {
	switch c {
	case gate.CPU:
		return "CPU"
	case gate.Wall:
		return "wall time"
	case gate.Allocs:
		return "allocs/op"
	case gate.Bytes:
		return "B/op"
	}
	return plain.Line(string(c))
}

// number writes n with a comma between thousands.
func number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// digits writes v with about three that count, and none that tell nothing.
func digits(v float64) string {
	const million = 1e6
	switch a := math.Abs(v); {
	case a >= million:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a >= 100:
		return number(int(math.Round(v)))
	}
	places := 1
	if math.Abs(v) < 0.95 {
		places = 2
	}
	s := strconv.FormatFloat(v, 'f', places, 64)
	if s = strings.TrimRight(strings.TrimRight(s, "0"), "."); s == "-0" || s == "" {
		return "0"
	}
	return s
}

// change writes an effect without its sign, such as "12.6 %" or "2".
func change(c gate.Channel, effect float64) string {
	if timed(c) {
		return digits(math.Abs(effect)*100) + " %"
	}
	return digits(math.Abs(effect))
}

// signed writes an effect with its sign.
func signed(c gate.Channel, effect float64) string {
	if effect == 0 {
		return change(c, 0)
	}
	sign := "+"
	if effect < 0 {
		sign = "-"
	}
	return sign + change(c, effect)
}

// claim says in words what changed: "12.6 % more CPU", "+1 alloc/op".
func claim(c gate.Channel, effect float64) string {
	if !timed(c) {
		unit := noun(c)
		if math.Abs(effect) == 1 && c == gate.Allocs {
			unit = "alloc/op"
		}
		return signed(c, effect) + " " + unit
	}
	more := "more"
	if effect < 0 {
		more = "less"
	}
	return change(c, effect) + " " + more + " " + noun(c)
}

// interval writes one without its confidence: "11 to 14", "-3 to 2", "above 4".
// The effect gives the sense of the sign: of what became less, "3 to 4" is less.
func interval(c gate.Channel, i evalue.Interval, effect float64) string {
	if effect < 0 && i.Hi <= 0 {
		i = evalue.Interval{Lo: -i.Hi, Hi: -i.Lo}
	}
	if timed(c) && i.Lo <= -1 {
		i.Lo = math.Inf(-1) // nothing takes less than no time
	}
	if timed(c) {
		i = evalue.Interval{Lo: i.Lo * 100, Hi: i.Hi * 100}
	}
	lo, hi := !math.IsInf(i.Lo, 0), !math.IsInf(i.Hi, 0)
	switch {
	case lo && hi:
		return digits(i.Lo) + " to " + digits(i.Hi)
	case lo:
		return "above " + digits(i.Lo)
	case hi:
		return "below " + digits(i.Hi)
	}
	return unbounded
}

// unbounded is an interval that holds everything.
const unbounded = "open"

// amount writes what one operation takes: a time in the unit that suits it, or a
// count.
func amount(c gate.Channel, v float64) string {
	if !timed(c) {
		return digits(v)
	}
	for _, u := range []struct {
		size float64
		name string
	}{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}} {
		if v >= u.size {
			return digits(v/u.size) + " " + u.name
		}
	}
	return digits(v*1e9) + " ns"
}

// seconds writes a time that somebody waited.
func seconds(s float64) string {
	if s < 0.1 {
		return "< 0.1 s"
	}
	return digits(s) + " s"
}

// chance writes a bound of a probability: at most 0.1 % is enough to know.
func chance(p float64) string {
	if p < 0.001 {
		return "< 0.1 %"
	}
	return "≤ " + strconv.FormatFloat(math.Ceil(p*1000-1e-9)/10, 'f', -1, 64) + " %"
}

// percent writes a share that is a setting, such as a confidence.
func percent(share float64) string { return digits(share*100) + " %" }

// plural counts a thing.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return number(n) + " " + what + "s"
}

// some counts a thing in a sentence.
func some(n int, what string) string {
	if n == 0 {
		return "no " + what
	}
	return plural(n, what)
}

// fold breaks a text into lines of at most width characters; a longer word has
// a line of its own. A number stays with its unit.
func fold(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(together(plain.Line(text) + " ")) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, plain.Start(line))
			line = ""
		}
		line = strings.TrimPrefix(line+" "+strings.ReplaceAll(word, "\x00", " "), " ")
	}
	if line != "" {
		lines = append(lines, plain.Start(line))
	}
	return lines
}

// together marks spaces that no line ends at: those before a unit.
func together(s string) string {
	for _, unit := range []string{"%", "s", "ms", "µs", "ns"} {
		for _, end := range []string{" ", ",", ";", ")", "."} {
			s = strings.ReplaceAll(s, " "+unit+end, "\x00"+unit+end)
		}
	}
	return s
}

// place writes file:line.
func place(p *Place) string {
	if p == nil || p.File == "" {
		return ""
	}
	if p.Line == 0 {
		return plain.Line(p.File)
	}
	return fmt.Sprintf("%s:%d", plain.Line(p.File), p.Line)
}

// short names a function without the path of its package.
func short(function string) string {
	path, _, _ := strings.Cut(function, "[") // type arguments have slashes of their own
	return plain.Line(function[strings.LastIndexByte(path, '/')+1:])
}

// command cuts the next step into what to type and what that is for.
func command(next string) (typed, why string) {
	typed, why, _ = strings.Cut(next, "   ")
	return plain.Line(strings.TrimSpace(typed)), plain.Line(strings.TrimSpace(why))
}
