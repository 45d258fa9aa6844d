package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// golden compares with a file, which UPDATE_GOLDEN=1 writes.
func golden(t *testing.T, file, got string) {
	t.Helper()
	file = "testdata/" + file
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got), UPDATE_GOLDEN=1 to accept:\n%s", file, diff)
	}
}

func svg(t *testing.T, r *Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.SVG(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPictures(t *testing.T) {
	t.Parallel()
	golden(t, "cut.svg", svg(t, sample(10)))
	golden(t, "whole.svg", svg(t, refusedSample(10)))
}

// shapes are the reports that a picture may be asked for.
func shapes() map[string]*Report {
	given, weak, empty, lib := sample(10), sample(100), &Report{Module: "m", Verdict: VerdictNone}, sample(10)
	given.Verdict, weak.Weak = VerdictGiven, true
	lib.Verdict, lib.Seams = VerdictUnknown, nil
	bare := &Report{Module: "m", Verdict: VerdictCut, Seams: make([]Seam, 2)}
	one := sample(10)
	for i := range one.Packages {
		p := &one.Packages[i]
		p.LinesA, p.LinesB = 0, p.LinesA+p.LinesB
	}
	return map[string]*Report{"10": sample(10), "100": sample(100), "1000": sample(1000), "refused": refusedSample(100), "given": given,
		"weak": weak, "library": lib, "empty": empty, "bare": bare, "one half is empty": one, "hostile": hostile()}
}

func TestPicturesAreSound(t *testing.T) {
	t.Parallel()
	for name, r := range shapes() {
		got := svg(t, r)
		dec := xml.NewDecoder(strings.NewReader(got))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: not well-formed: %v", name, err)
			}
		}
		for _, want := range []string{"<title id=", "<desc id=", "prefers-color-scheme:dark"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the picture lacks %q", name, want)
			}
		}
		if again := svg(t, r); again != got {
			t.Errorf("%s: drawn twice, the picture differs", name)
		}
		for _, bad := range []string{"NaN", "Inf", "href", "<script", "%!"} {
			if strings.Contains(got, bad) {
				t.Errorf("%s: the picture has %q", name, bad)
			}
		}
	}
}

// Text that is too small to read is worse than none.
func TestTextIsLargeEnough(t *testing.T) {
	t.Parallel()
	sizes := regexp.MustCompile(`font(?:-size)?:[^;}]*?([0-9.]+)px`).FindAllStringSubmatch(pictureStyle+pageStyle, -1)
	if len(sizes) < 5 {
		t.Fatalf("found %d sizes of text, want some", len(sizes))
	}
	for _, s := range sizes {
		if px, err := strconv.ParseFloat(s[1], 64); err != nil || px < 11 {
			t.Errorf("text of %s px, want at least 11", s[1])
		}
	}
}

// Whatever is drawn as a folder, every line of code is in exactly one piece.
func TestFoldersLoseNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "packages")
		limit := rapid.IntRange(2, 40).Draw(t, "limit")
		var all []piece
		lines := 0
		for i := range n {
			deep := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 4).Draw(t, "path")
			x := piece{path: strings.Join(append(deep, fmt.Sprintf("p%d", i)), "/"), count: 1, lines: rapid.IntRange(1, 999).Draw(t, "lines")}
			lines += x.lines
			all = append(all, x)
		}
		pieces := pack(all, limit)
		count := 0
		for _, x := range pieces {
			count += x.count
		}
		if count != n || sumLines(pieces) != lines || len(pieces) > limit {
			t.Fatalf("got %d pieces of %d packages with %d lines, want at most %d, %d and %d", len(pieces), count, sumLines(pieces), limit, n, lines)
		}
	})
}

// A label never leaves its piece: its ends are inside at its upper and lower
// edge.
func TestLabelsStayInTheirPieces(t *testing.T) {
	t.Parallel()
	p := newPicture(sample(100), 0, largePicture(), 0)
	labelled := 0
	for _, x := range append(p.halves[0], p.halves[1]...) {
		first, second, at := x.label(12)
		for _, text := range []string{first, second} {
			if text == "" {
				continue
			}
			labelled++
			half := char * 12 * float64(len([]rune(text))) / 2
			left, right, ok := x.shape.chord(at.y)
			if !ok || at.x-half < left || at.x+half > right {
				t.Errorf("label %q from %.0f to %.0f leaves its piece, %.0f to %.0f", text, at.x-half, at.x+half, left, right)
			}
		}
	}
	if labelled < 20 {
		t.Errorf("%d labels are drawn, want at least 20", labelled)
	}
}
