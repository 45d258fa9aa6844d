package report

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hemilith/hemilith/tool/plain"
)

func text(t *testing.T, r *Report, colour bool) string {
	t.Helper()
	var b strings.Builder
	if err := r.Text(&b, colour); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTexts(t *testing.T) {
	t.Parallel()
	golden(t, "cut.txt", text(t, sample(10), false))
	golden(t, "refused.txt", text(t, refusedSample(10), false))
}

func TestTextFitsATerminal(t *testing.T) {
	t.Parallel()
	for name, r := range shapes() {
		got := text(t, r, false)
		for line := range strings.Lines(got) {
			line = strings.TrimSuffix(line, "\n")
			long := false // a word of its own may be longer than the line
			for word := range strings.FieldsSeq(line) {
				long = long || utf8.RuneCountInString(word) > 40
			}
			if n := utf8.RuneCountInString(line); n > maxColumns && !long {
				t.Errorf("%s: a line has %d columns, want at most %d: %s", name, n, maxColumns, line)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("%s: a line ends in a space: %q", name, line)
			}
		}
		if strings.Contains(got, "%!") || strings.Contains(got, "\x1b") {
			t.Errorf("%s: the text has a broken format or an escape:\n%q", name, got)
		}
	}
}

// Colour adds nothing but colour.
func TestColourIsAllThatColourAdds(t *testing.T) {
	t.Parallel()
	sgr := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for name, r := range shapes() {
		coloured, without := text(t, r, true), text(t, r, false)
		if got := sgr.ReplaceAllString(coloured, ""); got != without {
			t.Errorf("%s: with colours taken away the text differs:\n%s\nwant\n%s", name, got, without)
		}
	}
	if !strings.Contains(text(t, sample(10), true), "\x1b[") {
		t.Error("no colour where colour was asked for")
	}
}

func TestTheVerdictIsFirstAndTheCommandLast(t *testing.T) {
	t.Parallel()
	got := strings.Split(strings.TrimSpace(text(t, sample(100), false)), "\n")
	if first, want := got[0], "example.com/rock: a seam was found: web | orders"; first != want {
		t.Errorf("the first line is %q, want %q", first, want)
	}
	if last, want := got[len(got)-1], "next: hemilith split orders"; last != want {
		t.Errorf("the last line is %q, want %q", last, want)
	}
}

// None and one of something are said as people say them.
func TestNoneAndOneAreInWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*Seam)
		want   string
	}{
		{"no pairs", func(s *Seam) { s.People.PairsToday, s.People.PairsFreed, s.People.PairsStill = 0, 0, 0 }, "  no two people share code today\n"},
		{"one pair", func(s *Seam) { s.People.PairsToday, s.People.PairsFreed, s.People.PairsStill = 1, 1, 0 }, "  1 pair of people who share code today; the line frees 1, and leaves 0\n"},
		{"nothing saved", func(s *Seam) { s.People.Saving, s.People.SavingLow = 0, -0.04 }, "  lines of communication: as many as today; at worst, in 19 of 20 resampled\n  histories, 4 % more\n"},
		{"one shared commit", func(s *Seam) { s.People.Still = s.People.Still[:1]; s.People.Still[0].Commits = 1 }, "ada and dora: 1 commit through"},
		{"no entry points", func(s *Seam) { s.B.Entries = 0 }, " 442 with state or effects; no entry points\n"},
		{"one entry point", func(s *Seam) { s.B.Entries = 1 }, " 442 with state or effects; 1 entry point: "},
		{"one line of effort", func(s *Seam) { s.Effort = Effort{Mechanical: 1, Hand: 0} }, "  1 line to edit by machine, none by hand\n"},
		{"nothing crosses", func(s *Seam) { s.Crossings, s.Classes = nil, nil }, "what crosses the line\n  nothing\n"},
		{"nothing is linked twice", func(s *Seam) { s.Both = Shared{} }, "  both  nothing is linked into each half\n"},
	} {
		r := sample(10)
		tt.change(&r.Seams[0])
		if got := text(t, r, false); !strings.Contains(got, tt.want) {
			t.Errorf("%s: the text lacks %q:\n%s", tt.name, tt.want, got)
		}
	}
	r := sample(10)
	people := r.Seams[0].People
	people.AuthorsA, people.AuthorsB, people.AuthorsBoth = nil, []string{"dora"}, nil
	var b strings.Builder
	if err := r.SVG(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"nobody here alone, nobody on both sides", "1 person here alone, nobody on both sides"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
}

func TestTheWorstCrossingsAreShown(t *testing.T) {
	t.Parallel()
	s := &Seam{Crossings: []Crossing{
		{Remotable: "M0", Cost: 9, File: "a"}, {Remotable: "B", Cost: 15, File: "c", Line: 2}, {Remotable: "M2", Cost: 4, File: "a"},
		{Remotable: "B", Cost: 15, File: "c", Line: 1}, {Remotable: "B", Cost: 25, File: "z"},
	}}
	want := []string{"Bz0", "Bc1", "Bc2", "M2a0", "M0a0"}
	for i, c := range s.worst() {
		if got := c.Remotable + c.File + number(c.Line); got != want[i] {
			t.Errorf("place %d: got %s, want %s", i, got, want[i])
		}
	}
	if s.Crossings[0].Remotable != "M0" {
		t.Error("sorting for the drawing changed the report")
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{number(0), "0"}, {number(999), "999"}, {number(1000), "1,000"}, {number(-1234567), "-1,234,567"},
		{plural(1, "entry"), "1 entry"}, {plural(2, "entry"), "2 entries"}, {plural(3, "person"), "3 people"}, {plural(1200, "line"), "1,200 lines"},
		{amount(0.21, ""), "0.21"}, {amount(3, "s"), "3 s"}, {amount(1234.5, ""), "1,234"}, {amount(4.25, "% of lines"), "4.2 %"}, {amount(5, "people a month"), "5"}, {amount(0.7, "of a program's"), "0.7"},
		{shorten("internal/store/cache", 30), "internal/store/cache"}, {shorten("internal/store/cache", 12), "store/cache"},
		{shorten("internal/store/cache", 5), "cache"}, {shorten("internal/averylongname", 10), "averylong…"},
		{shorten("internal/averylongname", 9), ""}, {shorten("", 4), ""}, {shorten("a/b", -1), ""}, {shorten("a/ß", 1), "ß"},
		{list(nil, 3), "none"}, {list([]string{"a", "b", "c"}, 2), "a, b and 1 more"},
		{plain.Line("a\x1b[31m\nb\u202ec"), "a [31m b c"}, {strings.Join(fold("one two  three", 7), "|"), "one two|three"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
