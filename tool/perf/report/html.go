package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	_ "embed" // the page

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
	"github.com/hemilith/hemilith/tool/plain"
)

// The parts of the page, written apart so that editors know what they are.
var (
	//go:embed page.html.tmpl
	pageTemplate string
	//go:embed page.css
	pageStyle string
)

const (
	maxText    = 400 // characters of one text in the page; a name can be of any length
	maxOnPage  = 300 // findings of one state
	maxResults = 500 // rows of the table of all results
)

// HTML writes the report as one file that needs nothing else: it works offline, on
// light and dark screens, on narrow ones and on paper, and runs no script. Long
// lists say how much of them is in the JSON alone.
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
	R                     *Report
	Policy, Headline, Tag string
	Style                 template.CSS
	Contents              []heading
	Groups                []findings
	Forests               []forest
	Legend                []legend
	Trends                []trendView
	MoreTrends            int
	Profiles              []profileView
	MoreProfiles          int
	Counted               []counted
	MoreCounted           int
	Results               []result
	MoreResults           int
	Planned               []planned
	MaxNames              int
	Failed, Skipped       []reason
	Next, Why             string
}

type heading struct{ ID, Title string }

// planned is what would be measured of one package.
type planned struct {
	Package string
	Count   int
	Reasons []reason
}

// byPackage groups what would be measured, in the order in which packages come.
func byPackage(all []Unmeasured) []planned {
	var out []planned
	lists := make(map[string][]Unmeasured)
	for _, u := range all {
		if lists[u.Package] == nil {
			out = append(out, planned{Package: u.Package})
		}
		lists[u.Package] = append(lists[u.Package], u)
	}
	for i := range out {
		list := lists[out[i].Package]
		out[i].Count, out[i].Reasons = len(list), byReason(list)
	}
	return out
}

// findings are the sentences of one state.
type findings struct {
	Class, Title, About string
	Sentences           []sentence
	Hidden              int
}

type sentence struct {
	Text  string
	Notes []string
}

type legend struct {
	Mark template.HTML
	Word string
}

type trendView struct {
	*Trend
	Title, Began, State string
	Picture             template.HTML
}

type profileView struct {
	Name     string
	Cause    *Cause
	Channels []profile
}

// result is one row of the table.
type result struct {
	Name string
	*Test
	Seconds float64
	Layouts []int
}

func (r *Report) page() *page {
	p := &page{
		R: r, Headline: r.headline(), Tag: r.tag(),
		Policy: fmt.Sprintf("default-src 'none'; style-src '%s'; base-uri 'none'; form-action 'none'", digest(pageStyle)),
		Style:  template.CSS(pageStyle), // ours, and constant
		Groups: r.findings(), Forests: r.forests(), Legend: marks(),
		Failed: byReason(r.Failed), Skipped: byReason(r.Skipped),
	}
	if p.Next, p.Why = command(r.Next); strings.HasPrefix(p.Next, "hemilith perf report") {
		p.Next = "" // it is being read
	}
	p.Trends, p.MoreTrends = r.trendViews()
	p.Profiles, p.MoreProfiles = r.profileViews()
	p.Counted, p.MoreCounted = r.countedViews()
	p.Results, p.MoreResults = r.results()
	p.Planned, p.MaxNames = byPackage(r.Planned), maxOnPage
	for _, h := range []struct {
		heading
		is bool
	}{
		{heading{"planned", "Would be measured"}, len(p.Planned) > 0},
		{heading{"findings", "Findings"}, len(p.Groups) > 0},
		{heading{"commit", "The commit"}, r.Bisection != nil},
		{heading{"intervals", "Intervals"}, len(p.Forests) > 0},
		{heading{"profile", "Profile"}, len(p.Profiles) > 0},
		{heading{"instructions", "Instructions"}, len(p.Counted) > 0},
		{heading{"trends", "Trends"}, len(p.Trends) > 0},
		{heading{"unmeasured", "Not measured"}, len(r.Failed)+len(r.Skipped) > 0},
		{heading{"results", "All results"}, len(p.Results) > 0},
		{heading{"how", "How it was measured"}, true},
	} {
		if h.is {
			p.Contents = append(p.Contents, h.heading)
		}
	}
	return p
}

// digest names a text in a content security policy (CSP level 3, section 2.3).
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// tag is the class of the answer.
func (r *Report) tag() string {
	n := r.counts()
	switch {
	case n[slower] > 0:
		return "bad"
	case r.Exit(true) != 0:
		return "open"
	}
	return "good"
}

func (r *Report) findings() []findings {
	var out []findings
	for _, g := range r.groups() {
		f := findings{Class: g.state.class(), Title: g.title, About: g.about}
		for i := range r.Benchmarks {
			b := &r.Benchmarks[i]
			switch {
			case b.state() != g.state:
			case len(f.Sentences) == maxOnPage:
				f.Hidden++
			default:
				f.Sentences = append(f.Sentences, sentence{tied(cut(r.sentence(b))), b.Notes})
			}
		}
		if len(f.Sentences) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// marks explain the signs of the pictures.
func marks() []legend {
	var out []legend
	for s, word := range []string{"slower or more: fails", "more memory: reported", "worse, and accepted", "faster or less", "undecided", "the same"} {
		p := &picture{width: 16, height: 16}
		p.mark(state(s), 8, 8)
		out = append(out, legend{template.HTML(p.close(word)), word}) // drawn here, of constants
	}
	return out
}

func (r *Report) trendViews() (out []trendView, more int) {
	for i := range r.Trends {
		t := &r.Trends[i]
		switch {
		case len(t.Points) == 0:
		case len(out) == maxTrends:
			more++
		default:
			out = append(out, trendView{t, title(t.Name, t.Procs), t.since(), t.state().class(), template.HTML(t.chart())}) // escaped where it is drawn
		}
	}
	return out, more
}

func (r *Report) profileViews() (out []profileView, more int) {
	for i := range r.Benchmarks {
		b := &r.Benchmarks[i]
		switch {
		case len(b.Profile) == 0 && b.Cause == nil:
		case len(out) == maxProfiles:
			more++
		default:
			out = append(out, profileView{r.name(b), b.Cause, b.profiles()})
		}
	}
	return out, more
}

func (r *Report) results() (out []result, more int) {
	for i := range r.Benchmarks {
		b := &r.Benchmarks[i]
		for k := range b.Tests {
			if len(out) == maxResults {
				more++
				continue
			}
			out = append(out, result{r.name(b), &b.Tests[k], b.Seconds, b.Layouts})
		}
	}
	return out, more
}

// funcs are the words of the template.
func (r *Report) funcs() template.FuncMap {
	return template.FuncMap{
		"cut": cut, "number": number, "plural": plural, "some": some, "percent": percent, "amount": amount, "noun": noun, "signed": signed,
		"share": func(v float64) string { return signed(instructions, v) }, "seconds": seconds, "chance": chance, "digits": digits, "list": list, "short": func(f string) string { return cut(short(f)) },
		"rev":       func(v Revision) string { return cut(v.Short()) },
		"place":     func(p Place) string { return cut(place(&p)) },
		"interval":  (*Test).within,
		"within":    func(c gate.Channel, i evalue.Interval) string { return interval(c, i, 0) },
		"drawn":     func(svg string) template.HTML { return template.HTML(svg) }, // escaped where it is drawn
		"fixed":     func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) },
		"assurance": r.assurance,
		"where":     func() string { return cut(strings.TrimPrefix(r.where(), ", ")) },
		"limits":    r.limits,
		"head":      head,
		"beyond":    func(list any, n int) int { return max(0, reflect.ValueOf(list).Len()-n) },
		"more":      more,
		"ints":      ints,
	}
}

// limits says what the words slower and more mean.
func (r *Report) limits() string {
	var words []string
	seen := make(map[gate.Channel]bool)
	for i := range r.Benchmarks {
		for _, t := range r.Benchmarks[i].Tests {
			if !seen[t.Channel] && t.Limit > 0 {
				seen[t.Channel] = true
				words = append(words, signed(t.Channel, t.Limit)+" "+noun(t.Channel))
			}
		}
	}
	return strings.Join(words, ", ")
}

// ints joins numbers.
func ints(all []int) string {
	var words []string
	for _, n := range all {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ", ")
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

// tied keeps numbers and their units on one line.
func tied(s string) string {
	return strings.TrimSuffix(strings.NewReplacer("\x00", "\u00a0", "< ", "<\u00a0", "≤ ", "≤\u00a0").Replace(together(s+" ")), " ")
}

// cut bounds a text, and makes one line of it.
func cut(s string) string {
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText-1]) + "…"
	}
	return plain.Line(s)
}
