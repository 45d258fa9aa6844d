package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	_ "embed" // the page

	"github.com/hemilith/hemilith/tool/plain"
)

// The parts of the page, written apart so that editors know what they are.
var (
	//go:embed page.html.tmpl
	pageTemplate string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
)

const (
	maxText        = 400 // characters of one text in the page; a name can be of any length
	maxRowsOfClass = 120 // crossings of one class
)

// HTML writes the report as one file that needs nothing else: it works offline,
// on light and dark screens, without JavaScript and on paper. Long lists say
// how much of them is in the JSON alone; the file stays below 2 MiB whatever
// the program.
func (r *Report) HTML(w io.Writer) error {
	page, err := template.New("page").Funcs(r.funcs()).Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	// Whole or not at all: a browser shows half a page without saying so.
	var b bytes.Buffer
	if err := page.Execute(&b, r.page()); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// page is what the template shows, beside the report.
type page struct {
	R                *reportView
	S                *Seam
	Policy           string
	Style            template.CSS
	Script           template.JS
	Picture, Small   template.HTML
	Chart            template.HTML
	VerdictClass     string
	Refused          bool
	Anybody          bool // history knows people of the proposal
	Contents         []heading
	Halves           []halfView
	Classes          []classCount
	Groups           []classGroup
	Nouns            []kindGroup
	MaxFindings      int
	Lost             []carriedGroup
	Others           []other
	Packages         []Package
	AllKinds, Grades string
	Seconds          float64
	MiB              string
	Glossary         []term
}

// reportView gives the template the report's words.
type reportView struct{ *Report }

// Headline is the verdict in words.
func (v *reportView) Headline() string { return v.headline() }

// News is the weakest part, if the reasons do not say it.
func (v *reportView) News() string {
	if !v.weakestIsNews() {
		return ""
	}
	return v.Weakest
}

// Question is what the verdict answers.
func (v *reportView) Question() string {
	if v.Verdict == VerdictGiven {
		return "What would it take to cut this program along the line below?"
	}
	return "Should this program become two, and along which line?"
}

// VerdictLine is the verdict with the names of the halves.
func (v *reportView) VerdictLine() string { return v.verdictLine() }

type heading struct{ ID, Title string }

type halfView struct {
	Half
	ID, Kinds string
}

// classGroup is the crossings of one class.
type classGroup struct {
	classCount
	Rows   []Crossing
	Hidden int
}

// other is an alternative with its picture.
type other struct {
	alternative
	Title   string
	Differs string
	Picture template.HTML
}

// term is one word of the glossary.
type term struct{ Class, Word, Text string }

func (r *Report) page() *page {
	style := pictureStyle + pageStyle
	p := &page{
		R: &reportView{r}, S: r.proposal(), Refused: r.refused(),
		Policy: fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", digest(style), digest(pageScript)),
		Style:  template.CSS(style), Script: template.JS(pageScript), // ours, and constant
		Picture:      template.HTML(r.drawing(0, largePicture(), false)), // escaped where it is drawn
		Small:        template.HTML(r.drawing(0, smallPicture(), false)),
		Chart:        template.HTML(r.chart()),
		VerdictClass: r.verdictClass(),
		Nouns:        r.nounGroups(), MaxFindings: maxPageFindings, AllKinds: r.kinds(""), Grades: r.grades(),
		Seconds: r.seconds(), MiB: number(int(r.PeakMemory >> 20)), Glossary: glossary(),
		Packages: slices.SortedStableFunc(slices.Values(r.Packages), func(a, b Package) int { return cmp.Or(b.Lines-a.Lines, strings.Compare(a.Path, b.Path)) }),
	}
	if p.S != nil {
		p.Anybody = p.S.anybody()
		p.Halves = []halfView{{p.S.A, "a", r.kinds("a")}, {p.S.B, "b", r.kinds("b")}}
		p.Classes = p.S.byClass()
		p.Groups, p.Lost = p.S.groups(), p.S.carriedGroups()
	}
	for _, a := range r.alternatives() {
		p.Others = append(p.Others, other{a, fmt.Sprintf("%d: %s", a.Index, a.title()), p.S.differs(a.Seam), template.HTML(r.drawing(a.Index, smallPicture(), false))})
	}
	p.Contents = p.contents()
	return p
}

// digest names a text in a content security policy (CSP level 3, section 2.3).
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func (r *Report) verdictClass() string {
	switch {
	case r.Verdict == VerdictCut && r.Weak:
		return "weak"
	case r.Verdict == VerdictCut:
		return "cut"
	case r.Verdict == VerdictNone:
		return "none"
	case r.Verdict == VerdictGiven:
		return "given"
	}
	return "unknown"
}

// contents lists the sections that the page has.
func (p *page) contents() []heading {
	s := p.S
	if s == nil {
		s = &Seam{}
	}
	var out []heading
	for _, h := range []struct {
		heading
		is bool
	}{
		{heading{"tests", "Tests"}, len(p.R.Tests) > 0},
		{heading{"halves", "Halves"}, p.S != nil},
		{heading{"crossings", "Crossings"}, p.S != nil},
		{heading{"tables", "Tables"}, len(s.Tables) > 0},
		{heading{"transactions", "Transactions"}, len(s.Transactions) > 0},
		{heading{"twice", "Twice"}, len(s.Twice) > 0},
		{heading{"carried", "Taken along"}, len(s.Carried) > 0},
		{heading{"nouns", "Before a cut"}, len(p.Nouns) > 0},
		{heading{"owners", "Owners"}, len(p.R.Ownership) > 0},
		{heading{"people", "People"}, s.People != nil},
		{heading{"traffic", "Traffic"}, s.Traffic != nil},
		{heading{"effort", "Effort"}, p.S != nil},
		{heading{"others", "Other lines"}, len(p.Others) > 0},
		{heading{"front", "Choice"}, len(p.R.Front) > 0},
		{heading{"when", "Is it time?"}, len(p.R.When) > 0 || p.R.WhenText != ""},
		{heading{"entries", "Entry points"}, len(p.R.Entries) > 0},
		{heading{"packages", "Packages"}, len(p.R.Packages) > 0},
		{heading{"how", "How it was measured"}, true},
		{heading{"words", "Words"}, true},
	} {
		if h.is {
			out = append(out, h.heading)
		}
	}
	return out
}

// groups are the crossings by class, hardest first.
func (s *Seam) groups() []classGroup {
	worst := s.worst()
	var out []classGroup
	for _, c := range s.byClass() {
		g := classGroup{classCount: c}
		for _, x := range worst {
			switch {
			case x.Remotable != c.Class:
			case len(g.Rows) < maxRowsOfClass:
				g.Rows = append(g.Rows, x)
			default:
				g.Hidden++
			}
		}
		if len(g.Rows) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// grades counts the functions by purity, in a fixed order.
func (r *Report) grades() string {
	var words []string
	for _, grade := range slices.SortedFunc(maps.Keys(r.Size.Grades), func(a, b string) int {
		return cmp.Or(r.Size.Grades[b]-r.Size.Grades[a], strings.Compare(a, b))
	}) {
		words = append(words, number(r.Size.Grades[grade])+" "+clip(grade))
	}
	return strings.Join(words, ", ")
}

func glossary() []term {
	var out []term
	for _, c := range slices.Backward(classNames()) {
		out = append(out, term{c.Class, c.Short, c.Long})
	}
	return append(out,
		term{Word: "half", Text: "what one of the two processes would own: its state, its effects, its entry points"},
		term{Word: "both", Text: "code without state of its own, linked into each half at no cost"},
		term{Word: "entry point", Text: "where work begins: a route, an RPC method, a worker, a scheduled job, a command"},
		term{Word: "balance", Text: "1 if both halves are equally large, 0 if one is empty"},
		term{Word: "cost ÷ chance", Text: "the score over that of rewired programs: below 1 is better than chance"},
		term{Word: "stability", Text: "how alike the lines are that other searches end in; 1 is the same"},
		term{Word: "parted", Text: "the share of what people change together that the line would part"},
	)
}

// funcs are the words of the template.
func (r *Report) funcs() template.FuncMap {
	return template.FuncMap{
		"clip": clip, "number": number, "plural": plural, "percent": percent, "amount": amount, "touches": touches, "saving": savingWords, "effort": effortWords, "pairs": pairWords, "users": Table.writersFirst,
		"typed":  func(next string) string { typed, _ := command(r.onPage(next)); return clip(typed) },
		"why":    func(next string) string { _, why := command(r.onPage(next)); return clip(why) },
		"root":   func(path string) string { return clip(root(path)) },
		"kind":   func(k string) string { return clip(kindWord(k)) },
		"short":  func(id string) string { return clip(r.short(id)) },
		"fixed":  func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) },
		"sig":    func(v float64) string { return fmt.Sprintf("%.3g", v) },
		"minus":  func(a, b int) int { return a - b },
		"list":   func(names []string, n int) string { return list(clipAll(paths(names), n), n) },
		"at":     at,
		"place":  func(p Place) template.HTML { return at(p.File, p.Line) },
		"head":   head,
		"beyond": func(list any, n int) int { return max(0, reflect.ValueOf(list).Len()-n) },
		"more":   more,
		"result": func(t Test) string {
			switch {
			case t.OK:
				return "passed"
			case t.Advice:
				return "advice"
			}
			return "failed"
		},
	}
}

// head is the first n of any list.
func head(list any, n int) any {
	v := reflect.ValueOf(list)
	return v.Slice(0, min(n, v.Len())).Interface()
}

// more says how much of a list is left out.
func more(n int) template.HTML {
	if n == 0 {
		return ""
	}
	return template.HTML("<p class=\"note\">and " + number(n) + " more in the JSON</p>")
}

// at is a place in a file.
func at(file string, line int) template.HTML {
	if file == "" {
		return ""
	}
	return template.HTML("<span class=\"at\">" + template.HTMLEscapeString(clip(file)) + ":" + strconv.Itoa(line) + "</span>")
}

// clip bounds a text, and makes one line of it.
func clip(s string) string {
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText-1]) + "…"
	}
	return plain.Line(s)
}

// clipAll clips the first n, of more names than are shown.
func clipAll(names []string, n int) []string {
	out := slices.Clone(names)
	for i := range out[:min(n, len(out))] {
		out[i] = clip(out[i])
	}
	return out
}
