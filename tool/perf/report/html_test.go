package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/hemilith/hemilith/tool/evalue"
	"github.com/hemilith/hemilith/tool/perf/gate"
)

func htmlOf(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.HTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPages(t *testing.T) {
	t.Parallel()
	golden(t, "nothing.html", htmlOf(t, shapes()["nothing"]))
	golden(t, "20.html", htmlOf(t, sample(20)))
}

func TestPagesStandAlone(t *testing.T) {
	t.Parallel()
	for name, r := range shapes() {
		got := htmlOf(t, r)
		if n := len(got); n > 2<<20 {
			t.Errorf("%s: the page has %d bytes, want at most 2 MiB", name, n)
		}
		if again := htmlOf(t, r); again != got {
			t.Errorf("%s: written twice, the page differs", name)
		}
		for _, bad := range []string{"http://", "https://", " src=", "@import", "url(", "ZgotmplZ", "<no value>", "%!", "NaN", "Inf"} {
			if i := strings.Index(got, bad); i >= 0 && name != "hostile" {
				t.Errorf("%s: the page has %q: …%s…", name, bad, got[max(0, i-60):min(len(got), i+60)])
			}
		}
	}
}

// Nothing runs, and the only style is ours, by its digest.
func TestPagesRunNothing(t *testing.T) {
	t.Parallel()
	got := htmlOf(t, hostile())
	for _, tag := range regexp.MustCompile(`<[a-zA-Z/][^<>]*>`).FindAllString(got, -1) {
		tag = regexp.MustCompile(`="[^"]*"`).ReplaceAllString(tag, "=") // what stands in quotes is text
		if strings.Contains(tag, "onerror") || strings.HasPrefix(tag, "<img") || strings.HasPrefix(tag, "<script") || strings.Contains(tag, " style=") || strings.Contains(tag, " on") {
			t.Errorf("the page has the tag %s", tag)
		}
	}
	if strings.ContainsAny(got, "\x1b\u202e") {
		t.Error("the page has control characters of a name")
	}
	_, rest, _ := strings.Cut(got, "<style>")
	text, _, ok := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(text))
	want := "style-src &#39;sha256-" + strings.ReplaceAll(base64.StdEncoding.EncodeToString(sum[:]), "+", "&#43;") + "&#39;"
	if !ok || !strings.Contains(got, want) {
		t.Errorf("the policy lacks %s", want)
	}
}

// What a heading links to is there.
func TestPagesLinkToTheirSections(t *testing.T) {
	t.Parallel()
	for name, r := range shapes() {
		got := htmlOf(t, r)
		links := regexp.MustCompile(`href="#([a-z]+)"`).FindAllStringSubmatch(got, -1)
		for _, m := range links {
			if strings.Count(got, `<section id="`+m[1]+`"`) != 1 {
				t.Errorf("%s: no section %s", name, m[1])
			}
		}
		if n := strings.Count(got, "<section"); n != strings.Count(got, "</section>") || n != len(links) {
			t.Errorf("%s: %d sections, closed %d, linked %d", name, n, strings.Count(got, "</section>"), len(links))
		}
	}
}

// pictures are the SVGs of a page.
func pictures(page string) []string {
	return regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1)
}

// Each picture is well formed, and nothing is drawn beside it.
func TestPicturesAreSound(t *testing.T) {
	t.Parallel()
	for name, r := range shapes() {
		for _, svg := range pictures(htmlOf(t, r)) {
			d := xml.NewDecoder(strings.NewReader(svg))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s: %v in %.300s", name, err, svg)
				}
			}
			var width, height float64
			if _, err := fmt.Sscanf(svg, `<svg viewBox="0 0 %g %g"`, &width, &height); err != nil {
				t.Fatalf("%s: %v in %.100s", name, err, svg)
			}
			for _, m := range regexp.MustCompile(`(?:[ML]| x="| cx=")(-?[\d.]+)(?: |" c?y=")(-?[\d.]+)`).FindAllStringSubmatch(svg, -1) {
				var x, y float64
				if _, err := fmt.Sscan(m[1], &x); err != nil {
					t.Fatal(err)
				}
				if _, err := fmt.Sscan(m[2], &y); err != nil {
					t.Fatal(err)
				}
				if x < 0 || x > width || y < 0 || y > height {
					t.Errorf("%s: %s is outside of %g x %g", name, m[0], width, height)
				}
			}
		}
	}
}

// Every benchmark that was measured has its line, in both pictures.
func TestForestsHaveEveryBenchmark(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 20, 300} {
		r := sample(n)
		f := r.forests()[0]
		for _, svg := range []string{f.Large, f.Small} {
			if got := strings.Count(svg, `class="name"`); got != n || f.Channel != gate.CPU {
				t.Errorf("%d rows of %s, want %d of CPU", got, f.Channel, n)
			}
		}
	}
	r := sample(maxForest + 7)
	f := r.forests()[0]
	if f.Hidden != 7 || strings.Count(f.Large, `class="name"`) != maxForest {
		t.Errorf("of %d benchmarks %d are hidden, want 7", maxForest+7, f.Hidden)
	}
	if want := "and 7 more in the JSON"; !strings.Contains(htmlOf(t, r), want) {
		t.Errorf("the page does not say %q", want)
	}
}

func TestOpenSidesHaveArrows(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	for _, tt := range []struct {
		interval evalue.Interval
		arrows   int
	}{{evalue.Interval{Lo: -0.1, Hi: 0.1}, 0}, {evalue.Interval{Lo: -inf, Hi: 0.1}, 1}, {evalue.Interval{Lo: -0.1, Hi: inf}, 1}, {evalue.Interval{Lo: -inf, Hi: inf}, 2}} {
		p := &picture{}
		s := newScale(gate.CPU, []float64{-0.5, 0.5}, 0, 100)
		p.interval(&s, &Test{Channel: gate.CPU, Interval: tt.interval}, 10)
		arrows := 0
		for _, m := range regexp.MustCompile(`d="M([\d.]+) 6\.0L([\d.]+) 10\.0L([\d.]+) 14\.0"`).FindAllStringSubmatch(p.b.String(), -1) {
			if m[1] == m[3] && m[1] != m[2] {
				arrows++
			}
		}
		if arrows != tt.arrows {
			t.Errorf("%v: %d arrows, want %d: %s", tt.interval, arrows, tt.arrows, p.b.String())
		}
	}
}

// A text of any length has a bounded place on the page.
func TestPagesBoundTheirTexts(t *testing.T) {
	t.Parallel()
	for _, s := range regexp.MustCompile(`>[^<]*<`).FindAllString(strings.Split(htmlOf(t, hostile()), "</style>")[1], -1) {
		if n := len(html.UnescapeString(s)); n > 3*maxText {
			t.Errorf("a text has %d bytes: %.80s", n, s)
		}
	}
}

func TestScalesAreRisingAndHaveRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []gate.Channel{gate.CPU, gate.Allocs, gate.Bytes} {
		effects := []float64{-0.9, -0.01, 0, 0.004, 0.01, 0.13, 2.5, 4096, math.Inf(1)}
		s := newScale(c, effects, 100, 500)
		last := 0.0
		for _, e := range effects {
			x := s.x(e)
			if x < 100 || x > 500 || x < last {
				t.Errorf("%s: %g is at %g, after %g", c, e, x, last)
			}
			last = x
		}
		if s.x(math.Inf(-1)) != 100 || s.x(math.Inf(1)) != 500 {
			t.Errorf("%s: open sides are at %g and %g, want the ends", c, s.x(math.Inf(-1)), s.x(math.Inf(1)))
		}
		ticks := s.ticks(46)
		zero := false
		for i, at := range ticks {
			zero = zero || at == 0
			if i > 0 && s.x(at)-s.x(ticks[i-1]) < 46 {
				t.Errorf("%s: the ticks %g and %g are too close", c, ticks[i-1], at)
			}
		}
		if !zero || len(ticks) < 4 {
			t.Errorf("%s: ticks %v, want 0 and at least three others", c, ticks)
		}
	}
}

func TestTrendsShowTheLatest(t *testing.T) {
	t.Parallel()
	x := trend("BenchmarkQuote", gate.Slower, 0.001, maxPoints+50)
	svg := x.chart()
	if got := strings.Count(svg, "<circle"); got != maxPoints {
		t.Errorf("%d points, want %d", got, maxPoints)
	}
	if last := x.Points[len(x.Points)-1].Hash[:7]; !strings.Contains(svg, ">"+last+"<") {
		t.Errorf("the last commit, %s, is not named", last)
	}
	x.Points = []Point{{Effect: 0.01, Interval: evalue.MedianInterval(nil, 0.01)}}
	if svg := x.chart(); strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Errorf("an open interval breaks the picture: %s", svg)
	}
}

func TestProfilesShowTheLargestChangesFirst(t *testing.T) {
	t.Parallel()
	b := Benchmark{}
	for i := range maxBars + 3 {
		b.Profile = append(b.Profile, Difference{Place{fmt.Sprintf("f%d", i), "a.go", i}, gate.CPU, 100e-9, float64(100+i) * 1e-9})
	}
	p := b.profiles()
	if len(p) != 1 || p[0].Hidden != 3 || p[0].Rows[0].Function != "f17" || p[0].Rows[0].AfterShare != 100 {
		t.Errorf("got %+v, want f17 first, at 100, and 3 hidden", p)
	}
}

// Long lists are cut, and say so.
func TestPagesCountWhatTheyLeaveOut(t *testing.T) {
	t.Parallel()
	r := sample(1)
	for range 519 {
		r.Benchmarks = append(r.Benchmarks, r.Benchmarks[0])
	}
	got := htmlOf(t, r)
	for what, n := range map[string]int{"findings": 520 - maxOnPage, "rows of a picture": 520 - maxForest, "profiles": 520 - maxProfiles, "results": 3*520 - maxResults} {
		if want := ">and " + number(n) + " more in the JSON<"; !strings.Contains(got, want) {
			t.Errorf("%s: the page does not say %q", what, want)
		}
	}
	if n := len(got); n > 4<<20 {
		t.Errorf("the page has %d bytes, want at most 4 MiB", n)
	}
}
