package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hemilith/hemilith/tool/plain"
)

// headlines say each verdict in plain words.
func (r *Report) headline() string {
	switch {
	case r.Verdict == VerdictCut && r.Weak:
		return "only a weak seam, cutting is not advised"
	case r.Verdict == VerdictCut:
		return "a seam was found"
	case r.Verdict == VerdictNone:
		return "no seam: it makes sense as a single piece"
	case r.Verdict == VerdictGiven:
		return "the line that you named"
	}
	return "cannot tell"
}

// className is a class of crossings in words.
type className struct {
	Class, Tiny, Short, Long string
}

// classNames are the classes, hardest first.
func classNames() []className {
	return []className{
		{"B", "blocked", "blocked", "blocked: the code has to change first"},
		{"M2", "adapters", "with an adapter", "after an adapter: stream, callback or open interface"},
		{"M1", "edits", "after small edits", "after adding a context, an error or an interface"},
		{"M0", "easy", "as they are", "can be remote as they are"},
		{"R", "free", "nothing to do", "uses of code that goes into both halves: nothing to do"},
	}
}

// hardness orders classes; harder is more. An unknown class is the hardest.
func hardness(class string) int {
	all := classNames()
	for i, c := range all {
		if c.Class == class {
			return len(all) - i
		}
	}
	return len(all) + 1
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

// plural counts a thing.
func plural(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		return number(n) + " " + strings.TrimSuffix(what, "y") + "ies"
	case what == "person":
		return number(n) + " people"
	}
	return number(n) + " " + what + "s"
}

// some counts a thing in a sentence.
func some(n int, what string) string {
	if n == 0 {
		return "no " + strings.TrimPrefix(plural(0, what), "0 ")
	}
	return plural(n, what)
}

// persons counts people in a sentence.
func persons(n int) string {
	if n == 0 {
		return "nobody"
	}
	return plural(n, "person")
}

// kindWord names a kind of entry point.
func kindWord(kind string) string {
	switch kind {
	case "http":
		return "HTTP route"
	case "rpc":
		return "RPC method"
	case "queue":
		return "queue consumer"
	case "cron":
		return "cron job"
	}
	return plain.Line(kind)
}

// percent writes a share.
func percent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

// amount writes a value without digits that tell nothing, and with its unit if
// that is a sign, such as % or ms.
func amount(v float64, unit string) string {
	sign, _, _ := strings.Cut(unit, " ")
	if !slices.Contains([]string{"%", "s", "ms", "us", "µs"}, sign) {
		sign = ""
	}
	s := strconv.FormatFloat(v, 'f', 2, 64)
	switch {
	case v >= math.MaxInt64:
		return "without bound"
	case v == float64(int64(v)), v >= 100, v <= -100:
		s = number(int(v))
	case sign == "%":
		s = strconv.FormatFloat(v, 'f', 1, 64)
	case strings.HasSuffix(s, "0"):
		s = s[:len(s)-1]
	}
	return strings.TrimSuffix(s+" "+sign, " ")
}

// list joins at most n names and says how many more there are.
func list(names []string, n int) string {
	if len(names) == 0 {
		return "none"
	}
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + fmt.Sprintf(" and %s more", number(len(names)-n))
}

// root names the package at the root of the module.
func root(path string) string {
	if path == "." {
		return "(root)"
	}
	return path
}

// paths names packages for people.
func paths(all []string) []string {
	out := slices.Clone(all)
	for i := range out {
		out[i] = root(out[i])
	}
	return out
}

// onPage is the next step for who reads the page: it need not be made again.
func (r *Report) onPage(next string) string {
	const most = 2
	s := r.proposal()
	switch typed, _ := command(next); {
	case !strings.HasSuffix(typed, " -o seam.html"):
		return next
	case r.Verdict != VerdictCut && s != nil && len(s.B.Packages) > 0:
		return "hemilith seam -cut " + strings.Join(s.B.Packages[:min(most, len(s.B.Packages))], ",") + "   leave it whole for now; or what another line would cross, by the packages of one half"
	case r.Verdict != VerdictCut:
		return "hemilith seam   leave it whole for now, and ask again when it has grown"
	}
	half := "a"
	if r.Within != "" {
		half = r.Within + "/a"
	}
	return "hemilith seam -within " + half + "   the same question of half " + half
}

// command cuts the next step into what to type and what that is for.
func command(next string) (typed, why string) {
	typed, why, _ = strings.Cut(next, "   ")
	return typed, strings.TrimSpace(why)
}

// shorten cuts a path to n characters. It keeps the end, which tells more than
// the beginning, and whole elements where they fit. A name of which
// little would be left is left out.
func shorten(path string, n int) string {
	const least = 10
	all := []rune(path)
	switch {
	case n < 1 || len(all) == 0:
		return ""
	case len(all) <= n:
		return path
	}
	from := 0
	for i, c := range all[:len(all)-1] {
		if c != '/' {
			continue
		}
		if len(all)-i-1 <= n {
			return string(all[i+1:])
		}
		from = i + 1
	}
	if n < least {
		return ""
	}
	return string(all[from:from+n-1]) + "…"
}

// fold breaks a text into lines of at most width characters; a longer word has
// a line of its own.
func fold(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(plain.Line(text)) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, plain.Start(line))
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		lines = append(lines, plain.Start(line))
	}
	return lines
}
