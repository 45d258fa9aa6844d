package when

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// Bounds of one file.
const (
	maxLine     = 1 << 20 // beyond it a line is skipped: long output is no event that matters
	maxPackages = 100_000
	maxSlowest  = 5
	maxElapsed  = 1e6 // seconds of one package
)

// Tests is what go test -json said.
type Tests struct {
	// Wall is from the first event to the last: packages side by side, as they ran,
	// and with what was built while others ran; what go test built before it started
	// the first is not in it. Sum adds up the packages.
	Wall, Sum time.Duration
	// Packages counts those with tests that ran, Cached those of them whose result
	// was known before, Failed those that failed to build or to pass.
	Packages, Cached, Failed int
	// Slowest are up to five packages, slowest first.
	Slowest []PackageTime
}

// PackageTime is how long the tests of one package took.
type PackageTime struct {
	Package string
	Time    time.Duration
}

// event is a line of go test -json: see go doc test2json.
type event struct {
	Time    time.Time
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64 // seconds
}

// ReadTestsFile reads a file with the output of go test -json.
func ReadTestsFile(name string) (*Tests, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("test times %w; %s", err, nextTests)
	}
	defer f.Close()
	return ReadTests(name, f)
}

const nextTests = "next: go test -count=1 -json ./... > tests.json"

// ReadTests reads the output of go test -json; name is for errors. Lines that are
// no events, such as the compiler's, may be between them.
func ReadTests(name string, from io.Reader) (*Tests, error) {
	r := &reader{packages: make(map[string]*result)}
	lines := bufio.NewReader(from)
	for n := 1; ; n++ {
		line, whole, err := readLine(lines)
		if whole && len(line) > 0 {
			if err := r.line(line, n); err != nil {
				return nil, fmt.Errorf("test times %s: %w; %s", name, err, nextTests)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("test times %s: line %d: %w; %s", name, n, err, nextTests)
		}
	}
	if r.events == 0 {
		return nil, fmt.Errorf("test times %s: no event of go test -json in it%s; %s", name, r.first, nextTests)
	}
	return r.tests(), nil
}

// readLine returns the next line without its end; whole is false if it was too
// long to keep.
func readLine(in *bufio.Reader) (line []byte, whole bool, err error) {
	whole = true
	for {
		part, err := in.ReadSlice('\n')
		if whole = whole && len(line)+len(part) <= maxLine; whole {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSpace(line), whole, err
		}
	}
}

type reader struct {
	packages    map[string]*result
	events      int
	first       string // says what the first line is, if it is no event
	start, last time.Time
}

type result struct {
	elapsed          float64
	ran, cached, bad bool
}

func (r *reader) line(line []byte, n int) error {
	var e event
	if err := json.Unmarshal(line, &e); err != nil || e.Action == "" {
		if r.events == 0 && r.first == "" {
			r.first = fmt.Sprintf(": line %d is %.40q", n, line)
		}
		return nil
	}
	r.events++
	if !e.Time.IsZero() {
		if r.start.IsZero() || e.Time.Before(r.start) {
			r.start = e.Time
		}
		if e.Time.After(r.last) {
			r.last = e.Time
		}
	}
	p := r.packages[e.Package]
	if p == nil {
		if len(r.packages) >= maxPackages {
			return fmt.Errorf("line %d: more than %d packages", n, maxPackages)
		}
		p = new(result)
		r.packages[e.Package] = p
	}
	p.take(e)
	return nil
}

func (p *result) take(e event) {
	switch {
	case e.Test != "":
		p.ran = p.ran || e.Action == "run"
	case e.Action == "output" && strings.HasPrefix(e.Output, "ok ") && strings.Contains(e.Output, "(cached)"):
		p.cached = true
	case e.Action == "pass", e.Action == "fail":
		p.elapsed = min(max(e.Elapsed, 0), maxElapsed)
		p.bad = e.Action == "fail"
	}
}

func (r *reader) tests() *Tests {
	t := &Tests{Wall: r.last.Sub(r.start)}
	var all []PackageTime
	for name, p := range r.packages {
		if p.bad {
			t.Failed++
		}
		if !p.ran {
			continue
		}
		t.Packages++
		if p.cached {
			t.Cached++
		}
		d := time.Duration(p.elapsed * float64(time.Second))
		t.Sum += d
		all = append(all, PackageTime{Package: name, Time: d})
	}
	slices.SortFunc(all, func(x, y PackageTime) int {
		return cmp.Or(cmp.Compare(y.Time, x.Time), cmp.Compare(x.Package, y.Package))
	})
	t.Slowest = all[:min(len(all), maxSlowest)]
	return t
}
