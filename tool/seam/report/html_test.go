package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// evil is a name that a file, a route or an author may have.
const evil = `</title><script>alert(1)</script><img src=x onerror=alert(2)>'"&{{.}}` + "\x1b[31m\u202e"

// hostile is a report on a program whose names attack its readers.
func hostile() *Report {
	r := sample(100)
	long := strings.Repeat("very/long/", 20000)
	r.Module, r.Within, r.Weakest, r.Next, r.WhenText = evil, evil, evil+long, evil, evil
	r.Reasons, r.Notes = []string{evil, long}, []string{evil}
	for i := range r.Packages {
		r.Packages[i].Path += evil
	}
	for i := range r.Entries {
		r.Entries[i].Text, r.Entries[i].Name, r.Entries[i].Kind = evil+long, evil, evil
	}
	for i := range r.Tests {
		r.Tests[i].Name, r.Tests[i].Text = evil, evil
	}
	for k := range r.Seams {
		s := &r.Seams[k]
		s.Name, s.A.Name, s.B.Name, s.A.Packages, s.B.Doors = evil, evil, evil+long, []string{evil, long}, []string{evil}
		s.Carried[0].Name, s.Carried[0].Why, s.Carried[0].To[0].Name = evil+long, evil, evil
		s.Tables[0].Name, s.Tables[0].Why, s.Transactions[0].To, s.Twice[0].Why = evil, evil, evil, evil
		for i := range s.Crossings {
			c := &s.Crossings[i]
			c.From, c.Why, c.Fix, c.File = evil+long, evil, evil, evil
		}
		if s.People != nil {
			s.People.Still[0].A, s.People.AuthorsBoth = evil, []string{evil}
			s.Traffic.Routes[0].Name = evil
		}
	}
	r.Nouns[0].Name, r.Front[0].Name, r.When[0].Text, r.Size.Grades[evil] = evil, evil, evil, 1
	return r
}

func htmlOf(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.HTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
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
		for _, bad := range []string{"http://", "https://", " src=", "@import", "url(", "ZgotmplZ", "<no value>", "%!"} {
			if i := strings.Index(got, bad); i >= 0 && name != "hostile" {
				t.Errorf("%s: the page has %q: …%s…", name, bad, got[max(0, i-60):min(len(got), i+60)])
			}
		}
	}
}

// Only our own script and style run, by their digests.
func TestPagesRunNothingOfTheProgram(t *testing.T) {
	t.Parallel()
	got := htmlOf(t, hostile())
	if n := strings.Count(got, "<script"); n != 1 {
		t.Errorf("the page has %d scripts, want 1", n)
	}
	tag := regexp.MustCompile(`<[a-zA-Z/][^<>]*>`)
	for _, m := range tag.FindAllString(got, -1) {
		if strings.Contains(m, "onerror") || strings.HasPrefix(m, "<img") {
			t.Errorf("the page has the tag %s", m)
		}
	}
	if strings.ContainsAny(got, "\x1b\u202e") {
		t.Error("the page has control characters of a name")
	}
	for _, block := range []string{"style", "script"} {
		_, rest, _ := strings.Cut(got, "<"+block+">")
		text, _, ok := strings.Cut(rest, "</"+block+">")
		sum := sha256.Sum256([]byte(text))
		want := strings.ReplaceAll(fmt.Sprintf("%s-src 'sha256-%s'", block, base64.StdEncoding.EncodeToString(sum[:])), "'", "&#39;")
		if want = strings.ReplaceAll(want, "+", "&#43;"); !ok || !strings.Contains(got, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
	if strings.Contains(got, " style=") {
		t.Error("the page has a style attribute, which its policy forbids")
	}
}

// What a heading links to is there.
func TestPagesLinkToTheirSections(t *testing.T) {
	t.Parallel()
	for name, r := range shapes() {
		got := htmlOf(t, r)
		for _, m := range regexp.MustCompile(`href="#([a-z]+)"`).FindAllStringSubmatch(got, -1) {
			if strings.Count(got, `<section id="`+m[1]+`"`) != 1 {
				t.Errorf("%s: no section %s", name, m[1])
			}
		}
		if n := strings.Count(got, "<section"); n != strings.Count(got, "</section>") || n != strings.Count(got, "href=\"#") {
			t.Errorf("%s: %d sections, closed %d, linked %d", name, n, strings.Count(got, "</section>"), strings.Count(got, "href=\"#"))
		}
	}
}

// Long lists are cut, and say so.
func TestPagesCountWhatTheyLeaveOut(t *testing.T) {
	t.Parallel()
	r := sample(1000)
	got := htmlOf(t, r)
	if want := "and 600 more in the JSON"; !strings.Contains(got, want) {
		t.Errorf("of 1,000 packages the page shows 400, and does not say %q", want)
	}
	class := 0
	for _, c := range r.Seams[0].Crossings {
		if c.Remotable == "M0" {
			class++
		}
	}
	if want := "and " + number(class-maxRowsOfClass) + " more in the JSON"; !strings.Contains(got, want) {
		t.Errorf("of %d crossings the page shows %d, and does not say %q", class, maxRowsOfClass, want)
	}
}
