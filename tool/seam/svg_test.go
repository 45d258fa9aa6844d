package seam

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestPictureIsSound(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*Report{
		"desk": analyze(t, "desk"), "lib": analyze(t, "lib"), "wide": wide(200), "none": wide(0),
	} {
		var b bytes.Buffer
		if err := r.SVG(t.Context(), &b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		dec := xml.NewDecoder(bytes.NewReader(b.Bytes()))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: not well-formed: %v", name, err)
			}
		}
		for _, want := range []string{"<title>" + escape(r.Module), "first version", "prefers-color-scheme:dark", "class=\"seam\""} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: the picture lacks %q", name, want)
			}
		}
		if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "href") {
			t.Errorf("%s: the picture has a place that is no number, or refers to a file", name)
		}
	}
}

// Small packages share a box, which says how many they are, and no reference
// over the line is lost by that.
func TestManyPackagesAreCollapsed(t *testing.T) {
	t.Parallel()
	p := newPicture(wide(200))
	if got := len(p.boxes); got > maxBoxes {
		t.Errorf("boxes: got %d, want at most %d", got, maxBoxes)
	}
	named, total := 0, 0
	for _, b := range p.boxes {
		if b.full != "" {
			named++
			continue
		}
		n := 0
		if _, err := fmt.Sscanf(b.name, "%d smaller", &n); err != nil {
			t.Errorf("box %q does not say how many packages it holds", b.name)
		}
		total += n
	}
	if named+total != 200 {
		t.Errorf("packages in boxes: got %d named and %d collapsed, want 200", named, total)
	}
	across := 0
	for _, a := range p.over {
		across += a.count
	}
	if across != 100 {
		t.Errorf("references over the line: got %d, want 100", across)
	}
}

// wide is a report of n packages, half on each side, each of a calling one of b.
func wide(n int) *Report {
	r := &Report{Module: "example.com/<wide>", Verdict: VerdictCut, Edition: edition}
	for i := range n {
		pkg := Package{Path: fmt.Sprintf("internal/part%03d/of", i), Side: "a", LinesA: 10 + i}
		if i%2 == 1 {
			pkg.Side, pkg.LinesA, pkg.LinesB = "b", 0, 10+i
			r.Calls = append(r.Calls, Calls{From: r.Packages[i-1].Path, To: pkg.Path, Count: 1, Across: 1, Hardest: classM1})
		}
		r.Packages = append(r.Packages, pkg)
	}
	return r
}
